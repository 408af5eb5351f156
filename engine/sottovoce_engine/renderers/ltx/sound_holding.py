"""The sound a take is held to, as latents that stay while the rest is sampled: what of it is kept, and where.

    latents      0         1 … L              … r0      r0 … r1        r1 …
    share        1         1         0 0 0 1 1 1        0 0 0          1 1 1 0 0
                 | anchor  |         |  beside |        region         | beside |

A latent is held where all of its 40 ms is: those that reach into the region are sampled. What is beside the region is
encoded as part of the whole window, the file's own sound before and after it included, so that no edge is heard where
it begins; of that, only what is held is kept. Of the region's old line no latent is, though the encoder has heard it.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError, RenderError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.renderers.ltx.latent_shape import CHANNELS, MEL_FRAMES_PER_LATENT, SAMPLES_PER_MEL_FRAME
from sottovoce_engine.renderers.ltx.latents import KeptAudio
from sottovoce_engine.renderers.ltx.sound_encoding import encoded_sound, samples_for
from sottovoce_engine.sound_context import AnchorSound, HeldSound, SoundContext
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at

Stretch = tuple[HeldSound, ...]  # what sounds at once


def tokens_within(span: Span, tokens: int) -> range:
    """The latents whose whole time lies in `span`, samples from the window's first frame.

    Source: `prepare_audio_coords` of diffusers' LTX2AudioVideoRotaryPosEmbed: latent n lasts from mel frame 4n-3 (the
    first one from 0) to 4n+1.
    """
    first_frame, end_frame = -(-span.start // SAMPLES_PER_MEL_FRAME), span.end // SAMPLES_PER_MEL_FRAME
    late = MEL_FRAMES_PER_LATENT - 1
    first = 0 if first_frame <= 0 else -(-(first_frame + late) // MEL_FRAMES_PER_LATENT)
    return range(first, max(first, min((end_frame + late) // MEL_FRAMES_PER_LATENT, tokens)))


def kept_sound(job: RenderJob, tokens: int, media: MediaFolder, vae: Any) -> KeptAudio | None:
    """What of a job's sound is given; None where nothing is, or where it is shorter than a latent.

    Args:
        job: The take to be made.
        tokens: Latents of its model's window.
        media: Where takes keep their media.
        vae: The audio VAE.

    Raises:
        RenderError: What it is held to cannot be read, or its anchor is silent.
    """
    context = job.context
    if context is None:
        return None
    share, clean = torch.zeros(tokens), torch.zeros(1, tokens, CHANNELS)
    try:
        for stretches in _alike(context):
            heard = encoded_sound(_beside(stretches[0], job), tokens, vae)
            for stretch in stretches:
                held = tokens_within(_held(stretch, job), tokens)
                share[held], clean[:, held] = 1.0, heard[:, held]
        if context.anchor is not None:
            held = tokens_within(Span(0, lead_samples(job)), tokens)
            spoken = _anchor(context.anchor, len(held), job, media)
            share[held], clean[:, held] = 1.0, encoded_sound(spoken, len(held), vae)
    except InputError as error:
        raise RenderError(f"{_who(job)} is held to sound that cannot be read. {error}") from error
    return KeptAudio(share=share, clean=clean) if share.any() else None


def lead_samples(job: RenderJob) -> int:
    """Samples of the model's window before the take's first."""
    return sample_at(job.window.start - job.model_window.start, job.rate)


def _alike(context: SoundContext) -> list[list[Stretch]]:
    """What lies before and after the region: together where it is one sound that runs on under the region."""
    before, after = ({replace(sound, held=Span(0, 0)) for sound in side} for side in (context.before, context.after))
    sides = [side for side in (context.before, context.after) if side]
    return [sides] if sides and before == after else [[side] for side in sides]


def _held(stretch: Stretch, job: RenderJob) -> Span:
    """The samples, from the first of the model's window, over which the stretch is held."""
    first = job.region.span.start - job.model_window.start
    start, end = min(sound.held.start for sound in stretch), max(sound.held.end for sound in stretch)
    return Span(sample_at(first + start, job.rate), sample_at(first + end, job.rate))


def _beside(stretch: Stretch, job: RenderJob) -> NDArray[np.float32]:
    """What the files of a stretch hold over the model's window, `[2, samples]`."""
    window = job.model_window
    length = sample_at(window.length, job.rate)
    total = np.zeros((2, length), np.float32)
    for sound in stretch:
        at = round((sound.start + (window.start - job.region.span.start) / job.rate) * SAMPLE_RATE)
        with SoundReader(sound.path) as reader:
            total += reader.read(Span(at, at + length)) * np.float32(10 ** (sound.gain_db / 20))
    return total


def _anchor(anchor: AnchorSound, tokens: int, job: RenderJob, media: MediaFolder) -> NDArray[np.float32]:
    """The last of an anchor's sound that so many latents hold, `[2, samples]`: it ends as it was meant to."""
    if anchor.of_take and not media.has(anchor.content):
        raise RenderError(
            f"{_who(job)} is held to a take whose media {anchor.content} is gone. Pick another anchor for the voice with "
            "--anchor."
        )
    path = media.path(anchor.content) if anchor.of_take else Path(anchor.path)
    length = samples_for(tokens)
    start = anchor.start + max(0, anchor.length - length)
    with SoundReader(path) as reader:
        sound = reader.read(Span(start, start + length))
    if not sound.any():
        raise RenderError(
            f"{_who(job)} is held to an anchor that is silent: {path}. Pick another one for the voice with --anchor."
        )
    return sound


def _who(job: RenderJob) -> str:
    return f"'{job.region.line[:60]}' ({job.region.voice})"
