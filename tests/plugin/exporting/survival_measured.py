"""How much of the numbered scene comes back from each format, trait by trait."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from tests.otio_adapters.coded_media import write_coded_movie

from sottovoce.exporting.formats import FORMATS
from sottovoce.exporting.values import Export, Kept, Survival, Trait
from sottovoce_engine.progress import Job
from sottovoce_engine.scene import Region

from .numbered_scene import (
    ANNA_SPAN,
    BEN_SPAN,
    CUT,
    DISSOLVE,
    GAIN_DB,
    HANDLE,
    LENGTH,
    numbered_export,
)
from .read_back import READERS, Clip, ReadBack

_LOOKS = ("a dim room", "a wet street")
_COLOURS = {  # of the markers, in the words of each kind of program
    "grade me": ("PINK", "#ff69b4", "Pink"),
    "whisper": ("BLUE", "#3d6ee6", "Blue", "blue"),
    "shout": ("ORANGE", "#e6963d", "Sand", "red"),
}


def rich_export(folder: Path) -> Export:
    """The numbered scene with everything set that a region has, and a finished movie."""
    export = numbered_export(folder, Fraction(24))
    regions = tuple(replace(region, look=look) for region, look in zip(export.scene.regions, _LOOKS, strict=True))
    movie = write_coded_movie(folder / "spliced.mov", file=7, frames=LENGTH, rate=Fraction(24), hertz=300)
    scene = export.scene.with_regions(regions)
    return replace(export, name="exported", scene=scene, spliced=replace(export.spliced, movie=movie))


def measured(export: Export, folder: Path) -> dict[str, Survival]:
    """What survives in each format: written to `folder`, read back, compared."""
    found = {}
    for name, each in FORMATS.items():
        path = folder / f"{export.name}{each.suffix}"
        each.write(export, path, Job())
        found[name] = survival_in(READERS[name](path), export)
    return found


def survival_in(read: ReadBack, export: Export) -> Survival:
    """What of the scene is in a file that was read back."""
    return {trait: _kept(has(read, export)) for trait, has in _TRAITS.items()}


def _kept(found: Iterable[bool]) -> Kept:
    each = list(found)
    assert each, "a trait that the scene does not have cannot be measured"
    return Kept.ALL if all(each) else Kept.PARTLY if any(each) else Kept.NONE


def _truth(export: Export) -> Iterator[Clip]:
    """Every clip of the new timeline, as the numbered scene has it."""
    anna, ben = export.spliced.regions
    takes = [Path(each.placed.path).name for each in (anna, ben)]
    all_takes = [
        frozenset({file, Path(each.placed.alternatives[0][1]).name})
        for file, each in zip(takes, (anna, ben), strict=True)
    ]
    street, kitchen, tone = "street 100%.mov", "kitchen.mov", export.spliced.tone_stem.name

    def clip(
        track: str, start: int, end: int, file: str, first: int, *, is_sound: bool = True, enabled: bool = True
    ) -> Clip:
        return Clip(track=track, start=start, end=end, file=file, first=first, is_sound=is_sound, enabled=enabled)

    yield clip("V1", 0, CUT, street, 10, is_sound=False)
    yield clip("V1", CUT, LENGTH, kitchen, 30, is_sound=False)
    yield replace(clip("Sottovoce picture", *BEN_SPAN, takes[1], HANDLE, is_sound=False), takes=all_takes[1])
    yield clip("Dialogue", 0, ANNA_SPAN[0], street, 10)
    yield clip("Dialogue", *ANNA_SPAN, street, 10 + ANNA_SPAN[0], enabled=False)
    yield clip("Dialogue", ANNA_SPAN[1], CUT, street, 10 + ANNA_SPAN[1])
    yield clip("Dialogue", CUT, BEN_SPAN[0], kitchen, 30)
    yield clip("Dialogue", *BEN_SPAN, kitchen, 30 + BEN_SPAN[0] - CUT, enabled=False)
    yield clip("Dialogue", BEN_SPAN[1], LENGTH, kitchen, 30 + BEN_SPAN[1] - CUT)
    yield clip("Music", 0, LENGTH, "music.wav", 0)
    yield replace(clip("ANNA (Sottovoce)", *ANNA_SPAN, takes[0], HANDLE), takes=all_takes[0])
    yield replace(clip("BEN (Sottovoce)", *BEN_SPAN, takes[1], HANDLE), takes=all_takes[1])
    yield clip("Room tone (Sottovoce)", 0, LENGTH, tone, 0)


def _at_middle(clip: Clip, read: ReadBack) -> Clip | None:
    """The clip of the same kind that plays the same file at the middle of `clip`."""
    middle = (clip.start + clip.end) // 2
    there = (each for each in read.clips if each.start <= middle < each.end and each.is_sound == clip.is_sound)
    names = (clip.file, clip.file.replace("%", "_"))  # bundles have names that need no encoding
    return next((each for each in there if each.file in names), None)


def _frames(read: ReadBack, export: Export) -> Iterator[bool]:
    for clip in _truth(export):
        if clip.enabled:
            found = _at_middle(clip, read)
            middle = (clip.start + clip.end) // 2
            yield found is not None and found.first + middle - found.start == clip.first + middle - clip.start


def _takes(export: Export) -> list[Clip]:
    return [clip for clip in _truth(export) if clip.takes]


def _media(read: ReadBack, export: Export) -> Iterator[bool]:
    return (_at_middle(clip, read) is not None for clip in _truth(export) if clip.enabled)


def _tracks(read: ReadBack, export: Export) -> Iterator[bool]:
    there = {clip.track for clip in read.clips}
    return (clip.track in there for clip in _truth(export))


def _gains(read: ReadBack, export: Export) -> Iterator[bool]:
    for clip in _takes(export):
        if clip.is_sound:
            found = _at_middle(clip, read)
            yield found is not None and abs(found.gain_db - GAIN_DB) < 0.01


def _fades(read: ReadBack, export: Export) -> Iterator[bool]:
    for clip in _takes(export):
        if clip.is_sound:
            found = _at_middle(clip, read)
            yield found is not None and found.fades


def _other_takes(read: ReadBack, export: Export) -> Iterator[bool]:
    """All of a region's takes are there, where it lies."""
    for clip in _takes(export):
        at = [each for each in read.clips if each.start <= clip.start < each.end and each.is_sound == clip.is_sound]
        yield any(len(each.takes) == len(clip.takes) for each in at)


def _linked(read: ReadBack, export: Export) -> Iterator[bool]:
    ben = [clip for clip in _takes(export) if clip.start == BEN_SPAN[0]]
    found = [_at_middle(clip, read) for clip in ben]
    links = {each.link for each in found if each is not None}
    yield len(links) == 1 and links != {""}


def _disabled(read: ReadBack, export: Export) -> Iterator[bool]:
    for clip in _truth(export):
        if not clip.enabled:
            found = _at_middle(clip, read)
            yield found is not None and not found.enabled


def _tone(read: ReadBack, export: Export) -> Iterator[bool]:
    tone = next(clip for clip in _truth(export) if clip.track.startswith("Room tone"))
    yield _at_middle(tone, read) is not None


def _spans(read: ReadBack, export: Export) -> Iterator[bool]:
    there = {(mark.start, mark.end) for mark in read.marks}
    return ((region.span.start, region.span.end) in there for region in export.scene.regions)


def _said(value: Callable[[Region], str]) -> Callable[[ReadBack, Export], Iterator[bool]]:
    """Whether a region's value is written where the region starts; regions that have none do not count."""

    def has(read: ReadBack, export: Export) -> Iterator[bool]:
        for region in export.scene.regions:
            if value(region):
                written = [mark.everything for mark in read.marks if mark.start == region.span.start]
                yield any(value(region) in text for text in written)

    return has


def _text(field: str, own: str) -> Callable[[ReadBack, Export], Iterator[bool]]:
    """Whether a text of the editor's own marker, and of those of regions, is where it was."""

    def has(read: ReadBack, export: Export) -> Iterator[bool]:
        at = {mark.start: getattr(mark, field) for mark in read.marks}
        yield own in at.get(10, "")
        for region in export.scene.regions:
            yield f"[SV:{region.id}]" in at.get(region.span.start, "")

    return has


def _colours(read: ReadBack, export: Export) -> Iterator[bool]:
    at = {mark.start: mark.colour for mark in read.marks}
    yield at.get(10) in _COLOURS["grade me"]
    for region in export.scene.regions:
        yield at.get(region.span.start) in _COLOURS[region.register]


_TRAITS: Mapping[Trait, Callable[[ReadBack, Export], Iterable[bool]]] = {
    Trait.RATE: lambda read, export: [read.rate == export.scene.rate],
    Trait.START_TIMECODE: lambda read, _: [read.start_timecode == "01:00:00:00"],
    Trait.FRAMES: _frames,
    Trait.MEDIA: _media,
    Trait.TRACKS: _tracks,
    Trait.DISSOLVES: lambda read, _: [DISSOLVE in read.dissolves],
    Trait.GAINS: _gains,
    Trait.FADES: _fades,
    Trait.TAKES: _other_takes,
    Trait.LINKED: _linked,
    Trait.DISABLED: _disabled,
    Trait.TONE: _tone,
    Trait.REGION_SPAN: _spans,
    Trait.REGION_ID: _said(lambda region: region.id),
    Trait.VOICE: _said(lambda region: region.voice),
    Trait.REGISTER: _said(lambda region: region.register),
    Trait.LINE: _said(lambda region: region.line),
    Trait.CUE: _said(lambda region: region.cue),
    Trait.LOOK: _said(lambda region: region.look),
    Trait.NAME: _text("name", "grade me"),
    Trait.COMMENT: _text("comment", "warmer"),
    Trait.COLOUR: _colours,
    Trait.METADATA: lambda read, _: ['"episode": 7' in read.everything, '"KITCHEN"' in read.everything],
}
