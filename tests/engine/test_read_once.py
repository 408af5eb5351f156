import os
from pathlib import Path

import pytest

from sottovoce_engine.read_once import ReadOnce


class Reading:
    """Counts what is read."""

    def __init__(self) -> None:
        self.sources: list[str] = []

    def __call__(self, record: bytes, source: str) -> str:
        self.sources.append(source)
        if record == b"broken":
            raise ValueError(source)
        return record.decode()


def replaced(path: Path, text: str) -> None:
    """As records are: written beside it and moved there."""
    beside = path.with_suffix(".new")
    beside.write_text(text)
    os.utime(beside, ns=(0, 0))  # whatever the clock says
    beside.replace(path)


def test_a_file_is_read_again_only_where_it_has_changed(tmp_path: Path) -> None:
    files, read, path = ReadOnce(most=10), Reading(), tmp_path / "a.json"
    replaced(path, "one")
    assert [files.value(path, read) for _ in range(3)] == ["one"] * 3
    assert read.sources == [str(path)]
    replaced(path, "two")
    assert files.value(path, read) == "two", "as long as before, and of the same time"
    path.unlink()
    with pytest.raises(FileNotFoundError):
        files.value(path, read)


def test_what_cannot_be_read_is_tried_again(tmp_path: Path) -> None:
    files, read, path = ReadOnce(most=10), Reading(), tmp_path / "a.json"
    replaced(path, "broken")
    for _ in range(2):
        with pytest.raises(ValueError, match="json"):
            files.value(path, read)
    assert len(read.sources) == 2


def test_each_way_of_reading_has_values_of_its_own(tmp_path: Path) -> None:
    files, path = ReadOnce(most=10), tmp_path / "a.json"
    replaced(path, "one")
    assert files.value(path, Reading()) == "one"
    assert files.value(path, lambda record, _: len(record)) == 3


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    files, read = ReadOnce(most=2), Reading()
    paths = [tmp_path / f"{name}.json" for name in "abc"]
    for path in paths:
        replaced(path, path.stem)
        files.value(path, read)
    files.value(paths[2], read)
    assert len(read.sources) == 3
    files.value(paths[0], read)
    assert len(read.sources) == 4
