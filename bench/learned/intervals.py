"""How sure a share is."""

from math import sqrt

_Z = 1.959964  # of a normal distribution: 95 % lie within


def wilson(found: int, of: int) -> tuple[float, float]:
    """The interval that holds a share with 95 % confidence, when it was found so often.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.

    Raises:
        ValueError: There is nothing to take a share of.
    """
    if not 0 <= found <= of or not of:
        raise ValueError(f"{found} of {of} is no share")
    share, square = found / of, _Z**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def shown_share(found: int, of: int) -> str:
    """Such as "18 of 20 (90 %, 70–97)"."""
    low, high = wilson(found, of)
    return f"{found} of {of} ({100 * found / of:.0f} %, {100 * low:.0f}–{100 * high:.0f})"
