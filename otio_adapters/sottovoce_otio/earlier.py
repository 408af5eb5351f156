"""Taking back what an earlier version of ours did to a timeline, so that writing again adds nothing twice.

An editor who renders again from a timeline that we wrote hands our own tracks back to us.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import opentimelineio as otio

from sottovoce_otio.ours import KEY, Role, own_metadata, own_value
from sottovoce_otio.splitting import adjoin, joined

_OUR_TRACKS = (Role.TAKES, Role.TONE)
_OF_PIECES = ("split", "silenced", "transition_before", "transition_after", "offsets")


def take_back(timeline: Any) -> None:
    """Removes our tracks, enables the dialogue we silenced, and joins the pieces we split it into.

    Pieces that the editor has moved or trimmed since stay pieces.
    """
    tracks = timeline.tracks
    for index in reversed(range(len(tracks))):
        if own_value(tracks[index], "role") in _OUR_TRACKS:
            del tracks[index]
    for track in tracks:
        if any(_touched(child) for child in track):
            children = list(_joined_where_split(list(_with_transitions_again(track))))
            track.clear()
            track.extend(children)


def _with_transitions_again(track: Any) -> Iterator[Any]:
    """The children of a track, enabled, with the transitions we had taken out or shortened."""
    for child in track:
        own = own_metadata(child) if _touched(child) else None
        if own is None:
            yield child
            continue
        if isinstance(child, otio.schema.Transition):
            child.in_offset, child.out_offset = own["offsets"]
            _forget(child, "offsets")
            yield child
            continue
        for clip in _silenced_clips(child):
            clip.enabled = True
            _forget(clip, "silenced")
        yield from (own[key] for key in ("transition_before",) if key in own)
        yield child
        yield from (own[key] for key in ("transition_after",) if key in own)


def _joined_where_split(children: Sequence[Any]) -> Iterator[Any]:
    for split, group in itertools.groupby(children, key=lambda child: own_value(child, "split")):
        pieces = list(group)
        for piece in pieces:
            for key in _OF_PIECES:
                _forget(piece, key)
        if split is not None and len(pieces) > 1 and all(map(adjoin, pieces, pieces[1:])):
            yield joined(pieces)
        else:
            yield from pieces


def _touched(child: Any) -> bool:
    return KEY in child.metadata and any(key in child.metadata[KEY] for key in _OF_PIECES)


def _silenced_clips(item: Any) -> list[Any]:
    clips = [item] if isinstance(item, otio.schema.Clip) else list(item.find_clips())
    return [clip for clip in clips if own_value(clip, "silenced")]


def _forget(item: Any, key: str) -> None:
    """Removes one value of ours, and our dictionary when nothing else is in it."""
    if KEY in item.metadata and key in item.metadata[KEY]:
        del item.metadata[KEY][key]
        if set(item.metadata[KEY]) <= {"format"}:
            del item.metadata[KEY]
