"""A scene as Final Cut Pro 7 XML, for Premiere Pro and DaVinci Resolve."""

from pathlib import Path

from sottovoce.exporting.values import Export, without_effects
from sottovoce_engine.progress import Job
from sottovoce_otio.collector import collector_paused
from sottovoce_otio.fcp7 import Fcp7Track, write_fcp7
from sottovoce_otio.fcp7_items import items_of
from sottovoce_otio.flatten import Flattening
from sottovoce_otio.laid_tracks import join_fades
from sottovoce_otio.layout import AUDIO, layout_of
from sottovoce_otio.references import MediaFinder
from sottovoce_otio.ruler_marks import ruler_marks


def write_fcp7_file(export: Export, path: Path, job: Job) -> tuple[str, ...]:
    """All tracks, the chosen takes on them; media are named absolutely, as the format asks for."""
    job.check()
    with collector_paused():
        layout = layout_of(export.document())
        flattening = Flattening(rate=export.scene.rate, media=MediaFinder(root=Path("/")), notes={})
        tracks = [
            Fcp7Track(
                name=track.name,
                is_sound=track.kind == AUDIO,
                enabled=track.enabled,
                items=tuple(items_of(track, layout, flattening)),
            )
            for track in layout.children
        ]
        write_fcp7(
            tracks,
            ruler_marks(layout, export.scene.rate),
            join_fades(export.spliced, export.scene),
            export.scene,
            path,
        )
    return without_effects(item.name for track in tracks for item in track.items if item.approximate)
