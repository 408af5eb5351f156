"""What the marking keys do to a draft."""

from dataclasses import replace
from fractions import Fraction

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region, spans

from sottovoce_engine.editing.spans import Edge
from sottovoce_engine.registers import register_table
from sottovoce_ui.editor import Editor
from sottovoce_ui.marking import Marking

FIRST, SECOND = "00000001", "00000002"


@pytest.fixture
def editor(qapp: QApplication) -> Editor:
    assert qapp is not None
    return Editor(draft(region(1, 24, 72), region(2, 120, 168), region(3, 24, 120, voice="BEN")))


@pytest.fixture
def marking(editor: Editor) -> Marking:
    return Marking(editor, register_table(), editor)


def test_in_and_out_and_a_number_make_a_region(marking: Marking, editor: Editor) -> None:
    editor.go_to(180)
    marking.mark_in()
    editor.go_to(199)
    marking.mark_out()
    marking.register(0)
    assert editor.current is not None
    assert (editor.current.span.start, editor.current.span.end) == (180, 200)
    assert (editor.current.register, editor.current.voice, editor.current.line) == ("whisper", "ANNA", "")
    assert (editor.range_in, editor.range_out) == (None, None)
    editor.stack.undo()
    assert len(editor.draft.regions) == 3


def test_without_a_range_a_number_changes_what_is_selected_or_marks_two_seconds(
    marking: Marking, editor: Editor
) -> None:
    editor.select((FIRST, SECOND))
    marking.register(4)
    assert {each.register for each in editor.draft.regions if each.voice == "ANNA"} == {"loud"}
    editor.select(())
    marking.voice = "BEN"
    editor.go_to(150)
    marking.register(1)
    assert editor.current is not None
    assert (editor.current.voice, editor.current.span.start, editor.current.span.end) == ("BEN", 150, 198)
    marking.register(99)
    assert editor.current.register == "soft"


def test_the_first_mark_of_a_bare_timeline_makes_a_voice(qapp: QApplication) -> None:
    assert qapp is not None
    bare = draft().with_voices(())
    editor = Editor(bare)
    Marking(editor, register_table(), editor).register(0)
    assert [voice.name for voice in editor.scene.voices] == ["VOICE 1"]
    assert [each.voice for each in editor.draft.regions] == ["VOICE 1"]
    editor.stack.undo()
    assert editor.draft == bare


def test_splitting_takes_what_is_selected_under_the_playhead(qtbot: QtBot, marking: Marking, editor: Editor) -> None:
    editor.go_to(50)
    marking.split()
    assert len(editor.draft.regions) == 5
    editor.stack.undo()
    editor.select((FIRST,))
    marking.split()
    assert sorted((each.span.start, each.span.end) for each in editor.draft.regions if each.voice == "ANNA") == [
        (24, 50),
        (50, 72),
        (120, 168),
    ]
    editor.go_to(220)
    with qtbot.waitSignal(editor.refused):
        marking.split()


def test_trimming_nudging_and_deleting(marking: Marking, editor: Editor) -> None:
    editor.select((FIRST,))
    editor.go_to(40)
    marking.trim(Edge.START)
    editor.go_to(60)
    marking.trim(Edge.END)
    marking.nudge(-3)
    assert spans(editor.draft)["1"] == (37, 57)
    marking.delete()
    assert set(spans(editor.draft)) == {"2", "3"}
    marking.delete()
    assert set(spans(editor.draft)) == {"2", "3"}


def test_going_about(marking: Marking, editor: Editor) -> None:
    visited = []
    for _ in range(6):
        marking.go_to_edit(1)
        visited.append(editor.playhead)
    assert visited == [24, 72, 120, 168, 239, 239]
    marking.go_to_edit(-1)
    assert editor.playhead == 168
    marking.go_by_second(-1)
    assert editor.playhead == 144
    marking.go_by(2)
    assert editor.playhead == 146
    marking.go_to_start()
    marking.select_beside(1)
    assert editor.current is not None
    assert (editor.current.span.start, editor.playhead) == (24, 24)
    marking.select_beside(1)
    marking.select_beside(1)
    marking.select_beside(1)
    assert editor.current.id == SECOND
    marking.select_under()
    assert editor.selection == {SECOND}
    marking.select_all()
    assert len(editor.selection) == 3


def test_drop_frame_seconds_are_as_long_as_timecode_counts(qapp: QApplication) -> None:
    assert qapp is not None
    made = draft()
    editor = Editor(replace(made, scene=replace(made.scene, rate=Fraction(30_000, 1001))))
    Marking(editor, register_table(), editor).go_by_second(1)
    assert editor.playhead == 30
