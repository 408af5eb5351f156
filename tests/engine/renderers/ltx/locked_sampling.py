"""Takes over a picture that stays, in one caption: what tests of the fast path sample."""

import torch
from diffusers import LTX2Pipeline

from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import KeptVideo, Latents, Text, noise_for, stacked

from .stock_sampling import CAPTIONS, NEGATIVE, SHAPE, text_of

WHOLE = KeptVideo(share=torch.ones(SHAPE.video_tokens), clean=noise_for(50, SHAPE).video)
SOME_PASSES = (
    (Pass.POSITIVE,),
    (Pass.POSITIVE, Pass.NEGATIVE),
    (Pass.POSITIVE, Pass.PERTURBED),
    (Pass.POSITIVE, Pass.ISOLATED),
    (Pass.POSITIVE, Pass.NEGATIVE, Pass.PERTURBED, Pass.ISOLATED),
)


def conditions_for(
    stock: LTX2Pipeline, takes: int = 1, *, blocks: tuple[int, ...] = (1,), kept: KeptVideo = WHOLE
) -> Conditions:
    text = text_of(stock, CAPTIONS[:1])
    return Conditions(
        shape=SHAPE,
        text=Text(video=text.video.repeat(takes, 1, 1), audio=text.audio.repeat(takes, 1, 1)),
        negative=text_of(stock, [NEGATIVE]),
        kept=kept,
        perturbed_blocks=blocks,
    )


def states_of(*seeds: int) -> Latents:
    noise = stacked([noise_for(seed, SHAPE) for seed in seeds])
    return Latents(video=WHOLE.clean.repeat(len(seeds), 1, 1), audio=noise.audio)
