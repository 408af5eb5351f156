"""A scene for the mix: a folder of broadcast waves, one for each take, and a cue sheet that lists them.

night handover/
    R2_night_SC12-034_ANNA_T01_SV1f0c9a42.wav     alternates beside the chosen take
    R2_night_SC12-034_ANNA_T02_SV1f0c9a42.wav
    cue sheet.csv
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sottovoce.exporting.lists import cue_row
from sottovoce.exporting.values import Export
from sottovoce_engine.handover import HandedTake, handed_takes, short_handles, time_reference
from sottovoce_engine.handover_files import Headed, file_names, statement, write_handover_files
from sottovoce_engine.handover_names import reel_in
from sottovoce_engine.media.container import write_error
from sottovoce_engine.progress import Job
from sottovoce_engine.timing import SAMPLE_RATE
from sottovoce_otio.incoming.cue_sheets import cue_sheet_text

CUE_SHEET = "cue sheet.csv"

_MORE = ("file", "samples since midnight", "seconds before", "seconds after")  # behind a cue sheet's own columns


def write_handover(export: Export, path: Path, job: Job) -> tuple[str, ...]:
    """Writes the folder, whole or not at all; says which takes are short of handles and what was left out."""
    handed = handed_takes(export.scene, export.spliced.regions, export.esteem)
    headed = Headed(scene=export.scene, project=export.name, reel=export.reel or reel_in(export.name))
    names = file_names(handed, headed)
    with _staged_folder(path) as folder:
        write_handover_files(handed, names, headed, folder, job)
        rows = [_row(*pair, export) for pair in zip(handed, names, strict=True)]
        (folder / CUE_SHEET).write_text(cue_sheet_text(rows, _MORE), encoding="utf-8", newline="")
    takes = sum(1 + len(region.placed.alternatives) for region in export.spliced.regions)
    rejected = takes - len(handed)
    were = "1 rejected take was" if rejected == 1 else f"{rejected} rejected takes were"
    left_out = (f"{were} left out",) if rejected else ()
    return (*short_handles(handed, export.scene), *left_out)


@contextmanager
def _staged_folder(path: Path) -> Iterator[Path]:
    """A folder to the side, moved to `path` when the block ends well, removed when it does not."""
    staged = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        staged.mkdir()
        yield staged
        staged.rename(path)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _row(handed: HandedTake, name: str, export: Export) -> tuple[str, ...]:
    before, after = handed.handles
    return (
        *cue_row(handed.region, export, handed, statement(handed)),
        name,
        str(time_reference(handed, export.scene)),
        f"{before / SAMPLE_RATE:.3f}",
        f"{after / SAMPLE_RATE:.3f}",
    )
