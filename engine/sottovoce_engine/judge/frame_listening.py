"""Listening to a take frame by frame, with the judge's own measure of voice."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.heard_frames import FrameKind
from sottovoce_engine.judge.own_sound import heard_of
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.voicing import Voicing, in_stretches, voicing_from
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import Span

STAGE = "listening"


def frames_heard(asked: RenderJob, path: Path, thresholds: RegisterThresholds, job: Job) -> NDArray[np.int8]:
    """`[frames]` of `FrameKind`: what is heard in the media of a take, as its judge hears it.

    Raises:
        InputError: The media are missing, damaged, or hold no sound.
        JobCancelled: Cancelling was asked for.
    """
    with SoundReader(path) as whole:
        reader = heard_of(whole, asked)

        def read(span: Span) -> Sound:
            job.step(STAGE, span.start, reader.length_samples, about=path.name)
            return reader.read(span)

        return frame_kinds(voicing_from(read, reader.length_samples, thresholds), thresholds)


def frame_kinds(voicing: Voicing, thresholds: RegisterThresholds) -> NDArray[np.int8]:
    """`[frames]` of `FrameKind`.

    The judge listens for speech where vowels and whispers lie. An s lies above: it is heard, too, where it is as loud
    from 1 to 5 kHz as the quietest frame that the judge takes for speech.
    """
    heard = voicing.active.copy()
    if heard.any():
        heard |= voicing.high_power > voicing.speech_power[voicing.active].min()
    kinds = np.where(heard, FrameKind.UNVOICED, FrameKind.SILENCE).astype(np.int8)
    kinds[in_stretches(voicing, voicing.active, thresholds.voiced_above)] = FrameKind.VOICED
    return kinds
