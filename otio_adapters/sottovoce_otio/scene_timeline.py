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

from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.values import Spliced
from sottovoce_engine.timing import Span, frame_at
from sottovoce_otio.collector import collector_paused
from sottovoce_otio.dialogue import IsDialogue, clips_in, silence_dialogue, silences_from
from sottovoce_otio.earlier import take_back
from sottovoce_otio.exactness import make_exact
from sottovoce_otio.layout import VIDEO, Placed
from sottovoce_otio.links import UrlFor, absolute_url, is_relative, url_relative_to
from sottovoce_otio.ours import ANCHORS, KEY, scene_metadata
from sottovoce_otio.plain import Plain, object_from, plain_object
from sottovoce_otio.references import local_path
from sottovoce_otio.region_marks import mark_regions, origin_of
from sottovoce_otio.take_tracks import TakeTracks, take_tracks
from sottovoce_otio.timeline import LoadedTimeline
from sottovoce_otio.times import frame_near

WORKING_COPY = "working_copy"  # key of what a working copy holds beside the timeline; no output has it


def scene_document(
    loaded: LoadedTimeline,
    spliced: Spliced,
    registers: RegisterTable,
    *,
    scene: Scene | None = None,
    relative_to: Path | None = None,
) -> Plain:
    """A clone of the timeline that was read, with the spliced takes in it, as the JSON it is stored as.

    Args:
        loaded: What was read; unchanged.
        spliced: What was made of it.
        registers: For the colours of the marks.
        scene: The regions as they are marked now, where they were edited since reading.
        relative_to: The folder the timeline will be written to, for media addresses relative to it.
            None: absolute ones.

    """
    marked = loaded.marked_scene if scene is None else scene
    url_for = absolute_url if relative_to is None else url_relative_to(relative_to)
    with collector_paused():
        return _document(loaded, spliced, registers, marked, url_for)


def scene_timeline(loaded: LoadedTimeline, spliced: Spliced, registers: RegisterTable, **options: Any) -> Any:
    """`scene_document` as an `otio.schema.Timeline`; takes the same options."""
    return object_from(scene_document(loaded, spliced, registers, **options))


def _document(
    loaded: LoadedTimeline, spliced: Spliced, registers: RegisterTable, marked: Scene, url_for: UrlFor
) -> Plain:
    timeline = marked_timeline(loaded, marked, registers)
    make_exact(timeline)
    take_back(timeline)
    first_link = _free_link(timeline)
    readdress(timeline, loaded, url_for)
    _silence(timeline, marked, spliced)
    _add(timeline, take_tracks(marked, spliced, url_for, origin=origin_of(timeline, marked), first_link=first_link))
    return timeline


def marked_timeline(loaded: LoadedTimeline, scene: Scene, registers: RegisterTable) -> Plain:
    """The timeline that was read as plain JSON, the scene's regions and voices written on it in full."""
    timeline = plain_object(loaded.timeline)
    mark_regions(timeline, loaded.marks, scene, registers)
    own = {key: value for key, value in timeline["metadata"].get(KEY, {}).items() if key not in (WORKING_COPY, ANCHORS)}
    timeline["metadata"][KEY] = {**own, **scene_metadata(scene)}
    return timeline


def _silence(timeline: Plain, scene: Scene, spliced: Spliced) -> None:
    """Disables the original dialogue wherever a take is heard in its place."""
    silences = silences_from(
        (_seconds(region.sound.start, scene), _seconds(region.sound.end, scene), region.placed.region.id)
        for region in spliced.regions
    )
    silence_dialogue(timeline, silences, _dialogue_of(scene), scene.rate)


def _dialogue_of(scene: Scene) -> IsDialogue:
    """Whether a clip of the timeline is one of the scene's pieces of dialogue."""
    spans: dict[tuple[str, str], list[Span]] = {}
    for piece in scene.sounds:
        if piece.dialogue:
            spans.setdefault((piece.track, piece.clip), []).append(piece.span)

    def is_dialogue(placed: Placed) -> bool:
        known = spans.get((placed.track, placed.name), [])
        start, end = frame_near(placed.start, scene.rate), frame_near(placed.end, scene.rate)
        index = bisect_right(known, start, key=lambda span: span.end)
        return index < len(known) and known[index].start < end

    return is_dialogue


def _seconds(sample: int, scene: Scene) -> Fraction:
    """A scene sample as scene seconds, at the frame nearest to it."""
    return frame_at(sample, scene.rate) / scene.rate


def _free_link(timeline: Plain) -> int:
    """A Resolve link number that no clip of the timeline has, nor any above it."""
    numbers = [0]
    for clip in clips_in(timeline["tracks"]):
        resolve = clip["metadata"].get("Resolve_OTIO")
        number = resolve.get("Link Group ID") if isinstance(resolve, dict) else None
        if isinstance(number, int):
            numbers.append(number)
    return max(numbers) + 1


def readdress(timeline: Plain, loaded: LoadedTimeline, url_for: UrlFor) -> None:
    """Writes addresses of media anew that are relative, as the new timeline may lie in another folder, or relinked."""
    for clip in clips_in(timeline["tracks"]):
        for reference in clip["media_references"].values():
            url = (reference or {}).get("target_url")
            if url and (loaded.relinked or is_relative(url)):
                path = local_path(url, loaded.media_root)
                if path is not None and not path.is_file():
                    path = Path(loaded.relinked.get(str(path), ""))
                elif not is_relative(url):
                    continue
                if path is not None and path.is_file():
                    reference["target_url"] = url_for(path)


def _add(timeline: Plain, tracks: TakeTracks) -> None:
    """The pictures go above all others, the sounds below: OTIO's tracks run from bottom to top, pictures first."""
    children = timeline["tracks"]["children"]
    above = max((index + 1 for index, track in enumerate(children) if track.get("kind") == VIDEO), default=0)
    children[above:above] = tracks.pictures
    children += tracks.sounds
