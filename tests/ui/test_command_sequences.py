"""Whatever is done, in whatever order: it can all be undone and redone, the journal knows it, and the window shows it.

start ──► keys, mouse, typing, choosing, undo, redo, saving ──► end
  ▲                                                              │ undo all
  └──────────────────────────────────────────────────────────────┘ redo all: the end again
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import region as drafted
from tests.otio_adapters.spliced_scenes import spliced_region
from tests.plugin.small_scene import LENGTH_FRAMES, write_small_scene
from tests.ui.dialogs.test_suggest import heard
from tests.ui.test_panel import made_panel, opened

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.wording import with_voice_changed
from sottovoce_engine.journal import NAME, recovered
from sottovoce_engine.scene import PictureMode, checked
from sottovoce_engine.suggestions import Suggestions
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.dialogs.script import ScriptDialog
from sottovoce_ui.dialogs.suggest import SuggestDialog
from sottovoce_ui.panel import Panel
from sottovoce_ui.takes.pile import Takes

pytestmark = pytest.mark.xdist_group("window")

MARKS = (
    ("Anna whisper: close your eyes", 0, 20),
    ("Anna soft: not yet", 20, 20),
    ("Ben (man, shouting): stay there", 30, 30),
    ("Anna whisper: now", 70, 20),
)
ABOUT = (
    "select_all",
    "select_under",
    "select_next",
    "select_before",
    "mark_in",
    "mark_out",
    "clear_range",
    "edit_before",
    "edit_after",
    "go_to_end",
    "zoom_in",
    "zoom_all",
    "snap",
)
ON_REGIONS = ("split", "trim_start", "trim_end", "nudge_left", "nudge_right", "delete")
ON_TAKES = ("choose", "circle", "alt", "approve", "reject", "delete_take")

frames = st.integers(0, LENGTH_FRAMES - 1)
numbers = st.integers(0, 9)
some = st.none() | st.sets(st.integers(0, 5), max_size=3)  # regions; None: those that are selected


class Session(RuleBasedStateMachine):
    """One person at one window; each example begins with the same timeline, and no step to undo."""

    def __init__(self, panel: Panel, start: Draft, settle: Callable[[], None], journal: Path) -> None:
        super().__init__()
        self._panel, self._start, self._settle, self._journal = panel, start, settle, journal
        panel.editor.open(start)

    @rule(command=st.sampled_from(ABOUT), frame=frames)
    def go_about(self, command: str, frame: int) -> None:
        self._panel.editor.go_to(frame)
        self._panel.commands[command].trigger()

    @rule(command=st.sampled_from(["undo", "redo"]), times=st.integers(1, 4))
    def go_through_history(self, command: str, times: int) -> None:
        for _ in range(times):
            self._panel.commands[command].trigger()

    @rule()
    def save(self) -> None:
        self._panel.commands["save"].trigger()

    @rule(chosen=some, frame=frames, command=st.sampled_from(ON_REGIONS))
    def change_regions(self, chosen: set[int] | None, frame: int, command: str) -> None:
        self._select(chosen)
        self._panel.editor.go_to(frame)
        self._panel.commands[command].trigger()

    @rule(chosen=some, number=st.integers(0, 7))
    def change_registers(self, chosen: set[int] | None, number: int) -> None:
        self._select(chosen)
        self._panel.marking.register(number)

    @rule(number=numbers, row=st.integers(0, 1), command=st.sampled_from(ON_TAKES))
    def change_takes(self, number: int, row: int, command: str) -> None:
        self._select({number})
        self._panel.takes.table.selectRow(row)
        self._panel.commands[command].trigger()

    @rule(start=frames, length=st.integers(1, 30), number=st.integers(0, 6))
    def mark(self, start: int, length: int, number: int) -> None:
        panel = self._panel
        panel.editor.go_to(start)
        panel.marking.mark_in()
        panel.editor.go_to(start + length - 1)
        panel.marking.mark_out()
        panel.marking.register(number)

    @rule(chosen=some, text=st.sampled_from(["no", ", wait", "!", "  "]))
    def type_a_line(self, chosen: set[int] | None, text: str) -> None:
        self._select(chosen)
        self._panel.inspector.type_line()
        QTest.keyClicks(self._panel.inspector.line, text)

    @rule(
        chosen=some,
        gain=st.sampled_from([-6.0, 0.0, 2.5]),
        seed=st.integers(-1, 2),
        picture=st.integers(0, len(PictureMode)),
    )
    def change_fields(self, chosen: set[int] | None, gain: float, seed: int, picture: int) -> None:
        self._select(chosen)
        inspector = self._panel.inspector
        inspector.gain.setValue(gain)
        inspector.seed.setValue(seed)
        inspector.picture.activated.emit(picture)

    @rule(chosen=some, number=st.integers(0, 1))
    def give_to_a_voice(self, chosen: set[int] | None, number: int) -> None:
        self._select(chosen)
        self._panel.inspector.voice.setCurrentIndex(number)
        self._panel.inspector.voice.activated.emit(number)

    @rule(name=st.sampled_from(["ANNA", "Ben", "Eve"]))
    def rename_a_voice(self, name: str) -> None:
        voice = self._panel.editor.scene.voices[0]
        new = replace(voice, name=name)
        self._panel.editor.do("Rename", lambda draft: with_voice_changed(draft, voice.name, new))

    @rule(chosen=some, lines=st.lists(st.sampled_from(["wait", "not here", "go now"]), max_size=4))
    def paste_a_script(self, chosen: set[int] | None, lines: list[str]) -> None:
        self._select(chosen)
        dialog = ScriptDialog(self._panel.editor)
        dialog.text.setPlainText("\n".join(lines))
        dialog.agree.click()

    @rule(start=st.integers(0, 80), length=st.integers(1, 16), voice=st.sampled_from(["Anna", "Ben", "MAN"]))
    def take_over_a_suggestion(self, start: int, length: int, voice: str) -> None:
        found = heard(drafted(start, start, start + length, voice=voice))
        dialog = SuggestDialog(self._panel.editor, self._panel.registers, Suggestions(found=(found,), notes=()))
        dialog.agree.click()

    @rule(number=numbers, at=st.sampled_from([0.0, 0.5, 1.0]), by=st.integers(-60, 60), escaped=st.booleans())
    def drag(self, number: int, at: float, by: int, escaped: bool) -> None:
        """The start (0), the middle or the end (1) of a region, by some frames; where two touch, their border."""
        panel, view = self._panel, self._panel.timeline
        regions = panel.editor.draft.regions
        box = view.region_box(regions[number % len(regions)].id) if regions else QRectF()
        if box.width() < 8:
            return
        start = QPointF(min(max(box.left() + at * box.width(), box.left() + 1), box.right() - 1), box.center().y())
        mouse(view, QEvent.Type.MouseButtonPress, start)
        for share in (0.5, 1.0):
            mouse(view, QEvent.Type.MouseMove, start + QPointF(share * by / view.scale.frames_per_pixel, 0))
        if escaped:
            QTest.keyClick(view, Qt.Key.Key_Escape)
        mouse(view, QEvent.Type.MouseButtonRelease, start)

    def _select(self, chosen: set[int] | None) -> None:
        """By their place among all regions, from the first one again after the last."""
        if chosen is None:
            return
        regions = self._panel.editor.draft.regions
        self._panel.editor.select([regions[number % len(regions)].id for number in chosen] if regions else ())

    @invariant()
    def marks_are_as_they_may_be(self) -> None:
        draft = self._panel.editor.draft
        checked(draft.scene.with_regions(tuple(replace(region, line="said") for region in draft.regions)))

    @invariant()
    def the_window_shows_what_is_there(self) -> None:
        panel, editor = self._panel, self._panel.editor
        ids = {region.id for region in editor.draft.regions}
        assert editor.selection <= ids
        assert 0 <= editor.playhead < LENGTH_FRAMES
        assert (editor.current is None) == (not editor.selection)
        if editor.current is not None:
            assert panel.inspector.line.toPlainText() == editor.current.line
            assert panel.inspector.voice.currentText() == editor.current.voice
        assert {region.id for row in panel.timeline.rows for region in row.regions} == ids

    def teardown(self) -> None:
        panel, stack = self._panel, self._panel.editor.stack
        self._settle()
        end, at, left = panel.editor.draft, stack.index(), recovered(self._journal)
        if left is None:
            assert not panel.keeping.is_dirty, "what is not saved is in the journal"
        else:
            assert kept(left.draft(end.scene)) == kept(end), "the journal replayed is the draft"
        panel.timeline.grab()
        while stack.canUndo():
            stack.undo()
        assert kept(panel.editor.draft) == kept(self._start), "all undone is the start"
        panel.timeline.grab()
        while stack.index() < at:
            stack.redo()
        assert kept(panel.editor.draft) == kept(end), "all redone is the end"
        while stack.canRedo():
            stack.redo()
        while stack.canUndo():
            stack.undo()
        panel.keeping.save()
        self._settle()


def kept(draft: Draft) -> object:
    return draft.regions, draft.scene.voices, draft.choices, draft.deleted, draft.joins


def mouse(widget: QWidget, kind: QEvent.Type, at: QPointF) -> None:
    """The left button, or the mouse with it held."""
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    there = widget.mapToGlobal(at)
    QApplication.sendEvent(widget, QMouseEvent(kind, at, there, button, held, Qt.KeyboardModifier.NoModifier))


def takes_of(draft: Draft) -> Takes:
    """Two takes of every region."""
    found: dict[str, tuple[TakeFacts, ...]] = {}
    for region in draft.regions:
        take = spliced_region(region, draft.scene, Path("/takes"), picture=False).placed.take
        made = (replace(take, job=replace(take.job, key=f"{number}{take.key[1:]}")) for number in range(2))
        found[region.id] = tuple(TakeFacts(take=each, path=Path("/takes/none.mov")) for each in made)
    return found


def test_any_session_can_be_undone_redone_and_recovered(qtbot: QtBot, tmp_path: Path) -> None:
    panel = made_panel(qtbot, tmp_path)
    opened(qtbot, panel, write_small_scene(tmp_path / "scene.otio", MARKS))
    start = panel.editor.draft
    panel.pile.show_takes(takes_of(start))
    panel.standing.stop()  # plans in the background, of every state in between
    panel.joins.stop()

    def settle() -> None:
        panel.keeping.settle()
        qtbot.waitUntil(lambda: panel.keeping.is_idle)

    session = partial(Session, panel, start, settle, tmp_path / "scene.sottovoce" / NAME)
    run_state_machine_as_test(
        cast(type[Session], session),
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    panel.close()
