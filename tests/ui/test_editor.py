"""Intents, the undo stack and the selection, over real drafts."""

from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import LENGTH, draft, region, spans

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.spans import Edge, moved, removed, trimmed
from sottovoce_engine.editing.wording import with_details
from sottovoce_ui.editor import Editor

FIRST, SECOND = "00000001", "00000002"


@pytest.fixture
def editor(qapp: QCoreApplication) -> Editor:
    assert qapp is not None
    return Editor(draft(region(1, 24, 48), region(2, 72, 96)))


def test_a_change_can_be_undone_and_done_again_through_qts_stack(qtbot: QtBot, editor: Editor) -> None:
    start = editor.draft
    with qtbot.waitSignal(editor.draft_changed) as told:
        assert editor.do("Trim region", lambda now: trimmed(now, FIRST, Edge.END, 60))
    assert told.args == [start, editor.draft]
    assert editor.stack.undoText() == "Trim region"
    editor.stack.undo()
    assert editor.draft == start
    editor.stack.redo()
    assert spans(editor.draft)["1"] == (24, 60)
    assert not editor.do("Nothing", lambda now: now)
    assert editor.stack.count() == 1


def test_what_was_done_last_is_named_undone_and_redone_too(editor: Editor) -> None:
    editor.do("Trim region", partial(trimmed, region_id=FIRST, edge=Edge.END, frame=60))
    editor.do("Delete", partial(removed, ids={SECOND}))
    editor.stack.undo()
    assert editor.done_last == "Undo: Delete"
    editor.stack.undo()
    assert editor.done_last == "Undo: Trim region"
    editor.stack.redo()
    assert editor.done_last == "Redo: Trim region"


def test_a_gesture_is_one_step_in_a_long_session_too(editor: Editor) -> None:
    for number in range(1001):
        editor.do("Type", partial(with_details, ids={FIRST}, line=f"line {number}"))
    before, gesture = editor.draft, editor.new_gesture()
    for frame in (50, 55, 60):
        editor.do("Trim region", partial(trimmed, region_id=FIRST, edge=Edge.END, frame=frame), gesture=gesture)
    editor.stack.undo()
    assert editor.draft == before
    assert editor.stack.undoText() == "Type", "the menu names what it undoes"


def test_a_gesture_is_made_from_where_it_began_and_undone_as_one(editor: Editor) -> None:
    start, gesture = editor.draft, editor.new_gesture()
    for frame in (200, 50, 60):
        editor.do("Trim region", partial(trimmed, region_id=FIRST, edge=Edge.END, frame=frame), gesture=gesture)
    assert spans(editor.draft)["1"] == (24, 60)
    assert editor.stack.count() == 1
    editor.stack.undo()
    assert editor.draft == start


def test_what_changes_in_the_midst_of_a_gesture_stays(editor: Editor) -> None:
    gesture = editor.new_gesture()
    editor.do("Move", partial(moved, ids={FIRST}, by=5), gesture=gesture)
    editor.do("Register", partial(with_details, ids={SECOND}, register="shout"))
    editor.do("Move", partial(moved, ids={FIRST}, by=10), gesture=gesture)
    assert editor.draft.scene.region(SECOND).register == "shout"
    editor.stack.undo()
    editor.stack.undo()
    editor.do("Move", partial(with_details, ids={FIRST}, line="come here"), gesture=gesture)
    assert editor.draft.scene.region(SECOND).register != "shout", "what was undone in the midst of it is not done again"


def test_what_cannot_be_is_said_and_changes_nothing(qtbot: QtBot, editor: Editor) -> None:
    with qtbot.waitSignal(editor.refused) as told:
        assert not editor.do("Gain", lambda now: with_details(now, {FIRST}, gain_db=40.0))
    assert "40 dB" in told.args[0]
    editor.open(editor.draft, read_only="another program has it")
    with qtbot.waitSignal(editor.refused) as told:
        assert not editor.do("Delete", lambda now: removed(now, {FIRST}))
    assert told.args == ["another program has it"]
    assert editor.stack.count() == 0


def test_the_selection_holds_what_is_there(qtbot: QtBot, editor: Editor) -> None:
    editor.select([FIRST, SECOND, "gone"])
    assert editor.selection == {FIRST, SECOND}
    assert editor.current is not None
    assert editor.current.id == SECOND
    with qtbot.waitSignal(editor.selection_changed):
        editor.do("Delete", lambda now: removed(now, {SECOND}))
    assert editor.selection == {FIRST}
    assert editor.current.id == FIRST


def test_the_playhead_stays_in_the_timeline_and_the_range_in_order(editor: Editor) -> None:
    editor.go_to(LENGTH + 50)
    assert editor.playhead == LENGTH - 1
    editor.go_to(-5)
    assert editor.playhead == 0
    editor.set_range(30, None)
    editor.set_range(30, 20)
    assert (editor.range_in, editor.range_out) == (None, 20)
    editor.set_range(25, 20)
    assert (editor.range_in, editor.range_out) == (25, None)


def test_a_long_session_forgets_its_oldest_steps_and_stays_in_step(editor: Editor) -> None:
    drafts: list[Draft] = []
    for number in range(1010):
        editor.do("Type", partial(with_details, ids={FIRST}, line=f"line {number}"))
        drafts.append(editor.draft)
    while editor.stack.canUndo():
        editor.stack.undo()
    assert editor.draft == drafts[9]
    while editor.stack.canRedo():
        editor.stack.redo()
    assert editor.draft == drafts[-1]
