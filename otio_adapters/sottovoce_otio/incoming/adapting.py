"""What the OpenTimelineIO adapters of subtitles share: arguments as `otioconvert -a` passes them."""

from pathlib import Path
from typing import Any

from sottovoce_engine.registers import register_table
from sottovoce_engine.timing import rate_in
from sottovoce_otio.incoming.drafting import timeline_document
from sottovoce_otio.incoming.reading import LineReading, drafted, opened_lines
from sottovoce_otio.plain import object_from


def timeline_in_text(text: str, suffix: str, rate: float | str) -> Any:
    """The `otio.schema.Timeline` of a text.

    Raises:
        InputError: The text is none of its format, or the rate is none.
    """
    reading = _reading(rate, "")
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return object_from(timeline_document(drafted(plain, suffix, "lines", reading), reading.registers))


def timeline_in_file(filepath: str, rate: float | str, encoding: str) -> Any:
    """The `otio.schema.Timeline` of a file.

    Raises:
        InputError: The file cannot be read as what its name says, or the rate is none.
    """
    return opened_lines(Path(filepath), _reading(rate, encoding)).timeline


def _reading(rate: float | str, encoding: str) -> LineReading:
    return LineReading(registers=register_table(), rate=rate_in(str(rate)), encoding=encoding)
