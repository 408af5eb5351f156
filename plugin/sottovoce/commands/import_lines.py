"""`sottovoce import`: lines from subtitles, cue sheets and screenplays."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace

from sottovoce.importing import Imported, import_alone, import_onto
from sottovoce.project import Bundled, read_project
from sottovoce.reading import reading_of
from sottovoce.tables import table
from sottovoce.terminal import ExitCode, printable
from sottovoce_engine.codec import to_plain
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.timing import timecode
from sottovoce_otio.incoming.laying import Laid, Laying
from sottovoce_otio.incoming.screenplay import ScriptLine
from sottovoce_otio.suffixes import LINE_SUFFIXES


def run(arguments: argparse.Namespace) -> ExitCode:
    """Writes the marks and says what came of every line."""
    reading = reading_of(arguments)
    if arguments.onto is None:
        imported = import_alone(arguments.file, reading, arguments.output)
    else:
        # The file may be in an old encoding where the timeline is not, and only a file of lines takes a rate.
        of_lines = arguments.onto.suffix.lower() in LINE_SUFFIXES
        project = read_project(arguments.onto, reading if of_lines else replace(reading, rate=None), Bundled.KEPT)
        imported = import_onto(arguments.file, project, arguments.output)
    if arguments.json:
        print(json.dumps(_plain(imported), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_shown(imported)))
    return ExitCode.DONE


def _shown(imported: Imported) -> Iterator[str]:
    if imported.laying is not None:
        yield from _laid(imported, imported.laying)
    else:
        yield f"regions added: {len(imported.added)}; there are {len(imported.scene.regions)} now"
    yield ""
    yield from (f"note: {note}" for note in imported.notes)
    yield f"written   {imported.path}"


def _laid(imported: Imported, laying: Laying) -> Iterator[str]:
    """What of a screenplay was found where, and what was not."""
    regions = {region.id: region for region in imported.scene.regions}
    rows = [_row(each, regions[each.region.id], imported.scene) for each in laying.laid if each.region.id in regions]
    yield table(("id", "in", "voice", "register", "alike", "line"), rows)
    found = sum(each.line is not None for each in laying.laid)
    yield ""
    yield f"{found} of {len(laying.laid)} regions say a line of the screenplay; {len(imported.changed)} were labelled anew"
    if laying.unspoken:
        yield f"{len(laying.unspoken)} of {len(imported.script)} lines of the screenplay are said by no region:"
        yield from (f"  {_script_line(imported.script[index])}" for index in laying.unspoken)


def _row(each: Laid, region: Region, scene: Scene) -> tuple[str, ...]:
    alike = "not in the script" if each.line is None else f"{each.score:.0f} %"
    return (
        region.id,
        _timecode(region.span.start, scene),
        region.voice,
        region.register,
        alike,
        printable(region.line),
    )


def _script_line(line: ScriptLine) -> str:
    return printable(f"{line.said.voice} ({line.said.register}): {line.said.line}")


def _timecode(frame: int, scene: Scene) -> str:
    return timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame)


def _plain(imported: Imported) -> dict[str, object]:
    laying = imported.laying
    plain: dict[str, object] = {
        "written": str(imported.path),
        "added": list(imported.added),
        "changed": list(imported.changed),
        "regions": [to_plain(region) for region in imported.scene.regions],
        "notes": list(imported.notes),
    }
    if laying is not None:
        plain["matched"] = [
            {"region": each.region.id, "line": each.line, "score": round(each.score, 1)} for each in laying.laid
        ]
        plain["unspoken"] = [_script_line(imported.script[index]) for index in laying.unspoken]
    return plain
