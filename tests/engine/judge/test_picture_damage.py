from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.engine.renderers.scratch.scratch_jobs import scratch_job

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.damage_values import DamageFinding, DamageKind, DamageThresholds, Severity
from sottovoce_engine.judge.picture_damage import judged_picture, should_move
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import frame_from_rgb
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.scratch.renderer import renderer
from sottovoce_engine.scene import Raster
from sottovoce_engine.take import Take
from sottovoce_engine.timing import Span

THRESHOLDS = thresholds_of("damage", DamageThresholds)
RASTER = Raster(width=256, height=144)
RATE = Fraction(24)
FRAMES = 48

Rgb = NDArray[np.uint8]


def speaking(number: int) -> Rgb:
    """A dim room with grain and a small mouth that opens and shuts."""
    picture = np.full((144, 256, 3), 60.0) + np.random.default_rng(number).normal(0.0, 2.0, (144, 256, 1))
    picture[80 : 84 + number % 5, 120:136] = 25.0
    return picture.clip(0, 255).astype(np.uint8)


BLACK: Rgb = np.zeros((144, 256, 3), np.uint8)


def movie(path: Path, pictures: Sequence[Rgb]) -> Path:
    with MovieWriter(path, raster=RASTER, rate=RATE, sound=False) as writer:
        for picture in pictures:
            writer.write_frame(frame_from_rgb(picture))
    return path


def judged(path: Path, *, expected: int | None = None, moving: bool = True) -> tuple[DamageFinding, ...]:
    return judged_picture(path, expected_frames=expected, moving=moving, thresholds=THRESHOLDS)


def test_a_person_who_speaks_is_whole(tmp_path: Path) -> None:
    assert judged(movie(tmp_path / "a.mov", [speaking(k) for k in range(FRAMES)]), expected=FRAMES) == ()


def test_half_rate_frames_shown_twice_are_not_frozen(tmp_path: Path) -> None:
    assert judged(movie(tmp_path / "a.mov", [speaking(k // 2) for k in range(FRAMES)])) == ()


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 20), length=st.integers(14, 26))
def test_a_held_frame_is_found_where_it_stands(tmp_path: Path, start: int, length: int) -> None:
    pictures = [speaking(k) for k in range(FRAMES)]
    pictures[start : start + length] = [speaking(start)] * length
    (finding,) = judged(movie(tmp_path / "a.mov", pictures))
    assert finding.kind is DamageKind.FROZEN
    assert finding.where == (Span(start, start + length),)
    assert finding.passes == (length < FRAMES / 2)
    assert f"from frame {start} to {start + length - 1}" in finding.why[0]


def test_a_card_may_stand_still(tmp_path: Path) -> None:
    path = movie(tmp_path / "a.mov", [speaking(0)] * FRAMES)
    assert judged(path, moving=False) == ()
    (finding,) = judged(path)
    assert (finding.kind, finding.severity) == (DamageKind.FROZEN, Severity.FAILS)


def test_a_scratch_take_passes(tmp_path: Path) -> None:
    (take,) = renderer(tmp_path).render([scratch_job("Listen.", seconds=1.0)], Job())
    assert isinstance(take, Take)
    assert not should_move(take)
    path = MediaFolder(tmp_path).path(take.media)
    assert judged(path, expected=take.length_frames, moving=should_move(take)) == ()


@pytest.mark.parametrize(("start", "end"), [(0, 1), (10, 11), (20, 30), (FRAMES - 2, FRAMES)])
def test_black_frames_are_found(tmp_path: Path, start: int, end: int) -> None:
    pictures = [speaking(k) for k in range(FRAMES)]
    pictures[start:end] = [BLACK] * (end - start)
    (finding,) = judged(movie(tmp_path / "a.mov", pictures))
    assert (finding.kind, finding.where, finding.passes) == (DamageKind.BLACK, (Span(start, end),), True)


def test_a_black_picture_fails_as_black_alone(tmp_path: Path) -> None:
    (finding,) = judged(movie(tmp_path / "a.mov", [BLACK] * FRAMES))
    assert (finding.kind, finding.severity) == (DamageKind.BLACK, Severity.FAILS)


def test_a_night_is_not_black(tmp_path: Path) -> None:
    assert judged(movie(tmp_path / "a.mov", [speaking(k) // 3 for k in range(FRAMES)])) == ()


@pytest.mark.parametrize("off", [-1, 1, 5])
def test_a_wrong_number_of_frames_fails(tmp_path: Path, off: int) -> None:
    (finding,) = judged(movie(tmp_path / "a.mov", [speaking(k) for k in range(12)]), expected=12 - off)
    assert finding.kind is DamageKind.FRAMES
    assert finding.measured == off
    assert f"12 instead of {12 - off}" in finding.why[0]


def test_what_has_no_picture_is_said_so(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "a.wav") as wav:
        wav.write(np.zeros((2, 4_800), np.float32))
    with pytest.raises(InputError, match="no picture"):
        judged(tmp_path / "a.wav")
    (tmp_path / "b.mov").write_bytes(b"no movie at all" * 100)
    with pytest.raises(InputError, match=r"b\.mov"):
        judged(tmp_path / "b.mov")
