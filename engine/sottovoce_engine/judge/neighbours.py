"""The production dialogue under and beside a region: what a take is compared with.

dialogue    |====== street ======|        |==== kitchen ====|
region                  [ANNA whisper]
under                   |========|                              with its place, for the words
beside         |=================|        |=====|               run after run, for the room
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.scene import Region, Scene, SoundPiece
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at, samples_of

_REACH = 10 * SAMPLE_RATE  # on each side: further off another scene may lie


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProductionSound:
    """A run of the timeline's own dialogue."""

    span: Span  # scene samples
    sound: NDArray[np.float32]  # [2, samples]


def production_under(scene: Scene, region: Region) -> ProductionSound | None:
    """The dialogue under the region, silent where a part of it has none; None where there is none at all."""
    return _mixed(scene, samples_of(region.span, scene.rate))


def production_beside(scene: Scene, region: Region) -> NDArray[np.float32] | None:
    """The dialogue from 10 s before the region to 10 s after it as `[2, samples]`, without the gaps between its runs."""
    near = samples_of(region.span, scene.rate).grown(_REACH, _REACH)
    runs = [_mixed(scene, run) for run in _runs(_dialogue(scene), scene, near)]
    sounds = [run.sound for run in runs if run is not None]
    return np.concatenate(sounds, axis=1) if sounds else None


def _dialogue(scene: Scene) -> list[SoundPiece]:
    return [piece for piece in scene.sounds if piece.dialogue and piece.source.path]


def _runs(pieces: Sequence[SoundPiece], scene: Scene, near: Span) -> list[Span]:
    """Where dialogue lies inside `near`, in order, never overlapping."""
    found: list[Span] = []
    for span in sorted(samples_of(piece.span, scene.rate) for piece in pieces):
        part = span.common(near)
        if part is None:
            continue
        if found and part.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, part.end))
        else:
            found.append(part)
    return found


def _mixed(scene: Scene, span: Span) -> ProductionSound | None:
    """All dialogue over `span` together. A file that cannot be read is left out: the scene's notes tell of it."""
    sound = np.zeros((2, span.length), np.float32)
    heard = False
    for piece in _dialogue(scene):
        part = samples_of(piece.span, scene.rate).common(span)
        if part is None:
            continue
        origin = sample_at(piece.span.start, scene.rate) - round(piece.source.start * SAMPLE_RATE)
        try:
            with SoundReader(piece.source.path) as reader:
                read = reader.read(part.shifted(-origin))
        except InputError:
            continue
        sound[:, part.start - span.start : part.end - span.start] += read * np.float32(10 ** (piece.gain_db / 20))
        heard = True
    return ProductionSound(span=span, sound=sound) if heard else None
