"""A scene as `.otio`, and as `.otioz` with all media inside."""

from pathlib import Path

from sottovoce.exporting.values import Export, Links
from sottovoce_engine.progress import Job
from sottovoce_otio.writing import write_otio, write_otioz


def write_otio_file(export: Export, path: Path, job: Job) -> tuple[str, ...]:
    """The new timeline beside its media, or apart from them."""
    job.check()
    write_otio(export.document(path.parent if export.links is Links.RELATIVE else None), path)
    return ()


def write_otioz_file(export: Export, path: Path, job: Job) -> tuple[str, ...]:
    """The new timeline with every take inside, chosen or not."""
    job.check()
    return write_otioz(export.document(), path)
