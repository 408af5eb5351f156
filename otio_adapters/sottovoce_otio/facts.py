"""What a timeline says about itself: its rate, its timecode, its picture size.

Hosts write these in metadata of their own. Known forms are looked for by name wherever they lie in the
timeline's metadata; what is not found is guessed from the clips, and said so.
"""

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import can_drop_frames, rate_from
from sottovoce_otio.layout import AUDIO, VIDEO, Placed, Plain, media_reference_of
from sottovoce_otio.times import exact_clock, seconds

_SLOWEST = 10  # a global start time counted slower than this is in seconds, not frames
_FASTEST = 1000
_DEEPEST = 8
_NOT_ALNUM = re.compile(r"[^a-z0-9]")
_DROP_TIMECODE = re.compile(r"^\d{1,2}:\d{2}:\d{2};\d{2,3}$")
_DROP_FLAGS = ("dropframe", "isdropframe", "usedropframe", "dropframetimecode", "timecodedropframe")
_DROP_FORMATS = (
    "displayformat",
    "tcformat",
    "timecodeformat",
    "fcm",
    "timecodedisplay",
    "timecodetype",
    "dropframeformat",
)
# Adobe's TimeDisplay codes: 102 and 106 are drop-frame at 29.97 and 59.94, 103 and 107 non-drop.
_ADOBE_FORMAT = "videotimedisplayformat"
_ADOBE_DROP, _ADOBE_NON_DROP = ("102", "106"), ("103", "107")
_SIZE = re.compile(r"^\s*(\d{2,5})\s*[x×,]\s*(\d{2,5})\s*$")
_SIZE_KEYS = ("resolution", "framesize", "raster", "timelineresolution")


def rate_of(timeline: Plain, layout: Placed, notes: dict[str, None]) -> Fraction:
    """The timeline's frame rate: that of its global start time, else of most of its pictures, else of most else.

    Raises:
        InputError: Nothing on the timeline counts frames.
    """
    start = timeline.get("global_start_time")
    begins = global_start_of(timeline)
    asked = None if start is None or not _SLOWEST <= start["rate"] <= _FASTEST else rate_from(start["rate"])
    rates = _rates_by_time(layout, VIDEO) or _rates_by_time(layout, AUDIO)
    if asked is not None and (begins or asked in rates or not rates):
        return asked
    if not rates:
        raise InputError(
            f"The timeline '{timeline.get('name')}' is empty: nothing on its tracks has a length. Export it again."
        )
    rate = max(rates, key=lambda each: rates[each])
    if len(rates) > 1:
        others = ", ".join(f"{float(other):.5g}" for other in rates if other != rate)
        notes[f"the timeline runs at {float(rate):.5g} frames a second, as most of it does; some of it at {others}"] = (
            None
        )
    return rate


def global_start_of(timeline: Plain) -> Fraction:
    """The timecode of the first frame, in seconds."""
    start = timeline.get("global_start_time")
    return Fraction(0) if start is None else seconds(start, "timeline's global start time")


def drop_frame_of(timeline: Plain, rate: Fraction, asked: bool | None, notes: dict[str, None]) -> bool:
    """Whether timecode is shown as drop-frame: as asked for, else as some host's metadata say, else not."""
    if asked is not None:
        return asked
    if not can_drop_frames(rate):
        return False
    for mapping in mappings_in(timeline.get("metadata")):
        for key, value in mapping.items():
            said = _drop_said(_NOT_ALNUM.sub("", str(key).lower()), value)
            if said is not None:
                return said
    notes[f"nothing says whether timecode at {float(rate):.5g} is drop-frame: non-drop assumed"] = None
    return False


def raster_in_metadata(timeline: Plain, layout: Placed) -> tuple[int, int] | None:
    """(width, height) as the timeline's metadata have it, else as those of its first picture's media."""
    sources: list[Any] = [timeline.get("metadata")]
    clip = next((each for each in layout.everything() if each.schema == "Clip" and each.kind == VIDEO), None)
    reference = None if clip is None else media_reference_of(clip.item)
    if clip is not None and reference is not None:
        bounds = reference.get("available_image_bounds")
        if bounds is not None:
            low, high = bounds["min"], bounds["max"]
            sources.append({"width": high["x"] - low["x"], "height": high["y"] - low["y"]})
        sources += [reference.get("metadata"), clip.metadata]
    for source in sources:
        for mapping in mappings_in(source):
            found = _size_said(mapping)
            if found is not None:
                return found
    return None


def even_raster(width: int, height: int, notes: dict[str, None]) -> Raster:
    """The size with both sides even, as video codecs need them."""
    raster = Raster(width=width - width % 2, height=height - height % 2)
    if (raster.width, raster.height) != (width, height):
        notes[f"the picture size {width}x{height} is odd and was made {raster}"] = None
    return raster


def _rates_by_time(layout: Placed, kind: str) -> dict[Fraction, Fraction]:
    """The rates that items of enabled tracks of a kind are cut at, by the time they fill; sample clocks apart."""
    rates: dict[Fraction, Fraction] = {}
    for track in layout.children:
        if track.kind != kind or not track.enabled:
            continue
        for placed in track.everything():
            timed = None if placed.is_composition else _timed(placed.item)
            if timed is not None and timed["duration"]["rate"] <= _FASTEST:
                rate = exact_clock(timed["duration"]["rate"])
                rates[rate] = rates.get(rate, Fraction(0)) + placed.end - placed.start
    return rates


def _timed(item: Plain) -> Plain | None:
    """The range that gives an item its length."""
    reference = media_reference_of(item)
    found: Plain | None = item.get("source_range") or (None if reference is None else reference.get("available_range"))
    return found


def _drop_said(key: str, value: Any) -> bool | None:
    """What one entry of metadata says about drop-frame; its key in lower case, without punctuation."""
    text = str(value).strip().lower() if isinstance(value, str | int | float) else ""
    if key in _DROP_FLAGS and text:
        return text in ("true", "1", "yes", "df", "drop", "1.0")
    if key.endswith(_ADOBE_FORMAT) and text.removesuffix(".0") in (*_ADOBE_DROP, *_ADOBE_NON_DROP):
        return text.removesuffix(".0") in _ADOBE_DROP
    if key in _DROP_FORMATS:
        plain = _NOT_ALNUM.sub("", text)
        if plain in ("df", "drop", "dropframe"):
            return True
        if plain in ("ndf", "nondrop", "nondropframe"):
            return False
    return True if _DROP_TIMECODE.match(text) else None


def _size_said(mapping: Mapping[str, Any]) -> tuple[int, int] | None:
    named = {str(key).lower().replace("_", "").replace(" ", ""): value for key, value in mapping.items()}
    if "width" in named and "height" in named:
        return _size(named["width"], named["height"])
    for key in _SIZE_KEYS:
        text = named.get(key)
        match = _SIZE.match(text) if isinstance(text, str) else None
        if match is not None:
            return _size(match[1], match[2])
    return None


def _size(width: Any, height: Any) -> tuple[int, int] | None:
    """Two sides in pixels, from numbers or texts; None where they are none (bounds are often 16 by 9)."""
    try:
        sides = (float(width), float(height))
    except (TypeError, ValueError):
        return None
    if not all(math.isfinite(side) and 64 <= side <= 16_384 for side in sides):
        return None
    return round(sides[0]), round(sides[1])


def mappings_in(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """All dictionaries in metadata, outer ones first."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inner:
        yield from mappings_in(each, depth + 1)
