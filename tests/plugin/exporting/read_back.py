"""What comes back when an exported file is read with its format's own reader; nothing here is ours.

All times are in scene frames, counted from the scene's first; a clip's `first` from its file's first frame.
"""

import csv
import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import log10
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pysubs2
import webvtt

RATE, START = 24, 86_400  # of the scene that is measured, where a format says neither
TAKES = re.compile(r"[0-9a-f]{64}")  # the files of takes are named by their content


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One clip; what a format has no place for keeps its default."""

    track: str
    start: int
    end: int
    file: str
    first: int
    is_sound: bool
    enabled: bool = True
    gain_db: float = 0.0
    fades: bool = False
    takes: frozenset[str] = frozenset()  # all its files
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One marker, cue or row, with all of its texts."""

    start: int
    end: int
    name: str = ""
    comment: str = ""
    colour: str = ""
    texts: str = ""  # everything else that is written there

    @property
    def everything(self) -> str:
        return f"{self.name}\n{self.comment}\n{self.texts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """A file as read."""

    rate: Fraction | None = None
    start_timecode: str = ""
    clips: tuple[Clip, ...] = ()
    dissolves: frozenset[tuple[int, int]] = frozenset()
    marks: tuple[Mark, ...] = ()
    everything: str = ""  # the file's text, where it has a place for what others noted


def otio_file(path: Path) -> ReadBack:
    """`.otio` and `.otioz`, by OpenTimelineIO."""
    return _timeline(otio.adapters.read_from_file(str(path)))


def fcp7_file(path: Path) -> ReadBack:
    """By otio-fcp-adapter; links and levels, which it drops, from the XML."""
    read = _timeline(otio.adapters.read_from_file(str(path), adapter_name="fcp_xml"))
    items = ET.parse(path).getroot().iterfind(".//sequence/media//clipitem")
    return replace(read, clips=tuple(_with_fcp7_extras(*pair) for pair in zip(read.clips, items, strict=True)))


def _with_fcp7_extras(clip: Clip, item: ET.Element) -> Clip:
    level = float(item.findtext("filter/effect/parameter/value") or 1)
    links = " ".join(sorted(link.findtext("linkclipref") or "" for link in item.iterfind("link")))
    return replace(clip, gain_db=20 * log10(level), link=links, enabled=item.findtext("enabled") != "FALSE")


def _timeline(timeline: Any) -> ReadBack:
    rate = timeline.global_start_time.rate
    start = timeline.global_start_time
    marks = [
        Mark(
            start=round(marker.marked_range.start_time.value),
            end=round(marker.marked_range.end_time_exclusive().value),
            name=marker.name,
            comment=marker.comment or str(marker.metadata.get("fcp_xml", {}).get("comment") or ""),
            colour=_otio_colour(marker),
            texts=json.dumps(_plain(marker.metadata)),
        )
        for marker in timeline.tracks.markers
    ]
    return ReadBack(
        rate=Fraction(rate).limit_denominator(1001),
        start_timecode=otio.opentime.to_timecode(start),
        clips=tuple(clip for track in timeline.tracks for clip in _otio_clips(track)),
        dissolves=frozenset(_otio_dissolves(timeline)),
        marks=tuple(marks),
        everything=json.dumps(_plain(timeline)),
    )


def _plain(value: Any) -> Any:
    return json.loads(otio.core.serialize_json_to_string(value))


def _otio_colour(marker: Any) -> str:
    shades = marker.metadata.get("fcp_xml", {}).get("color")
    if shades is None:
        return str(marker.color)
    return "#" + "".join(f"{int(shades[shade]):02x}" for shade in ("red", "green", "blue"))


def _otio_clips(track: Any) -> Iterator[Clip]:
    faded = {
        id(track[index + side])
        for index, item in enumerate(track)
        if isinstance(item, otio.schema.Transition) and track.kind == "Audio"
        for side in (-1, 1)
        if 0 <= index + side < len(track)
    }
    for index, clip in enumerate(track):
        if not isinstance(clip, otio.schema.Clip):
            continue
        lies = track.range_of_child_at_index(index)
        own = clip.metadata.get("sottovoce", {})
        media = clip.media_reference
        first = clip.source_range.start_time - media.available_range.start_time
        yield Clip(
            track=track.name,
            start=round(lies.start_time.value),
            end=round(lies.end_time_exclusive().value),
            file=_name(media.target_url),
            first=round(first.value),
            is_sound=track.kind == "Audio",
            enabled=clip.enabled,
            gain_db=float(own.get("gain_db", 0.0)),
            fades=bool(own.get("fade_in_samples")) or id(clip) in faded,
            takes=frozenset(_name(each.target_url) for each in clip.media_references().values()),
            link=str(clip.metadata.get("Resolve_OTIO", {}).get("Link Group ID", "")),
        )


def _otio_dissolves(timeline: Any) -> Iterator[tuple[int, int]]:
    for track in timeline.tracks:
        if track.kind == "Video":
            for index, item in enumerate(track):
                if isinstance(item, otio.schema.Transition):
                    lies = track.range_of_child_at_index(index)
                    yield round(lies.start_time.value), round(lies.end_time_exclusive().value)


def _name(url: str) -> str:
    return Path(unquote(urlparse(url).path)).name


def mlt_file(path: Path) -> ReadBack:
    """By ElementTree, as the MLT document type describes it."""
    root = ET.parse(path).getroot()
    profile = root.find("profile")
    assert profile is not None
    rate = Fraction(int(profile.attrib["frame_rate_num"]), int(profile.attrib["frame_rate_den"]))
    files = {each.get("id"): Path(_property(each, "resource")).name for each in root.iterfind("producer")}
    tractors = {each.get("id"): each for each in root.iterfind("tractor")}
    lists = {each.get("id"): each for each in root.iterfind("playlist")}
    clips, dissolves = [], set()
    for track in tractors["scene"].iterfind("track"):
        at = 0
        for entry in lists[track.attrib["producer"]]:
            length = int(entry.get("length") or 0)
            if entry.tag == "entry":
                first, last = int(entry.attrib["in"]), int(entry.attrib["out"])
                length = last - first + 1
                inner = tractors.get(entry.get("producer"))
                if inner is not None:
                    dissolves.add((at, at + length))
                    incoming = list(inner.iterfind("track"))[1]
                    clips.append(_mlt_clip(incoming, lists[track.attrib["producer"]], files, at, track))
                else:
                    clips.append(_mlt_clip(entry, lists[track.attrib["producer"]], files, at, track))
            at += length
    marks = tuple(
        Mark(
            start=_frames(_property(each, "start"), rate),
            end=_frames(_property(each, "end"), rate) + 1,
            name=_property(each, "text"),
            colour=_property(each, "color"),
        )
        for each in root.iterfind("./tractor/properties/properties")
    )
    return ReadBack(rate=rate, clips=tuple(clips), dissolves=frozenset(dissolves), marks=marks)


def _mlt_clip(
    entry: ET.Element, playlist: ET.Element, files: Mapping[str | None, str], at: int, track: ET.Element
) -> Clip:
    first, last = int(entry.attrib["in"]), int(entry.attrib["out"])
    filters = [{each.attrib["name"]: each.text for each in found} for found in entry.iterfind("filter")]
    file = files[entry.get("producer")]
    return Clip(
        track=_property(playlist, "shotcut:name"),
        start=at,
        end=at + last - first + 1,
        file=file,
        first=first,
        is_sound=track.get("hide") == "video",
        gain_db=sum(float(found.get("level") or 0) for found in filters),
        fades=any("end" in found for found in filters),
        takes=frozenset({file}),
    )


def _property(element: ET.Element, name: str) -> str:
    return next((each.text or "" for each in element.iterfind("property") if each.get("name") == name), "")


def _frames(clock: str, rate: Fraction) -> int:
    hours, minutes, seconds = clock.replace(",", ".").split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)) * rate)


def edl_file(path: Path) -> ReadBack:
    """As Resolve reads a list of markers."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"V     C +(\S+) \S+ \S+ \S+ *\n(.*) \|C:ResolveColor(\w+) \|M:(.*) \|D:(\d+)", text)
    marks = tuple(
        Mark(start=_from_start(at), end=_from_start(at) + int(length), name=name, comment=note, colour=colour)
        for at, note, colour, name, length in found
    )
    return ReadBack(start_timecode=_hour(found[0][0]), marks=marks)


def _hour(timecode: str) -> str:
    """The start of a scene whose first line lies there: programs that read record timecodes know no other."""
    return f"{timecode[:2]}:00:00:00"


def _from_start(timecode: str) -> int:
    hours, minutes, seconds, frames = map(int, re.split("[:;]", timecode))
    return ((hours * 60 + minutes) * 60 + seconds) * RATE + frames - START


def subtitle_file(path: Path) -> ReadBack:
    """SubRip and SubStation, by pysubs2."""
    marks = tuple(
        Mark(
            start=round(Fraction(event.start * RATE, 1000)),
            end=round(Fraction(event.end * RATE, 1000)),
            texts=f"{event.name}\n{event.style}\n{event.effect}\n{event.text}",
        )
        for event in pysubs2.load(str(path))
    )
    return ReadBack(marks=marks)


def vtt_file(path: Path) -> ReadBack:
    """By webvtt-py."""
    marks = tuple(
        Mark(
            start=_frames(caption.start, Fraction(RATE)),
            end=_frames(caption.end, Fraction(RATE)),
            texts=f"{caption.identifier}\n{caption.raw_text}".replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
        )
        for caption in webvtt.read(str(path)).captions
    )
    return ReadBack(marks=marks)


def sheet_file(path: Path) -> ReadBack:
    """A cue sheet, by Python's csv."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    marks = tuple(
        Mark(start=_from_start(row["timecode in"]), end=_from_start(row["timecode out"]), texts="\n".join(row.values()))
        for row in rows
    )
    return ReadBack(start_timecode=_hour(rows[0]["timecode in"]), marks=marks)


def handover_folder(path: Path) -> ReadBack:
    """The cue sheet, and the waves that lie beside it."""
    read = sheet_file(path / "cue sheet.csv")
    with (path / "cue sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["file"] for row in rows} == {wave.name for wave in path.glob("*.wav")}
    by_region: dict[tuple[int, int], set[str]] = {}
    for mark, row in zip(read.marks, rows, strict=True):
        by_region.setdefault((mark.start, mark.end), set()).add(row["file"])
    clips = tuple(
        Clip(track="", start=start, end=end, file="", first=0, is_sound=True, takes=frozenset(files))
        for (start, end), files in by_region.items()
    )
    return replace(read, clips=clips)


def avid_file(path: Path) -> ReadBack:
    """Tab-separated markers."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    marks = tuple(
        Mark(start=_from_start(row[1]), end=_from_start(row[1]) + int(row[5]), colour=row[3], comment=row[4])
        for row in rows
    )
    return ReadBack(start_timecode=_hour(rows[0][1]), marks=marks)


def review_movie(path: Path) -> ReadBack:
    """By ffprobe: what a person sees on the picture is not read back."""
    entries = "stream=r_frame_rate:stream_tags=timecode"
    command = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    picture = json.loads(done.stdout)["streams"][0]
    return ReadBack(rate=Fraction(picture["r_frame_rate"]), start_timecode=picture["tags"]["timecode"])


def bundle_file(path: Path) -> ReadBack:
    """Unpacked by OTIO's own reader, every take that it names there."""
    with tempfile.TemporaryDirectory() as folder:
        timeline = otio.adapters.read_from_file(str(path), extract_to_directory=folder)
        read = _timeline(timeline)
        there = {file.name for file in (Path(folder) / "media").iterdir()}
    assert {take for clip in read.clips for take in clip.takes} <= there
    return read


READERS: Mapping[str, Callable[[Path], ReadBack]] = {
    "otio": otio_file,
    "otioz": bundle_file,
    "fcp7": fcp7_file,
    "mlt": mlt_file,
    "edl": edl_file,
    "srt": subtitle_file,
    "vtt": vtt_file,
    "ass": subtitle_file,
    "review": review_movie,
    "handover": handover_folder,
    "cues": sheet_file,
    "avid": avid_file,
}
