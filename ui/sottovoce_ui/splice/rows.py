"""What the table shows of one join: the words of its cells, out of the facts they follow from.

SceneJoin, wish, figures, …  →  JoinFacts  →  one Cell for each column

A table is asked for its cells again with every change of the scene: rows whose facts are the same need no new words.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sottovoce_engine.join_wishes import JoinWish
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.joins import figures_over
from sottovoce_engine.timing import frame_at, timecode
from sottovoce_ui.splice.words import moved_words, ms_words, tone_words

if TYPE_CHECKING:  # a window is shown before anything is spliced
    from sottovoce_engine.splice.values import JoinFigures, SceneJoin

AT, BETWEEN, FADE, MOVED, TONE, VERDICT, CLICK, JUMP, FLOOR, FLUX = range(10)
COLUMNS = 10
FIGURES = {CLICK: "click", JUMP: "level jump", FLOOR: "floor", FLUX: "flux rank"}  # by which the engine names them
GOOD, OVER, STALE, UNMEASURED = "good", "over", "stale", ""  # verdicts, and how a cell looks
PALE = "pale"  # of figures that are not, or no longer, those of the join

_NOTHING = "–"
_OVER, _ASKED = "✕", "✎"
_MARKS = {GOOD: "✓", OVER: _OVER, STALE: "↻", UNMEASURED: _NOTHING}


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFacts:
    """All that a row follows from."""

    join: "SceneJoin"
    wish: JoinWish  # what is asked of it now
    known: bool  # whether it fades as it is asked to now
    figures: "JoinFigures | None"
    stale: bool  # whether they are of another cut, take or room tone
    before: str  # what goes out there, and what comes in, in words
    after: str

    @property
    def over(self) -> tuple[str, ...]:
        """The names of the figures over their bars."""
        return () if self.figures is None else figures_over(self.figures)

    @property
    def verdict(self) -> str:
        if self.stale:
            return STALE
        return UNMEASURED if self.figures is None else OVER if self.over else GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one cell shows."""

    words: str
    asked: bool = False  # somebody asked for it
    look: str = UNMEASURED  # of that verdict, or pale; unmeasured: as all text


def cells_of(facts: JoinFacts, scene: Scene) -> tuple[Cell, ...]:
    """One for each column, in their order."""
    frame = frame_at(facts.join.at, scene.rate)
    return (
        Cell(words=timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame)),
        Cell(words=f"{facts.before} → {facts.after}"),
        *_asked(facts, scene),
        Cell(words=_verdict(facts), look=facts.verdict),
        *_figures(facts),
    )


def _asked(facts: JoinFacts, scene: Scene) -> tuple[Cell, Cell, Cell]:
    """The columns that a person writes into; what somebody asked for has a pencil."""
    join, wish = facts.join, facts.wish
    fade = ms_words(join.fade.length) if facts.known else f"{wish.fade_ms:g} ms"
    toned = not wish.tone or wish.tone_db != 0.0
    return (
        _pencilled(fade, wish.fade_ms is not None),
        _pencilled(moved_words(wish.moved_samples, scene.rate), wish.moved_samples != 0),
        _pencilled(tone_words(wish) if join.tone or toned else _NOTHING, toned),
    )


def _pencilled(words: str, asked: bool) -> Cell:
    return Cell(words=f"{_ASKED} {words}" if asked else words, asked=asked)


def _verdict(facts: JoinFacts) -> str:
    said = {
        GOOD: QCoreApplication.translate("JoinsModel", "good"),
        OVER: QCoreApplication.translate("JoinsModel", "over a bar"),
        STALE: QCoreApplication.translate("JoinsModel", "stale: splice again"),
        UNMEASURED: QCoreApplication.translate("JoinsModel", "not measured"),
    }[facts.verdict]
    over = f": {', '.join(facts.over)}" if facts.verdict == OVER else ""
    return f"{_MARKS[facts.verdict]} {said}{over}"


def _figures(facts: JoinFacts) -> tuple[Cell, Cell, Cell, Cell]:
    found = facts.figures
    if found is None:
        nothing = Cell(words=_NOTHING, look=PALE)
        return nothing, nothing, nothing, nothing
    return (
        _figure(facts, CLICK, found.click_db, ".1f", " dB"),
        _figure(facts, JUMP, found.level_jump_db, ".1f", " dB"),
        _figure(facts, FLOOR, found.floor_mismatch_db, ".1f", " dB"),
        _figure(facts, FLUX, found.flux_rank, ".2f", ""),
    )


def _figure(facts: JoinFacts, column: int, value: float | None, digits: str, unit: str) -> Cell:
    over = FIGURES[column] in facts.over
    words = _NOTHING if value is None else f"{_OVER if over else ''} {value:{digits}}{unit}".strip()
    return Cell(words=words, look=PALE if facts.stale else OVER if over else UNMEASURED)
