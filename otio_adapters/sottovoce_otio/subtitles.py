"""A scene's lines as subtitles, so that they read back as the regions they were.

.srt    Anna (whisper): Close your eyes.                  the id and the cue have no place there
.vtt    SC12-034 SV:1f0c9a42
        <v.whisper Anna>Close your eyes.
.ass    actor Anna, style whisper, effect SV:1f0c9a42
"""

import html
import io
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import webvtt
from pysubs2 import Color, SSAEvent, SSAFile, SSAStyle

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_engine.scene import Gender, Region, Scene
from sottovoce_otio.marks import plain_cue, plain_line, plain_voice
from sottovoce_otio.timeline import read_object
from sottovoce_otio.times import clock_time

_SUBSTATION_HOURS = 10  # its timecode has one digit for them
_NO_OVERRIDES = str.maketrans("{}\\", "()/")


def subtitle_text(scene: Scene, suffix: str, registers: RegisterTable) -> str:
    """The content of a subtitle file; times count from the scene's first frame.

    Args:
        scene: Its regions are written.
        suffix: ".srt", ".vtt", ".ass" or ".ssa".
        registers: For the colours of SubStation's styles.

    Raises:
        InputError: There is no such format, or it cannot hold a scene of that length.
    """
    if suffix not in _WRITERS:
        raise InputError(f"There are no subtitles in '{suffix}'. {nearest(suffix, _WRITERS)}")
    return _WRITERS[suffix](scene, registers)


def timeline_subtitles(timeline: Any, suffix: str) -> str:
    """As `subtitle_text`, of an `otio.schema.Timeline` and the registers that come with Sottovoce."""
    registers = register_table()
    return subtitle_text(read_object(timeline, registers).scene, suffix, registers)


def _srt(scene: Scene, _: RegisterTable) -> str:
    file = SSAFile()
    for region in scene.regions:
        said = ", ".join((*_gender(region, scene), region.register))
        text = f"{plain_voice(region.voice)} ({said}): {plain_line(region)}"
        file.append(_event(region, scene, text))
    return str(file.to_string("srt"))


def _vtt(scene: Scene, _: RegisterTable) -> str:
    file = webvtt.WebVTT()
    for region in scene.regions:
        classes = "".join(f".{word}" for word in (*_gender(region, scene), region.register))
        voice = html.escape(plain_voice(region.voice), quote=False)
        file.captions.append(
            webvtt.Caption(
                start=clock_time(_milliseconds(region.span.start, scene.rate)),
                end=clock_time(_milliseconds(region.span.end, scene.rate)),
                text=f"<v{classes} {voice}>{html.escape(plain_line(region), quote=False)}",
                identifier=" ".join(filter(None, (plain_cue(region.cue), f"SV:{region.id}"))),
            )
        )
    written = io.StringIO()
    file.write(written)
    return written.getvalue() + "\n"


def _substation(form: str) -> Callable[[Scene, RegisterTable], str]:
    def write(scene: Scene, registers: RegisterTable) -> str:
        if scene.length_frames > _SUBSTATION_HOURS * 3600 * scene.rate:
            raise InputError(
                f"'{scene.name}' lasts more than {_SUBSTATION_HOURS} hours, which SubStation cannot count. Write .srt or .vtt."
            )
        file = SSAFile()
        for register in registers.registers:
            red, green, blue = (int(register.colour[index : index + 2], 16) for index in (1, 3, 5))
            file.styles[register.name] = SSAStyle(primarycolor=Color(red, green, blue))
        for region in scene.regions:
            event = _event(region, scene, plain_line(region))
            event.name = plain_voice(region.voice).replace(",", " ")
            event.style = region.register
            event.effect = " ".join((*_gender(region, scene), f"SV:{region.id}"))
            file.append(event)
        return str(file.to_string(form))

    return write


def _event(region: Region, scene: Scene, text: str) -> SSAEvent:
    start, end = (_milliseconds(frame, scene.rate) for frame in (region.span.start, region.span.end))
    return SSAEvent(start=start, end=end, text=text.translate(_NO_OVERRIDES))


def _gender(region: Region, scene: Scene) -> tuple[str, ...]:
    """A man is said to be one, as a woman is assumed where nothing says so."""
    return ("man",) if scene.voice(region.voice).gender is Gender.MAN else ()


def _milliseconds(frame: int, rate: Fraction) -> int:
    return round(frame * 1000 / rate)


_WRITERS: Mapping[str, Callable[[Scene, RegisterTable], str]] = {
    ".srt": _srt,
    ".vtt": _vtt,
    ".ass": _substation("ass"),
    ".ssa": _substation("ssa"),
}
