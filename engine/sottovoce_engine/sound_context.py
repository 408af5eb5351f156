"""Sound that a take is held to: what lies beside its region on the timeline, and an anchor of its voice.

    timeline           |===== dialogue =====|## region ##|== dialogue ==|
    model's window     |  anchor  |  handle |## region ##|   handle  |
    held               |AAAAAAAAAA|   RRRRRR|            |RRRR       |     R: the room beside it, settable length
    sampled                       |xxx      |xxxxxxxxxxxx|    xxxxxxx|
    take                          |<------- handles and region ----->|

What is held is given to the model clean, in tokens of 40 ms, and comes out as it went in; the tokens between are
sampled beside it. The anchor lies before everything else, where a speaker would have spoken last: the model was
trained on one strip of sound in one strip of time, so it gets no positions of its own outside it. It takes whole
groups of 8 model frames, so that the window keeps its 8k+1, and is cut off the take. The picture stands still
under it: nobody's lips contradict it.
"""

from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.timing import Span

LEAD_STEP = 8  # model frames: a window has 8k+1 with the anchor's as without


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSound:
    """A stretch of the timeline's own dialogue beside a region."""

    path: str  # absolute
    start: Fraction  # seconds from the file's first sample to what would be heard at the region's first frame
    held: Span  # scene frames, counted from the region's first; below 0 before it
    gain_db: float
    content: str  # tells this file from others and from itself after a change


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorSound:
    """A stretch of sound in which a voice speaks."""

    start: int  # sample, 48 kHz, from the first one of its file
    length: int  # samples
    content: str  # of a file as `HeldSound`'s; of a take its media's name, which is the hash of its content
    path: str = ""  # absolute; "" of a take

    @property
    def of_take(self) -> bool:
        """Whether it lies in the media of a take, by name."""
        return not self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundContext:
    """What a take is held to."""

    before: tuple[HeldSound, ...] = ()  # several tracks may sound there at once
    after: tuple[HeldSound, ...] = ()
    anchor: AnchorSound | None = None
    lead_frames: int = 0  # model frames before the window that the anchor is given in

    def __post_init__(self) -> None:
        if self.lead_frames < 0 or self.lead_frames % LEAD_STEP or bool(self.lead_frames) != (self.anchor is not None):
            raise ValueError(f"an anchor is given in a multiple of {LEAD_STEP} frames, not in {self.lead_frames}")
        if not (self.before or self.after or self.anchor):
            raise ValueError("a context holds something")

    @property
    def starts_at(self) -> int | None:
        """The scene frame, counted from the region's first, up to which sound before it is held; None: none is."""
        return max((sound.held.end for sound in self.before), default=None)

    @property
    def ends_at(self) -> int | None:
        """The scene frame, counted from the region's first, from which on sound after it is held; None: none is."""
        return min((sound.held.start for sound in self.after), default=None)
