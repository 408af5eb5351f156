"""The pictures a take starts from: frames of the take before it, or of the timeline's own footage.

media       decoded at the scene's raster, as the splice shows them
pictures    laid where the model's picture is cropped from, so that nothing moves at the cut
kept        their latents: given whole, from the window's first frame on
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.ltx2.utils import DEFAULT_IMAGE_CRF, apply_image_conditioning_crf
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError, RenderError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.renderers.ltx.conforming import model_picture
from sottovoce_engine.renderers.ltx.latent_shape import FRAMES_PER_LATENT, LatentShape
from sottovoce_engine.renderers.ltx.latents import KeptVideo, packed_video
from sottovoce_engine.renderers.ltx.shot_latents import shot_media
from sottovoce_engine.scene import Raster
from sottovoce_engine.take import RenderJob, Take


def given_pictures(
    job: RenderJob, media: MediaFolder, raster: Raster, made: Mapping[str, Take]
) -> NDArray[np.uint8] | None:
    """The 1, 9 or 17 frames a take starts from, `[frames, rows, columns, 3]` R'G'B'; None where it starts from nothing.

    Args:
        job: The take to be made.
        media: Where takes keep their media.
        raster: The model's.
        made: Takes finished in this batch, by key.

    Raises:
        RenderError: The take before it failed or is gone, or its frames or the footage cannot be read.
    """
    if job.from_footage is not None:
        footage = job.from_footage
        return _pictures(job, Path(footage.path), footage.start, footage.frames, raster)
    if not job.continues:
        return None
    path = _media_before(job, media, made)
    if job.from_take is None:
        raise RenderError(f"{_who(job)} continues from another, and it is not said from which frames. Plan it again.")
    return _pictures(job, path, job.from_take.first / job.rate, job.from_take.frames, raster)


def locked_pictures(job: RenderJob, raster: Raster) -> NDArray[np.uint8] | None:
    """All frames of a window whose picture stays, as `given_pictures` gives them; None where none is known.

    Args:
        job: The take to be made.
        raster: The model's.

    Raises:
        RenderError: The footage cannot be read.
    """
    watched = job.locked_on
    if watched is None:
        return None
    window = job.model_window
    first = window.start - job.region.span.start
    times = [watched.time(first + index * window.divisor, job.rate) for index in range(window.model_frames)]
    return _pictures_at(job, Path(watched.path), times, raster, "is made for")


def shot_pictures(
    job: RenderJob, media: MediaFolder, raster: Raster, made: Mapping[str, Take], frames: int | None = None
) -> NDArray[np.uint8] | None:
    """The frames of a window that lies over a rendered shot, or the first few of them; None where it lies over none.

    Args:
        job: The take to be made.
        media: Where takes keep their media.
        raster: The model's.
        made: Takes finished in this batch, by key.
        frames: How many; None: all.

    Raises:
        RenderError: The shot could not be made, or cannot be read.
    """
    over, window = job.on_shot, job.model_window
    if over is None:
        return None
    path = shot_media(over, media, made)
    if path is None:
        raise RenderError(
            f"{_who(job)} lies over a shot that could not be made, or whose media are gone. Render again: the shot is "
            "made first."
        )
    lead = job.window.start - window.start  # under an anchor the picture stands still
    count = window.model_frames if frames is None else frames
    times = [(over.first + max(0, index * window.divisor - lead)) / job.rate for index in range(count)]
    return _pictures_at(job, path, times, raster, "is made for")


@torch.inference_mode()
def kept_video(pictures: NDArray[np.uint8], shape: LatentShape, vae: Any) -> KeptVideo:
    """The pictures as latents that stay as they are from the window's first frame on, on the VAE's device.

    Args:
        pictures: 8k+1 frames, `[frames, rows, columns, 3]` R'G'B' at the model's raster.
        shape: Of the window.
        vae: The video VAE.

    Source: LTX2ConditionPipeline of diffusers (`preprocess_conditions`, `prepare_latents`): the most likely latents,
    normalised; a single frame is compressed first as the model's training images were.
    """
    latent_frames = (len(pictures) - 1) // FRAMES_PER_LATENT + 1
    if len(pictures) % FRAMES_PER_LATENT != 1 or latent_frames > shape.frames:
        raise ValueError(f"{len(pictures)} pictures cannot start a window of {shape.frames} latent frames")
    if len(pictures) == 1:
        pictures = apply_image_conditioning_crf(pictures[0], DEFAULT_IMAGE_CRF)[None]
    pixels = torch.from_numpy(np.ascontiguousarray(pictures)).to(vae.device, torch.float32)
    pixels = pixels.permute(3, 0, 1, 2)[None] / 127.5 - 1.0
    latents = vae.encode(pixels.to(vae.dtype)).latent_dist.mode().float()
    mean, deviation = (values.to(latents).view(1, -1, 1, 1, 1) for values in (vae.latents_mean, vae.latents_std))
    tokens = packed_video((latents - mean) * vae.config.scaling_factor / deviation)
    clean = tokens.new_zeros((1, shape.video_tokens, tokens.shape[2]))
    clean[:, : tokens.shape[1]] = tokens
    share = tokens.new_zeros(shape.video_tokens)
    share[: tokens.shape[1]] = 1.0
    return KeptVideo(share=share, clean=clean)


def _media_before(job: RenderJob, media: MediaFolder, made: Mapping[str, Take]) -> Path:
    """The media of the take that the job continues from."""
    before = made.get(job.continues)
    name = before.media if before is not None else job.from_take.media if job.from_take is not None else ""
    if not name:
        raise RenderError(
            f"{_who(job)} continues from the take before it, which could not be made. Render that one first, then this "
            "one; or set the region's picture to 'cut'."
        )
    if not media.has(name):
        raise RenderError(
            f"{_who(job)} continues from the take {job.continues}, whose media {name} is gone. Choose another take for "
            "the region before, or set the region's picture to 'cut'."
        )
    return media.path(name)


def _pictures(job: RenderJob, path: Path, start: Fraction, frames: int, raster: Raster) -> NDArray[np.uint8]:
    """Model frames of a file from `start` seconds on."""
    times = [start + index / job.model_rate for index in range(frames)]
    return _pictures_at(job, path, times, raster, "starts from")


def _pictures_at(
    job: RenderJob, path: Path, times: Sequence[Fraction], raster: Raster, what_for: str
) -> NDArray[np.uint8]:
    """What a file shows at these times, in seconds; `what_for` is said in the error."""
    try:
        with PictureReader(path, job.raster, watched=True) as reader:
            return np.stack([model_picture(reader.frame(at), raster) for at in times])
    except InputError as error:
        raise RenderError(f"{_who(job)} {what_for} pictures that cannot be read. {error}") from error


def _who(job: RenderJob) -> str:
    return f"'{job.region.line[:60]}' ({job.region.voice})"
