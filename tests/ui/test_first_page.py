"""How a person begins: the page shown while nothing is open, and what was open last."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import write_small_scene

from sottovoce_engine.registers import register_table
from sottovoce_ui.panel import Panel
from sottovoce_ui.recent import MOST, Recent

from .test_panel import made_panel, opened, panel, wait_until_idle

__all__ = ["panel"]

pytestmark = pytest.mark.xdist_group("window")


def settings_in(folder: Path) -> QSettings:
    return QSettings(str(folder / "recent.ini"), QSettings.Format.IniFormat)


def test_the_example_scene_is_one_click_away(qtbot: QtBot, panel: Panel, home: Path) -> None:
    assert panel.first_page.isVisible()
    told = panel.first_page.told
    assert told.height() >= told.heightForWidth(told.width()), "no line of it is cut"
    QTest.mouseClick(panel.first_page.example, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, panel)
    assert panel.timeline.isVisible(), panel.message.text()
    assert not panel.first_page.isVisible()
    assert {region.register for region in panel.editor.draft.regions} == set(register_table().names)
    assert (home / "exchange" / "example" / "night.otio").exists()


def test_the_page_is_worked_by_keys_alone(qtbot: QtBot, panel: Panel) -> None:
    panel.activateWindow()
    panel.first_page.setFocus()
    assert QApplication.focusWidget() is panel.first_page.open
    QTest.keyClick(panel.first_page.open, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is panel.first_page.example
    QTest.keyClick(panel.first_page.example, Qt.Key.Key_Space)
    wait_until_idle(qtbot, panel)
    assert panel.windowTitle().startswith("night.otio")
    assert QApplication.focusWidget() is panel.timeline


def test_what_was_open_last_is_offered_in_the_next_session(qtbot: QtBot, panel: Panel, tmp_path: Path) -> None:
    first, gone = write_small_scene(tmp_path / "first & last.otio"), write_small_scene(tmp_path / "gone.otio")
    for source in (first, gone):
        opened(qtbot, panel, source)
    panel.close()
    gone.unlink()
    again = made_panel(qtbot, tmp_path)
    (button,) = again.first_page.recent
    assert button.accessibleName() == f"Open {first}"
    assert [action.text() for action in again.recent_menu.actions()] == [f"first && last.otio  –  {tmp_path}"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, again)
    assert len(again.editor.draft.regions) == 2
    again.close()


def test_a_recent_timeline_is_opened_from_the_menu(qtbot: QtBot, panel: Panel, tmp_path: Path) -> None:
    first, second = write_small_scene(tmp_path / "first.otio"), write_small_scene(tmp_path / "second.otio")
    for source in (first, second):
        opened(qtbot, panel, source)
    newest, older = panel.recent_menu.actions()
    assert newest.text().startswith("second.otio")
    older.trigger()
    wait_until_idle(qtbot, panel)
    assert panel.windowTitle().startswith("first.otio")
    assert panel.recent_menu.actions()[0].text().startswith("first.otio")


def test_a_timeline_that_cannot_be_read_leaves_the_page(qtbot: QtBot, panel: Panel, tmp_path: Path) -> None:
    (tmp_path / "bad.otio").write_text("not json")
    opened(qtbot, panel, tmp_path / "bad.otio")
    assert panel.first_page.isVisible()
    assert panel.first_page.recent == []


def test_at_most_ten_are_kept_newest_first_and_each_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.otio" for number in range(MOST + 2)]
    for path in paths:
        path.touch()
        Recent(settings_in(tmp_path)).add(path)
    kept = Recent(settings_in(tmp_path))
    assert kept.paths == tuple(reversed(paths[2:]))
    kept.add(paths[5])
    assert kept.paths == (paths[5], *(path for path in reversed(paths[2:]) if path != paths[5]))


@pytest.mark.parametrize(
    ("name", "taken"), [("LINES.FDX", True), ("cut.mlt", True), ("cues.csv", True), ("a.mov", False)]
)
def test_what_can_be_opened_can_be_dropped(panel: Panel, tmp_path: Path, name: str, taken: bool) -> None:
    (tmp_path / name).touch()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    event = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, left, none)
    event.ignore()
    panel.dragEnterEvent(event)
    assert event.isAccepted() == taken
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, left, none)
    panel.dropEvent(drop)
    assert (panel.message.text() == f"Reading {name} …") == taken
