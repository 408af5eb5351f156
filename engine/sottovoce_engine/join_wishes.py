"""What a person asks of a join: how long it fades, where its cut lies, how much room tone follows it.

A join is known by the region that comes in there; where none comes in, by the one that goes out. So the join that two
regions share has one wish, never two that contradict.

regions      |####A####|####B####|.........
joins      A in      B in      B out
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from sottovoce_engine.errors import InputError
from sottovoce_engine.timing import SAMPLE_RATE
from sottovoce_engine.windows import whole_region_id

SHORTEST_FADE_MS, LONGEST_FADE_MS = 3.0, 2000.0
FARTHEST_SAMPLES = 10 * SAMPLE_RATE  # that a cut is moved; handles are far shorter
MOST_TONE_DB = 24.0


class Side(StrEnum):
    """One of a region's two joins."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True, order=True)
class JoinKey:
    """Which join of which region."""

    region_id: str
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWish:
    """What differs from how the splice would make a join. No take is ever rendered again for it."""

    key: JoinKey
    fade_ms: float | None = None  # None: as long as all others
    moved_samples: int = 0  # the cut lies this much later than the splice would lay it; below 0 earlier
    tone: bool = True  # False: no room tone from here to the next join
    tone_db: float = 0.0  # gain on the room tone from here to the next join

    def __post_init__(self) -> None:
        if self.fade_ms is not None and not SHORTEST_FADE_MS <= self.fade_ms <= LONGEST_FADE_MS:
            raise InputError(f"A fade of {self.fade_ms:g} ms was asked for. Give {SHORTEST_FADE_MS:g} to 2000.")
        if abs(self.moved_samples) > FARTHEST_SAMPLES:
            raise InputError(
                f"A cut was to be moved by {self.moved_samples / SAMPLE_RATE:.1f} s. Give 10 s at most: move the region."
            )
        if abs(self.tone_db) > MOST_TONE_DB:
            raise InputError(
                f"Room tone was to be changed by {self.tone_db:+g} dB. Give -24 to 24, or turn it off at this join."
            )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == JoinWish(key=self.key)

    @property
    def tone_gain(self) -> float:
        """The factor on room tone from here to the next join."""
        return 10.0 ** (self.tone_db / 20.0) if self.tone else 0.0


def key_of(before: str, after: str, ids: Collection[str]) -> JoinKey:
    """The key of the join between two regions of a splice; "" where no region is on that side.

    Args:
        before: The region that goes out.
        after: The region that comes in.
        ids: Of all regions there. The outer joins of a long region's parts are those of the region itself.
    """
    return key_of_side(after, Side.IN, ids) if after else key_of_side(before, Side.OUT, ids)


def key_of_side(region_id: str, side: Side, ids: Collection[str]) -> JoinKey:
    """The key of one of a region's joins, whoever else has a part in it."""
    whole = whole_region_id(region_id)
    if whole == region_id or whole in ids:
        return JoinKey(region_id, side)
    number = int(region_id.rpartition("-")[2])
    outer = number == 1 if side is Side.IN else f"{whole}-{number + 1}" not in ids
    return JoinKey(whole if outer else region_id, side)


def wish_at(wishes: Iterable[JoinWish], key: JoinKey) -> JoinWish:
    """What is asked of that join; a wish for nothing where nothing is."""
    return next((wish for wish in wishes if wish.key == key), JoinWish(key=key))


def with_wish(
    wishes: tuple[JoinWish, ...], wish: JoinWish, instead_of: Collection[JoinKey] = ()
) -> tuple[JoinWish, ...]:
    """The wishes with one in its place, by key; `instead_of` names others that go: the other side of a shared join."""
    kept = [other for other in wishes if other.key != wish.key and other.key not in instead_of]
    return tuple(sorted([*kept, *([] if wish.is_empty else [wish])], key=lambda each: each.key))


def with_side_moved(wishes: tuple[JoinWish, ...], side: Side, region_id: str, new_id: str) -> tuple[JoinWish, ...]:
    """The wishes where what was asked of one join of a region is asked of that of another: the region was split."""
    given = wish_at(wishes, JoinKey(region_id, side))
    others = with_wish(wishes, JoinWish(key=given.key), {JoinKey(new_id, side)})
    return with_wish(others, replace(given, key=JoinKey(new_id, side)))
