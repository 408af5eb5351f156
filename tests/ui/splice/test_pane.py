"""The splice pane over the real application, by real keys: asked, undone, heard, spliced, and kept."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import write_small_scene
from tests.ui.test_panel import made_panel, opened, wait_until_idle

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.editing.wording import with_details
from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side, wish_at
from sottovoce_ui.panel import Panel
from sottovoce_ui.splice.rows import CLICK, FADE, MOVED, TONE, VERDICT
from sottovoce_ui.viewer_foot import Shown

pytestmark = pytest.mark.xdist_group("window")

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture(scope="module")
def spliced_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A timeline whose takes are rendered and spliced; it is copied, and never changed."""
    source = write_small_scene(tmp_path_factory.mktemp("once") / "scene.otio")
    assert run(["render", str(source), "-o", str(source.parent / "out"), "--no-mp4", "--no-judge"]) is ExitCode.DONE
    return source


@pytest.fixture
def source(spliced_once: Path, tmp_path: Path) -> Path:
    """Rendered, and never spliced as far as it knows."""
    for name in ("scene.otio", "scene.sv.otio"):
        shutil.copy2(spliced_once.with_name(name), tmp_path / name)
    shutil.copytree(spliced_once.with_name("scene.sottovoce"), tmp_path / "scene.sottovoce")
    (tmp_path / "scene.sottovoce" / "spliced.json").unlink()
    return tmp_path / "scene.otio"


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path) -> Iterator[Panel]:
    shown = made_panel(qtbot, tmp_path)
    shown.docks["splice"].raise_()
    yield shown
    shown.close()


def settled(qtbot: QtBot, panel: Panel) -> None:
    wait_until_idle(qtbot, panel)
    qtbot.waitUntil(lambda: panel.joins.is_idle and panel.joins.reader.is_current, timeout=30_000)


def looked_at(qtbot: QtBot, panel: Panel, source: Path) -> None:
    opened(qtbot, panel, source)
    settled(qtbot, panel)


def shown(panel: Panel, row: int, column: int) -> str:
    return str(panel.joins.pane.model.index(row, column).data())


def at(panel: Panel, row: int, column: int) -> None:
    table = panel.joins.pane.table
    table.setFocus()
    table.setCurrentIndex(panel.joins.pane.model.index(row, column))


def asked(panel: Panel, key: JoinKey) -> JoinWish:
    return wish_at(panel.editor.draft.joins, key)


def work() -> None:
    """Lets the window work with Python's lock let go: a player that is stopped meanwhile waits for a thread that needs it."""
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    loop.exec()


def press(panel: Panel, *keys: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """To whatever in the window has the focus."""
    for key in keys:
        QTest.keyClick(panel.windowHandle(), key, modifiers)
        work()


def write(panel: Panel, text: str) -> None:
    for letter in text:
        QTest.keyClick(panel.windowHandle(), letter)  # type: ignore[call-overload]  # the stubs lack it
        work()


def test_without_joins_the_pane_says_how_to_come_by_them(qtbot: QtBot, panel: Panel, tmp_path: Path) -> None:
    assert "Mark regions" in panel.joins.pane.nothing.text()
    looked_at(qtbot, panel, write_small_scene(tmp_path / "scene.otio"))
    assert "Render first" in panel.joins.pane.nothing.text()
    assert not panel.joins.pane.written.isEnabled()


def test_joins_are_asked_for_by_keys_undone_spliced_and_there_again(
    qtbot: QtBot, panel: Panel, source: Path, tmp_path: Path
) -> None:
    looked_at(qtbot, panel, source)
    first, second = (region.id for region in panel.editor.draft.regions)
    keys = [panel.joins.pane.model.join_at(row).key for row in range(4)]  # type: ignore[union-attr]
    assert keys == [
        JoinKey(first, Side.IN),
        JoinKey(first, Side.OUT),
        JoinKey(second, Side.IN),
        JoinKey(second, Side.OUT),
    ]
    assert {shown(panel, row, VERDICT) for row in range(4)} == {"– not measured"}

    before = panel.editor.draft
    at(panel, 0, FADE)
    write(panel, "120")
    assert isinstance(QApplication.focusWidget(), QLineEdit), "digits are written here, and mark no register"
    press(panel, Key.Key_Return)
    assert asked(panel, keys[0]) == JoinWish(key=keys[0], fade_ms=120.0)
    assert panel.editor.draft.regions == before.regions
    at(panel, 0, MOVED)
    press(panel, Key.Key_Comma, Key.Key_Comma, Key.Key_Comma, Key.Key_Period)
    assert asked(panel, keys[0]).moved_samples == -4_000
    assert panel.editor.draft.regions == before.regions, "the cut was nudged, and no region"
    at(panel, 2, TONE)
    press(panel, Key.Key_T, modifiers=CONTROL)
    assert asked(panel, keys[2]) == JoinWish(key=keys[2], tone=False)
    settled(qtbot, panel)
    assert [shown(panel, 0, column) for column in (FADE, MOVED)] == ["✎ 120 ms", "✎ -2 f"]
    assert shown(panel, 2, TONE) == "✎ off"

    joins = panel.editor.draft.joins
    press(panel, *[Key.Key_Z] * 6, modifiers=CONTROL)
    assert not panel.editor.draft.joins
    press(panel, *[Key.Key_Y] * 6, modifiers=CONTROL)
    assert panel.editor.draft.joins == joins

    panel.results.splice_into(tmp_path / "out")
    settled(qtbot, panel)
    assert panel.joins.pane.state.text() == "✓ As spliced last."
    assert shown(panel, 0, CLICK).endswith(" dB")
    assert all(shown(panel, row, VERDICT)[0] in "✓✕" for row in range(4))
    at(panel, 1, MOVED)
    press(panel, Key.Key_Comma)
    assert shown(panel, 1, VERDICT).startswith("↻ stale"), "at once, before anything is worked out"
    settled(qtbot, panel)
    assert panel.joins.pane.state.text() == "↻ Changed since the last splice."
    press(panel, Key.Key_Delete)
    settled(qtbot, panel)
    assert panel.editor.draft.joins == joins
    assert panel.joins.pane.state.text() == "✓ As spliced last."
    panel.close()

    again = made_panel(qtbot, tmp_path)
    again.docks["takes"].raise_()
    opened(qtbot, again, source)
    qtbot.waitUntil(lambda: again.results.files is not None, timeout=20_000)
    assert again.commands["show_movie"].isEnabled(), "though nobody looks at the joins"
    again.docks["splice"].raise_()
    settled(qtbot, again)
    assert again.editor.draft.joins == joins
    listed = [action.text() for action in again.joins.pane.written.menu().actions()]
    assert listed[0] == "Movie: scene.mov"
    assert "Stem: scene room tone.wav" in listed
    again.close()


def test_a_join_is_looped_and_a_changed_fade_heard_at_once(qtbot: QtBot, panel: Panel, source: Path) -> None:
    looked_at(qtbot, panel, source)
    heard: list[str] = []
    panel.joins.hearing.heard.connect(lambda each: heard.append(str(each.file)))
    panel.docks["takes"].raise_()
    panel.timeline.setFocus()
    press(panel, Key.Key_Home)
    press(panel, Key.Key_J, modifiers=CONTROL)
    assert not heard, "nothing is done to a join nobody sees"
    settled(qtbot, panel)
    press(panel, Key.Key_Down, modifiers=ALT)
    assert panel.editor.playhead == 6, "the first join after the playhead"
    press(panel, Key.Key_J, modifiers=CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert panel.joins.pane.table.hasFocus()
    press(panel, Key.Key_Return)
    qtbot.waitUntil(lambda: len(heard) == 1, timeout=20_000)
    assert panel.viewer.shown is Shown.JOIN
    assert panel.viewer.looped is not None
    assert panel.viewer.looped.start == 0
    assert Path(heard[0]).exists()
    assert shown(panel, 0, VERDICT)[0] in "✓✕", "measured as it was heard"
    press(panel, Key.Key_BracketRight, modifiers=CONTROL)
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=20_000)
    assert panel.editor.draft.joins[0].fade_ms == 120.0
    press(panel, Key.Key_K)
    assert panel.viewer.speed == 0
    press(panel, Key.Key_BracketRight, modifiers=CONTROL)
    settled(qtbot, panel)
    assert len(heard) == 2, "nothing is mixed for one who does not listen"


def test_the_table_is_told_of_rows_that_say_something_else_alone(qtbot: QtBot, panel: Panel, source: Path) -> None:
    looked_at(qtbot, panel, source)
    told: list[int] = []
    model, first = panel.joins.pane.model, panel.editor.draft.regions[0].id
    model.dataChanged.connect(lambda top, bottom: told.extend(range(top.row(), bottom.row() + 1)))
    for row in range(model.rowCount()):
        shown(panel, row, FADE)
    panel.editor.do("Look", lambda draft: with_details(draft, [first], look="at night"))
    press(panel, Key.Key_Z, modifiers=CONTROL)
    settled(qtbot, panel)
    assert not told
    at(panel, 2, FADE)
    press(panel, Key.Key_BracketRight)
    settled(qtbot, panel)
    assert set(told) == {2}


def test_what_cannot_be_read_or_done_is_told(qtbot: QtBot, panel: Panel, source: Path) -> None:
    looked_at(qtbot, panel, source)
    at(panel, 0, FADE)
    write(panel, "5000")
    press(panel, Key.Key_Return)
    assert "A fade of 5000 ms was asked for. Give 3 to 2000." in panel.message.text()
    assert not panel.editor.draft.joins
    at(panel, 0, MOVED)
    write(panel, "48")
    press(panel, Key.Key_Escape)
    assert not panel.editor.draft.joins, "Escape leaves the field, and nothing is asked"
    at(panel, 0, MOVED)
    write(panel, "48")
    press(panel, Key.Key_Return)
    settled(qtbot, panel)
    (wish,) = panel.editor.draft.joins
    assert wish.moved_samples == 96_000
    assert "farther on a word lies there" in panel.joins.pane.told.text()
