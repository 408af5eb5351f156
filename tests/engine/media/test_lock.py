import subprocess
import sys
from pathlib import Path

import pytest

from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.lock import FolderLock

TAKING = """
import sys
from pathlib import Path
from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.lock import FolderLock
try:
    FolderLock(Path(sys.argv[1])).take()
except SetupError as error:
    sys.exit(str(error))
"""


def other_process_is_refused(path: Path) -> bool:
    done = subprocess.run([sys.executable, "-c", TAKING, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "is being written by process" in done.stderr, done.stderr
    return done.returncode != 0


def test_one_writer_at_a_time_in_one_process_too(tmp_path: Path) -> None:
    first = FolderLock(tmp_path / "lock")
    first.take()
    with pytest.raises(SetupError, match="is being written by process"):
        FolderLock(tmp_path / "lock").take()
    first.release()
    FolderLock(tmp_path / "lock").take()


def test_a_held_lock_keeps_other_processes_out_whatever_this_one_takes_and_releases(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FolderLock.held(path):
        inner = FolderLock(path)
        inner.take()
        inner.release()
        assert other_process_is_refused(path)
    assert not other_process_is_refused(path)
