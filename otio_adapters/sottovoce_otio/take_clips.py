"""Where takes lie on a timeline, whoever put them there.

scene frames            0        48       96
ANNA (Sottovoce)        |   |== take ==|  |
                        ^ origin: where the take's own first frame would lie
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sottovoce_engine.timing import Span
from sottovoce_otio.layout import AUDIO, Placed, layout_of, media_reference_of
from sottovoce_otio.plain import plain_object
from sottovoce_otio.recognising import plays_take
from sottovoce_otio.references import local_path, media_start
from sottovoce_otio.timeline import LoadedTimeline
from sottovoce_otio.times import frame_near


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeClip:
    """A clip that plays a take."""

    media: Path  # the take's file
    span: Span  # scene frames
    origin: int  # the scene frame of the take's first
    is_sound: bool


def take_clips(loaded: LoadedTimeline) -> tuple[TakeClip, ...]:
    """The enabled clips that play takes, tracks from bottom to top."""
    layout = layout_of(plain_object(loaded.timeline))
    return tuple(clip for placed in _clips_in(layout) if (clip := _take_clip(placed, loaded)) is not None)


def _clips_in(placed: Placed) -> Iterator[Placed]:
    if not placed.enabled:
        return
    if plays_take(placed):
        yield placed
    for child in placed.children:
        yield from _clips_in(child)


def _take_clip(placed: Placed, loaded: LoadedTimeline) -> TakeClip | None:
    url = (media_reference_of(placed.item) or {}).get("target_url") or ""
    media, rate = local_path(url, loaded.media_root), loaded.scene.rate
    if media is None:
        return None
    start = frame_near(placed.start, rate)
    return TakeClip(
        media=media,
        span=Span(start, max(start, frame_near(placed.end, rate))),
        origin=frame_near(placed.zero + media_start(placed), rate),
        is_sound=placed.kind == AUDIO,
    )
