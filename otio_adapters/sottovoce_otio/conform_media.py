"""Which sources of a new cut are sources of the old one, and how their clocks differ.

same file            /footage/A001.mov            /footage/A001.mov
same name            /footage/day 1/A001.mov      /mnt/relinked/day 1/A001.mov     the folders nearest to it decide
same reel            A001, 10:00:02:00 on         A001, 10:00:02:00 on             where their timecode overlaps
same stem            A001.mxf                     A001_proxy.mov, A001.mov         a transcode
same content         interview.mov                take 7.mov                       renamed

What is found by its file counts from the file's first frame, whatever timecode either timeline gives it; what is found
by its reel counts by timecode.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from pathlib import Path, PurePath, PureWindowsPath

from sottovoce_engine.conform import Laid
from sottovoce_engine.media.looking import content_of
from sottovoce_otio.conform_ground import Lying, Medium

_NEAR = Fraction(1)  # seconds that a first use may lie before the beginning that the other timeline knows
_PROXIES = ("_proxy", "-proxy", " proxy", "_prx", "_lowres", ".proxy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A source of the new cut that is one of the old."""

    new: Medium
    old: Medium
    later: Fraction  # seconds to add to the new cut's clock to have the old one's
    how: str  # "file", "name", "reel", "stem", "content"


def media_found(before: Iterable[Lying], after: Iterable[Lying]) -> tuple[Found, ...]:
    """The sources of the new cut that the old one has, too; of the old cut with itself, the one that stands for each."""
    old, new = _each_file_once(_uses(before)), _uses(after)
    found = []
    for medium, used in new.items():
        for how, rule in _RULES:
            match = rule(medium, used, old)
            if match is not None:
                later = Fraction(0) if how == "reel" else _later(medium, used, match, old[match])
                found.append(Found(new=medium, old=match, later=later, how=how))
                break
    return tuple(found)


def laid_for(lying: Iterable[Lying], found: Iterable[Found]) -> list[Laid]:
    """Stretches of a cut by the sources and clocks of the old one; what is not found keeps its own."""
    known = {each.new: each for each in found}
    return [_laid(each, known.get(each.medium)) for each in lying]


def _laid(lying: Lying, found: Found | None) -> Laid:
    medium, later = (lying.medium, Fraction(0)) if found is None else (found.old, found.later)
    source = repr((medium.path, medium.name, medium.reel, medium.begins, str(lying.speed)))
    return Laid(span=lying.span, source=source, at=lying.at + later / lying.speed, kind=lying.kind)


Uses = Mapping[Medium, tuple[Fraction, Fraction]]  # of each source, its first and last second on its clock


def _uses(lying: Iterable[Lying]) -> dict[Medium, tuple[Fraction, Fraction]]:
    found: dict[Medium, tuple[Fraction, Fraction]] = {}
    for each in lying:
        first, last = each.used
        known = found.get(each.medium, (first, last))
        found[each.medium] = (min(known[0], first), max(known[1], last))
    return found


def _each_file_once(uses: Uses) -> Uses:
    """The first of the sources of each file: clips may differ in what they say of it."""
    first: dict[str, Medium] = {}
    for medium in uses:
        first.setdefault(medium.path, medium)
    return {medium: used for medium, used in uses.items() if not medium.path or first[medium.path] is medium}


def _same_file(medium: Medium, _: tuple[Fraction, Fraction], old: Uses) -> Medium | None:
    return next((each for each in old if medium.path and each.path == medium.path), None)


def _same_name(medium: Medium, used: tuple[Fraction, Fraction], old: Uses) -> Medium | None:
    alike = [each for each in old if each.name.casefold() == medium.name.casefold() != ""]
    return _nearest(medium, used, alike, old)


def _same_stem(medium: Medium, used: tuple[Fraction, Fraction], old: Uses) -> Medium | None:
    alike = [each for each in old if _stem(each.name) == _stem(medium.name) != ""]
    return _nearest(medium, used, alike, old)


def _same_reel(medium: Medium, used: tuple[Fraction, Fraction], old: Uses) -> Medium | None:
    first, last = used
    alike = [
        each
        for each, (start, end) in old.items()
        if medium.reel.casefold() == each.reel.casefold() != ""
        and first < max(end, each.ends or end)
        and min(start, start if each.begins is None else each.begins) < last
    ]
    return alike[0] if len(alike) == 1 else None


def _same_content(medium: Medium, _: tuple[Fraction, Fraction], old: Uses) -> Medium | None:
    size = _size(medium)
    if size is None or not (content := _content(medium, size)):
        return None
    return next((each for each in old if _size(each) == size and _content(each, size) == content), None)


def _nearest(medium: Medium, used: tuple[Fraction, Fraction], alike: list[Medium], old: Uses) -> Medium | None:
    """Of sources of one name, the only one, or the one whose folders are the most alike; None where several are."""
    alike = [each for each in alike if _can_be(medium, used, each, old[each])]
    shared = [_shared_folders(medium.path, each.path) for each in alike]
    best = [each for each, count in zip(alike, shared, strict=True) if count == max(shared)]
    return best[0] if len(best) == 1 else None


def _can_be(medium: Medium, used: tuple[Fraction, Fraction], other: Medium, others: tuple[Fraction, Fraction]) -> bool:
    """Whether what is used of a source can lie in the other one, by the lengths that are known."""
    later = _later(medium, used, other, others)
    return (other.begins is None or used[0] + later > other.begins - _NEAR) and (
        other.ends is None or used[1] + later < other.ends + _NEAR
    )


def _later(
    medium: Medium, used: tuple[Fraction, Fraction], other: Medium, others: tuple[Fraction, Fraction]
) -> Fraction:
    """What brings the clock of a file in one timeline to its clock in another, where it may begin at another time.

    Where one of them does not say when the file begins, it counts as the other does if its uses can be by that clock,
    else from 0.
    """
    if medium.begins is not None and other.begins is not None:
        return other.begins - medium.begins
    if other.begins is not None and used[0] < other.begins - _NEAR:
        return other.begins
    if medium.begins is not None and others[0] < medium.begins - _NEAR:
        return -medium.begins
    return Fraction(0)


def _shared_folders(one: str, other: str) -> int:
    """How many folders nearest to the two files have the same names."""
    first, second = (PureWindowsPath(path).parts[-2::-1] for path in (one, other))
    return len(list(takewhile(lambda pair: pair[0].casefold() == pair[1].casefold(), zip(first, second, strict=False))))


def _stem(name: str) -> str:
    stem = PurePath(name.casefold()).stem
    return next((stem.removesuffix(proxy) for proxy in _PROXIES if stem.endswith(proxy)), stem)


def _size(medium: Medium) -> int | None:
    try:
        return Path(medium.path).stat().st_size if medium.path else None
    except OSError:
        return None


def _content(medium: Medium, size: int) -> str:
    """What tells a file of that size from others; "" where it cannot be read."""
    try:
        return content_of(Path(medium.path), size)
    except OSError:
        return ""


_RULES = (
    ("file", _same_file),
    ("name", _same_name),
    ("reel", _same_reel),
    ("stem", _same_stem),
    ("content", _same_content),
)
