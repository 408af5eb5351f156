"""A new timeline as MLT XML, which melt plays and Shotcut opens as a project.

    tractor
    ├── background            black, as long as the scene
    ├── V1        hide=audio  pictures; a dissolve is a small tractor of its own with a luma
    ├── A1        hide=video  sounds, with their gains and fades    ─► mix, sum=1 ─┐
    └── A2        hide=video  sounds that overlap others take the   ─► mix, sum=1 ─┴─► background
                              next lane of their track

Source: MLT XML document type, https://www.mltframework.org/docs/mltxml/, and what Shotcut writes.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from math import gcd
from pathlib import Path

from sottovoce_engine.scene import BLACK, MediaRange, PicturePiece, Scene, SoundPiece
from sottovoce_engine.timing import Span
from sottovoce_otio.laid_tracks import LaidTrack
from sottovoce_otio.mlt_marks import marks_element
from sottovoce_otio.placing import new_file
from sottovoce_otio.ruler_marks import RulerMark
from sottovoce_otio.times import frame_near
from sottovoce_otio.xml_text import DECLARATION, element, leaf

PathFor = Callable[[str], str]

_STILLS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")  # the player finds out how to show them
_BACKGROUND = "background"
_LEAST_DB = 0.001  # a gain below is none


def write_mlt(
    tracks: Sequence[LaidTrack], marks: Sequence[RulerMark], scene: Scene, path: Path, *, relative: bool
) -> None:
    """Writes tracks to a name that is free.

    Args:
        tracks: Bottom to top, pictures first.
        marks: Shown on the timeline's ruler.
        scene: Its rate, raster, length and name.
        path: The file.
        relative: Whether media are named from the file's folder, so that all can be moved together.

    Raises:
        InputError: The name is taken, or the folder cannot be written to.
        SetupError: The disk is full, or fails.
    """
    path_for: PathFor = partial(_relative, folder=path.parent) if relative else str
    text = DECLARATION + _Document(scene=scene, path_for=path_for).root(tracks, marks)
    with new_file(path, "MLT project") as staged:
        staged.write_text(text, encoding="utf-8")


def _relative(media: str, *, folder: Path) -> str:
    """A path as seen from a folder; a file on another drive keeps its own."""
    try:
        return os.path.relpath(media, folder)
    except ValueError:  # Windows
        return media


@dataclass(slots=True, kw_only=True)
class _Document:
    """The elements of one file as they come up; MLT wants what is used before its use."""

    scene: Scene
    path_for: PathFor
    found: list[str] = field(default_factory=list)
    _producers: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    _dissolves: int = 0

    def root(self, tracks: Sequence[LaidTrack], marks: Sequence[RulerMark]) -> str:
        last = max(0, self.scene.length_frames - 1)
        self._add_background(last)
        lists = [
            (self._playlist(f"playlist{index}", name, lane, is_sound), is_sound)
            for index, (name, lane, is_sound) in enumerate(_lanes(tracks, self.scene.rate))
        ]
        sounds = [index for index, (_, is_sound) in enumerate(lists, start=1) if is_sound]
        inside = [
            _property("shotcut", 1),
            marks_element(marks, self.scene.rate),  # Shotcut empties them where they come after the tracks
            element("track", producer=_BACKGROUND),
            *(element("track", producer=name, hide="video" if is_sound else "audio") for name, is_sound in lists),
            *_mixes(sounds),
        ]
        tractor = element("tractor", inside, id="scene", in_=0, out=last)
        everything = [_profile(self.scene), *self.found, tractor]
        return element("mlt", everything, LC_NUMERIC="C", producer="scene", title=self.scene.name)

    def _add_background(self, last: int) -> None:
        black = {"resource": "black", "mlt_service": "color", "length": self.scene.length_frames}
        entry = element("entry", producer="black", in_=0, out=last)
        self.found.append(element("producer", _properties(black), id="black", in_=0, out=last))
        self.found.append(element("playlist", [entry], id=_BACKGROUND))

    def _playlist(self, name: str, shown: str, lane: "_Lane", is_sound: bool) -> str:
        inside = [*_properties({"shotcut:audio" if is_sound else "shotcut:video": 1, "shotcut:name": shown})]
        at = 0
        for piece in lane:
            if piece.span.start > at:
                inside.append(element("blank", length=piece.span.start - at))
            inside.append(self._sound(piece, shown) if isinstance(piece, SoundPiece) else self._picture(piece, shown))
            at = piece.span.end
        self.found.append(element("playlist", inside, id=name))
        return name

    def _sound(self, piece: SoundPiece, track: str) -> str:
        producer, first = self._place(piece.source, track, is_sound=True)
        last = first + piece.span.length - 1
        return element("entry", _volumes(piece, first, last), producer=producer, in_=first, out=last)

    def _picture(self, piece: PicturePiece, track: str) -> str:
        last = piece.span.length - 1
        if piece.dissolve_from is None:
            return self._cut("entry", piece.source, last, track)
        self._dissolves += 1
        name = f"dissolve{self._dissolves}"
        luma = {"a_track": 0, "b_track": 1, "mlt_service": "luma", "progressive": 1}
        inside = [
            _property("shotcut:transition", "lumaMix"),
            self._cut("track", piece.dissolve_from, last, f"{track} out"),
            self._cut("track", piece.source, last, track),
            element("transition", _properties(luma), in_=0, out=last),
        ]
        self.found.append(element("tractor", inside, id=name, in_=0, out=last))
        return element("entry", producer=name, in_=0, out=last)

    def _cut(self, tag: str, source: MediaRange, last: int, track: str) -> str:
        """A stretch of a picture whose last frame is `last`, counted from its first."""
        producer, first = self._place(source, track, is_sound=False)
        return element(tag, producer=producer, in_=first, out=first + last)

    def _place(self, source: MediaRange, track: str, *, is_sound: bool) -> tuple[str, int]:
        """Producer and first frame of a place in a media file; black where there is none."""
        if not source.path or source == BLACK:
            return "black", 0
        return self._producer(source.path, track, is_sound), max(0, frame_near(source.start, self.scene.rate))

    def _producer(self, path: str, track: str, is_sound: bool) -> str:
        """One for each file on each track: two places of the timeline that show it at once need two of them."""
        key = (path, track, is_sound)
        if key not in self._producers:
            name = self._producers[key] = f"producer{len(self._producers)}"
            values: dict[str, object] = {"resource": self.path_for(path)}
            if not path.lower().endswith(_STILLS):
                values["mlt_service"] = "avformat"
                values["video_index" if is_sound else "audio_index"] = -1
            values["shotcut:caption"] = Path(path).name
            self.found.append(element("producer", _properties(values), id=name))
        return self._producers[key]


_Lane = Sequence[PicturePiece] | Sequence[SoundPiece]


def _lanes(tracks: Iterable[LaidTrack], rate: Fraction) -> Iterator[tuple[str, _Lane, bool]]:
    """Name, pieces and kind of each playlist; sounds that overlap lie on several."""
    for track in tracks:
        if not track.is_sound:
            yield track.name, track.pictures, False
            continue
        led_in = [_led_in(piece, rate) for piece in track.sounds]
        for number, lane in enumerate(_apart(led_in), start=1):
            yield (track.name if number == 1 else f"{track.name} {number}"), lane, True


def _led_in(piece: SoundPiece, rate: Fraction) -> SoundPiece:
    """A piece that fades in, one silent frame earlier, from which its first frame rises."""
    if piece.fade_in is None or piece.span.start == 0 or piece.source.start < 1 / rate:
        return piece
    return replace(
        piece,
        span=piece.span.grown(1, 0),
        fade_in=piece.fade_in.grown(1, 0),
        source=replace(piece.source, start=piece.source.start - 1 / rate),
    )


def _apart(sounds: Sequence[SoundPiece]) -> list[list[SoundPiece]]:
    """The sounds on as few lanes as it takes for none to overlap; one lane at least."""
    lanes: list[list[SoundPiece]] = [[]]
    for piece in sounds:
        free = next((lane for lane in lanes if not lane or lane[-1].span.end <= piece.span.start), None)
        if free is None:
            free = []
            lanes.append(free)
        free.append(piece)
    return lanes


def _volumes(piece: SoundPiece, first: int, last: int) -> Iterator[str]:
    """Gain and fades of a sound, its cut given in frames of the file.

    The filter glides during each frame from the gain of the frame before, so a fade's first frame stands still.
    """
    if abs(piece.gain_db) >= _LEAST_DB:
        yield _volume(piece.gain_db)
    if piece.fade_in is not None:
        length = _inside(piece.fade_in, piece.span)
        yield _fade(0, 1, first, first + length - 1)
    if piece.fade_out is not None:
        length = _inside(piece.fade_out, piece.span)
        yield _fade(1, 0, max(first, last - length), last)


def _inside(fade: Span, span: Span) -> int:
    common = fade.common(span)
    return 1 if common is None else common.length


def _volume(gain_db: float) -> str:
    values = {"mlt_service": "volume", "level": f"{gain_db:.3f}", "shotcut:filter": "audioGain"}
    return element("filter", _properties(values))


def _fade(start: int, end: int, first: int, last: int) -> str:
    name = "fadeInVolume" if end > start else "fadeOutVolume"
    values = {"mlt_service": "volume", "gain": start, "end": end, "shotcut:filter": name}
    return element("filter", _properties(values), in_=first, out=last)


def _mixes(tracks: Iterable[int]) -> Iterator[str]:
    for track in tracks:
        values = {"a_track": 0, "b_track": track, "mlt_service": "mix", "always_active": 1, "sum": 1}
        yield element("transition", _properties(values))


def _profile(scene: Scene) -> str:
    width, height = scene.raster.width, scene.raster.height
    shared = gcd(width, height)
    return element(
        "profile",
        description=f"{scene.raster} {float(scene.rate):.5g}",
        width=width,
        height=height,
        progressive=1,
        sample_aspect_num=1,
        sample_aspect_den=1,
        display_aspect_num=width // shared,
        display_aspect_den=height // shared,
        frame_rate_num=scene.rate.numerator,
        frame_rate_den=scene.rate.denominator,
        colorspace=709,
    )


def _properties(values: Mapping[str, object]) -> Iterator[str]:
    return (_property(name, value) for name, value in values.items())


def _property(name: str, value: object) -> str:
    return leaf("property", value, f' name="{name}"')
