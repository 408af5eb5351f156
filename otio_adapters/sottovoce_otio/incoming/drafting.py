"""Timed lines as a scene of regions, and that as a timeline without a picture.

lines      |== cue 1 ==|     |= cue 2 =|
              |== cue 3 ==|                    the same voice: cue 1 is cut off where cue 3 begins
regions    |==|== cue 3 ==|  |= cue 2 =|
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Region, Scene, Voice, checked
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.timing import Span, frames_in
from sottovoce_otio.cast import Cast, cast_of
from sottovoce_otio.incoming.first_frame import frame_of_hour
from sottovoce_otio.incoming.values import TimedLine, TimedLines
from sottovoce_otio.layout import VIDEO
from sottovoce_otio.ours import KEY, scene_metadata
from sottovoce_otio.plain import Plain, gap, rational_time, track
from sottovoce_otio.region_marks import region_marker
from sottovoce_otio.timeline import DEFAULT_RASTER
from sottovoce_otio.times import frame_near
from sottovoce_otio.vocabulary import short

DEFAULT_RATE = Fraction(24)
MAX_LINES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """How lines become a scene."""

    name: str
    rate: Fraction = DEFAULT_RATE
    voices: tuple[Voice, ...] = ()  # those the person has named
    drop_frame: bool = False


def drafted_scene(found: TimedLines, draft: Draft) -> Scene:
    """A scene that lasts until its last line ends, and shows nothing.

    Raises:
        InputError: There is no line, there are too many, or one cannot be spoken.
    """
    if not found.lines:
        said = f" ({'; '.join(found.notes)})" if found.notes else ""
        raise InputError(f"'{draft.name}' has no line that is spoken{said}. Check that it is the right file.")
    if len(found.lines) > MAX_LINES:
        raise InputError(
            f"'{draft.name}' has {len(found.lines):,} lines; at most {MAX_LINES:,} make one timeline. Split the file."
        )
    notes = dict.fromkeys(found.notes)
    cast = cast_of((line.said for line in found.lines), draft.voices)
    regions = drafted_regions(found.lines, cast, draft.rate, notes)
    notes.update(dict.fromkeys(cast.notes))
    scene = Scene(
        name=draft.name,
        rate=draft.rate,
        length_frames=max(region.span.end for region in regions),
        raster=DEFAULT_RASTER,
        start_frame=frame_of_hour(found.begins_hour, draft.rate, drop=draft.drop_frame),
        drop_frame=draft.drop_frame,
        voices=cast.voices,
        notes=tuple(notes),
    )
    return checked(scene.with_regions(tuple(regions)))


def drafted_regions(
    lines: Iterable[TimedLine], cast: Cast, rate: Fraction, notes: dict[str, None], taken: Sequence[Region] = ()
) -> list[Region]:
    """Regions of lines, none of which overlaps another one of its voice.

    Args:
        lines: In any order.
        cast: Who speaks.
        rate: The timeline's.
        notes: Added to.
        taken: Regions that are there already; their ids are not given again.
    """
    placed = sorted((_region(line, cast, rate) for line in lines), key=lambda region: (region.span, region.line))
    return _with_ids(apart(placed, notes), taken)


def timeline_document(scene: Scene, registers: RegisterTable) -> Plain:
    """The plain JSON of an OTIO timeline that is as long as `scene`, shows nothing, and has its regions marked."""
    empty: dict[str, Any] = {"source_range": None, "effects": [], "metadata": {}, "enabled": True}
    stack = {
        **empty,
        "OTIO_SCHEMA": "Stack.1",
        "name": "tracks",
        "markers": [region_marker(region, scene, registers) for region in scene.regions],
        "children": [track("V1", VIDEO, [gap(scene.length_frames, scene.rate)], {})],
    }
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": scene.name,
        "global_start_time": rational_time(scene.start_frame, scene.rate),
        "tracks": stack,
        "metadata": {KEY: {**scene_metadata(scene), "notes": list(scene.notes)}},
    }


def _region(line: TimedLine, cast: Cast, rate: Fraction) -> Region:
    start, end = frame_near(line.start, rate), frame_near(line.end, rate)
    guessed = end <= start
    if guessed:
        end = start + max(1, frames_in(speaking_seconds(line.said.line), rate))
    said = line.said
    return Region(
        id=said.id,
        span=Span(start, end),
        register=said.register,
        voice=cast.name_for(said),
        line=said.line,
        look=said.look,
        cue=said.cue,
        picture=said.picture,
        length_guessed=guessed,
    )


def apart(regions: Iterable[Region], notes: dict[str, None]) -> list[Region]:
    """Regions in order, each cut off where its voice begins the next; lines that begin together are said in turn."""
    by_voice: dict[str, list[Region]] = {}
    for region in regions:
        before = by_voice.setdefault(region.voice, [])
        last = before[-1] if before else None
        if last is not None and last.line == region.line and last.span == region.span:
            notes[f"'{short(region.line)}' stands twice at the same time and counts once"] = None
        elif last is None or last.span.end <= region.span.start:
            before.append(region)
        else:
            notes["lines of one voice overlap; each is cut off where the next begins"] = None
            before[-1:] = _in_turn(last, region)
    return sorted((region for voice in by_voice.values() for region in voice), key=lambda each: each.span)


def _in_turn(first: Region, second: Region) -> tuple[Region, Region]:
    """Two overlapping lines of one voice one after the other."""
    if first.span.start < second.span.start:
        return replace(first, span=Span(first.span.start, second.span.start)), second
    end = max(first.span.end, second.span.end, first.span.start + 2)
    share = speaking_seconds(first.line) / (speaking_seconds(first.line) + speaking_seconds(second.line))
    cut = min(max(first.span.start + round(share * (end - first.span.start)), first.span.start + 1), end - 1)
    return replace(first, span=Span(first.span.start, cut)), replace(second, span=Span(cut, end))


def _with_ids(regions: Iterable[Region], taken: Iterable[Region]) -> list[Region]:
    """Every region with an id of its own, from what is said and when: the same at every reading."""
    ids = {region.id for region in taken}
    found = []
    for region in regions:
        attempt = 0
        while not region.id or region.id in ids:
            region, attempt = replace(region, id=_derived_id(region, attempt)), attempt + 1
        ids.add(region.id)
        found.append(region)
    return found


def _derived_id(region: Region, attempt: int) -> str:
    said = [region.voice.casefold(), region.line, region.span.start, attempt]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8]
