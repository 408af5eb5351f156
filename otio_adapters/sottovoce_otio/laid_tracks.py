r"""A new timeline track by track, flattened inside each: for formats that know neither OTIO's nesting nor its fades.

scene frames      0         48        96       144
V1   pictures     |====== street =====|~~|= kitchen =|     ~ dissolve
A1   sounds       |= street =\         /== street ====|     \ / fades at the joins, into what is disabled
A2   sounds                  /= take =\                     a take reaches as far into its handles
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from sottovoce_engine.scene import PicturePiece, Scene, SoundPiece
from sottovoce_engine.splice.values import Spliced, SplicedRegion
from sottovoce_engine.timing import SAMPLE_RATE, Span, frame_at, frames_in
from sottovoce_otio.flatten import Flattening, pictures_of
from sottovoce_otio.layout import AUDIO, Placed
from sottovoce_otio.ours import KEY, Role
from sottovoce_otio.references import MediaFinder
from sottovoce_otio.sounds import sounds_of
from sottovoce_otio.times import second_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidTrack:
    """One track of the timeline: pictures, or sounds."""

    name: str
    is_sound: bool
    pictures: tuple[PicturePiece, ...] = ()  # in order, without overlap
    sounds: tuple[SoundPiece, ...] = ()  # by start; they overlap in crossfades

    @property
    def approximate(self) -> Iterator[str]:
        """Names of the clips that are there without their effects or their speed."""
        pieces: tuple[PicturePiece | SoundPiece, ...] = (*self.pictures, *self.sounds)
        return (piece.clip for piece in pieces if piece.approximate)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFade:
    """How far a join reaches to both sides of its cut, in frames."""

    before: int
    after: int


def laid_tracks(layout: Placed, scene: Scene, spliced: Spliced) -> tuple[LaidTrack, ...]:
    """The enabled tracks of a timeline that `scene_document` made with absolute links, bottom to top, pictures first.

    What is disabled is left out. Joins fade as the splice's do, to whole frames, at least one on each side.
    """
    joins = join_fades(spliced, scene)
    flattening = Flattening(rate=scene.rate, media=MediaFinder(root=Path("/")), notes={})
    return tuple(_laid(track, layout, joins, scene, flattening) for track in layout.children if track.enabled)


def _laid(
    track: Placed, layout: Placed, joins: Mapping[int, JoinFade], scene: Scene, flattening: Flattening
) -> LaidTrack:
    alone = replace(layout, children=(track,))
    if track.kind != AUDIO:
        return LaidTrack(name=track.name, is_sound=False, pictures=pictures_of(alone, flattening))
    sounds = sounds_of(alone, (), (), flattening)
    if _is_joined(track):
        sounds = tuple(_faded(piece, joins, scene) for piece in sounds)
    return LaidTrack(name=track.name, is_sound=True, sounds=sounds)


def join_fades(spliced: Spliced, scene: Scene) -> dict[int, JoinFade]:
    """How the splice's joins fade, by the frame of their cut; at least one frame on each side."""
    joins: dict[int, JoinFade] = {}
    for region in spliced.regions:
        for sample, fade in _cuts(region):
            before, after = (
                max(1, frames_in(Fraction(samples, SAMPLE_RATE), scene.rate))
                for samples in (sample - fade.start, fade.end - sample)
            )
            joins[frame_at(sample, scene.rate)] = JoinFade(before=before, after=after)
    return joins


def _cuts(region: SplicedRegion) -> Iterator[tuple[int, Span]]:
    yield region.sound.start, region.fade_in
    yield region.sound.end, region.fade_out


def _is_joined(track: Placed) -> bool:
    """Whether the splice cut this track: takes, and dialogue that was silenced under them."""
    own = track.metadata.get(KEY) or {}
    return own.get("role") == Role.TAKES or any(
        "silenced" in (child.metadata.get(KEY) or {}) for child in track.children
    )


def _faded(piece: SoundPiece, joins: Mapping[int, JoinFade], scene: Scene) -> SoundPiece:
    """The piece with a fade at each end that is a join, grown by what the fade covers beyond it."""
    rise, fall = joins.get(piece.span.start), joins.get(piece.span.end)
    half = piece.span.length // 2
    start, end = piece.span.start, piece.span.end
    fade_in, fade_out = piece.fade_in, piece.fade_out
    if rise is not None and fade_in is None:
        start -= min(rise.before, start, int(piece.source.start * scene.rate))
        fade_in = Span(start, piece.span.start + min(rise.after, half))
    if fall is not None and fade_out is None:
        end += min(fall.after, scene.length_frames - end)
        fade_out = Span(piece.span.end - min(fall.before, half), end)
    earlier = second_of(piece.span.start - start, scene.rate)
    source = replace(piece.source, start=piece.source.start - earlier)
    return replace(piece, span=Span(start, end), source=source, fade_in=fade_in, fade_out=fade_out)
