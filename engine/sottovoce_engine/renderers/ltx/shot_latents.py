"""The latents of a rendered shot: kept beside its take, and given whole where a sound is made for a part of it.

shot       frames  0 | 1 .. 8 | 9 .. 16 | 17 .. 24 | 25 .. 32
latents            0 |   1    |    2    |    3     |    4
a window                             16 | 17 .. 24 | 25 .. 32        begins on the last frame of a latent
given                                 e |    3     |    4            e: that frame alone, which no latent is of, encoded

So the sound watches what was sampled, not a decoded, compressed and encoded copy of it.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.renderers.ltx.latent_shape import CHANNELS, FRAMES_PER_LATENT, LatentShape
from sottovoce_engine.renderers.ltx.latents import KeptVideo
from sottovoce_engine.renderers.ltx.tensor_file import tensor_file
from sottovoce_engine.take import RenderJob, ShotFrames, Take

_NAME = "video"
_LOG = logging.getLogger(__name__)


def kept_latents(video: Tensor, shape: LatentShape, media: MediaFolder) -> str:
    """Writes a shot's picture into the media folder and returns its name there.

    Args:
        video: `[1, video tokens, 128]`, normalised.
        shape: Of the window.
        media: Where takes keep their media.

    Raises:
        InputError, SetupError: The disk does not take it.
    """
    # In fp16 they lie nearer to what was sampled than in the bf16 that the transformer reads.
    picture = video.detach().to("cpu", torch.float16).reshape(shape.frames, shape.rows, shape.columns, CHANNELS)
    with media.staged("safetensors") as path:
        try:
            save_file({_NAME: picture.contiguous()}, path)
        except OSError as error:
            raise write_error(path, error) from error
        return media.adopt(path)


def shot_video(
    job: RenderJob,
    shape: LatentShape,
    media: MediaFolder,
    made: Mapping[str, Take],
    first_frame: Callable[[], KeptVideo],
) -> KeptVideo | None:
    """The part of its shot that a job's window shows, as latents that stay; None where there are none that fit.

    Args:
        job: The take to be made.
        shape: Of its window.
        media: Where takes keep their media.
        made: Takes finished in this batch, by key.
        first_frame: Encodes the window's first frame alone, at the start of `shape`.
    """
    over = job.on_shot
    if over is None or job.model_window != job.window:
        return None
    shot = made.get(over.shot)
    whole = _read(shot.latents if shot is not None else over.latents, media)
    first = over.first // (FRAMES_PER_LATENT * job.window.divisor)
    if whole is None or whole.shape[1:] != (shape.rows, shape.columns, CHANNELS) or len(whole) < first + shape.frames:
        return None
    clean = torch.from_numpy(whole[first : first + shape.frames].reshape(1, shape.video_tokens, CHANNELS))
    if first > 0:
        frame = shape.rows * shape.columns
        clean = torch.cat((first_frame().clean[:, :frame].to(clean), clean[:, frame:]), dim=1)
    return KeptVideo(share=torch.ones(shape.video_tokens), clean=clean)


def shot_media(over: ShotFrames, media: MediaFolder, made: Mapping[str, Take]) -> Path | None:
    """Where the media of a shot lie; None where it could not be made or is gone."""
    shot = made.get(over.shot)
    name = shot.media if shot is not None else over.media
    return media.path(name) if name and media.has(name) else None


def _read(name: str, media: MediaFolder) -> NDArray[np.float32] | None:
    """`[frames, rows, columns, 128]`; None where they are gone or damaged: the shot's movie is still there."""
    if not name:
        return None
    try:
        return tensor_file(media.path(name)).values(_NAME)
    except (InputError, KeyError) as error:
        _LOG.warning("A shot's latents cannot be used, so its movie is encoded: %s", error)
        return None
