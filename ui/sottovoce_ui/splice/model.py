"""The joins of the scene as a table model: where they lie, what is asked of them, what was measured there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication

from sottovoce_engine.scene import Region
from sottovoce_engine.splice.joins import BARS, figures_over
from sottovoce_engine.timing import frame_at, timecode
from sottovoce_engine.windows import whole_region_id
from sottovoce_ui.editor import Editor
from sottovoce_ui.splice.asking import JoinAsking
from sottovoce_ui.splice.hearing import JoinHearing
from sottovoce_ui.splice.reading import JoinsReader
from sottovoce_ui.splice.words import moved_words, ms_words, tone_words
from sottovoce_ui.theme import judged_colours

if TYPE_CHECKING:  # a window is shown before anything is spliced
    from sottovoce_engine.join_wishes import JoinKey
    from sottovoce_engine.splice.values import JoinFigures, SceneJoin

AT, BETWEEN, FADE, MOVED, TONE, VERDICT, CLICK, JUMP, FLOOR, FLUX = range(10)
COLUMNS = 10

Index = QModelIndex | QPersistentModelIndex

_NOTHING = "–"
_OVER, _ASKED = "✕", "✎"
_FIGURES = {CLICK: "click", JUMP: "level jump", FLOOR: "floor", FLUX: "flux rank"}  # by which the engine names them
_LONGEST_LINE = 24
_COLOURS = {"good": "passes", "over": "fails", "stale": "amber"}  # the judge's, by what is said there
_MARKS = {"good": "✓", "over": _OVER, "stale": "↻", "": _NOTHING}
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
        self._told: dict[tuple[int, int], _Told] = {}  # of cells that were seen
        self._told_in = 0  # which palette; its colours are looked up once
        self._colours: Mapping[str, QColor] = {}
        self._grey = QColor()
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

    def figures_of(self, join: "SceneJoin") -> "JoinFigures | None":
        """Those of the join as it was heard just now, else of the last splice."""
        return self._hearing.figures(join.key) or self._reader.found.figures.get(join.key)

    def verdict_of(self, join: "SceneJoin") -> str:
        """One of "good", "over", "stale", and "" where nothing was measured."""
        if self._hearing.figures(join.key) is None and self._is_stale(join):
            return "stale"
        figures = self.figures_of(join)
        return "" if figures is None else "over" if figures_over(figures) else "good"

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._joins)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else COLUMNS

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._headings()[section]
            case Qt.ItemDataRole.ToolTipRole:
                return self.tr(str(_ABOUT[section]))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in (FADE, MOVED, TONE) else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        join, column = self.join_at(index.row()), index.column()
        if join is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._seen(join, index.row(), column).words
            case Qt.ItemDataRole.EditRole:
                return self._written(join, column)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(join.notes) or None
            case Qt.ItemDataRole.TextAlignmentRole if column in (FADE, MOVED, TONE, *_FIGURES):
                return _RIGHT
            case Qt.ItemDataRole.ForegroundRole:
                return self._seen(join, index.row(), column).colour
            case Qt.ItemDataRole.FontRole if self._seen(join, index.row(), column).asked:
                font = QFont()
                font.setBold(True)
                return font
            case Qt.ItemDataRole.AccessibleTextRole:
                heading = str(self._headings()[column]).replace("\n", " ")
                return f"{heading}: {self._seen(join, index.row(), column).words}"
        return None

    def _seen(self, join: "SceneJoin", row: int, column: int) -> "_Told":
        """A table asks for the same cell many times while it is painted."""
        palette = QGuiApplication.palette()
        if self._told_in != palette.cacheKey():
            self._told_in = palette.cacheKey()
            self._colours, self._grey = judged_colours(palette), palette.placeholderText().color()
            self._told.clear()
        if (row, column) not in self._told:
            words, asked = self._cell(join, column), self._is_asked(join, column)
            self._told[row, column] = _Told(words=words, asked=asked, colour=self._colour(join, column))
        return self._told[row, column]

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        join = self.join_at(index.row())
        if join is None or role != Qt.ItemDataRole.EditRole or str(value) == self._written(join, index.column()):
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

    def _cell(self, join: "SceneJoin", column: int) -> str:
        scene, wish = self._editor.scene, self._asking.wish(join)
        pencil = f"{_ASKED} " if self._is_asked(join, column) else ""
        match column:
            case c if c == AT:
                return timecode(scene.start_frame + self.frame_of(join), scene.rate, drop=scene.drop_frame)
            case c if c == BETWEEN:
                return f"{self._side(join.before)} → {self._side(join.after)}"
            case c if c == FADE:
                known = self._reader.is_current or wish.fade_ms is None
                return pencil + (ms_words(join.fade.length) if known else f"{wish.fade_ms:g} ms")
            case c if c == MOVED:
                return pencil + moved_words(wish.moved_samples, scene.rate)
            case c if c == TONE:
                return pencil + tone_words(wish) if join.tone or pencil else _NOTHING
            case c if c == VERDICT:
                return self._verdict(join)
        return self._figure(join, column)

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

    def _figure(self, join: "SceneJoin", column: int) -> str:
        figures = self.figures_of(join)
        if figures is None:
            return _NOTHING
        value, unit = {
            CLICK: (figures.click_db, " dB"),
            JUMP: (figures.level_jump_db, " dB"),
            FLOOR: (figures.floor_mismatch_db, " dB"),
            FLUX: (figures.flux_rank, ""),
        }[column]
        if value is None:
            return _NOTHING
        mark = f"{_OVER} " if _FIGURES[column] in figures_over(figures) else ""
        return f"{mark}{value:.1f}{unit}" if unit else f"{mark}{value:.2f}"

    def _verdict(self, join: "SceneJoin") -> str:
        verdict, figures = self.verdict_of(join), self.figures_of(join)
        said = {
            "good": self.tr("good"),
            "over": self.tr("over a bar"),
            "stale": self.tr("stale: splice again"),
            "": self.tr("not measured"),
        }[verdict]
        over = ", ".join(figures_over(figures)) if figures is not None and verdict == "over" else ""
        return f"{_MARKS[verdict]} {said}: {over}" if over else f"{_MARKS[verdict]} {said}"

    def _colour(self, join: "SceneJoin", column: int) -> QColor | None:
        if column != VERDICT and column not in _FIGURES:
            return None
        verdict = self.verdict_of(join)
        if column == VERDICT:
            return self._colours[_COLOURS[verdict]] if verdict else None
        figures = self.figures_of(join)
        if verdict == "stale" or figures is None:
            return self._grey
        return self._colours[_COLOURS["over"]] if _FIGURES[column] in figures_over(figures) else None

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

    def _is_asked(self, join: "SceneJoin", column: int) -> bool:
        wish = self._asking.wish(join)
        return {
            FADE: wish.fade_ms is not None,
            MOVED: wish.moved_samples != 0,
            TONE: not wish.tone or wish.tone_db != 0.0,
        }.get(column, False)

    def _is_stale(self, join: "SceneJoin") -> bool:
        found = self._reader.found
        asked_otherwise = not self._reader.is_current and self._asking.wish(join) != join.wish
        return join.key in found.figures and (join.key in found.stale or asked_otherwise)

    def _show(self) -> None:
        joins = self._reader.found.joins
        if [join.key for join in joins] == [join.key for join in self._joins]:
            self._joins = joins
            self._show_changed()
            return
        self.beginResetModel()
        self._told.clear()
        self._joins = joins
        self.endResetModel()

    def _show_changed(self) -> None:
        """Tells of the cells that were seen and say something else now: all others are not painted."""
        before, self._told = self._told, {}
        changed = {row for (row, column), told in before.items() if told != self._seen(self._joins[row], row, column)}
        if changed:
            self.dataChanged.emit(self.index(min(changed), 0), self.index(max(changed), COLUMNS - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a cell shows."""

    words: str
    asked: bool  # somebody asked for it
    colour: QColor | None


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
