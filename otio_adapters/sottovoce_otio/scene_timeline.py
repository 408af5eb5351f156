"""The new timeline: a clone of the editor's own, with the chosen takes on tracks of their own.

V2  Sottovoce picture        |        |== take ==|                    |
V1  the source's             |================== untouched ===========|
A1  the source's dialogue    |= clip =|- disabled-|====== clip =======|
A2  the source's music       |================== untouched ===========|
A3  ANNA (Sottovoce)         |        |== take ==|                    |
A4  Room tone (Sottovoce)    |========================================|
markers                               [ANNA whisper: …]
"""

from bisect import bisect_right
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.values import Spliced
from sottovoce_engine.timing import Span, frame_at
from sottovoce_otio.dialogue import IsDialogue, silence_dialogue, silences_from
from sottovoce_otio.earlier import take_back
from sottovoce_otio.layout import Placed
from sottovoce_otio.links import absolute_url, url_relative_to
from sottovoce_otio.ours import KEY, scene_metadata
from sottovoce_otio.plain import objects_from
from sottovoce_otio.region_marks import mark_regions
from sottovoce_otio.take_tracks import TakeTracks, take_tracks
from sottovoce_otio.timeline import LoadedTimeline
from sottovoce_otio.times import frame_near, seconds

WORKING_COPY = "working_copy"  # key of what a working copy holds beside the timeline; no output has it


def scene_timeline(
    loaded: LoadedTimeline,
    spliced: Spliced,
    registers: RegisterTable,
    *,
    scene: Scene | None = None,
    relative_to: Path | None = None,
) -> Any:
    """A clone of the timeline that was read, with the spliced takes in it.

    Args:
        loaded: What was read; unchanged.
        spliced: What was made of it.
        registers: For the colours of the marks.
        scene: The regions as they are marked now, where they were edited since reading.
        relative_to: The folder the timeline will be written to, for media addresses relative to it.
            None: absolute ones.

    Returns:
        An `otio.schema.Timeline`.
    """
    marked = loaded.scene if scene is None else scene
    timeline = marked_timeline(loaded, marked, registers)
    url_for = absolute_url if relative_to is None else url_relative_to(relative_to)
    take_back(timeline)
    _silence(timeline, marked, spliced)
    tracks = take_tracks(marked, spliced, url_for, origin=origin_of(timeline, marked), first_link=_free_link(timeline))
    _add(timeline, tracks)
    return timeline


def marked_timeline(loaded: LoadedTimeline, scene: Scene, registers: RegisterTable) -> Any:
    """A clone of the timeline that was read, the scene's regions and voices written on it in full."""
    timeline = loaded.timeline.clone()
    mark_regions(timeline, loaded.marks, scene, registers, origin_of(timeline, scene))
    kept = {key: value for key, value in timeline.metadata.get(KEY, {}).items() if key != WORKING_COPY}
    timeline.metadata[KEY] = {**kept, **scene_metadata(scene)}
    return timeline


def origin_of(timeline: Any, scene: Scene) -> int:
    """The stack's own time, in frames, at scene frame 0: above 0 where the stack is trimmed at its start."""
    trimmed = timeline.tracks.source_range
    return 0 if trimmed is None else frame_near(seconds(trimmed.start_time, "The timeline's stack"), scene.rate)


def _silence(timeline: Any, scene: Scene, spliced: Spliced) -> None:
    """Disables the original dialogue wherever a take is heard in its place."""
    silences = silences_from(
        (_seconds(region.sound.start, scene), _seconds(region.sound.end, scene), region.placed.region.id)
        for region in spliced.regions
    )
    silence_dialogue(timeline, silences, _dialogue_of(scene), sliver=1 / (2 * scene.rate))


def _dialogue_of(scene: Scene) -> IsDialogue:
    """Whether a clip of the timeline is one of the scene's pieces of dialogue."""
    spans: dict[tuple[str, str], list[Span]] = {}
    for piece in scene.sounds:
        if piece.dialogue:
            spans.setdefault((piece.track, piece.clip), []).append(piece.span)

    def is_dialogue(placed: Placed) -> bool:
        known = spans.get((placed.track, placed.item.name), [])
        start, end = frame_near(placed.start, scene.rate), frame_near(placed.end, scene.rate)
        index = bisect_right(known, start, key=lambda span: span.end)
        return index < len(known) and known[index].start < end

    return is_dialogue


def _seconds(sample: int, scene: Scene) -> Fraction:
    """A scene sample as scene seconds, at the frame nearest to it."""
    return frame_at(sample, scene.rate) / scene.rate


def _free_link(timeline: Any) -> int:
    """A Resolve link number that no clip of the timeline has, nor any above it."""
    numbers = [0]
    for clip in timeline.find_clips():
        resolve = clip.metadata.get("Resolve_OTIO") or {}
        number = resolve.get("Link Group ID") if hasattr(resolve, "get") else None
        if isinstance(number, int):
            numbers.append(number)
    return max(numbers) + 1


def _add(timeline: Any, tracks: TakeTracks) -> None:
    """The pictures go above all others, the sounds below: OTIO's tracks run from bottom to top, pictures first."""
    kinds = [track.kind if isinstance(track, otio.schema.Track) else "" for track in timeline.tracks]
    above = max((index + 1 for index, kind in enumerate(kinds) if kind == otio.schema.TrackKind.Video), default=0)
    for offset, track in enumerate(objects_from(tracks.pictures)):
        timeline.tracks.insert(above + offset, track)
    timeline.tracks.extend(objects_from(tracks.sounds))
