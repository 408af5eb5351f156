"""Copy-synthesis: held-out lines through vocoder alone, and through audio VAE and vocoder, before the judge.

All of it runs through the renderer's own code: `encoded_sound`, `decoded_sounds`.
"""

from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import soxr
import torch
from bench.learned.corpus import CLIP_SAMPLES, RATE, Clip, read_clips, read_sounds
from bench.learned.intervals import shown_share
from bench.learned.weights import begun, go_on_from
from numpy.typing import NDArray

from sottovoce_engine.judge.level import speech_loudness_lufs, speech_span
from sottovoce_engine.judge.register import Verdict, judged_voicing
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import voiced_share, voicing_of
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.decoding import DecodingModels, decoded_sounds
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.sound_encoding import encoded_sound
from sottovoce_engine.renderers.ltx.sound_mel import log_mel
from sottovoce_engine.scene import Gender, Voice
from sottovoce_engine.timing import SAMPLE_RATE

TOKENS = 51


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the judge says of one sound."""

    register: str
    verdict: Verdict
    v: float
    voiced: float  # share of the speech, by DIO
    f0_hz: float | None
    alpha_db: float | None
    lufs: float | None
    span_seconds: float  # from the first spoken frame to the last

    @property
    def right(self) -> bool:
        return self.verdict is (Verdict.WHISPER if self.register == "whisper" else Verdict.VOICED)


def print_copies(corpus: Path, weights: Path, lines: int) -> None:
    """One table: per register and way, how many are what they were, and how far v, pitch, brightness and level moved."""
    held = [clip for clip in read_clips(corpus) if clip.part == "held"]
    said = sorted({clip.line for clip in held})[:lines]
    clips = [clip for clip in held if clip.line in said]
    sounds = as_they_were(clips, corpus)
    vocoder, vae = begun(Part.VOCODER).eval(), begun(Part.AUDIO_VAE).eval()
    ways = {"as it was": sounds}
    if go_on_from(vocoder, "vocoder", weights):
        ways["vocoder"] = [_vocoded(sound, vocoder) for sound in sounds]
        if go_on_from(vae, "audio_vae", weights):
            models = DecodingModels(vae=None, audio_vae=vae, vocoder=vocoder)
            ways["audio VAE, vocoder"] = [_through(sound, models) for sound in sounds]
    print("| register | way | right | v | voiced, DIO | f0 moved, st | alpha moved, dB | level moved, LU |")
    print("|---|---|---|---|---|---|---|---|")
    heard = {
        way: [heard_in(sound, clip) for sound, clip in zip(each, clips, strict=True)] for way, each in ways.items()
    }
    for register in ("whisper", "soft", "normal", "loud", "shout"):
        places = [place for place, clip in enumerate(clips) if clip.register == register]
        for way, found in heard.items():
            print(_row(register, way, [found[place] for place in places], [heard["as it was"][p] for p in places]))


def as_they_were(clips: list[Clip], corpus: Path) -> list[NDArray[np.float32]]:
    """The clips' sounds, `[2, samples]` at 48 kHz."""
    return [
        np.stack([soxr.resample(sound / np.float32(32_768), RATE, SAMPLE_RATE, quality="VHQ")] * 2)
        for sound in read_sounds(clips, corpus)
    ]


def heard_in(sound: Sound, clip: Clip) -> Heard:
    """`[2, samples]` at 48 kHz before the judge, asked for the clip's register."""
    thresholds = thresholds_of("register", RegisterThresholds)
    voicing = voicing_of(sound, thresholds)
    register = register_table().get(clip.register)
    voice = Voice(name=clip.voice, gender=Gender(clip.gender))
    found = judged_voicing(voicing, None, register, voice, None, thresholds)
    span = speech_span(voicing, None)
    share = voiced_share(voicing, voicing.active) if voicing.active.any() else None
    return Heard(
        register=clip.register,
        verdict=found.verdict,
        v=found.v or 0.0,
        voiced=share or 0.0,
        f0_hz=found.f0_hz,
        alpha_db=found.alpha_db,
        lufs=speech_loudness_lufs(sound, voicing),
        span_seconds=span.length / SAMPLE_RATE if span else 0.0,
    )


@torch.inference_mode()
def _vocoded(sound: NDArray[np.float32], vocoder: torch.nn.Module) -> Sound:
    mel = log_mel(sound, rate=RATE, hop=160, bands=64)[:, :, : CLIP_SAMPLES // 160]
    made: Sound = vocoder(mel)[0].numpy()
    return made


def _through(sound: NDArray[np.float32], models: DecodingModels) -> Sound:
    latents = encoded_sound(sound, TOKENS, models.audio_vae)
    return decoded_sounds([Latents(video=torch.zeros(1, 0, 128), audio=latents)], models)[0]


def _row(register: str, way: str, found: list[Heard], was: list[Heard]) -> str:
    pairs = list(zip(found, was, strict=True))
    f0 = [12 * np.log2(now.f0_hz / then.f0_hz) for now, then in pairs if now.f0_hz and then.f0_hz]
    alpha = [n.alpha_db - t.alpha_db for n, t in pairs if n.alpha_db is not None and t.alpha_db is not None]
    level = [n.lufs - t.lufs for n, t in pairs if n.lufs is not None and t.lufs is not None]
    cells = (
        register,
        way,
        shown_share(sum(one.right for one in found), len(found)),
        f"{mean(one.v for one in found):.2f}",
        f"{mean(one.voiced for one in found):.2f}",
        *(f"{mean(values):+.1f} (±{np.std(values):.1f})" if values else "" for values in (f0, alpha, level)),
    )
    return f"| {' | '.join(cells)} |"
