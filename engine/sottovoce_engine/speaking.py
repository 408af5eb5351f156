"""How long a line takes to say, estimated from its text."""

import itertools
import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache

# Conversational English runs at about 4 to 5 syllables a second with pauses; 4.3 lies in the middle.
SYLLABLES_PER_SECOND = 4.3
PAUSE_SECONDS = 0.25  # at punctuation inside the line
MIN_SECONDS = 0.4
_STOPS = ".!?…"
_PUNCTUATION = f",;:—–{_STOPS}"
_LAST_LATIN = "\u024f"

_VOWELS = re.compile(r"[aeiouyàáâäãåæèéêëìíîïòóôöõøœùúûüýÿ]+", re.IGNORECASE)
_PAUSES = re.compile(rf"[{_PUNCTUATION}]+(?=\s+\S)")


def speaking_seconds(line: str) -> float:
    """Estimated seconds a line takes at a normal pace."""
    spoken = sum(_syllables(word) for word in line.split())
    pauses = len(_PAUSES.findall(line))
    return max(MIN_SECONDS, spoken / SYLLABLES_PER_SECOND + pauses * PAUSE_SECONDS)


def parts_of_line(line: str, count: int) -> tuple[str, ...]:
    """`line` in `count` parts of about equal speaking time, cut between words, at punctuation where near.

    Raises:
        ValueError: The line has fewer words than parts.
    """
    words = line.split()
    if not 1 <= count <= len(words):
        raise ValueError(f"{len(words)} words cannot make {count} parts")
    reached = tuple(itertools.accumulate(_weight(word) for word in words))
    seconds = reached[-1] / count
    cuts = [0]
    for part in range(1, count):
        cuts.append(_cut_near(words, reached, part * seconds, seconds / 4, cuts[-1] + 1, len(words) - (count - part)))
    return tuple(" ".join(words[start:end]) for start, end in itertools.pairwise([*cuts, len(words)]))


def line_in_two(line: str, share: float) -> tuple[str, str]:
    """`line` cut between words where about `share` of its speaking time is over, at punctuation where near.

    A single word stays whole, and the second part is then empty.
    """
    words = line.split()
    if len(words) < 2:
        return line.strip(), ""
    reached = tuple(itertools.accumulate(_weight(word) for word in words))
    cut = _cut_near(words, reached, share * reached[-1], reached[-1] / 8, 1, len(words) - 1)
    return " ".join(words[:cut]), " ".join(words[cut:])


def _cut_near(
    words: list[str], reached: tuple[float, ...], target: float, tolerance: float, lowest: int, highest: int
) -> int:
    """The index of the first word after the cut: after a stop or a comma within `tolerance` seconds, else nearest."""

    def distance(index: int) -> float:
        last = words[index - 1][-1]
        missing = 0.0 if last in _STOPS else tolerance / 2 if last in _PUNCTUATION else tolerance
        return abs(reached[index - 1] - target) + missing

    first = min(max(lowest, bisect_left(reached, target - tolerance)), highest)
    last = min(max(first, bisect_left(reached, target + tolerance) + 1), highest)
    return min(range(first, last + 1), key=distance)


def _weight(word: str) -> float:
    """Seconds of one word inside a line, with the pause after it."""
    return _syllables(word) / SYLLABLES_PER_SECOND + (PAUSE_SECONDS if word[-1] in _PUNCTUATION else 0.0)


@lru_cache(maxsize=10_000)
def _syllables(word: str) -> int:
    """Vowel groups for Latin letters, two for each digit; one per wide character, one per two of other scripts."""
    latin, wide, other = 0, 0, 0
    for character in filter(str.isalpha, word):
        if unicodedata.east_asian_width(character) in "WF":
            wide += 1
        elif character <= _LAST_LATIN:
            latin += 1
        else:
            other += 1
    digits = sum(character.isdigit() for character in word)
    return 2 * digits + wide + (other + 1) // 2 + (max(1, len(_VOWELS.findall(word))) if latin else 0)
