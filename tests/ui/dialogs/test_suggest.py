"""Suggested regions, looked through by real keys, and found in a real recording."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region, spans
from tests.engine.judge.spoken_lines import spoken
from tests.plugin.spoken_timeline import LINE, recording, silence, timeline_over
from tests.ui.hand import CONTROL, SHIFT, Hand, Key
from tests.ui.test_panel import made_panel, opened, wait_until_idle

from sottovoce_engine.judge.register_finding import RegisterFinding, Verdict
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Region, Voice
from sottovoce_engine.suggestions import Suggestion, Suggestions
from sottovoce_engine.timing import Span
from sottovoce_ui.dialogs.suggest import SuggestDialog
from sottovoce_ui.editor import Editor

pytestmark = pytest.mark.xdist_group("window")


def heard(made: Region, verdict: Verdict = Verdict.VOICED, f0_hz: float | None = 118.0) -> Suggestion:
    finding = RegisterFinding(
        asked="normal", verdict=verdict, v=0.9, voiced_share=None, stretches=1.0, words=(), speech_seconds=1.0,
        f0_hz=f0_hz, alpha_db=None, effort=None, distance=None, passes=None, amber=False, why=(),
    )  # fmt: skip
    return Suggestion(region=made, gender=Gender.MAN, finding=finding)


FOUND = (
    heard(region(2, 0, 24), Verdict.WHISPER, None),
    heard(replace(region(3, 80, 104, voice="MAN", line=""), register="normal")),
    heard(replace(region(4, 120, 150, voice="MAN"), register="loud")),
)


@pytest.fixture
def editor(qapp: QApplication) -> Editor:
    assert qapp is not None
    return Editor(draft(region(1, 24, 72)))


def shown(qtbot: QtBot, editor: Editor, *notes: str) -> SuggestDialog:
    dialog = SuggestDialog(editor, register_table(), Suggestions(found=FOUND, notes=notes))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitActive(dialog)
    return dialog


def press(qtbot: QtBot, dialog: SuggestDialog, letter: Qt.Key, button: QPushButton) -> None:
    """A button by its letter: it stays down for a moment."""
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(dialog.windowHandle(), letter, Qt.KeyboardModifier.AltModifier)


def cells(dialog: SuggestDialog, row: int) -> list[str]:
    items = (dialog.table.item(row, column) for column in range(dialog.table.columnCount()))
    return [item.text() for item in items if item is not None]


def test_each_row_says_where_how_long_who_and_how(qtbot: QtBot, editor: Editor) -> None:
    dialog = shown(qtbot, editor)
    assert cells(dialog, 0) == ["00:00:00:00", "1.00 s", "ANNA", "W  whisper", "whisper", "come closer, please"]
    assert cells(dialog, 1) == ["00:00:03:08", "1.00 s", "MAN", "N  normal", "voiced, 118 Hz", ""]
    assert dialog.agree.text() == "A&dd 3 regions"


def test_rows_are_ticked_by_space_and_what_is_ticked_comes_in_as_one_step(qtbot: QtBot, editor: Editor) -> None:
    start, dialog = editor.draft, shown(qtbot, editor)
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    QTest.keyClick(dialog.table, Qt.Key.Key_Down)
    assert editor.playhead == 80, "the playhead goes along"
    QTest.keyClick(dialog.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert dialog.ticked == []
    assert not dialog.agree.isEnabled()
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert dialog.ticked == list(FOUND[1:])
    press(qtbot, dialog, Qt.Key.Key_D, dialog.agree)
    assert not dialog.isVisible()
    assert spans(editor.draft) == {"1": (24, 72), "3": (80, 104), "4": (120, 150)}
    assert editor.scene.voice("MAN") == Voice(name="MAN", gender=Gender.MAN)
    assert editor.selection == {FOUND[1].region.id, FOUND[2].region.id}
    assert editor.stack.count() == 1
    editor.stack.undo()
    assert editor.draft == start


def test_a_stray_return_takes_nothing_over_and_escape_leaves(qtbot: QtBot, editor: Editor) -> None:
    start, dialog = editor.draft, shown(qtbot, editor)
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    assert dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert editor.draft == start


def test_all_are_ticked_or_none(qtbot: QtBot, editor: Editor) -> None:
    dialog = shown(qtbot, editor)
    press(qtbot, dialog, Qt.Key.Key_N, dialog.none)
    assert dialog.ticked == []
    press(qtbot, dialog, Qt.Key.Key_A, dialog.all)
    assert dialog.ticked == list(FOUND)


def test_what_could_not_be_heard_is_told(qtbot: QtBot, editor: Editor) -> None:
    dialog = shown(qtbot, editor, "'boom' could not be listened to")
    assert dialog.told.text().endswith("\n'boom' could not be listened to")
    many = shown(qtbot, editor, *(f"'{number}' could not be listened to" for number in range(300)))
    assert many.told.text().splitlines()[-1] == "… and 296 more"
    assert many.table.isVisible()
    assert many.height() < 600


def test_a_recording_is_listened_to_and_its_lines_are_marked_by_keys_alone(qtbot: QtBot, tmp_path: Path) -> None:
    parts = [silence(2.0), 0.5 * spoken(LINE), silence(1.2), spoken(LINE, "whisper"), silence(1.0)]
    placed = recording(tmp_path / "dialogue.wav", parts)
    source = timeline_over(tmp_path / "dialogue.wav", placed[-1][1] - 1.0, [("Anna whisper: hush", 0, 12)])
    panel = made_panel(qtbot, tmp_path)
    opened(qtbot, panel, source)
    before, hand = panel.editor.draft, Hand(panel)
    hand.press(Key.Key_G, modifiers=CONTROL)
    dialog = hand.dialog(SuggestDialog)
    assert isinstance(dialog, SuggestDialog)
    wait_until_idle(qtbot, panel)
    assert [each.finding.verdict for each in dialog.ticked] == [Verdict.VOICED, Verdict.WHISPER]
    found = [each.region for each in dialog.ticked]
    hand.press(Key.Key_Down)
    assert panel.editor.playhead == found[1].span.start
    press(qtbot, dialog, Key.Key_D, dialog.agree)
    assert panel.editor.draft.regions == (*before.regions, *found)
    assert all(each.span.overlaps(Span(0, 12)) is False for each in found)
    hand.press(Key.Key_Z, modifiers=CONTROL)
    assert panel.editor.draft == before
    hand.press(Key.Key_Z, modifiers=CONTROL | SHIFT)
    hand.press(Key.Key_G, modifiers=CONTROL)
    wait_until_idle(qtbot, panel)
    assert panel.message.text() == "Nothing is said that is not marked already."
    panel.close()


def test_listening_can_be_stopped(qtbot: QtBot, tmp_path: Path) -> None:
    placed = recording(tmp_path / "dialogue.wav", [silence(2.0), *[spoken(LINE), silence(1.0)] * 8])
    panel = made_panel(qtbot, tmp_path)
    opened(qtbot, panel, timeline_over(tmp_path / "dialogue.wav", placed[-1][1] - 1.0))
    panel.suggesting.suggest()
    panel.cancel()
    wait_until_idle(qtbot, panel)
    assert panel.message.text() == "Stopped."
    assert panel.dialogs.last is None
    panel.close()
