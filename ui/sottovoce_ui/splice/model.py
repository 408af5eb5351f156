"""The joins of the scene as a table model: where they lie, what is asked of them, what was measured there."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication

from sottovoce_engine.scene import Region
from sottovoce_engine.splice.joins import BARS
from sottovoce_engine.timing import frame_at
from sottovoce_engine.windows import whole_region_id
from sottovoce_ui.editor import Editor
from sottovoce_ui.splice.asking import JoinAsking
from sottovoce_ui.splice.hearing import JoinHearing
from sottovoce_ui.splice.reading import JoinsReader
from sottovoce_ui.splice.rows import (
    COLUMNS,
    FADE,
    FIGURES,
    GOOD,
    MOVED,
    OVER,
    PALE,
    STALE,
    TONE,
    Cell,
    JoinFacts,
    cells_of,
)
from sottovoce_ui.splice.words import moved_words, tone_words
from sottovoce_ui.theme import judged_colours

if TYPE_CHECKING:  # a window is shown before anything is spliced
    from sottovoce_engine.join_wishes import JoinKey
    from sottovoce_engine.splice.values import SceneJoin

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_Row = tuple[JoinFacts, tuple[Cell, ...]]

_LONGEST_LINE = 24
_FEW = 200  # rows that are looked through for what changed; of more, all are told to have
_COLOURS = {GOOD: "passes", OVER: "fails", STALE: "amber"}  # the judge's, by how a cell looks
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class JoinsModel(QAbstractTableModel):
    """One row for each join, in the order of the scene. A verdict is a mark and a word first, a colour second."""

    def __init__(
        self,
        editor: Editor,
        reader: JoinsReader,
        asking: JoinAsking,
        hearing: JoinHearing,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._reader = reader
        self._asking = asking
        self._hearing = hearing
        self._joins: tuple[SceneJoin, ...] = ()
        self._regions: dict[str, Region] = {}
        self._regions_of: tuple[Region, ...] = ()  # what they were gathered from
        self._seen: dict[int, _Row] = {}  # by row: a table asks for them all the time
        self._bold = QFont()
        self._bold.setBold(True)
        self._colours: dict[str, QColor] = {}
        self._coloured_in = 0  # which palette
        self._tellers: Mapping[int, Callable[[int, int], object]] = {
            Role.DisplayRole: lambda row, column: self._cell(row, column).words,
            Role.EditRole: lambda row, column: self._written(self._joins[row], column),
            Role.ToolTipRole: lambda row, _: "\n".join(self._joins[row].notes) or None,
            Role.TextAlignmentRole: lambda _, column: _RIGHT if column in (FADE, MOVED, TONE, *FIGURES) else None,
            Role.ForegroundRole: lambda row, column: self._colour(self._cell(row, column).look),
            Role.FontRole: lambda row, column: self._bold if self._cell(row, column).asked else None,
            Role.AccessibleTextRole: self._spoken,
        }
        reader.changed.connect(self._show)
        editor.draft_changed.connect(lambda *_: self._show_changed())
        hearing.heard.connect(lambda _: self._show_changed())

    def join_at(self, row: int) -> "SceneJoin | None":
        return self._joins[row] if 0 <= row < len(self._joins) else None

    def row_of(self, key: "JoinKey | None") -> int:
        """-1 where it is not shown."""
        return next((row for row, join in enumerate(self._joins) if join.key == key), -1)

    def frame_of(self, join: "SceneJoin") -> int:
        """The scene frame its cut lies at."""
        return frame_at(join.at, self._editor.scene.rate)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._joins)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else COLUMNS

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Role.DisplayRole:
                return self._headings()[section]
            case Role.ToolTipRole:
                return self.tr(str(_ABOUT[section]))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in (FADE, MOVED, TONE) else flags

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        tell = self._tellers.get(role)
        return None if tell is None or self.join_at(index.row()) is None else tell(index.row(), index.column())

    def setData(self, index: Index, value: object, role: int = Role.EditRole) -> bool:  # noqa: N802
        join = self.join_at(index.row())
        if join is None or role != Role.EditRole or str(value) == self._written(join, index.column()):
            return False
        match index.column():
            case column if column == FADE:
                self._asking.write_fade(join, str(value))
            case column if column == MOVED:
                self._asking.write_moved(join, str(value))
            case column if column == TONE:
                self._asking.write_tone(join, str(value))
        return True

    def _headings(self) -> tuple[str, ...]:
        return (
            self.tr("Cut at"),
            self.tr("Between"),
            self.tr("Fade"),
            self.tr("Moved"),
            self.tr("Tone after"),
            self.tr("Verdict"),
            self.tr("Click\n< {bar:g} dB").format(bar=BARS.click_db),
            self.tr("Jump\n< {bar:g} dB").format(bar=BARS.level_jump_db),
            self.tr("Floor\n< {bar:g} dB").format(bar=BARS.floor_mismatch_db),
            self.tr("Flux\n< {bar:g}").format(bar=BARS.flux_rank),
        )

    def _written(self, join: "SceneJoin", column: int) -> str:
        """What a person finds in the field to write into."""
        wish = self._asking.wish(join)
        match column:
            case c if c == FADE:
                return f"{wish.fade_ms:g}" if wish.fade_ms is not None else ""
            case c if c == MOVED:
                return moved_words(wish.moved_samples, self._editor.scene.rate).removesuffix(" f")
            case c if c == TONE:
                return tone_words(wish).removesuffix(" dB")
        return ""

    def _spoken(self, row: int, column: int) -> str:
        heading = self._headings()[column].replace("\n", " ")
        return f"{heading}: {self._cell(row, column).words}"

    def _colour(self, look: str) -> QColor | None:
        """None for that of all text."""
        palette = QGuiApplication.palette()
        if self._coloured_in != palette.cacheKey():
            judged = judged_colours(palette)
            self._colours = {verdict: judged[name] for verdict, name in _COLOURS.items()}
            self._colours[PALE] = palette.placeholderText().color()
            self._coloured_in = palette.cacheKey()
        return self._colours.get(look)

    def _cell(self, row: int, column: int) -> Cell:
        if row not in self._seen:
            self._seen[row] = self._row(row)
        return self._seen[row][1][column]

    def _row(self, row: int, known: _Row | None = None) -> _Row:
        """What it says now: the same as is known of it, where it follows from the same."""
        facts = self._facts(self._joins[row])
        return known if known is not None and facts == known[0] else (facts, cells_of(facts, self._editor.scene))

    def _facts(self, join: "SceneJoin") -> JoinFacts:
        wish, found, heard = self._asking.wish(join), self._reader.found, self._hearing.figures(join.key)
        current = self._reader.is_current
        outdated = join.key in found.stale or (not current and wish != join.wish)
        return JoinFacts(
            join=join,
            wish=wish,
            known=current or wish.fade_ms is None,
            figures=heard or found.figures.get(join.key),
            stale=heard is None and join.key in found.figures and outdated,
            before=self._side(join.before),
            after=self._side(join.after),
        )

    def _side(self, side: str) -> str:
        regions = self._regions_by_id()
        region = regions.get(side) or regions.get(whole_region_id(side))
        if region is None:
            return self.tr("timeline") if side == "source" else self.tr("room tone") if side == "room tone" else side
        line = region.line if len(region.line) <= _LONGEST_LINE else f"{region.line[: _LONGEST_LINE - 1]}…"
        return f"{region.voice} “{line}”"

    def _regions_by_id(self) -> dict[str, Region]:
        """Of the draft as it is; thousands are not looked through for every cell."""
        regions = self._editor.draft.regions
        if self._regions_of is not regions:
            self._regions_of, self._regions = regions, {region.id: region for region in regions}
        return self._regions

    def _show(self) -> None:
        joins = self._reader.found.joins
        if [join.key for join in joins] == [join.key for join in self._joins]:
            self._joins = joins
            self._show_changed()
            return
        self.beginResetModel()
        self._seen.clear()
        self._joins = joins
        self.endResetModel()

    def _show_changed(self) -> None:
        """Tells of the rows that were seen and say something else now: all others are not painted."""
        before, self._seen = self._seen, {}
        changed = list(before)
        if len(before) <= _FEW:
            self._seen = {row: self._row(row, known) for row, known in before.items()}
            changed = [row for row, (_, cells) in self._seen.items() if cells != before[row][1]]
        if changed:
            self.dataChanged.emit(self.index(min(changed), 0), self.index(max(changed), COLUMNS - 1))


_ABOUT = (
    QT_TRANSLATE_NOOP("JoinsModel", "Where the middle of the fade lies"),
    QT_TRANSLATE_NOOP("JoinsModel", "What goes out there, and what comes in"),
    QT_TRANSLATE_NOOP("JoinsModel", "How long it fades, in milliseconds; empty: as all others"),
    QT_TRANSLATE_NOOP(
        "JoinsModel", "How much later than the splice would lay it the cut lies: frames, or 40 ms; -10 is earlier"
    ),
    QT_TRANSLATE_NOOP("JoinsModel", "Room tone from here to the next join: decibels, off, or on"),
    QT_TRANSLATE_NOOP("JoinsModel", "The figures against their bars; none says whether anyone hears it"),
    QT_TRANSLATE_NOOP("JoinsModel", "The steepest bend of the waveform in the fade, over the usual around it"),
    QT_TRANSLATE_NOOP("JoinsModel", "The largest step between one 20 ms and the next"),
    QT_TRANSLATE_NOOP("JoinsModel", "How far both sides' floors differ in the worst octave"),
    QT_TRANSLATE_NOOP("JoinsModel", "How sharp the change of the spectrum is among those around it"),
)
