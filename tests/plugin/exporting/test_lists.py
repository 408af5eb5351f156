"""Cue sheets and Avid's markers, exported and read back as the regions they were."""

from pathlib import Path

import pytest
from tests.plugin.small_scene import write_small_scene

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Region
from sottovoce_otio.timeline import ReadOptions, read_timeline

REGISTERS = register_table()


def regions_in(path: Path, options: ReadOptions | None = None) -> tuple[Region, ...]:
    return read_timeline(path, REGISTERS, options).scene.regions


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """The folder of a rendered scene's lists."""
    timeline = write_small_scene(tmp_path / "R2 night.otio")
    assert run(["render", str(timeline), "-o", str(tmp_path / "out"), "--no-judge"]) is ExitCode.DONE
    lists = ["--to", "cues", "--to", "avid"]
    assert run(["export", str(timeline), *lists, "-o", str(tmp_path / "lists")]) is ExitCode.DONE
    return tmp_path / "lists"


def test_lists_read_back_as_the_regions_they_were(exported: Path) -> None:
    was = regions_in(exported.parent / "R2 night.otio")
    sheet = exported / "R2 night cues.csv"
    assert regions_in(sheet) == was
    first, second = sheet.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert first.split(",")[1:7] == ["R2", "R2 night", "Anna", "00:00:00:06", "00:00:01:22", "whisper"]
    assert second.split(",")[9:12] == ["1", "chosen", "man"]
    markers = exported / "R2 night markers.txt"
    assert regions_in(markers) == was
    assert markers.read_bytes().startswith(b"Sottovoce\t00:00:00:06\tV1\tblue\tAnna whisper: close your eyes [SV:")
