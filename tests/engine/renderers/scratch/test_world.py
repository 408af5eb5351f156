import numpy as np
import pytest

from sottovoce_engine.progress import JobCancelled
from sottovoce_engine.renderers.scratch.hibari_voice import read_line
from sottovoce_engine.renderers.scratch.utterance import Utterance
from sottovoce_engine.renderers.scratch.world import BINS, FRAME_SAMPLES, Voicing, analysed, synthesised

from .scratch_jobs import never_stops


def said(text: str) -> Utterance:
    line = read_line(text, 1)
    assert line is not None
    return line.said(1.0, never_stops)


def test_a_voice_taken_apart_and_put_together_keeps_pitch_and_spectrum() -> None:
    before = said("Where are you going?")
    voicing = analysed(before.sound, before.f0, never_stops)
    assert voicing.envelope.shape == voicing.breath.shape == (len(voicing.f0), BINS)
    sound = synthesised(voicing, never_stops)
    assert len(sound) == len(voicing.f0) * FRAME_SAMPLES
    again = analysed(sound, None, never_stops)
    voiced = (voicing.f0 > 0) & (again.f0[: len(voicing.f0)] > 0)
    assert voiced.sum() > 0.8 * (voicing.f0 > 0).sum()
    assert np.median(np.abs(12 * np.log2(again.f0[: len(voiced)][voiced] / voicing.f0[voiced]))) < 0.2
    difference = (again.envelope[: len(voiced)][voiced] - voicing.envelope[voiced])[:, 10:200]
    assert np.median(np.abs(difference)) * 10 / np.log(10) < 2.0  # dB


def test_pitch_is_known_from_the_synthesis_as_well_as_it_is_measured() -> None:
    speech = said("Mother is nowhere near me now.")
    known, measured = (analysed(speech.sound, f0, never_stops, breath=False).f0 for f0 in (speech.f0, None))
    length = min(len(known), len(measured))
    both = (known[:length] > 0) & (measured[:length] > 0)
    assert np.median(np.abs(12 * np.log2(known[:length][both] / measured[:length][both]))) < 0.5


def test_blocks_meet_without_a_hole_or_a_bump() -> None:
    """Ten steady seconds of breath stay steady, wherever they were cut into blocks."""
    frames = 2000
    breath = Voicing(f0=np.zeros(frames), envelope=np.full((frames, BINS), -8.0), breath=np.ones((frames, BINS)))
    sound = synthesised(breath, never_stops)
    inside = sound[20 * FRAME_SAMPLES : -20 * FRAME_SAMPLES]
    level_db = 10 * np.log10((inside.reshape(-1, 10 * FRAME_SAMPLES) ** 2).mean(axis=1))
    assert np.abs(level_db - np.median(level_db)).max() < 2.0


@pytest.mark.parametrize("calls", [1, 4, 7])
def test_work_stops_between_blocks(calls: int) -> None:
    speech = said("I was there all night and nobody came. " * 4)
    left = iter(range(calls))

    def check() -> None:
        if next(left, None) is None:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        synthesised(analysed(speech.sound, speech.f0, check), check)
