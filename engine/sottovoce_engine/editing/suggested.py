"""Regions that were suggested, taken over: beside what is marked, never over it.

marked      |###A###|            |##B##|
suggested       |--x--|   |--C--|              a suggestion over a mark is left out
both        |###A###|     |##C##||##B##|
"""

from collections.abc import Iterable

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.scene import Region, Voice


def with_suggested(draft: Draft, regions: Iterable[Region], voices: Iterable[Voice]) -> Draft:
    """The draft with those of the regions that lie over none of its own, and the voices they need.

    Args:
        draft: As it is now; it may have changed since its sound was listened to.
        regions: Of one voice, none lies over another.
        voices: Who speaks in them, where the scene does not know that voice yet.
    """
    ids = {region.id for region in draft.regions}
    free = [
        region
        for region in regions
        if region.id not in ids and not any(region.span.overlaps(there.span) for there in draft.regions)
    ]
    known, speaking = {voice.name for voice in draft.scene.voices}, {region.voice for region in free}
    new = {voice.name: voice for voice in voices if voice.name in speaking - known}
    return draft.with_voices((*draft.scene.voices, *new.values())).with_regions((*draft.regions, *free))
