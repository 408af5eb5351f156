"""The queue's entries as rows of a table."""

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.scene import Region
from sottovoce_ui.editor import Editor
from sottovoce_ui.progress_bar import told_progress
from sottovoce_ui.queue.entries import Entry, State
from sottovoce_ui.queue.runner import RenderQueue
from sottovoce_ui.theme import judged_colours
from sottovoce_ui.words import shown

HEADINGS = (
    str(QT_TRANSLATE_NOOP("QueueModel", "State")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Voice")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Register")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Line")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Takes")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Step")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Why")),
)
LINE, STEP, WHY = 3, 5, 6  # columns

Index = QModelIndex | QPersistentModelIndex


class QueueModel(QAbstractTableModel):
    """The queue's entries, in order. A row keeps its selection when it is put elsewhere."""

    def __init__(self, queue: RenderQueue, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._editor = editor
        self._entries: tuple[Entry, ...] = ()
        self._by_id: tuple[Draft | None, Mapping[str, Region]] = (None, {})
        self._in_hand = -1  # the row that is at work
        queue.changed.connect(self._show)
        queue.progressed.connect(self._show_step)

    def entry_at(self, row: int) -> Entry | None:
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def row_of(self, region_id: str) -> int:
        """-1 where it has none."""
        return next((row for row, entry in enumerate(self._entries) if entry.region_id == region_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.tr(HEADINGS[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entry_at(index.row())
        if entry is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._cells(entry)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return entry.reason or None
            case Qt.ItemDataRole.ForegroundRole if entry.state is State.FAILED:
                return judged_colours(QGuiApplication.palette())["fails"]
        return None

    def _cells(self, entry: Entry) -> tuple[str, ...]:
        region = self._region(entry.region_id)
        takes = f"{entry.takes}/{entry.of_takes}" if entry.of_takes else ""
        said = ("", "", "") if region is None else (region.voice, region.register, region.line)
        in_hand, progress = self._queue.in_hand
        step = told_progress(progress) if progress is not None and in_hand == entry.region_id else ""
        return (shown(entry.state), *said, takes, step, entry.reason)

    def _region(self, region_id: str) -> Region | None:
        draft = self._editor.draft
        if self._by_id[0] is not draft:
            self._by_id = (draft, {region.id: region for region in draft.regions})
        return self._by_id[1].get(region_id)

    def _show(self) -> None:
        before, entries = self._entries, self._queue.entries.entries
        old, new = ([entry.region_id for entry in each] for each in (before, entries))
        if old == new:
            self._entries = entries
            changed = [row for row, (one, other) in enumerate(zip(before, entries, strict=True)) if one is not other]
            if changed:
                self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(HEADINGS) - 1))
        elif sorted(old) == sorted(new):
            self._put_elsewhere(entries)
        else:
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()
        if self._in_hand >= 0 and not self._queue.in_hand[0]:
            self._show_step()  # nothing is at work any more

    def _put_elsewhere(self, entries: tuple[Entry, ...]) -> None:
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        ids = [self._entries[index.row()].region_id for index in kept]
        self._entries = entries
        rows = {entry.region_id: row for row, entry in enumerate(entries)}
        to = [self.index(rows[region_id], index.column()) for region_id, index in zip(ids, kept, strict=True)]
        self.changePersistentIndexList(kept, to)
        self.layoutChanged.emit()

    def _show_step(self) -> None:
        """Only the row that was at work, and the one that is now."""
        before, self._in_hand = self._in_hand, self.row_of(self._queue.in_hand[0])
        for row in {before, self._in_hand}:
            if 0 <= row < len(self._entries):
                self.dataChanged.emit(self.index(row, STEP), self.index(row, STEP))
