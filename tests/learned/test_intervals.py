import pytest
from bench.learned.intervals import shown_share, wilson


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    # Source: Newcombe (1998), Statistics in Medicine 17, table I, method 3 (81 of 263, 15 of 148, 0 of 20, 1 of 29).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_intervals(found: int, of: int, low: float, high: float) -> None:
    assert wilson(found, of) == pytest.approx((low, high), abs=1e-4)


def test_a_share_is_shown_with_its_interval() -> None:
    assert shown_share(20, 20) == "20 of 20 (100 %, 84–100)"


@pytest.mark.parametrize(("found", "of"), [(0, 0), (3, 2), (-1, 2)])
def test_what_is_no_share_is_refused(found: int, of: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(found, of)
