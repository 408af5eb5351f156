"""What a splice is asked for, and what it answers.

scene samples      0                                                  length
source dialogue    |==========~~~~~                     ~~~~~=========|        ~ fade
take                 . handle .~~~~~==== speech ========~~~~~. handle .
sound                            |<------------------------>|                  between the two cut centres
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import LONGEST_FADE_MS, SHORTEST_FADE_MS, JoinKey, JoinWish
from sottovoce_engine.scene import MediaRange, PicturePiece, Scene
from sottovoce_engine.take import PlacedTake
from sottovoce_engine.timing import SAMPLE_RATE, Span, frame_at

_HEARD = 2 * SAMPLE_RATE  # around a join


@dataclass(frozen=True, slots=True, kw_only=True)
class SpliceSettings:
    """What the person asked for."""

    fade_in_ms: float = 80.0
    fade_out_ms: float = 80.0
    tone_dbfs: float = -52.0  # RMS of room tone that brings no level of its own
    true_peak_dbtp: float = -2.0
    dissolves: tuple[str, ...] = ()  # ids of regions whose picture is dissolved into
    dissolve_frames: int = 12
    offline_media: bool = False  # True: black and silence for missing media, with a note
    joins: tuple[JoinWish, ...] = ()  # what is asked of single joins

    def __post_init__(self) -> None:
        for name, milliseconds in (("in", self.fade_in_ms), ("out", self.fade_out_ms)):
            if not SHORTEST_FADE_MS <= milliseconds <= LONGEST_FADE_MS:
                raise InputError(f"The fade {name} is {milliseconds:g} ms. Give 3 to 2000; 80 suits most joins.")
        if not -90.0 <= self.tone_dbfs <= -30.0:
            raise InputError(f"The room tone is {self.tone_dbfs:g} dBFS. Give -90 to -30; -52 suits most scenes.")
        if not -20.0 <= self.true_peak_dbtp <= 0.0:
            raise InputError(f"The true peak limit is {self.true_peak_dbtp:g} dBTP. Give -20 to 0; -2 is usual.")
        if not 2 <= self.dissolve_frames <= 240:
            raise InputError(f"A dissolve of {self.dissolve_frames} frames was asked for. Give 2 to 240.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpliceTarget:
    """Where movie and stems go: `<name>.mov`, `<name>.mp4`, `stems/<name> <VOICE>.wav`, `stems/<name> room tone.wav`."""

    folder: Path
    name: str
    mp4: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SplicedRegion:
    """A region as it lies in the finished scene."""

    placed: PlacedTake
    slip_frames: int  # the take lies this much later than `placed.start_frame`
    sound: Span  # scene samples between the two cut centres
    fade_in: Span  # scene samples the fade covers
    fade_out: Span
    gain_db: float  # clip gain: the group's, the line's and the editor's own
    speech: Span  # scene samples from the first word to the last
    overrun_frames: int = 0  # scene frames of speech outside the region's sound edges; the words are kept
    own_picture: bool = False  # True: the take's picture is shown; False: what the timeline has, or black
    shown: Span | None = (
        None  # scene frames of that picture, which may run on to a region that continues it; None: the region
    )
    dissolve: Span | None = None  # scene frames over which the picture dissolves into this region
    notes: tuple[str, ...] = ()

    @property
    def start_frame(self) -> int:
        """The scene frame of the take's first frame, slip included."""
        return self.placed.start_frame + self.slip_frames


class ToneOrigin(StrEnum):
    """Where room tone comes from, best first."""

    MARKED = "marked"  # production sound the editor marked
    PRODUCTION = "production"  # the quietest pause of the location's own dialogue
    TAKE = "take"  # the quietest stretch without words of the location's takes
    SYNTHETIC = "synthetic"  # pink-ish noise


@dataclass(frozen=True, slots=True, kw_only=True)
class TonePiece:
    """One location's room tone over one stretch of the scene."""

    location: str
    span: Span  # scene samples, crossfades with the next location included
    origin: ToneOrigin
    level_dbfs: float  # RMS
    source: MediaRange | None  # None: synthetic
    source_seconds: float  # of the stretch its spectrum was taken from


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLevel:
    """The level of one voice in one register."""

    voice: str
    register: str
    lines: int
    target_lufs: float  # the register's, moved by the anchor
    measured_lufs: float | None  # mean of the lines as rendered; None: no line is long enough to measure
    gain_db: float
    lowered_db: float  # how much of the gain was given up for the true peak, 0 or above


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFigures:
    """One join, measured on the finished mix. None: too little material without words to measure on."""

    before: str  # region id, or "source", or "room tone"
    after: str
    at: int  # scene sample of the cut centre
    fade: Span  # scene samples
    correlation: float  # of the two sides over the fade
    click_db: float  # steepest bend inside the fade over the 99.9th percentile around it
    level_jump_db: float | None  # largest step of the level between neighbouring 20 ms
    floor_mismatch_db: float | None  # of the two sides' floors, in the worst octave
    flux_rank: float | None  # rank of the spectral change at the join among those around it, 0..1
    wish: JoinWish | None = None  # what was asked of it, maybe nothing; None: of a splice that did not note that
    notes: tuple[str, ...] = ()  # what was asked of it and could not be done in full


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneJoin:
    """One join as a splice would make it now."""

    key: JoinKey
    before: str  # region id, or "source", or "room tone"
    after: str
    fade: Span  # scene samples
    room: Span  # scene samples that a fade there may lie in: no word, and all that the takes hold
    wish: JoinWish  # of that key; a wish for nothing where nothing is asked
    instead_of: tuple[JoinKey, ...]  # other keys that a wish for it may lie under
    tone: bool  # whether room tone lies between it and the next join
    notes: tuple[str, ...]  # what is asked of it and cannot be done in full

    @property
    def at(self) -> int:
        """The scene sample of the cut: the middle of its fade."""
        return (self.fade.start + self.fade.end) // 2


def heard_around(fade: Span, scene: Scene) -> Span:
    """The scene frames that are listened to where a join fades over these samples: two seconds on either side."""
    start, end = (frame_at(sample, scene.rate) for sample in (fade.start - _HEARD, fade.end + _HEARD))
    return Span(max(0, start), max(1, min(end, scene.length_frames)))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardJoin:
    """One join, mixed by itself."""

    file: Path
    span: Span  # scene frames that the file holds
    figures: JoinFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Spliced:
    """A finished scene: what was written, and what was decided and measured on the way."""

    regions: tuple[SplicedRegion, ...]
    joins: tuple[JoinFigures, ...]
    notes: tuple[str, ...]
    movie: Path
    mp4: Path | None
    stems: tuple[tuple[str, Path], ...]  # (voice, file)
    tone_stem: Path
    tone_pieces: tuple[TonePiece, ...]
    levels: tuple[GroupLevel, ...]
    anchor_lufs: float | None  # loudness of the production dialogue outside regions, where it sets `normal`
    true_peak_dbtp: float  # of the mix
    shots: tuple[PicturePiece, ...] = ()  # rendered for several regions, and shown under them
