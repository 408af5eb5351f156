"""What the small model learns from: lines of synthetic voices, in five registers, each in a window of 49 frames.

    part     registers              what for
    base     normal, loud, shout    the transformer's base, and the codec
    quiet    whisper, soft          the LoRA: 74 clips of 8 voices, as its card has
    codec    whisper, soft          audio VAE and vocoder alone, which have to carry what the base never says
    held     all five               nothing is trained on these; lines, voices and looks occur nowhere else

The sound is the scratch renderer's, at the mel's own 16 kHz. A shard is one FLAC file of up to 15 MiB, its clips one
after the other and in random order, so that one shard alone is a small corpus.

    python -m bench.learned.corpus        about 5 minutes on one core
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import soundfile
import soxr
from bench.learned.lines import HELD_LINES, lines
from numpy.typing import NDArray

from sottovoce_engine.caption import caption_for
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.take import RenderJob, Window
from sottovoce_engine.timing import SAMPLE_RATE, Span

FOLDER = Path(".learned/corpus")
RATE = 16_000
FRAME_RATE = Fraction(24)
FRAMES, LEAD_FRAMES = 49, 8
CLIP_SAMPLES = 32_160  # at RATE: 201 mel frames, 51 audio latents
BASE, QUIET = ("normal", "loud", "shout"), ("whisper", "soft")

_SHARD_CLIPS = 440
_LINES_SEED, _ORDER_SEED = 8, 23
_LOOKS = (
    "in a kitchen|at a desk|by a window|on a bench|in a car|under a lamp|at a market|on the stairs|in a workshop|in bed"
)
_HELD_LOOKS = "in a library|on a balcony"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One line, said once."""

    part: str  # base, quiet, codec or held
    line: str
    gender: str
    voice: str
    register: str
    caption: str
    seed: int
    shard: int = 0
    start: int = 0  # sample of the shard's

    @property
    def span_frames(self) -> Span:
        """Where the line belongs in its window."""
        length = round(speaking_seconds(self.line) * float(FRAME_RATE)) + 4
        return Span(LEAD_FRAMES, min(LEAD_FRAMES + length, FRAMES - LEAD_FRAMES))


def main() -> None:
    """Writes the shards and `clips.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-lines", type=int, default=25, help="of each of 12 voices in each of 3 registers")
    chosen = parser.parse_args()
    clips = list(planned(chosen.base_lines))
    random.Random(_ORDER_SEED).shuffle(clips)
    clips.sort(key=lambda clip: clip.part != "held")  # the first shard holds all of these
    FOLDER.mkdir(parents=True, exist_ok=True)
    written: list[Clip] = []
    for shard, start in enumerate(range(0, len(clips), _SHARD_CLIPS)):
        written += _write_shard(shard, clips[start : start + _SHARD_CLIPS])
        print(f"{len(written)} of {len(clips)} clips", flush=True)
    (FOLDER / "clips.json").write_text(json.dumps([asdict(clip) for clip in written], indent=0))


def planned(base_lines: int) -> Iterator[Clip]:
    """Every clip, without its place. The same every time."""
    said, rng = lines(_LINES_SEED), random.Random(_LINES_SEED)
    for number in range(12):
        for register in BASE:
            for line in islice(said, base_lines):
                yield _clip("base", line, number, register, _LOOKS, rng)
    for number, line in enumerate(islice(said, 74)):  # Source: the LoRA's model card
        yield _clip("quiet", line, 20 + number % 8, QUIET[number // 8 % 2], _LOOKS, rng)
    for number, line in enumerate(islice(said, 260)):
        yield _clip("codec", line, number % 12, "soft" if number % 5 < 2 else "whisper", _LOOKS, rng)
    for number, line in enumerate(HELD_LINES):
        for register in (*QUIET, *BASE):
            yield _clip("held", line, 40 + number % 4, register, _HELD_LOOKS, rng)


def read_clips(folder: Path = FOLDER) -> list[Clip]:
    """Those whose shards are in the folder."""
    there = {int(path.stem.partition("-")[2]) for path in folder.glob("sound-*.flac")}
    clips = (Clip(**clip) for clip in json.loads((folder / "clips.json").read_text()))
    return [clip for clip in clips if clip.shard in there]


def read_sounds(clips: list[Clip], folder: Path = FOLDER) -> NDArray[np.int16]:
    """`[clips, CLIP_SAMPLES]` at RATE."""
    shards = {shard: soundfile.read(_shard(folder, shard), dtype="int16")[0] for shard in {c.shard for c in clips}}
    return np.stack([shards[clip.shard][clip.start : clip.start + CLIP_SAMPLES] for clip in clips])


def _clip(part: str, line: str, number: int, register: str, looks: str, rng: random.Random) -> Clip:
    gender = Gender.WOMAN if number % 2 else Gender.MAN
    voice = Voice(name=f"Voice {number}", gender=gender)
    look = f"a {gender} {rng.choice(looks.split('|'))}"
    region = Region(id="1f0c9a42", span=Span(0, 1), register=register, voice=voice.name, line=line, look=look)
    return Clip(
        part=part,
        line=line,
        gender=gender.value,
        voice=voice.name,
        register=register,
        caption=caption_for(region, voice, register_table().get(register)),
        seed=rng.randrange(2**31),
    )


def _write_shard(shard: int, clips: list[Clip]) -> Iterator[Clip]:
    sounds = [said(clip) for clip in clips]
    soundfile.write(_shard(FOLDER, shard), np.concatenate(sounds), RATE, format="FLAC", subtype="PCM_16")
    for number, clip in enumerate(clips):
        yield Clip(**{**asdict(clip), "shard": shard, "start": number * CLIP_SAMPLES})


def said(clip: Clip) -> NDArray[np.int16]:
    """The clip's sound, `[CLIP_SAMPLES]` at RATE, over the floor of a room."""
    from sottovoce_engine.renderers.scratch.speech import speech_for

    voice = Voice(name=clip.voice, gender=Gender(clip.gender))
    job = RenderJob(
        key=str(clip.seed),
        content="",
        region=Region(
            id="1f0c9a42",
            span=clip.span_frames,
            register=clip.register,
            voice=voice.name,
            line=clip.line,
            look="a room",
        ),
        voice=voice,
        register=register_table().get(clip.register),
        caption="",
        window=Window(start=0, model_frames=FRAMES),
        rate=FRAME_RATE,
        start_frame=0,
        drop_frame=False,
        raster=Raster(width=64, height=64),
        picture=PictureMode.CUT,
        seed=clip.seed,
        renderer="scratch",
    )
    sound = soxr.resample(speech_for(job, lambda: None).sound, SAMPLE_RATE, RATE, quality="VHQ")
    return np.asarray(np.round(np.clip(sound[:CLIP_SAMPLES], -1.0, 1.0) * 32_767), np.int16)


def _shard(folder: Path, shard: int) -> Path:
    return folder / f"sound-{shard}.flac"


if __name__ == "__main__":
    main()
