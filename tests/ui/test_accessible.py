"""Everything that can have the focus has a name, and every button says what it does and which key presses it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHeaderView,
    QLabel,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region
from tests.plugin.small_scene import write_small_scene
from tests.ui.dialogs.test_suggest import FOUND
from tests.ui.test_panel import made_panel, opened

from sottovoce_engine.registers import register_table
from sottovoce_engine.suggestions import Suggestions
from sottovoce_ui.desk import ExportFormat, Offline
from sottovoce_ui.dialogs.export import ExportDialog
from sottovoce_ui.dialogs.keys import KeyMap
from sottovoce_ui.dialogs.relink import RelinkDialog
from sottovoce_ui.dialogs.script import ScriptDialog
from sottovoce_ui.dialogs.suggest import SuggestDialog
from sottovoce_ui.dialogs.voices import VoicesDialog
from sottovoce_ui.editor import Editor
from sottovoce_ui.panel import Panel

pytestmark = pytest.mark.xdist_group("window")

QTS = (QHeaderView, QScrollBar, QScrollArea, QTabBar, QDialogButtonBox)  # parts that Qt itself makes known


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path) -> Iterator[Panel]:
    shown = made_panel(qtbot, tmp_path)
    opened(qtbot, shown, write_small_scene(tmp_path / "scene.otio"))
    yield shown
    shown.close()


def dialogs_of(panel: Panel) -> list[QDialog]:
    editor = Editor(draft(region(1, 24, 72), region(2, 120, 168)), panel)
    return [
        VoicesDialog(editor, panel),
        ScriptDialog(editor, panel),
        SuggestDialog(editor, register_table(), Suggestions(found=FOUND, notes=()), panel),
        KeyMap(panel.commands, register_table(), panel),
        RelinkDialog(panel.opening._desk, [Offline(path=Path("/a.mov"), clips=("a",))], panel),
        ExportDialog([ExportFormat(name="srt", about="the lines", lost=())], panel),
    ]


def test_everything_that_can_have_the_focus_has_a_name(panel: Panel) -> None:
    nameless = [
        f"{type(window).__name__}: {type(widget).__name__} {widget.objectName()}"
        for window in (panel, *dialogs_of(panel))
        for widget in focusable_in(window)
        if not name_of(widget)
    ]
    assert not nameless, "\n".join(nameless)


def test_every_button_says_what_it_does_and_its_key(panel: Panel) -> None:
    silent = [
        f"{type(window).__name__}: {button.text()!r}: {button.toolTip()!r}, {keys_of(button)!r}"
        for window in (panel, *dialogs_of(panel))
        for button in buttons_in(window)
        if not button.toolTip() or keys_of(button) not in button.toolTip()
    ]
    assert not silent, "\n".join(silent)


def test_no_two_controls_of_a_window_share_a_letter(panel: Panel) -> None:
    for window in (*dialogs_of(panel), panel):
        away = [panel.first_page] if window is panel else []
        inside = [each for each in window.findChildren(QWidget) if each.window() is window]
        there = [each for each in inside if not any(page.isAncestorOf(each) for page in away)]
        letters = [letter for each in there if (letter := letter_of(each))]
        assert len(letters) == len(set(letters)), f"{type(window).__name__}: {sorted(letters)}"


def letter_of(widget: QWidget) -> str:
    if isinstance(widget, QAbstractButton):
        return keys_of(widget)
    return QKeySequence.mnemonic(widget.text()).toString() if isinstance(widget, QLabel) else ""


def focusable_in(window: QWidget) -> Iterator[QWidget]:
    for widget in window.findChildren(QWidget):
        inner = isinstance(widget.parent(), QAbstractSpinBox) or widget.objectName().startswith("qt_")
        if isinstance(widget.window(), QFrame) or isinstance(widget.parent(), QComboBox):
            continue  # the list that a box of choices drops
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not inner and not isinstance(widget, QTS):
            yield widget


def name_of(widget: QWidget) -> str:
    """What a screen reader says: the name given to it, else a button's own text."""
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


def buttons_in(window: QWidget) -> Iterator[QAbstractButton]:
    """All but those that Qt words itself: close, cancel, agree."""
    for button in window.findChildren(QAbstractButton):
        box = button.parent()
        standard = isinstance(box, QDialogButtonBox) and box.standardButton(button) is not _NONE
        if button.focusPolicy() & Qt.FocusPolicy.TabFocus and not standard and not isinstance(box, QTabBar):
            yield button


def keys_of(button: QAbstractButton) -> str:
    return button.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


_NONE = QDialogButtonBox.StandardButton.NoButton
