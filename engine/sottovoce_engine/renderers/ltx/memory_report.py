"""What this machine's memory allows, told before anything is loaded: no torch, no weights read."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.renderers.ltx.checkpoint import checkpoint_folder
from sottovoce_engine.renderers.ltx.latent_shape import latent_shape
from sottovoce_engine.renderers.ltx.machine_memory import Card, graphics_card, host_free_bytes
from sottovoce_engine.renderers.ltx.model_sizes import LTX_2_3_SIZES, RANDOM_TINY_SIZES, ModelSizes, sizes_in
from sottovoce_engine.renderers.ltx.placement import Memory, Placement, least_of, placements_for
from sottovoce_engine.renderers.ltx.placement_words import advice, gigabytes, in_words
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.working_memory import Load, load_of, passes_of
from sottovoce_engine.scene import Raster
from sottovoce_engine.take import RenderJob

_FRAMES, _RATE = 97, Fraction(24)  # a region of some four seconds, where no jobs say how long
_SCENE = Raster(width=1920, height=1080)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryReport:
    """Where the weights would lie, and why."""

    machine: str  # what is free, in words
    has_device: bool  # False: there is nothing to render on
    placement: Placement | None  # None: nothing can be rendered here
    told: str  # the placement in words, or what to do


def memory_report(settings: LtxSettings, jobs: Sequence[RenderJob] = ()) -> MemoryReport:
    """The placement that a render of these jobs would begin with, or one of a usual region.

    Raises:
        InputError: See `load_of`.
    """
    card = graphics_card()
    host = host_free_bytes()
    if card is None and settings.device != "cpu":
        return MemoryReport(
            machine=_machine(None, host, settings),
            has_device=False,
            placement=None,
            told="LTX-2.3 needs an NVIDIA card and its driver. --renderer scratch needs neither.",
        )
    free = Memory(card=host if card is None or settings.device == "cpu" else card.free_bytes, host=host)
    load = load_of(jobs, settings) if jobs else _usual_load(settings)
    sizes, asked, width = sizes_for(settings), settings.memory, _width(settings)
    ladder = placements_for(free, sizes, load, asked=asked, width=width)
    return MemoryReport(
        machine=_machine(card, host, settings),
        has_device=True,
        placement=ladder[0] if ladder else None,
        told=in_words(ladder[0])
        if ladder
        else advice(free, asked, least_of(free, sizes, load, asked=asked, width=width)),
    )


def _machine(card: Card | None, host: int, settings: LtxSettings) -> str:
    beside = f"{gigabytes(host)} of the host's memory free"
    if settings.device == "cpu":
        return f"on the CPU, as the settings ask; {beside}"
    if card is None:
        return f"no NVIDIA card; {beside}"
    return f"{card.name}: {gigabytes(card.free_bytes)} of {gigabytes(card.total_bytes)} free; {beside}"


def sizes_for(settings: LtxSettings) -> ModelSizes:
    """Of the checkpoint where it is here; otherwise as LTX-2.3 is known."""
    if settings.random_weights:
        return RANDOM_TINY_SIZES if settings.random_size == "tiny" else LTX_2_3_SIZES
    folder = checkpoint_folder(settings.model)
    return LTX_2_3_SIZES if folder is None else sizes_in(folder)


def _usual_load(settings: LtxSettings) -> Load:
    raster = settings.raster_for(_SCENE)
    shape = latent_shape(_FRAMES, raster, _RATE, side=settings.side)
    return Load(
        video_tokens=shape.video_tokens,
        audio_tokens=shape.audio,
        text_tokens=settings.text_tokens,
        frames=_FRAMES,
        pixels=raster.width * raster.height,
        passes=passes_of(settings),
        takes=settings.takes_at_once,
        together=settings.passes == "together",
    )


def _width(settings: LtxSettings) -> int:
    return {"bfloat16": 2, "float32": 4}[settings.dtype]
