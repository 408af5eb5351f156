"""What lies at a place of the timeline: which file, from where on, and how loud."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.answered import region_now
from sottovoce_engine.scene import BLACK, PictureMode, PicturePiece, Scene
from sottovoce_engine.take import take_start
from sottovoce_engine.timing import Span
from sottovoce_ui.desk import TakeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """A file, and which scene frames of it are played."""

    path: str
    span: Span  # scene frames
    start: Fraction  # seconds in the file at the span's first frame

    def milliseconds(self, frame: int, rate: Fraction) -> int:
        """The position in the file of a scene frame, a little inside it."""
        return round(1000 * (self.start + Fraction(2 * (frame - self.span.start) + 1, 2) / rate))

    def frame(self, milliseconds: int, rate: Fraction) -> int:
        """The scene frame at a position in the file."""
        return self.span.start + int((Fraction(milliseconds, 1000) - self.start) * rate)


def source_at(scene: Scene, frame: int) -> Playing | None:
    """The timeline's own picture at a frame; where there is none, its sound."""
    picture = source_picture_at(scene, frame)
    if picture is not None:
        return picture
    under = [sound for sound in scene.sounds if sound.span.start <= frame < sound.span.end and sound.source.path]
    sound = max(under, key=lambda each: each.dialogue, default=None)
    return None if sound is None else Playing(path=sound.source.path, span=sound.span, start=sound.source.start)


def source_picture_at(scene: Scene, frame: int) -> Playing | None:
    """The timeline's own picture at a frame."""
    piece = scene.picture_at(frame)
    return None if piece is None or piece.source.path in ("", BLACK.path) else _piece_playing(piece)


def scene_picture_at(
    scene: Scene, chosen: Iterable[TakeFacts], shots: Iterable[PicturePiece], frame: int
) -> Playing | None:
    """What the scene shows at a frame.

    A chosen take that brings its own picture, else the timeline's, else a shot that was rendered for several regions.
    """
    for facts in chosen:
        region = region_now(facts.take, scene)
        own = facts.take.has_picture and scene.picture_mode(region) is not PictureMode.LOCK
        if own and region.span.start <= frame < region.span.end:
            return take_playing(facts, scene)
    shot = next((piece for piece in shots if piece.span.start <= frame < piece.span.end), None)
    return source_picture_at(scene, frame) or (None if shot is None else _piece_playing(shot))


def take_playing(facts: TakeFacts, scene: Scene) -> Playing:
    """A take where its region, or the part it answers, lies now."""
    start = take_start(facts.take, region_now(facts.take, scene))
    return Playing(path=str(facts.path), span=Span(start, start + facts.take.length_frames), start=Fraction(0))


def _piece_playing(piece: PicturePiece) -> Playing:
    return Playing(path=piece.source.path, span=piece.span, start=piece.source.start)


def join_near(scene: Scene, frame: int) -> int | None:
    """The edge of a region inside the timeline that lies nearest to a frame; None where there is none."""
    edges = {edge for region in scene.regions for edge in (region.span.start, region.span.end)}
    return min(
        (edge for edge in edges if 0 < edge < scene.length_frames), key=lambda edge: abs(edge - frame), default=None
    )


def speech_lufs(facts: TakeFacts) -> float | None:
    """How loud a take's speech is: as the judge heard it, else as it was measured when it was made."""
    level = None if facts.judgement is None else facts.judgement.level
    return facts.take.loudness_lufs if level is None else level.loudness_lufs


def matched_volume(shown: TakeFacts, beside: TakeFacts) -> float | None:
    """The volume, 0 to 1, at which a take's speech is as loud as another one's; None where that is not known.

    The louder of the two is turned down. Neither is turned up: it could clip.
    """
    here, there = speech_lufs(shown), speech_lufs(beside)
    return None if here is None or there is None else float(10 ** (min(0.0, there - here) / 20))


def decibels(volume: float) -> float:
    """What a linear volume above 0 does to the level."""
    return 20 * math.log10(volume)
