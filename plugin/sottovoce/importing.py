"""Files of lines and screenplays, made into a timeline or laid over one."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sottovoce.new_marks import write_marks, write_timeline
from sottovoce.project import Project
from sottovoce.reading import Reading
from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Scene
from sottovoce_otio.incoming.drafting import timeline_document
from sottovoce_otio.incoming.laying import Laying, laying_of
from sottovoce_otio.incoming.onto import with_lines, with_script
from sottovoce_otio.incoming.reading import LineReading, drafted, script_in, timed_lines_in
from sottovoce_otio.incoming.screenplay import ScriptLine, estimated_times
from sottovoce_otio.incoming.text_files import TextFile, read_text_file
from sottovoce_otio.suffixes import LINE_SUFFIXES, SCRIPT_SUFFIXES


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import."""

    path: Path  # the file that has the marks now
    scene: Scene
    added: tuple[str, ...]  # ids of regions that are new
    changed: tuple[str, ...]  # ids of regions that got another voice or register
    notes: tuple[str, ...]
    laying: Laying | None = None  # of a screenplay onto regions
    script: tuple[ScriptLine, ...] = ()


def import_alone(file: Path, reading: Reading, folder: Path | None) -> Imported:
    """A new timeline without a picture, with the file's lines marked on it.

    Args:
        file: A file of lines, or a screenplay.
        reading: How it is read.
        folder: Where the timeline goes; None: beside the file.

    Raises:
        InputError, SetupError: The file cannot be read, or the timeline cannot be written.
    """
    text, suffix = _text(file, reading)
    lines = _line_reading(reading, reading.rate)
    scene = drafted(text.text, suffix, file.stem, lines, text.notes)
    path = write_timeline(timeline_document(scene, reading.registers), folder or file.parent, file.stem)
    ids = tuple(region.id for region in scene.regions)
    return Imported(path=path, scene=scene, added=ids, changed=(), notes=scene.notes)


def import_onto(file: Path, project: Project, folder: Path | None) -> Imported:
    """A file's lines laid over a timeline. What is there already stays as it is.

    Lines that have times become regions. A screenplay gives the regions that are there their voices and
    registers; where there are none, its lines are spread over the timeline.

    Args:
        file: A file of lines, or a screenplay.
        project: The timeline.
        folder: Where a new timeline goes; None: the working copy gets the marks.

    Raises:
        InputError, SetupError: The file cannot be read, does not fit, or the marks cannot be written.
    """
    text, suffix = _text(file, project.reading)
    scene, reading = project.scene, _line_reading(project.reading, project.scene.rate)
    what = f"'{file.stem}'"
    script = script_in(text.text, suffix, what, reading) if suffix in SCRIPT_SUFFIXES else ()
    laying = laying_of(scene.regions, script) if script and scene.regions else None
    if laying is not None:
        onto = with_script(scene, laying, script)
    elif script:
        onto = with_lines(scene, estimated_times(script, Fraction(scene.length_frames) / scene.rate))
    else:
        onto = with_lines(scene, timed_lines_in(text.text, suffix, what, reading))
    path = write_marks(project, onto.scene, folder)
    return Imported(
        path=path,
        scene=onto.scene,
        added=onto.added,
        changed=onto.changed,
        notes=(*text.notes, *onto.notes),
        laying=laying,
        script=script,
    )


def _text(file: Path, reading: Reading) -> tuple[TextFile, str]:
    suffix = file.suffix.lower()
    if suffix not in LINE_SUFFIXES:
        raise InputError(f"'{file.name}' is no file of lines. Known are {', '.join(LINE_SUFFIXES)}.")
    return read_text_file(file, reading.encoding), suffix


def _line_reading(reading: Reading, rate: Fraction | None) -> LineReading:
    return LineReading(registers=reading.registers, rate=rate, voices=reading.voices, encoding=reading.encoding)
