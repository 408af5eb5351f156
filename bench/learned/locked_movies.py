"""A finished scene over its footage, rendered with the LoRA and without it: what of the movie is the same."""

import re
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from bench.learned.corpus import FRAME_RATE
from bench.learned.marked_scenes import marked_lines, region_span, write_scene
from bench.learned.scenes import command, options_of

from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.timing import Span, sample_at

_REGISTERS = ("whisper", "soft", "whisper", "soft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two finished movies of one scene."""

    frames: int
    same_frames: int  # as they lie in the files, byte by byte
    regions: int
    same_sounds: int  # regions that sound the same


def locked_movies(folder: Path, registers: Path, corpus: Path, settings: LtxSettings) -> Compared:
    """A scene of four regions, twice through `sottovoce render`: with the registers as they are, and with the LoRA off."""
    folder.mkdir(parents=True)
    off = folder / "off.toml"
    off.write_text(without_lora(registers.read_text()))
    on_movie, off_movie = (
        _rendered(folder / name, table, corpus, settings) for name, table in (("on", registers), ("off", off))
    )
    frames = list(zip(_packets(on_movie), _packets(off_movie), strict=True))
    with SoundReader(on_movie) as on_sound, SoundReader(off_movie) as off_sound:
        pairs = [(on_sound.read(region), off_sound.read(region)) for region in map(_samples, range(len(_REGISTERS)))]
    return Compared(
        frames=len(frames),
        same_frames=sum(one == other for one, other in frames),
        regions=len(pairs),
        same_sounds=sum(np.array_equal(one, other) for one, other in pairs),
    )


def without_lora(registers: str) -> str:
    """A registers file in which the same words ask for the same registers, without the LoRA."""
    return re.sub(r"(?m)^lora = .*$", "lora = 0.0", re.sub(r"(?m)^lora_file = .*\n", "", registers))


def _rendered(folder: Path, registers: Path, corpus: Path, settings: LtxSettings) -> Path:
    timeline = write_scene("locked", marked_lines(_REGISTERS, corpus), register_table(registers), folder)
    options = ["--renderer", "ltx", "--no-mp4", "--registers", str(registers), *options_of(settings)]
    command(["render", str(timeline), "-o", str(folder / "out"), *options])
    return folder / "out" / "locked.mov"


def _packets(movie: Path) -> list[bytes]:
    with av.open(movie) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def _samples(number: int) -> Span:
    span = region_span(number)
    return Span(sample_at(span.start, FRAME_RATE), sample_at(span.end, FRAME_RATE))
