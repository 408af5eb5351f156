"""`sottovoce suggest`: regions from what is said in a timeline's own dialogue."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from sottovoce.judge_asked import judge_of
from sottovoce.new_marks import write_marks
from sottovoce.project import Project, read_project
from sottovoce.reading import reading_of
from sottovoce.tables import table
from sottovoce.terminal import ExitCode, printable, progress_job
from sottovoce_engine.codec import to_plain
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.suggested import with_suggested
from sottovoce_engine.scene import Scene
from sottovoce_engine.suggesting import suggestions_for
from sottovoce_engine.suggestions import Suggestion, Suggestions
from sottovoce_engine.timing import timecode


def run(arguments: argparse.Namespace) -> ExitCode:
    """Marks what is said and not marked yet, and prints what was heard.

    Raises:
        InputError: The timeline, or a threshold, cannot be used.
        SetupError: The Whisper model cannot be.
    """
    reading = reading_of(arguments)
    project = read_project(arguments.timeline, reading)
    judge = judge_of(arguments, reading.settings)
    there = project.loaded.marked_scene.regions
    with progress_job(quiet=arguments.json) as job:
        suggested = suggestions_for(project.scene, there, judge, reading.registers, job)
    written = None
    if suggested.found:
        regions, voices = [each.region for each in suggested.found], [each.voice for each in suggested.found]
        marked = with_suggested(Draft(scene=project.scene), regions, voices)
        written = write_marks(project, marked.scene, arguments.output)
    if arguments.json:
        print(json.dumps(_plain(suggested, written), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_shown(suggested, project, written)))
    return ExitCode.DONE


def _shown(suggested: Suggestions, project: Project, written: Path | None) -> Iterator[str]:
    scene = project.scene
    if suggested.found:
        rows = [_row(each, scene) for each in suggested.found]
        yield table(("id", "in", "out", "voice", "register", "heard as", "line"), rows)
    else:
        yield f"Nothing is said on '{project.source.name}' that is not marked already."
    waiting = sum(not each.region.line for each in suggested.found)
    yield ""
    if waiting:
        yield (
            f"note: {waiting} of {len(suggested.found)} marks wait for their lines: type them in the panel, or name a Whisper "
            "model with --speech-model"
        )
    yield from (f"note: {note}" for note in suggested.notes)
    if written is not None:
        yield f"written   {written}"


def _row(each: Suggestion, scene: Scene) -> tuple[str, ...]:
    region, finding = each.region, each.finding
    heard = str(finding.verdict) + ("" if finding.f0_hz is None else f", {finding.f0_hz:.0f} Hz")
    start, end = (
        timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame)
        for frame in (region.span.start, region.span.end)
    )
    return region.id, start, end, region.voice, region.register, heard, printable(region.line)


def _plain(suggested: Suggestions, written: Path | None) -> dict[str, object]:
    return {
        "written": None if written is None else str(written),
        "suggested": [
            {**to_plain(each.region), "gender": str(each.gender), "verdict": str(each.finding.verdict)}
            for each in suggested.found
        ],
        "notes": list(suggested.notes),
    }
