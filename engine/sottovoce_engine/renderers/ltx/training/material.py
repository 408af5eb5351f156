"""What a training run is made of beside its clips: where models come from, and what is known of them."""

from dataclasses import dataclass
from typing import Any

import torch

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.casting import store_in_fp8
from sottovoce_engine.renderers.ltx.checkpoint import checkpoint
from sottovoce_engine.renderers.ltx.held_models import HeldModels, free_memory
from sottovoce_engine.renderers.ltx.loading import CheckpointSource, ModelSource, Part, device_for
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout
from sottovoce_engine.renderers.ltx.model_sizes import LTX_2_3_SIZES, RANDOM_TINY_SIZES, ModelSizes, sizes_in
from sottovoce_engine.renderers.ltx.random_weights import RandomSource, sizes_named
from sottovoce_engine.renderers.ltx.row_denoising import check_layout
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, shift_settings
from sottovoce_engine.renderers.ltx.settings import LtxSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """The model that a LoRA is trained on. Nothing of it is loaded yet."""

    source: ModelSource
    sizes: ModelSizes
    layout: ModelLayout
    shift: ShiftSettings
    fingerprint: str
    settings: LtxSettings
    device: torch.device

    @property
    def trained_on(self) -> str:
        """What of the model determines what is learnt, in words."""
        rounded = ", fp8" if self.settings.memory == "fp8" else ""
        return f"{self.fingerprint}, captions of {self.settings.text_tokens} tokens{rounded}"

    def models_beside(self) -> HeldModels:
        """The models that encode: all but the transformer that is trained."""
        return HeldModels(self.source, self.sizes, self.layout, self.settings, self.device)

    def transformer(self) -> Any:
        """The transformer, whole on the device; in fp8 but for the layers of the card, where the settings ask for it.

        Raises:
            SetupError: It cannot be loaded, does not fit onto the device, or is not of the 2.3 layout.
        """
        small = self.settings.memory == "fp8"
        try:
            transformer = self.source.loaded(Part.TRANSFORMER, torch.device("cpu") if small else self.device)
            check_layout(transformer)
            if small:
                store_in_fp8(transformer, self.layout.card_modules)
            return transformer.to(self.device)
        except torch.OutOfMemoryError as error:
            free_memory()
            raise SetupError(
                "The transformer does not fit onto the card, where it has to lie whole to be trained. End what else uses "
                "the card, set memory = 'fp8' in the LTX settings, which halves it, or train on a larger card."
            ) from error


def material_for(settings: LtxSettings) -> Material:
    """The model that the settings name, or one without a checkpoint.

    Raises:
        SetupError: There is no GPU, or no checkpoint.
        InputError: The checkpoint is another model's.
    """
    device = device_for(settings)
    if settings.random_weights:
        drawn = sizes_named(settings.random_size)
        return Material(
            source=RandomSource(sizes=drawn, settings=settings),
            sizes=RANDOM_TINY_SIZES if settings.random_size == "tiny" else LTX_2_3_SIZES,
            layout=drawn.layout,
            shift=ShiftSettings(),
            fingerprint=f"random-{settings.random_size}",
            settings=settings,
            device=device,
        )
    found = checkpoint(settings.model, settings.text_model)
    return Material(
        source=CheckpointSource(checkpoint=found, settings=settings),
        sizes=sizes_in(found.folder),
        layout=found.layout,
        shift=shift_settings(found.folder),
        fingerprint=found.fingerprint,
        settings=settings,
        device=device,
    )
