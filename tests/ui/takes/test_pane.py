"""Takes of a rendered region, by real keys: looked at, compared, marked, noted, deleted, and all of it undone."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import write_small_scene
from tests.ui.test_panel import made_panel, opened, press

from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce_engine.choices import with_chosen
from sottovoce_engine.plan import PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_ui.panel import Panel
from sottovoce_ui.takes.model import HEADINGS

pytestmark = pytest.mark.xdist_group("window")

Key = Qt.Key
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a timeline and two takes of its first region."""
    folder = tmp_path_factory.mktemp("rendered")
    desk = SceneDesk(default_reading())
    draft = desk.open(write_small_scene(folder / "scene.otio"), Job()).draft
    settings = PlanSettings(takes=2, only=(draft.regions[0].id,))
    chosen = desk.render(draft, settings, Job(), lambda _: None)
    desk.save(replace(draft, choices=with_chosen(draft.choices, chosen)))
    desk.close()
    return folder


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path, rendered: Path) -> Iterator[Panel]:
    """With the second of the two takes looked at."""
    shutil.copytree(rendered, tmp_path / "copy")
    shown = opened(qtbot, made_panel(qtbot, tmp_path), tmp_path / "copy" / "scene.otio")
    press(shown, Key.Key_Tab)
    press(shown, Key.Key_Down, modifiers=CONTROL)
    yield shown
    shown.close()


def looked_at(panel: Panel) -> int:
    return panel.takes.table.currentIndex().row()


def cell(panel: Panel, heading: str) -> str:
    return str(panel.takes.model.index(looked_at(panel), HEADINGS.index(heading)).data())


def note(panel: Panel, text: str) -> None:
    """Writes a note as a person does: T, the words, Return."""
    press(panel, Key.Key_T)
    (dialog,) = panel.takes.findChildren(QInputDialog)
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Key.Key_Return)
    panel.activateWindow()
    assert QTest.qWaitForWindowActive(panel, 2000)


def test_takes_are_gone_through_marked_noted_and_deleted_by_keys(qtbot: QtBot, panel: Panel) -> None:
    model, before = panel.takes.model, panel.editor.draft
    assert model.rowCount() == 2
    assert looked_at(panel) == 1
    press(panel, Key.Key_Down, modifiers=CONTROL)
    assert looked_at(panel) == 1, "there is none after the last"
    press(panel, Key.Key_Up, modifiers=CONTROL)
    assert looked_at(panel) == 0

    press(panel, Key.Key_C, Key.Key_A)
    assert cell(panel, "Marks") == "circled, alt"
    press(panel, Key.Key_Return, modifiers=CONTROL)
    assert cell(panel, "Marks") == "circled, alt, approved"
    press(panel, Key.Key_R)
    assert cell(panel, "Marks") == "alt, rejected", "a rejection takes back what speaks for it"
    press(panel, Key.Key_A, Key.Key_R)
    assert cell(panel, "Marks") == ""
    note(panel, "too close")
    assert cell(panel, "Note") == "too close"
    facts = panel.takes.take
    assert facts is not None
    said = panel.pile.note(facts.take.key)
    assert said is not None
    assert said.who
    assert said.when
    qtbot.waitUntil(lambda: "too close" in panel.takes.details.toPlainText())
    assert said.who in panel.takes.details.toPlainText()

    press(panel, Key.Key_Delete, modifiers=SHIFT)
    assert model.rowCount() == 1
    assert panel.takes.take not in (None, facts)
    press(panel, Key.Key_Z, modifiers=CONTROL)
    assert model.rowCount() == 2
    while panel.editor.stack.canUndo() and panel.editor.draft != before:
        press(panel, Key.Key_Z, modifiers=CONTROL)
    assert panel.editor.draft == before


def test_a_take_is_compared_with_the_chosen_one_or_any_other(panel: Panel) -> None:
    first, second = (panel.takes.model.take_at(row) for row in range(2))
    chosen = panel.pile.chosen(panel.editor.draft.regions[0].id)
    assert panel.takes.take == second
    assert panel.takes.beside == chosen
    other = first if chosen == second else second
    assert other is not None
    panel.takes.table.selectRow(panel.takes.model.row_of(other.take.key))
    press(panel, Key.Key_B, modifiers=SHIFT)
    assert "A" in cell(panel, "")
    assert "compared with" in panel.takes.model.index(looked_at(panel), 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert panel.takes.beside == other
    press(panel, Key.Key_B, modifiers=SHIFT)
    assert panel.takes.beside == chosen


def test_details_say_what_was_asked_for_measured_and_heard(qtbot: QtBot, panel: Panel) -> None:
    text = panel.takes.details.toPlainText()
    for wanted in (
        "asked for whisper, measured whisper",
        "LUFS over the speech",
        "none found",
        "passes",
        "close your eyes",
    ):
        assert wanted in text
    assert "No words model listens" in text, "nobody heard the words here"
    qtbot.waitUntil(lambda: panel.takes.sound.wave is not None, timeout=10_000)
    assert "has a voice" in panel.takes.sound.accessibleDescription()
    panel.editor.select(())
    assert "Select a region" in panel.takes.nothing.text()
    panel.editor.select((panel.editor.draft.regions[1].id,))
    assert "No take yet" in panel.takes.nothing.text()
    assert panel.takes.nothing.isVisible()
