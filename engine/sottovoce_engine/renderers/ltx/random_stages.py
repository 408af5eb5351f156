"""The stages over a model without a checkpoint."""

from dataclasses import replace

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.renderers.ltx.caption_stage import caption_folder
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.loading import device_for
from sottovoce_engine.renderers.ltx.model_sizes import LTX_2_3_SIZES, RANDOM_TINY_SIZES
from sottovoce_engine.renderers.ltx.random_weights import RandomSource, random_lora, sizes_named
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.stages import Stages


def random_stages(media: MediaFolder, settings: LtxSettings) -> Stages:
    """Stages that need no file: registers with the LoRA on get a random one, whatever the settings name.

    Raises:
        SetupError: There is no GPU, or the random LoRA cannot be written.
        InputError: Two stages are asked for, which need an upsampler's weights.
    """
    if settings.upscaled:
        raise InputError("random_weights has no upsampler. Set upscaled = false in the LTX settings, or name a model.")
    device, sizes, folder = device_for(settings), sizes_named(settings.random_size), caption_folder(settings)
    lora = random_lora(folder, settings.random_size, sizes.layout)
    known = RANDOM_TINY_SIZES if settings.random_size == "tiny" else LTX_2_3_SIZES
    return Stages(
        media=media,
        settings=replace(settings, lora=str(lora)),
        models=HeldModels(RandomSource(sizes=sizes, settings=settings), known, sizes.layout, settings, device),
        layout=sizes.layout,
        shift=ShiftSettings(),
        fingerprint=f"random-{settings.random_size}",
        folder=folder,
    )
