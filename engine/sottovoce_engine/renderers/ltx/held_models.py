"""The models of one child process: loaded when a stage first needs them, placed as planned, held for the next batch.

               captions          sampling           decoding
    kept all   text              + transformer      + decoders          nothing is freed
    picture    text              transformer        + decoders          text goes, then both stay
    none       text              transformer        decoders            one stage's models at a time

A child's settings and checkpoint never change: other ones start another child.
"""

import gc
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import torch

from sottovoce_engine.errors import RenderError, SetupError
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.anti_aliasing import phases_apart
from sottovoce_engine.renderers.ltx.bank import WeightBank
from sottovoce_engine.renderers.ltx.captions import TextModels
from sottovoce_engine.renderers.ltx.casting import store_in_fp8
from sottovoce_engine.renderers.ltx.compiled import activation_rates, locked_functions
from sottovoce_engine.renderers.ltx.decoding import DecodingModels, decode_in_tiles
from sottovoce_engine.renderers.ltx.joined_layers import join_sound_layers
from sottovoce_engine.renderers.ltx.loading import ModelSource, Part, dtype_for
from sottovoce_engine.renderers.ltx.locked import LockedPlan
from sottovoce_engine.renderers.ltx.machine_memory import host_free_bytes
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout
from sottovoce_engine.renderers.ltx.model_sizes import ModelSizes
from sottovoce_engine.renderers.ltx.placement import (
    Kept,
    Memory,
    Placement,
    Stage,
    Watched,
    best_within,
    least_of,
    placed_again,
    placements_for,
)
from sottovoce_engine.renderers.ltx.placement_words import advice, in_words
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.streaming import place_transformer
from sottovoce_engine.renderers.ltx.working_memory import Load

LOADING = "loading the model"
_LOG = logging.getLogger(__name__)
_CPU = torch.device("cpu")
_Made = TypeVar("_Made")


class NoRoom(RenderError):
    """Memory ran out, and no placement needs less."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplingModels:
    """The transformer and the states its LoRA'd layers can be in."""

    transformer: Any
    bank: WeightBank


class HeldModels:
    """Hands out models, loading and freeing as the placement says."""

    def __init__(
        self,
        source: ModelSource,
        sizes: ModelSizes,
        layout: ModelLayout,
        settings: LtxSettings,
        device: torch.device,
        *,
        second: ModelSource | None = None,
    ) -> None:
        """Loads nothing yet.

        Args:
            source: Of every model.
            sizes: Of the models.
            layout: Of the transformer.
            settings: How they are held.
            device: Where they work.
            second: Where the second stage's transformer comes from; None: it is the first's.
        """
        self._source, self._sizes, self._layout = source, sizes, layout
        self._second = second or source
        self._settings, self._device = settings, device
        self._limits: dict[Stage, int] = {}
        self._ladder: tuple[Placement, ...] = ()
        self._placement: Placement | None = None
        self._held: dict[Stage, _Held] = {}
        self.stepped_down = ""  # in words, since memory first ran out

    @property
    def device(self) -> torch.device:
        return self._device

    @property
    def placement(self) -> Placement:
        """The one in force."""
        assert self._placement is not None, "make_room_for comes first"
        return self._placement

    def make_room_for(self, load: Load) -> None:
        """Plans the placement for a batch. The present one stays as long as it fits.

        Raises:
            SetupError: The model does not fit into this machine's memory.
        """
        free, width = self._free(), dtype_for(Part.TRANSFORMER, self._settings).itemsize
        self._ladder = placements_for(free, self._sizes, load, asked=self._settings.memory, width=width)
        present = self._placement and placed_again(self._placement, free, self._sizes, load, width=width)
        if present is not None and best_within((present,), self._limits) is None:
            present = None
        if not self._ladder:
            asked = self._settings.memory
            raise SetupError(advice(free, asked, least_of(free, self._sizes, load, asked=asked, width=width)))
        least = min(self._ladder, key=lambda rung: rung.card.most)  # where even that failed before: it may be free now
        found = present or best_within(self._ladder, self._limits) or least
        if found != self._placement:
            _LOG.info("Placement: %s", in_words(found))
        self._placement = found

    @property
    def locked_plan(self) -> LockedPlan:
        """How sound is sampled over pictures that stay, as the placement in force has it."""
        placement = self.placement
        stays = placement.resident_blocks == placement.blocks and placement.watched is Watched.CARD
        return LockedPlan(
            kept=placement.watched,
            pictures=placement.pictures,
            functions=locked_functions(self._settings),
            captured=stays and self._device.type == "cuda",
        )

    def text(self, job: Job) -> TextModels:
        """Tokenizer, text encoder and connectors."""
        placed_as = (self.placement.text_streamed,)
        return self._hand_out(Stage.CAPTIONS, placed_as, lambda: self._load_text(job))

    def sampling(self, job: Job, *, second: bool = False) -> SamplingModels:
        """The transformer with its bank, of the first stage or of the second. One is held at a time."""
        placement, source = self.placement, self._second if second else self._source
        placed_as = (placement.resident_blocks, placement.fp8, placement.bank_on_host, source)
        return self._hand_out(Stage.SAMPLING, placed_as, lambda: self._load_transformer(source, job))

    def decoding(self, job: Job) -> DecodingModels:
        """VAEs and vocoder, decoding in tiles where the placement says so."""
        models = self._hand_out(Stage.DECODING, (), lambda: self._load_decoders(job))
        decode_in_tiles(models.vae, tiled=self.placement.tiled)
        return models

    def encoding(self, job: Job) -> Any:
        """The video VAE, whole: pictures that a take starts from are the same whatever the placement."""
        vae = self.decoding(job).vae
        decode_in_tiles(vae, tiled=False)
        return vae

    def with_room(self, stage: Stage, work: Callable[[], _Made], job: Job) -> _Made:
        """Does the work, once more with a placement further down whenever memory runs out.

        Raises:
            NoRoom: No placement is left below.
        """
        while True:
            try:
                return work()
            except torch.OutOfMemoryError as error:
                said = str(error).partition("\n")[0]
            self._step_down(stage, said, job)

    def free(self) -> None:
        """Lets go of every model."""
        self._held.clear()
        free_memory()

    def _step_down(self, stage: Stage, said: str, job: Job) -> None:
        failed = self.placement
        self._limits[stage] = min(failed.card.of(stage), self._limits.get(stage, failed.card.of(stage)))
        self.free()
        below = best_within(self._ladder, self._limits)
        if below is None:
            _LOG.error("Out of memory (%s), and no placement needs less than: %s", said, in_words(failed))
            raise NoRoom(
                f"The memory ran out ({stage}), and there is no way left to need less. In the LTX settings lower "
                "`pixels`; or shorten the region, end what else uses the GPU, or render with --renderer scratch."
            )
        self._placement = below
        self.stepped_down = f"Memory ran out ({stage}). Since then: {in_words(below)}"
        _LOG.warning("Out of memory (%s). %s", said, self.stepped_down)
        job.step(f"out of memory, again with less: {below.residence}", 0, 1)

    def _hand_out(self, stage: Stage, placed_as: tuple[object, ...], load: Callable[[], _Made]) -> _Made:
        """A stage's models, loaded where they are not held or were placed otherwise."""
        self._free_all_but(self._beside(stage))
        held = self._held.get(stage)
        if held is None or held.placed_as != placed_as:
            self._let_go(stage)
            held = self._held[stage] = _Held(models=load(), placed_as=placed_as)
        models: _Made = held.models
        return models

    def _beside(self, stage: Stage) -> frozenset[Stage]:
        """What may stay on the card while that stage works."""
        kept = self.placement.kept
        if kept is Kept.ALL:
            return frozenset(Stage)
        picture = frozenset({Stage.SAMPLING, Stage.DECODING})
        return picture if kept is Kept.PICTURE and stage in picture else frozenset({stage})

    def _free_all_but(self, staying: frozenset[Stage]) -> None:
        for stage in [stage for stage in self._held if stage not in staying]:
            self._let_go(stage)

    def _let_go(self, stage: Stage) -> None:
        if self._held.pop(stage, None) is not None:
            free_memory()

    def _load_text(self, job: Job) -> TextModels:
        streamed = self.placement.text_streamed
        parts = (Part.TOKENIZER, Part.TEXT_ENCODER, Part.CONNECTORS)
        loaded = self._parts(self._source, parts, _CPU if streamed else self._device, job)
        if streamed:
            for part in (Part.TEXT_ENCODER, Part.CONNECTORS):
                stream_layers(loaded[part], self._device)
        return TextModels(
            tokenizer=loaded[Part.TOKENIZER],
            encoder=loaded[Part.TEXT_ENCODER],
            connectors=loaded[Part.CONNECTORS],
            device=self._device,
        )

    def _load_transformer(self, source: ModelSource, job: Job) -> SamplingModels:
        placement = self.placement
        whole = placement.resident_blocks == placement.blocks and not placement.fp8
        device = self._device if whole else _CPU
        transformer = self._parts(source, (Part.TRANSFORMER,), device, job)[Part.TRANSFORMER]
        if placement.fp8:
            store_in_fp8(transformer, self._layout.card_modules)
        if whole:
            join_sound_layers(transformer)
        else:
            place_transformer(transformer, self._device, resident_blocks=placement.resident_blocks)
        return SamplingModels(transformer=transformer, bank=WeightBank(transformer, on_host=placement.bank_on_host))

    def _load_decoders(self, job: Job) -> DecodingModels:
        loaded = self._parts(self._source, (Part.VAE, Part.AUDIO_VAE, Part.VOCODER), self._device, job)
        rates = activation_rates(self._settings)
        if rates is not None:
            phases_apart(loaded[Part.VOCODER], rates)
        return DecodingModels(vae=loaded[Part.VAE], audio_vae=loaded[Part.AUDIO_VAE], vocoder=loaded[Part.VOCODER])

    def _parts(
        self, source: ModelSource, parts: tuple[Part, ...], device: torch.device, job: Job
    ) -> Mapping[Part, Any]:
        """The parts, one after the other; cancelling takes effect between two."""
        loaded: dict[Part, Any] = {}
        for index, part in enumerate(parts):
            job.step(LOADING, index, len(parts))
            _LOG.info("Loading the %s", part)
            loaded[part] = source.loaded(part, device)
        job.step(LOADING, len(parts), len(parts))
        return loaded

    def _free(self) -> Memory:
        """What would be free if nothing were held here."""
        host = host_free_bytes()
        if self._device.type != "cuda":
            return Memory(card=host, host=host)
        free_memory()
        ours = torch.cuda.memory_reserved()
        free, total = torch.cuda.mem_get_info()
        allowed = int(total * torch.cuda.get_per_process_memory_fraction())
        return Memory(card=min(free + ours, allowed), host=host + self._on_host())

    def _on_host(self) -> int:
        """What held models take of the host's memory, beside a card."""
        modules = [module for held in self._held.values() for module in held.modules()]
        banks = [held.models.bank for held in self._held.values() if isinstance(held.models, SamplingModels)]
        weights = sum(
            weight.nbytes for module in modules for weight in module.parameters() if weight.device.type == "cpu"
        )
        bank_on_host = self._placement is not None and self._placement.bank_on_host
        return weights + (sum(bank.size_bytes() for bank in banks) if bank_on_host else 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Held:
    """One stage's models, and what of the placement they were loaded for."""

    models: Any
    placed_as: tuple[object, ...]

    def modules(self) -> list[torch.nn.Module]:
        values = (getattr(self.models, name) for name in self.models.__dataclass_fields__)
        return [value for value in values if isinstance(value, torch.nn.Module)]


def stream_layers(model: torch.nn.Module, device: torch.device) -> None:
    """Leaves a model on the host; each layer comes to the device for its own turn only."""
    from diffusers.hooks import apply_group_offloading  # brings peft along, which takes seconds

    apply_group_offloading(
        model,
        onload_device=device,
        offload_device=_CPU,
        offload_type="leaf_level",
        use_stream=device.type == "cuda",
    )


def free_memory() -> None:
    """Gives back what models that are no longer held took on the GPU, so that the next stage finds room."""
    if torch.cuda.is_available():
        gc.collect()  # hooks tie models into cycles
        torch.cuda.empty_cache()
