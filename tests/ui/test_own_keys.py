"""Keys in fields, lists and buttons: theirs while they have the focus, the window's elsewhere."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import write_small_scene
from tests.ui.test_panel import made_panel, opened

from sottovoce_ui.panel import Panel

pytestmark = pytest.mark.xdist_group("window")


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path) -> Panel:
    shown = made_panel(qtbot, tmp_path)
    shown.activateWindow()
    qtbot.waitActive(shown)
    opened(qtbot, shown, write_small_scene(tmp_path / "scene.otio"))
    shown.editor.select((shown.editor.draft.regions[0].id,))
    return shown


def test_arrows_go_through_a_list_and_leave_the_playhead(panel: Panel) -> None:
    panel.editor.go_to(10)
    panel.takes.table.setFocus()
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_Down)
    assert panel.editor.playhead == 10
    panel.timeline.setFocus()
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_Down)
    assert panel.editor.playhead > 10


def test_space_presses_the_button_that_has_the_focus(panel: Panel) -> None:
    panel.docks["queue"].raise_()
    panel.queue_pane.pause.setFocus()
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_Space)
    assert panel.queue.paused
    assert panel.viewer.speed == 0


def test_tab_walks_through_the_fields_and_escape_leaves_them(panel: Panel) -> None:
    first = panel.editor.current
    panel.inspector.line.setFocus()
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_Tab)
    assert panel.inspector.voice.hasFocus()
    assert panel.editor.current == first
    panel.inspector.line.setFocus()
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_Escape)
    assert panel.timeline.hasFocus()


def test_what_was_typed_is_undone_by_the_one_history(panel: Panel) -> None:
    start = panel.editor.draft
    panel.inspector.line.setFocus()
    panel.inspector.line.selectAll()
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_A)
    assert panel.editor.draft.regions[0].line == "a"
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert panel.editor.draft == start
    assert panel.inspector.line.toPlainText() == start.regions[0].line
    assert not panel.editor.stack.canUndo()
