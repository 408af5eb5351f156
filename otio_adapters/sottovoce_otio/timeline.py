"""A timeline file as a scene.

file ──► OTIO ──► layout ──► marks ───────────────► regions ──► scene
                    └─ without what we added earlier ──► pictures, sounds ─┘
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from sottovoce_engine.errors import InputError, SottovoceError, nearest
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import PicturePiece, Raster, Region, Scene, Voice, checked
from sottovoce_otio.bundles import UnpackingFolder, unpacking_folder
from sottovoce_otio.cast import cast_of
from sottovoce_otio.collector import collector_paused
from sottovoce_otio.earlier import take_back
from sottovoce_otio.facts import (
    drop_frame_of,
    even_raster,
    global_start_of,
    raster_in_metadata,
    rate_of,
)
from sottovoce_otio.files import OpenedFile, opened_file
from sottovoce_otio.flatten import Flattening, pictures_of
from sottovoce_otio.found_marks import FoundMark, MarkFinder, counted_from_first_frame
from sottovoce_otio.layout import Placed, Plain, layout_of, schema_of
from sottovoce_otio.marks import vocabulary
from sottovoce_otio.ours import anchors_from_metadata, own_entry, raster_from_metadata, voices_from_metadata
from sottovoce_otio.plain import plain_object
from sottovoce_otio.recognising import has_ours
from sottovoce_otio.references import MediaFinder
from sottovoce_otio.regions import MarkedRegion, marked_regions, tone_marks
from sottovoce_otio.said_marks import SaidMark
from sottovoce_otio.sounds import sounds_of
from sottovoce_otio.suffixes import LINE_SUFFIXES
from sottovoce_otio.times import frame_near

DEFAULT_RASTER = Raster(width=1280, height=720)

_PROBED = 8  # pictures that are looked at for their size before it is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the person says about a timeline beyond what stands in it."""

    drop_frame: bool | None = None  # None: as the timeline's metadata say
    voices: tuple[Voice, ...] = ()
    dialogue_tracks: tuple[str, ...] = ()  # names of audio tracks; empty: by their names
    raster: Raster | None = None  # where neither the timeline nor its pictures have a size
    timeline: str = ""  # which one, where a file holds several
    rate: Fraction | None = None  # of a file that counts no frames; None: 24
    encoding: str = ""  # of a text file; "": found out
    cache_folder: Path | None = None  # where media of an .otioz are unpacked to; None: a temporary folder
    relinked: Mapping[str, str] = field(default_factory=dict)  # paths of missing media, and where the files are now
    unpack_media: bool = True  # False: leave them packed, to read regions only


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMark:
    """A marker of the timeline that is one of our regions or room tones, and where it hangs.

    `address` leads from `timeline.tracks` to the item that owns the marker, one child index per level:
    () is the stack itself, (0,) its first track, (0, 3) that track's fourth child.
    """

    region_id: str  # "" for a room tone
    address: tuple[int, ...]
    index: int  # in the item's `markers`


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTimeline:
    """What a timeline file holds: the scene, and the OTIO object it came from, untouched."""

    scene: Scene
    timeline: Any  # otio.schema.Timeline; never changed: outputs are written into a clone
    path: Path
    digest: str  # SHA-256, hex: of an .otio; of an .otioz's timeline and list of members
    media_root: Path  # relative media paths are resolved against this folder
    relinked: Mapping[str, str] = field(default_factory=dict)  # paths of missing media, and where the files are now
    marks: tuple[ReadMark, ...] = ()
    unfinished: tuple[Region, ...] = ()  # marked in the panel, their lines not typed yet; no part of the scene
    unpacked: UnpackingFolder | None = None  # a temporary folder that lives as long as this value

    @property
    def marked_scene(self) -> Scene:
        """The scene with the unfinished regions, too: what is written back into a timeline."""
        return self.scene.with_regions((*self.scene.regions, *self.unfinished))


def read_timeline(path: Path, registers: RegisterTable, options: ReadOptions | None = None) -> LoadedTimeline:
    """The scene of an `.otio` or `.otioz` file, or of a file of lines, such as subtitles.

    A timeline that we wrote reads as the one it was made from: our own tracks are left out, and the
    dialogue we silenced counts as it did. Where all marks were taken off it, our tracks are sounds and
    pictures like others.

    Args:
        path: The file; it is only read.
        registers: The registers that marks may name.
        options: What the person says.

    Raises:
        InputError: The file or a mark cannot be used as it is.
        SetupError: The media of an .otioz cannot be unpacked.
    """
    options = options or ReadOptions()
    with collector_paused():
        return _read(_opened(path, registers, options), registers, options)


def read_object(timeline: Any, registers: RegisterTable, options: ReadOptions | None = None) -> LoadedTimeline:
    """As `read_timeline`, of an `otio.schema.Timeline` that lies in no file; relative media start from where we are.

    Raises:
        InputError: The timeline or a mark cannot be used as it is.
    """
    path = Path(timeline.name or "timeline").absolute()
    opened = OpenedFile(timeline=timeline, plain=plain_object(timeline), path=path, digest="", bundle=None)
    return _read(opened, registers, options or ReadOptions())


def _opened(path: Path, registers: RegisterTable, options: ReadOptions) -> OpenedFile:
    if path.suffix.lower() not in LINE_SUFFIXES:
        return opened_file(path, options.timeline)
    from sottovoce_otio.incoming.reading import LineReading, opened_lines  # here: only lines need their libraries

    reading = LineReading(registers=registers, rate=options.rate, voices=options.voices, encoding=options.encoding)
    return opened_lines(path, reading)


def _read(opened: OpenedFile, registers: RegisterTable, options: ReadOptions) -> LoadedTimeline:
    timeline, notes = opened.plain, dict.fromkeys(opened.notes)
    layout = layout_of(timeline)
    rate = rate_of(timeline, layout, notes)
    declared = _declared_voices(timeline, options)
    marks = _marks(layout, rate, registers, declared, notes)
    marks = counted_from_first_frame(marks, layout, global_start_of(timeline), notes)
    unpacked = unpacking_folder(opened.bundle, options.cache_folder, opened.digest) if options.unpack_media else None
    media = _media_finder(opened, unpacked, options.relinked)
    footage = layout_of(_without_ours(opened.timeline)) if marks and has_ours(layout) else layout
    flattening = Flattening(rate=rate, media=media, notes=notes)
    pictures = pictures_of(footage, flattening)
    sounds = sounds_of(footage, pictures, _dialogue_tracks(layout, options), flattening)
    cast = cast_of((mark.said.spoken for mark in marks if isinstance(mark.said, SaidMark)), declared)
    notes.update(media.notes | dict.fromkeys(cast.notes))
    scene = Scene(
        name=timeline.get("name") or opened.path.stem,
        rate=rate,
        length_frames=frame_near(layout.end, rate),
        raster=_raster(timeline, pictures, footage, options, notes),
        start_frame=max(0, frame_near(global_start_of(timeline), rate)),
        drop_frame=drop_frame_of(timeline, rate, options.drop_frame, notes),
        voices=cast.voices,
        anchors=anchors_from_metadata(_own(timeline) or {}, "The timeline"),
        pictures=pictures,
        sounds=sounds,
    )
    regions = marked_regions(marks, cast, scene, notes)
    unfinished = [each for each in regions if _is_unfinished(each)]
    if unfinished:
        notes[f"marks without a line yet: {len(unfinished)}; they are not rendered"] = None
    tones = tone_marks(marks, scene, notes)
    scene = replace(scene, tones=tuple(tone for tone, _ in tones), notes=tuple(notes))
    return LoadedTimeline(
        scene=checked(scene.with_regions(tuple(each.region for each in regions if not _is_unfinished(each)))),
        timeline=opened.timeline,
        path=opened.path,
        digest=opened.digest,
        media_root=media.root,
        relinked=options.relinked,
        marks=_read_marks(regions, [mark for _, mark in tones]),
        unfinished=tuple(each.region for each in unfinished),
        unpacked=unpacked,
    )


def _is_unfinished(each: MarkedRegion) -> bool:
    """Whether a mark has no line yet and need not: one in our own form, not one that a person typed in a host."""
    return not each.region.line.strip() and all(
        isinstance(mark.said, SaidMark) and mark.said.region is not None for mark in each.marks
    )


def _declared_voices(timeline: Plain, options: ReadOptions) -> tuple[Voice, ...]:
    """What the person said counts before what an earlier version of ours noted."""
    own = _own(timeline)
    noted = () if own is None else voices_from_metadata(own, "The timeline")
    return (*options.voices, *noted)


def _marks(
    layout: Placed, rate: Fraction, registers: RegisterTable, declared: Sequence[Voice], notes: dict[str, None]
) -> list[FoundMark]:
    """The timeline's marks; read twice where some name a voice that only others make known."""
    names = [voice.name for voice in declared]
    finder = MarkFinder(known=vocabulary(registers, names), rate=rate, notes={})
    found = list(finder.found_in(layout))
    spoken = {mark.said.spoken.voice for mark in found if isinstance(mark.said, SaidMark)} - {"", *names}
    if finder.unread and spoken:
        finder = MarkFinder(known=vocabulary(registers, (*names, *spoken)), rate=rate, notes={})
        found = list(finder.found_in(layout))
    notes.update(finder.notes)
    return found


def _media_finder(opened: OpenedFile, unpacked: UnpackingFolder | None, relinked: Mapping[str, str]) -> MediaFinder:
    if opened.bundle is None:
        return MediaFinder(root=opened.path.parent, relinked=relinked)
    cache = None if unpacked is None else unpacked.path
    return MediaFinder(root=cache or opened.path.parent, bundle=opened.bundle, cache=cache, relinked=relinked)


def _own(item: Plain) -> Plain | None:
    return own_entry(item.get("metadata") or {}, f"The {schema_of(item).lower()} '{item.get('name')}'")


def _without_ours(timeline: Any) -> Plain:
    plain = plain_object(timeline)
    take_back(plain)
    return plain


def _dialogue_tracks(layout: Placed, options: ReadOptions) -> tuple[str, ...]:
    """The tracks asked for, all of which must be there."""
    there = {placed.name for placed in layout.everything() if placed.schema == "Track"}
    folded = {name.casefold() for name in there}
    for name in options.dialogue_tracks:
        if name.casefold() not in folded:
            raise InputError(f"No track is named '{name}'. {nearest(name, sorted(filter(None, there)))}")
    return options.dialogue_tracks


def _raster(
    timeline: Plain, pictures: Sequence[PicturePiece], layout: Placed, options: ReadOptions, notes: dict[str, None]
) -> Raster:
    """The picture size: the timeline's or its first clip's metadata, else its pictures', else what was asked for."""
    own = _own(timeline)
    ours = None if own is None else raster_from_metadata(own, "The timeline")
    if ours is not None:
        return ours
    said = raster_in_metadata(timeline, layout)
    size = said or _probed_size(pictures)
    if size is not None:
        return even_raster(*size, notes)
    if options.raster is not None:
        return options.raster
    notes[f"nothing says how large the picture is: {DEFAULT_RASTER} assumed"] = None
    return DEFAULT_RASTER


def _probed_size(pictures: Sequence[PicturePiece]) -> tuple[int, int] | None:
    """The size of the first picture that can be opened."""
    from sottovoce_engine.media.probe import probe  # here: opening media is the only thing that needs PyAV

    paths = dict.fromkeys(piece.source.path for piece in pictures if piece.source.path)
    for path in list(paths)[:_PROBED]:
        try:
            picture = probe(path).picture
        except SottovoceError:
            continue  # the splice says what is wrong with it, if it is needed
        if picture is not None:
            return picture.raster.width, picture.raster.height
    return None


def _read_marks(regions: Sequence[MarkedRegion], tones: Sequence[FoundMark]) -> tuple[ReadMark, ...]:
    found = [(each.region.id, mark) for each in regions for mark in each.marks]
    found += [("", mark) for mark in tones]
    return tuple(
        ReadMark(region_id=region_id, address=mark.owner.address, index=mark.index) for region_id, mark in found
    )
