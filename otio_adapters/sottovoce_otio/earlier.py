"""Taking back what an earlier version of ours did to a timeline, so that writing again adds nothing twice.

An editor who renders again from a timeline that we wrote hands our own tracks back to us. All on OTIO's
plain JSON.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from sottovoce_otio.dialogue import clips_in
from sottovoce_otio.layout import media_reference_of, schema_of
from sottovoce_otio.ours import KEY, Role, own_entry
from sottovoce_otio.plain import Plain, gap
from sottovoce_otio.recognising import recognise
from sottovoce_otio.splitting import adjoin, joined

_OUR_TRACKS = (Role.TAKES, Role.TONE)
_OF_PIECES = ("cut", "silenced", "transition_before", "transition_after", "offsets")


def take_back(timeline: Plain) -> None:
    """Removes our tracks, enables the dialogue we silenced, and joins the pieces we split it into.

    Pieces that the editor has moved or trimmed since stay pieces. A take that was moved to another track leaves a gap
    there. `timeline` is changed.
    """
    recognise(timeline)
    stack = timeline["tracks"]
    stack["children"] = [track for track in stack["children"] if _own(track).get("role") not in _OUR_TRACKS]
    for track in stack["children"]:
        if any(_own(child).get("role") == Role.TAKES for child in track.get("children", ())):
            track["children"] = [_emptied(child) for child in track["children"]]
        if any(_touched(child) for child in track.get("children", ())):
            track["children"] = list(_joined_where_cut(list(_with_transitions_again(track["children"]))))


def _emptied(child: Plain) -> Plain:
    """A gap as long as a take; anything else as it is."""
    if _own(child).get("role") != Role.TAKES:
        return child
    trimmed = child.get("source_range") or (media_reference_of(child) or {}).get("available_range")
    return {**gap(0, Fraction(1)), "source_range": trimmed}


def _with_transitions_again(children: Sequence[Plain]) -> Iterator[Plain]:
    """The children of a track, enabled, with the transitions we had taken out or shortened."""
    for child in children:
        own = _own(child)
        if "offsets" in own:
            child["in_offset"], child["out_offset"] = own["offsets"]
        if "silenced" in own:
            for clip in clips_in(child):
                if "silenced" in _own(clip):
                    clip["enabled"] = True
                    if clip is not child:
                        _forget(clip)
        if "transition_before" in own:
            yield own["transition_before"]
        yield child
        if "transition_after" in own:
            yield own["transition_after"]


def _joined_where_cut(children: Sequence[Plain]) -> Iterator[Plain]:
    """The children, pieces that we had cut apart and that still adjoin made one again."""
    sides = [str(_own(child).get("cut", "")).split() for child in children]
    for child in children:
        _forget(child)
    run: list[Plain] = []
    for index, child in enumerate(children):
        was_cut = bool(run) and ("after" in sides[index - 1] or "before" in sides[index])
        if was_cut and adjoin(run[-1], child):
            run.append(child)
            continue
        yield from _joined_run(run)
        run = [child]
    yield from _joined_run(run)


def _joined_run(run: Sequence[Plain]) -> Sequence[Plain]:
    return [joined(run)] if len(run) > 1 else run


def _own(item: Plain) -> Plain:
    """Our dictionary on an item; empty where there is none."""
    if KEY not in item["metadata"]:
        return {}
    return dict(own_entry(item["metadata"], f"The {schema_of(item).lower()} '{item['name']}'") or {})


def _touched(child: Plain) -> bool:
    return any(key in _own(child) for key in _OF_PIECES)


def _forget(item: Plain) -> None:
    """Removes what we noted on a piece, and our dictionary when nothing else is in it."""
    if _touched(item):
        left = {key: value for key, value in _own(item).items() if key not in _OF_PIECES}
        others = {key: value for key, value in item["metadata"].items() if key != KEY}
        item["metadata"] = others if set(left) <= {"format"} else {**others, KEY: left}
