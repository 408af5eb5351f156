"""Where everything on a timeline lies, in exact seconds from the scene's first frame.

scene seconds     0        1        2        3
track             |== clip ==|=~X~=|== stack ==|       X a transition's cut, ~ its reach
clip's own time   86400    …                            `zero` is where this reads 0

An item's own time is the one its source range counts in. OTIO answers the same questions one item at a
time, by walking all of its siblings; here the whole tree is laid out in one pass. It works on the plain
JSON: each look into an OTIO object's metadata or effects from Python takes 20 µs, and a timeline has
hundreds of thousands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from sottovoce_engine.errors import InputError
from sottovoce_otio.times import LONGEST_SECONDS, seconds, start_and_duration

Plain = Mapping[str, Any]  # an OTIO object as it is stored

VIDEO, AUDIO = "Video", "Audio"

_DEEPEST = 40
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A transition at one end of an item: how far it reaches to both sides of the cut."""

    start: Fraction  # scene seconds
    cut: Fraction
    end: Fraction
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """An item and where it lies; transitions lie on the ends of the items they mix."""

    item: Plain
    schema: str  # "Clip", "Gap", "Stack", "Track"
    name: str
    address: tuple[int, ...]  # child indices from the timeline's stack down
    kind: str  # of the nearest track above: "Video" or "Audio"
    track: str  # that track's name
    start: Fraction  # scene seconds, before any parent trims it
    end: Fraction
    zero: Fraction  # scene seconds where the item's own time reads 0
    enabled: bool  # the item itself; its parents may not be
    children: tuple["Placed", ...] = ()
    head: Reach | None = None
    tail: Reach | None = None

    @property
    def is_composition(self) -> bool:
        return "children" in self.item

    @property
    def metadata(self) -> Plain:
        found: Plain = self.item.get("metadata") or {}
        return found

    def everything(self) -> Iterator["Placed"]:
        """This item and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.everything()

    def __str__(self) -> str:
        return _described(self.schema, self.name)


def layout_of(timeline: Plain) -> Placed:
    """The timeline's stack and everything in it.

    The stack starts at second 0. It lasts as long as its source range, else as its longest enabled track.

    Raises:
        InputError: An item has no length, or a time that cannot be, or compositions are nested too deep.
    """
    stack = timeline.get("tracks")
    if stack is None:
        raise InputError(f"The timeline '{timeline.get('name')}' has no tracks. Export it again.")
    trimmed = stack.get("source_range")
    start, length = (_ZERO, _ZERO) if trimmed is None else start_and_duration(trimmed, "timeline's stack")
    children = _stack_children(stack, (), VIDEO, "", -start)
    if trimmed is None:
        length = max((child.end for child in children if child.enabled), default=_ZERO)
    return Placed(
        item=stack,
        schema=schema_of(stack),
        name=stack.get("name") or "",
        address=(),
        kind=VIDEO,
        track="",
        start=_ZERO,
        end=length,
        zero=-start,
        enabled=True,
        children=children,
    )


def schema_of(item: Plain) -> str:
    """The schema's name without its version."""
    name: str = item["OTIO_SCHEMA"]
    return name.partition(".")[0]


def media_reference_of(clip: Plain) -> Plain | None:
    """The active media reference of a clip."""
    found: Plain | None = (clip.get("media_references") or {}).get(clip.get("active_media_reference_key"))
    return found


def _placed(item: Plain, address: tuple[int, ...], kind: str, track: str, at: Fraction) -> Placed:
    """`item`, starting at scene second `at`, and everything in it."""
    if len(address) > _DEEPEST:
        raise InputError(
            f"Compositions are nested more than {_DEEPEST} deep. Flatten them in the program they come from."
        )
    schema, name = schema_of(item), item.get("name") or ""
    if schema == "Track":
        kind, track = item["kind"], name
    trimmed = item.get("source_range")
    start, duration = (_ZERO, _ZERO) if trimmed is None else start_and_duration(trimmed, _described(schema, name))
    children: tuple[Placed, ...] = ()
    length = duration
    if schema == "Track":
        children, length = _track_children(item, address, kind, track, at - start)
    elif "children" in item:
        children = _stack_children(item, address, kind, track, at - start)
        length = max((child.end - at + start for child in children), default=_ZERO)
    elif trimmed is None:
        start, length = _available(item, _described(schema, name))
    if trimmed is None:
        duration = length
    if at + duration > LONGEST_SECONDS:
        raise InputError(
            f"The {_described(schema, name)} ends beyond {LONGEST_SECONDS // 3600} hours. Mend the timeline's lengths."
        )
    return Placed(
        item=item,
        schema=schema,
        name=name,
        address=address,
        kind=kind,
        track=track,
        start=at,
        end=at + duration,
        zero=at - start,
        enabled=item.get("enabled") is not False,
        children=children,
    )


def _stack_children(
    stack: Plain, address: tuple[int, ...], kind: str, track: str, zero: Fraction
) -> tuple[Placed, ...]:
    return tuple(_placed(child, (*address, index), kind, track, zero) for index, child in enumerate(stack["children"]))


def _track_children(
    track_item: Plain, address: tuple[int, ...], kind: str, track: str, zero: Fraction
) -> tuple[tuple[Placed, ...], Fraction]:
    """A track's items end to end, and the track's length.

    As OTIO has it, a transition takes no time, except that one at either end of a track adds what it
    reaches beyond it.
    """
    items = track_item["children"]
    reaches: dict[int, Reach] = {}
    placed: list[tuple[int, Placed]] = []
    at = zero
    for index, item in enumerate(items):
        if "in_offset" in item:
            reaches[index] = _reach(item, at)
        else:
            child = _placed(item, (*address, index), kind, track, at)
            placed.append((index, child))
            at = child.end
    length = at - zero
    first, last = reaches.get(0), reaches.get(len(items) - 1)
    if first is not None:
        length += first.cut - first.start
    if last is not None:
        length += last.end - last.cut
    return tuple(_with_reaches(placed, reaches)), length


def _with_reaches(placed: Sequence[tuple[int, Placed]], reaches: Mapping[int, Reach]) -> Iterator[Placed]:
    for index, child in placed:
        head, tail = reaches.get(index - 1), reaches.get(index + 1)
        yield child if head is None and tail is None else replace(child, head=head, tail=tail)


def _reach(transition: Plain, cut: Fraction) -> Reach:
    kind = transition.get("transition_type") or ""
    what = f"transition '{transition.get('name') or kind}'"
    before, after = seconds(transition["in_offset"], what), seconds(transition["out_offset"], what)
    if before < 0 or after < 0:
        raise InputError(f"The {what} reaches a negative time to one side of its cut. Mend it, or take it out.")
    return Reach(start=cut - before, cut=cut, end=cut + after, kind=kind)


def _available(item: Plain, what: str) -> tuple[Fraction, Fraction]:
    """Start and length of a clip that is not trimmed: all that its media has."""
    reference = media_reference_of(item)
    found = None if reference is None else reference.get("available_range")
    if found is None:
        raise InputError(
            f"The {what} has neither a source range nor an available range, so that nothing after it has a place. "
            "Export the timeline again with its media online."
        )
    return start_and_duration(found, what)


def _described(schema: str, name: str) -> str:
    return f"{schema.lower()} '{name}'" if name else f"{schema.lower()} without a name"
