"""What is heard in a take every 10 ms: a value, without what it takes to listen.

sound    ~~~~sss|aaaaaa|tt~|ii|sp|oooo|n~~~~
frames   ....---######--.##--####-....          . nothing, - without voice, # with voice
speech       |====================|
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.take import Take
from sottovoce_engine.timing import SAMPLE_RATE, Span

if TYPE_CHECKING:  # what is drawn needs no judge
    from sottovoce_engine.judge.judgement import Judgement

FRAME_SAMPLES = SAMPLE_RATE // 100


class FrameKind(IntEnum):
    """What 10 ms hold. The highest one stands for several of them."""

    SILENCE = 0  # nothing that belongs to speech
    UNVOICED = 1  # breath: a whisper, an s
    VOICED = 2  # a stretch of 60 ms and more that the judge takes to be voice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeardFrames:
    """A take frame by frame: `[frames]` int8 of `FrameKind`, frame n begins at sample n * FRAME_SAMPLES."""

    kinds: NDArray[np.int8]

    def at(self, starts: NDArray[np.float64], seconds: float) -> NDArray[np.int8]:
        """`[len(starts)]`: what is heard in the `seconds` from each start (seconds) on; silence outside the take."""
        first = np.floor(starts * 100).astype(np.int64)
        last = np.maximum(np.ceil((starts + seconds) * 100).astype(np.int64), first + 1)
        found = np.zeros(len(starts), np.int8)
        if not len(self.kinds):
            return found
        for step in range(int((last - first).max(initial=0))):
            index = first + step
            inside = (index >= 0) & (index < len(self.kinds)) & (index < last)
            here = self.kinds[np.clip(index, 0, len(self.kinds) - 1)]
            found = np.maximum(found, np.where(inside, here, np.int8(0)))
        return found

    @property
    def voiced_share(self) -> float | None:
        """How much of what is heard has a voice, 0 to 1; None where nobody speaks."""
        spoken = int((self.kinds > FrameKind.SILENCE).sum())
        return int((self.kinds == FrameKind.VOICED).sum()) / spoken if spoken else None

    @property
    def speech(self) -> Span | None:
        """From the first spoken sample to the last; None where nobody speaks."""
        places = np.flatnonzero(self.kinds > FrameKind.SILENCE)
        return Span(int(places[0]) * FRAME_SAMPLES, (int(places[-1]) + 1) * FRAME_SAMPLES) if len(places) else None


def speech_of(take: Take, judgement: "Judgement | None", frames: HeardFrames | None) -> Span | None:
    """Where a take's line is spoken, in its samples: by its words as the judge knows them, else by what is heard."""
    finding = None if judgement is None else judgement.register
    spans = [word.span for word in (finding.words if finding is not None else ())]
    if not spans and not take.words_estimated:
        spans = [word.span for word in take.words]
    if spans:
        return Span(min(span.start for span in spans), max(span.end for span in spans))
    return None if frames is None else frames.speech
