"""The window over the real application: editing sessions by real keys on a real timeline."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import MARKS, write_small_scene

from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce_engine.registers import register_table
from sottovoce_ui.panel import Panel

pytestmark = pytest.mark.xdist_group("window")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_small_scene(tmp_path / "scene.otio")


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path) -> Iterator[Panel]:
    shown = made_panel(qtbot, tmp_path)
    yield shown
    shown.close()


def made_panel(qtbot: QtBot, folder: Path) -> Panel:
    settings = QSettings(str(folder / "panel.ini"), QSettings.Format.IniFormat)
    panel = Panel(SceneDesk(default_reading()), register_table(), settings)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def opened(qtbot: QtBot, panel: Panel, source: Path) -> Panel:
    panel.open_timeline(source)
    wait_until_idle(qtbot, panel)
    return panel


def wait_until_idle(qtbot: QtBot, panel: Panel) -> None:
    qtbot.waitUntil(
        lambda: (
            panel.commands["open"].isEnabled()
            and panel.keeping.is_idle
            and not panel.queue.is_running
            and not panel.reader.is_reading
        ),
        timeout=60_000,
    )


def press(panel: Panel, *keys: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    panel.timeline.setFocus()
    for key in keys:
        QTest.keyClick(panel.timeline, key, modifiers)


def test_an_opened_timeline_shows_its_regions_and_what_they_need(qtbot: QtBot, panel: Panel, source: Path) -> None:
    opened(qtbot, panel, source)
    assert [region.line for region in panel.editor.draft.regions] == ["close your eyes", "stay there"]
    qtbot.waitUntil(lambda: set(panel.standing.states.values()) == {"no take"}, timeout=10_000)
    panel.timeline.grab()
    assert panel.timeline.drawn.regions == len(MARKS)
    assert panel.commands["render_changed"].isEnabled()


def test_a_bad_timeline_is_a_message_and_the_window_stays_usable(qtbot: QtBot, panel: Panel, tmp_path: Path) -> None:
    (tmp_path / "bad.otio").write_text("not json")
    opened(qtbot, panel, tmp_path / "bad.otio")
    assert "bad.otio" in panel.message.text()
    assert not panel.commands["render_changed"].isEnabled()


def test_a_region_is_marked_typed_saved_and_there_again_by_keys_alone(
    qtbot: QtBot, panel: Panel, source: Path, tmp_path: Path
) -> None:
    opened(qtbot, panel, source)
    press(panel, Qt.Key.Key_End, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_I)
    press(panel, Qt.Key.Key_End, Qt.Key.Key_O, Qt.Key.Key_1)
    assert panel.editor.current is not None
    assert (panel.editor.current.span.start, panel.editor.current.span.end) == (92, 96)
    press(panel, Qt.Key.Key_Return)
    QTest.keyClicks(panel.inspector.line, "come here, I O 1 2 3")
    assert panel.editor.current.line == "come here, I O 1 2 3", "letters that are keys elsewhere are typed here"
    assert '"come here' in panel.inspector.caption.text()
    press(panel, Qt.Key.Key_S, modifiers=Qt.KeyboardModifier.ControlModifier)
    draft = panel.editor.draft
    panel.close()
    again = opened(qtbot, made_panel(qtbot, tmp_path), source)
    assert again.editor.draft.regions == draft.regions
    again.close()


def test_undo_and_redo_by_keys(qtbot: QtBot, panel: Panel, source: Path) -> None:
    start = opened(qtbot, panel, source).editor.draft
    press(panel, Qt.Key.Key_Tab, Qt.Key.Key_7, Qt.Key.Key_Period, Qt.Key.Key_Delete)
    assert len(panel.editor.draft.regions) == 1
    control = Qt.KeyboardModifier.ControlModifier
    press(panel, Qt.Key.Key_Z, Qt.Key.Key_Z, Qt.Key.Key_Z, modifiers=control)
    assert panel.editor.draft == start
    press(panel, Qt.Key.Key_Y, Qt.Key.Key_Y, modifiers=control)
    assert panel.editor.draft.regions[0].register == "scream"
    assert panel.editor.draft.regions[0].span.start == MARKS[0][1] + 1


def test_regions_are_rendered_chosen_and_spliced(qtbot: QtBot, panel: Panel, source: Path, tmp_path: Path) -> None:
    opened(qtbot, panel, source)
    panel.making.render_changed()
    wait_until_idle(qtbot, panel)
    assert [str(entry.state) for entry in panel.queue.entries.entries] == ["done", "done"], panel.message.text()
    panel.editor.select((panel.editor.draft.regions[0].id,))
    assert panel.takes.model.rowCount() == 1
    chosen = panel.pile.chosen(panel.editor.draft.regions[0].id)
    assert chosen is not None
    assert chosen.judgement is not None
    panel.results.splice_into(tmp_path / "out")
    wait_until_idle(qtbot, panel)
    assert (tmp_path / "out" / "scene.mov").exists(), panel.message.text()
    assert panel.commands["show_movie"].isEnabled()


def test_work_is_stopped_and_goes_on_when_asked_again(qtbot: QtBot, panel: Panel, source: Path) -> None:
    opened(qtbot, panel, source)
    panel.making.render_changed()
    press(panel, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, panel)
    assert "stopped" in {str(entry.state) for entry in panel.queue.entries.entries}
    panel.queue.retry([region.id for region in panel.editor.draft.regions])
    wait_until_idle(qtbot, panel)
    assert {str(entry.state) for entry in panel.queue.entries.entries} == {"done"}


def test_takes_are_marked_chosen_and_deleted_and_all_of_it_undone(qtbot: QtBot, panel: Panel, source: Path) -> None:
    opened(qtbot, panel, source)
    first = panel.editor.draft.regions[0].id
    panel.editor.select((first,))
    for _ in range(2):
        panel.making.render_selected()
        wait_until_idle(qtbot, panel)
    assert panel.takes.model.rowCount() == 2
    before = panel.editor.draft
    other = next(facts for facts in panel.pile.of(first) if facts != panel.pile.chosen(first))
    panel.takes.table.selectRow(panel.takes.model.row_of(other.take.key))
    panel.takes.choose()
    panel.takes.mark("circled")
    note = panel.pile.note(other.take.key)
    assert note is not None
    assert note.circled
    assert panel.pile.chosen(first) == other
    panel.takes.delete()
    assert panel.takes.model.rowCount() == 1
    assert panel.pile.chosen(first) is None
    for _ in range(3):
        panel.editor.stack.undo()
    assert panel.editor.draft == before
    assert panel.takes.model.rowCount() == 2


NUDGING = """
import os, sys
from pathlib import Path
from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce_engine.editing.spans import moved
from sottovoce_engine.progress import Job
desk = SceneDesk(default_reading())
draft = desk.open(Path(sys.argv[1]), Job()).draft
for _ in range(3):
    draft = moved(draft, {draft.regions[0].id}, 1)
    desk.note(draft, "Nudge regions")
os.kill(os.getpid(), 9)
"""


def test_unsaved_changes_of_a_session_that_was_killed_are_offered(qtbot: QtBot, panel: Panel, source: Path) -> None:
    assert subprocess.run([sys.executable, "-c", NUDGING, str(source)], check=False).returncode != 0
    opened(qtbot, panel, source)
    assert panel.opening.question is not None
    assert "3 changes" in panel.opening.question.text()
    assert "Nudge" in panel.opening.question.text()
    accept = next(
        button
        for button in panel.opening.question.buttons()
        if panel.opening.question.buttonRole(button) is QMessageBox.ButtonRole.AcceptRole
    )
    QTest.mouseClick(accept, Qt.MouseButton.LeftButton)
    assert panel.editor.draft.regions[0].span.start == MARKS[0][1] + 3
    panel.editor.stack.undo()
    assert panel.editor.draft.regions[0].span.start == MARKS[0][1]


def test_a_timeline_that_cannot_be_opened_leaves_nothing_to_change(
    qtbot: QtBot, panel: Panel, source: Path, tmp_path: Path
) -> None:
    opened(qtbot, panel, source)
    panel.editor.select((panel.editor.draft.regions[0].id,))
    (tmp_path / "bad.otio").write_text("not json")
    opened(qtbot, panel, tmp_path / "bad.otio")
    assert not panel.editor.draft.regions
    assert not panel.inspector.line.isEnabled()
    assert not panel.standing.states
    press(panel, Qt.Key.Key_1)
    assert not panel.editor.draft.regions
    assert opened(qtbot, panel, source).editor.draft.regions, "the next one is opened as ever"


def test_a_window_closed_while_regions_are_rendered_ends_quietly(
    qtbot: QtBot, panel: Panel, source: Path, tmp_path: Path
) -> None:
    opened(qtbot, panel, source)
    panel.making.render_changed()
    qtbot.wait(100)
    panel.close()
    qtbot.wait(300)  # what the queue still has to say comes after; a fault in a slot fails the test
    assert not panel.queue.is_running
    again = opened(qtbot, made_panel(qtbot, tmp_path), source)
    assert again.opening.question is None
    again.close()


def test_what_is_changed_while_a_changed_timeline_is_read_stays(qtbot: QtBot, panel: Panel, source: Path) -> None:
    opened(qtbot, panel, source)
    write_small_scene(source, marks=((MARKS[0][0], MARKS[0][1], MARKS[0][2] - 4), MARKS[1]))
    panel.opening.look_at_disk()
    panel.editor.select((panel.editor.draft.regions[1].id,))
    panel.marking.nudge(2)
    wait_until_idle(qtbot, panel)
    first, second = panel.editor.draft.regions
    assert first.span.length == MARKS[0][2] - 4
    assert second.span.start == MARKS[1][1] + 2
