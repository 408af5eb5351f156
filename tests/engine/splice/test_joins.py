from dataclasses import replace

import numpy as np
import pytest

from sottovoce_engine.splice.fades import Fade
from sottovoce_engine.splice.joins import BARS, Measured, figures_over, measured
from sottovoce_engine.splice.values import JoinFigures
from sottovoce_engine.timing import Span

RATE = 48_000
LENGTH = 2 * RATE


def _tone(dbfs: float, seed: int, tilt: float = 0.0) -> np.ndarray:
    """Noise of that level; a tilt of 0.9 makes it dark."""
    noise = np.random.default_rng(seed).standard_normal((2, LENGTH + 256))
    kernel = tilt ** np.arange(256)
    shaped = np.stack([np.convolve(channel, kernel, "valid")[:LENGTH] for channel in noise])
    return np.asarray(10 ** (dbfs / 20) * shaped / shaped.std(), np.float32)


def _joined(before: np.ndarray, after: np.ndarray, fade_samples: int) -> tuple[np.ndarray, Span]:
    span = Span(RATE - fade_samples // 2, RATE - fade_samples // 2 + fade_samples)
    fade = Fade(span=span)
    block = Span(0, LENGTH)
    return before * fade.falling(block) + after * fade.rising(block), span


def _measured(sound: np.ndarray, span: Span, words: list[Span] | None = None) -> Measured:
    mask = np.zeros(sound.shape[1], bool)
    for word in words or []:
        mask[word.start : word.end] = True
    return measured(sound, span, mask)


def test_the_same_room_on_both_sides_is_below_every_bar() -> None:
    figures = _measured(*_joined(_tone(-52, 1, 0.9), _tone(-52, 2, 0.9), 3_840))
    assert figures.click_db < BARS.click_db
    assert figures.level_jump_db is not None
    assert figures.level_jump_db < BARS.level_jump_db
    assert figures.floor_mismatch_db is not None
    assert figures.floor_mismatch_db < BARS.floor_mismatch_db
    assert figures.flux_rank is not None
    assert figures.flux_rank < BARS.flux_rank


def test_a_click_stands_out_and_a_fade_does_not() -> None:
    sound, span = _joined(_tone(-52, 1, 0.9), _tone(-52, 2, 0.9), 3_840)
    clean = _measured(sound, span).click_db
    sound[:, RATE] += 0.05
    assert _measured(sound, span).click_db > max(clean, 0.0) + 15.0


def test_a_cut_between_levels_jumps_by_their_difference_and_a_fade_by_less() -> None:
    loud, quiet = _tone(-40, 1), _tone(-52, 2)
    cut, faded = _measured(*_joined(loud, quiet, 0)), _measured(*_joined(loud, quiet, 9_600))
    assert cut.level_jump_db == pytest.approx(12.0, abs=0.7)
    assert faded.level_jump_db is not None
    assert faded.level_jump_db < 4.0


def test_a_step_before_the_fade_is_not_the_joins() -> None:
    sound, span = _joined(_tone(-52, 1), _tone(-52, 2), 3_840)
    sound[:, : span.start - RATE // 50] *= 4.0  # 12 dB, 20 ms before it
    jump = _measured(sound, span).level_jump_db
    assert jump is not None
    assert jump < BARS.level_jump_db


def test_the_floor_mismatch_is_that_of_the_worst_octave() -> None:
    level, tilted = _tone(-50, 1), _tone(-50, 2, 0.9)
    same = _measured(*_joined(level, _tone(-50, 3), 3_840)).floor_mismatch_db
    other = _measured(*_joined(level, tilted, 3_840)).floor_mismatch_db
    louder = _measured(*_joined(level, _tone(-44, 3), 3_840)).floor_mismatch_db
    assert same is not None
    assert same < 1.5
    assert louder == pytest.approx(6.0, abs=1.5)
    assert other is not None
    assert other > 8.0


def test_words_beside_the_join_are_not_taken_for_floor_or_jump() -> None:
    sound, span = _joined(_tone(-52, 1), _tone(-52, 2), 960)
    spoken = Span(span.end, span.end + 20_000)
    sound[:, spoken.start : spoken.end] += _tone(-20, 5)[:, : spoken.length]
    sound[:, spoken.end : spoken.end + 4_000] += _tone(-40, 6)[:, :4_000]  # it rings for 80 ms
    masked = _measured(sound, span, [spoken])
    assert masked.level_jump_db is not None
    assert masked.level_jump_db < BARS.level_jump_db
    assert masked.floor_mismatch_db is not None
    assert masked.floor_mismatch_db < BARS.floor_mismatch_db


def test_figures_that_cannot_be_measured_are_left_open() -> None:
    sound, span = _joined(_tone(-52, 1), _tone(-52, 2), 960)
    figures = _measured(sound, span, [Span(0, span.start + 1), Span(span.end, LENGTH)])
    assert figures.floor_mismatch_db is None
    assert figures.level_jump_db is None
    assert figures.flux_rank is None


def test_a_change_of_room_ranks_higher_than_chance_when_cut_hard() -> None:
    ranks = [
        _measured(*_joined(_tone(-46, seed), _tone(-52, seed + 50, 0.95), 0)).flux_rank or 0.0 for seed in range(8)
    ]
    chance = [_measured(*_joined(_tone(-52, seed), _tone(-52, seed + 50), 3_840)).flux_rank or 0.0 for seed in range(8)]
    assert min(ranks) > 0.95
    assert np.mean(chance) < 0.8


def test_a_scene_shorter_than_a_window_still_has_figures() -> None:
    figures = _measured(np.zeros((2, 500), np.float32), Span(100, 244))
    assert figures == Measured(click_db=0.0, level_jump_db=None, floor_mismatch_db=None, flux_rank=None)


def test_figures_over_their_bars_are_named() -> None:
    join = JoinFigures(
        before="a",
        after="b",
        at=0,
        fade=Span(0, 10),
        correlation=0.0,
        click_db=3.0,
        level_jump_db=None,
        floor_mismatch_db=11.6,
        flux_rank=0.5,
    )
    assert figures_over(join) == ("click", "floor")
    assert figures_over(replace(join, click_db=2.9, floor_mismatch_db=3.9)) == ()
