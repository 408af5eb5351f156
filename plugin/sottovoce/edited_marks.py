"""A source that changed on disk, with what was edited in its working copy since that was made."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sottovoce_engine.editing.merging import Merged, merged
from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Region, checked
from sottovoce_otio.matching import matched
from sottovoce_otio.timeline import LoadedTimeline
from sottovoce_otio.working_copy import WorkingCopy


def with_edits(
    source: LoadedTimeline, edited: LoadedTimeline, working: WorkingCopy
) -> tuple[LoadedTimeline, tuple[str, ...]]:
    """The source as it is now with the copy's edits, and what a person should know of it.

    Args:
        source: As it was read now.
        edited: The working copy's own marks.
        working: What it notes: the regions of the source it was made from, the base of both.
    """
    base, ours = working.regions, edited.marked_scene.regions
    if ours == base:
        return source, ()
    new_ids = matched(base, source.scene.regions).new_ids
    both = merged(_renamed(base, new_ids), _renamed(ours, new_ids), source.marked_scene.regions)
    finished = tuple(region for region in both.regions if region.line.strip())
    voices = tuple({voice.name: voice for voice in (*edited.scene.voices, *source.scene.voices)}.values())
    scene = replace(source.scene, voices=voices).with_regions(finished)
    try:
        checked(scene)
    except InputError as error:
        return source, (f"What was edited here does not fit the timeline as it is now, and is left out: {error}",)
    unfinished = tuple(region for region in both.regions if not region.line.strip())
    return replace(source, scene=scene, unfinished=unfinished), tuple(_remarks(both))


def _renamed(regions: Iterable[Region], new_ids: Mapping[str, str]) -> tuple[Region, ...]:
    return tuple(replace(region, id=new_ids.get(region.id, region.id)) for region in regions)


def _remarks(both: Merged) -> Iterable[str]:
    regions = {region.id: region for region in both.regions}
    for conflict in both.conflicts:
        region = regions[conflict.region_id]
        yield (
            f"'{region.line[:40]}' ({region.voice}): its {conflict.name} was changed here and in the timeline; "
            f"{conflict.ours!r} holds, the timeline says {conflict.theirs!r}."
        )
    for region_id in both.revived:
        region = regions[region_id]
        yield f"'{region.line[:40]}' ({region.voice}) was removed in one place and changed in the other: it stays."
