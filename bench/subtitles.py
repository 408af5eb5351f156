"""1,000 cues of subtitles to regions, in each format, and a screenplay of 1,000 lines laid onto them.

A third of the cues name their speaker, a third say how, one in ten holds two speakers. What pysubs2 and
webvtt-py need to read the same file by themselves stands beside it.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pysubs2
import webvtt

from sottovoce_engine.registers import register_table
from sottovoce_otio.incoming.laying import laying_of
from sottovoce_otio.incoming.reading import LineReading, script_in
from sottovoce_otio.subtitles import subtitle_text
from sottovoce_otio.timeline import read_timeline

CUES = 1_000
RUNS = 5
REGISTERS = register_table()
VOICES = ("ANNA", "BEN", "CLEO", "DORA", "EMIL")
MANNERS = ("(whispering) ", "(softly) ", "[shouting] ", "(beat, quietly) ")
WORDS = [
    "close",
    "your",
    "eyes",
    "and",
    "listen",
    "to",
    "the",
    "rain",
    "that",
    "falls",
    "on",
    "this",
    "old",
    "house",
    "tonight",
    "my",
    "dear",
]


def main() -> None:
    """Prints one table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.srt"
        path.write_text("\n".join(map(_cue, range(CUES))), encoding="utf-8")
        scene = read_timeline(path, REGISTERS).scene
        print(f"{CUES} cues, {len(scene.regions)} regions, the middle of {RUNS} runs\n")
        print(f"{'':34}{'CPU, s':>9}{'the library alone':>20}")
        _row("read .srt", lambda: read_timeline(path, REGISTERS), lambda: pysubs2.load(str(path)))
        ass, vtt = path.with_suffix(".ass"), path.with_suffix(".vtt")
        for other in (ass, vtt):
            other.write_text(subtitle_text(scene, other.suffix, REGISTERS), encoding="utf-8")
        _row("read .ass", lambda: read_timeline(ass, REGISTERS), lambda: pysubs2.load(str(ass)))
        _row("read .vtt", lambda: read_timeline(vtt, REGISTERS), lambda: webvtt.read(str(vtt)))
        _row("write .srt", lambda: subtitle_text(scene, ".srt", REGISTERS))
        script = "\n".join(f"{region.voice}\n{region.line}\n" for region in scene.regions)
        reading = LineReading(registers=REGISTERS, rate=Fraction(24))
        lines = script_in(script, ".fountain", "the script", reading)
        _row("read .fountain", lambda: script_in(script, ".fountain", "the script", reading))
        _row("lay it onto the regions", lambda: laying_of(scene.regions, lines))


def _row(name: str, work: Callable[[], object], alone: Callable[[], object] | None = None) -> None:
    beside = "" if alone is None else f"{_seconds(alone):20.3f}"
    print(f"{name:34}{_seconds(work):9.3f}{beside}")


def _seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(RUNS):
        start = time.process_time()  # others on the machine do not count
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def _cue(number: int) -> str:
    start, end = _clock(3 * number), _clock(3 * number + 2)
    line = " ".join(WORDS[(number * 7 + word) % len(WORDS)] for word in range(5 + number % 6)).capitalize() + "."
    speaker = f"{VOICES[number % len(VOICES)]}: " if number % 3 == 0 else ""
    manner = MANNERS[number % len(MANNERS)] if number % 3 == 1 else ""
    text = f"- {line}\n- {manner}{line}" if number % 10 == 0 else f"{speaker}{manner}{line}"
    return f"{number + 1}\n{start} --> {end}\n{text}\n"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},000"


if __name__ == "__main__":
    main()
