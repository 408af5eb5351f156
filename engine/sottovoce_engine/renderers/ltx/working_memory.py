"""What each stage needs on the card beside its weights. Estimates on the safe side, each with where it comes from.

stage      measured                                           at                               taken here
sampling   2.55 GB over weights and bank, 4 rows together;    768x512x97, 1,024 text tokens,   1.0 GB and 140 kB
           1.15 GB for 1 row: 0.7 GB and 92 kB a token, row   H200, bench/RESULTS-ltx.md       a token and row
decoding   8.7 GB over the transformer, whole                 768x512x97, H100, torch 2.11     0.5 GB and 240 bytes
                                                                                               a pixel and frame
tiles      not measured: as much for a tile as for a whole    256x256 pixels, every frame      the same a tile, and
           picture of that size, and the finished picture                                      48 bytes for the rest
           three times in float32 and bf16
captions   not measured: the states of 49 layers, 385 MB in   1,024 tokens                     2 MB a token
           bf16, twice, and their normalised copy in float32
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sottovoce_engine.renderers.ltx.latent_shape import latent_shape
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.sources import lora_named
from sottovoce_engine.take import RenderJob

TILE = 256  # pixels a side
TILE_STRIDE = 192  # what of a tile is kept; the rest is blended with its neighbour
CARD_MARGIN = 1_000_000_000  # CUDA's context, its libraries' workspaces, what lies between pieces of memory
HOST_MARGIN = 4_000_000_000  # Python and its libraries, the take being written

_SAMPLING, _SAMPLING_PER_TOKEN = 1_000_000_000, 140_000
_WATCHED_PER_TOKEN = 400_000  # 48 blocks of 4,096 numbers in bf16
_DECODING, _DECODING_PER_PIXEL, _TILED_PER_PIXEL = 500_000_000, 240, 48
_CAPTION_PER_TOKEN = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The most that is asked of the model at once."""

    video_tokens: int
    audio_tokens: int
    text_tokens: int
    frames: int  # of the picture
    pixels: int  # of one frame
    passes: int  # guidance passes of a step
    takes: int = 1  # sampled at once
    together: bool = True  # passes as rows of one forward
    states: int = 1  # of the bank: LoRAs and strengths in use
    watched: int = 0  # passes that keep what they watch of a picture that stays
    pictures: int = 1  # that stay, captions told apart

    @property
    def rows(self) -> int:
        """Takes within passes that go through the transformer side by side."""
        return self.takes * self.passes if self.together else self.takes


def activation_bytes(load: Load) -> int:
    """One forward."""
    return _SAMPLING + _SAMPLING_PER_TOKEN * load.rows * (load.video_tokens + load.audio_tokens)


def watched_bytes(load: Load) -> int:
    """The states of one picture that stays, in all blocks."""
    return _WATCHED_PER_TOKEN * load.watched * load.video_tokens


def caption_bytes(load: Load) -> int:
    """One caption through text encoder and connectors."""
    return _CAPTION_PER_TOKEN * load.text_tokens


def decoding_bytes(load: Load, *, tiled: bool) -> int:
    """One picture from its latents."""
    if not tiled:
        return _DECODING + _DECODING_PER_PIXEL * load.frames * load.pixels
    tile = min(load.pixels, TILE * TILE)
    return _DECODING + load.frames * (_DECODING_PER_PIXEL * tile + _TILED_PER_PIXEL * load.pixels)


def load_of(jobs: Sequence[RenderJob], settings: LtxSettings) -> Load:
    """What the jobs ask for at most, as the settings have them sampled.

    Raises:
        InputError: A window cannot be rendered at the raster that the settings name.
    """
    shapes = {
        latent_shape(
            job.model_window.model_frames, settings.raster_for(job.raster), job.model_rate, side=settings.side
        ): job
        for job in jobs
    }
    largest = max(shapes, key=lambda shape: shape.video_tokens + shape.audio)
    pictures = [(job.model_window.model_frames, settings.raster_for(job.raster)) for job in shapes.values()]
    frames, raster = max(pictures, key=lambda picture: picture[0] * picture[1].width * picture[1].height)
    return Load(
        video_tokens=largest.video_tokens,
        audio_tokens=largest.audio,
        text_tokens=settings.text_tokens,
        frames=frames,
        pixels=raster.width * raster.height,
        passes=passes_of(settings),
        takes=settings.takes_at_once,
        together=settings.passes == "together",
        watched=_watched(jobs, settings),
        pictures=max(1, len({(job.caption, job.locked_on, job.on_shot, job.window) for job in jobs})),
        states=len({(lora_named(job.register, settings), job.register.lora) for job in jobs if _is_fused(job)}),
    )


def _is_fused(job: RenderJob) -> bool:
    """Whether a LoRA is fused for it. Gated, it lies beside the weights: 0.2 GB, which the margins hold."""
    return job.register.lora > 0 and job.gating is None


def _watched(jobs: Sequence[RenderJob], settings: LtxSettings) -> int:
    if settings.lock != "fast" or not any(job.locked_on or job.on_shot for job in jobs):
        return 0
    return 1 + settings.sampling.needs_negative + settings.sampling.needs_perturbed


def passes_of(settings: LtxSettings) -> int:
    """Guidance passes of a step; a first stage at half the raster has a quarter of the tokens."""
    sampling, second = settings.sampling, settings.second_stage
    passes, again = (1 + one.needs_negative + one.needs_perturbed + one.needs_isolated for one in (sampling, second))
    return max(-(-passes // 4), again) if settings.upscaled else passes
