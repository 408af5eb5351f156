"""Where a line lies in its window, at what pace, and what becomes of one that does not fit."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.scratch.fitting import FASTEST, SLOWEST, fit_for
from sottovoce_engine.renderers.scratch.performance import performance_for
from sottovoce_engine.renderers.scratch.speech import Speech, speech_for
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import sample_at

from .measuring import level_db
from .scratch_jobs import never_stops, scratch_job

LINE = "I told you never to come back here again."
NATURAL = 2.0  # seconds, roughly


def said(job: RenderJob) -> Speech:
    return speech_for(job, never_stops)


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [(Fraction(24), 1.8), (Fraction(24_000, 1001), 2.5), (Fraction(25), 2.2), (Fraction(60_000, 1001), 3.0)],
)
def test_a_line_that_fits_begins_two_frames_in_and_ends_inside(rate: Fraction, seconds: float) -> None:
    job = scratch_job(LINE, rate=rate, seconds=seconds)
    speech = said(job)
    first, last = speech.words[0].span.start, speech.words[-1].span.end
    assert 2 * sample_at(1, rate) <= first - job.region_samples.start <= 3.1 * sample_at(1, rate)
    assert last <= job.region_samples.end
    assert not speech.notes
    assert len(speech.sound) == job.length_samples


def test_words_are_those_of_the_line_in_order_and_inside_the_window() -> None:
    job = scratch_job("Dr. Lee paid $9.99, at 3:45, for it!", seconds=4.5)
    speech = said(job)
    assert [word.text for word in speech.words] == job.region.line.split()
    assert not speech.words_estimated
    for before, after in itertools.pairwise(speech.words):
        assert before.span.start < before.span.end <= after.span.start
    assert speech.words[-1].span.end <= job.region_samples.end


@pytest.mark.parametrize("register", ["normal", "whisper", "scream"])
@pytest.mark.parametrize("seconds", [0.9, 1.3, 2.6, 6.0])
def test_nothing_is_cut_off(register: str, seconds: float) -> None:
    """The sound has died down to the room before the window ends, and lies where the words say."""
    speech = said(scratch_job(LINE, register, seconds=seconds))
    sound = speech.sound.astype(np.float64)
    end = speech.words[-1].span.end
    loud = level_db(sound[speech.words[0].span.start : end])
    assert level_db(sound[-2400:]) == pytest.approx(-66.0, abs=3.0)
    assert level_db(sound[: speech.words[0].span.start - 2400]) == pytest.approx(-66.0, abs=3.0)
    assert level_db(sound[end - 9600 : end]) > loud - 22.0
    assert level_db(sound[end + 4800 :]) < max(loud - 25.0, -62.0)


def test_a_long_line_runs_into_the_handle_at_the_fastest_natural_pace_and_says_so() -> None:
    job = scratch_job(LINE, seconds=1.0)
    speech = said(job)
    over = speech.words[-1].span.end - job.region_samples.end
    frames = -(-over // sample_at(1, job.rate))
    assert speech.notes == (f"runs {frames} frames over its region",)
    assert speech.words[-1].span.end < job.length_samples


def test_a_line_longer_than_its_window_is_pressed_together_rather_than_cut() -> None:
    job = scratch_job(f"{LINE} {LINE}", seconds=0.6)
    speech = said(job)
    assert len(speech.words) == 18
    assert speech.words[-1].span.end <= job.length_samples
    assert speech.notes[0].startswith("runs ")
    assert speech.notes[1].startswith("hurried: said at ")


@pytest.mark.parametrize("words", [40, 400])
def test_a_line_that_nobody_could_follow_is_refused_with_the_times(words: int) -> None:
    with pytest.raises(InputError, match=r"takes .*\d s to say and its window holds .* s\. Lengthen the region"):
        said(scratch_job("word " * words, seconds=0.5))


@pytest.mark.parametrize("natural", [0.3, 1.0, 2.0, 3.5, 5.0, 11.0])
@pytest.mark.parametrize("region", [0.05, 0.5, 2.0, 6.0])
def test_the_pace_keeps_its_bounds_and_the_speech_its_place(natural: float, region: float) -> None:
    job = scratch_job("x", seconds=region)
    try:
        fit = fit_for(job, natural, performance_for(1, "x", 1))
    except InputError:
        assert natural > 2 * region + 2
        return
    assert job.region_samples.start <= fit.start < job.region_samples.end
    assert fit.start + fit.length <= job.length_samples
    assert fit.pace == pytest.approx(natural * 48_000 / fit.length)
    assert fit.pace >= SLOWEST * 0.999
    assert fit.pace <= FASTEST * 1.001 or any("hurried" in note for note in fit.notes)
    assert bool(fit.notes) == (fit.start + fit.length > job.region_samples.end)
