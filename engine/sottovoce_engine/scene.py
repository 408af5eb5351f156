"""The scene: what the editor marked, and the timeline it was marked on, flattened to frame-exact pieces.

scene frames   0         48        96       144       192
pictures       |== street.mov ==|~~~|=== kitchen.mov ===|      ~ dissolve
sounds A1      |== street.mov ==|   |=== kitchen.mov ===|      dialogue
sounds A2      |============== music.wav ===============|
regions             [ANNA whisper]     [BEN loud]
"""

import itertools
from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Self

from sottovoce_engine.errors import InputError
from sottovoce_engine.timing import Span, can_drop_frames

MAX_LINE_CHARACTERS = 2_000
MAX_SEED = 2**31 - 1
MAX_TRIM_DB = 6.0  # more would lift a whisper's hiss into the scene


class Gender(StrEnum):
    """The two words the LoRA was trained with."""

    WOMAN = "woman"
    MAN = "man"


class PictureMode(StrEnum):
    """Where a region's picture comes from."""

    LOCK = "lock"  # the timeline's own picture stays untouched; only the sound is new
    CUT = "cut"  # the region's take brings its own picture
    CONTINUE = "continue"  # as cut, starting from the last frames of the region before
    START = "start"  # as cut, starting from the timeline's own picture under the region's first frame
    SHOT = "shot"  # one rendered picture for this region and its neighbours, then as lock

    @property
    def stays(self) -> bool:
        """Whether regions lie over a picture that is there without them, so that their takes are sound alone."""
        return self in (PictureMode.LOCK, PictureMode.SHOT)

    @property
    def of_take(self) -> "PictureMode":
        """The mode of the region's takes, which do not ask where a picture that stays comes from."""
        return PictureMode.LOCK if self.stays else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """Picture size in square pixels."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 16 or max(self.width, self.height) > 16_384:
            raise InputError(f"The picture size is {self}. Both sides must lie between 16 and 16384 pixels.")
        if self.width % 2 or self.height % 2:
            raise InputError(
                f"The picture size is {self}. Both sides must be even: video codecs store colour at half width."
            )

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks."""

    name: str
    gender: Gender
    sound: str = ""  # a few words on how they sound: "low, tired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A span of the timeline with one line, one voice, one register."""

    id: str  # at least 8 hex digits; travels through hosts as [SV:1f0c9a42]
    span: Span  # scene frames
    register: str
    voice: str
    line: str
    look: str = ""
    location: str = ""  # where it sounds from; room tone belongs to it. "" = by look or footage
    cue: str = ""
    picture: PictureMode | None = None  # None: lock where the timeline has a picture, else cut
    seed: int | None = None  # None: the render's own
    lead_frames: int = 0  # the sound starts this much before the picture (J cut)
    tail_frames: int = 0  # the sound ends this much after the picture (L cut)
    gain_db: float = 0.0  # the editor's own trim on top of the scene's levels, within ±6
    length_guessed: bool = False  # the mark was a point; the length is an estimate

    @property
    def sound_span(self) -> Span:
        """The scene frames over which its own sound is wanted: its lead and tail included."""
        return self.span.grown(self.lead_frames, self.tail_frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRange:
    """A place in a media file. `start` counts from the file's first frame or sample, not from its timecode."""

    path: str  # absolute path of a local file; "" where the timeline names no usable media
    start: Fraction  # seconds, exact


BLACK = MediaRange(path=":black:", start=Fraction(0))  # one side of a fade from or to black; no file


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePiece:
    """What the timeline shows over `span`: the topmost enabled picture."""

    span: Span  # scene frames
    source: MediaRange
    clip: str  # the clip's name, for messages
    dissolve_from: MediaRange | None = None  # the outgoing picture, where this piece lies in a dissolve
    dissolve: Span | None = None  # scene frames of the whole dissolve; the mix runs 0..1 over it
    approximate: bool = False  # a retime or an effect of the source is not reproduced
    shot_frames: int = 0  # of its file, where that is a shot of ours: in the form of takes, and handed back beside them

    @property
    def is_shot(self) -> bool:
        """Whether it was rendered for several regions, and is not the timeline's own."""
        return self.shot_frames > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPiece:
    """What one sound track plays over `span`. Pieces of several tracks, and in crossfades of one, overlap."""

    span: Span  # scene frames, crossfades included
    source: MediaRange
    track: str
    clip: str
    dialogue: bool  # replaced under a region; everything else stays audible
    fade_in: Span | None = None  # scene frames of the crossfade this piece rises over
    fade_out: Span | None = None  # scene frames of the crossfade this piece falls over
    gain_db: float = 0.0
    approximate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneMark:
    """A stretch of production sound the editor marked as a location's room tone."""

    location: str
    source: MediaRange
    seconds: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceAnchor:
    """Sound of a voice, picked by the editor, that new takes of it are held to: a take, or a stretch of a file."""

    voice: str
    take: str = ""  # its key; "" where it is a stretch of a file
    source: MediaRange | None = None
    seconds: Fraction | None = None  # of the stretch; None: to the file's end

    def __post_init__(self) -> None:
        if bool(self.take) == (self.source is not None):
            raise ValueError("an anchor is a take or a stretch of a file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A marked timeline, read once. Frames count from 0 at its first frame."""

    name: str
    rate: Fraction
    length_frames: int
    raster: Raster
    start_frame: int = 0  # the timecode of the first frame, as a frame number
    drop_frame: bool = False
    voices: tuple[Voice, ...] = ()
    regions: tuple[Region, ...] = ()  # by span, then by id
    pictures: tuple[PicturePiece, ...] = ()  # in order; they never overlap
    sounds: tuple[SoundPiece, ...] = ()
    tones: tuple[ToneMark, ...] = ()
    anchors: tuple[VoiceAnchor, ...] = ()  # at most one for a voice
    notes: tuple[str, ...] = ()  # what was approximated, guessed or left out

    def __post_init__(self) -> None:
        for before, after in itertools.pairwise(self.pictures):
            if after.span.start < before.span.end:
                raise ValueError(f"picture pieces must come in order and not overlap: {before.span}, {after.span}")

    def voice(self, name: str) -> Voice:
        """The voice of that name. Reading a scene makes sure that every region's voice exists."""
        return next(voice for voice in self.voices if voice.name == name)

    def region(self, region_id: str) -> Region:
        """The region of that id.

        Raises:
            InputError: No region has it.
        """
        found = next((region for region in self.regions if region.id == region_id), None)
        if found is None:
            known = ", ".join(region.id for region in self.regions[:12]) or "none"
            more = f" and {len(self.regions) - 12} more" if len(self.regions) > 12 else ""
            raise InputError(f"No region has the id '{region_id}'. This timeline's regions: {known}{more}.")
        return found

    def with_regions(self, regions: tuple[Region, ...]) -> Self:
        return replace(self, regions=tuple(sorted(regions, key=_place)))

    def with_picture(self, mode: PictureMode | None) -> Self:
        """The scene where regions that do not say where their picture comes from say `mode`; itself with None."""
        if mode is None:
            return self
        said = (region if region.picture is not None else replace(region, picture=mode) for region in self.regions)
        return self.with_regions(tuple(said))

    def has_picture(self, span: Span) -> bool:
        """Whether the timeline itself shows a picture anywhere under `span`."""
        last = bisect_right(self.pictures, span.end - 1, key=lambda piece: piece.span.start) - 1
        return last >= 0 and self.pictures[last].span.overlaps(span)

    def picture_at(self, frame: int) -> PicturePiece | None:
        """What the timeline itself shows at a scene frame."""
        last = bisect_right(self.pictures, frame, key=lambda piece: piece.span.start) - 1
        return self.pictures[last] if last >= 0 and frame < self.pictures[last].span.end else None

    def picture_mode(self, region: Region) -> PictureMode:
        """The mode in force: the region's own wish, else lock over a picture and cut over none.

        A shot is rendered only where there is no picture.
        """
        if region.picture not in (None, PictureMode.SHOT):
            return region.picture
        if self.has_picture(region.span):
            return PictureMode.LOCK
        return region.picture or PictureMode.CUT


def checked(scene: Scene) -> Scene:
    """`scene`, after the rules that no single value can check.

    Raises:
        InputError: Drop-frame timecode at a rate that has none, two voices of one name, two regions that
            share an id, overlapping regions of one voice, or a region that cannot be rendered.
    """
    if scene.drop_frame and not can_drop_frames(scene.rate):
        raise InputError(
            f"Drop-frame timecode was asked for at {float(scene.rate):g} frames a second; it exists only at 29.97 and "
            "59.94. Leave it off."
        )
    voices = _voices_by_name(scene)
    seen: dict[str, Region] = {}
    last_of_voice: dict[str, Region] = {}
    for region in sorted(scene.regions, key=_place):
        if region.id in seen:
            raise InputError(
                f"Two regions have the id '{region.id}': '{_short(seen[region.id].line)}' and '{_short(region.line)}'. "
                "Remove the [SV:…] tag from the copy and it gets an id of its own."
            )
        seen[region.id] = region
        _check_line(region)
        _check_span(scene, region)
        checked_region(region)
        if region.voice not in voices:
            raise InputError(f"{_where(region)} has a voice that the scene does not know. {_known(voices)}")
        previous = last_of_voice.get(region.voice)
        if previous is not None and previous.span.overlaps(region.span):
            raise InputError(
                f"Two regions of {region.voice} overlap: '{_short(previous.line)}' ends at frame {previous.span.end} and "
                f"'{_short(region.line)}' starts at frame {region.span.start}. One voice says one line at a time: move or trim one."
            )
        last_of_voice[region.voice] = region
    return scene


def _voices_by_name(scene: Scene) -> dict[str, Voice]:
    voices: dict[str, Voice] = {}
    for voice in scene.voices:
        if not voice.name.strip():
            raise InputError(f"A {voice.gender} among the voices has no name. Give every voice one.")
        if voices.setdefault(voice.name, voice) is not voice:
            raise InputError(f"Two voices have the name '{voice.name}'. Rename one of them.")
    return voices


def _check_line(region: Region) -> None:
    if not region.line.strip():
        raise InputError(
            f"The region of {region.voice} at frame {region.span.start} has no line. Write what is said into the mark, "
            'such as "whisper: close your eyes".'
        )
    if not any(character.isalnum() for character in region.line):
        raise InputError(f"{_where(region)} has nothing that can be said. Write words into the mark.")
    if len(region.line) > MAX_LINE_CHARACTERS:
        raise InputError(
            f"{_where(region)} has a line of {len(region.line):,} characters; at most {MAX_LINE_CHARACTERS:,} can be "
            "spoken in one region. Split it into several."
        )


def _check_span(scene: Scene, region: Region) -> None:
    if region.span.length < 1:
        raise InputError(
            f"{_where(region)} has no length. Drag its end, or make it a point mark to have its length guessed."
        )
    if region.span.start < 0 or region.span.end > scene.length_frames:
        raise InputError(
            f"{_where(region)} runs from frame {region.span.start} to {region.span.end}, but the timeline runs from 0 to "
            f"{scene.length_frames}. Move the mark inside it."
        )


def checked_region(region: Region) -> Region:
    """`region`, its numbers within their ranges.

    Raises:
        InputError: One is not.
    """
    if region.seed is not None and not 0 <= region.seed <= MAX_SEED:
        raise InputError(f"{_where(region)} has the seed {region.seed}. Give a whole number from 0 to {MAX_SEED}.")
    if not -MAX_TRIM_DB <= region.gain_db <= MAX_TRIM_DB:
        raise InputError(f"{_where(region)} is trimmed by {region.gain_db:g} dB. Give a value from -6 to 6.")
    if region.lead_frames < 0 or region.tail_frames < 0:
        raise InputError(
            f"{_where(region)} has a lead of {region.lead_frames} and a tail of {region.tail_frames} frames. Give 0 or more."
        )
    return region


def _where(region: Region) -> str:
    return f"The region '{_short(region.line)}' ({region.voice}, frame {region.span.start})"


def _known(voices: dict[str, Voice]) -> str:
    return f"Known: {', '.join(voices)}." if voices else "It knows none."


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _place(region: Region) -> tuple[int, int, str]:
    """By span, then by id; as numbers, which are put in order six times as fast: every edit does so with all."""
    return region.span.start, region.span.end, region.id
