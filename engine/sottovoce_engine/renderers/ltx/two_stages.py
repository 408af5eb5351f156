"""What sampling in two stages needs on this machine: an upsampler, and distilled weights for the second stage.

    preset    first stage              second stage: 3 steps, no guidance
    fast      distilled, 8 steps       the same weights
    best      dev, 30 steps, guided    `second_model`: a distilled checkpoint, or
                                       `second_lora`: Lightricks' distilled LoRA, fused into dev's weights

Names and files only, no torch.
"""

from contextlib import suppress
from pathlib import Path

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.checkpoint import Checkpoint, checkpoint, file_fingerprint
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.sources import found_at, lora_path

SUBFOLDER = "latent_upsampler"
_WEIGHTS = "diffusion_pytorch_model.safetensors"
_WITHOUT = "Or set upscaled = false."


def upsampler_path(settings: LtxSettings, folder: Path) -> Path:
    """The upsampler's `.safetensors` file, or the folder its config and weights lie in.

    Args:
        settings: What names it.
        folder: The checkpoint's, where the settings name none.

    Raises:
        SetupError: It is not on this machine.
    """
    named = settings.upsampler
    found = found_at(named) if named else folder
    if found is None:
        raise SetupError(
            f"The upsampler '{named}' is not on this machine. Fetch LTX-2.3's spatial upscaler x2, and name its folder, "
            f"its .safetensors file or its hub id as `upsampler` in the LTX settings. {_WITHOUT}"
        )
    if named and found.is_file():
        return found
    for candidate in (found / SUBFOLDER, found) if named else (found / SUBFOLDER,):
        if (candidate / _WEIGHTS).is_file():
            return candidate
    raise SetupError(
        f"'{found}' holds no upsampler: there is no {_WEIGHTS} in its folder '{SUBFOLDER}'. Fetch LTX-2.3's spatial "
        f"upscaler x2 and name it as `upsampler` in the LTX settings. {_WITHOUT}"
    )


def second_checkpoint(settings: LtxSettings, first: Checkpoint) -> Checkpoint:
    """The checkpoint whose transformer samples the second stage; `first` where that is the first stage's, too.

    Raises:
        SetupError: It is not on this machine, or none is named that can do without guidance.
        InputError: It is the checkpoint of another model, or both ways are named.
    """
    if settings.second_model:
        if settings.second_lora:
            raise InputError(
                "The LTX settings name both `second_model` and `second_lora`: the second stage's weights are distilled "
                "either way. Leave one of them out."
            )
        return checkpoint(settings.second_model, settings.text_model)
    if settings.preset == "best" and not settings.second_lora and not settings.second_stage.needs_negative:
        raise SetupError(
            "The second stage of preset = 'best' takes a few steps without guidance, which LTX-2.3 dev was not made for. "
            "Name a distilled checkpoint as `second_model` or Lightricks' distilled LoRA as `second_lora` in the LTX "
            f"settings; or use preset = 'fast'. {_WITHOUT}"
        )
    return first


def second_fingerprints(settings: LtxSettings, folder: Path | None) -> tuple[str, ...]:
    """What of the upsampler and of the distilled LoRA changes a take; "missing" for what is not here.

    Args:
        settings: What names them.
        folder: The checkpoint's, if it is on this machine.
    """
    upsampler, lora = "missing", "missing" if settings.second_lora else "none"
    with suppress(SetupError):  # a plan does not need what is not here
        if settings.upsampler or folder is not None:
            path = upsampler_path(settings, folder or Path())
            upsampler = file_fingerprint(path if path.is_file() else path / _WEIGHTS)
    with suppress(SetupError):
        if settings.second_lora:
            lora = file_fingerprint(lora_path(settings.second_lora))
    return upsampler, lora
