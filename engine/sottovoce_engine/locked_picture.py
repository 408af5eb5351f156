"""The timeline's own picture under a region whose picture is locked: what its sound is made for.

pictures     |=== street.mov ===|===== kitchen.mov =====|
window                     |<hh|#### region ####|hh>|        h: handles
watched                    |kkk|################|xxx|        of kitchen.mov; over the cut its first frame is held (k)

One clip is watched, the one shown longest under the region: a mouth that changes in the middle helps no line.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.scene import BLACK, MediaRange, PicturePiece, Region, Scene
from sottovoce_engine.starts import ANEW, FootageLook, PictureStart
from sottovoce_engine.take import LockedPicture, Take, Window, take_start
from sottovoce_engine.timing import Span

WATCHING = ("ltx",)  # renderers whose sound depends on the picture it is made for


def locked_start(
    region: Region, scene: Scene, window: Window, *, renderer: str, footage: Mapping[str, FootageLook]
) -> PictureStart:
    """What the sound of a region is made for, in its window as it would be rendered now.

    Args:
        region: The region, its picture locked.
        scene: Its scene.
        window: Of the region.
        renderer: That renders it.
        footage: What is known of the timeline's pictures, by path; those that cannot be read are not there.
    """
    if renderer not in WATCHING:
        return ANEW
    clip = clip_under(region.span, scene)
    if clip is None:
        return PictureStart(notes=("there is no picture under it to make its sound for",))
    look = footage.get(clip.source.path)
    if look is None:
        return PictureStart(
            notes=(f"the picture under it, '{clip.name}', cannot be read: its sound is made with a picture of its own",)
        )
    start = region.span.start
    if look.still:
        before, after, at = 0, 1, Fraction(0)
    else:
        before = min(start - clip.span.start, start - window.start)
        after = min(clip.span.end, window.span.end) - start
        at = clip.source.start + (start - clip.span.start) / scene.rate
    there = after if look.seconds is None else math.ceil((look.seconds - at) * scene.rate)
    locked_on = LockedPicture(
        path=clip.source.path,
        start=at,
        before=before,
        after=max(1 - before, min(after, there)),
        content=look.content,
    )
    short = min(region.span.end, clip.span.end) - start - there
    notes = (*_cut_notes(region, scene, window, clip), *_file_notes(clip, look, 0 if look.still else short))
    return PictureStart(locked_on=locked_on, notes=notes)


def picture_note(take: Take, region: Region, start: PictureStart) -> str:
    """What is to be said where the picture under the region is not the one its take's sound was made for; "" if it is."""
    if take.job.on_shot is not None and start.on_shot is not None and start.window is not None:
        shot_start = start.window.start - start.on_shot.first
        return _apart_note(take_start(take, region) - shot_start - take.job.on_shot.first)
    given, now = take.job.locked_on, start.locked_on
    if given is None or now is None:
        return ""
    if given.content != now.content:
        return "its sound was made for another picture than the one under it now: lips may not match"
    if given.is_still:
        return ""
    job = take.job
    spoken_at = take_start(take, region) + job.region.span.start - job.window.start
    return _apart_note(round((given.start - now.start) * job.rate) - (spoken_at - region.span.start))


def _apart_note(apart: int) -> str:
    if not apart:
        return ""
    frames = "1 frame" if abs(apart) == 1 else f"{abs(apart)} frames"
    return f"the picture under it lies {frames} apart from where its sound was made for it: lips may not match"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One picture of the timeline, shown without a break."""

    span: Span  # scene frames
    source: MediaRange  # at its first frame
    name: str


def pictures_under(span: Span, scene: Scene) -> list[PicturePiece]:
    """What the timeline shows of files under the span, in order."""
    pieces = scene.pictures
    first = max(0, bisect_right(pieces, span.start, key=lambda piece: piece.span.start) - 1)
    last = bisect_right(pieces, span.end - 1, key=lambda piece: piece.span.start)
    under = (piece for piece in pieces[first:last] if piece.span.overlaps(span))
    return [piece for piece in under if piece.source.path not in ("", BLACK.path)]


def clip_under(span: Span, scene: Scene) -> Clip | None:
    """The clip shown longest under the span, the earlier one of two; None where there is none."""
    clips = dict.fromkeys(_clip(scene.pictures, piece, scene.rate) for piece in pictures_under(span, scene))
    return max(clips, key=lambda clip: _shown(clip, span), default=None)


def _shown(clip: Clip, span: Span) -> int:
    common = clip.span.common(span)
    return 0 if common is None else common.length


def _clip(pieces: tuple[PicturePiece, ...], piece: PicturePiece, rate: Fraction) -> Clip:
    """A piece with the ones before and after it in which its picture runs on: a dissolve is a piece of its own."""
    first = last = bisect_right(pieces, piece.span.start, key=lambda each: each.span.start) - 1
    while first > 0 and _runs_on(pieces[first - 1], pieces[first], rate):
        first -= 1
    while last + 1 < len(pieces) and _runs_on(pieces[last], pieces[last + 1], rate):
        last += 1
    return Clip(
        span=Span(pieces[first].span.start, pieces[last].span.end),
        source=pieces[first].source,
        name=piece.clip,
    )


def _runs_on(before: PicturePiece, after: PicturePiece, rate: Fraction) -> bool:
    return (
        before.span.end == after.span.start
        and before.source.path == after.source.path
        and before.source.start + before.span.length / rate == after.source.start
    )


def _file_notes(clip: Clip, look: FootageLook, short: int) -> Iterator[str]:
    """What of a file is not watched as it is; it ends `short` frames before it should."""
    if short > 0:
        frames = "1 frame" if short == 1 else f"{short} frames"
        yield f"the file of '{clip.name}' ends {frames} before the picture under it does: its last frame is held"
    if look.unlike:
        first, last = ", ".join(look.unlike[:-1]), look.unlike[-1]
        what = f"{first} and {last}" if first else last
        yield f"'{clip.name}' is {what}: its sound is made for a conformed copy, the file itself stays as it is"


def _cut_notes(region: Region, scene: Scene, window: Window, clip: Clip) -> tuple[str, ...]:
    if not clip.span.contains(region.span):
        return (f"the picture changes under it: its sound is made for '{clip.name}' alone",)
    shown = Span(max(0, window.start), min(scene.length_frames, window.span.end))
    if not clip.span.contains(shown):
        return (f"the window reaches over a cut in the picture: the frame of '{clip.name}' next to it is held there",)
    return ()
