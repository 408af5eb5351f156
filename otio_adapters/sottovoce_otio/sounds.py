"""The timeline's sounds, flattened: every clip on every enabled audio track, and which of them is dialogue.

A1            |== anna.wav ====~~~~== ben.wav ===|      ~ crossfade: both sound, one falls, one rises
A2            |========== music.wav =============|
sounds        |== anna.wav ========|
                          |======== ben.wav =====|
              |========== music.wav =============|

Dialogue is what a region replaces. It is, in this order:
1. what our metadata says (`role` on the track, or on the clip), or the person asked for by track name;
2. a track whose name says so (dialogue, DX, VO, production), or says something else (music, SFX, ambience);
3. on a track whose name says neither (A1, Audio 1), where no track's name says dialogue: a clip whose file
   is also the picture there, and everything on the first audio track.

No sound is invented: pictures whose files have sound are silent where no audio track plays it.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sottovoce_engine.scene import PicturePiece, SoundPiece
from sottovoce_engine.timing import Span
from sottovoce_otio.flatten import Flattening, footage_of, media_range, noted_effects
from sottovoce_otio.hints import hints_for
from sottovoce_otio.layout import AUDIO, VIDEO, Placed, Reach
from sottovoce_otio.ours import Role, own_entry

_WORD = re.compile(r"[^\W\d_]+(?:&[^\W\d_]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A piece of sound before it is known whether it is dialogue."""

    piece: SoundPiece
    said: bool | None  # by metadata, options or the track's name; None: nothing says
    first_track: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surroundings:
    """What the compositions around a clip make of it."""

    gain_db: float = 0.0
    approximate: bool = False
    rising: tuple[Reach, ...] = ()  # transitions at the heads of the compositions it lies in
    falling: tuple[Reach, ...] = ()  # and at their tails
    said: bool | None = None
    first_track: bool = False


def sounds_of(
    layout: Placed, pictures: Sequence[PicturePiece], asked: Collection[str], flattening: Flattening
) -> tuple[SoundPiece, ...]:
    """The pieces of sound that the timeline plays, by start.

    Args:
        layout: The timeline.
        pictures: What it shows, in order.
        asked: Names of tracks that are dialogue, whatever their names say; empty: by the rules above.
        flattening: Its notes say which rule was applied.
    """
    whole = flattening.frames(layout.start, layout.end)
    wanted = frozenset(name.casefold() for name in asked)
    heard = list(_in_stack(layout, whole, _Surroundings(), wanted, flattening))
    named = any(each.said for each in heard)
    guessed: dict[str, None] = {}
    pieces = []
    for each in heard:
        dialogue = each.said
        if dialogue is None:
            dialogue = not named and (each.first_track or _is_picture(each.piece, pictures))
            if dialogue:
                guessed[each.piece.track] = None
        pieces.append(replace(each.piece, dialogue=dialogue))
    for track in guessed:
        flattening.note(
            f"dialogue was guessed on the track '{track}', as no track's name says dialogue: the first audio track, and the "
            "sound of the picture's own files; name the track 'Dialogue' or say which it is"
        )
    return tuple(sorted(pieces, key=lambda piece: (piece.span, piece.track)))


def _in_stack(
    stack: Placed, window: Span, around: _Surroundings, asked: frozenset[str], flattening: Flattening
) -> Iterator[_Heard]:
    """All that a stack's tracks play within `window`.

    A nested composition on a picture track brings its own sound, unless an audio track beside it holds
    nested compositions, too: editors put both halves of a nested sequence side by side.
    """
    tracks = [child for child in stack.children if child.enabled]
    halves = any(child.is_composition for track in tracks if track.kind == AUDIO for child in track.children)
    first = next((track for track in tracks if track.kind == AUDIO), None)
    for track in tracks:
        inside = flattening.frames(track.start, track.end).common(window)
        if inside is None:
            continue
        if track.kind == AUDIO:
            said = around.said if around.said is not None else _said_of_track(track, asked)
            first_track = around.first_track if stack.address else track is first
            yield from _in_item(track, inside, replace(around, said=said, first_track=first_track), asked, flattening)
        elif track.kind == VIDEO and not halves:
            for child in _nested_in(track):
                yield from _in_item(child, inside, around, asked, flattening)


def _in_item(
    placed: Placed, window: Span, around: _Surroundings, asked: frozenset[str], flattening: Flattening
) -> Iterator[_Heard]:
    """What an item plays within `window`, the reach of its own transitions included."""
    start = placed.head.start if placed.head else placed.start
    end = placed.tail.end if placed.tail else placed.end
    inside = flattening.frames(start, max(start, end)).common(window)
    if inside is None or not placed.enabled or placed.schema == "Gap":
        return
    if placed.schema == "Clip":
        yield from _clip(placed, inside, around, flattening)
        return
    approximate, gain_db = noted_effects(placed, flattening)
    inner = replace(
        around,
        gain_db=around.gain_db + gain_db,
        approximate=around.approximate or approximate,
        rising=around.rising if placed.head is None else (placed.head, *around.rising),
        falling=around.falling if placed.tail is None else (placed.tail, *around.falling),
    )
    if placed.schema == "Track":
        for child in placed.children:
            yield from _in_item(child, inside, inner, asked, flattening)
    else:
        yield from _in_stack(placed, inside, inner, asked, flattening)


def _clip(placed: Placed, span: Span, around: _Surroundings, flattening: Flattening) -> Iterator[_Heard]:
    path = flattening.media.path(placed)
    if path is None:
        return
    approximate, gain_db = noted_effects(placed, flattening)
    footage = footage_of(placed, path, approximate or around.approximate)
    role = _role(placed)
    piece = SoundPiece(
        span=span,
        source=media_range(footage, span.start, flattening.rate),
        track=placed.track,
        clip=footage.clip,
        dialogue=False,
        fade_in=_fade(placed.head, around.rising, span, flattening),
        fade_out=_fade(placed.tail, around.falling, span, flattening),
        gain_db=gain_db + around.gain_db,
        approximate=footage.approximate,
    )
    said = around.said if role is None else role == Role.DIALOGUE
    yield _Heard(piece=piece, said=said, first_track=around.first_track)


def _fade(own: Reach | None, outer: Sequence[Reach], span: Span, flattening: Flattening) -> Span | None:
    """The crossfade at one end of a clip: its own, else that of a composition around it, where it reaches the clip."""
    for reach in (own, *outer):
        whole = None if reach is None else flattening.frames(reach.start, reach.end)
        if whole is not None and whole.length and whole.overlaps(span):
            return whole
    return None


def _nested_in(track: Placed) -> Iterator[Placed]:
    return (child for child in track.children if child.is_composition)


def _role(placed: Placed) -> object:
    own = own_entry(placed.metadata, f"The {placed}")
    return None if own is None else own.get("role")


def _said_of_track(track: Placed, asked: frozenset[str]) -> bool | None:
    """Whether a track is dialogue, by our metadata, by request, or by its name; None where nothing says."""
    role = _role(track)
    if role is not None:
        return bool(role in (Role.DIALOGUE, Role.TAKES))
    if asked:
        return track.name.casefold() in asked
    words = [word.casefold() for word in _WORD.findall(track.name)]
    hints = hints_for(())
    if not hints.tracks_other.isdisjoint(words):
        return False
    return None if hints.tracks_dialogue.isdisjoint(words) else True


def _is_picture(piece: SoundPiece, pictures: Sequence[PicturePiece]) -> bool:
    """Whether the file of a sound is also the picture somewhere under it."""
    if not piece.source.path:
        return False
    index = max(0, bisect_right(pictures, piece.span.start, key=lambda picture: picture.span.start) - 1)
    while index < len(pictures) and pictures[index].span.start < piece.span.end:
        picture = pictures[index]
        if picture.source.path == piece.source.path and picture.span.overlaps(piece.span):
            return True
        index += 1
    return False
