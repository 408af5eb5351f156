"""Draws the README's picture from a rendered scene: its frames, and its sound coloured by register.

python docs/picture.py sottovoce-demo/scene docs/night.png
"""

import itertools
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import SAMPLE_RATE, Span

WIDTH, MARGIN, GAP = 1600, 24, 12
FRAMES = 4
WAVE_HEIGHT = 220
INK, PAPER, QUIET = "#E8E4DC", "#14161A", "#6B6F76"


def main(folder: Path, target: Path) -> None:
    """Writes the picture of the scene in `folder`."""
    movie = next(folder.glob("*.mov"))
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    frame_width = (WIDTH - 2 * MARGIN - (FRAMES - 1) * GAP) // FRAMES
    raster = Raster(width=frame_width // 2 * 2, height=frame_width * 9 // 16 // 2 * 2)
    image = Image.new("RGB", (WIDTH, 2 * MARGIN + raster.height + 2 * GAP + WAVE_HEIGHT + 40), PAPER)
    regions = report["regions"]
    shown = [regions[index * len(regions) // FRAMES] for index in range(FRAMES)]
    with PictureReader(str(movie), raster) as reader:
        for place, region in enumerate(shown):
            frame = reader.frame(_middle(region))
            image.paste(frame.to_image(), (MARGIN + place * (frame_width + GAP), MARGIN))
    _draw_sound(image, movie, regions, MARGIN + raster.height + 2 * GAP)
    image.save(target, optimize=True)


def _middle(region: dict[str, Any]) -> Fraction:
    start, end = region["speech_samples"]
    return Fraction(start + end, 2 * SAMPLE_RATE)


def _draw_sound(image: Image.Image, movie: Path, regions: list[dict[str, Any]], top: int) -> None:
    """One column of the waveform per pixel, in the colour of the register that is spoken there."""
    registers = register_table()
    sound = probe(movie).sound
    assert sound is not None
    columns = WIDTH - 2 * MARGIN
    with SoundReader(movie) as reader:
        samples = np.abs(reader.read(Span(0, sound.samples))).max(axis=0)
    edges = np.linspace(0, samples.size, columns + 1).astype(int)
    peaks = np.array([samples[a:b].max() for a, b in itertools.pairwise(edges)])
    draw = ImageDraw.Draw(image)
    middle = top + WAVE_HEIGHT // 2
    for column, peak in enumerate(peaks):
        at = (edges[column] + edges[column + 1]) // 2
        spoken = [region for region in regions if region["sound_samples"][0] <= at < region["sound_samples"][1]]
        colour = registers.get(spoken[-1]["register"]).colour if spoken else QUIET
        half = max(1, round(float(peak) ** 0.5 * WAVE_HEIGHT / 2))
        draw.line((MARGIN + column, middle - half, MARGIN + column, middle + half), fill=colour)
    font = ImageFont.load_default(18)
    voices = list(dict.fromkeys(region["voice"] for region in regions))
    for row, voice in enumerate(voices):
        draw.text((MARGIN, top + WAVE_HEIGHT + 8 + 20 * row), voice, fill=INK, font=font)
    for region in regions:
        x = MARGIN + round(region["sound_samples"][0] / samples.size * columns)
        register = registers.get(region["register"])
        row = top + WAVE_HEIGHT + 8 + 20 * voices.index(region["voice"])
        draw.text((x, row), f"{register.letter} {register.name}", fill=register.colour, font=font)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
