"""OpenTimelineIO adapter of SubRip subtitles: `otioconvert -i lines.srt -o lines.otio -a rate=25`.

OpenTimelineIO loads this file by its path, so it imports absolutely.
"""

from typing import Any

from sottovoce_otio.incoming.adapting import timeline_in_file, timeline_in_text
from sottovoce_otio.subtitles import timeline_subtitles


def read_from_file(filepath: str, rate: float | str = 24, encoding: str = "") -> Any:
    """A timeline without a picture, the lines marked on it at `rate` frames a second."""
    return timeline_in_file(filepath, rate, encoding)


def read_from_string(input_str: str, rate: float | str = 24) -> Any:
    """As `read_from_file`, of a text."""
    return timeline_in_text(input_str, ".srt", rate)


def write_to_string(input_otio: Any) -> str:
    """The lines of the regions marked on a timeline."""
    return timeline_subtitles(input_otio, ".srt")
