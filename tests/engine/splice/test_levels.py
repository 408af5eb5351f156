import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.registers import register_table
from sottovoce_engine.splice.levels import MAX_DEVIATION_DB, PEAK_MARGIN_DB, Levels, Line, levels_for

REGISTERS = register_table()


def _line(
    register: str, loudness: float | None, *, voice: str = "ANNA", peak: float = -30.0, trim: float = 0.0
) -> Line:
    return Line(voice=voice, register=register, loudness_lufs=loudness, true_peak_dbtp=peak, trim_db=trim)


def _levels(*lines: Line, anchor: float | None = None) -> Levels:
    return levels_for(lines, REGISTERS, anchor_lufs=anchor, limit_dbtp=-2.0)


def _heard(levels: Levels) -> list[float]:
    return [
        line.loudness_lufs + gain
        for line, gain in zip(levels.lines, levels.gains_db, strict=True)
        if line.loudness_lufs is not None
    ]


def test_a_group_meets_its_registers_target_and_keeps_its_dynamics() -> None:
    levels = _levels(_line("whisper", -40.0), _line("whisper", -44.0))
    assert _heard(levels) == pytest.approx([-32.0, -36.0])
    assert levels.groups[0].gain_db == pytest.approx(8.0)


def test_a_line_far_off_its_groups_mean_is_brought_in() -> None:
    levels = _levels(_line("normal", -17.0), _line("normal", -37.0))
    assert _heard(levels) == pytest.approx([-21.0, -33.0])


def test_no_line_is_corrected_by_more_than_six_decibels() -> None:
    levels = _levels(*[_line("normal", -20.0)] * 9, _line("normal", -60.0))
    assert levels.corrections_db == pytest.approx([0.0] * 9 + [MAX_DEVIATION_DB])


def test_a_line_too_short_to_measure_takes_its_groups_gain() -> None:
    levels = _levels(_line("soft", -36.0), _line("soft", None))
    assert levels.gains_db == pytest.approx((5.0, 5.0))


def test_a_group_without_a_measurable_line_borrows_from_its_voices_nearest_register() -> None:
    levels = _levels(
        _line("whisper", None), _line("soft", -36.0), _line("shout", -20.0), _line("whisper", -50.0, voice="BEN")
    )
    assert levels.gains_db[0] == pytest.approx(5.0)
    assert levels.groups[0].measured_lufs is None
    assert _levels(_line("scream", None)).gains_db == (0.0,)


def test_production_dialogue_anchors_normal_and_the_others_with_it() -> None:
    levels = _levels(_line("normal", -27.0), _line("whisper", -34.0), anchor=-23.0)
    assert _heard(levels) == pytest.approx([-23.0, -30.0])


def test_the_editors_trim_comes_on_top() -> None:
    levels = _levels(_line("normal", -27.0, trim=-3.0), _line("normal", -27.0))
    assert levels.gains_db == pytest.approx((-3.0, 0.0))


def test_a_true_peak_over_the_limit_lowers_the_whole_group() -> None:
    levels = _levels(_line("shout", -32.0, peak=-9.0), _line("shout", -32.0, peak=-20.0))
    assert levels.gains_db == pytest.approx((7.0 - PEAK_MARGIN_DB, 7.0 - PEAK_MARGIN_DB))
    assert levels.groups[0].lowered_db == pytest.approx(3.0 + PEAK_MARGIN_DB)


def test_a_lifted_line_gives_up_its_lift_before_its_group_gives_up_anything() -> None:
    levels = _levels(_line("normal", -20.0), _line("normal", -36.0, peak=-10.0))
    group, lift = levels.groups[0], levels.corrections_db[1]
    assert group.lowered_db == 0.0
    assert -10.0 + group.gain_db + lift <= -2.0 - PEAK_MARGIN_DB + 1e-9


_LINES = st.builds(
    _line,
    st.sampled_from(REGISTERS.names),
    st.one_of(st.none(), st.floats(-60, -10)),
    voice=st.sampled_from(["ANNA", "BEN"]),
    peak=st.floats(-40, 3),
)


@given(
    lines=st.lists(_LINES, min_size=1, max_size=12),
    anchor=st.one_of(st.none(), st.floats(-35, -18)),
    lowered=st.dictionaries(
        st.tuples(st.sampled_from(["ANNA", "BEN"]), st.sampled_from(REGISTERS.names)), st.floats(0, 9)
    ),
)
def test_registers_keep_their_order_and_peaks_their_limit(
    lines: list[Line], anchor: float | None, lowered: dict[tuple[str, str], float]
) -> None:
    levels = _levels(*lines, anchor=anchor).lowered(lowered)
    reached = [(level.target_lufs, level.target_lufs - level.lowered_db) for level in levels.groups]
    for target, level in reached:
        assert level <= target
        assert all(level > other for goal, other in reached if goal < target)
    for line, gain in zip(lines, levels.gains_db, strict=True):
        assert line.true_peak_dbtp + gain <= -2.0 - PEAK_MARGIN_DB + 1e-9
    for group in levels.groups:
        mine = [
            line.loudness_lufs + correction
            for line, correction in zip(lines, levels.corrections_db, strict=True)
            if line.group == (group.voice, group.register) and line.loudness_lufs is not None
        ]
        if mine and group.lowered_db == 0.0:
            assert sum(mine) / len(mine) + group.gain_db <= group.target_lufs + 1e-9
