"""How fast, how exact and how lean the splice is, against moviepy's concatenate on the same takes.

20 takes of 97 frames, 768x512 at 24, laid end to end; then 100 of them. Each program runs in a process
of its own; imports are not counted. Every frame carries its number as bars and every take a noise of
its own, so that a decoded frame and a stretch of sound say where they belong.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from sottovoce_engine.media.loudness import loudness_lufs, true_peak_dbtp
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import PictureReader, frame_from_rgb
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Scene, Voice
from sottovoce_engine.splice.splicing import splice
from sottovoce_engine.splice.values import SpliceSettings, SpliceTarget
from sottovoce_engine.take import PlacedTake, RenderJob, SpokenWord, Take, Window
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at

TAKES, FRAMES, LONGER = 20, 97, 5
RATE, RASTER = Fraction(24), Raster(width=768, height=512)
SAMPLES = sample_at(FRAMES, RATE)
SPEECH = Span(SAMPLE_RATE // 2, SAMPLES - SAMPLE_RATE // 2)
BITS = 12
VOICES = (Voice(name="ANNA", gender=Gender.WOMAN), Voice(name="BEN", gender=Gender.MAN))
GOAL_RATIO, GOAL_MB, GOAL_GROWTH = 20.0, 200.0, 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One program's run."""

    seconds: float
    peak_mb: float
    told: tuple[str, str, str]  # frames, right ones, largest error


def main() -> None:
    """Prints one table, or runs one program when told to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", choices=["sottovoce", "moviepy"])
    parser.add_argument("--takes", type=Path)
    parser.add_argument("--count", type=int, default=TAKES)
    parser.add_argument("--movie", type=Path)
    arguments = parser.parse_args()
    if arguments.program is None:
        _compare()
        return
    kind = "" if arguments.program == "sottovoce" else " plain"
    files = [arguments.takes / f"{index % TAKES:02}{kind}.mov" for index in range(arguments.count)]
    run = _spliced if arguments.program == "sottovoce" else _concatenated
    seconds = run(files, arguments.movie)
    print(json.dumps({"seconds": seconds, "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    """The most memory this process has held."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what the parent held before this program was started, too
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _compare() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for index in range(TAKES):
            _make_take(root / f"{index:02}.mov", index)
            _copy_without_timecode(root / f"{index:02}.mov", root / f"{index:02} plain.mov")
        ours = _measured("sottovoce", root, TAKES)
        theirs = _measured("moviepy", root, TAKES)
        longer = _measured("sottovoce", root, LONGER * TAKES)
    print("| what | time, s | peak, MB | frames | right ones | largest error, samples |")
    print("|---|---|---|---|---|---|")
    for name, found in (
        (f"sottovoce, {TAKES} takes to .mov", ours),
        (f"moviepy 2.2.1 concatenate, {TAKES} takes", theirs),
        (f"sottovoce, {LONGER * TAKES} takes to .mov", longer),
    ):
        print(f"| {name} | {found.seconds:.2f} | {found.peak_mb:.0f} | " + " | ".join(found.told) + " |")
    print()
    print("| ratio | measured | goal |")
    print("|---|---|---|")
    print(f"| times faster than moviepy | {theirs.seconds / ours.seconds:.1f} | {GOAL_RATIO:g} or more |")
    print(f"| peak memory, MB | {ours.peak_mb:.0f} | {GOAL_MB:g} or less |")
    growth = longer.peak_mb / ours.peak_mb
    print(f"| peak memory, {LONGER} times the scene | {growth:.2f} | {GOAL_GROWTH:g} or less |")


def _measured(program: str, takes: Path, count: int) -> Measured:
    movie = takes / program / f"{count}.mov"
    movie.parent.mkdir(exist_ok=True)
    command = [sys.executable, __file__, "--program", program, "--takes", str(takes), "--count", str(count)]
    done = subprocess.run([*command, "--movie", str(movie)], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    told = _checked(movie, count)
    movie.unlink()
    return Measured(seconds=found["seconds"], peak_mb=found["peak_mb"], told=told)


def _checked(movie: Path, count: int) -> tuple[str, str, str]:
    """Frames there, frames that show the number they should, and how far the sound is off at worst."""
    total = count * FRAMES
    with PictureReader(movie, RASTER) as pictures:
        numbers = [_number_of(pictures.frame(index / RATE)) for index in range(total)]
    shown = sum(1 for _ in _frames_in(movie))
    expected = [index % (TAKES * FRAMES) for index in range(total)]
    right = sum(a == b for a, b in zip(numbers, expected, strict=True))
    with SoundReader(movie) as sound:
        errors = [abs(_offset(sound, index)) for index in range(count)]
        errors.append(abs(sound.length_samples - sample_at(total, RATE)))
    return f"{shown:,} of {total:,}", f"{right:,}", f"{max(errors):,}"


def _frames_in(movie: Path) -> Iterator[object]:
    with av.open(str(movie)) as container:
        yield from container.decode(video=0)


def _offset(sound: SoundReader, index: int) -> int:
    """By how many samples take `index` lies later than it should."""
    reach = 4_096
    start = sample_at(index * FRAMES, RATE) + SPEECH.start + SAMPLE_RATE
    wanted = _noise(index % TAKES)[SAMPLE_RATE : SAMPLE_RATE + 16_384]
    found = sound.read(Span(start - reach, start + 16_384 + reach))[0]
    size = found.size + wanted.size
    spectrum = np.fft.rfft(found, size) * np.conj(np.fft.rfft(wanted, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: 2 * reach])) - reach


def _noise(index: int) -> NDArray[np.float32]:
    """What take `index` says."""
    noise = np.random.default_rng(index).standard_normal(SPEECH.length)
    return np.asarray(0.04 * noise, np.float32)


def _make_take(path: Path, index: int) -> None:
    sound = np.random.default_rng(1000 + index).standard_normal((2, SAMPLES)).astype(np.float32) * np.float32(2e-4)
    sound[:, SPEECH.start : SPEECH.end] += _noise(index)
    with MovieWriter(path, raster=RASTER, rate=RATE) as writer:
        for frame in range(FRAMES):
            writer.write_frame(_picture(index * FRAMES + frame))
        writer.write_sound(sound)


def _copy_without_timecode(take: Path, copy: Path) -> None:
    """The same packets without a timecode track, which moviepy cannot read."""
    with av.open(str(take)) as source, av.open(str(copy), "w", container_options={"write_tmcd": "0"}) as target:
        kept = [*source.streams.video, *source.streams.audio]
        made = {stream.index: target.add_stream_from_template(stream) for stream in kept}
        for packet in source.demux(kept):
            if packet.dts is not None:
                packet.stream = made[packet.stream.index]
                target.mux(packet)


def _picture(number: int) -> VideoFrame:
    """A textured picture that moves, with its number as bars at the top."""
    rows, columns = np.mgrid[0 : RASTER.height, 0 : RASTER.width]
    texture = (96 + 60 * np.sin((columns + 5 * number) / 23.0) * np.sin(rows / 17.0)).astype(np.uint8)
    rgb = np.stack([texture, np.roll(texture, 40, axis=1), np.roll(texture, 90, axis=0)], axis=2)
    rgb[:64] = 0
    for bit in range(BITS):
        if number >> bit & 1:
            rgb[:64, 64 * bit : 64 * (bit + 1)] = 255
    return frame_from_rgb(rgb)


def _number_of(frame: VideoFrame) -> int:
    luma = frame.to_ndarray()[16:48]
    return sum(int(luma[:, 64 * bit + 16 : 64 * bit + 48].mean() > 128) << bit for bit in range(BITS))


def _spliced(files: list[Path], movie: Path) -> float:
    registers = register_table()
    known = {path: _levels(path) for path in dict.fromkeys(files)}  # a take carries them since it was rendered
    placed = [_placed(path, index, known[path]) for index, path in enumerate(files)]
    scene = Scene(
        name="bench",
        rate=RATE,
        length_frames=len(files) * FRAMES,
        raster=RASTER,
        voices=VOICES,
        regions=tuple(take.region for take in placed),
    )
    target = SpliceTarget(folder=movie.parent, name=movie.stem, mp4=False)
    start = time.perf_counter()
    splice(scene, placed, registers, SpliceSettings(), target, Job())
    return time.perf_counter() - start


def _levels(path: Path) -> tuple[float | None, float]:
    with SoundReader(path) as reader:
        sound = reader.read(Span(0, SAMPLES))
    return loudness_lufs(sound[:, SPEECH.start : SPEECH.end]), true_peak_dbtp(sound)


def _placed(path: Path, index: int, levels: tuple[float | None, float]) -> PlacedTake:
    voice, register = VOICES[index % 2], register_table().get("normal")
    region = Region(
        id=f"{index:08x}",
        span=Span(index * FRAMES, (index + 1) * FRAMES),
        register=register.name,
        voice=voice.name,
        line="close your eyes",
        picture=PictureMode.CUT,
    )
    job = RenderJob(
        key=f"{index}",
        content="",
        region=region,
        voice=voice,
        register=register,
        caption="",
        window=Window(start=region.span.start, model_frames=FRAMES),
        rate=RATE,
        start_frame=0,
        drop_frame=False,
        raster=RASTER,
        picture=PictureMode.CUT,
        seed=1,
        renderer="scratch",
    )
    take = Take(
        job=job,
        media=f"{path.stem}.mov",
        length_frames=FRAMES,
        length_samples=SAMPLES,
        words=(SpokenWord(text="noise", span=SPEECH),),
        words_estimated=False,
        made="",
        loudness_lufs=levels[0],
        true_peak_dbtp=levels[1],
    )
    return PlacedTake(region=region, take=take, path=str(path))


def _concatenated(files: list[Path], movie: Path) -> float:
    from moviepy import VideoFileClip, concatenate_videoclips

    start = time.perf_counter()
    clips = [VideoFileClip(str(path)) for path in files]
    concatenate_videoclips(clips).write_videofile(str(movie), codec="libx264", logger=None)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
