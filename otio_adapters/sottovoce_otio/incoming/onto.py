"""Lines and screenplays laid over a scene that is there: what it has stays, and nothing is there twice."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from rapidfuzz import fuzz

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Region, Scene, checked
from sottovoce_engine.timing import Span
from sottovoce_otio.cast import cast_of, is_nobody
from sottovoce_otio.incoming.drafting import apart, drafted_regions
from sottovoce_otio.incoming.first_frame import frame_of_hour
from sottovoce_otio.incoming.laying import Laying, relabelled
from sottovoce_otio.incoming.screenplay import ScriptLine
from sottovoce_otio.incoming.values import TimedLine, TimedLines
from sottovoce_otio.vocabulary import short

_SAME_LINE = 80.0  # of 100: two texts at the same time that are so alike are one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Onto:
    """A scene with what was laid over it."""

    scene: Scene
    added: tuple[str, ...]  # ids of regions that were not there
    changed: tuple[str, ...]  # ids of regions whose voice or register is another one now
    notes: tuple[str, ...]


def with_lines(scene: Scene, found: TimedLines) -> Onto:
    """The scene with regions for lines that it does not have yet.

    Raises:
        InputError: No line lies on the timeline, or one cannot be spoken.
    """
    notes = dict.fromkeys(found.notes)
    lines = _on_timeline(scene, found, notes)
    if not lines:
        raise InputError(
            f"None of the {len(found.lines)} lines lies on '{scene.name}', which lasts {float(scene.length_frames / scene.rate):.1f} s. "
            "Check that both belong together, and the timeline's start timecode."
        )
    if len(lines) < len(found.lines):
        notes[f"{len(found.lines) - len(lines)} lines begin outside the timeline and were left out"] = None
    cast = cast_of((line.said for line in lines), scene.voices)
    drafted = drafted_regions(lines, cast, scene.rate, notes, taken=scene.regions)
    there = _There(scene.regions)
    inside = (_within(region, scene.length_frames, notes) for region in drafted)
    free = (there.free(region, notes) for region in inside if region is not None)
    added = [region for region in free if region is not None]
    notes.update(dict.fromkeys(cast.notes))
    ids = tuple(region.id for region in added)
    return _onto(replace(scene, voices=cast.voices), (*scene.regions, *added), notes, ids, ())


def with_script(scene: Scene, laying: Laying, lines: Sequence[ScriptLine]) -> Onto:
    """The scene's regions with voices and registers from the script."""
    notes: dict[str, None] = {}
    regions = [relabelled(each, lines) for each in laying.laid]
    changed = [after.id for each, after in zip(laying.laid, regions, strict=True) if after != each.region]
    cast = cast_of((lines[each.line].said for each in laying.laid if each.line is not None), scene.voices)
    notes.update(dict.fromkeys(cast.notes))
    spelled = {voice.name.casefold(): voice.name for voice in cast.voices}
    regions = [replace(region, voice=spelled[region.voice.casefold()]) for region in regions]
    return _onto(replace(scene, voices=cast.voices), apart(regions, notes), notes, (), changed)


def _onto(
    scene: Scene, regions: Iterable[Region], notes: dict[str, None], added: Iterable[str], changed: Iterable[str]
) -> Onto:
    kept = tuple(regions)
    ids = {region.id for region in kept}
    speaking = {region.voice for region in kept}
    voices = tuple(voice for voice in scene.voices if voice.name in speaking or not is_nobody(voice.name))
    return Onto(
        scene=checked(replace(scene, voices=voices).with_regions(kept)),
        added=tuple(each for each in added if each in ids),
        changed=tuple(each for each in changed if each in ids),
        notes=tuple(notes),
    )


def _on_timeline(scene: Scene, found: TimedLines, notes: dict[str, None]) -> list[TimedLine]:
    """The lines that begin on the timeline.

    What counts in timecode lies at the timeline's own, all else counts from its first frame; where no line
    lies on the timeline that way, the other one is tried.
    """
    begins = frame_of_hour(found.begins_hour, scene.rate, drop=scene.drop_frame)
    by_timecode, by_first_frame = Fraction(begins - scene.start_frame) / scene.rate, Fraction(0)
    ways = [by_first_frame, by_timecode]
    if found.rate is not None or found.begins_hour:
        ways.reverse()
    for shift in ways:
        moved = (replace(line, start=line.start + shift, end=line.end + shift) for line in found.lines)
        lines = [line for line in moved if 0 <= line.start < scene.length_frames / scene.rate]
        if lines:
            if shift != ways[0]:
                where = "at the timeline's own timecode" if shift == by_timecode else "from the timeline's first frame"
                notes[f"the lines were counted {where}: the other way none lies on it"] = None
            return lines
    return []


def _within(region: Region, length: int, notes: dict[str, None]) -> Region | None:
    """The region as far as the timeline goes; None where lines before it at its end leave it no room."""
    if region.span.end <= length:
        return region
    if region.span.start >= length:
        notes[f"'{short(region.line)}' has no room before the end of the timeline, and was left out"] = None
        return None
    notes[f"'{short(region.line)}' reaches beyond the timeline and was cut off there"] = None
    return replace(region, span=Span(region.span.start, length))


class _There:
    """The regions that a timeline has already, by start."""

    def __init__(self, regions: Sequence[Region]) -> None:
        self._regions = regions
        self._longest = max((region.span.length for region in regions), default=0)

    def free(self, region: Region, notes: dict[str, None]) -> Region | None:
        """A new region, cut to where its voice is silent; None where the line is there already, or has no room."""
        span = region.span
        for there in self._under(span):
            if fuzz.ratio(there.line.casefold(), region.line.casefold()) >= _SAME_LINE:
                notes["lines that stand on the timeline already were left as they are there"] = None
                return None
            if there.voice == region.voice and there.span.overlaps(span):
                before = span.start < there.span.start
                start, end = (span.start, there.span.start) if before else (there.span.end, span.end)
                span = Span(start, max(start, end))
        if not span.length:
            notes[f"'{short(region.line)}' has no room beside what {region.voice} says there, and was left out"] = None
            return None
        return replace(region, span=span)

    def _under(self, span: Span) -> list[Region]:
        first = bisect_left(self._regions, span.start - self._longest, key=lambda region: region.span.start)
        last = bisect_left(self._regions, span.end, key=lambda region: region.span.start)
        return [region for region in self._regions[first:last] if region.span.overlaps(span)]
