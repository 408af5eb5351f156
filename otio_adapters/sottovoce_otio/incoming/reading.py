"""Files that are no timelines and hold lines, by what their names end in."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Scene, Voice
from sottovoce_otio.files import OpenedFile
from sottovoce_otio.incoming.avid_markers import avid_lines
from sottovoce_otio.incoming.cue_sheets import cue_sheet_cues, has_drop_frame, has_headings
from sottovoce_otio.incoming.drafting import DEFAULT_RATE, Draft, drafted_scene, timeline_document
from sottovoce_otio.incoming.final_draft import final_draft_speeches
from sottovoce_otio.incoming.first_frame import counted_from_hour
from sottovoce_otio.incoming.fountain import fountain_speeches
from sottovoce_otio.incoming.screenplay import ScriptLine, Speech, estimated_times, script_lines
from sottovoce_otio.incoming.spoken_cues import timed_lines
from sottovoce_otio.incoming.srt import srt_cues
from sottovoce_otio.incoming.substation import substation_cues
from sottovoce_otio.incoming.text_files import read_text_file
from sottovoce_otio.incoming.values import TimedLines
from sottovoce_otio.incoming.vtt import vtt_cues
from sottovoce_otio.marks import vocabulary
from sottovoce_otio.plain import object_from
from sottovoce_otio.vocabulary import Vocabulary

_Reader = Callable[[str, Vocabulary, str, Fraction | None], TimedLines]

NTSC_30 = Fraction(30_000, 1001)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """How a file of lines is read."""

    registers: RegisterTable
    rate: Fraction | None = None  # None: 24 frames a second
    voices: tuple[Voice, ...] = ()
    encoding: str = ""  # "": found out


def drafted(text: str, suffix: str, name: str, reading: LineReading, notes: tuple[str, ...] = ()) -> Scene:
    """The lines of a text as a scene without a picture.

    Args:
        text: The file's, its lines divided by line feeds alone.
        suffix: What its name ends in, such as ".srt".
        name: What the scene is called.
        reading: How it is read.
        notes: What is known of the file already.

    Raises:
        InputError: The text is none of its format, or has no line that is spoken.
    """
    found = timed_lines_in(text, suffix, f"'{name}'", reading)
    draft = Draft(
        name=name,
        rate=found.rate or reading.rate or DEFAULT_RATE,
        voices=reading.voices,
        drop_frame=found.drop_frame,
    )
    return drafted_scene(replace(found, notes=(*notes, *found.notes)), draft)


def timed_lines_in(text: str, suffix: str, what: str, reading: LineReading) -> TimedLines:
    """The lines of a text, and when they are said; `what` names it for messages.

    Raises:
        InputError: The text is none of its format.
    """
    if suffix in _SCRIPTS:
        return estimated_times(script_in(text, suffix, what, reading))
    known = _vocabulary(reading)
    return counted_from_hour(_READERS[suffix](text, known, what, reading.rate), what)


def opened_lines(path: Path, reading: LineReading) -> OpenedFile:
    """A file of lines as the timeline it would be.

    Raises:
        InputError: The file cannot be read as what its name says.
    """
    path = path.absolute()
    file = read_text_file(path, reading.encoding)
    scene = drafted(file.text, path.suffix.lower(), path.stem, reading, file.notes)
    document = timeline_document(scene, reading.registers)
    return OpenedFile(
        timeline=object_from(document),
        plain=document,
        path=path,
        digest=hashlib.sha256(file.content).hexdigest(),
        bundle=None,
        notes=scene.notes,
    )


def script_in(text: str, suffix: str, what: str, reading: LineReading) -> tuple[ScriptLine, ...]:
    """The lines of a screenplay, which have no times.

    Raises:
        InputError: The text is no screenplay of its format, or nobody says anything in it.
    """
    return script_lines(tuple(_SCRIPTS[suffix](text, what)), _vocabulary(reading), what)


def _vocabulary(reading: LineReading) -> Vocabulary:
    return vocabulary(reading.registers, (voice.name for voice in reading.voices))


def _srt(text: str, known: Vocabulary, what: str, _: Fraction | None) -> TimedLines:
    return timed_lines(srt_cues(text, what), known, what)


def _substation(text: str, known: Vocabulary, what: str, _: Fraction | None) -> TimedLines:
    return timed_lines(substation_cues(text, what, known.hints), known, what)


def _vtt(text: str, known: Vocabulary, what: str, _: Fraction | None) -> TimedLines:
    return timed_lines(vtt_cues(text, what, known.hints), known, what)


def _cue_sheet(text: str, known: Vocabulary, what: str, rate: Fraction | None) -> TimedLines:
    counted, drop = _timecode_in(text, rate)
    found = timed_lines(cue_sheet_cues(text, what, counted, known), known, what)
    return replace(found, rate=counted, drop_frame=drop)


def _avid(text: str, known: Vocabulary, what: str, rate: Fraction | None) -> TimedLines:
    counted, drop = _timecode_in(text, rate)
    return replace(avid_lines(text, what, counted, known), rate=counted, drop_frame=drop)


def _text_table(text: str, known: Vocabulary, what: str, rate: Fraction | None) -> TimedLines:
    """Avid's markers, or a cue sheet as spreadsheets call it "Unicode text"."""
    return (_cue_sheet if has_headings(text) else _avid)(text, known, what, rate)


def _timecode_in(text: str, asked: Fraction | None) -> tuple[Fraction, bool]:
    """The rate that a text's timecodes count in, and whether they drop frames, which says 29.97 by itself."""
    drop = has_drop_frame(text)
    return asked or (NTSC_30 if drop else DEFAULT_RATE), drop


_READERS: Mapping[str, _Reader] = {
    ".srt": _srt,
    ".ass": _substation,
    ".ssa": _substation,
    ".vtt": _vtt,
    ".csv": _cue_sheet,
    ".tsv": _cue_sheet,
    ".txt": _text_table,
}
_SCRIPTS: Mapping[str, Callable[[str, str], Iterator[Speech]]] = {
    ".fountain": lambda text, _: fountain_speeches(text),
    ".fdx": final_draft_speeches,
}
