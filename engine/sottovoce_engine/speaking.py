"""How long a line takes to say, estimated from its text."""

import re
import unicodedata

# Conversational English runs at about 4 to 5 syllables a second with pauses; 4.3 lies in the middle.
SYLLABLES_PER_SECOND = 4.3
PAUSE_SECONDS = 0.25  # at punctuation inside the line
MIN_SECONDS = 0.4

_VOWELS = re.compile(r"[aeiouyàáâäãåæèéêëìíîïòóôöõøœùúûüýÿ]+", re.IGNORECASE)
_PAUSES = re.compile(r"[,;:.!?…—–]+(?=\s|$)")


def speaking_seconds(line: str) -> float:
    """Estimated seconds a line takes at a normal pace."""
    spoken = sum(_syllables(word) for word in line.split())
    pauses = max(0, len(_PAUSES.findall(line)) - 1)
    return max(MIN_SECONDS, spoken / SYLLABLES_PER_SECOND + pauses * PAUSE_SECONDS)


def parts_of_line(line: str, count: int) -> tuple[str, ...]:
    """`line` in `count` parts of about equal speaking time, cut between words, at punctuation where near.

    Raises:
        ValueError: The line has fewer words than parts.
    """
    words = line.split()
    if not 1 <= count <= len(words):
        raise ValueError(f"{len(words)} words cannot make {count} parts")
    weights = [speaking_seconds(word) for word in words]
    total = sum(weights)
    parts: list[str] = []
    start = 0
    for part in range(1, count):
        start_of_next = _cut_near(words, weights, total * part / count, start + 1, len(words) - (count - part))
        parts.append(" ".join(words[start:start_of_next]))
        start = start_of_next
    return (*parts, " ".join(words[start:]))


def _cut_near(words: list[str], weights: list[float], target: float, lowest: int, highest: int) -> int:
    """The index of the first word after the cut: near `target` seconds, preferring to follow punctuation."""

    def distance(index: int) -> float:
        bonus = 0.6 if words[index - 1][-1] in ",;:.!?…—–" else 1.0
        return bonus * (abs(sum(weights[:index]) - target) + 0.2)

    return min(range(lowest, highest + 1), key=distance)


def _syllables(word: str) -> int:
    """Vowel groups for Latin letters; one per character in scripts written without vowels or spaces."""
    wide = sum(1 for character in word if unicodedata.east_asian_width(character) in "WF")
    if wide:
        return wide
    if word.isdigit():
        return max(1, 2 * len(word))
    groups = len(_VOWELS.findall(word))
    letters = sum(character.isalpha() for character in word)
    return max(groups, 1) if letters else 0
