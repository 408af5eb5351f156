"""The iXML chunk: scene, take, roll, track and clock, as location recorders write them and mixing programs read them.

Source: iXML specification, gallery.co.uk/ixml. All of its elements are optional.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from xml.etree import ElementTree as ET

from sottovoce_engine.media.broadcast import chunk
from sottovoce_engine.timing import SAMPLE_RATE

_VERSION = "1.61"
_BITS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Slate:
    """What stands on the slate of a mono file of 24 bits at 48 kHz."""

    project: str
    scene: str
    take: str
    tape: str  # the roll; "": none
    circled: bool
    note: str
    track: str  # who is heard
    file: str  # its name
    file_uid: str
    rate: Fraction  # of the timecode
    drop_frame: bool
    time_reference: int  # samples from midnight to the first sample


def ixml_chunk(slate: Slate) -> bytes:
    """The slate as an iXML chunk in UTF-8."""
    root = ET.Element("BWFXML")
    _fill(
        root,
        {
            "IXML_VERSION": _VERSION,
            "PROJECT": slate.project,
            "SCENE": slate.scene,
            "TAPE": slate.tape,
            "TAKE": slate.take,
            "CIRCLED": "TRUE" if slate.circled else "FALSE",
            "FILE_UID": slate.file_uid,
            "NOTE": slate.note,
        },
    )
    _fill(ET.SubElement(root, "SPEED"), _speed(slate))
    _fill(ET.SubElement(root, "HISTORY"), {"ORIGINAL_FILENAME": slate.file})
    tracks = ET.SubElement(root, "TRACK_LIST")
    _fill(tracks, {"TRACK_COUNT": "1"})
    _fill(ET.SubElement(tracks, "TRACK"), {"CHANNEL_INDEX": "1", "INTERLEAVE_INDEX": "1", "NAME": slate.track})
    return chunk(b"iXML", ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _speed(slate: Slate) -> Mapping[str, str]:
    """The clocks, and where by them the file lies."""
    speed = f"{slate.rate.numerator}/{slate.rate.denominator}"
    high, low = divmod(slate.time_reference, 2**32)
    return {
        "MASTER_SPEED": speed,
        "CURRENT_SPEED": speed,
        "TIMECODE_RATE": speed,
        "TIMECODE_FLAG": "DF" if slate.drop_frame else "NDF",
        "FILE_SAMPLE_RATE": str(SAMPLE_RATE),
        "AUDIO_BIT_DEPTH": str(_BITS),
        "DIGITIZER_SAMPLE_RATE": str(SAMPLE_RATE),
        "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI": str(high),
        "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO": str(low),
        "TIMESTAMP_SAMPLE_RATE": str(SAMPLE_RATE),
    }


def _fill(parent: ET.Element, texts: Mapping[str, str]) -> None:
    """Adds an element for each text; characters that no XML can hold are left out."""
    for name, text in texts.items():
        shown = " ".join(text.split())
        ET.SubElement(parent, name).text = "".join(each for each in shown if each.isprintable())
