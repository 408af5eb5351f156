"""A new timeline as Final Cut Pro 7 XML, which Premiere Pro and DaVinci Resolve import.

    sequence ── video ── track ── clipitem, transitionitem …
            ├── audio ── track ── clipitem with its level, and fades where a take meets silence
            └── marker …

Written here, as text: otio-fcp-adapter takes a minute for 5,000 regions, keeps neither links nor levels, and
writes the second of two equal clips as an empty one. It reads these files in the tests.

Source: Apple, Final Cut Pro XML Interchange Format, version 4.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sottovoce_engine.scene import Scene
from sottovoce_engine.timing import Span, timecode
from sottovoce_otio.fcp7_items import Fcp7Dissolve, Fcp7Item
from sottovoce_otio.fcp7_parts import (
    SAMPLES,
    SOUND_FILE,
    SOURCE_TRACK,
    clip_marker,
    level_filter,
    link_element,
    marker_element,
    path_url,
    rate_element,
    transition_element,
    truth,
)
from sottovoce_otio.laid_tracks import JoinFade
from sottovoce_otio.placing import new_file
from sottovoce_otio.ruler_marks import RulerMark
from sottovoce_otio.xml_text import DECLARATION, element, leaf

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
    _picture_file: str = ""
    _timecodes: dict[int, str] = field(default_factory=dict)
    _kinds: dict[str, set[bool]] = field(default_factory=dict)  # by path: whether its picture, its sound is used

    def xml(self, marks: Iterable[RulerMark]) -> str:
        self._rate = rate_element(self.scene.rate)
        size = [leaf("width", self.scene.raster.width), leaf("height", self.scene.raster.height)]
        self._picture_file = element("video", [element("samplecharacteristics", size)])
        self._look_through()
        media = element("media", [self._video(), self._audio()])
        inside = [
            leaf("name", self.scene.name),
            leaf("duration", self.scene.length_frames),
            self._rate,
            self._timecode(self.scene.start_frame),
            media,
            *(marker_element(mark.span, mark.name, mark.comment, mark.colour) for mark in marks),
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
                    link = link_element(number, track.is_sound, counts[track.is_sound], place)
                    self._linked.setdefault(item.link, []).append(link)

    def _video(self) -> str:
        raster = self.scene.raster
        size = [leaf("width", raster.width), leaf("height", raster.height), leaf("pixelaspectratio", "square")]
        look = element("format", [element("samplecharacteristics", [self._rate, *size])])
        return element("video", [look, *self._tracks(is_sound=False)])

    def _audio(self) -> str:
        look = element("format", [SAMPLES])
        return element("audio", [leaf("numOutputChannels", 2), look, *self._tracks(is_sound=True)])

    def _tracks(self, *, is_sound: bool) -> Iterator[str]:
        number = 0
        for track in self.tracks:
            if track.is_sound == is_sound:
                inside = self._items(track, number)
                ends = [leaf("enabled", truth(track.enabled)), leaf("locked", "FALSE"), leaf("name", track.name)]
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
                yield transition_element(head, self._rate, is_sound=track.is_sound)
            yield self._clip(item, number, head, tail, is_sound=track.is_sound)
            if tail is not None:
                yield transition_element(tail, self._rate, is_sound=track.is_sound)
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
            leaf("enabled", truth(item.enabled)),
            leaf("duration", item.media_frames or last),
            self._rate,
            leaf("start", item.span.start if head is None else -1),
            leaf("end", item.span.end if tail is None else -1),
            leaf("in", first),
            leaf("out", last),
            self._file(item, number, last),
            *([SOURCE_TRACK] if is_sound else []),
            *([level_filter(item.gain_db)] if is_sound and abs(item.gain_db) >= _LEAST_DB else []),
            *(clip_marker(marker, item, self.scene.rate) for marker in item.markers),
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
            *([leaf("pathurl", path_url(item.path))] if item.path else []),
            self._rate,
            leaf("duration", item.media_frames or last),
            self._timecode(item.media_first),
            self._contents(self._kinds[item.path]),
        ]
        return element("file", inside, id=f"file-{self._files[key]}")

    def _contents(self, used: set[bool]) -> str:
        """What a file holds, of which `used` is used: False its picture, True its sound."""
        pictures = [self._picture_file] if False in used else []
        sounds = [SOUND_FILE] if True in used else []
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
