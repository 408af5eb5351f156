"""A cut as strips of a new scene.

channel
  5   marks      text strips, muted: they are read, not shown
  4   V1 mix              |X|          the dissolve
  3   V1 b                |== b ====|
  2   V1         |== a =====|          with its handle under the dissolve
  1   A1         |== a ====|
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from .cut import Cut, CutError, Dissolve, Mark, Piece, Track

MARKS = "Sottovoce marks"
KEPT = "sottovoce"  # the property that holds, as JSON, what the timeline file said
FADE = "sottovoce_fade"  # of a sound that fades in over the one before it: the frames of that before the cut
FIRST_FRAME = 1
_STILLS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".webp", ".bmp", ".tga")
_WORKSHOP = 128  # the highest channel: a strip is made there, where nothing lies in its way, and then moved


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lane:
    """A piece with its handles, on a channel."""

    piece: Piece
    channel: int
    before: int
    after: int


def scene_of(cut: Cut, like: Any) -> Any:
    """A new scene with the cut on its sequencer; colour as footage has it, the raster of `like` where none is said.

    Raises:
        CutError: It has more tracks than Blender has channels.
    """
    needed = sum(len(_channel_names(track)) for track in cut.tracks) + len(_mark_lanes(cut.marks))
    if needed >= _WORKSHOP:
        raise CutError(
            f"'{cut.name}' needs {needed} channels; Blender has {_WORKSHOP - 1} for it. Export fewer tracks."
        )
    scene = bpy.data.scenes.new(cut.name)
    render = scene.render
    render.fps = round(cut.rate)
    render.fps_base = round(cut.rate) / float(cut.rate)
    columns, rows = cut.raster or (like.render.resolution_x, like.render.resolution_y)
    render.resolution_x, render.resolution_y, render.resolution_percentage = columns, rows, 100
    scene.view_settings.view_transform = "Standard"
    scene.frame_start, scene.frame_end = FIRST_FRAME, FIRST_FRAME + max(cut.length, 1) - 1
    metadata = {track.name: track.otio for track in cut.tracks}
    scene[KEPT] = json.dumps({"timeline": cut.otio, "tracks": metadata})
    scene.sequence_editor_create()
    channel = 1
    sounds = [track for track in cut.tracks if not track.picture]
    for track in (*reversed(sounds), *(track for track in cut.tracks if track.picture)):
        channel = _add_track(scene, track, channel)
    _add_marks(scene, cut.marks, channel)
    return scene


def strips_of(editor: Any) -> Any:
    """The strips of a sequencer: `sequences` up to Blender 4.3, `strips` since."""
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def _add_track(scene: Any, track: Track, channel: int) -> int:
    """The strips of a track from `channel` up; the first channel above them."""
    names = _channel_names(track)
    for index, name in enumerate(names):
        scene.sequence_editor.channels[channel + index].name = name
        scene.sequence_editor.channels[channel + index].mute = not track.enabled
    made: list[Any] = []
    for lane in _lanes(track, channel):
        strip = _media_strip(scene, lane, picture=track.picture)
        dissolve = track.dissolve_at(lane.piece.start)
        if dissolve is not None and made:
            _mix(scene, made[-1], strip, dissolve, channel + 2 if track.picture else None)
        made.append(strip)
    return channel + len(names)


def _channel_names(track: Track) -> tuple[str, ...]:
    if not track.dissolves:
        return (track.name,)
    return (track.name, f"{track.name} b", *([f"{track.name} mix"] if track.picture else []))


def _lanes(track: Track, channel: int) -> Iterator[_Lane]:
    """Pieces that dissolve into each other lie on two channels in turn."""
    on = 0
    for piece in track.pieces:
        incoming, outgoing = track.dissolve_at(piece.start), track.dissolve_at(piece.end)
        on = 1 - on if incoming else 0
        yield _Lane(
            piece=piece,
            channel=channel + on,
            before=incoming.before if incoming else 0,
            after=outgoing.after if outgoing else 0,
        )


def _media_strip(scene: Any, lane: _Lane, *, picture: bool) -> Any:
    piece = lane.piece
    strips, at = strips_of(scene.sequence_editor), FIRST_FRAME + piece.start - piece.source
    if not picture:
        strip = strips.new_sound(piece.name, piece.paths[0], _WORKSHOP, at)
        strip.volume = 10 ** (_gain_db(piece) / 20)
    elif Path(piece.paths[0]).suffix.lower() in _STILLS:
        strip = strips.new_image(piece.name, piece.paths[0], _WORKSHOP, at, fit_method="FIT")
        for path in piece.paths[1:]:
            strip.elements.append(Path(path).name)
    else:
        strip = strips.new_movie(piece.name, piece.paths[0], _WORKSHOP, at, fit_method="FIT")
    # The end first: a start beyond the end of the media, as of a file that is missing, is not taken.
    strip.frame_final_end = FIRST_FRAME + piece.end + lane.after
    strip.frame_final_start = FIRST_FRAME + piece.start - lane.before
    strip.mute = not piece.enabled
    strip.channel = lane.channel
    if piece.otio is not None:
        # Blender shortens and numbers names, so what it made of this one is kept to know it by.
        strip[KEPT] = json.dumps({"clip": piece.otio, "path": piece.paths[0], "name": strip.name})
    return strip


def _gain_db(piece: Piece) -> float:
    """The clip gain that the splice found for a take; 0 for all other clips."""
    own = ((piece.otio or {}).get("metadata") or {}).get("sottovoce") or {}
    return float(own.get("gain_db", 0.0))


def _mix(scene: Any, first: Any, second: Any, dissolve: Dissolve, channel: int | None) -> None:
    """A cross of two pictures, or the volumes of two sounds that cross."""
    start = FIRST_FRAME + dissolve.cut - dissolve.before
    end = FIRST_FRAME + dissolve.cut + dissolve.after
    if channel is not None:
        cross = new_effect(scene, "CROSS", channel, start, end, first, second)
        cross[KEPT] = dissolve.before
        return
    second[FADE] = dissolve.before
    for strip, shares in ((first, (1, 0)), (second, (0, 1))):
        full = strip.volume
        for frame, share in zip((start, end), shares, strict=True):
            strip.volume = full * share
            strip.keyframe_insert("volume", frame=frame)
        strip.volume = full


def new_effect(scene: Any, kind: str, channel: int, start: int, end: int, *inputs: Any) -> Any:
    """An effect strip over [start, end), by whatever names this Blender has for its arguments."""
    strips = strips_of(scene.sequence_editor)
    known = strips.bl_rna.functions["new_effect"].parameters.keys()
    options: dict[str, Any] = {"length": end - start} if "length" in known else {"frame_end": end}
    prefix = "input" if "input1" in known else "seq"
    options |= {f"{prefix}{number}": strip for number, strip in enumerate(inputs, start=1)}
    return strips.new_effect(name=kind.title(), type=kind, channel=channel, frame_start=start, **options)


def _add_marks(scene: Any, marks: Sequence[Mark], channel: int) -> None:
    """Marks that overlap lie on channels of their own."""
    for lane, inside in enumerate(_mark_lanes(marks)):
        scene.sequence_editor.channels[channel + lane].name = f"{MARKS} {lane + 1}" if lane else MARKS
        for mark in inside:
            start = FIRST_FRAME + mark.start
            strip = new_effect(scene, "TEXT", channel + lane, start, start + max(mark.length, 1))
            strip.name, strip.text, strip.mute = mark.text, mark.text, True
            if mark.otio is not None:
                strip[KEPT] = json.dumps({"marker": mark.otio, "text": strip.text})


def _mark_lanes(marks: Sequence[Mark]) -> list[list[Mark]]:
    lanes: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.start):
        free = (lane for lane in lanes if lane[-1].start + max(lane[-1].length, 1) <= mark.start)
        lane = next(free, None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(mark)
    return lanes
