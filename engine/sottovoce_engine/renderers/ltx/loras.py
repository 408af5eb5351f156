"""The LoRAs of a batch of jobs, read and checked before any model is loaded."""

import logging
from collections.abc import Mapping, Sequence

from sottovoce_engine.renderers.ltx.bank import LoraState
from sottovoce_engine.renderers.ltx.batches import Batch
from sottovoce_engine.renderers.ltx.gated_layers import check_gateable
from sottovoce_engine.renderers.ltx.lora_file import Lora, read_lora
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.sources import lora_named, lora_path

_LOG = logging.getLogger(__name__)


def loras_for(batches: Sequence[Batch], settings: LtxSettings, layout: ModelLayout) -> Mapping[LoraState, Lora]:
    """The LoRA of every state but the base model's. A file that several states share is read once.

    Raises:
        SetupError: A LoRA is not on this machine, or the model is one whose layers cannot be gated.
        InputError: A LoRA is damaged, does not fit the model, or is to be gated and cannot be.
    """
    read: dict[str, Lora] = {}
    for batch in batches:
        if batch.state.is_base or batch.state.lora in read:
            continue
        named = lora_named(batch.jobs[0].register, settings)
        lora = read_lora(lora_path(named), layout)
        for warning in lora.report.warnings:
            _LOG.warning("The LoRA %s: %s", named, warning)
        read[batch.state.lora] = lora
    for batch in batches:
        if batch.gating is not None:
            check_gateable(read.get(batch.state.lora), layout)
    return {batch.state: read[batch.state.lora] for batch in batches if not batch.state.is_base}
