"""The small parts of Final Cut Pro 7 XML: rates, links, levels, transitions, markers.

Source: Apple, Final Cut Pro XML Interchange Format, version 4.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from sottovoce_engine.timing import SAMPLE_RATE, Span, timebase
from sottovoce_otio.fcp7_items import Fcp7Dissolve, Fcp7Item
from sottovoce_otio.layout import Plain
from sottovoce_otio.links import absolute_url
from sottovoce_otio.ruler_marks import MarkColour
from sottovoce_otio.times import frame_near, start_and_duration
from sottovoce_otio.xml_text import element, leaf

SAMPLES = element("samplecharacteristics", [leaf("depth", 24), leaf("samplerate", SAMPLE_RATE)])
SOUND_FILE = element("audio", [SAMPLES, leaf("channelcount", 2)])
SOURCE_TRACK = element("sourcetrack", [leaf("mediatype", "audio"), leaf("trackindex", 1)])

_LOUDEST = 3.98107  # of a level filter: +12 dB


def transition_element(dissolve: Fcp7Dissolve, rate: str, *, is_sound: bool) -> str:
    """A dissolve, or a crossfade; at one end of a clip it fades from or to nothing."""
    before, after = dissolve.cut - dissolve.span.start, dissolve.span.end - dissolve.cut
    alignment = "center" if before and after else "end-black" if before else "start-black"
    inside = [
        leaf("start", dissolve.span.start),
        leaf("end", dissolve.span.end),
        leaf("alignment", alignment),
        rate,
        _CROSSFADE if is_sound else _DISSOLVE,
    ]
    return element("transitionitem", inside)


def rate_element(rate: Fraction) -> str:
    """Frames a second."""
    return element("rate", [leaf("timebase", timebase(rate)), leaf("ntsc", truth(rate.denominator != 1))])


def truth(value: bool) -> str:
    """As the format writes it."""
    return "TRUE" if value else "FALSE"


def path_url(path: str) -> str:
    """With the host that Final Cut Pro 7 wrote, and that some importers insist on."""
    return absolute_url(path).replace("file:///", "file://localhost/", 1)


def link_element(number: int, is_sound: bool, track: int, place: int) -> str:
    """A link to the clip of that number: at a place, from 1, on a track, from 1 within its kind."""
    kind = "audio" if is_sound else "video"
    inside = [
        leaf("linkclipref", f"clipitem-{number}"),
        leaf("mediatype", kind),
        leaf("trackindex", track),
        leaf("clipindex", place),
    ]
    return element("link", inside)


def level_filter(gain_db: float) -> str:
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


def marker_element(span: Span, name: str, comment: str, colour: MarkColour) -> str:
    """A point ends at -1."""
    red, green, blue = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    shade = element("color", [leaf("alpha", 0), leaf("red", red), leaf("green", green), leaf("blue", blue)])
    end = span.end if span.length else -1
    return element(
        "marker", [leaf("name", name), leaf("comment", comment), leaf("in", span.start), leaf("out", end), shade]
    )


def clip_marker(marker: Plain, item: Fcp7Item, rate: Fraction) -> str:
    """A marker of a clip, counted from the file's first frame."""
    start, length = start_and_duration(marker["marked_range"], f"marker '{marker.get('name')}'")
    first = frame_near(start, rate) - item.media_first
    span = Span(first, first + frame_near(length, rate))
    return marker_element(span, marker.get("name") or "", marker.get("comment") or "", MarkColour.of(marker))


_DISSOLVE = _effect("Cross Dissolve", "Cross Dissolve", "transition", "video")
_CROSSFADE = _effect("Cross Fade (+3dB)", "KGAudioTransCrossFade3dB", "transition", "audio")
