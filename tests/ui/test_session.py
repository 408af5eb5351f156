"""Whole editing sessions by key and mouse, on a screen of their own where there is one to be had."""

import ctypes.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pysubs2
import pytest
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import write_small_scene
from tests.programs import lacking
from tests.ui.editing_session import LINES
from tests.ui.test_panel import made_panel, opened

ROOT = Path(__file__).resolve().parents[2]
SCREEN = "1600x1000x24"

pytestmark = pytest.mark.xdist_group("window")


@pytest.fixture
def screen() -> Iterator[dict[str, str]]:
    """What a process needs to show windows on a new X screen; without the programs for that, on none."""
    if shutil.which("Xvfb") is None or ctypes.util.find_library("xcb-cursor") is None:
        if os.environ.get("CI"):
            lacking("A screen is missing: apt-get install xvfb libxcb-cursor0")
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as shown:
            number = shown.readline().strip()  # once it is up
        yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_small_scene(tmp_path / "scene.otio", marks=())


def session(kind: str, source: Path, folder: Path, screen: dict[str, str]) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    command = [sys.executable, "-m", "tests.ui.editing_session", kind, str(source), str(folder)]
    environment = {**os.environ, **screen}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240)


def printed(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout.splitlines()[-1])


def test_six_regions_are_marked_rendered_chosen_spliced_exported_and_there_again(
    source: Path, tmp_path: Path, screen: dict[str, str]
) -> None:
    done = session("whole", source, tmp_path / "out", screen)
    assert done.returncode == 0, done.stderr[-3000:]
    found = printed(done)
    assert found["platform"] == screen["QT_QPA_PLATFORM"]
    assert found["same"], "marks and choices as they were saved"
    assert found["same takes"]
    assert found["takes"] == [2, 1, 1, 1, 1, 1]
    assert found["picked"] == [True]
    assert not found["asked to recover"]
    registers = ["whisper", "soft", "quieter", "normal", "loud", "shout"]
    starts = [0, 16, 32, 48, 64, 82]  # the last one was dragged to the end of the timeline
    wanted = zip(starts, registers, LINES, strict=True)
    assert found["regions"] == [[start, start + 14, register, line] for start, register, line in wanted]
    check_files(tmp_path / "out")


def check_files(folder: Path) -> None:
    """What was spliced and exported, read by other programs."""
    assert (folder / "scene.mov").stat().st_size > 10_000
    (subtitles,) = folder.glob("*.srt")
    assert [line.text.rpartition(": ")[2] for line in pysubs2.load(str(subtitles))] == list(LINES)
    for timeline in folder.glob("*.otio"):
        assert otio.adapters.read_from_file(str(timeline)).duration().to_frames() == 96


def test_a_session_killed_in_the_middle_of_a_drag_is_recovered_to_its_last_change(
    qtbot: QtBot, source: Path, tmp_path: Path, screen: dict[str, str]
) -> None:
    done = session("killed", source, tmp_path / "out", screen)
    assert done.returncode == -signal.SIGKILL, done.stderr[-3000:]
    panel = opened(qtbot, made_panel(qtbot, tmp_path), source)
    try:
        assert not panel.editor.draft.regions
        assert panel.opening.question is not None
        assert "the last: Move regions" in panel.opening.question.text()
        panel.opening.question.buttons()[0].click()
        assert [repr(region) for region in panel.editor.draft.regions] == printed(done)
    finally:
        panel.close()
