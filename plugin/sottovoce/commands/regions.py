"""`sottovoce regions`: what is marked on a timeline."""

import argparse
import json

from sottovoce.project import Bundled, Project, read_project
from sottovoce.reading import reading_of
from sottovoce.tables import table
from sottovoce.terminal import ExitCode
from sottovoce_engine.codec import to_plain
from sottovoce_engine.timing import timecode


def run(arguments: argparse.Namespace) -> ExitCode:
    """Prints the regions as a table or as JSON."""
    project = read_project(arguments.timeline, reading_of(arguments), Bundled.PACKED)
    if arguments.json:
        print(json.dumps(_plain(project), ensure_ascii=False, indent=2))
        return ExitCode.DONE
    print(_shown(project))
    return ExitCode.DONE


def _shown(project: Project) -> str:
    scene, judged = project.scene, project.judged()
    rows = [
        (
            region.id,
            timecode(scene.start_frame + region.span.start, scene.rate, drop=scene.drop_frame),
            timecode(scene.start_frame + region.span.end, scene.rate, drop=scene.drop_frame),
            region.voice,
            region.register,
            str(scene.picture_mode(region)),
            judged.get(region.id, ""),
            region.line + (" (length guessed)" if region.length_guessed else ""),
        )
        for region in scene.regions
    ]
    shown = (
        table(("id", "in", "out", "voice", "register", "picture", "judged", "line"), rows)
        if rows
        else _no_regions(project)
    )
    return "\n".join([project.headline(), "", shown, *project.remarks()])


def _no_regions(project: Project) -> str:
    return (
        f"No regions are marked on '{project.source.name}'. Add markers such as \"whisper: close your eyes\" or "
        '"Anna (softly): I know" and save the timeline.'
    )


def _plain(project: Project) -> dict[str, object]:
    scene, judged = project.scene, project.judged()
    return {
        "timeline": str(project.source),
        "rate": str(scene.rate),
        "length_frames": scene.length_frames,
        "start_timecode": timecode(scene.start_frame, scene.rate, drop=scene.drop_frame),
        "raster": str(scene.raster),
        "voices": [to_plain(voice) for voice in scene.voices],
        "regions": [to_plain(region) | {"judged": judged.get(region.id)} for region in scene.regions],
        "notes": [*scene.notes, *project.differences],
    }
