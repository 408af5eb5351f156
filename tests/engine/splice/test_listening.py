from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sottovoce_engine.media.sound import WavWriter
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.splice.listening import breath_before, production_heard
from sottovoce_engine.splice.mix import SourceLayer
from sottovoce_engine.timing import Span

RATE = 48_000


def _noise(seconds: float, dbfs: float, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))
    return (10 ** (dbfs / 20) * noise).astype(np.float32)


def test_a_breath_before_the_word_belongs_to_the_line() -> None:
    head = _noise(0.8, -65)
    head[:, 19_200:33_600] += _noise(0.3, -45, 2)  # ends 100 ms before the word
    assert breath_before(head) == pytest.approx(19_200, abs=960)


@pytest.mark.parametrize("floor", [-120.0, -65.0, -50.0])
def test_a_quiet_lead_in_is_no_breath(floor: float) -> None:
    assert breath_before(_noise(0.8, floor)) == 0


def test_a_sound_long_before_the_word_is_not_its_breath() -> None:
    head = _noise(0.8, -65)
    head[:, :9_600] += _noise(0.2, -40, 2)
    assert breath_before(head) == 0


def test_a_lead_in_too_short_to_judge_is_left() -> None:
    assert breath_before(_noise(0.02, -30)) == 0


@pytest.fixture
def production(tmp_path: Path) -> str:
    """Two seconds of talk, a pause at -55 dBFS, two seconds of much louder talk."""
    path = tmp_path / "production.wav"
    with WavWriter(path) as writer:
        writer.write(np.concatenate([_noise(2, -28), _noise(1, -55), _noise(2, -10)], axis=1))
    return str(path)


def _layer(path: str, span: Span, *, file_start: int = 0, gain: float = 1.0) -> SourceLayer:
    return SourceLayer(
        path=path, origin=span.start - file_start, span=span, gain=gain, dialogue=True, rise=None, fall=None
    )


def test_production_is_measured_outside_regions_only(production: str) -> None:
    layer = _layer(production, Span(0, 5 * RATE))
    heard = production_heard([layer], [Span(3 * RATE, 4 * RATE), Span(7 * RATE // 2, 6 * RATE)], Job())
    only_talk = production_heard([_layer(production, Span(0, 2 * RATE))], [], Job())
    assert heard.loudness_lufs is not None
    assert only_talk.loudness_lufs is not None
    assert heard.loudness_lufs == pytest.approx(only_talk.loudness_lufs, abs=0.5)


def test_nothing_but_room_outside_regions_is_no_anchor(production: str) -> None:
    layer = _layer(production, Span(0, 5 * RATE))
    assert production_heard([layer], [Span(0, 2 * RATE), Span(3 * RATE, 5 * RATE)], Job()).loudness_lufs is None
    assert production_heard([], [], Job()).loudness_lufs is None


def test_the_pause_is_told_by_its_place_in_the_file_and_its_level_in_the_scene(production: str) -> None:
    layer = _layer(production, Span(100_000, 100_000 + 4 * RATE), file_start=RATE, gain=0.5)
    (pause,) = production_heard([layer], [Span(0, 10 * RATE)], Job()).pauses
    assert pause.source.path == production
    assert abs(pause.source.start - 2) <= Fraction(1, 10)
    assert pause.seconds == pytest.approx(1.0, abs=0.11)
    assert pause.level_dbfs == pytest.approx(-61.0, abs=0.5)


def test_listening_stops_when_cancelled(production: str) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        production_heard([_layer(production, Span(0, RATE))], [], job)
