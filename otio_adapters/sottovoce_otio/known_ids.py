"""Regions under the ids they had. A take knows its region by id, and a mark that was typed has none but what it says.

noted        [c671 ANNA close your eyes]
read again        [d458 ANNA close your eyes]      the same words elsewhere: another id is made of them
known as          [c671 ANNA close your eyes]
"""

from collections.abc import Mapping
from dataclasses import replace

from sottovoce_engine.scene import Region
from sottovoce_otio.timeline import LoadedTimeline


def with_known_ids(loaded: LoadedTimeline, ids: Mapping[str, str]) -> LoadedTimeline:
    """A timeline as read, its regions and their marks under other ids.

    Args:
        loaded: Unchanged.
        ids: The id a region had, by the one it was read with; regions that are not in it keep theirs.
    """

    def known(region: Region) -> Region:
        return replace(region, id=ids.get(region.id, region.id))

    return replace(
        loaded,
        scene=loaded.scene.with_regions(tuple(map(known, loaded.scene.regions))),
        unfinished=tuple(map(known, loaded.unfinished)),
        marks=tuple(replace(mark, region_id=ids.get(mark.region_id, mark.region_id)) for mark in loaded.marks),
    )
