"""The recordings that a person names, with the subtitles beside them read."""

from dataclasses import replace
from pathlib import Path

from sottovoce.training.marked_recordings import marked_recordings
from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.training.clip_table import recordings_in_table
from sottovoce_engine.training.recordings import (
    TABLE,
    Cue,
    LabelledRecording,
    checked_recordings,
    recordings_in_folder,
)
from sottovoce_otio.incoming.reading import LineReading, timed_lines_in
from sottovoce_otio.incoming.text_files import read_text_file
from sottovoce_otio.suffixes import TIMELINE_SUFFIXES


def labelled_recordings(source: Path, registers: RegisterTable) -> tuple[LabelledRecording, ...]:
    """All recordings of a folder or a table, labelled.

    Args:
        source: A folder, in which `clips.csv` is used where there is one; a CSV file; or a timeline with marked regions.
        registers: What they may be labelled with.

    Raises:
        InputError: There is nothing, something is not labelled, or a text cannot be read.
    """
    names = registers.names
    if source.is_dir():
        table = source / TABLE
        found = recordings_in_table(table, names) if table.is_file() else recordings_in_folder(source, names)
    elif source.suffix.lower() in TIMELINE_SUFFIXES:
        return marked_recordings(source, registers)
    elif source.is_file():
        found = recordings_in_table(source, names)
    else:
        raise InputError(
            f"'{source}' is not there. Name a folder of recordings, a CSV file that lists them, or a timeline on which they are "
            "marked."
        )
    return tuple(_with_cues(each, registers) for each in checked_recordings(found, names, source))


def _with_cues(recording: LabelledRecording, registers: RegisterTable) -> LabelledRecording:
    """The recording with what its subtitles say; what a table says of it comes first."""
    path = recording.subtitles
    if path is None or recording.cues:
        return recording
    reading = LineReading(registers=registers)
    lines = timed_lines_in(read_text_file(path).text, path.suffix.lower(), f"'{path}'", reading).lines
    cues = tuple(
        Cue(span=Span(round(line.start * SAMPLE_RATE), round(line.end * SAMPLE_RATE)), text=line.said.line)
        for line in lines
        if line.end > line.start and line.said.line
    )
    if not cues:
        raise InputError(f"Nothing is said in '{path}'. Mend it, or remove it: then its recording is cut at pauses.")
    return replace(recording, cues=cues)
