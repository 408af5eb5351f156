"""The editor at work on one timeline: the present draft, its history, the selection and the playhead.

intent (key, drag, menu) ──► Editor ──► a pure edit ──► History ──► draft_changed ──► every view shows it
"""

import itertools
from collections.abc import Callable, Collection
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from sottovoce_engine.editing.changes import change_between, changed
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.history import History, Taken
from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Region, Scene

Edit = Callable[[Draft], Draft]

MOST_STEPS = 1000


class Editor(QObject):
    """Holds what the views show; every change of the marks goes through `do`.

    Signals:
        opened(): Another timeline is shown; everything may be otherwise.
        draft_changed(Draft, Draft): The one before, and the present one.
        selection_changed(): See `selection` and `current`.
        playhead_moved(int): The scene frame it is at now.
        range_changed(): In or out mark moved.
        refused(str): Why an intent was not followed.
    """

    opened = Signal()
    draft_changed = Signal(object, object)
    selection_changed = Signal()
    playhead_moved = Signal(int)
    range_changed = Signal()
    refused = Signal(str)

    def __init__(self, draft: Draft, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(MOST_STEPS)
        self.read_only = ""  # why nothing can be changed
        self.done_last = ""  # what made the present draft, in words: a step, undone or redone
        self._gestures = itertools.count(1)
        self.open(draft)

    def open(self, draft: Draft, *, read_only: str = "") -> None:
        """Starts anew from a draft, forgetting all steps."""
        self._history = History(draft, most=MOST_STEPS)
        self.stack.clear()
        self.read_only = read_only
        self._selection: frozenset[str] = frozenset()
        self._current = ""
        self._playhead = 0
        self._in: int | None = None
        self._out: int | None = None
        self._gesture, self._gesture_from = "", draft
        self.opened.emit()

    @property
    def draft(self) -> Draft:
        return self._history.present

    @property
    def scene(self) -> Scene:
        return self.draft.scene

    @property
    def selection(self) -> frozenset[str]:
        """Ids of the selected regions."""
        return self._selection

    @property
    def current(self) -> Region | None:
        """The region that was selected last: the inspector shows it."""
        return next((region for region in self.draft.regions if region.id == self._current), None)

    @property
    def playhead(self) -> int:
        """The scene frame it is at."""
        return self._playhead

    @property
    def range_in(self) -> int | None:
        """The scene frame of the in mark."""
        return self._in

    @property
    def range_out(self) -> int | None:
        """The scene frame after the last one in the range."""
        return self._out

    def new_gesture(self) -> str:
        """A name for one drag or one spell of typing: its steps are undone as one, each made from where it began."""
        self._gesture, self._gesture_from = f"gesture {next(self._gestures)}", self.draft
        return self._gesture

    def do(self, label: str, edit: Edit, *, gesture: str = "") -> bool:
        """Makes a change; False where nothing changed, or it was refused.

        Args:
            label: What is done, as the undo menu names it.
            edit: From a draft to the next; of a gesture, always from the draft it began with.
            gesture: From `new_gesture`.
        """
        if self.read_only:
            self.refused.emit(self.read_only)
            return False
        before = self.draft
        start = self._gesture_from if gesture and gesture == self._gesture else before
        try:
            after = edit(start)
        except InputError as error:
            self.refused.emit(str(error))
            return False
        taken = self._history.take(label, after, gesture=gesture)
        if not taken:
            return False
        if taken is Taken.NEW:
            self.stack.push(_StepCommand(self, label))
        if not gesture or gesture != self._gesture:
            self._rebase_gesture(before)
        self._shown(before, label)
        return True

    def select(self, ids: Collection[str], current: str = "") -> None:
        """Selects regions; the last one is inspected unless another one is named."""
        there = [region.id for region in self.draft.regions if region.id in ids]
        chosen = current if current in there else there[-1] if there else ""
        if (frozenset(there), chosen) != (self._selection, self._current):
            self._selection, self._current = frozenset(there), chosen
            self.selection_changed.emit()

    def go_to(self, frame: int) -> None:
        """Puts the playhead at a scene frame, inside the timeline."""
        frame = min(max(frame, 0), max(0, self.scene.length_frames - 1))
        if frame != self._playhead:
            self._playhead = frame
            self.playhead_moved.emit(frame)

    def set_range(self, start: int | None, end: int | None) -> None:
        """Sets the in and the out mark; an end before the start takes the start away, and the other way round."""
        if start is not None and end is not None and end <= start:
            start, end = (None, end) if start == self._in else (start, None)
        if (start, end) != (self._in, self._out):
            self._in, self._out = start, end
            self.range_changed.emit()

    def step_back(self) -> None:
        """What the undo stack calls."""
        before, label = self.draft, self.tr("Undo: {label}").format(label=self._history.to_undo)
        if self._history.undo() is not None:
            self._rebase_gesture(before)
            self._shown(before, label)

    def step_on(self) -> None:
        """What the undo stack calls."""
        before, label = self.draft, self.tr("Redo: {label}").format(label=self._history.to_redo)
        if self._history.redo() is not None:
            self._rebase_gesture(before)
            self._shown(before, label)

    def _rebase_gesture(self, before: Draft) -> None:
        """What changes in the midst of a drag, such as a take that is chosen once rendered, is no part of it and stays."""
        start, after = self._gesture_from, self.draft
        if self._gesture and start is not before:
            there = replace(start, scene=after.scene).with_voices(start.scene.voices).with_regions(start.regions)
            self._gesture_from = changed(there, change_between(before, after, ""))
        else:
            self._gesture_from = after

    def _shown(self, before: Draft, label: str) -> None:
        self.done_last = label
        self.draft_changed.emit(before, self.draft)
        self.select(self._selection, self._current)  # what is gone is not selected any more


class _StepCommand(QUndoCommand):
    """A step of the history on Qt's stack. It was taken before it is pushed."""

    def __init__(self, editor: Editor, label: str) -> None:
        super().__init__(label)
        self._editor = editor
        self._pushed = False

    def redo(self) -> None:
        if self._pushed:
            self._editor.step_on()
        self._pushed = True

    def undo(self) -> None:
        self._editor.step_back()
