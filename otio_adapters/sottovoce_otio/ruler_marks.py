"""The markers on a new timeline's ruler: the regions, and what the editor marked there."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sottovoce_engine.timing import Span
from sottovoce_otio.layout import Placed, Plain
from sottovoce_otio.ours import KEY
from sottovoce_otio.times import frame_near, start_and_duration


class MarkColour(StrEnum):
    """OTIO's marker colours and how editors show them."""

    PINK = "#ff69b4"
    RED = "#e64b3d"
    ORANGE = "#e6963d"
    YELLOW = "#e6d23d"
    GREEN = "#4bbe5a"
    CYAN = "#3dc8d2"
    BLUE = "#3d6ee6"
    PURPLE = "#7d4be6"
    MAGENTA = "#d24bbe"
    BLACK = "#202020"
    WHITE = "#f0f0f0"

    @classmethod
    def of(cls, marker: Plain) -> "MarkColour":
        """A marker's; green where it has none that is known."""
        return cls.__members__.get(str(marker.get("color")).upper(), cls.GREEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulerMark:
    """One marker of the timeline as a whole."""

    span: Span  # scene frames; a point has length 0
    name: str
    comment: str
    colour: MarkColour
    is_region: bool

    @property
    def text(self) -> str:
        """For a place that holds one text: the name, else the comment, else both where neither says it all."""
        if not self.name or not self.comment or self.comment in self.name:
            return self.name or self.comment
        return self.comment if self.name in self.comment else f"{self.name}: {self.comment}"


def ruler_marks(layout: Placed, rate: Fraction) -> tuple[RulerMark, ...]:
    """The markers of the timeline's stack and of its tracks that lie within it, in order."""
    length = frame_near(layout.end, rate)
    found = (_mark(marker, owner, rate) for owner, marker in _markers(layout))
    inside = (mark for mark in found if 0 <= mark.span.start < length)
    return tuple(sorted(inside, key=lambda mark: (mark.span, mark.name)))


def _markers(layout: Placed) -> Iterator[tuple[Placed, Plain]]:
    for owner in (layout, *layout.children):
        for marker in owner.item.get("markers") or ():
            yield owner, marker


def _mark(marker: Plain, owner: Placed, rate: Fraction) -> RulerMark:
    start, duration = start_and_duration(marker["marked_range"], f"marker '{marker.get('name')}'")
    first = frame_near(owner.zero + start, rate)
    last = max(first, frame_near(owner.zero + start + duration, rate))
    own = (marker.get("metadata") or {}).get(KEY)
    return RulerMark(
        span=Span(first, last),
        name=marker.get("name") or "",
        comment=marker.get("comment") or "",
        colour=MarkColour.of(marker),
        is_region=isinstance(own, dict) and "region" in own,
    )
