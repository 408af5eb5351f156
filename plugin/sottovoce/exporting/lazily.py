"""Writers whose modules take long to import, loaded when they write: a list of formats should not wait for them."""

from importlib import import_module
from pathlib import Path

from sottovoce.exporting.values import Export, Write
from sottovoce_engine.progress import Job


def lazily(module: str, writer: str) -> Write:
    """The writer of that name in `sottovoce.exporting.<module>`."""

    def write(export: Export, path: Path, job: Job) -> tuple[str, ...]:
        found: Write = getattr(import_module(f"sottovoce.exporting.{module}"), writer)
        return found(export, path, job)

    return write
