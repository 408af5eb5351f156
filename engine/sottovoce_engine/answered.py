"""What a take answers as it is marked now: its region, or the part of a long one."""

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.starts import OVERLAPS
from sottovoce_engine.take import Take
from sottovoce_engine.windows import parts_in, whole_region_id


def region_now(take: Take, scene: Scene, overlap_frames: int = OVERLAPS[-1]) -> Region:
    """The region, or part of one, that a take answers; as it was rendered where that is gone.

    Args:
        take: The take.
        scene: As marked, with its regions whole.
        overlap_frames: Model frames that a take shares with the one it continues from.
    """
    rendered = take.job.region
    regions = {region.id: region for region in scene.regions}
    if rendered.id in regions:
        return regions[rendered.id]
    whole = regions.get(whole_region_id(rendered.id))
    if whole is None:
        return rendered
    try:
        parts = parts_in(whole, scene, overlap_frames)
    except InputError:  # it cannot be split any more
        return rendered
    return next((part for part in parts if part.id == rendered.id), rendered)
