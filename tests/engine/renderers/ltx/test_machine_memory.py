import os
from pathlib import Path

import pytest

from sottovoce_engine.renderers.ltx.machine_memory import Card, graphics_card, host_free_bytes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")


def program(folder: Path, text: str) -> None:
    (folder / "nvidia-smi").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "nvidia-smi").chmod(0o755)


def test_a_card_is_read_from_its_drivers_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "echo 'NVIDIA A, B and C, 24564, 24100, 550.1'; echo 'Another, 8000, 7000, 550.1'")
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = Card(name="NVIDIA A, B and C", total_bytes=24564 << 20, free_bytes=24100 << 20, driver="550.1")
    assert graphics_card() == expected


@pytest.mark.parametrize(
    "text", ["echo 'No devices were found'", "exit 9", "echo 'Card, [N/A], [N/A], 550.1'", "exit 0", "kill -9 $$"]
)
def test_a_driver_that_does_not_answer_is_no_card(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, text)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert graphics_card() is None


def test_without_the_program_there_is_no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert graphics_card() is None


def test_the_hosts_free_memory_is_some_and_less_than_all_of_it() -> None:
    assert 0 < host_free_bytes() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
