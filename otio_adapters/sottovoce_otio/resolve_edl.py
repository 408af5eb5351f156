"""Markers as DaVinci Resolve imports them: "Import > Timeline Markers from EDL", in the free edition, too.

    TITLE: night
    FCM: NON-DROP FRAME

    001  001      V     C        01:00:01:06 01:00:01:07 01:00:01:06 01:00:01:07
    note |C:ResolveColorBlue |M:ANNA whisper: close your eyes [SV:1f0c9a42] |D:40

Record timecodes say where a marker lies; D is its length in frames.

Source: Resolve's own export of timeline markers.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from sottovoce_engine.scene import Scene
from sottovoce_engine.timing import timecode
from sottovoce_otio.placing import new_file
from sottovoce_otio.ruler_marks import MarkColour, RulerMark

_COLOURS = {
    MarkColour.PINK: "Pink",
    MarkColour.RED: "Red",
    MarkColour.ORANGE: "Sand",
    MarkColour.YELLOW: "Yellow",
    MarkColour.GREEN: "Green",
    MarkColour.CYAN: "Cyan",
    MarkColour.BLUE: "Blue",
    MarkColour.PURPLE: "Purple",
    MarkColour.MAGENTA: "Fuchsia",
    MarkColour.BLACK: "Cocoa",
    MarkColour.WHITE: "Cream",
}


def write_resolve_edl(marks: Iterable[RulerMark], scene: Scene, path: Path) -> None:
    """Writes markers to a name that is free.

    Raises:
        InputError: The name is taken, or the folder cannot be written to.
        SetupError: The disk is full, or fails.
    """
    with new_file(path, "EDL") as staged:
        staged.write_text("\n".join(_lines(marks, scene)), encoding="utf-8", newline="\r\n")


def _lines(marks: Iterable[RulerMark], scene: Scene) -> Iterator[str]:
    yield f"TITLE: {_plain(scene.name)}"
    yield f"FCM: {'DROP FRAME' if scene.drop_frame else 'NON-DROP FRAME'}"
    yield ""
    for number, mark in enumerate(marks, start=1):
        start, end = (
            timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame)
            for frame in (mark.span.start, mark.span.start + 1)
        )
        yield f"{number:03}  001      V     C        {start} {end} {start} {end}"
        note = "" if mark.comment in ("", mark.name) else _plain(mark.comment)
        yield f"{note} |C:ResolveColor{_COLOURS[mark.colour]} |M:{_plain(mark.name)} |D:{max(1, mark.span.length)}"
        yield ""


def _plain(text: str) -> str:
    """On one line, without the bar that separates the fields."""
    return " ".join(text.replace("|", "/").split())
