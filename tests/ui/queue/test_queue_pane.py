"""The queue by real keys and clicks, over the real scratch renderer in its process."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import write_small_scene
from tests.ui.hand import CONTROL, SHIFT, Hand, Key
from tests.ui.test_panel import made_panel, opened

from sottovoce.folders import cache_folder
from sottovoce.render_times import FORMAT, NAME, RenderTimes, TimedBatch
from sottovoce.scene_desk import SceneDesk
from sottovoce_engine.codec import to_json
from sottovoce_ui.dialogs.long_render import LongRenderBox
from sottovoce_ui.panel import Panel
from sottovoce_ui.queue.model import HEADINGS

pytestmark = pytest.mark.xdist_group("window")

ALT = Qt.KeyboardModifier.AltModifier
LINES = (("Anna whisper: wait", 2, 14), ("Anna soft: not here", 20, 14), ("Ben loud: go now", 40, 14))


@pytest.fixture
def hand(qtbot: QtBot, tmp_path: Path) -> Iterator[Hand]:
    source = write_small_scene(tmp_path / "scene.otio", marks=LINES)
    panel = opened(qtbot, made_panel(qtbot, tmp_path), source)
    hand = Hand(panel)
    hand.wait(lambda: panel.standing.plan is not None)
    yield hand
    panel.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def column(panel: Panel, heading: str) -> list[str]:
    model = panel.queue_pane.model
    return [str(model.data(model.index(row, HEADINGS.index(heading)))) for row in range(model.rowCount())]


def select_rows(hand: Hand, *rows: int) -> None:
    """By clicks, the later ones with Ctrl."""
    table = hand.panel.queue_pane.table
    table.clearSelection()
    for row in rows:
        table.selectionModel().select(
            hand.panel.queue_pane.model.index(row, 0),
            table.selectionModel().SelectionFlag.Select | table.selectionModel().SelectionFlag.Rows,
        )
    table.setFocus()


def child_of(panel: Panel) -> int | None:
    desk = panel._desk
    assert isinstance(desk, SceneDesk)
    worker = desk._at_hand._workers.get("scratch")
    return None if worker is None else worker.pid


def slow_machine() -> None:
    """One where this renderer needed hours for a second, by its record."""
    batch = TimedBatch(renderer="scratch", window_s=1.0, seconds=9_000.0)
    cache_folder().mkdir(parents=True, exist_ok=True)
    (cache_folder() / NAME).write_text(to_json(RenderTimes(batches=(batch,)), format_version=FORMAT), encoding="utf-8")


def test_what_a_render_would_be_stands_in_the_pane_and_with_the_commands(hand: Hand) -> None:
    panel = hand.panel
    told = panel.queue_pane.estimate.text()
    assert told.startswith("What changed: 1 × whisper, 1 × soft, 1 × loud: roughly ")
    assert told.endswith("there already: 0")
    assert "1 × whisper" in panel.commands["render_changed"].toolTip()
    hand.press(Key.Key_Tab)
    assert "Selection: 1 × whisper" in panel.queue_pane.estimate.text()
    assert "1 × whisper" in panel.commands["render_selected"].toolTip()


def test_a_long_render_is_asked_about_once_and_begins_with_return(hand: Hand) -> None:
    slow_machine()
    panel = hand.panel
    hand.press(Key.Key_R, modifiers=CONTROL | SHIFT)
    box = hand.dialog(LongRenderBox)
    assert isinstance(box, LongRenderBox)
    assert "h; there already: 0" in box.informativeText()
    assert column(panel, "State") == ["waiting"] * 3
    hand.press(Key.Key_Escape)
    hand.wait(lambda: column(panel, "State") == ["stopped"] * 3)
    assert not panel.queue.is_running
    hand.press(Key.Key_R, modifiers=CONTROL | SHIFT)
    hand.dialog(LongRenderBox)
    hand.press(Key.Key_Return)
    steps: set[str] = set()
    panel.queue.progressed.connect(lambda _: steps.update(column(panel, "Step")))
    hand.wait_until_idle()
    assert column(panel, "State") == ["done"] * 3, panel.message.text()
    assert column(panel, "Takes") == ["1/1"] * 3
    assert any("/3" in step for step in steps), steps
    assert column(panel, "Step") == ["", "", ""]
    bar = panel.queue_pane.progress
    assert (bar.text(), bar.value()) == ("Nothing is being rendered.", 0), (
        "nor does anything else speak of what is done"
    )
    hand.wait(lambda: panel.queue_pane.estimate.text().startswith("What changed: nothing to render; there already: 3"))


def test_a_renderer_that_is_killed_fails_its_take_alone_and_is_tried_again(hand: Hand) -> None:
    panel, pane = hand.panel, hand.panel.queue_pane
    panel.docks["queue"].raise_()
    hand.click(pane.pause)
    hand.press(Key.Key_R, modifiers=CONTROL | SHIFT)
    assert column(panel, "State") == ["waiting"] * 3
    select_rows(hand, 2)
    hand.press(Key.Key_PageUp, modifiers=ALT)
    hand.press(Key.Key_PageUp, modifiers=ALT)
    assert column(panel, "Register") == ["loud", "whisper", "soft"]
    hand.click(pane.down)
    assert column(panel, "Register") == ["whisper", "loud", "soft"], "the row keeps its selection"
    killed: list[int] = []

    def kill(_: object) -> None:
        process = child_of(panel)
        if not killed and process is not None and panel.queue.in_hand[0]:
            killed.append(process)
            os.kill(process, signal.SIGKILL)

    panel.queue.progressed.connect(kill)
    hand.click(pane.pause)
    hand.wait_until_idle()
    assert killed
    assert sorted(column(panel, "State")) == ["done", "done", "failed"], column(panel, "Why")
    row = column(panel, "State").index("failed")
    assert "stopped while it made this take" in column(panel, "Why")[row]
    hand.click(pane.table.viewport(), pane.table.visualRect(pane.model.index(row, 3)).center())
    assert pane.why.text() == column(panel, "Why")[row]
    assert pane.why.isVisible()
    colour = pane.model.data(pane.model.index(row, 0), Qt.ItemDataRole.ForegroundRole)
    assert colour is not None
    hand.click(pane.retry)
    hand.wait_until_idle()
    assert column(panel, "State") == ["done"] * 3, column(panel, "Why")
    assert child_of(panel) not in killed
    hand.click(pane.clear)
    assert pane.model.rowCount() == 0
    assert pane.empty.isVisible()
