"""Takes held to what lies beside their region: fades inside it, over the whole seam, and the source to the sample."""

from dataclasses import replace

import pytest

from sottovoce_engine.splice.cuts import MIN_FADE, FadeLengths, Laid, cuts_for
from sottovoce_engine.timing import Span

LENGTHS = FadeLengths(rise=3_840, fall=3_840)
REGION, SPEECH = Span(100_000, 200_000), Span(120_000, 180_000)


def held(speech: Span = SPEECH, *, before: int = 2_400, after: int = 2_400, **more: object) -> Laid:
    laid = Laid(
        region="a",
        voice="ANNA",
        picture=REGION,
        edges=REGION,
        material=REGION.grown(16_000, 16_000),
        speech=speech,
        onset=speech.start,
        reach=REGION.start - LENGTHS.rise // 2,
        seam_before=before,
        seam_after=after,
    )
    return replace(laid, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("seam", "length"), [(2_400, 3_840), (3_840, 3_840), (9_600, 9_600)])
def test_the_fades_lie_inside_the_region_and_cover_the_seam(seam: int, length: int) -> None:
    (cuts,) = cuts_for([held(before=seam, after=seam)], LENGTHS, 400_000)
    assert cuts.fade_in == Span(REGION.start, REGION.start + length)
    assert cuts.fade_out == Span(REGION.end - length, REGION.end)


def test_only_the_side_that_is_held_is_faded_inside() -> None:
    (cuts,) = cuts_for([held(after=0)], LENGTHS, 400_000)
    assert cuts.fade_in.start == REGION.start
    assert cuts.fade_out == Span(198_080, 201_920)
    (cuts,) = cuts_for([held(before=0)], LENGTHS, 400_000)
    assert cuts.fade_in == Span(98_080, 101_920)
    assert cuts.fade_out.end == REGION.end


def test_no_word_is_faded_while_there_is_a_gap() -> None:
    (cuts,) = cuts_for([held(Span(102_000, 199_000))], LENGTHS, 400_000)
    assert cuts.fade_in == Span(REGION.start, 102_000)
    assert cuts.fade_out == Span(199_000, REGION.end)


def test_speech_up_to_the_edges_is_kept_and_nothing_outside_them_is_touched() -> None:
    (cuts,) = cuts_for([held(Span(99_000, 201_000))], LENGTHS, 400_000)
    assert cuts.fade_in == Span(REGION.start, REGION.start + MIN_FADE)
    assert cuts.fade_out == Span(REGION.end - MIN_FADE, REGION.end)
