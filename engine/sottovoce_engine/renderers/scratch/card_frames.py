"""The card's frames: drawn once, then only what moves is copied over it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw

from sottovoce_engine.media.frames import black_frame, frame_from_rgb, planes_of
from sottovoce_engine.renderers.scratch.card import GROUND, Card, card_for, separator_width
from sottovoce_engine.renderers.scratch.faces import face_for
from sottovoce_engine.renderers.scratch.lettering import Box
from sottovoce_engine.renderers.scratch.utterance import Check
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import can_drop_frames, sample_at, timecode

_DIGITS, _SEPARATORS = "0123456789", ":;"
_QUIETEST_DB, _LOUDEST_DB = -56.0, -12.0  # of a frame's RMS: an empty and a full level

Planes = tuple[NDArray[np.uint8], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paints:
    """What is copied onto the card, already in the frame's own form."""

    card: Planes
    characters: dict[str, Planes]
    level: tuple[int, ...]  # Y, Cb, Cr
    playhead: tuple[int, ...]


def card_frames(job: RenderJob, sound: NDArray[np.float32], check: Check) -> Iterator[VideoFrame]:
    """One frame for each scene frame of the window; half-rate windows show each model frame twice.

    Args:
        job: The take.
        sound: [samples] of the window, which the mouth level follows.
        check: Called for each frame; raises when the work is to stop.
    """
    card = card_for(job)
    paints, levels = _paints(job, card), mouth_levels(job, sound)
    drop = job.drop_frame and can_drop_frames(job.rate)
    for first in range(0, job.window.length, job.window.divisor):
        check()
        frame = black_frame(job.raster)
        planes = planes_of(frame)
        for plane, still in zip(planes, paints.card, strict=True):
            plane[:] = still
        if card.timecode is not None:
            shown = timecode(job.start_frame + job.window.start + first, job.rate, drop=drop)
            _write(planes, card.timecode, shown, paints.characters)
        if card.window is not None:
            _mark(planes, card.window, first / job.window.length, paints.playhead)
        if card.level is not None:
            _fill(planes, _filled(card.level, levels[first]), paints.level)
        for _ in range(job.window.divisor):
            yield frame


def mouth_levels(job: RenderJob, sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far the mouth is open in each scene frame, 0..1: the frame's level on a scale of dB."""
    edges = np.array([sample_at(frame, job.rate) for frame in range(job.window.length + 1)])
    energy = np.concatenate(([0.0], np.cumsum(sound.astype(np.float64) ** 2)))[edges]
    mean = np.diff(energy) / np.diff(edges)
    level_db = 10 * np.log10(np.maximum(mean, 1e-12))
    return np.asarray(np.clip((level_db - _QUIETEST_DB) / (_LOUDEST_DB - _QUIETEST_DB), 0.0, 1.0))


def timecode_tiles(digit: int, height: int) -> dict[str, Planes]:
    """Each character of a timecode in a tile of its own, so that nothing jumps from frame to frame."""
    face = face_for(_DIGITS + _SEPARATORS)
    size = height
    while size > 6 and max(face.at(size).getlength(figure) for figure in _DIGITS) > digit - 1:
        size -= 1
    tiles = {}
    for character in _DIGITS + _SEPARATORS:
        width = digit if character in _DIGITS else separator_width(digit)
        image = Image.new("RGB", (max(width, 16), max(height + height % 2, 16)), GROUND)
        place = (width / 2, height / 2)
        ImageDraw.Draw(image).text(place, character, font=face.at(size), fill="#F3F0E9", anchor="mm")
        planes = _planes(np.asarray(image))
        tiles[character] = tuple(
            plane[:height, : width // scale] for plane, scale in zip(planes, (1, 2, 2), strict=True)
        )
    return tiles


def _paints(job: RenderJob, card: Card) -> _Paints:
    characters = {} if card.timecode is None else timecode_tiles(card.digit, card.timecode.height)
    return _Paints(
        card=_planes(card.picture),
        characters=characters,
        level=_colour(job.register.colour),
        playhead=_colour("#FFFFFF"),
    )


def _write(planes: Planes, box: Box, text: str, characters: dict[str, Planes]) -> None:
    """`text` to the left of the box's right edge; what the box does not hold is left out."""
    right = box.right
    for character in reversed(text):
        tiles = characters[character]
        left = right - tiles[0].shape[1]
        if left < box.left:
            break
        for plane, tile, scale in zip(planes, tiles, (1, 2, 2), strict=True):
            plane[box.top : box.bottom, left // scale : left // scale + tile.shape[1]] = tile
        right = left


def _mark(planes: Planes, box: Box, share: float, colour: tuple[int, ...]) -> None:
    """A playhead two pixels wide or more, and as much higher than the strip."""
    width = max(2, box.height // 2 // 2 * 2)
    left = box.left + int((box.width - width) * share) // 2 * 2
    _fill(planes, Box(left=left, top=box.top - width, right=left + width, bottom=box.bottom + width), colour)


def _filled(box: Box, share: float) -> Box:
    return Box(left=box.left, top=box.top, right=box.left + round(box.width * share) // 2 * 2, bottom=box.bottom)


def _fill(planes: Planes, box: Box, colour: tuple[int, ...]) -> None:
    for plane, value, scale in zip(planes, colour, (1, 2, 2), strict=True):
        plane[box.top : box.bottom, box.left // scale : box.right // scale] = value


def _planes(rgb: NDArray[np.uint8]) -> Planes:
    return tuple(plane.copy() for plane in planes_of(frame_from_rgb(rgb)))


def _colour(name: str) -> tuple[int, ...]:
    """A colour in the frame's own form."""
    patch = np.empty((16, 16, 3), np.uint8)
    patch[:] = ImageColor.getrgb(name)
    return tuple(int(plane[8, plane.shape[1] // 2]) for plane in planes_of(frame_from_rgb(patch)))
