"""The original dialogue under a region: split there, and disabled; nothing is deleted.

regions            |#### 1f0c ####|          |## 88aa ##|
before   |== A ==============X=== B ==============================|      X crossfade
after    |== A ==|-- A ------X- B -|== B =====|-- B -----|== B ====|     - disabled

A crossfade between a silenced and an audible piece would bring the silenced one back: it is taken out
and kept in the metadata of the silenced piece. Items that nothing is cut from stay the same objects.
"""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from sottovoce_otio.layout import Placed, layout_of
from sottovoce_otio.ours import FORMAT, KEY, own_value
from sottovoce_otio.splitting import pieces_of

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


def silence_dialogue(timeline: Any, silences: Sequence[Silence], is_dialogue: IsDialogue, sliver: Fraction) -> None:
    """Splits the dialogue of a timeline at the ends of the silences and disables what lies inside them.

    Args:
        timeline: Changed.
        silences: As `silences_from` makes them.
        is_dialogue: Which clips are silenced; a nested composition is split where it holds one.
        sliver: Seconds; no piece shorter than this is cut off an item's end, where clocks only nearly agree.
    """
    splits = itertools.count(1)
    for track in _tracks_of(layout_of(timeline)):
        places = iter(track.children)
        children: list[Any] = []
        changed = False
        for item in list(track.item):
            pieces = [item]
            if not isinstance(item, otio.schema.Transition):
                pieces = _silenced(next(places), silences, is_dialogue, sliver, splits)
                changed = changed or pieces[0] is not item
            children += pieces
        if changed:
            track.item.clear()
            track.item.extend(_with_fitting_transitions(children))


def _tracks_of(layout: Placed) -> Iterator[Placed]:
    """The tracks that play side by side with the scene; nested ones belong to the item they lie in."""
    for child in layout.children:
        if isinstance(child.item, otio.schema.Track):
            yield child
        elif isinstance(child.item, otio.schema.Stack):
            yield from _tracks_of(child)


def _within(silences: Sequence[Silence], start: Fraction, end: Fraction) -> Sequence[Silence]:
    """The silences that share time with [start, end)."""
    first = bisect_right(silences, start, key=lambda silence: silence.end)
    after = bisect_left(silences, end, key=lambda silence: silence.start)
    return silences[first:after]


def _spoken(placed: Placed, is_dialogue: IsDialogue) -> list[bool]:
    """Which of the clips in an item, itself included, are audible dialogue; in the order of `_clips_in`."""
    clips = (each for each in placed.everything() if isinstance(each.item, otio.schema.Clip))
    return [clip.enabled and is_dialogue(clip) for clip in clips]


def _clips_in(item: Any) -> list[Any]:
    if isinstance(item, otio.schema.Clip):
        return [item]
    return list(item.find_clips()) if isinstance(item, otio.core.Composition) else []


def _silenced(
    placed: Placed, silences: Sequence[Silence], is_dialogue: IsDialogue, sliver: Fraction, splits: Iterator[int]
) -> list[Any]:
    """The pieces of an item, those inside a silence disabled; the item itself where nothing of it is."""
    item, start, end = placed.item, placed.start, placed.end
    inside = _within(silences, start, end) if end - start > sliver and placed.enabled else ()
    spoken = _spoken(placed, is_dialogue) if inside else []
    if not any(spoken):
        return [item]
    edges = (edge for silence in inside for edge in (silence.start, silence.end))
    cuts = [edge for edge in edges if start + sliver < edge < end - sliver]
    hushed = [_silence_at((begin + stop) / 2, inside) for begin, stop in itertools.pairwise([start, *cuts, end])]
    if not any(hushed):
        return [item]
    pieces = pieces_of(item, [cut - start for cut in cuts])
    split = next(splits)
    for piece, silence in zip(pieces, hushed, strict=True):
        if cuts:
            _note(piece, "split", split)
        if silence is not None:
            _disable(piece, spoken, silence)
    return pieces


def _silence_at(at: Fraction, silences: Sequence[Silence]) -> Silence | None:
    return next((silence for silence in silences if silence.start <= at < silence.end), None)


def _disable(piece: Any, spoken: Sequence[bool], silence: Silence) -> None:
    """Disables the dialogue of a piece; the piece itself says so, too, where the dialogue is nested in it."""
    clips = [clip for clip, speaks in zip(_clips_in(piece), spoken, strict=True) if speaks]
    for clip in clips:
        clip.enabled = False
        _note(clip, "silenced", list(silence.region_ids))
    if not isinstance(piece, otio.schema.Clip):
        _note(piece, "silenced", list(silence.region_ids))


def _with_fitting_transitions(children: Sequence[Any]) -> Iterator[Any]:
    """The children, with the transitions beside cut pieces taken out or shortened to the pieces they lie between.

    What was there is noted, so that the pieces can be joined again: a transition taken out stays with the
    silenced piece, one that was shortened remembers its offsets.
    """
    for index, child in enumerate(children):
        if not isinstance(child, otio.schema.Transition):
            yield child
            continue
        left = children[index - 1] if index else None
        right = children[index + 1] if index + 1 < len(children) else None
        silenced = [item for item in (left, right) if item is not None and own_value(item, "silenced")]
        if len(silenced) == 1:
            _note(silenced[0], "transition_after" if silenced[0] is left else "transition_before", child.clone())
        else:
            yield _fitting(child, left, right)


def _fitting(transition: Any, left: Any, right: Any) -> Any:
    """The transition, no longer than the pieces it mixes."""
    offsets = (transition.in_offset, transition.out_offset)
    fitted = (_shorter(offsets[0], left), _shorter(offsets[1], right))
    if fitted == offsets:
        return transition
    fitting = transition.clone()
    fitting.in_offset, fitting.out_offset = fitted
    _note(fitting, "offsets", list(offsets))
    return fitting


def _shorter(offset: Any, item: Any) -> Any:
    if item is None or own_value(item, "split") is None:
        return offset
    length = item.duration()
    return length if length < offset else offset


def _note(item: Any, key: str, value: Any) -> None:
    """Adds one value to our dictionary on an item, leaving the rest of it."""
    if KEY in item.metadata:
        item.metadata[KEY][key] = value
    else:
        item.metadata[KEY] = {"format": FORMAT, key: value}
