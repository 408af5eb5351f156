"""Anchors of voices as sound that can be used, or as words that say why not."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sottovoce_engine.contexts import Unusable
from sottovoce_engine.held_sounds import anchor_sound, holdings_of
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.planned import PlanSettings
from sottovoce_engine.scene import MediaRange, PictureMode, VoiceAnchor
from sottovoce_engine.sound_context import AnchorSound, HeldSound, SoundContext
from sottovoce_engine.take import SpokenWord, Take
from sottovoce_engine.timing import Span

from .test_contexts import scene_with, sound
from .test_starts import job_of, plan, scene_of, take_of

SECOND = 48_000


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    """Two seconds of sound, then one of silence."""
    path = tmp_path / "voice.wav"
    spoken = np.random.default_rng(1).normal(0, 0.05, (2, 2 * SECOND)).astype(np.float32)
    with WavWriter(path) as wav:
        wav.write(np.concatenate([spoken, np.zeros((2, SECOND), np.float32)], axis=1))
    return path


def stretch(path: Path | str, start: Fraction = Fraction(0), seconds: Fraction | None = None) -> VoiceAnchor:
    return VoiceAnchor(voice="Anna", source=MediaRange(path=str(path), start=start), seconds=seconds)


def reason(anchor: VoiceAnchor, takes: dict[str, Take] | None = None) -> str:
    found = anchor_sound(anchor, takes or {})
    assert isinstance(found, Unusable)
    return found.reason


@pytest.mark.parametrize(
    ("start", "seconds", "expected"),
    [
        (Fraction(0), None, (0, 3 * SECOND)),
        (Fraction(1, 2), Fraction(1), (SECOND // 2, SECOND)),
        (Fraction(1), Fraction(60), (SECOND, 2 * SECOND)),  # to the file's end
    ],
)
def test_a_stretch_of_a_file_is_used_as_far_as_it_goes(
    start: Fraction, seconds: Fraction | None, expected: tuple[int, int], voice: Path
) -> None:
    found = anchor_sound(stretch(voice, start, seconds), {})
    assert isinstance(found, AnchorSound)
    assert (found.start, found.length, found.path) == (*expected, str(voice))
    assert not found.of_take


def test_what_cannot_be_used_is_told_with_the_value_found(voice: Path, tmp_path: Path) -> None:
    assert "voice.wav from 2 s on, is silent" in reason(stretch(voice, Fraction(2), Fraction(1)))
    assert "has 0.5 s of sound. A voice needs 1 s at least" in reason(stretch(voice, Fraction(5, 2)))
    assert "has 0.0 s of sound" in reason(stretch(voice, Fraction(30)))
    assert "its anchor cannot be read" in reason(stretch(tmp_path / "gone.wav"))
    assert "is not in the store any more" in reason(VoiceAnchor(voice="Anna", take="f" * 32))


def spoken_take(start: int, end: int, context: SoundContext | None = None) -> Take:
    job = job_of(plan(scene_of([Span(0, 24), Span(96, 144)], PictureMode.LOCK), renderer="ltx").regions[1])
    take = take_of(replace(job, context=context))
    return replace(take, words=(SpokenWord(text="line", span=Span(start, end)),))


def test_of_a_take_what_is_spoken_is_used() -> None:
    take = spoken_take(60_000, 130_000)
    found = anchor_sound(VoiceAnchor(voice="Anna", take=take.key), {take.key: take})
    assert found == AnchorSound(start=60_000, length=70_000, content=take.media)
    assert found.of_take
    short = spoken_take(60_000, 90_000)
    assert "has 0.6 s of sound" in reason(VoiceAnchor(voice="Anna", take=short.key), {short.key: short})


def test_of_a_held_take_only_its_own_sound_is_used() -> None:
    held = HeldSound(path="/a.wav", start=Fraction(0), held=Span(-24, 0), gain_db=0.0, content="a")
    take = spoken_take(20_000, 130_000, SoundContext(before=(held,)))
    found = anchor_sound(VoiceAnchor(voice="Anna", take=take.key), {take.key: take})
    assert isinstance(found, AnchorSound)
    assert (found.start, found.length) == (48_000, 82_000), "the region begins a second into the take"


def test_only_what_is_asked_for_is_opened(voice: Path) -> None:
    scene = replace(scene_with(sound(0, 300, str(voice)), sound(0, 300, "/gone.wav")), anchors=(stretch(voice),))
    ltx = PlanSettings(renderer="ltx")
    assert holdings_of(scene, PlanSettings(), {}).anchors == {}
    assert holdings_of(scene, ltx, {}).contents == {}
    found = holdings_of(scene, replace(ltx, context_seconds=1.0), {})
    assert list(found.contents) == [str(voice)]
    assert isinstance(found.anchors["Anna"], AnchorSound)


@pytest.mark.parametrize("wrong", [{}, {"take": "f", "source": MediaRange(path="/a", start=Fraction(0))}])
def test_an_anchor_is_a_take_or_a_stretch(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a take or a stretch"):
        VoiceAnchor(voice="Anna", **wrong)  # type: ignore[arg-type]
