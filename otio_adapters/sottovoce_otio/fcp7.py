"""A new timeline as Final Cut Pro 7 XML, which Premiere Pro and DaVinci Resolve import.

    sequence ── video ── track ── clipitem, transitionitem …
            ├── audio ── track ── clipitem with its level, and fades where a take meets silence
            └── marker …

Written here, as text: otio-fcp-adapter takes a minute for 5,000 regions, keeps neither links nor levels, and
writes the second of two equal clips as an empty one. It reads these files in the tests.

Source: Apple, Final Cut Pro XML Interchange Format, version 4.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from sottovoce_engine.scene import Scene
from sottovoce_engine.timing import SAMPLE_RATE, Span, timebase, timecode
from sottovoce_otio.fcp7_items import Fcp7Dissolve, Fcp7Item
from sottovoce_otio.laid_tracks import JoinFade
from sottovoce_otio.links import absolute_url
from sottovoce_otio.placing import new_file
from sottovoce_otio.ruler_marks import MarkColour, RulerMark
from sottovoce_otio.times import frame_near, start_and_duration
from sottovoce_otio.xml_text import DECLARATION, element, leaf

_LOUDEST = 3.98107  # of a level filter: +12 dB
_LEAST_DB = 0.001  # a gain below is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Fcp7Track:
    """A track and what lies on it."""

    name: str
    is_sound: bool
    enabled: bool
    items: tuple[Fcp7Item, ...]


def write_fcp7(
    tracks: Sequence[Fcp7Track], marks: Iterable[RulerMark], fades: Mapping[int, JoinFade], scene: Scene, path: Path
) -> None:
    """Writes tracks to a name that is free.

    Args:
        tracks: Bottom to top, pictures first.
        marks: Of the sequence.
        fades: At a take's ends, by the frame of the cut.
        scene: Its rate, raster, start timecode, length and name.
        path: The file.

    Raises:
        InputError: The name is taken, or the folder cannot be written to.
        SetupError: The disk is full, or fails.
    """
    text = "".join([DECLARATION, "<!DOCTYPE xmeml>\n", _Sequence(tracks=tracks, scene=scene, fades=fades).xml(marks)])
    with new_file(path, "FCP7 XML") as staged:
        staged.write_text(text, encoding="utf-8")


@dataclass(slots=True, kw_only=True)
class _Sequence:
    """One file in the making: what has been named once is only referred to afterwards."""

    tracks: Sequence[Fcp7Track]
    scene: Scene
    fades: Mapping[int, JoinFade]
    _files: dict[str, int] = field(default_factory=dict)
    _linked: dict[int, list[str]] = field(default_factory=dict)
    _rate: str = ""
    _timecodes: dict[int, str] = field(default_factory=dict)
    _kinds: dict[str, set[bool]] = field(default_factory=dict)  # by path: whether its picture, its sound is used

    def xml(self, marks: Iterable[RulerMark]) -> str:
        self._rate = _rate(self.scene.rate)
        self._look_through()
        media = element("media", [self._video(), self._audio()])
        inside = [
            leaf("name", self.scene.name),
            leaf("duration", self.scene.length_frames),
            self._rate,
            self._timecode(self.scene.start_frame),
            media,
            *(_marker(mark.span, mark.name, mark.comment, mark.colour) for mark in marks),
        ]
        sequence = element("sequence", inside, id="sequence-1")
        project = element("project", [leaf("name", self.scene.name), element("children", [sequence])])
        return element("xmeml", [project], version=4)

    def _look_through(self) -> None:
        """Finds out which clips are linked with which, and what of each file is used."""
        counts = {False: 0, True: 0}
        number = 0
        for track in self.tracks:
            counts[track.is_sound] += 1
            for place, item in enumerate(track.items, start=1):
                number += 1
                self._kinds.setdefault(item.path, set()).add(track.is_sound)
                if item.link is not None:
                    link = _link(number, track.is_sound, counts[track.is_sound], place)
                    self._linked.setdefault(item.link, []).append(link)

    def _video(self) -> str:
        raster = self.scene.raster
        size = [leaf("width", raster.width), leaf("height", raster.height), leaf("pixelaspectratio", "square")]
        look = element("format", [element("samplecharacteristics", [self._rate, *size])])
        return element("video", [look, *self._tracks(is_sound=False)])

    def _audio(self) -> str:
        depth = [leaf("depth", 24), leaf("samplerate", SAMPLE_RATE)]
        look = element("format", [element("samplecharacteristics", depth)])
        return element("audio", [leaf("numOutputChannels", 2), look, *self._tracks(is_sound=True)])

    def _tracks(self, *, is_sound: bool) -> Iterator[str]:
        number = 0
        for track in self.tracks:
            if track.is_sound == is_sound:
                inside = self._items(track, number)
                ends = [leaf("enabled", _truth(track.enabled)), leaf("locked", "FALSE"), leaf("name", track.name)]
                yield element("track", [*inside, *ends])
            number += len(track.items)

    def _items(self, track: Fcp7Track, before: int) -> Iterator[str]:
        """Clips, each after the transition at its head; that at the last one's tail comes last."""
        previous: Fcp7Item | None = None
        for number, item in enumerate(track.items, start=before + 1):
            following = track.items[number - before] if number - before < len(track.items) else None
            head = item.head or self._fade_in(item, previous, track)
            tail = item.tail or self._fade_out(item, following, track)
            shared = previous is not None and previous.tail == head
            if head is not None and not shared:
                yield self._transition(head, track.is_sound)
            yield self._clip(item, number, head, tail, is_sound=track.is_sound)
            if tail is not None:
                yield self._transition(tail, track.is_sound)
            previous = item

    def _fade_in(self, item: Fcp7Item, previous: Fcp7Item | None, track: Fcp7Track) -> Fcp7Dissolve | None:
        fade = self.fades.get(item.span.start)
        beside = previous is not None and previous.span.end >= item.span.start
        if fade is None or beside or not (track.is_sound and item.is_take):
            return None
        start = item.span.start
        return Fcp7Dissolve(span=Span(start, min(start + fade.after, start + item.span.length // 2)), cut=start)

    def _fade_out(self, item: Fcp7Item, following: Fcp7Item | None, track: Fcp7Track) -> Fcp7Dissolve | None:
        fade = self.fades.get(item.span.end)
        beside = following is not None and following.span.start <= item.span.end
        if fade is None or beside or not (track.is_sound and item.is_take):
            return None
        end = item.span.end
        return Fcp7Dissolve(span=Span(max(end - fade.before, end - item.span.length // 2), end), cut=end)

    def _clip(
        self, item: Fcp7Item, number: int, head: Fcp7Dissolve | None, tail: Fcp7Dissolve | None, *, is_sound: bool
    ) -> str:
        """A clip; beside a transition its start or end is -1, and it reaches as far as the transition does."""
        first = item.first - (0 if head is None else head.cut - head.span.start)
        last = item.first + item.span.length + (0 if tail is None else tail.span.end - tail.cut)
        inside = [
            leaf("name", item.name),
            leaf("enabled", _truth(item.enabled)),
            leaf("duration", item.media_frames or last),
            self._rate,
            leaf("start", item.span.start if head is None else -1),
            leaf("end", item.span.end if tail is None else -1),
            leaf("in", first),
            leaf("out", last),
            self._file(item, number, last),
            *([_SOURCE_TRACK] if is_sound else []),
            *([_level(item.gain_db)] if is_sound and abs(item.gain_db) >= _LEAST_DB else []),
            *(_clip_marker(marker, item, self.scene.rate) for marker in item.markers),
            *(self._linked[item.link] if item.link is not None else []),
        ]
        return element("clipitem", inside, id=f"clipitem-{number}")

    def _file(self, item: Fcp7Item, number: int, last: int) -> str:
        """The file a clip plays, in full where it comes first; media that are offline are told apart by the clip."""
        key = item.path or f"offline {number}"
        known = self._files.get(key)
        if known is not None:
            return element("file", id=f"file-{known}")
        self._files[key] = len(self._files) + 1
        inside = [
            leaf("name", Path(item.path).name or item.name),
            *([leaf("pathurl", _path_url(item.path))] if item.path else []),
            self._rate,
            leaf("duration", item.media_frames or last),
            self._timecode(item.media_first),
            self._contents(self._kinds[item.path]),
        ]
        return element("file", inside, id=f"file-{self._files[key]}")

    def _contents(self, used: set[bool]) -> str:
        raster = self.scene.raster
        size = element("samplecharacteristics", [leaf("width", raster.width), leaf("height", raster.height)])
        sound = element("samplecharacteristics", [leaf("depth", 24), leaf("samplerate", SAMPLE_RATE)])
        pictures = [element("video", [size])] if False in used else []
        sounds = [element("audio", [sound, leaf("channelcount", 2)])] if True in used else []
        return element("media", [*pictures, *sounds])

    def _timecode(self, frame: int) -> str:
        """Most files start at one and the same."""
        if frame not in self._timecodes:
            self._timecodes[frame] = self._timecode_written(frame)
        return self._timecodes[frame]

    def _timecode_written(self, frame: int) -> str:
        drop = self.scene.drop_frame
        inside = [
            self._rate,
            leaf("string", timecode(frame, self.scene.rate, drop=drop)),
            leaf("frame", frame),
            leaf("displayformat", "DF" if drop else "NDF"),
        ]
        return element("timecode", inside)

    def _transition(self, dissolve: Fcp7Dissolve, is_sound: bool) -> str:
        before, after = dissolve.cut - dissolve.span.start, dissolve.span.end - dissolve.cut
        alignment = "center" if before and after else "end-black" if before else "start-black"
        inside = [
            leaf("start", dissolve.span.start),
            leaf("end", dissolve.span.end),
            leaf("alignment", alignment),
            self._rate,
            _CROSSFADE if is_sound else _DISSOLVE,
        ]
        return element("transitionitem", inside)


def _rate(rate: Fraction) -> str:
    return element("rate", [leaf("timebase", timebase(rate)), leaf("ntsc", _truth(rate.denominator != 1))])


def _truth(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _path_url(path: str) -> str:
    """With the host that Final Cut Pro 7 wrote, and that some importers insist on."""
    return absolute_url(path).replace("file:///", "file://localhost/", 1)


def _link(number: int, is_sound: bool, track: int, place: int) -> str:
    kind = "audio" if is_sound else "video"
    inside = [
        leaf("linkclipref", f"clipitem-{number}"),
        leaf("mediatype", kind),
        leaf("trackindex", track),
        leaf("clipindex", place),
    ]
    return element("link", inside)


def _level(gain_db: float) -> str:
    """A clip's gain, as Final Cut Pro's Audio Levels: a factor."""
    value = min(_LOUDEST, math.pow(10, gain_db / 20))
    parameter = [
        leaf("parameterid", "level"),
        leaf("name", "Level"),
        leaf("valuemin", 0),
        leaf("valuemax", _LOUDEST),
        leaf("value", f"{value:.6f}"),
    ]
    return element("filter", [_effect("Audio Levels", "audiolevels", "audiolevels", "audio", parameter)])


def _effect(name: str, effect_id: str, kind: str, media: str, parameter: Sequence[str] = ()) -> str:
    inside = [
        leaf("name", name),
        leaf("effectid", effect_id),
        leaf("effectcategory", kind),
        leaf("effecttype", kind),
        leaf("mediatype", media),
        *([element("parameter", parameter)] if parameter else []),
    ]
    return element("effect", inside)


def _marker(span: Span, name: str, comment: str, colour: MarkColour) -> str:
    """A point ends at -1."""
    red, green, blue = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    shade = element("color", [leaf("alpha", 0), leaf("red", red), leaf("green", green), leaf("blue", blue)])
    end = span.end if span.length else -1
    return element(
        "marker", [leaf("name", name), leaf("comment", comment), leaf("in", span.start), leaf("out", end), shade]
    )


def _clip_marker(marker: Mapping[str, Any], item: Fcp7Item, rate: Fraction) -> str:
    """A marker of a clip, counted from the file's first frame."""
    start, length = start_and_duration(marker["marked_range"], f"marker '{marker.get('name')}'")
    first = frame_near(start, rate) - item.media_first
    span = Span(first, first + frame_near(length, rate))
    colour = str(marker.get("color")).upper()
    shown = MarkColour[colour] if colour in MarkColour.__members__ else MarkColour.GREEN
    return _marker(span, marker.get("name") or "", marker.get("comment") or "", shown)


_SOURCE_TRACK = element("sourcetrack", [leaf("mediatype", "audio"), leaf("trackindex", 1)])
_DISSOLVE = _effect("Cross Dissolve", "Cross Dissolve", "transition", "video")
_CROSSFADE = _effect("Cross Fade (+3dB)", "KGAudioTransCrossFade3dB", "transition", "audio")
