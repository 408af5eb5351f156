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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd
from pathlib import Path
from xml.etree import ElementTree as ET

from sottovoce_engine.scene import BLACK, MediaRange, PicturePiece, Scene, SoundPiece
from sottovoce_engine.timing import Span, frames_in
from sottovoce_otio.laid_tracks import LaidTrack
from sottovoce_otio.mlt_marks import marks_element
from sottovoce_otio.placing import new_file
from sottovoce_otio.ruler_marks import RulerMark
from sottovoce_otio.xml_text import xml_text

PathFor = Callable[[str], str]

_STILLS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")  # the player finds out how to show them
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
    path_for: PathFor = (lambda media: os.path.relpath(media, path.parent)) if relative else str
    root = _Document(scene=scene, path_for=path_for).root(tracks, marks)
    ET.indent(root, " ")
    with new_file(path, "MLT project") as staged:
        ET.ElementTree(root).write(staged, encoding="utf-8", xml_declaration=True)


@dataclass(slots=True, kw_only=True)
class _Document:
    """The elements of one file as they come up; MLT wants what is used before its use."""

    scene: Scene
    path_for: PathFor
    found: list[ET.Element] = field(default_factory=list)
    _producers: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    _dissolves: int = 0

    def root(self, tracks: Sequence[LaidTrack], marks: Sequence[RulerMark]) -> ET.Element:
        last = str(max(0, self.scene.length_frames - 1))
        background = self._background(last)
        lists = [
            (self._playlist(f"playlist{index}", name, lane, is_sound), is_sound)
            for index, (name, lane, is_sound) in enumerate(_lanes(tracks, self.scene.rate))
        ]
        tractor = _element("tractor", {"id": "scene", "in": "0", "out": last}, {"shotcut": "1"})
        ET.SubElement(tractor, "track", producer=background)
        for playlist, is_sound in lists:
            ET.SubElement(tractor, "track", producer=playlist, hide="video" if is_sound else "audio")
        tractor.extend(_mixes([index for index, (_, is_sound) in enumerate(lists, start=1) if is_sound]))
        tractor.append(marks_element(marks, self.scene.rate))
        root = ET.Element("mlt", {"LC_NUMERIC": "C", "producer": "scene", "title": xml_text(self.scene.name)})
        root.extend([_profile(self.scene), *self.found, tractor])
        return root

    def _background(self, last: str) -> str:
        black = {"resource": "black", "mlt_service": "color", "length": str(self.scene.length_frames)}
        self.found.append(_element("producer", {"id": "black", "in": "0", "out": last}, black))
        background = _element("playlist", {"id": "background"}, {})
        ET.SubElement(background, "entry", {"producer": "black", "in": "0", "out": last})
        self.found.append(background)
        return "background"

    def _playlist(self, name: str, shown: str, lane: "_Lane", is_sound: bool) -> str:
        kind = "shotcut:audio" if is_sound else "shotcut:video"
        playlist = _element("playlist", {"id": name}, {kind: "1", "shotcut:name": shown})
        at = 0
        for piece in lane:
            if piece.span.start > at:
                ET.SubElement(playlist, "blank", length=str(piece.span.start - at))
            entry = self._sound(piece, shown) if isinstance(piece, SoundPiece) else self._picture(piece, shown)
            playlist.append(entry)
            at = piece.span.end
        self.found.append(playlist)
        return name

    def _sound(self, piece: SoundPiece, track: str) -> ET.Element:
        entry = self._cut("entry", piece.source, piece.span.length, track, is_sound=True)
        entry.extend(_volumes(piece, int(entry.attrib["in"])))
        return entry

    def _picture(self, piece: PicturePiece, track: str) -> ET.Element:
        if piece.dissolve_from is None:
            return self._cut("entry", piece.source, piece.span.length, track)
        self._dissolves += 1
        name, last = f"dissolve{self._dissolves}", str(piece.span.length - 1)
        tractor = _element("tractor", {"id": name, "in": "0", "out": last}, {"shotcut:transition": "lumaMix"})
        outgoing = self._cut("track", piece.dissolve_from, piece.span.length, f"{track} out")
        incoming = self._cut("track", piece.source, piece.span.length, track)
        luma = {"a_track": "0", "b_track": "1", "mlt_service": "luma", "progressive": "1"}
        tractor.extend([outgoing, incoming, _element("transition", {"in": "0", "out": last}, luma)])
        self.found.append(tractor)
        return _element("entry", {"producer": name, "in": "0", "out": last}, {})

    def _cut(self, tag: str, source: MediaRange, length: int, track: str, *, is_sound: bool = False) -> ET.Element:
        """A stretch of a media file; black where there is none."""
        playable = source.path and source != BLACK
        producer = self._producer(source.path, track, is_sound) if playable else "black"
        start = max(0, frames_in(source.start, self.scene.rate)) if playable else 0
        return _element(tag, {"producer": producer, "in": str(start), "out": str(start + length - 1)}, {})

    def _producer(self, path: str, track: str, is_sound: bool) -> str:
        """One for each file on each track: two places of the timeline that show it at once need two of them."""
        key = (path, track, is_sound)
        if key not in self._producers:
            name = self._producers[key] = f"producer{len(self._producers)}"
            values = {"resource": self.path_for(path)}
            if not path.lower().endswith(_STILLS):
                values["mlt_service"] = "avformat"
                values["video_index" if is_sound else "audio_index"] = "-1"
            values["shotcut:caption"] = Path(path).name
            self.found.append(_element("producer", {"id": name}, values))
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


def _volumes(piece: SoundPiece, first: int) -> Iterator[ET.Element]:
    """Gain and fades of a sound whose cut starts at the file's frame `first`.

    The filter glides during each frame from the gain of the frame before, so a fade's first frame stands still.
    """
    if abs(piece.gain_db) >= _LEAST_DB:
        yield _volume({"level": f"{piece.gain_db:.3f}", "shotcut:filter": "audioGain"}, {})
    last = first + piece.span.length - 1
    if piece.fade_in is not None:
        length = _inside(piece.fade_in, piece.span)
        ends = {"in": str(first), "out": str(first + length - 1)}
        yield _volume({"gain": "0", "end": "1", "shotcut:filter": "fadeInVolume"}, ends)
    if piece.fade_out is not None:
        length = _inside(piece.fade_out, piece.span)
        ends = {"in": str(max(first, last - length)), "out": str(last)}
        yield _volume({"gain": "1", "end": "0", "shotcut:filter": "fadeOutVolume"}, ends)


def _inside(fade: Span, span: Span) -> int:
    common = fade.common(span)
    return 1 if common is None else common.length


def _volume(values: dict[str, str], ends: dict[str, str]) -> ET.Element:
    return _element("filter", ends, {"mlt_service": "volume", **values})


def _mixes(tracks: Iterable[int]) -> Iterator[ET.Element]:
    for track in tracks:
        values = {"a_track": "0", "b_track": str(track), "mlt_service": "mix", "always_active": "1", "sum": "1"}
        yield _element("transition", {}, values)


def _profile(scene: Scene) -> ET.Element:
    width, height = scene.raster.width, scene.raster.height
    shared = gcd(width, height)
    rate: Fraction = scene.rate
    numbers = {
        "width": width,
        "height": height,
        "progressive": 1,
        "sample_aspect_num": 1,
        "sample_aspect_den": 1,
        "display_aspect_num": width // shared,
        "display_aspect_den": height // shared,
        "frame_rate_num": rate.numerator,
        "frame_rate_den": rate.denominator,
        "colorspace": 709,
    }
    attributes = {"description": f"{scene.raster} {float(rate):.5g}"}
    return ET.Element("profile", attributes | {name: str(number) for name, number in numbers.items()})


def _element(tag: str, attributes: dict[str, str], properties: dict[str, str]) -> ET.Element:
    element = ET.Element(tag, attributes)
    for name, value in properties.items():
        ET.SubElement(element, "property", name=name).text = xml_text(value)
    return element
