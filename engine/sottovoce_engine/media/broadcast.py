"""Broadcast wave: what a WAV file says of itself to a mixing stage.

RIFF WAVE
    fmt     how the samples are stored
    bext    what it is, who made it when, and where it lies: samples since midnight       EBU Tech 3285
    iXML    scene, take, roll, tracks and clock, as location recorders write them        see `ixml`
    _PMX    XMP: how the sound came to be, in IPTC's words                               Adobe XMP, part 3
    LIST    comments for programs that read nothing else
    data    the samples
"""

import math
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import quoteattr

ORIGINATOR = "Sottovoce"
SYNTHESISED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

_VERSION = 2
_UNKNOWN = 0x7FFF  # a loudness that is not measured
_NOT_MEASURED = (_UNKNOWN,) * 2
_BEXT = struct.Struct("<256s32s32s10s8sQH64s5h180x")
_DESCRIPTION, _REFERENCE = 256, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """What the bext chunk of a mono file says. Its texts are ASCII; other letters are written by their nearest."""

    description: str  # 256 characters; the first 64 stand for it in short lists
    reference: str  # 32 characters, of this sound alone
    made: datetime
    time_reference: int  # samples from midnight to the first sample
    loudness_lufs: float | None
    true_peak_dbtp: float
    history: tuple[str, ...]  # of its coding, one line a step, oldest first


def bext_chunk(said: Broadcast) -> bytes:
    """The bext chunk, version 2.

    Loudness range, momentary and short-term loudness are left unknown: a line is too short to have them.

    Source: EBU Tech 3285 (2011), 2.3; EBU R 98 for the coding history.
    """
    return chunk(
        b"bext",
        _BEXT.pack(
            ascii_text(said.description)[:_DESCRIPTION].encode(),
            ORIGINATOR.encode(),
            ascii_text(said.reference)[:_REFERENCE].encode(),
            said.made.strftime("%Y-%m-%d").encode(),
            said.made.strftime("%H:%M:%S").encode(),
            said.time_reference,
            _VERSION,
            bytes(64),  # UMID: none
            _hundredths(said.loudness_lufs),
            _UNKNOWN,
            _hundredths(said.true_peak_dbtp),
            *_NOT_MEASURED,
        )
        + "".join(f"{ascii_text(line)}\r\n" for line in said.history).encode(),
    )


def info_chunk(texts: Mapping[str, str]) -> bytes:
    """A LIST chunk of the kind INFO: texts by their four letters, such as ICMT for a comment.

    Source: Microsoft, Multimedia Programming Interface and Data Specifications 1.0, INFO list chunk.
    """
    entries = (chunk(name.encode(), ascii_text(text).encode() + b"\0") for name, text in texts.items())
    return chunk(b"LIST", b"INFO" + b"".join(entries))


def origin_chunk(source_type: str) -> bytes:
    """An XMP packet that says how the sound came to be.

    Source: Adobe XMP Specification, part 3, WAV; IPTC Photo and Video Metadata, Digital Source Type.
    """
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f"Iptc4xmpExt:DigitalSourceType={quoteattr(source_type)}/>"
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )
    return chunk(b"_PMX", packet.encode())


def chunk(name: bytes, content: bytes) -> bytes:
    """A RIFF chunk, padded to an even length."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def ascii_text(text: str) -> str:
    """`text` in one line of ASCII: letters without their accents, "?" for what has no likeness."""
    plain = unicodedata.normalize("NFKD", " ".join(text.translate(_QUOTES).split()))
    bare = "".join(character for character in plain if not unicodedata.combining(character))
    return bare.encode("ascii", "replace").decode()


def _hundredths(value: float | None) -> int:
    """A loudness as the chunk counts it; what does not fit counts as unknown."""
    if value is None or not math.isfinite(value) or not -327 < value < 327:
        return _UNKNOWN
    return round(value * 100)


_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})
