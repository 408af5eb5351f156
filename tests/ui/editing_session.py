"""Editing sessions in a process of their own, on whatever screen it is given. Run as a module by the tests beside it.

python -m tests.ui.editing_session whole|killed TIMELINE FOLDER
"""

import json
import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.ui.hand import CONTROL, SHIFT, Hand, Key, linger

from sottovoce.exporting.formats import FORMATS as FORMAT_NAMES
from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce_engine.editing.draft import Draft
from sottovoce_ui.dialogs.export import ExportDialog
from sottovoce_ui.panel import Panel

LINES = ("wait", "close your eyes", "not here", "go now", "stay", "let me in")
FORMATS = ("otio", "srt")
_LENGTH = 14  # frames of each region
_APART = 16


def main() -> None:
    """Does the session that is named, and prints what came of it."""
    kind, timeline, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    application = QApplication([])
    hand = Hand(_shown(folder))
    hand.answer(timeline, lambda: hand.press(Key.Key_O, modifiers=CONTROL))
    hand.wait_until_idle()
    if kind == "killed":
        _die_in_a_drag(hand)
    print(json.dumps({"platform": application.platformName(), **_whole(hand, timeline, folder)}))


def _shown(folder: Path) -> Panel:
    reading = default_reading()
    settings = QSettings(str(folder / "panel.ini"), QSettings.Format.IniFormat)
    panel = Panel(SceneDesk(reading), reading.registers, settings)
    panel.resize(1400, 900)
    panel.show()
    QTest.qWaitForWindowExposed(panel)
    panel.activateWindow()
    return panel


def _whole(hand: Hand, timeline: Path, folder: Path) -> dict[str, object]:
    """Marks, types, renders, chooses, splices, exports, saves, closes, and opens again."""
    panel = hand.panel
    for number, line in enumerate(LINES):
        _mark(hand, number, line)
    _drag_last(hand, 20, drop=True)
    _render(hand)
    _choose_other_take(hand)
    hand.wait(panel.commands["splice"].isEnabled)
    hand.answer(folder, lambda: hand.press(Key.Key_E, modifiers=CONTROL))
    hand.wait_until_idle()
    hand.wait(lambda: (folder / f"{timeline.stem}.mov").exists())
    _export(hand, folder)
    hand.press(Key.Key_S, modifiers=CONTROL)
    before = panel.editor.draft
    takes = {region.id: [facts.take.key for facts in panel.pile.of(region.id)] for region in before.regions}
    hand.press(Key.Key_Q, modifiers=CONTROL)
    assert not panel.isVisible()

    again = Hand(_shown(folder))
    again.panel.open_timeline(timeline)
    again.wait_until_idle()
    after = again.panel.editor.draft
    found = {region.id: [facts.take.key for facts in again.panel.pile.of(region.id)] for region in after.regions}
    asked = again.panel.opening.question is not None
    again.panel.close()
    return {
        "regions": [[each.span.start, each.span.end, each.register, each.line] for each in after.regions],
        "same": _kept(after) == _kept(before),
        "same takes": found == takes,
        "takes": [len(keys) for keys in found.values()],
        "picked": [choice.picked for choice in after.choices if choice.region_id == after.regions[0].id],
        "asked to recover": asked,
    }


def _kept(draft: Draft) -> object:
    return draft.regions, draft.scene.voices, draft.choices, draft.deleted


def _mark(hand: Hand, number: int, line: str) -> None:
    """A region by in point, out point and the number of its register, then its line."""
    panel, start = hand.panel, number * _APART
    hand.click(panel.timeline, QPoint(5, panel.timeline.height() - 60))
    hand.press(Key.Key_Home, *[Key.Key_Right] * start, Key.Key_I)
    hand.press(*[Key.Key_Right] * (_LENGTH - 1), Key.Key_O, Qt.Key(Key.Key_1 + number))
    hand.press(Key.Key_Return)
    hand.write(line)
    current = panel.editor.current
    assert current is not None, panel.message.text()
    assert (current.span.start, current.span.end) == (start, start + _LENGTH), current.span
    assert current.line == line


def _drag_last(hand: Hand, pixels: int, *, drop: bool) -> None:
    """Takes the last region by its middle, to the right."""
    view, last = hand.panel.timeline, hand.panel.editor.draft.regions[-1]
    middle = view.region_box(last.id).center().toPoint()
    hand.drag(view, middle, *(middle + QPoint(by, 0) for by in range(5, pixels + 1, 5)), drop=drop)


def _render(hand: Hand) -> None:
    """All that has no take, then another take of the first region."""
    panel = hand.panel
    hand.press(Key.Key_R, modifiers=CONTROL | SHIFT)
    hand.wait_until_idle()
    hand.click(panel.timeline, panel.timeline.region_box(panel.editor.draft.regions[0].id).center().toPoint())
    hand.press(Key.Key_R, modifiers=CONTROL)
    hand.wait_until_idle()
    hand.wait(lambda: len(panel.pile.of(panel.editor.draft.regions[0].id)) == 2)


def _choose_other_take(hand: Hand) -> None:
    """The take of the first region that is not the chosen one, clicked and chosen by key."""
    panel = hand.panel
    first = panel.editor.draft.regions[0].id
    chosen = panel.pile.chosen(first)
    other = next(facts for facts in panel.pile.of(first) if facts != chosen)
    tab = panel.takes.parentWidget()
    assert tab is not None
    tab.raise_()
    linger(50)
    table = panel.takes.table
    cell = table.visualRect(panel.takes.model.index(panel.takes.model.row_of(other.take.key), 1))
    hand.click(table.viewport(), cell.center())
    hand.press(Key.Key_Return, modifiers=SHIFT)
    assert panel.pile.chosen(first) == other


def _export(hand: Hand, folder: Path) -> None:
    """Ticks the formats by key and agrees."""
    hand.press(Key.Key_E, modifiers=CONTROL | SHIFT)
    dialog = hand.dialog(ExportDialog)
    assert isinstance(dialog, ExportDialog)
    for name in FORMAT_NAMES:
        if name in FORMATS:
            hand.press(Key.Key_Space)
        hand.press(Key.Key_Down)
    assert dialog.names == FORMATS, dialog.names
    hand.answer(folder, lambda: hand.click(dialog.agree))
    hand.wait_until_idle()


def _die_in_a_drag(hand: Hand) -> None:
    """Marks two regions, drags one of them, prints the marks, and is killed with the button still down."""
    for number in range(2):
        _mark(hand, number, LINES[number])
    _drag_last(hand, 200, drop=False)
    hand.wait(lambda: hand.panel.keeping.is_idle)  # a change gets to the disk a moment after it is seen, under load
    print(json.dumps([repr(region) for region in hand.panel.editor.draft.regions]), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
