"""A scene as an MLT project, for Shotcut and melt."""

from pathlib import Path

from sottovoce.exporting.values import Export, Links, without_effects
from sottovoce_engine.progress import Job
from sottovoce_otio.collector import collector_paused
from sottovoce_otio.laid_tracks import laid_tracks
from sottovoce_otio.layout import layout_of
from sottovoce_otio.mlt import write_mlt
from sottovoce_otio.ruler_marks import ruler_marks


def write_mlt_file(export: Export, path: Path, job: Job) -> tuple[str, ...]:
    """One MLT track for each of the timeline's, with the joins' fades and the takes' gains."""
    job.check()
    with collector_paused():
        layout = layout_of(export.document())
        tracks = laid_tracks(layout, export.scene, export.spliced)
        marks = ruler_marks(layout, export.scene.rate)
        write_mlt(tracks, marks, export.scene, path, relative=export.links is Links.RELATIVE)
    return without_effects(name for track in tracks for name in track.approximate)
