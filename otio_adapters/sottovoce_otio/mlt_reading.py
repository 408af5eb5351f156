"""Reading MLT projects, as Shotcut saves them and as they are written here.

    tractor                          timeline
    ├── background                   left out
    ├── V1     hide=audio            picture track; without hide it is heard, too: a sound track of the same clips
    ├── A1     hide=video            sound track; gains of clips are kept, fades are not
    └── shotcut:markers              markers of the stack

A dissolve, a small tractor of its own, becomes two halves with a transition between them. MLT knows no timecode: the
timeline begins at 0.

Source: MLT XML document type, https://www.mltframework.org/docs/mltxml/, and what Shotcut 22.12 saves.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from sottovoce_engine.errors import InputError
from sottovoce_engine.timing import Span, rate_from
from sottovoce_otio.links import absolute_url
from sottovoce_otio.ours import FORMAT, KEY
from sottovoce_otio.plain import Plain, clip, dissolve, gap, rational_time, reference, time_range, track

_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,6})")
_FRAMES = re.compile(r"-?\d{1,9}")
_MADE = ("color", "colour", "tone", "noise", "pgm")  # services that play no file
_FINEST_SPEED = 10_000


def mlt_timeline(root: Element, path: Path) -> Plain:
    """A project as the JSON of a timeline.

    Raises:
        InputError: It is no project of tracks, or a time in it cannot be.
    """
    profile = root.find("profile")
    if profile is None:
        raise InputError(f"'{path}' says nothing of its frame rate. Save the project in Shotcut, and give that.")
    try:
        rate = rate_from(Fraction(int(profile.get("frame_rate_num", "")), int(profile.get("frame_rate_den", ""))))
        return _Project(root=root, path=path, rate=rate).timeline()
    except (ValueError, ArithmeticError) as error:
        raise InputError(f"'{path}' has a number that cannot be: {error}. Save the project again.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A stretch of a producer on a track; of none: nothing."""

    producer: Element | None
    first: int  # frame of the producer
    length: int
    gain_db: float = 0.0


class _Project:
    """A document whose elements are looked up by their ids."""

    def __init__(self, *, root: Element, path: Path, rate: Fraction) -> None:
        self._root, self._path, self._rate = root, path, rate
        self._folder = path.parent / (root.get("root") or "")
        self._by_id = {each.get("id", ""): each for each in root if each.get("id")}

    def timeline(self) -> Plain:
        tractor = self._main()
        tracks, heard = [], []
        for index, each in enumerate(tractor.iterfind("track")):
            playlist = self._by_id.get(each.get("producer", ""))
            if playlist is None or playlist.tag != "playlist" or playlist.get("id") == "background":
                continue
            name = _property(playlist, "shotcut:name") or f"track {index}"
            hidden = each.get("hide", "")
            if hidden != "video":
                tracks.append(self._track(name, "Video", playlist, enabled=hidden != "both"))
            if hidden != "audio" and (sounding := self._track(name, "Audio", playlist, enabled=hidden != "both")):
                heard.append(sounding)
        stack: Plain = {
            "OTIO_SCHEMA": "Stack.1", "name": "tracks", "source_range": None, "effects": [], "enabled": True,
            "metadata": {}, "children": [*tracks, *heard], "markers": list(self._markers(tractor)),
        }  # fmt: skip
        return {
            "OTIO_SCHEMA": "Timeline.1", "name": self._path.stem, "metadata": {}, "tracks": stack,
            "global_start_time": rational_time(0, self._rate),
        }  # fmt: skip

    def _main(self) -> Element:
        """The tractor that holds the project's tracks: Shotcut marks it; else the last one."""
        tractors = self._root.findall("tractor")
        marked = [each for each in tractors if _property(each, "shotcut")]
        if not tractors:
            raise InputError(f"'{self._path}' holds no tracks. Save a project with a timeline, and give that.")
        return (marked or tractors)[-1]

    def _track(self, name: str, kind: str, playlist: Element, *, enabled: bool) -> Plain:
        children = [item for cuts in self._cuts(playlist) for item in self._items(cuts, kind)]
        return {**track(name, kind, children, {}), "enabled": enabled}

    def _cuts(self, playlist: Element) -> Iterator[Sequence[_Cut]]:
        """What a playlist plays, in order: a cut, or the two of a dissolve."""
        for entry in playlist:
            if entry.tag == "blank":
                yield [_Cut(producer=None, first=0, length=self._frame(entry.get("length", "0")))]
            elif entry.tag == "entry":
                inner = self._by_id.get(entry.get("producer", ""))
                mixed = [] if inner is None or inner.tag != "tractor" else inner.findall("track")
                yield [self._cut(each) for each in mixed[:2]] if len(mixed) == 2 else [self._cut(entry)]

    def _cut(self, entry: Element) -> _Cut:
        producer = self._by_id.get(entry.get("producer", ""))
        first = self._frame(entry.get("in") or "0")
        last = entry.get("out") or ("" if producer is None else producer.get("out")) or str(first)
        levels = [
            float(_property(each, "level") or 0)
            for each in entry.iterfind("filter")
            if _property(each, "mlt_service") == "volume" and _is_number(_property(each, "level"))
        ]
        return _Cut(producer=producer, first=first, length=self._frame(last) - first + 1, gain_db=sum(levels))

    def _items(self, cuts: Sequence[_Cut], kind: str) -> Iterator[Plain]:
        if len(cuts) == 1:
            yield self._item(cuts[0], kind)
            return
        before = cuts[0].length // 2
        after = cuts[0].length - before
        outgoing, incoming = cuts
        yield self._item(replace(outgoing, length=before), kind)
        yield dissolve(before, after, self._rate, {})
        yield self._item(replace(incoming, first=incoming.first + before, length=after), kind)

    def _item(self, cut: _Cut, kind: str) -> Plain:
        """A clip; a gap where nothing is played, or nothing of that kind."""
        producer = cut.producer
        service = "" if producer is None else _property(producer, "mlt_service")
        silent = "audio_index" if kind == "Audio" else "video_index"
        if producer is None or service in _MADE or _property(producer, silent) == "-1":
            return gap(cut.length, self._rate)
        # By way of float: a fraction made of "1e99999999" would fill the memory.
        speed = Fraction(float(_property(producer, "warp_speed") or 1)).limit_denominator(_FINEST_SPEED)
        resource = _property(producer, "warp_resource" if service == "timewarp" else "resource")
        file = self._folder / resource
        known = _property(producer, "length")
        length = round(self._frame(known) * abs(speed)) if known else 0
        media = reference(absolute_url(file), time_range(Span(0, max(length, cut.first + cut.length)), self._rate), {})
        metadata: Plain = {KEY: {"format": FORMAT, "gain_db": cut.gain_db}} if cut.gain_db else {}
        first = round(cut.first * speed)
        source = time_range(Span(first, first + cut.length), self._rate)
        made = clip(
            _property(producer, "shotcut:caption") or file.name,
            source,
            {"DEFAULT_MEDIA": media},
            "DEFAULT_MEDIA",
            metadata,
        )
        if speed != 1:
            made["effects"] = [_speed_effect(speed)]
        return made

    def _markers(self, tractor: Element) -> Iterator[Plain]:
        for properties in tractor.iterfind("properties"):
            if properties.get("name") == "shotcut:markers":
                for each in properties.iterfind("properties"):
                    if _property(each, "start"):
                        yield self._marker(each)

    def _marker(self, element: Element) -> Plain:
        start = self._frame(_property(element, "start"))
        last = self._frame(_property(element, "end") or _property(element, "start"))
        return {
            "OTIO_SCHEMA": "Marker.2", "name": _property(element, "text"), "comment": "", "color": "GREEN",
            "metadata": {}, "marked_range": time_range(Span(start, max(start, last) + 1), self._rate),
        }  # fmt: skip

    def _frame(self, text: str) -> int:
        """A time as MLT writes it: frames, or hours, minutes, seconds and their fraction."""
        if _FRAMES.fullmatch(text):
            return int(text)
        match = _CLOCK.fullmatch(text)
        if match is None:
            raise InputError(
                f"'{self._path}' has the time '{text[:40]}', which is none of MLT's. Save the project again."
            )
        seconds = (int(match[1] or 0) * 60 + int(match[2])) * 60 + int(match[3]) + Fraction(f"0.{match[4]}")
        return round(seconds * self._rate)


def _speed_effect(speed: Fraction) -> Plain:
    return {
        "OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "LinearTimeWarp", "metadata": {},
        "time_scalar": float(speed), "enabled": True,
    }  # fmt: skip


def _property(element: Element, name: str) -> str:
    return next((each.text or "" for each in element.iterfind("property") if each.get("name") == name), "")


def _is_number(text: str) -> bool:
    """Whether a level stands still: key frames are written as `00:00:01.000=-6;…`."""
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
