from dataclasses import replace
from fractions import Fraction

from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side
from sottovoce_engine.scene import Raster, Scene
from sottovoce_engine.splice.values import JoinFigures, SceneJoin
from sottovoce_engine.timing import Span
from sottovoce_ui.splice.rows import (
    AT,
    BETWEEN,
    CLICK,
    COLUMNS,
    FADE,
    FLOOR,
    FLUX,
    GOOD,
    JUMP,
    MOVED,
    OVER,
    PALE,
    STALE,
    TONE,
    UNMEASURED,
    VERDICT,
    JoinFacts,
    cells_of,
)

KEY = JoinKey("a", Side.IN)
SCENE = Scene(
    name="scene", rate=Fraction(24), start_frame=86_400, length_frames=240, raster=Raster(width=64, height=36)
)
JOIN = SceneJoin(
    key=KEY,
    before="source",
    after="a",
    fade=Span(94_080, 97_920),
    room=Span(90_000, 100_000),
    wish=JoinWish(key=KEY),
    instead_of=(),
    tone=True,
    notes=(),
)
WITHIN = JoinFigures(
    before="source",
    after="a",
    at=96_000,
    fade=JOIN.fade,
    correlation=0.0,
    click_db=-3.04,
    level_jump_db=2.0,
    floor_mismatch_db=None,
    flux_rank=0.5,
)
FACTS = JoinFacts(
    join=JOIN, wish=JOIN.wish, known=True, figures=None, stale=False, before="timeline", after="Anna “close”"
)


def words(facts: JoinFacts) -> list[str]:
    return [cell.words for cell in cells_of(facts, SCENE)]


def looks(facts: JoinFacts, *columns: int) -> list[str]:
    return [cells_of(facts, SCENE)[column].look for column in columns]


def test_a_join_nobody_measured_and_nobody_asked_anything_of() -> None:
    assert words(FACTS) == [
        "01:00:02:00",
        "timeline → Anna “close”",
        "80 ms",
        "0 f",
        "0 dB",
        "– not measured",
        *["–"] * 4,
    ]
    assert len(words(FACTS)) == COLUMNS
    assert not any(cell.asked for cell in cells_of(FACTS, SCENE))
    assert looks(FACTS, AT, BETWEEN, VERDICT, CLICK, FLUX) == [UNMEASURED, UNMEASURED, UNMEASURED, PALE, PALE]


def test_what_is_asked_for_has_a_pencil() -> None:
    wish = JoinWish(key=KEY, fade_ms=120.0, moved_samples=-4_000, tone=False)
    cells = cells_of(replace(FACTS, wish=wish, known=False), SCENE)
    assert [cell.words for cell in cells[FADE : TONE + 1]] == ["✎ 120 ms", "✎ -2 f", "✎ off"]
    assert [column for column in range(COLUMNS) if cells[column].asked] == [FADE, MOVED, TONE]


def test_the_fade_that_is_there_is_shown_once_it_is_known() -> None:
    wish = JoinWish(key=KEY, fade_ms=120.0)
    assert words(replace(FACTS, wish=wish))[FADE] == "✎ 80 ms"


def test_where_no_room_tone_lies_there_is_none_to_ask_for_less_of() -> None:
    assert words(replace(FACTS, join=replace(JOIN, tone=False)))[TONE] == "–"
    quieter = JoinWish(key=KEY, tone_db=-6.0)
    assert words(replace(FACTS, join=replace(JOIN, tone=False), wish=quieter))[TONE] == "✎ -6 dB"


def test_figures_within_their_bars_are_good() -> None:
    facts = replace(FACTS, figures=WITHIN)
    assert words(facts)[VERDICT:] == ["✓ good", "-3.0 dB", "2.0 dB", "–", "0.50"]
    assert looks(facts, VERDICT, CLICK, JUMP, FLOOR, FLUX) == [GOOD, *[UNMEASURED] * 4]


def test_a_figure_over_its_bar_is_named_marked_and_coloured() -> None:
    facts = replace(FACTS, figures=replace(WITHIN, level_jump_db=99.0))
    assert words(facts)[VERDICT] == "✕ over a bar: level jump"
    assert words(facts)[JUMP] == "✕ 99.0 dB"
    assert looks(facts, VERDICT, CLICK, JUMP, FLUX) == [OVER, UNMEASURED, OVER, UNMEASURED]


def test_figures_of_another_cut_are_pale() -> None:
    facts = replace(FACTS, figures=replace(WITHIN, level_jump_db=99.0), stale=True)
    assert words(facts)[VERDICT] == "↻ stale: splice again"
    assert looks(facts, VERDICT, CLICK, JUMP) == [STALE, PALE, PALE]
