"""Listening to the sound that takes may be held to, before a plan is made: dialogue of the timeline, anchors of voices."""

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction

from sottovoce_engine.contexts import (
    HOLDING,
    LEAST_ANCHOR_SECONDS,
    MOST_ANCHOR_SECONDS,
    Anchor,
    Holdings,
    Unusable,
)
from sottovoce_engine.errors import InputError
from sottovoce_engine.media.sound_look import is_silent, sound_content, sound_length
from sottovoce_engine.planned import PlanSettings
from sottovoce_engine.scene import MediaRange, Scene, VoiceAnchor
from sottovoce_engine.sound_context import AnchorSound
from sottovoce_engine.take import Take
from sottovoce_engine.timing import SAMPLE_RATE, Span

_LEAST, _MOST = LEAST_ANCHOR_SECONDS * SAMPLE_RATE, MOST_ANCHOR_SECONDS * SAMPLE_RATE


def holdings_of(scene: Scene, settings: PlanSettings, takes: Mapping[str, Take]) -> Holdings:
    """What takes of the scene may be held to; no file is opened where the renderer holds nothing or nothing was asked for.

    Args:
        scene: The scene.
        settings: What the person asked for.
        takes: Every take of the store by key.
    """
    if settings.renderer not in HOLDING:
        return Holdings()
    contents: dict[str, str] = {}
    if settings.context_seconds:
        for path in {piece.source.path for piece in scene.sounds if piece.dialogue and piece.source.path}:
            with suppress(InputError):
                contents[path] = sound_content(path)
    return Holdings(contents=contents, anchors={anchor.voice: anchor_sound(anchor, takes) for anchor in scene.anchors})


def anchor_sound(anchor: VoiceAnchor, takes: Mapping[str, Take]) -> Anchor:
    """The sound of an anchor, or why it cannot be used."""
    if anchor.source is None:
        return _of_take(anchor, takes)
    try:
        return _of_file(anchor.source, anchor.seconds)
    except InputError as error:
        return Unusable(reason=f"its anchor cannot be read. {error}")


def _of_take(anchor: VoiceAnchor, takes: Mapping[str, Take]) -> Anchor:
    take = takes.get(anchor.take)
    if take is None:
        return Unusable(reason=f"its anchor, the take {anchor.take[:12]}, is not in the store any more")
    spoken = take.speech.common(take.job.own_samples) or Span(0, 0)
    if spoken.length < _LEAST:
        return Unusable(reason=_short(f"the take {anchor.take[:12]}", spoken.length))
    return AnchorSound(start=spoken.start, length=spoken.length, content=take.media)


def _of_file(source: MediaRange, seconds: Fraction | None) -> Anchor:
    start = round(source.start * SAMPLE_RATE)
    there = sound_length(source.path) - start
    length = there if seconds is None else min(there, round(seconds * SAMPLE_RATE))
    named = f"{source.path} from {float(source.start):g} s on" if source.start else source.path
    if length < _LEAST:
        return Unusable(reason=_short(named, max(0, length)))
    if is_silent(source.path, Span(start + max(0, length - _MOST), start + length)):
        return Unusable(reason=f"its anchor, {named}, is silent. Pick a stretch in which the voice speaks")
    return AnchorSound(start=start, length=length, content=sound_content(source.path), path=source.path)


def _short(named: str, samples: int) -> str:
    return (
        f"its anchor, {named}, has {samples / SAMPLE_RATE:.1f} s of sound. A voice needs {LEAST_ANCHOR_SECONDS} s at "
        f"least, better {MOST_ANCHOR_SECONDS}"
    )
