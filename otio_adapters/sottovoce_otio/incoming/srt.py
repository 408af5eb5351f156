"""Cues of SubRip files (`.srt`)."""

import io
import re
from collections.abc import Sequence
from fractions import Fraction

from pysubs2 import SSAEvent, SSAFile
from pysubs2.formats.subrip import SubripFormat
from pysubs2.time import timestamp_to_ms

from sottovoce_engine.errors import InputError
from sottovoce_otio.incoming.values import Cue, CueFile, Part

_MILLISECONDS = 1000
_ARROW = re.compile(r"^.*\d\s*-->.*$", re.MULTILINE)


class _AnyHours(SubripFormat):
    """pysubs2's own reader takes two digits of hours and no sign, and so reads 100:00:00 as 00:00:00."""

    TIMESTAMP = re.compile(r"(-?\d{1,6}):(\d{1,2}):(\d{1,2})[.,](\d{1,3})")

    @staticmethod
    def timestamp_to_ms(groups: Sequence[str]) -> int:
        hours, *rest = groups
        milliseconds = timestamp_to_ms((hours.lstrip("-"), *rest))
        return -milliseconds if hours.startswith("-") else milliseconds


def srt_cues(text: str, what: str) -> CueFile:
    """The cues of a SubRip text; `what` names it for messages.

    Raises:
        InputError: It has no cue.
    """
    found = SSAFile()
    _AnyHours.from_file(found, io.StringIO(text), "srt", keep_html_tags=True)
    if not found.events:
        raise InputError(f"{what} has no cue: no line such as '00:00:01,000 --> 00:00:03,500'. Is it a SubRip file?")
    unread = len(_ARROW.findall(text)) - len(found.events)
    notes = (f"{unread} cues of {what} have times that cannot be read and were left out",) if unread > 0 else ()
    return CueFile(cues=tuple(map(_cue, found.events)), notes=notes)


def _cue(event: SSAEvent) -> Cue:
    return Cue(
        start=Fraction(event.start, _MILLISECONDS),
        end=Fraction(event.end, _MILLISECONDS),
        parts=(Part(text=event.text.replace("\\N", "\n")),),
    )
