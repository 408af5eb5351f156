"""What is heard frame by frame is what the judge hears, and it is measured once."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, sosfilt
from tests.engine.judge.heard_takes import BREATH, GAP, SOUND, VOICE, take_of
from tests.engine.judge.signals import noise, voiced

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.frame_listening import frame_kinds, frames_heard
from sottovoce_engine.judge.heard_frames import FRAME_SAMPLES, FrameKind, HeardFrames, speech_of
from sottovoce_engine.judge.kept_frames import kept_frames
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import stretches_share, voicing_of
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.sound_context import HeldSound, SoundContext
from sottovoce_engine.take import SpokenWord, Take
from sottovoce_engine.timing import SAMPLE_RATE, Span

THRESHOLDS = thresholds_of("register", RegisterThresholds)


def test_breath_voice_and_silence_are_told_apart(tmp_path: Path) -> None:
    take, path = take_of(SOUND, tmp_path)
    heard = HeardFrames(kinds=frames_heard(take.job, path, THRESHOLDS, Job()))
    kinds = heard.kinds
    assert (kinds[BREATH] == FrameKind.UNVOICED).mean() > 0.6
    assert not (kinds[BREATH] == FrameKind.VOICED).any(), "noise has no row of frames with a peak"
    assert (kinds[VOICE] == FrameKind.VOICED).mean() > 0.6
    for gap in (slice(0, 48), slice(175, 218), slice(345, None)):
        assert not kinds[gap].any()
    speech = heard.speech
    assert speech is not None
    assert 0.45 < speech.start / SAMPLE_RATE < 0.8
    assert 3.0 < speech.end / SAMPLE_RATE < 3.45


def test_voice_is_what_the_judge_takes_for_voice() -> None:
    voicing = voicing_of(SOUND[None], THRESHOLDS)
    heard = HeardFrames(kinds=frame_kinds(voicing, THRESHOLDS))
    share = stretches_share(voicing, voicing.active, THRESHOLDS.voiced_above)
    assert (heard.kinds == FrameKind.VOICED).sum() == pytest.approx(share * voicing.active.sum())
    assert heard.voiced_share is not None
    assert 0.3 < heard.voiced_share <= share + 1e-6
    assert HeardFrames(kinds=np.zeros(40, np.int8)).voiced_share is None
    assert HeardFrames(kinds=np.zeros(40, np.int8)).speech is None


def test_an_s_is_breath_and_a_floor_is_not() -> None:
    hiss = np.asarray(sosfilt(butter(4, (4500, 9000), "band", fs=SAMPLE_RATE, output="sos"), noise(0.3, 0.3)))
    sound = np.concatenate([GAP, hiss, voiced(level=0.05), GAP]).astype(np.float32)
    sound += noise(len(sound) / SAMPLE_RATE, 0.0005)
    kinds = frame_kinds(voicing_of(sound[None], THRESHOLDS), THRESHOLDS)
    assert (kinds[53:77] == FrameKind.UNVOICED).all()
    assert not kinds[:47].any()


def test_it_is_measured_once_until_file_thresholds_or_own_part_change(tmp_path: Path) -> None:
    take, path = take_of(SOUND, tmp_path)
    steps = list[Progress]()

    def listened(take: Take, thresholds: RegisterThresholds = THRESHOLDS) -> HeardFrames:
        steps.clear()
        job = Job(steps.append)
        folder = tmp_path / "kept"
        return kept_frames(take, path, thresholds, folder, lambda: frames_heard(take.job, path, thresholds, job))

    first = listened(take)
    assert steps
    again = listened(take)
    assert not steps
    np.testing.assert_array_equal(first.kinds, again.kinds)
    stricter = listened(take, replace(THRESHOLDS, voiced_above=0.999))
    assert steps
    assert not (stricter.kinds == FrameKind.VOICED).any()
    beside = HeldSound(path="/b.wav", start=Fraction(0), held=Span(-12, 34), gain_db=0.0, content="b")
    held = replace(take, job=replace(take.job, context=SoundContext(before=(beside,))))
    own = listened(held)
    assert steps
    assert not own.kinds[BREATH].any(), "what is held before the region is not the take's own"
    assert (own.kinds[VOICE] == FrameKind.VOICED).any()
    path.unlink()
    with pytest.raises(InputError, match="relink"):
        listened(take)


@pytest.mark.parametrize("seconds", [0.004, 0.01, 0.035, 0.5])
def test_a_column_shows_the_highest_of_what_it_covers(seconds: float) -> None:
    kinds = np.repeat(np.array([0, 1, 0, 2, 0], np.int8), 40)
    found = HeardFrames(kinds=kinds).at(np.arange(0, 2, seconds), seconds)
    for number, kind in enumerate(found):
        first, last = number * seconds * 100, (number + 1) * seconds * 100
        assert kind == kinds[int(first + 1e-9) : max(int(first + 1e-9) + 1, int(np.ceil(last - 1e-9)))].max()
    assert not HeardFrames(kinds=kinds).at(np.array([-1.0, 2.0, 9.0]), 0.02).any()
    assert not HeardFrames(kinds=np.zeros(0, np.int8)).at(np.array([0.0]), 1.0).any()


def test_speech_lies_where_the_words_are_else_where_something_is_heard(tmp_path: Path) -> None:
    take, _ = take_of(SOUND, tmp_path)
    heard = HeardFrames(kinds=np.array([0, 1, 2, 0], np.int8))
    assert speech_of(take, None, None) is None
    assert speech_of(take, None, heard) == Span(FRAME_SAMPLES, 3 * FRAME_SAMPLES)
    words = (SpokenWord(text="so", span=Span(100, 900)), SpokenWord(text="it", span=Span(1200, 1500)))
    assert speech_of(replace(take, words=words), None, heard) == Span(FRAME_SAMPLES, 3 * FRAME_SAMPLES), "a guess"
    known = replace(take, words=words, words_estimated=False)
    assert speech_of(known, None, heard) == Span(100, 1500)
