"""Which takes are sampled together: those of one LoRA state and one shape, of one picture where it stays, of one gating."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.bank import BASE, LoraState
from sottovoce_engine.renderers.ltx.checkpoint import file_fingerprint
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape, latent_shape
from sottovoce_engine.renderers.ltx.settings import DEFAULT_LORA, LtxSettings
from sottovoce_engine.renderers.ltx.sources import lora_named, lora_path
from sottovoce_engine.scene import Raster
from sottovoce_engine.take import Gating, LockedPicture, RenderJob, ShotFrames, Window

LOCKED_AT_ONCE = 8  # takes over one picture that stays: each costs its sound's tokens only


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPicture:
    """A picture that stays, frame by frame, and the caption it is seen with. Takes of one share what is made of it."""

    caption: str
    picture: LockedPicture | ShotFrames
    window: Window
    region_start: int  # scene frame
    raster: Raster
    rate: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Takes that go through the transformer side by side."""

    state: LoraState
    shape: LatentShape
    jobs: tuple[RenderJob, ...]
    locked: bool = False  # takes of one caption over one picture that stays, whose stream is computed once for all
    gating: Gating | None = None  # the lines of a window in which the LoRA's effect and the words change


def batches_for(jobs: Sequence[RenderJob], settings: LtxSettings) -> tuple[Batch, ...]:
    """The jobs in the order they are sampled: each LoRA state once, each shape once within it.

    Raises:
        SetupError: A register asks for the LoRA, and none is named.
        InputError: The LoRA's file cannot be read.
    """
    groups: dict[tuple[LoraState, LatentShape, WatchedPicture | None, Gating | None], list[RenderJob]] = {}
    for job in jobs:
        watched = picture_of(job, settings) if settings.lock == "fast" else None
        kind = lora_state(job, settings), shape_for(job, settings), watched, job.gating
        groups.setdefault(kind, []).append(job)
    order = list(dict.fromkeys(state for state, *_ in groups))
    sizes = {False: settings.takes_at_once, True: max(settings.takes_at_once, LOCKED_AT_ONCE)}
    return tuple(
        Batch(
            state=state, shape=shape, jobs=tuple(group[start : start + size]), locked=watched is not None, gating=gating
        )
        for (state, shape, watched, gating), group in sorted(groups.items(), key=lambda item: order.index(item[0][0]))
        for size in (sizes[watched is not None],)
        for start in range(0, len(group), size)
    )


def picture_of(job: RenderJob, settings: LtxSettings) -> WatchedPicture | None:
    """What a job's sound is sampled over; None where its picture is sampled, too."""
    picture = job.locked_on or job.on_shot
    if settings.lock == "off" or picture is None:
        return None
    return WatchedPicture(
        caption=job.caption,
        picture=picture,
        window=job.model_window,
        region_start=job.region.span.start,
        raster=job.raster,
        rate=job.rate,
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
    """The latents of what is sampled for a job, on the model's raster."""
    return latent_shape(job.model_window.model_frames, settings.raster_for(job.raster), job.model_rate)
