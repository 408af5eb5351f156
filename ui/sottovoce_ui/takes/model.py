"""The current region's takes as a table model."""

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QGuiApplication

from sottovoce_engine.choices import MARKS, TakeNote
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.windows import part_number
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.playing import speech_lufs
from sottovoce_ui.takes.pile import Pile
from sottovoce_ui.theme import judged_colours
from sottovoce_ui.words import shown

if TYPE_CHECKING:  # a window is shown before anything is judged
    from sottovoce_engine.judge.judgement import Judgement

HEADINGS = (
    "",
    str(QT_TRANSLATE_NOOP("TakesModel", "Part")),
    str(QT_TRANSLATE_NOOP("TakesModel", "Take")),
    str(QT_TRANSLATE_NOOP("TakesModel", "Sound")),
    str(QT_TRANSLATE_NOOP("TakesModel", "Register")),
    str(QT_TRANSLATE_NOOP("TakesModel", "Judge")),
    str(QT_TRANSLATE_NOOP("TakesModel", "Line")),
    str(QT_TRANSLATE_NOOP("TakesModel", "Level")),
    str(QT_TRANSLATE_NOOP("TakesModel", "Marks")),
    str(QT_TRANSLATE_NOOP("TakesModel", "Note")),
)
PART, SOUND, JUDGE, NOTE = 1, 3, 5, 9  # columns

Index = QModelIndex | QPersistentModelIndex


class TakesModel(QAbstractTableModel):
    """One row for each take, part by part, the oldest first. What the judge says is a word first, a colour second."""

    def __init__(self, editor: Editor, pile: Pile, registers: RegisterTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._pile = pile
        self._registers = registers
        self._facts: tuple[TakeFacts, ...] = ()
        self._rows: tuple[tuple[str, ...], ...] = ()  # the words of its cells: a table asks for them all the time
        self._region = ""
        self._compared = ""
        for signal in (editor.opened, editor.selection_changed, editor.draft_changed, pile.changed):
            signal.connect(self._show)
        self._show()

    def take_at(self, row: int) -> TakeFacts | None:
        return self._facts[row] if 0 <= row < len(self._facts) else None

    def row_of(self, take_key: str) -> int:
        """-1 where it is not shown."""
        return next((row for row, facts in enumerate(self._facts) if facts.take.key == take_key), -1)

    @property
    def region(self) -> str:
        """The id of the region whose takes are shown; "": of none."""
        return self._region

    @property
    def compared(self) -> str:
        """The key of the take that others are compared with; "": the chosen one."""
        return self._compared

    @compared.setter
    def compared(self, take_key: str) -> None:
        self._compared = take_key
        self._show_changed()

    @property
    def has_parts(self) -> bool:
        return any(part_number(facts.take.job.region.id) for facts in self._facts)

    @property
    def chosen_row(self) -> int:
        """Of the first one that is chosen; -1 where none of them is."""
        return next((row for row, facts in enumerate(self._facts) if self._pile.is_chosen(facts)), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._facts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.tr(HEADINGS[section]) if HEADINGS[section] else ""
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        facts = self.take_at(index.row())
        if facts is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._rows[index.row()][index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return why_of(facts) or None
            case Qt.ItemDataRole.ForegroundRole if index.column() == JUDGE:
                return colour_of(facts)
            case Qt.ItemDataRole.AccessibleTextRole if not index.column():
                return self._standing(facts)
        return None

    def _cells(self, facts: TakeFacts, row: int) -> tuple[str, ...]:
        take, judgement = facts.take, facts.judgement
        name, part = take.job.register.name, part_number(take.job.region.id)
        letter = self._registers.get(name).letter if name in self._registers.names else ""
        note = self._pile.note(take.key)
        measured = measured_word(judgement)
        register = f"{letter}  {name}".strip()
        return (
            ("▶" if self._pile.is_chosen(facts) else "") + ("A" if take.key == self._compared else ""),
            str(part) if part else "",
            self.tr("{number}  ({renderer}, {seed})").format(
                number=self._number(row), renderer=take.job.renderer, seed=take.job.seed
            ),
            "",
            f"{register} → {measured}" if measured else register,
            shown(word_of(facts)),
            "" if judgement is None else shown(judgement.line.verdict),
            level_of(facts),
            marks_of(note),
            "" if note is None else note.text,
        )

    def _standing(self, facts: TakeFacts) -> str:
        chosen = self.tr("chosen") if self._pile.is_chosen(facts) else self.tr("not chosen")
        compared = self.tr("compared with") if facts.take.key == self._compared else ""
        return ", ".join(filter(None, (chosen, compared)))

    def _number(self, row: int) -> int:
        """Of a take among those that answer the same: its region, or its part."""
        answered = self._facts[row].take.job.region.id
        return sum(facts.take.job.region.id == answered for facts in self._facts[: row + 1])

    def _show(self) -> None:
        current = self._editor.current
        region = "" if current is None else current.id
        facts = self._pile.of(region) if region else ()
        if region == self._region and facts == self._facts:
            self._show_changed()
            return
        self.beginResetModel()
        self._region, self._facts = region, facts
        self._rows = self._worded()
        self.endResetModel()

    def _worded(self) -> tuple[tuple[str, ...], ...]:
        return tuple(self._cells(facts, row) for row, facts in enumerate(self._facts))

    def _show_changed(self) -> None:
        rows = self._worded()
        if rows != self._rows:
            self._rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._facts) - 1, len(HEADINGS) - 1))


def word_of(facts: TakeFacts) -> str:
    """The judge's in one word."""
    judgement = facts.judgement
    if judgement is None:
        return "not judged"
    return "fails" if not judgement.passes else "amber" if judgement.amber else "passes"


def measured_word(judgement: "Judgement | None") -> str:
    """What the take was measured to be, in a word or two: "whisper", "mixed", "like loud"."""
    found = None if judgement is None else judgement.register
    if found is None:
        return ""
    if found.effort is None:
        return shown(found.verdict)
    near = QCoreApplication.translate("TakesModel", "like {register}").format(register=found.effort.nearest)
    return near if found.verdict == "voiced" else f"{shown(found.verdict)}, {near}"


def level_of(facts: TakeFacts) -> str:
    """How loud its speech is."""
    loudness = speech_lufs(facts)
    return "" if loudness is None else f"{loudness:.1f} LUFS"


def why_of(facts: TakeFacts) -> str:
    """The judge's reasons and the take's own notes, a line each."""
    why = () if facts.judgement is None else facts.judgement.why
    return "\n".join((*why, *facts.take.notes))


def colour_of(facts: TakeFacts) -> QColor | None:
    """Of the judge's word, on the ground there is; None where nothing was judged."""
    return judged_colours(QGuiApplication.palette()).get(word_of(facts))


def marks_of(note: TakeNote | None) -> str:
    """What a person marked a take with: "circled, alt"."""
    return "" if note is None else ", ".join(shown(name) for name in MARKS if getattr(note, name))
