"""A scene's lines as lists: a cue sheet, and Avid's markers."""

from collections.abc import Iterator
from pathlib import Path

from sottovoce.exporting.values import Export
from sottovoce_engine.handover import HandedTake, handed_takes
from sottovoce_engine.handover_names import reel_in
from sottovoce_engine.progress import Job
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.timing import timecode
from sottovoce_engine.windows import whole_region_id
from sottovoce_otio.incoming.avid_markers import avid_text
from sottovoce_otio.incoming.cue_sheets import cue_sheet_text
from sottovoce_otio.marks import plain_cue, written_mark
from sottovoce_otio.placing import new_file
from sottovoce_otio.region_marks import marker_colour


def write_cue_sheet(export: Export, path: Path, job: Job) -> tuple[str, ...]:
    """One row for each region, with the number and the standing of its chosen take."""
    job.check()
    with new_file(path, "cue sheet") as staged:
        staged.write_text(cue_sheet_text(_rows(export)), encoding="utf-8", newline="")
    return ()


def write_avid_markers(export: Export, path: Path, job: Job) -> tuple[str, ...]:
    """One marker for each region, its text as on the timeline."""
    job.check()
    scene = export.scene
    markers = (
        (
            _timecode(region.span.start, scene),
            marker_colour(export.registers.get(region.register).colour),
            written_mark(region, scene.voice(region.voice)).comment,
            region.span.length,
        )
        for region in scene.regions
    )
    with new_file(path, "list of markers") as staged:
        staged.write_text(avid_text(markers), encoding="utf-8", newline="")
    return ()


def cue_row(region: Region, export: Export, handed: HandedTake | None, note: str) -> tuple[str, ...]:
    """The columns of a cue sheet for a region, and a take of it if there is one."""
    scene = export.scene
    return (
        plain_cue(region.cue),
        export.reel or reel_in(export.name),
        export.name,
        region.voice,
        _timecode(region.span.start, scene),
        _timecode(region.span.end, scene),
        region.register,
        region.line,
        note,
        "" if handed is None else str(handed.number),
        "no take" if handed is None else handed.status,
        str(scene.voice(region.voice).gender),
        region.id,
    )


def _rows(export: Export) -> Iterator[tuple[str, ...]]:
    chosen = {
        whole_region_id(handed.region.id): handed
        for handed in handed_takes(export.scene, export.spliced.regions, export.esteem)
        if handed.chosen
    }
    for region in export.scene.regions:
        note = "length guessed" if region.length_guessed else ""
        yield cue_row(region, export, chosen.get(region.id), note)


def _timecode(frame: int, scene: Scene) -> str:
    return timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame)
