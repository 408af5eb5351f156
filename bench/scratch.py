"""How fast the scratch renderer makes sound: its parts alone, then whole batches from line to file.

Every register and both voices, 14 lines. A take's sound is as long as its window; speech is the part
of it in which somebody speaks, so its ratio is the harder one. The goal is 5 seconds of sound a second.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.scratch import hibari_voice
from sottovoce_engine.renderers.scratch.hibari_voice import HibariLine
from sottovoce_engine.renderers.scratch.renderer import renderer
from sottovoce_engine.renderers.scratch.speech import speech_for
from sottovoce_engine.renderers.scratch.utterance import RATE
from sottovoce_engine.renderers.scratch.world import analysed, synthesised
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import RenderJob, Take
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.windows import window_for

LINE = "Close your eyes, and listen. Did you hear that, down by the river?"
GOAL = 5.0
RUNS = 3
RASTER = Raster(width=640, height=360)
FRAME_RATE = Fraction(24)


def main() -> None:
    """Prints one table."""
    jobs = [job for gender in Gender for job in _jobs(gender)]
    loading = _seconds(hibari_voice.load)
    line = hibari_voice.read_line(LINE, 1)
    assert line is not None
    print("| what | sound, s | time, s | × real time | of the goal |")
    print("|---|---|---|---|---|")
    _row("voice alone (hibari)", line.said(1.0, _go_on).speech.length / RATE, lambda: line.said(1.0, _go_on))
    _row("WORLD alone: apart and together", line.said(1.0, _go_on).speech.length / RATE, _vocoder(line))
    speeches = [speech_for(job, _go_on) for job in jobs]
    spoken = sum(speech.words[-1].span.end - speech.words[0].span.start for speech in speeches) / SAMPLE_RATE
    windows = sum(job.length_samples for job in jobs) / SAMPLE_RATE

    def say_all() -> None:
        for job in jobs:
            speech_for(job, _go_on)

    _row("lines to sound, one after the other, speech only", spoken, say_all)
    _row("lines to sound, one after the other", windows, say_all)
    locked = [replace(job, picture=PictureMode.LOCK) for job in jobs]
    _row("batch to .wav files, speech only", spoken, lambda: _rendered(locked))
    _row("batch to .wav files", windows, lambda: _rendered(locked))
    _row(f"batch to .mov files with cards, {RASTER}", windows, lambda: _rendered(jobs))
    print(f"\nBest of {RUNS}. Loading voice and dictionary, once: {loading:.1f} s.")


def _jobs(gender: Gender) -> list[RenderJob]:
    voice = Voice(name="Anna" if gender is Gender.WOMAN else "Ben", gender=gender)
    span = Span(48, 48 + 100)
    return [
        RenderJob(
            key=f"{gender}-{register.name}",
            content="",
            region=Region(id="1f0c9a42", span=span, register=register.name, voice=voice.name, line=LINE, look="a room"),
            voice=voice,
            register=register,
            caption="",
            window=window_for(span, FRAME_RATE),
            rate=FRAME_RATE,
            start_frame=86_400,
            drop_frame=False,
            raster=RASTER,
            picture=PictureMode.CUT,
            seed=1,
            renderer="scratch",
        )
        for register in register_table().registers
    ]


def _vocoder(line: HibariLine) -> Callable[[], object]:
    said = line.said(1.0, _go_on)
    return lambda: synthesised(analysed(said.sound, said.f0, _go_on), _go_on)


def _rendered(jobs: list[RenderJob]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        takes = list(renderer(Path(folder)).render(jobs, Job()))
        assert all(isinstance(take, Take) for take in takes)


def _row(what: str, sound_seconds: float, work: Callable[[], object]) -> None:
    seconds = min(_seconds(work) for _ in range(RUNS))
    ratio = sound_seconds / seconds
    print(f"| {what} | {sound_seconds:.1f} | {seconds:.2f} | {ratio:.1f} | {ratio / GOAL:.1f} |", flush=True)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _go_on() -> None:
    """Nobody stops a benchmark."""


if __name__ == "__main__":
    main()
