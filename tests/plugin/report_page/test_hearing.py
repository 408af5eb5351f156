"""The sound behind the page: voicing by moments, curves with the standard's own signal, small sound."""

import base64
import io
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from sottovoce.report_page.encoding import sound_uri
from sottovoce.report_page.hearing import loudness_curve, moments_of
from sottovoce.report_page.values import Voiced
from sottovoce.report_page.waveform import shares_in_words
from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import voicing_of
from sottovoce_engine.media.sound import WavWriter
from sottovoce_engine.timing import SAMPLE_RATE


def _pulses(seconds: float) -> NDArray[np.float64]:
    """Something with a pitch of 120 Hz and overtones."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return sum((np.sin(2 * np.pi * 120 * overtone * time) / overtone for overtone in range(1, 12)), np.zeros(time.size))


def test_voice_whisper_and_silence_are_told_apart() -> None:
    noise = np.random.default_rng(1)
    quiet = 1e-5 * noise.standard_normal(SAMPLE_RATE)
    parts = [quiet, 0.1 * _pulses(1.0), quiet, 0.05 * noise.standard_normal(SAMPLE_RATE), quiet]
    sound = np.concatenate(parts).astype(np.float32)[None].repeat(2, axis=0)
    thresholds = thresholds_of("register", RegisterThresholds)
    moments = moments_of(sound, voicing_of(sound, thresholds), thresholds.voiced_above)
    kinds = [moment.voiced for moment in moments]
    assert len(kinds) == 180
    for second, wanted in enumerate((Voiced.SILENT, Voiced.VOICED, Voiced.SILENT, Voiced.WHISPERED, Voiced.SILENT)):
        assert set(kinds[36 * second + 4 : 36 * second + 32]) == {wanted}
    assert max(moment.highest for moment in moments) == pytest.approx(1.0, abs=0.2)
    assert shares_in_words(moments).startswith(("49", "50", "51"))


def test_no_sound_has_no_moments() -> None:
    sound = np.zeros((2, 0), np.float32)
    thresholds = thresholds_of("register", RegisterThresholds)
    assert moments_of(sound, voicing_of(sound, thresholds), thresholds.voiced_above) == ()
    assert shares_in_words(()) == "Nobody speaks."


def test_the_curve_of_the_standards_own_signal(tmp_path: Path) -> None:
    """EBU Tech 3341, minimum requirements 1 and 2: a stereo sine of 1 kHz at -23 dBFS reads -23.0 LUFS, at -33, -33.0."""
    time = np.arange(6 * SAMPLE_RATE) / SAMPLE_RATE
    sine = np.sin(2 * np.pi * 1000 * time) * np.where(time < 3, 10 ** (-23 / 20), 10 ** (-33 / 20))
    path = tmp_path / "sine.wav"
    with WavWriter(path) as writer:
        writer.write(np.stack([sine, sine]).astype(np.float32))
    curve = loudness_curve(path)
    momentary = dict(curve.momentary_lufs)
    assert momentary[1.5] == pytest.approx(-23.0, abs=0.1)
    assert momentary[4.5] == pytest.approx(-33.0, abs=0.1)
    short_term = dict(curve.short_term_lufs)
    assert short_term[1.5] == pytest.approx(-23.0, abs=0.1)
    assert short_term[4.5] == pytest.approx(-33.0, abs=0.1)
    assert curve.seconds == 6.0


def test_a_movie_that_is_none_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "scene.mov"
    path.write_text("no movie")
    with pytest.raises(InputError):
        loudness_curve(path)


@pytest.mark.parametrize("channels", [1, 2])
def test_small_sound_is_the_same_sound(channels: int) -> None:
    left = 0.3 * _pulses(1.5).astype(np.float32)
    sound = np.stack([left, left if channels == 1 else np.zeros_like(left)])
    uri = sound_uri(sound, 64)
    kind, _, data = uri.partition(",")
    assert kind == "data:audio/webm;base64"
    with av.open(io.BytesIO(base64.b64decode(data)), "r") as container:
        heard = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
        assert container.streams.audio[0].codec_context.channels == channels
    assert heard.size / channels == pytest.approx(left.size, abs=SAMPLE_RATE // 20)
    assert len(uri) < 1.5 * channels * 64_000 / 8 * 4 / 3 * 1.6
