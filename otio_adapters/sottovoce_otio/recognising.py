"""Our takes on a timeline that comes back from a host which dropped our metadata: told by the names of their files.

A3  ANNA (Sottovoce)    |    |== 3f0c….wav ==|        |     all of it takes: a track of ours
A1  production          |====|- A, disabled -|= A ====|     silenced under the take: heard again when that is taken back
A2  somebody's own      |====|== 88aa….mov ==|========|     a take that was moved there: a gap when that is taken back

The media of takes are named by the hash of their content, which no other file is. All on OTIO's plain JSON.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from sottovoce_otio.dialogue import Silence, silences_from
from sottovoce_otio.layout import AUDIO, Placed, layout_of
from sottovoce_otio.ours import FORMAT, KEY, Role, own_entry
from sottovoce_otio.plain import Plain
from sottovoce_otio.references import file_named_by

_TAKE_MEDIA = re.compile(r"^[0-9a-f]{64}\.(mov|wav)$")
_TONE_MEDIA = re.compile(r"\broom tone( \d+)?\.wav$")
_OURS = "(sottovoce)"
_SLIVER = Fraction(1, 20)  # seconds: hosts round cuts to their frames


def has_ours(layout: Placed) -> bool:
    """Whether an earlier version of ours added tracks to the timeline."""
    return any(_is_ours(track) or any(map(plays_take, track.children)) for track in layout.children)


def plays_take(item: Placed) -> bool:
    """Whether an item is a clip that plays the media of a take."""
    return item.schema == "Clip" and bool(_TAKE_MEDIA.match(file_named_by(item.item)))


def recognise(timeline: Plain) -> None:
    """Notes on tracks and clips what our metadata said of them, where they are gone. `timeline` is changed."""
    layout = layout_of(timeline)
    unknown = [track for track in layout.children if not _is_ours(track)]
    takes = [clip for track in unknown for clip in track.children if plays_take(clip)]
    if not takes:
        return
    heard = silences_from((clip.start, clip.end, "") for clip in takes if clip.kind == AUDIO)
    items = timeline["tracks"]["children"]
    for track in unknown:
        role = _role_of(track)
        if role is not None:
            _note(items[track.address[0]], {"role": str(role)})
            continue
        for clip in track.children:
            item = items[track.address[0]]["children"][clip.address[1]]
            if plays_take(clip):
                _note(item, {"role": str(Role.TAKES)})
            elif clip.kind == AUDIO and clip.schema == "Clip" and not clip.enabled and _inside(clip, heard):
                _note(item, {"silenced": "", "cut": "before after"})


def _is_ours(track: Placed) -> bool:
    own = own_entry(track.metadata, f"The {track}") or {}
    return own.get("role") in (Role.TAKES, Role.TONE)


def _role_of(track: Placed) -> Role | None:
    """What a track without our metadata holds, where all of it is ours."""
    clips = list(_clips_of(track))
    if clips and all(map(plays_take, clips)):
        return Role.TAKES
    if clips and _OURS in track.name.casefold() and all(_TONE_MEDIA.search(file_named_by(clip.item)) for clip in clips):
        return Role.TONE
    return None


def _clips_of(track: Placed) -> Iterator[Placed]:
    return (child for child in track.children if child.schema != "Gap")


def _inside(clip: Placed, heard: Sequence[Silence]) -> bool:
    """Whether a take is heard over all of a clip."""
    return any(silence.start - _SLIVER < clip.start and clip.end < silence.end + _SLIVER for silence in heard)


def _note(item: Plain, values: Plain) -> None:
    own = item["metadata"].get(KEY) or {"format": FORMAT}
    item["metadata"] = {**item["metadata"], KEY: {**own, **values}}
