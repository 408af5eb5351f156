"""WORLD: sound taken apart into pitch, envelope and breath, and put together again.

    sound  ->  f0 [frames]  envelope [frames, bins]  breath [frames, bins]  ->  sound
               Hz, 0 where    log power spectrum        0 voice .. 1 noise
               unvoiced

One frame each 5 ms, at 24 kHz. Long lines are worked in blocks, so that a cancelled job stops soon.

Source: Morise, Yokomori, Ozawa (2016), WORLD: a vocoder-based high-quality speech synthesis system;
Morise (2015), CheapTrick; Morise (2016), D4C.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sottovoce_engine.media.vocoder import world
from sottovoce_engine.renderers.scratch.utterance import RATE, Array, Check
from sottovoce_engine.timing import Span

FRAME_SECONDS = 0.005
FRAME_SAMPLES = 120
FFT_SIZE = 1024
BINS = FFT_SIZE // 2 + 1
LOWEST_F0 = 71.0  # CheapTrick needs three periods in its window: 3 * RATE / (FFT_SIZE - 3)

_LOWEST_POWER = 1e-16
_BLOCK_FRAMES = 400  # 2 s: about 0.1 s of work
_EDGE_FRAMES = 12
_FADE_FRAMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicing:
    """A stretch of speech in WORLD's terms. All arrays are float64 and C-contiguous."""

    f0: Array  # [frames] Hz, 0 where unvoiced
    envelope: Array  # [frames, BINS] natural logarithm of the power
    breath: Array  # [frames, BINS] share of noise in the amplitude, 0..1


def analysed(sound: Array, f0: Array | None, check: Check, *, breath: bool = True) -> Voicing:
    """Takes `sound` ([samples] at 24 kHz) apart.

    Args:
        sound: The speech.
        f0: Its pitch each 5 ms, where the synthesis knows it; None measures it.
        check: Called between blocks; raises when the work is to stop.
        breath: False leaves the breath at 1, for a voice that will only whisper.
    """
    vocoder = world()
    sound = np.ascontiguousarray(sound, np.float64)
    if f0 is None:
        rough, times = vocoder.dio(sound, RATE, f0_floor=LOWEST_F0, f0_ceil=600.0, frame_period=FRAME_SECONDS * 1000)
        check()
        f0 = vocoder.stonemask(sound, rough, times, RATE)
    f0 = np.where(f0 < LOWEST_F0, 0.0, f0)
    times = np.arange(len(f0)) * FRAME_SECONDS
    envelope = np.empty((len(f0), BINS))
    noise = np.ones((len(f0), BINS))
    for start in range(0, len(f0), _BLOCK_FRAMES):
        check()
        block = slice(start, start + _BLOCK_FRAMES)
        power = vocoder.cheaptrick(sound, f0[block], times[block], RATE, fft_size=FFT_SIZE, f0_floor=LOWEST_F0)
        np.log(np.maximum(power, _LOWEST_POWER, out=power), out=envelope[block])
        check()
        if breath:
            # Breath changes slowly: every second frame is measured, the one between takes after it.
            measured = vocoder.d4c(sound, f0[block][::2].copy(), times[block][::2].copy(), RATE, fft_size=FFT_SIZE)
            noise[block] = np.repeat(measured, 2, axis=0)[: len(f0[block])]
    noise[f0 == 0.0] = 1.0
    return Voicing(f0=f0, envelope=envelope, breath=noise)


def synthesised(voicing: Voicing, check: Check) -> Array:
    """The sound of `voicing`: [frames * FRAME_SAMPLES] at 24 kHz.

    Blocks meet where the speech is quietest, in a short crossfade.
    """
    frames = len(voicing.f0)
    sound = np.zeros((frames + 1) * FRAME_SAMPLES)
    for block in _blocks(voicing):
        check()
        wide = Span(max(0, block.start - _EDGE_FRAMES), min(frames, block.end + _EDGE_FRAMES))
        rows = slice(wide.start, wide.end)
        piece = world().synthesize(
            np.ascontiguousarray(voicing.f0[rows]),
            np.exp(voicing.envelope[rows], order="C"),
            np.ascontiguousarray(voicing.breath[rows]),
            RATE,
            FRAME_SECONDS * 1000,
        )
        at = wide.start * FRAME_SAMPLES
        piece = piece[: len(sound) - at]
        sound[at : at + len(piece)] += piece * _weights(block, wide, frames, len(piece))
    return sound[: frames * FRAME_SAMPLES]


def _weights(block: Span, wide: Span, frames: int, length: int) -> Array:
    """1 over the block, falling to 0 over the crossfade on each side that meets another block."""
    at = wide.start + np.arange(length) / FRAME_SAMPLES
    weights = np.ones(length)
    if block.start > 0:
        weights *= np.clip((at - block.start) / _FADE_FRAMES + 0.5, 0.0, 1.0)
    if block.end < frames:
        weights *= np.clip((block.end - at) / _FADE_FRAMES + 0.5, 0.0, 1.0)
    return weights


def _blocks(voicing: Voicing) -> Iterator[Span]:
    """Blocks of 1 to 3 s that meet at the quietest frame there, unvoiced where there is one."""
    frames, start = len(voicing.f0), 0
    level = voicing.envelope[:, : BINS // 3].max(axis=1) + np.where(voicing.f0 > 0.0, 7.0, 0.0)  # 30 dB
    while frames - start > 3 * _BLOCK_FRAMES // 2:
        lowest, highest = start + _BLOCK_FRAMES // 2, start + 3 * _BLOCK_FRAMES // 2
        end = lowest + int(np.argmin(level[lowest:highest]))
        yield Span(start, end)
        start = end
    yield Span(start, frames)
