"""The cut that lies on a scene's sequencer.

Each channel is a track; channels whose strips dissolve into each other are one. Marks are text strips on
channels named "Sottovoce marks", and the scene's own markers.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy

from .cut import Cut, CutError, Dissolve, Mark, Piece, Track, exact_rate
from .strips_making import FADE, KEPT, MARKS, strips_of

_COUNTED = re.compile(r"\.\d{3}$")  # what Blender adds to a name that is taken
_PICTURES, _SOUND, _DISSOLVES = ("MOVIE", "IMAGE"), "SOUND", ("CROSS", "GAMMA_CROSS")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Join:
    """Two strips that overlap, and where one is cut to the other."""

    first: Any
    second: Any
    dissolve: Dissolve


def cut_of(scene: Any) -> Cut:
    """The scene's cut, from its first frame on.

    Raises:
        CutError: There is nothing on the sequencer.
    """
    editor = scene.sequence_editor
    strips = list(strips_of(editor)) if editor else []
    media = sorted((strip for strip in strips if strip.type in (*_PICTURES, _SOUND)), key=_position)
    if not media:
        raise CutError(f"The scene '{scene.name}' has no movies, sounds or pictures on its sequencer. Add some first.")
    kept = json.loads(scene.get(KEPT, "{}"))
    joins = [*_crosses(strips, scene), *_crossfades(media, scene)]
    tracks = [track for group in _groups(media, joins) for track in _tracks(group, joins, scene, kept)]
    return Cut(
        name=scene.name,
        rate=_rate_of(scene),
        tracks=(
            *(track for track in tracks if track.picture),
            *(track for track in reversed(tracks) if not track.picture),
        ),
        marks=tuple(sorted(_marks(scene, strips), key=lambda mark: mark.start)),
        raster=(scene.render.resolution_x, scene.render.resolution_y),
        otio=kept.get("timeline"),
        notes=tuple(_notes(strips, scene)),
    )


def _rate_of(scene: Any) -> Fraction:
    return exact_rate(scene.render.fps / scene.render.fps_base)


def _position(strip: Any) -> tuple[int, int]:
    return strip.channel, strip.frame_final_start


def _crosses(strips: Sequence[Any], scene: Any) -> Iterator[_Join]:
    """Dissolves as effect strips; the cut lies where the timeline file had it, or in the middle."""
    for cross in strips:
        if cross.type in _DISSOLVES and not cross.mute:
            first, second = cross.input_1, cross.input_2
            if first.frame_final_start > second.frame_final_start:
                first, second = second, first
            if second.frame_final_start < first.frame_final_end:
                yield _join(first, second, cross.get(KEPT), scene)


def _crossfades(media: Sequence[Any], scene: Any) -> Iterator[_Join]:
    """Crossfades of sounds that were made from a timeline and still overlap."""
    sounds = [strip for strip in media if strip.type == _SOUND]
    for second in sounds:
        if FADE not in second:
            continue
        for first in sounds:
            beside = abs(first.channel - second.channel) == 1
            if beside and first.frame_final_start < second.frame_final_start < first.frame_final_end:
                yield _join(first, second, second[FADE], scene)


def _join(first: Any, second: Any, before: int | None, scene: Any) -> _Join:
    start, length = second.frame_final_start, first.frame_final_end - second.frame_final_start
    kept = before if before is not None and 0 <= before <= length else length // 2
    cut = start + kept - scene.frame_start
    return _Join(first=first, second=second, dissolve=Dissolve(cut=cut, before=kept, after=length - kept))


def _groups(media: Sequence[Any], joins: Sequence[_Join]) -> list[list[Any]]:
    """The strips by track, from the lowest channel up."""
    root = {(strip.channel, strip.type == _SOUND): (strip.channel, strip.type == _SOUND) for strip in media}
    for join in joins:
        sound = join.first.type == _SOUND
        lower, upper = sorted((root[join.first.channel, sound], root[join.second.channel, sound]))
        root = {channel: lower if found == upper else found for channel, found in root.items()}
    groups: dict[tuple[int, bool], list[Any]] = {}
    for strip in media:
        groups.setdefault(root[strip.channel, strip.type == _SOUND], []).append(strip)
    return [groups[found] for found in sorted(groups)]


def _tracks(group: Sequence[Any], joins: Sequence[_Join], scene: Any, kept: Any) -> Iterator[Track]:
    """The strips of one group, on one track where none overlap."""
    into = {join.second.name: join for join in joins}
    out_of = {join.first.name: join for join in joins}
    lanes: list[list[tuple[str, Piece]]] = []
    for strip in sorted(group, key=lambda strip: strip.frame_final_start):
        piece = _piece(strip, scene, into.get(strip.name), out_of.get(strip.name))
        if piece.end <= 0:
            continue
        before = into[strip.name].first.name if strip.name in into else None
        lane = next(
            (lane for lane in lanes if (lane[-1][0] == before if before else lane[-1][1].end <= piece.start)), None
        )
        if lane is None:
            lanes.append(lane := [])
        lane.append((strip.name, piece))
    channel = scene.sequence_editor.channels[group[0].channel]
    for number, lane in enumerate(lanes, start=1):
        yield Track(
            name=channel.name if number == 1 else f"{channel.name} {number}",
            picture=group[0].type in _PICTURES,
            pieces=tuple(piece for _, piece in lane),
            dissolves=tuple(
                into[name].dissolve
                for (earlier, _), (name, _) in pairwise(lane)
                if name in into and into[name].first.name == earlier
            ),
            enabled=not channel.mute,
            otio=(kept.get("tracks") or {}).get(channel.name),
        )


def _piece(strip: Any, scene: Any, into: _Join | None, out_of: _Join | None) -> Piece:
    start = max(0, into.dissolve.cut if into else strip.frame_final_start - scene.frame_start)
    end = out_of.dissolve.cut if out_of else strip.frame_final_end - scene.frame_start
    paths = _paths(strip)
    kept = json.loads(strip.get(KEPT, "{}"))
    same_name = bool(kept) and kept["name"] == strip.name
    same_media = bool(kept) and Path(kept["path"]) == Path(paths[0])
    return Piece(
        name=kept["clip"]["name"] if same_name else _COUNTED.sub("", strip.name),
        paths=paths,
        start=start,
        length=end - start,
        source=start + scene.frame_start - round(strip.frame_start) + strip.animation_offset_start,
        media_length=strip.frame_duration,
        enabled=not strip.mute,
        otio=kept["clip"] if same_media else None,
    )


def _paths(strip: Any) -> tuple[str, ...]:
    if strip.type == "IMAGE":
        folder = Path(bpy.path.abspath(strip.directory))
        return tuple(str(folder / element.filename) for element in strip.elements)
    path = strip.sound.filepath if strip.type == _SOUND else strip.filepath
    return (str(Path(bpy.path.abspath(path)).resolve()),)


def _marks(scene: Any, strips: Sequence[Any]) -> Iterator[Mark]:
    channels = scene.sequence_editor.channels
    for strip in strips:
        if strip.type == "TEXT" and channels[strip.channel].name.startswith(MARKS):
            yield _mark(strip, scene)
    for marker in scene.timeline_markers:
        yield Mark(text=marker.name, start=marker.frame - scene.frame_start, length=0)


def _mark(strip: Any, scene: Any) -> Mark:
    """The marker of a text strip, in full where Blender had to shorten it."""
    kept = json.loads(strip.get(KEPT, "{}"))
    marker, unchanged = kept.get("marker"), kept.get("text") == strip.text
    return Mark(
        text=(marker.get("name") or strip.text) if marker and unchanged else strip.text,
        start=strip.frame_final_start - scene.frame_start,
        length=strip.frame_final_duration,
        otio=marker,
    )


def _notes(strips: Sequence[Any], scene: Any) -> Iterator[str]:
    """What the timeline file cannot say, one sentence for each strip."""
    channels = scene.sequence_editor.channels
    for strip in strips:
        if strip.type in (*_PICTURES, _SOUND, *_DISSOLVES):
            if getattr(strip, "speed_factor", 1.0) != 1.0 or len(getattr(strip, "retiming_keys", ())):
                yield f"the speed of '{strip.name}' is left out"
            if strip.type == "MOVIE" and exact_rate(strip.fps) != _rate_of(scene):
                yield f"'{strip.name}' has {strip.fps:.5g} frames a second, not the scene's: others will show it differently"
        elif strip.type != "TEXT" or not channels[strip.channel].name.startswith(MARKS):
            yield f"'{strip.name}' ({strip.type.lower()}) is left out: only movies, sounds, pictures and dissolves are read"
