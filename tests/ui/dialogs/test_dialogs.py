"""Small windows, by real clicks and keys."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region

from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender
from sottovoce_ui.actions import Actions
from sottovoce_ui.commands import COMMANDS
from sottovoce_ui.desk import ExportFormat
from sottovoce_ui.dialogs.export import ExportDialog
from sottovoce_ui.dialogs.keys import KeyMap
from sottovoce_ui.dialogs.script import ScriptDialog
from sottovoce_ui.dialogs.voices import VoicesDialog
from sottovoce_ui.editor import Editor


@pytest.fixture
def editor(qapp: QApplication) -> Editor:
    assert qapp is not None
    return Editor(draft(region(1, 24, 72), region(2, 120, 168), region(3, 24, 120, voice="BEN")))


def actions_in(window: QMainWindow, folder: Path) -> Actions:
    return Actions(window, QSettings(str(folder / "keys.ini"), QSettings.Format.IniFormat))


def row_of(command: str) -> int:
    return next(row for row, each in enumerate(COMMANDS) if each.id == command)


def test_keys_are_changed_kept_and_refused_where_they_are_taken(qtbot: QtBot, tmp_path: Path) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    keys = KeyMap(actions_in(window, tmp_path), register_table(), window)
    cell = keys.table.item(row_of("split"), 2)
    assert cell is not None
    cell.setText("Ctrl+K")
    assert keys.message.text() == "Changed."
    cell.setText("Ctrl+O")
    assert "is the key of 'Open" in keys.message.text()
    assert cell.text() == "Ctrl+K"
    cell.setText("3")
    assert keys.message.text() == "3 is the key of a register. Choose another one."
    assert cell.text() == "Ctrl+K"
    again = QMainWindow()
    qtbot.addWidget(again)
    kept = actions_in(again, tmp_path)
    assert kept.keys("split") == ("Ctrl+K",)
    kept.set_keys("split", next(each.keys for each in COMMANDS if each.id == "split"))
    assert actions_in(again, tmp_path).keys("split") == ("Ctrl+B",)


def test_keys_are_changed_by_keys_alone_and_reset(qtbot: QtBot, tmp_path: Path) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = actions_in(window, tmp_path)
    window.show()
    keys = KeyMap(actions, register_table(), window)
    keys.open()
    keys.activateWindow()
    qtbot.waitActive(keys)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    assert QApplication.focusWidget() is keys.wanted
    QTest.keyClicks(keys.wanted, "split")
    QTest.keyClick(keys.windowHandle(), Qt.Key.Key_Tab)
    assert keys.table.hasFocus()
    QTest.keyClick(keys.windowHandle(), Qt.Key.Key_F2)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, "Ctrl+K Ctrl+Shift+K")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: actions.keys("split") == ("Ctrl+K", "Ctrl+Shift+K"))
    assert keys.isVisible()
    with qtbot.waitSignal(keys.reset.clicked):
        QTest.keyClick(keys.windowHandle(), Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert actions.keys("split") == ("Ctrl+B",)
    again = QMainWindow()
    qtbot.addWidget(again)
    assert actions_in(again, tmp_path).keys("split") == ("Ctrl+B",)


def test_a_command_is_found_by_its_words_or_its_key(qtbot: QtBot, tmp_path: Path) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    keys = KeyMap(actions_in(window, tmp_path), register_table(), window)
    QTest.keyClicks(keys.wanted, "split")
    shown = [row for row in range(keys.table.rowCount()) if not keys.table.isRowHidden(row)]
    assert shown == [row_of("split")]


def test_no_two_commands_share_a_key() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


def test_voices_are_added_changed_and_removed(qtbot: QtBot, editor: Editor) -> None:
    dialog = VoicesDialog(editor)
    qtbot.addWidget(dialog)
    QTest.mouseClick(dialog.add, Qt.MouseButton.LeftButton)
    assert [voice.name for voice in editor.scene.voices] == ["ANNA", "BEN", "VOICE 1"]
    name = dialog.table.item(2, 0)
    assert name is not None
    name.setText("CARL")
    gender = dialog.table.cellWidget(2, 1)
    assert isinstance(gender, QComboBox)
    gender.setCurrentText("man")
    gender.activated.emit(1)
    assert editor.scene.voice("CARL").gender is Gender.MAN
    name = dialog.table.item(2, 0)
    assert name is not None
    name.setText("ANNA")
    assert "'ANNA' already" in dialog.message.text()
    assert [voice.name for voice in editor.scene.voices] == ["ANNA", "BEN", "CARL"]
    dialog.table.setCurrentCell(0, 0)
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert "still has 2 regions" in dialog.message.text()
    dialog.table.setCurrentCell(2, 0)
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert len(editor.scene.voices) == 2
    while editor.stack.canUndo():
        editor.stack.undo()
    assert [voice.name for voice in editor.scene.voices] == ["ANNA", "BEN"]


def test_voices_are_worked_by_keys_alone(qtbot: QtBot, editor: Editor) -> None:
    dialog = VoicesDialog(editor)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitActive(dialog)
    window = dialog.windowHandle()

    def typed(text: str) -> None:
        field = QApplication.focusWidget()
        assert isinstance(field, QLineEdit)
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    qtbot.waitUntil(dialog.table.hasFocus)
    QTest.keyClick(window, Qt.Key.Key_F2)
    typed("EVE")
    qtbot.waitUntil(lambda: editor.scene.voices[0].name == "EVE")
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_Right)
    QTest.keyClick(window, Qt.Key.Key_F2)
    typed("low, tired")
    qtbot.waitUntil(lambda: editor.scene.voices[0].sound == "low, tired")
    QTest.keyClick(window, Qt.Key.Key_Tab)
    gender = QApplication.focusWidget()
    assert gender is dialog.table.cellWidget(0, 1)
    QTest.keyClick(gender, Qt.Key.Key_Down)
    assert editor.scene.voices[0].gender is Gender.MAN
    assert gender.hasFocus(), "the arrows go on through the same box"
    with qtbot.waitSignal(dialog.add.clicked):
        QTest.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    typed("CARL")
    qtbot.waitUntil(lambda: [voice.name for voice in editor.scene.voices] == ["EVE", "BEN", "CARL"])
    with qtbot.waitSignal(dialog.remove.clicked):
        QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert len(editor.scene.voices) == 2
    assert dialog.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_script_goes_to_the_regions_from_the_playhead_on(qtbot: QtBot, editor: Editor) -> None:
    editor.go_to(20)
    dialog = ScriptDialog(editor)
    qtbot.addWidget(dialog)
    assert not dialog.agree.isEnabled()
    dialog.text.setPlainText("first\n\n  second \nthird\nfourth")
    assert "1 lines have no region" in dialog.told.text()
    QTest.mouseClick(dialog.agree, Qt.MouseButton.LeftButton)
    assert {each.id[-1]: each.line for each in editor.draft.regions} == {"1": "first", "3": "second", "2": "third"}
    editor.stack.undo()
    assert {each.line for each in editor.draft.regions} == {"come closer, please"}


def test_a_script_is_pasted_by_keys_and_stepped_through(qtbot: QtBot, editor: Editor) -> None:
    dialog = ScriptDialog(editor)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitActive(dialog)
    qtbot.waitUntil(dialog.text.hasFocus)
    QApplication.clipboard().setText("go\nstay")
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_Tab)
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert [each.line for each in editor.draft.regions] == ["go", "stay", "come closer, please"]
    assert editor.current == editor.draft.regions[0]


def test_formats_are_ticked_and_their_losses_told(qtbot: QtBot) -> None:
    dialog = ExportDialog(
        [
            ExportFormat(name="otio", about="the timeline itself", lost=()),
            ExportFormat(name="srt", about="the lines", lost=("Gains are lost.",)),
        ]
    )
    qtbot.addWidget(dialog)
    assert "Everything survives" in dialog.told.text()
    assert not dialog.agree.isEnabled()
    cell = dialog.table.item(1, 2)
    assert cell is not None
    assert cell.text() == "Gains are lost.", "what is lost is seen before a row is looked at"
    QTest.keyClick(dialog.table, Qt.Key.Key_Down)
    assert "Gains are lost." in dialog.told.text()
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert dialog.agree.isEnabled()
    assert dialog.names == ("srt",)
