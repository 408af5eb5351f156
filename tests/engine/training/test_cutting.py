from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.training.cutting import cue_segments_in, segments_in
from sottovoce_engine.training.recordings import Cue

LONGEST = 4 * SAMPLE_RATE


def _pieces(*seconds: tuple[float, float]) -> list[Span]:
    return [Span(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)) for start, end in seconds]


def _seconds(span: Span) -> tuple[float, float]:
    return span.start / SAMPLE_RATE, span.end / SAMPLE_RATE


def test_pieces_that_lie_near_each_other_make_one_segment() -> None:
    pieces = _pieces((1, 2), (2.3, 3), (6, 7))
    cut = segments_in(pieces, Span(0, 10 * SAMPLE_RATE), LONGEST)
    assert [_seconds(each.speech) for each in cut.segments] == [(1, 3), (6, 7)]
    assert [_seconds(each.around) for each in cut.segments] == [(0, 4.5), (4.5, 10)]


def test_what_fits_no_clip_is_cut_in_its_longest_pauses() -> None:
    pieces = _pieces((0, 1.5), (1.65, 3), (3.5, 5), (5.16, 6))
    cut = segments_in(pieces, Span(0, 8 * SAMPLE_RATE), LONGEST)
    assert [_seconds(each.speech) for each in cut.segments] == [(0, 3), (3.5, 6)]


def test_speech_without_a_pause_is_never_cut() -> None:
    pieces = _pieces((0, 1), (1.5, 9), (9.3, 10))
    cut = segments_in(pieces, Span(0, 11 * SAMPLE_RATE), LONGEST)
    assert [_seconds(each.speech) for each in cut.segments] == [(0, 1), (9.3, 10)]
    assert [_seconds(span) for span in cut.too_long] == [(1.5, 9)]


def test_clicks_are_no_line() -> None:
    assert segments_in(_pieces((0, 0.05), (3, 3.1)), Span(0, 5 * SAMPLE_RATE), LONGEST).segments == ()


@given(lengths=st.lists(st.tuples(st.integers(7_200, 200_000), st.integers(1_000, 300_000)), min_size=1, max_size=30))
def test_every_piece_is_whole_in_one_segment_or_told(lengths: list[tuple[int, int]]) -> None:
    pieces, at = [], 0
    for pause, length in lengths:
        pieces.append(Span(at + pause, at + pause + length))
        at += pause + length
    cut = segments_in(pieces, Span(0, at + 7_200), LONGEST)
    for before, after in zip(cut.segments, cut.segments[1:], strict=False):
        assert before.around.end <= after.around.start
    for segment in cut.segments:
        assert segment.speech.length <= LONGEST
        assert segment.around.contains(segment.speech)
        assert all(segment.around.contains(piece) or not segment.around.overlaps(piece) for piece in pieces)
    assert list(cut.too_long) == [piece for piece in pieces if piece.length > LONGEST]
    kept = sum(piece.length for segment in cut.segments for piece in pieces if segment.speech.contains(piece))
    lost = sum(piece.length for piece in pieces) - kept - sum(span.length for span in cut.too_long)
    assert lost < 14_400 * len(pieces)  # only what is too short to be a line


def test_cues_take_the_speech_that_lies_mostly_in_them() -> None:
    pieces = _pieces((1, 2), (2.2, 3), (3.4, 4), (8, 8.6))
    cues = [Cue(span=_pieces((0.8, 3.1))[0], text="One."), Cue(span=_pieces((3.1, 4.2))[0], text="Two.")]
    cut = cue_segments_in(pieces, Span(0, 9 * SAMPLE_RATE), cues, LONGEST)
    assert [(each.text, _seconds(each.speech)) for each in cut.segments] == [("One.", (1, 3)), ("Two.", (3.4, 4))]
    assert _seconds(cut.segments[0].around) == (0, 3.2)


def test_a_cue_longer_than_a_clip_is_told_and_one_without_speech_is_not_made() -> None:
    cues = [Cue(span=_pieces((0, 7))[0], text="Long."), Cue(span=_pieces((20, 22))[0], text="Nobody.")]
    cut = cue_segments_in(_pieces((1, 3), (3.2, 6)), Span(0, 30 * SAMPLE_RATE), cues, LONGEST)
    assert cut.segments == ()
    assert [_seconds(span) for span in cut.too_long] == [(1, 6)]
