"""Which takes are sampled together: those of one LoRA state and one shape."""

from collections.abc import Sequence
from dataclasses import dataclass

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.bank import BASE, LoraState
from sottovoce_engine.renderers.ltx.checkpoint import file_fingerprint
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape, latent_shape
from sottovoce_engine.renderers.ltx.settings import DEFAULT_LORA, LtxSettings
from sottovoce_engine.renderers.ltx.sources import lora_named, lora_path
from sottovoce_engine.take import RenderJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Takes that go through the transformer side by side."""

    state: LoraState
    shape: LatentShape
    jobs: tuple[RenderJob, ...]


def batches_for(jobs: Sequence[RenderJob], settings: LtxSettings) -> tuple[Batch, ...]:
    """The jobs in the order they are sampled: each LoRA state once, each shape once within it.

    Raises:
        SetupError: A register asks for the LoRA, and none is named.
        InputError: The LoRA's file cannot be read.
    """
    groups: dict[tuple[LoraState, LatentShape], list[RenderJob]] = {}
    for job in jobs:
        groups.setdefault((lora_state(job, settings), shape_for(job, settings)), []).append(job)
    order = list(dict.fromkeys(state for state, _ in groups))
    size = settings.takes_at_once
    return tuple(
        Batch(state=state, shape=shape, jobs=tuple(group[start : start + size]))
        for (state, shape), group in sorted(groups.items(), key=lambda item: order.index(item[0][0]))
        for start in range(0, len(group), size)
    )


def lora_state(job: RenderJob, settings: LtxSettings) -> LoraState:
    """The weights a job is sampled with.

    Raises:
        SetupError: Its register asks for the LoRA, and none is named or it is not on this machine.
        InputError: The LoRA's file cannot be read.
    """
    if job.register.lora == 0.0:
        return BASE
    if not lora_named(job.register, settings):
        raise SetupError(
            f"The register '{job.register.name}' needs the whisper & soft-spoken LoRA, and the LTX settings name none. "
            f'Write lora = "{DEFAULT_LORA}" into them, or the path of its .safetensors file. Or render with --renderer '
            "scratch, which needs none."
        )
    path = lora_path(lora_named(job.register, settings))
    return LoraState(lora=file_fingerprint(path), strength=job.register.lora)


def shape_for(job: RenderJob, settings: LtxSettings) -> LatentShape:
    """The latents of a job's finished window on the model's raster."""
    return latent_shape(job.window.model_frames, settings.raster_for(job.raster), job.model_rate)
