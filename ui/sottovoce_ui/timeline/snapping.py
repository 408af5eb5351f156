"""Where an edge is drawn to: cuts, regions' edges, the playhead, in and out marks."""

from bisect import bisect_left
from collections.abc import Collection, Iterable

from sottovoce_engine.scene import Scene


def snap_frames(scene: Scene, *, without: Collection[str] = (), more: Iterable[int | None] = ()) -> tuple[int, ...]:
    """The scene frames that attract, in order; regions in `without` are being dragged and attract nothing."""
    found = {0, scene.length_frames}
    spans = [piece.span for piece in scene.pictures] + [piece.span for piece in scene.sounds]
    spans += [region.span for region in scene.regions if region.id not in without]
    for span in spans:
        found |= {span.start, span.end}
    found |= {frame for frame in more if frame is not None}
    return tuple(sorted(found))


def snapped(frame: int, attracting: tuple[int, ...], within: float) -> int:
    """The attracting frame nearest to `frame` where one is no farther than `within` frames, else `frame` itself."""
    index = bisect_left(attracting, frame)
    near = attracting[max(0, index - 1) : index + 1]
    best = min(near, key=lambda other: abs(other - frame), default=frame)
    return best if abs(best - frame) <= within else frame
