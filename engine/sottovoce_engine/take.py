"""What is asked of a renderer, and what it answers. Both round-trip through versioned JSON.

Media travel by name only: the name of a file in a media folder is the hash of its content.

    window         |<------------- model frames x divisor ------------->|
    region         |  handle   |######## span ########|     handle      |
    take sample    0           ^ speech lies here                       length_samples

A take's picture may start from frames that are given: the last ones of the take before it, or the timeline's own.

    take before    |.....########|...|
    given                   |xxxxx|             9 or 17 model frames, at the same place of the scene
    window                  |xxxxx|######## span ########| handle |
                                  ^ cut: the given frames are not shown twice
"""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from sottovoce_engine.registers import Register
from sottovoce_engine.scene import PictureMode, Raster, Region, Voice
from sottovoce_engine.sound_context import SoundContext
from sottovoce_engine.timing import Span, sample_at

FORMAT = 1

RECORDING = "recording"  # the renderer of takes that nobody rendered: a person brought them
NO_PICTURE = "it has no picture: black is shown"  # the note on those that came without one

_LATENTS_NAME = re.compile(r"[A-Za-z0-9_-]+\.safetensors")
_MEDIA_NAME = re.compile(r"[A-Za-z0-9_-]+\.(mov|wav)")  # never a path: records may come from elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is rendered for a region: 8k+1 frames of the model's, with handles on both sides."""

    start: int  # scene frame of the window's first frame; below 0 where a handle reaches before the scene
    model_frames: int  # 8k+1
    divisor: int = 1  # scene frames per model frame: 2 above 30 frames a second

    def __post_init__(self) -> None:
        if self.model_frames < 9 or self.model_frames % 8 != 1:
            raise ValueError(f"a window has 8k+1 frames, 9 or more, not {self.model_frames}")
        if self.divisor < 1:
            raise ValueError(f"a model frame lasts one scene frame or more, not {self.divisor}")

    @property
    def length(self) -> int:
        """Scene frames."""
        return self.model_frames * self.divisor

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + self.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFrames:
    """Frames of the take that a job continues from."""

    first: int  # scene frames from that take's first frame
    frames: int  # 8k+1 model frames; every `divisor`-th scene frame is one
    media: str = ""  # that take's media; "" where it is made in the same batch

    def __post_init__(self) -> None:
        if self.first < 0 or self.frames % 8 != 1:
            raise ValueError(f"a take continues from 8k+1 frames, not {self.frames} from frame {self.first} on")


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageFrames:
    """Frames of the timeline's own picture that a job starts from."""

    path: str  # absolute
    start: Fraction  # seconds from the file's first frame
    frames: int  # 8k+1 model frames; 1 of a still
    content: str  # tells this file from others and from itself after a change

    def __post_init__(self) -> None:
        if self.frames % 8 != 1:
            raise ValueError(f"a take starts from 8k+1 frames, not {self.frames}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPicture:
    """The timeline's own picture that a job's sound is made for. Beyond what is shown of it, its nearest frame is held."""

    path: str  # absolute
    start: Fraction  # seconds from the file's first frame to what is shown at the region's first frame
    before: int  # scene frames of it before the region's first; below 0 where it starts later
    after: int  # scene frames of it from the region's first on
    content: str  # tells this file from others and from itself after a change

    def __post_init__(self) -> None:
        if self.before + self.after < 1:
            raise ValueError("a picture that sound is made for has a frame")

    @property
    def is_still(self) -> bool:
        """Whether it is one frame, held."""
        return self.before + self.after == 1

    def time(self, frame: int, rate: Fraction) -> Fraction:
        """Seconds from the file's first frame to what is watched at a scene frame, counted from the region's first."""
        return self.start + min(max(frame, -self.before), self.after - 1) / rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotFrames:
    """The rendered shot that a job's sound is made for, and where in it the job's window begins."""

    shot: str  # key of its take
    first: int  # scene frames from that take's first frame; a multiple of eight model frames, as latents are
    media: str = ""  # that take's media; "" where it is made in the same batch
    latents: str = ""  # what its media were decoded from; "" where that is gone

    def __post_init__(self) -> None:
        if self.first < 0:
            raise ValueError(f"a window begins inside its shot, not {-self.first} frames before it")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatedLine:
    """One of the lines that share a window: its register acts and its words are read over its own part alone."""

    span: Span  # scene frames of its region
    voice: Voice
    register: Register
    line: str
    caption: str  # its own, in the form of any other region's


@dataclass(frozen=True, slots=True, kw_only=True)
class GatedPart:
    """What of a window belongs to one line, in scene frames from its region's first; None: up to the window's end."""

    starts_at: int | None
    ends_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gating:
    """A window sampled in one pass for several regions, in which the register changes from line to line.

    window     |  handle  |## whisper ##|   gap   |## normal ##|  handle  |
    LoRA       |------------- on -----------|------------ off ------------|    `edge_ms` from on to off
    takes      |<----------- first ----------->|
                                         |<----------- second ----------->|
    """

    window: Window  # of all lines
    lines: tuple[GatedLine, ...]  # in the order of their spans, which do not overlap
    caption: str  # of all lines, for the picture
    locked_on: LockedPicture | None  # over the whole window, counted from the first line's first frame
    edge_ms: int  # over which one line's part gives way to the next
    leak: float  # from 0 to 1: how much of its own words' weight another line's words have

    def __post_init__(self) -> None:
        if len(self.lines) < 2:
            raise ValueError("a window is gated where it holds two lines or more")

    def part_of(self, span: Span) -> "GatedPart":
        """The part of the window that belongs to the line of that span: half-way to its neighbours."""
        spans = [line.span for line in self.lines]
        number = spans.index(span)
        before, after = spans[:number][-1:], spans[number + 1 :][:1]
        return GatedPart(
            starts_at=(before[0].end - span.start) // 2 if before else None,
            ends_at=span.length + (after[0].start - span.end) // 2 if after else None,
        )

    @property
    def strongest(self) -> Register:
        """The register whose LoRA acts at full strength; the others' have a share of that."""
        return max((line.register for line in self.lines), key=lambda register: register.lora)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """One take to render: everything that determines it, and nothing else."""

    key: str  # hash of all that determines the take
    content: str  # hash of what is asked: caption, voice, register. A take of another content is stale
    region: Region
    voice: Voice
    register: Register
    caption: str
    window: Window
    rate: Fraction  # of the scene
    start_frame: int  # timecode of the scene's first frame, as a frame number
    drop_frame: bool
    raster: Raster  # of the scene; takes are conformed to it
    picture: PictureMode  # LOCK: the take needs sound only
    seed: int
    renderer: str
    continues: str = ""  # key of the take whose frames this one starts from
    from_take: TakeFrames | None = None  # which of its frames
    from_footage: FootageFrames | None = None
    locked_on: LockedPicture | None = None  # with LOCK, where the renderer's sound depends on it
    on_shot: ShotFrames | None = None  # instead, where that picture was rendered for several regions
    is_shot: bool = False  # it is one: its latents are kept, and its sound is not used
    gating: Gating | None = None  # the window it is sampled in with other regions
    kept_frames: int | None = None  # scene frames of the window that the take keeps; None: all
    context: SoundContext | None = None  # the sound it is held to

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise ValueError(f"a rate is above 0, not {self.rate}")
        if self.kept_frames is not None and not 1 <= self.kept_frames <= self.window.length:
            raise ValueError(f"a take keeps 1 to {self.window.length} frames of its window, not {self.kept_frames}")

    @property
    def model_rate(self) -> Fraction:
        return self.rate / self.window.divisor

    @property
    def model_window(self) -> Window:
        """What the model samples: the window, and before it the anchor of a voice."""
        lead = 0 if self.context is None else self.context.lead_frames
        return replace(
            self.window,
            start=self.window.start - lead * self.window.divisor,
            model_frames=self.window.model_frames + lead,
        )

    @property
    def length_frames(self) -> int:
        """Scene frames of the take."""
        return self.window.length if self.kept_frames is None else self.kept_frames

    @property
    def length_samples(self) -> int:
        """Samples of the take, counted from the window's first frame."""
        return sample_at(self.length_frames, self.rate)

    @property
    def own_samples(self) -> Span:
        """Samples of the take that are its own; beyond them, what lies or is held beside its region is heard once more."""
        first = self.region.span.start - self.window.start
        beside = self.gating.part_of(self.region.span) if self.gating is not None else self.context
        start, end = (None, None) if beside is None else (beside.starts_at, beside.ends_at)
        return Span(
            0 if start is None else sample_at(first + start, self.rate),
            self.length_samples if end is None else sample_at(first + end, self.rate),
        )

    @property
    def region_samples(self) -> Span:
        """Where the region lies inside the window, in samples from the window's first frame."""
        start = self.region.span.start - self.window.start
        return Span(sample_at(start, self.rate), sample_at(start + self.region.span.length, self.rate))


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """A word and where it is spoken."""

    text: str
    span: Span  # samples from the take's start


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One rendered answer to a region."""

    job: RenderJob
    media: str  # name in the media folder: "<sha256>.mov" with picture, "<sha256>.wav" without
    length_frames: int  # scene frames
    length_samples: int  # 48 kHz
    words: tuple[SpokenWord, ...]
    words_estimated: bool  # True: laid out by length and energy, not known from the synthesis
    made: str  # ISO 8601, UTC
    loudness_lufs: float | None  # integrated over the speech; None where it is shorter than 400 ms or silent
    true_peak_dbtp: float  # of its own samples; -inf is written as -120
    fingerprints: tuple[tuple[str, str], ...] = ()  # (what, version or hash) of model, LoRA, voice
    notes: tuple[str, ...] = ()
    moved_frames: int = 0  # by which it lies later than rendered, since its timeline was cut anew
    latents: str = (
        ""  # of a shot: name in the media folder of what its picture was decoded from; "" where none are kept
    )
    reach_samples: int = 0  # where sound beside the region is held: a fade shorter than that would not cover the seam

    def __post_init__(self) -> None:
        if not _MEDIA_NAME.fullmatch(self.media):
            raise ValueError(f"media are named by their content, not '{self.media}'")
        if self.latents and not _LATENTS_NAME.fullmatch(self.latents):
            raise ValueError(f"latents are named by their content, not '{self.latents}'")
        if self.length_frames < 1 or self.length_samples < 1:
            raise ValueError(f"a take of {self.length_frames} frames and {self.length_samples} samples is none")

    @property
    def key(self) -> str:
        return self.job.key

    @property
    def files(self) -> tuple[str, ...]:
        """Names of all it has in the media folder."""
        return (self.media, self.latents) if self.latents else (self.media,)

    @property
    def has_picture(self) -> bool:
        return self.media.endswith(".mov")

    @property
    def speech(self) -> Span:
        """From the first word's start to the last one's end, in samples; the region where no word is known."""
        if not self.words:
            return self.job.region_samples
        return Span(min(word.span.start for word in self.words), max(word.span.end for word in self.words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A take that could not be made, and why."""

    job: RenderJob
    reason: str  # one paragraph: what, the value, what to do


Outcome = Take | Failure


def handles_of(take: Take, region: Region) -> tuple[int, int]:
    """How many frames a take reaches before a region as it is now, and after it; below 0 where it falls short.

    Trimmed or moved by so much, the region is still covered.
    """
    start = take_start(take, region)
    return region.span.start - start, start + take.length_frames - region.span.end


def take_start(take: Take, region: Region) -> int:
    """The scene frame at which the take's first frame lies, for the region as it is now.

    A region moved as a whole takes its speech along; a trimmed one uncovers or covers parts of the take.

        rendered    |hh|####|hh|
        moved             |hh|####|hh|
        trimmed     |hh|##|hhhh|

    A new cut that moved the material under the region moved what it was rendered for with it.
    """
    rendered = take.job.region.span
    if region.span.length == rendered.length:
        return take.job.window.start + region.span.start - rendered.start
    return take.job.window.start + take.moved_frames


def seam_frames(take: Take, first_frame: int, before_first_frame: int) -> int:
    """Scene frames by which a take lies later than the frames it was given of the take before it; 0 is seamless.

    Args:
        take: One that continues.
        first_frame: The scene frame at which its first frame lies.
        before_first_frame: The same of the take it continues from.
    """
    given = take.job.from_take
    return 0 if given is None else first_frame - before_first_frame - given.first


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedTake:
    """A region and the take chosen for it, ready to be spliced."""

    region: Region
    take: Take
    path: str  # absolute path of the take's media
    alternatives: tuple[tuple[Take, str], ...] = ()  # the region's other takes and their paths

    @property
    def start_frame(self) -> int:
        """The scene frame of the take's first frame, before any slip."""
        return take_start(self.take, self.region)

    @property
    def by_number(self) -> "tuple[PlacedTake, ...]":
        """Every take of the region alone, in the order of the numbers they are known by: the first is take 1."""
        pairs = sorted(
            [(self.take, self.path), *self.alternatives],
            key=lambda pair: (pair[0].job.seed, pair[0].made, pair[0].key),
        )
        return tuple(PlacedTake(region=self.region, take=take, path=path) for take, path in pairs)
