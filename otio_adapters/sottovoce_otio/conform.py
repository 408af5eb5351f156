"""The regions of a timeline, placed on the new cut of it.

old cut's regions  ── by the material under them ──►  their places on the new cut
new cut's marks    ── by id, else by their words ──►  what was edited there; the marks that are new

Hosts leave marks where they were when clips move: a mark that lies where the old cut had it goes with its material. One
that lies elsewhere was moved, by a person or with its clip, and stays there; so does one whose material is gone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sottovoce_engine.conform import Fate, Placement, placements
from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Region, Scene, Voice, checked
from sottovoce_otio.collector import collector_paused
from sottovoce_otio.conform_ground import ground_of
from sottovoce_otio.conform_media import Found, laid_for, media_found
from sottovoce_otio.matching import Differences, matched
from sottovoce_otio.timeline import LoadedTimeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformed:
    """The new cut with the old one's regions on it."""

    scene: Scene  # the new cut's
    placements: tuple[Placement, ...]  # of every region of the old cut
    marked: tuple[Region, ...]  # those that lie where the new cut marks them, whatever their material says
    new: tuple[Region, ...]  # only the new cut has them
    edited: tuple[str, ...]  # ids of regions that say something else in the new cut
    media: tuple[Found, ...]
    notes: tuple[str, ...]

    @property
    def related(self) -> bool:
        """Whether the new cut has any of the old one's regions."""
        return bool(self.marked) or any(each.fate is not Fate.LOST for each in self.placements)


def conformed(old: LoadedTimeline, new: LoadedTimeline) -> Conformed:
    """The new cut's scene with the old one's regions in it; neither timeline is changed.

    Raises:
        InputError: The two run at different rates.
    """
    before, after = old.scene, new.scene
    if before.rate != after.rate:
        raise InputError(
            f"'{old.path.name}' runs at {float(before.rate):.5g} frames a second and '{new.path.name}' at "
            f"{float(after.rate):.5g}. Takes fit only the rate they were made at: export the new cut at {float(before.rate):.5g}."
        )
    with collector_paused():
        placed, media = _placed(old, new)
    marks = matched(before.regions, after.regions)
    regions, marked = _regions(placed, marks)
    added = tuple(_without_overlaps(marks.new, (*regions, *marked)))
    there = {region.id: region for region in (*regions, *marked, *added)}
    return Conformed(
        scene=_scene(before, after, tuple(there.values())),
        placements=tuple(_in_the_way(each) if each.region.id not in there else each for each in placed),
        marked=marked,
        new=added,
        edited=tuple(match.before.id for match in marks.edited if _edited(match.before, match.after) != match.before),
        media=media,
        notes=(*_notes(before, after, marks, there), *_unfinished(old)),
    )


def _placed(old: LoadedTimeline, new: LoadedTimeline) -> tuple[tuple[Placement, ...], tuple[Found, ...]]:
    """Where the regions' material lies in the new cut, and which sources both have."""
    ground, new_ground = ground_of(old), ground_of(new)
    media = media_found(ground, new_ground)
    placed = placements(
        old.scene.regions,
        laid_for(ground, media_found(ground, ground)),
        laid_for(new_ground, media),
        old.scene.rate,
        new.scene.length_frames,
    )
    return placed, media


def _regions(placed: Iterable[Placement], marks: Differences) -> tuple[tuple[Region, ...], tuple[Region, ...]]:
    """Regions where their material lies, and those that lie where the new cut's own marks have them.

    A mark that lies where it lay was left behind, or its material stayed; one that does not was moved, by a person or
    with its clip.
    """
    said = {match.before.id: match.after for match in marks.matches}
    by_material, by_mark = [], []
    for each in placed:
        mark = said.get(each.region.id)
        region = _edited(each.region, mark)
        if mark is not None and mark.span != each.span and (each.span is None or mark.span != each.region.span):
            by_mark.append(replace(region, span=mark.span))
        elif each.span is not None:
            by_material.append(replace(region, span=each.span))
    return tuple(by_material), tuple(_without_overlaps(by_mark, by_material))


def _in_the_way(placement: Placement) -> Placement:
    """What is said of a region that has no place."""
    if placement.span is None:
        return placement
    why = f"another line of {placement.region.voice} lies where it would go"
    return Placement(region=placement.region, fate=Fate.LOST, why=why)


def _edited(region: Region, now: Region | None) -> Region:
    """The region with what the new cut's mark says otherwise; what hosts drop from marks stays as it was."""
    if now is None:
        return region
    voice = region.voice if now.voice.casefold() == region.voice.casefold() else now.voice
    return replace(
        region,
        register=now.register,
        voice=voice,
        line=now.line,
        cue=now.cue or region.cue,
        look=now.look or region.look,
        picture=now.picture or region.picture,
    )


def _without_overlaps(regions: Iterable[Region], there: Sequence[Region]) -> Iterator[Region]:
    """Those that lie over no other region of their voice, nor over one before them."""
    taken = list(there)
    for region in regions:
        if not any(
            other.id == region.id
            or (other.voice.casefold() == region.voice.casefold() and other.span.overlaps(region.span))
            for other in taken
        ):
            taken.append(region)
            yield region


def _scene(before: Scene, after: Scene, regions: Sequence[Region]) -> Scene:
    """The new cut's scene with these regions; voices as the old cut knows them, then those that are new."""
    known = {voice.name.casefold(): voice for voice in after.voices} | {
        voice.name.casefold(): voice for voice in before.voices
    }
    renamed = [replace(region, voice=known[region.voice.casefold()].name) for region in regions]
    used = {region.voice for region in renamed}
    voices: tuple[Voice, ...] = tuple(voice for voice in known.values() if voice.name in used)
    anchored = {anchor.voice for anchor in after.anchors}
    anchors = (*after.anchors, *(anchor for anchor in before.anchors if anchor.voice in used - anchored))
    return checked(replace(after, voices=voices, anchors=anchors).with_regions(tuple(renamed)))


def _unfinished(old: LoadedTimeline) -> Iterator[str]:
    if old.unfinished:
        yield f"marks of the old cut without a line yet: {len(old.unfinished)}; they were not taken over"


def _notes(before: Scene, after: Scene, marks: Differences, there: Mapping[str, Region]) -> Iterator[str]:
    if before.raster != after.raster:
        yield (
            f"the picture was {before.raster} and is {after.raster}: takes with a picture of their own are rendered again"
        )
    behind = [
        match.before
        for match in marks.matches
        if match.before.id in there and match.after.span == match.before.span != there[match.before.id].span
    ]
    if behind:
        yield f"{len(behind)} of the new cut's marks lay where the old cut had them and were moved onto their material"
    for region in marks.new:
        if region.id not in there:
            yield f"the new mark {region.id} '{region.line[:40]}' lies over another line of {region.voice} and was left out"
