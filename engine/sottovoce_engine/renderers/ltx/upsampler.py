"""The latent upsampler from disk: a folder in diffusers' layout, or Lightricks' own file.

<named>                          a .safetensors file: ltx-2.3-spatial-upscaler-x2-1.1.safetensors
<named>/config.json              the model's own folder
<named>/latent_upsampler/        in the folder of a checkpoint or of an upsampling pipeline
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from safetensors import SafetensorError
from safetensors.torch import load_file

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.tensor_file import tensor_file
from sottovoce_engine.renderers.ltx.two_stages import upsampler_path

_SCALE = 2  # rows and columns


def load_upsampler(folder: Path, settings: LtxSettings, device: torch.device) -> Any:
    """The upsampler that doubles rows and columns.

    Args:
        folder: Of the checkpoint, where the settings name no upsampler.
        settings: What names it, and the numeric type.
        device: Where it is to work.

    Raises:
        SetupError: It is not on this machine, cannot be loaded, does not fit into memory, or is another kind.
    """
    path = upsampler_path(settings, folder)
    dtype = torch.bfloat16 if settings.dtype == "bfloat16" else torch.float32
    try:
        model = _from_file(path, dtype) if path.is_file() else _from_folder(path, dtype)
        return model.to(device).eval()
    except torch.OutOfMemoryError as error:
        raise SetupError(
            f"The upsampler '{path}' does not fit into the GPU's memory ({error}). End what else uses the GPU, or set "
            "upscaled = false."
        ) from error
    except (OSError, ValueError, RuntimeError, KeyError, IndexError, SafetensorError, InputError) as error:
        first = str(error).strip().partition("\n")[0].rstrip(".:")
        raise SetupError(
            f"The upsampler '{path}' cannot be loaded: {first}. Fetch the LTX-2.3 spatial upscaler x2 again, as "
            "safetensors, or set upscaled = false."
        ) from error


def _from_folder(folder: Path, dtype: torch.dtype) -> Any:
    model = LTX2LatentUpsamplerModel.from_pretrained(
        folder, torch_dtype=dtype, use_safetensors=True, local_files_only=True
    )
    config = model.config
    scale = config.rational_spatial_scale if config.use_rational_resampler else _SCALE
    if not config.spatial_upsample or config.temporal_upsample or scale != _SCALE:
        raise _other_kind(folder)
    return model


def _from_file(path: Path, dtype: torch.dtype) -> Any:
    """Lightricks' file names its weights as diffusers does; what is built for them is read off their shapes.

    Source: scripts/convert_ltx2_to_diffusers.py of diffusers, which loads the file's weights as they are.
    """
    shapes = {name: entry.shape for name, entry in tensor_file(path).entries.items()}
    model = LTX2LatentUpsamplerModel(**_config(path, shapes))
    model.load_state_dict(load_file(path))
    return model.to(dtype)


def _config(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    first = shapes["initial_conv.weight"]  # [middle, in, kernel ...]
    rational = "upsampler.conv.weight" in shapes
    growing = shapes["upsampler.conv.weight" if rational else "upsampler.0.weight"]  # [out, middle, kernel ...]
    if len(growing) != 4 or growing[0] != _SCALE**2 * growing[1]:
        raise _other_kind(path)
    return {
        "in_channels": first[1],
        "mid_channels": first[0],
        "num_blocks_per_stage": len({name.split(".")[1] for name in shapes if name.startswith("res_blocks.")}),
        "dims": len(first) - 2,
        "use_rational_resampler": rational,
    }


def _other_kind(path: Path) -> SetupError:
    return SetupError(
        f"The upsampler '{path}' does not double the picture's sides: it is a temporal one, or one of another factor. "
        "Name the LTX-2.3 spatial upscaler x2 as `upsampler` in the LTX settings."
    )
