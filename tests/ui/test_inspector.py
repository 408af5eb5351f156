"""The inspector's fields by real keys."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region
from tests.otio_adapters.spliced_scenes import spliced_region

from sottovoce_engine.editing.spans import Edge, trimmed
from sottovoce_engine.editing.wording import with_details
from sottovoce_engine.obstacles import hurry
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import handles_of
from sottovoce_ui.editor import Editor
from sottovoce_ui.inspector import Inspector

FIRST, SECOND = "00000001", "00000002"


@pytest.fixture
def editor(qapp: QApplication) -> Editor:
    assert qapp is not None
    return Editor(draft(region(1, 24, 72), region(2, 120, 168), region(3, 30, 60, voice="BEN")))


@pytest.fixture
def inspector(qtbot: QtBot, editor: Editor) -> Inspector:
    shown = Inspector(editor, register_table(), lambda region_id: f"caption of {region_id}")
    qtbot.addWidget(shown)
    shown.show()
    return shown


def test_it_shows_the_current_region_and_nothing_where_none_is(inspector: Inspector, editor: Editor) -> None:
    assert not inspector.line.isEnabled()
    editor.select((FIRST,))
    assert inspector.line.toPlainText() == "come closer, please"
    assert inspector.place.text().startswith("00:00:01:00 – 00:00:03:00")
    assert inspector.caption.text() == f"caption of {FIRST}"
    assert inspector.register.currentText().startswith("W  whisper")


def test_what_is_too_long_is_shown_from_its_beginning(inspector: Inspector, editor: Editor) -> None:
    look = "a dark kitchen at night, one lamp over the table, rain at the window, " * 3
    editor.do("Look", lambda draft: with_details(draft, [FIRST], look=look.strip()))
    editor.select((FIRST,))
    assert inspector.look.text() == look.strip()
    assert inspector.look.cursorPosition() == 0


def test_a_spell_of_typing_is_one_step_for_all_selected_regions(inspector: Inspector, editor: Editor) -> None:
    editor.select((FIRST, SECOND))
    inspector.type_line()
    QTest.keyClicks(inspector.line, "go away")
    assert {editor.scene.region(each).line for each in (FIRST, SECOND)} == {"go away"}
    assert editor.stack.count() == 1
    editor.select((FIRST,))
    inspector.type_line()
    QTest.keyClicks(inspector.line, "now")
    assert editor.stack.count() == 2
    editor.stack.undo()
    assert inspector.line.toPlainText() == "go away"
    editor.stack.undo()
    assert inspector.line.toPlainText() == "come closer, please"


def test_typing_goes_on_where_the_cursor_is(inspector: Inspector, editor: Editor) -> None:
    editor.select((FIRST,))
    inspector.line.setFocus()
    for _ in range(4):
        QTest.keyClick(inspector.line, Qt.Key.Key_Right)
    QTest.keyClicks(inspector.line, " a bit")
    assert editor.scene.region(FIRST).line == "come a bit closer, please"


def test_what_is_refused_does_not_stay_in_the_field(inspector: Inspector, editor: Editor) -> None:
    editor.select(("00000003",))
    inspector.voice.setCurrentText("ANNA")
    inspector.voice.activated.emit(0)
    assert editor.scene.region("00000003").voice == "BEN", "ANNA speaks there already"
    assert inspector.voice.currentText() == "BEN"


def test_fields_that_are_chosen(inspector: Inspector, editor: Editor) -> None:
    editor.select((FIRST,))
    inspector.picture.setCurrentIndex(2)
    inspector.picture.activated.emit(2)
    inspector.register.activated.emit(5)
    inspector.seed.setValue(7)
    inspector.gain.setValue(-2.5)
    found = editor.scene.region(FIRST)
    assert (found.picture, found.register, found.seed, found.gain_db) == (PictureMode.CUT, "shout", 7, -2.5)
    inspector.picture.activated.emit(0)
    inspector.seed.setValue(-1)
    found = editor.scene.region(FIRST)
    assert (found.picture, found.seed) == (None, None)


def test_what_stands_in_the_way_is_shown(inspector: Inspector, editor: Editor) -> None:
    inspector.set_warnings(lambda region_id: ("the line needs about 4.0 s",) if region_id == FIRST else ())
    editor.select((FIRST,))
    assert inspector.warning.isVisible()
    assert inspector.warning.text() == "⚠ the line needs about 4.0 s"
    editor.select((SECOND,))
    assert not inspector.warning.isVisible()


def test_nothing_can_be_typed_where_another_program_writes(inspector: Inspector, editor: Editor) -> None:
    editor.open(editor.draft, read_only="another program has it")
    editor.select((FIRST,))
    assert not inspector.line.isEnabled()


def test_what_cannot_work_is_told_while_it_is_typed(inspector: Inspector, editor: Editor) -> None:
    editor.select((FIRST,))
    assert not inspector.warning.isVisible()
    inspector.type_line()
    QTest.keyClicks(inspector.line, "everything that I always wanted to tell you about the garden")
    assert inspector.warning.isVisible()
    assert "it will sound hurried. Trim its end to 00:00:0" in inspector.warning.text()
    inspector.type_line()
    QTest.keyClick(inspector.line, Qt.Key.Key_Delete)
    assert inspector.warning.text() == "⚠ The region has no line, and is left out of renders. Type what is said."
    QTest.keyClicks(inspector.line, "hush")
    assert not inspector.warning.isVisible()


def test_what_the_region_shows_itself_is_not_told_twice(inspector: Inspector, editor: Editor) -> None:
    hurried = "come here at once, all of you, and bring everything with you that you can carry"
    editor.do("Line", lambda now: with_details(now, {FIRST}, line=hurried))
    inspector.set_warnings(lambda region_id: (hurry(editor.scene.region(region_id), editor.scene), "stale"))
    editor.select((FIRST,))
    hurry_told, stale = inspector.warning.text().splitlines()
    assert "sound hurried. Trim" in hurry_told
    assert stale == "⚠ stale"


def test_every_field_is_reached_with_tab_and_changed_by_keys(
    qtbot: QtBot, inspector: Inspector, editor: Editor
) -> None:
    editor.select((SECOND,))
    inspector.activateWindow()
    qtbot.waitActive(inspector)
    window = inspector.windowHandle()
    inspector.type_line()

    def tab() -> None:
        QTest.keyClick(window, Qt.Key.Key_Tab)

    QTest.keyClicks(inspector.line, "go")
    tab()
    assert inspector.voice.hasFocus()
    QTest.keyClick(window, Qt.Key.Key_Down)
    tab()
    QTest.keyClick(window, Qt.Key.Key_Down)
    for field, text in ((inspector.look, "a dim hall"), (inspector.location, "hall"), (inspector.cue, "R1")):
        tab()
        assert field.hasFocus()
        QTest.keyClicks(field, text)
    tab()
    QTest.keyClick(window, Qt.Key.Key_Down)
    for box, text in ((inspector.seed, "7"), (inspector.lead, "3"), (inspector.tail, "4"), (inspector.gain, "-2.5")):
        tab()
        assert box.hasFocus()
        box.selectAll()
        QTest.keyClicks(box, text)
    found = editor.scene.region(SECOND)
    assert (found.line, found.voice, found.register, found.look) == ("go", "BEN", "soft", "a dim hall")
    assert (found.location, found.cue, found.picture, found.seed) == ("hall", "R1", PictureMode.LOCK, 7)
    assert (found.lead_frames, found.tail_frames, found.gain_db) == (3, 4, -2.5)
    while editor.stack.canUndo():
        editor.stack.undo()
    assert editor.scene.region(SECOND) == region(2, 120, 168)
    assert inspector.line.toPlainText() == "come closer, please"
    assert inspector.voice.currentText() == "ANNA"


def test_the_handles_of_the_chosen_take_are_told(inspector: Inspector, editor: Editor) -> None:
    first = editor.scene.region(FIRST)
    take = spliced_region(first, editor.scene, Path("/takes"), picture=False).placed.take
    inspector.set_takes(lambda region_id: take if region_id == FIRST else None)
    editor.select((FIRST,))
    before, after = handles_of(take, first)
    assert inspector.handles.text() == f"Handles of the chosen take: {before} frames before, {after} after."
    editor.do("Trim", lambda now: trimmed(now, FIRST, Edge.END, 72 + after + 1))
    assert "does not reach" in inspector.handles.text()
    editor.select((SECOND,))
    assert not inspector.handles.isVisible()
