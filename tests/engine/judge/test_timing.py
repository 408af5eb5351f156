from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.codec import to_json
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.timing import TimingFinding, TimingThresholds, judged_timing
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import Span, sample_at

THRESHOLDS = thresholds_of("timing", TimingThresholds)
RATES = (Fraction(24), Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001), Fraction(60))
LINE = ["Close", "your", "eyes", "and", "listen"]
FRAME = 2_000  # samples at 24 frames a second
REGION = Span(24 * FRAME, 72 * FRAME)

rates = st.sampled_from(RATES)


def words(starts: list[int], length: int = 4_000, texts: list[str] = LINE) -> tuple[SpokenWord, ...]:
    return tuple(
        SpokenWord(text=text, span=Span(start, start + length)) for text, start in zip(texts, starts, strict=True)
    )


def spoken(speech: Span) -> tuple[SpokenWord, ...]:
    step = speech.length // len(LINE)
    return words([speech.start + k * step for k in range(len(LINE))], speech.length - step * (len(LINE) - 1))


def judged(
    said: tuple[SpokenWord, ...],
    region: Span = REGION,
    length: int = 97 * FRAME,
    guide: tuple[SpokenWord, ...] | None = None,
    rate: Fraction = Fraction(24),
    estimated: bool = False,
) -> TimingFinding:
    found = judged_timing(said, region, length, guide=guide, rate=rate, thresholds=THRESHOLDS, estimated=estimated)
    assert to_json(found, format_version=1)
    return found


def moved(said: tuple[SpokenWord, ...], by: int) -> tuple[SpokenWord, ...]:
    return tuple(SpokenWord(text=word.text, span=word.span.shifted(by)) for word in said)


def outside(speech: Span, region: Span, by: int) -> int:
    return max(0, region.start - speech.start - by) + max(0, speech.end + by - region.end)


# The region's edges


def test_words_inside_the_region_stay() -> None:
    found = judged(spoken(Span(30 * FRAME, 60 * FRAME)))
    assert (found.slip_frames, found.overrun_frames, found.passes) == (0, 0, True)
    assert found.why == ("sync not checked: no guide",)


def test_words_that_begin_early_are_offered_a_slip() -> None:
    found = judged(spoken(Span(21 * FRAME, 60 * FRAME)))
    assert (found.slip_frames, found.early_samples, found.overrun_frames, found.passes) == (3, 3 * FRAME, 0, True)
    assert found.why[:2] == ("the words begin 3 frames before the region", "slip +3 brings them inside")


def test_what_no_slip_can_hold_overruns_and_is_said_so() -> None:
    found = judged(spoken(Span(24 * FRAME, 75 * FRAME + 1)))
    assert found.overrun_frames == 4
    assert found.passes
    assert "overruns by 4 frames: every word is kept" in found.why


def test_half_a_second_outside_does_not_pass() -> None:
    assert judged(spoken(Span(24 * FRAME, 84 * FRAME))).passes
    assert not judged(spoken(Span(24 * FRAME, 85 * FRAME))).passes


def test_a_slip_stays_within_the_handles() -> None:
    found = judged(spoken(Span(26 * FRAME, 80 * FRAME - 8 * FRAME + 6 * FRAME)), length=74 * FRAME)
    assert found.slip_frames == -2
    assert found.overrun_frames == 4


def test_a_take_that_does_not_cover_its_region_does_not_slip() -> None:
    found = judged(spoken(Span(20 * FRAME, 60 * FRAME)), length=70 * FRAME)
    assert (found.slip_frames, found.overrun_frames) == (0, 4)


@given(
    rate=rates,
    handles=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    frames=st.integers(12, 100),
    start=st.integers(0, 200_000),
    length=st.integers(5_000, 250_000),
)
def test_the_slip_is_the_best_there_is_and_uncovers_nothing(
    rate: Fraction, handles: tuple[int, int], frames: int, start: int, length: int
) -> None:
    region = Span(sample_at(handles[0], rate), sample_at(handles[0] + frames, rate))
    take = sample_at(sum(handles) + frames, rate)
    speech = Span(start, start + length)
    found = judged(spoken(speech), region, take, rate=rate)
    assert -handles[1] <= found.slip_frames <= handles[0]
    left = outside(speech, region, sample_at(found.slip_frames, rate))
    assert left == min(outside(speech, region, sample_at(slip, rate)) for slip in range(-handles[1], handles[0] + 1))
    assert found.overrun_frames == -(-left * rate.numerator // (48_000 * rate.denominator))
    assert (found.slip_frames == 0) or left < outside(speech, region, 0)


def test_without_words_nothing_is_checked() -> None:
    found = judged(())
    assert found.passes is None
    assert "not checked" in found.why[0]


# The original line

GUIDE = words([30 * FRAME, 34 * FRAME, 40 * FRAME, 47 * FRAME, 52 * FRAME])


@given(late=st.integers(-1_900, 1_900))
def test_within_a_frame_is_in_sync(late: int) -> None:
    found = judged(moved(GUIDE, late), guide=GUIDE)
    assert (found.slip_frames, found.passes) == (0, True)
    assert found.worst_sync_frames == pytest.approx(abs(late) / FRAME)
    assert "in sync" in found.why[0]


@given(rate=rates, late=st.integers(2, 20), sign=st.sampled_from([-1, 1]), jitter=st.integers(-500, 500))
def test_an_offset_that_one_slip_mends_is_said_as_such(rate: Fraction, late: int, sign: int, jitter: int) -> None:
    region, length = Span(sample_at(24, rate), sample_at(124, rate)), sample_at(148, rate)
    guide = moved(GUIDE, region.start - GUIDE[0].span.start + 500)
    guide = tuple(word for word in guide if word.span.end < region.end)
    shift = sample_at(sign * late, rate)
    said = tuple(moved((word,), shift + (jitter if k % 2 else 0))[0] for k, word in enumerate(guide))
    found = judged(said, region, length, guide=guide, rate=rate)
    assert found.slip_frames == -sign * late
    assert found.passes
    assert f"{late} frames {'late' if sign > 0 else 'early'}: slip {-sign * late:+d}" in found.why


def test_one_word_beyond_two_frames_is_named_and_does_not_pass() -> None:
    said = list(GUIDE)
    said[3] = moved((said[3],), -5 * FRAME)[0]
    found = judged(tuple(said), guide=GUIDE)
    assert not found.passes
    assert found.worst_sync_frames is not None
    assert found.worst_sync_frames > 2.0
    assert "'and'" in found.why[-1]
    assert "out of sync" in found.why[-1]


def test_between_one_and_two_frames_passes_and_is_told() -> None:
    said = list(GUIDE)
    said[0], said[3] = moved((said[0],), -3_000)[0], moved((said[3],), 3_000)[0]
    found = judged(tuple(said), guide=GUIDE)
    assert found.passes
    assert "nearly in sync" in found.why[-1]
    assert "'Close' -1.5" in found.why[-1]


def test_lips_come_before_edges() -> None:
    guide = moved(GUIDE, -8 * FRAME)  # the original line begins before the region, too
    found = judged(guide, guide=guide)
    assert found.slip_frames == 0
    assert found.overrun_frames == 2


def test_a_slip_for_the_lips_stays_within_the_handles() -> None:
    found = judged(moved(GUIDE, 10 * FRAME), guide=GUIDE, length=76 * FRAME)
    assert found.slip_frames == -4
    assert not found.passes


def test_a_missing_word_does_not_shift_the_others() -> None:
    found = judged(GUIDE[:1] + GUIDE[2:], guide=GUIDE)
    assert [word.text for word in found.sync] == ["Close", "eyes", "and", "listen"]
    assert found.passes


@pytest.mark.parametrize(
    ("said", "guide", "estimated", "why"),
    [
        (GUIDE, None, False, "no guide"),
        (GUIDE, GUIDE, True, "estimated"),
        (
            GUIDE,
            words([word.span.start for word in GUIDE], texts=["she", "never", "came", "home", "and"]),
            False,
            "other",
        ),
        (GUIDE, (), False, "other words"),
    ],
)
def test_sync_that_cannot_be_checked_says_why(
    said: tuple[SpokenWord, ...], guide: tuple[SpokenWord, ...] | None, estimated: bool, why: str
) -> None:
    found = judged(said, guide=guide, estimated=estimated)
    assert found.sync == ()
    assert found.worst_sync_frames is None
    assert "sync not checked" in found.why[-1]
    assert why in found.why[-1]
    assert found.passes
