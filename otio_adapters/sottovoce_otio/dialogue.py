"""The original dialogue under a region: split there, and disabled; nothing is deleted.

regions            |#### 1f0c ####|          |## 88aa ##|
before   |== A ==============X=== B ==============================|      X crossfade
after    |== A ==|-- A ------X- B -|== B =====|-- B -----|== B ====|     - disabled

A crossfade between a silenced and an audible piece would bring the silenced one back: it is taken out
and kept in the metadata of the silenced piece. `earlier` takes all of this back.
"""

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sottovoce_otio.layout import Placed, layout_of, schema_of
from sottovoce_otio.ours import FORMAT, KEY
from sottovoce_otio.plain import Plain
from sottovoce_otio.splitting import pieces_of
from sottovoce_otio.times import seconds

IsDialogue = Callable[[Placed], bool]  # of a clip, wherever it lies


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Where dialogue is replaced, and by which regions."""

    start: Fraction  # scene seconds
    end: Fraction
    region_ids: tuple[str, ...]


def silences_from(spans: Iterable[tuple[Fraction, Fraction, str]]) -> tuple[Silence, ...]:
    """(start, end, region id) as silences that neither overlap nor touch, rising."""
    merged: list[Silence] = []
    for start, end, region_id in sorted(spans):
        last = merged[-1] if merged else None
        if last is not None and start <= last.end:
            ids = last.region_ids if region_id in last.region_ids else (*last.region_ids, region_id)
            merged[-1] = Silence(start=last.start, end=max(last.end, end), region_ids=ids)
        else:
            merged.append(Silence(start=start, end=end, region_ids=(region_id,)))
    return tuple(merged)


def silence_dialogue(timeline: Plain, silences: Sequence[Silence], is_dialogue: IsDialogue, rate: Fraction) -> None:
    """Splits the dialogue of a timeline at the ends of the silences and disables what lies inside them.

    No piece shorter than half a frame is cut off an item's end, where clocks only nearly agree.

    Args:
        timeline: Changed; the items of changed tracks are replaced, not changed.
        silences: As `silences_from` makes them.
        is_dialogue: Which clips are silenced; a nested composition is split where it holds one.
        rate: The scene's.
    """
    for track in _tracks_of(layout_of(timeline)):
        places = iter(track.children)
        children: list[Plain] = []
        new: set[int] = set()  # identities of pieces
        for item in track.item["children"]:
            pieces = [item]
            if schema_of(item) != "Transition":
                pieces = _silenced(next(places), silences, is_dialogue, rate)
            if pieces[0] is not item:
                new.update(map(id, pieces))
            children += pieces
        if new:
            track.item["children"][:] = list(_with_fitting_transitions(children, new))


def _tracks_of(layout: Placed) -> Iterator[Placed]:
    """The tracks that play side by side with the scene; nested ones belong to the item they lie in."""
    for child in layout.children:
        if child.schema == "Track":
            yield child
        elif child.schema == "Stack":
            yield from _tracks_of(child)


def _within(silences: Sequence[Silence], start: Fraction, end: Fraction) -> Sequence[Silence]:
    """The silences that share time with [start, end)."""
    first = bisect_right(silences, start, key=lambda silence: silence.end)
    after = bisect_left(silences, end, key=lambda silence: silence.start)
    return silences[first:after]


def _silenced(placed: Placed, silences: Sequence[Silence], is_dialogue: IsDialogue, rate: Fraction) -> list[Any]:
    """The pieces of an item, those inside a silence disabled; the item itself where nothing of it is."""
    inside = _within(silences, placed.start, placed.end) if placed.enabled else ()
    stretches = _stretches(placed, inside, 1 / (2 * rate)) if inside else []
    spoken = _spoken(placed, is_dialogue) if stretches else []
    if not any(spoken):
        return [placed.item]
    pieces = pieces_of(placed, [begin for begin, _ in stretches[1:]], rate)
    for index, (_, silence) in enumerate(stretches):
        if silence is not None:
            sides = [side for side, cut in (("before", index > 0), ("after", index < len(pieces) - 1)) if cut]
            note = {"silenced": " ".join(silence.region_ids), "cut": " ".join(sides)}
            pieces[index] = _noted(_disabled(pieces[index], spoken), note)
    return pieces


def _stretches(placed: Placed, inside: Sequence[Silence], sliver: Fraction) -> list[tuple[Fraction, Silence | None]]:
    """Where the pieces of an item start, and what silences each; empty where nothing is silenced."""
    found: list[tuple[Fraction, Silence | None]] = []
    first, last, at = placed.start + sliver, placed.end - sliver, placed.start
    for silence in inside:
        if silence.end <= first or silence.start >= last:
            continue
        begin = placed.start if silence.start <= first else silence.start
        if begin > at:
            found.append((at, None))
        found.append((begin, silence))
        at = placed.end if silence.end >= last else silence.end
    if found and at < placed.end:
        found.append((at, None))
    return found


def _spoken(placed: Placed, is_dialogue: IsDialogue) -> list[bool]:
    """Which of the clips in an item, itself included, are audible dialogue; in the order of `clips_in`."""
    return [each.enabled and is_dialogue(each) for each in placed.everything() if each.schema == "Clip"]


def clips_in(item: Plain) -> Iterator[Plain]:
    """The clips in an item, itself included, parents first."""
    if schema_of(item) == "Clip":
        yield item
    for child in item.get("children", ()):
        yield from clips_in(child)


def _disabled(piece: Plain, spoken: Sequence[bool]) -> Plain:
    """The piece with its dialogue disabled; what is nested in it says so itself."""
    if schema_of(piece) == "Clip":
        return {**piece, "enabled": False}
    piece = copy.deepcopy(piece)
    for clip, speaks in zip(clips_in(piece), spoken, strict=True):
        if speaks:
            clip |= _noted({**clip, "enabled": False}, {"silenced": "nested"})
    return piece


def _with_fitting_transitions(children: Sequence[Plain], new: Collection[int]) -> Iterator[Plain]:
    """The children, with the transitions beside cut pieces taken out or shortened to the pieces they lie between.

    What was there is noted, so that the pieces can be joined again: a transition taken out stays with the
    silenced piece, one that was shortened remembers its offsets.
    """
    found = list(children)
    for index, child in enumerate(children):
        if schema_of(child) != "Transition":
            continue
        left, right = index - 1, index + 1
        beside = [at for at in (left, right) if 0 <= at < len(children)]
        silenced = [at for at in beside if _own(found[at]).get("silenced")]
        if len(silenced) == 1:
            side = "transition_after" if silenced[0] == left else "transition_before"
            found[silenced[0]] = _noted(found[silenced[0]], {side: child})
            found[index] = {}
        else:
            found[index] = _fitting(child, *(_length(children, at, new) for at in (left, right)))
    return (child for child in found if child)


def _fitting(transition: Plain, before: Plain | None, after: Plain | None) -> Plain:
    """The transition, no longer than the pieces it mixes; None for a side that nothing was cut from."""
    offsets = [transition["in_offset"], transition["out_offset"]]
    fitted = [_shorter(offset, length) for offset, length in zip(offsets, (before, after), strict=True)]
    if fitted == offsets:
        return transition
    return _noted({**transition, "in_offset": fitted[0], "out_offset": fitted[1]}, {"offsets": offsets})


def _length(children: Sequence[Plain], at: int, new: Collection[int]) -> Plain | None:
    if not 0 <= at < len(children) or id(children[at]) not in new:
        return None
    trimmed = children[at]["source_range"]
    return None if trimmed is None else trimmed["duration"]


def _shorter(offset: Plain, length: Plain | None) -> Plain:
    if length is None or seconds(offset, "A transition") <= seconds(length, "A piece"):
        return offset
    return length


def _own(item: Plain) -> Plain:
    found: Plain = item["metadata"].get(KEY) or {}
    return found


def _noted(item: Plain, values: Plain) -> Plain:
    """The item with `values` in our dictionary, the rest of which stays."""
    return {**item, "metadata": {**item["metadata"], KEY: {"format": FORMAT, **_own(item), **values}}}
