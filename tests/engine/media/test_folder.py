import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.folder import MediaFolder

LONG_AGO = (1_000_000_000, 1_000_000_000)
HASH = hashlib.sha256(b"sound").hexdigest()


def ended_process() -> int:
    """The number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_media_are_named_by_their_content(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path / "media")
    assert folder.names() == ()
    with folder.staged("wav") as staged:
        staged.write_bytes(b"sound")
        name = folder.adopt(staged)
    assert name == f"{HASH}.wav"
    assert folder.path(name).read_bytes() == b"sound"
    assert folder.has(name)
    assert folder.names() == (name,)


@pytest.mark.parametrize("suffix", ["mov", ".mov", ".MOV"])
def test_the_ending_is_kept_plain(tmp_path: Path, suffix: str) -> None:
    folder = MediaFolder(tmp_path)
    with folder.staged(suffix) as staged:
        staged.write_bytes(b"sound")
        assert folder.adopt(staged) == f"{HASH}.mov"


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path)
    for _ in range(2):
        with folder.staged("wav") as staged:
            staged.write_bytes(b"sound")
            folder.adopt(staged)
    assert [path.name for path in tmp_path.iterdir()] == [f"{HASH}.wav"]


def test_what_is_not_adopted_is_removed(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path)

    def broken() -> None:
        with folder.staged("wav") as staged:
            staged.write_bytes(b"half")
            assert folder.names() == ()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert not list(tmp_path.iterdir())


def test_two_renders_stage_side_by_side(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path)
    with folder.staged("wav") as one, folder.staged("wav") as other:
        assert one != other
        assert one.parent == other.parent == tmp_path


@pytest.mark.parametrize("name", ["../x.mov", "", "x.mov", f"{HASH}", f"{HASH}.mov/..", f"{HASH.upper()}.mov"])
def test_a_name_cannot_lead_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name of this media folder"):
        MediaFolder(tmp_path).path(name)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match="Choose another folder"),
        MediaFolder(tmp_path / "file" / "media").staged("wav"),
    ):
        pass


def test_sweeping_takes_only_what_ended_processes_left(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path)
    ended = ended_process()
    left = tmp_path / f".staged-{ended}-00ff.mov"
    own = tmp_path / f".staged-{os.getpid()}-00ff.mov"
    fresh = tmp_path / f".staged-{ended}-00fe.mov"
    strange = tmp_path / ".staged-by-hand.mov"
    for path in (left, own, fresh, strange, tmp_path / f"{HASH}.mov"):
        path.write_bytes(b"sound")
        if path is not fresh:
            os.utime(path, LONG_AGO)
    assert folder.sweep() == (left,)
    assert not left.exists()
    assert len(list(tmp_path.iterdir())) == 4
    assert folder.sweep() == ()
