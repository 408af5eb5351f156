"""A scene's marks as DaVinci Resolve's EDL, and its lines as subtitles."""

from pathlib import Path

from sottovoce.exporting.values import Export, Write
from sottovoce_engine.progress import Job
from sottovoce_otio.layout import layout_of
from sottovoce_otio.placing import new_file
from sottovoce_otio.resolve_edl import write_resolve_edl
from sottovoce_otio.ruler_marks import ruler_marks
from sottovoce_otio.scene_timeline import marked_timeline
from sottovoce_otio.subtitles import subtitle_text


def write_edl_file(export: Export, path: Path, job: Job) -> tuple[str, ...]:
    """Every marker of the timeline's ruler, at its record timecode."""
    job.check()
    document = marked_timeline(export.loaded, export.scene, export.registers)
    write_resolve_edl(ruler_marks(layout_of(document), export.scene.rate), export.scene, path)
    return ()


def subtitles_as(suffix: str) -> Write:
    """The writer of subtitles of one kind."""

    def write(export: Export, path: Path, job: Job) -> tuple[str, ...]:
        job.check()
        text = subtitle_text(export.scene, suffix, export.registers)
        with new_file(path, "subtitles") as staged:
            staged.write_text(text, encoding="utf-8")
        return ()

    return write
