"""A small world to splice in: footage and takes whose frames say their number and whose sounds say their name."""

import hashlib
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from sottovoce_engine.media.loudness import loudness_lufs, true_peak_dbtp
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import PictureReader, frame_from_rgb
from sottovoce_engine.media.sound import SoundReader, WavWriter
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_engine.scene import (
    Gender,
    MediaRange,
    PictureMode,
    PicturePiece,
    Raster,
    Region,
    Scene,
    SoundPiece,
    Voice,
)
from sottovoce_engine.splice.splicing import splice
from sottovoce_engine.splice.values import Spliced, SpliceSettings, SpliceTarget
from sottovoce_engine.take import PlacedTake, RenderJob, SpokenWord, Take, Window
from sottovoce_engine.timing import Span, sample_at

RASTER = Raster(width=128, height=96)
BITS = 10  # a picture's number, as columns of black and white
Sound = NDArray[np.float32]


def sine(hertz: float, level_dbfs: float, samples: int) -> Sound:
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hertz * np.arange(samples) / 48_000)
    return np.tile(wave, (2, 1)).astype(np.float32)


def noise(level_dbfs: float, samples: int, seed: int) -> Sound:
    return (10 ** (level_dbfs / 20) * np.random.default_rng(seed).standard_normal((2, samples))).astype(np.float32)


def level_of(sound: Sound, hertz: float) -> float:
    """The level (dBFS, peak) of one frequency in `[2, samples]`."""
    wave = np.exp(-2j * np.pi * hertz * np.arange(sound.shape[1]) / 48_000) * np.hanning(sound.shape[1]) * 2
    return float(20 * np.log10(2 * np.abs(np.mean(sound[0] * wave)) + 1e-12))


def picture(number: int) -> VideoFrame:
    rgb = np.full((RASTER.height, RASTER.width, 3), 16, np.uint8)
    for bit in range(BITS):
        if number >> bit & 1:
            rgb[:, 12 * bit : 12 * (bit + 1)] = 220
    return frame_from_rgb(rgb)


def number_of(frame: VideoFrame) -> int:
    luma = frame.to_ndarray()[: RASTER.height]
    return sum(int(luma[:, 12 * bit + 3 : 12 * bit + 9].mean() > 110) << bit for bit in range(BITS))


def scene_with(regions: list[Region], **given: Any) -> Scene:
    """A scene of Anna and Ben; what is not given is as in most tests."""
    values: dict[str, Any] = {"name": "scene", "rate": Fraction(24), "length_frames": 96, "raster": RASTER} | given
    voices = (Voice(name="ANNA", gender=Gender.WOMAN), Voice(name="BEN", gender=Gender.MAN))
    return Scene(voices=voices, regions=tuple(sorted(regions, key=lambda region: region.span)), **values)


def region_at(start: int, end: int, **given: Any) -> Region:
    """A normal line of Anna's."""
    values: dict[str, Any] = {
        "id": f"{start:08x}",
        "register": "normal",
        "voice": "ANNA",
        "line": "close your eyes",
    } | given
    return Region(span=Span(start, end), **values)


@dataclass
class World:
    """Makes media below `root` and splices."""

    root: Path
    registers: RegisterTable = field(default_factory=register_table)

    def sound_file(self, name: str, sound: Sound) -> str:
        path = self.root / name
        with WavWriter(path) as writer:
            writer.write(sound)
        return str(path)

    def movie_file(self, name: str, first: int, frames: int, rate: Fraction, sound: Sound | None) -> str:
        """Frames numbered from `first`."""
        path = self.root / name
        with MovieWriter(path, raster=RASTER, rate=rate, sound=sound is not None) as writer:
            for number in range(first, first + frames):
                writer.write_frame(picture(number))
            if sound is not None:
                writer.write_sound(sound)
        return str(path)

    def take(
        self,
        region: Region,
        *,
        rate: Fraction = Fraction(24),
        handle: int = 12,
        words: list[tuple[float, float]] | None = None,
        hertz: float = 1000.0,
        level: float = -20.0,
        floor: float | None = -75.0,
        first: int = 0,
        has_picture: bool = True,
        estimated: bool = False,
        **region_now: Any,
    ) -> PlacedTake:
        """A take rendered for `region`, with sine words at the given seconds (start, end) from the region's start.

        Args:
            region_now: Fields of the region that changed since.
        """
        wanted = region.span.length + 2 * handle
        window = Window(start=region.span.start - handle, model_frames=-(-(wanted - 1) // 8) * 8 + 1)
        samples = sample_at(window.length, rate)
        sound = noise(floor, samples, first + 1) if floor is not None else np.zeros((2, samples), np.float32)
        origin = sample_at(handle, rate)
        spoken = words if words is not None else [(0.15, float(region.span.length / rate) - 0.15)]
        spans = [Span(origin + round(48_000 * start), origin + round(48_000 * end)) for start, end in spoken]
        for span in spans:
            sound[:, span.start : span.end] += sine(hertz, level, span.length)
        name = f"take {region.id} {first}"
        path = (
            self.movie_file(f"{name}.mov", first, window.length, rate, sound)
            if has_picture
            else self.sound_file(f"{name}.wav", sound)
        )
        take = Take(
            job=self._job(region, window, rate),
            media=hashlib.sha256(Path(path).read_bytes()).hexdigest() + Path(path).suffix,
            length_frames=window.length,
            length_samples=samples,
            words=tuple(SpokenWord(text="word", span=span) for span in spans),
            words_estimated=estimated,
            made="2026-01-01T00:00:00Z",
            loudness_lufs=loudness_lufs(sound[:, spans[0].start : spans[-1].end]) if spans else None,
            true_peak_dbtp=true_peak_dbtp(sound),
        )
        return PlacedTake(region=replace(region, **region_now), take=take, path=path)

    def _job(self, region: Region, window: Window, rate: Fraction) -> RenderJob:
        return RenderJob(
            key=f"key of {region.id}",
            content="",
            region=region,
            voice=Voice(name=region.voice, gender=Gender.WOMAN),
            register=self.registers.get(region.register),
            caption="",
            window=window,
            rate=rate,
            start_frame=0,
            drop_frame=False,
            raster=RASTER,
            picture=PictureMode.CUT,
            seed=1,
            renderer="scratch",
        )

    def splice(
        self, scene: Scene, placed: list[PlacedTake], *, mp4: bool = False, job: Job | None = None, **settings: Any
    ) -> Spliced:
        target = SpliceTarget(folder=self.root / "out", name="scene", mp4=mp4)
        return splice(scene, placed, self.registers, SpliceSettings(**settings), target, job or Job())


def sound_in(path: Path | str) -> Sound:
    with SoundReader(path) as reader:
        return reader.read(Span(0, reader.length_samples))


def numbers_in(path: Path, frames: int, rate: Fraction) -> list[int]:
    with PictureReader(path, RASTER) as reader:
        return [number_of(reader.frame(index / rate)) for index in range(frames)]


def footage_piece(path: str, span: Span, start: Fraction = Fraction(0), **given: Any) -> PicturePiece:
    return PicturePiece(span=span, source=MediaRange(path=path, start=start), clip=Path(path).name, **given)


def sound_piece(path: str, span: Span, start: Fraction = Fraction(0), **given: Any) -> SoundPiece:
    values: dict[str, Any] = {"track": "A1", "clip": Path(path).name, "dialogue": True} | given
    return SoundPiece(span=span, source=MediaRange(path=path, start=start), **values)
