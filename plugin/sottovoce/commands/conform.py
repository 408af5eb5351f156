"""`sottovoce conform`: regions and takes, taken over to a new cut of their timeline."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from sottovoce.conforming import NewVersion, conform
from sottovoce.project import Project, read_project
from sottovoce.reading import reading_of
from sottovoce.tables import table
from sottovoce.terminal import ExitCode, printable, progress_job
from sottovoce_engine.conform import Fate, Kind, Placement
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.timing import Span, timecode

_WENT_BY = {Kind.DIALOGUE: "by its dialogue", Kind.SOUND: "by the sound under it"}
_MARKED = "stays where the new cut marks it"


def run(arguments: argparse.Namespace) -> ExitCode:
    """Writes the new version and says what became of every region; the exit code says whether one was lost."""
    reading = reading_of(arguments)
    old, new = read_project(arguments.old, reading), read_project(arguments.new, reading, bring=False)
    folder: Path = arguments.output or arguments.new.parent
    with progress_job(quiet=arguments.json) as job:
        made = conform(old, new, folder, job, force=arguments.force)
    print(
        json.dumps(_plain(made, old), ensure_ascii=False, indent=2) if arguments.json else "\n".join(_shown(made, old))
    )
    marked = _marked(made)
    lost = [each for each in made.conformed.placements if each.fate is Fate.LOST and each.region.id not in marked]
    return ExitCode.BELOW_BAR if lost else ExitCode.DONE


def _marked(made: NewVersion) -> dict[str, Region]:
    """Regions that lie where the new cut marks them, by id."""
    return {region.id: region for region in made.conformed.marked}


def _shown(made: NewVersion, old: Project) -> Iterator[str]:
    found, marked = made.conformed, _marked(made)
    rows = [_row(each, old.scene, found.scene, marked.get(each.region.id)) for each in found.placements]
    rows += [
        (region.id, "new", "", _timecode(region.span, found.scene), region.voice, "", printable(region.line))
        for region in found.new
    ]
    yield table(("id", "", "was at", "is at", "voice", "what happened", "line"), rows)
    yield ""
    for each in found.media:
        if each.how != "file":
            yield f"note: '{each.new.name}' was taken for '{each.old.name}', by its {each.how}"
    yield from (f"note: {note}" for note in found.notes)
    yield f"takes     {made.takes} brought along"
    yield f"timeline  {made.timeline}"


def _row(placement: Placement, before: Scene, after: Scene, marked: Region | None) -> tuple[str, ...]:
    region, span = placement.region, placement.span if marked is None else marked.span
    return (
        region.id,
        str(placement.fate) if marked is None else "marked",
        _timecode(region.span, before),
        "" if span is None else _timecode(span, after),
        region.voice,
        "; ".join(_said(placement, after) if marked is None else filter(None, (_MARKED, placement.why))),
        printable(region.line),
    )


def _said(placement: Placement, after: Scene) -> Iterator[str]:
    """What a person should know of a region's new place."""
    if placement.span is None:
        yield placement.why
        return
    if placement.by:
        yield f"{placement.by:+} frames"
    if placement.span.length != placement.region.span.length:
        yield f"{placement.region.span.length} frames long, now {placement.span.length}"
    for span in placement.elsewhere:
        yield f"{span.length} frames of it now at {_timecode(span, after)}"
    if placement.uses > 1:
        yield f"its material is used {placement.uses} times: placed beside its neighbours"
    if placement.kind in _WENT_BY:
        yield _WENT_BY[placement.kind]


def _timecode(span: Span, scene: Scene) -> str:
    return timecode(scene.start_frame + span.start, scene.rate, drop=scene.drop_frame)


def _plain(made: NewVersion, old: Project) -> dict[str, object]:
    found, marked = made.conformed, _marked(made)
    return {
        "timeline": str(made.timeline),
        "takes": made.takes,
        "regions": [
            _region_plain(each, old.scene, found.scene, marked.get(each.region.id))
            | {"edited": each.region.id in found.edited}
            for each in found.placements
        ],
        "new": [{"id": region.id, "voice": region.voice, "line": region.line} for region in found.new],
        "media": [{"new": each.new.name, "old": each.old.name, "by": each.how} for each in found.media],
        "notes": list(found.notes),
    }


def _region_plain(placement: Placement, before: Scene, after: Scene, marked: Region | None) -> dict[str, object]:
    region, span = placement.region, placement.span if marked is None else marked.span
    return {
        "id": region.id,
        "voice": region.voice,
        "line": region.line,
        "fate": str(placement.fate) if marked is None else "marked",
        "was": _span_plain(region.span, before),
        "is": None if span is None else _span_plain(span, after),
        "frames_later": None if span is None else placement.by if marked is None else span.start - region.span.start,
        "by": None if placement.kind is None else placement.kind.name.lower(),
        "elsewhere": [_span_plain(each, after) for each in placement.elsewhere],
        "uses": placement.uses,
        "why": placement.why,
    }


def _span_plain(span: Span, scene: Scene) -> dict[str, object]:
    return {"start": span.start, "end": span.end, "timecode": _timecode(span, scene)}
