"""A tiny latent upsampler with random weights, of the real class."""

from pathlib import Path

import torch
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from safetensors.torch import save_file


def tiny_upsampler(**differing: object) -> LTX2LatentUpsamplerModel:
    """As LTX-2.3's x2 upsampler is built, but narrow; `differing` are its config's other values."""
    torch.manual_seed(21)
    config = {"mid_channels": 32, "num_blocks_per_stage": 1, "use_rational_resampler": False} | differing
    return LTX2LatentUpsamplerModel(**config).eval()


def save_upsampler_file(path: Path, **differing: object) -> Path:
    """The upsampler as Lightricks publishes it: one file, weights alone."""
    save_file(tiny_upsampler(**differing).state_dict(), path)
    return path
