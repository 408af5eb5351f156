"""Saving and the journal while the editor goes on working: the disk is held up at a point of writing."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import MARKS, write_small_scene

from sottovoce.project import read_project
from sottovoce.reading import default_reading
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.journal import NAME, recovered
from sottovoce_engine.media.durable import watch_write_points
from sottovoce_ui.panel import Panel

from .test_panel import opened, panel, press, wait_until_idle

__all__ = ["panel"]

pytestmark = pytest.mark.xdist_group("window")

CONTROL = Qt.KeyboardModifier.ControlModifier
BEFORE_SAVED = "working copy synced"


class SlowDisk:
    """Holds up whoever comes to a point of writing, until it is let go."""

    def __init__(self, point: str) -> None:
        self._point = point
        self.is_held = threading.Event()
        self.gate = threading.Event()

    def watch(self, point: str) -> None:
        if point == self._point and not self.gate.is_set():
            self.is_held.set()
            self.gate.wait(20)


@pytest.fixture
def slow() -> Iterator[SlowDisk]:
    disk = SlowDisk(BEFORE_SAVED)
    watch_write_points(disk.watch)
    yield disk
    disk.gate.set()
    watch_write_points(None)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_small_scene(tmp_path / "scene.otio")


def journal_of(source: Path) -> Path:
    return source.with_suffix(".sottovoce") / NAME


def nudged(panel: Panel) -> Panel:
    """Its first region selected and moved a frame."""
    panel.editor.select((panel.editor.draft.regions[0].id,))
    press(panel, Qt.Key.Key_Period)
    return panel


def saved_start(source: Path) -> int:
    """Where the first region begins in the working copy."""
    return read_project(source, default_reading()).loaded.scene.regions[0].span.start


def recovered_draft(panel: Panel, source: Path) -> Draft:
    found = recovered(journal_of(source))
    assert found is not None
    return found.draft(panel.editor.scene)


def test_every_change_is_in_the_journal_as_it_was_made(qtbot: QtBot, panel: Panel, source: Path) -> None:
    start = opened(qtbot, panel, source).editor.draft
    nudged(panel)
    press(panel, Qt.Key.Key_Period, Qt.Key.Key_7, Qt.Key.Key_Delete)
    press(panel, Qt.Key.Key_Z, Qt.Key.Key_Z, modifiers=CONTROL)
    wait_until_idle(qtbot, panel)
    found = recovered(journal_of(source))
    assert found is not None
    assert found.start.draft(start.scene).regions == start.regions
    assert [change.label for change in found.changes] == [
        "Nudge regions",
        "Nudge regions",
        "Register: scream",
        "Delete regions",
        "Undo: Delete regions",
        "Undo: Register: scream",
    ]
    assert recovered_draft(panel, source).regions == panel.editor.draft.regions


def test_what_is_changed_while_it_is_saved_stays_to_be_saved(
    qtbot: QtBot, panel: Panel, source: Path, slow: SlowDisk
) -> None:
    nudged(opened(qtbot, panel, source))
    assert panel.isWindowModified()
    press(panel, Qt.Key.Key_S, modifiers=CONTROL)
    assert slow.is_held.wait(10)
    press(panel, Qt.Key.Key_Period)
    assert panel.editor.draft.regions[0].span.start == MARKS[0][1] + 2, "the window works while it is saved"
    slow.gate.set()
    wait_until_idle(qtbot, panel)
    assert panel.isWindowModified()
    assert saved_start(source) == MARKS[0][1] + 1
    found = recovered(journal_of(source))
    assert found is not None
    assert [change.label for change in found.changes] == ["Nudge regions"], "only what is not saved"
    assert found.draft(panel.editor.scene).regions == panel.editor.draft.regions
    press(panel, Qt.Key.Key_S, modifiers=CONTROL)
    wait_until_idle(qtbot, panel)
    assert not panel.isWindowModified()
    assert not journal_of(source).exists()


def test_undone_to_what_was_saved_nothing_is_left_to_save(qtbot: QtBot, panel: Panel, source: Path) -> None:
    nudged(opened(qtbot, panel, source))
    press(panel, Qt.Key.Key_Z, modifiers=CONTROL)
    assert not panel.isWindowModified()
    press(panel, Qt.Key.Key_Y, modifiers=CONTROL)
    assert panel.isWindowModified()


def test_closing_waits_for_the_save_and_says_so(qtbot: QtBot, panel: Panel, source: Path, slow: SlowDisk) -> None:
    nudged(opened(qtbot, panel, source))
    said: list[tuple[str, bool]] = []

    def look() -> None:
        if slow.is_held.is_set():
            said.append((panel.message.text(), panel.isVisible()))
            panel.close()  # a second time, which changes nothing
            slow.gate.set()
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)
    panel.close()
    assert said == [("Saving …", True)]
    assert not panel.isVisible()
    assert saved_start(source) == MARKS[0][1] + 1
    assert not journal_of(source).exists()


def test_another_timeline_is_opened_once_the_changes_of_this_one_are_saved(
    qtbot: QtBot, panel: Panel, source: Path, tmp_path: Path, slow: SlowDisk
) -> None:
    other = write_small_scene(tmp_path / "other.otio", marks=())
    nudged(opened(qtbot, panel, source))
    panel.open_timeline(other)
    assert slow.is_held.wait(10)
    press(panel, Qt.Key.Key_Period)
    slow.gate.set()
    qtbot.waitUntil(lambda: panel.windowTitle().startswith("other.otio"), timeout=20_000)
    assert saved_start(source) == MARKS[0][1] + 2, "also what was changed meanwhile"
    assert not journal_of(source).exists()


def test_what_is_written_out_waits_for_the_save(
    qtbot: QtBot, panel: Panel, source: Path, tmp_path: Path, slow: SlowDisk
) -> None:
    nudged(opened(qtbot, panel, source))
    panel.results.export_into(tmp_path / "out", ["srt"])
    assert slow.is_held.wait(10)
    qtbot.wait(100)
    assert panel.work.is_under_way
    assert "take" not in panel.message.text()
    slow.gate.set()
    wait_until_idle(qtbot, panel)
    assert "No region of 'scene.otio' has a take" in panel.message.text(), "it was begun after that"
    assert not panel.isWindowModified()


def test_a_save_that_fails_is_told_and_keeps_the_journal(qtbot: QtBot, panel: Panel, source: Path) -> None:
    nudged(opened(qtbot, panel, source))
    source.with_name("scene.sv.otio").mkdir()
    press(panel, Qt.Key.Key_S, modifiers=CONTROL)
    wait_until_idle(qtbot, panel)
    assert "scene.sv.otio" in panel.message.text()
    assert panel.isWindowModified()
    assert recovered_draft(panel, source).regions == panel.editor.draft.regions
    source.with_name("scene.sv.otio").rmdir()


SAVING = """
import os, sys
from pathlib import Path
from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce_engine.editing.spans import moved
from sottovoce_engine.media.durable import watch_write_points
from sottovoce_engine.progress import Job
desk = SceneDesk(default_reading())
draft = desk.open(Path(sys.argv[1]), Job()).draft
draft = moved(draft, {draft.regions[0].id}, 1)
desk.note(draft, "Nudge regions")
watch_write_points(lambda point: os.kill(os.getpid(), 9) if point == "working copy moved" else None)
desk.save(draft)
"""


def test_a_session_killed_right_after_its_changes_were_saved_has_nothing_to_recover(
    qtbot: QtBot, panel: Panel, source: Path
) -> None:
    assert subprocess.run([sys.executable, "-c", SAVING, str(source)], check=False).returncode == -signal.SIGKILL
    assert journal_of(source).exists()
    opened(qtbot, panel, source)
    assert panel.opening.question is None
    assert panel.editor.draft.regions[0].span.start == MARKS[0][1] + 1
    assert not journal_of(source).exists()
