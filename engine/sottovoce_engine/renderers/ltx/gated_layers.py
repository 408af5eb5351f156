"""The transformer with a LoRA that acts on each audio token by its own share: the base's weights, and the change beside them.

layer's input is sound     to_q, to_out; audio_attn1's to_k, to_v      base(x) + share * change(x)
keys are not sound         to_k, to_v of audio_attn2 (the caption)     attention to the base's keys and values, and to
                           and video_to_audio_attn (the picture)       those with the change, mixed by each asking token
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, lerp, nn
from torch.nn.functional import scaled_dot_product_attention

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.gating import Change, Gate
from sottovoce_engine.renderers.ltx.joined_layers import ANSWERING
from sottovoce_engine.renderers.ltx.lora_file import Lora
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3, ModelLayout, is_card_module
from sottovoce_engine.renderers.ltx.rows import Rotary, heads, joined, out, rotated
from sottovoce_engine.renderers.ltx.streaming import running_blocks

OF_SOUND = {  # layers whose input is sound, in the modules that a gate acts on
    "audio_attn1": ("to_q", "to_k", "to_v", "to_out.0"),
    "audio_attn2": ("to_q", "to_out.0"),
    "video_to_audio_attn": ("to_q", "to_out.0"),
}
ASKED_BY_SOUND = ("audio_attn2", "video_to_audio_attn")


def check_gateable(lora: Lora | None, layout: ModelLayout) -> None:
    """Makes sure that every change of a LoRA can be scaled by audio tokens.

    Raises:
        SetupError: The model is none whose three modules are known.
        InputError: It changes layers that the sound does not ask through.
    """
    if layout.version != LTX_2_3.version:
        raise SetupError(
            f"Register gating knows the layers of LTX-{LTX_2_3.version}, and this model is LTX-{layout.version}. Name an "
            f"LTX-{LTX_2_3.version} checkpoint in the LTX settings, or render without --register-gating."
        )
    pairs = () if lora is None else lora.pairs
    beyond = next((pair.module for pair in pairs if not is_card_module(pair.module)), None)
    if lora is not None and beyond is not None:
        raise InputError(
            f"'{lora.report.path}' also changes '{beyond}', which is none of the sound's three modules: its effect cannot "
            "be gated in time. Use another LoRA, or render without --register-gating."
        )


@contextmanager
def gated(transformer: Any, gate: Gate) -> Iterator[None]:
    """The transformer's layers changed by shares inside, as they were outside.

    Args:
        transformer: Of the 2.3 layout, holding the base's weights.
        gate: The changes and the shares.
    """
    with ExitStack() as stack:
        for number, block in enumerate(running_blocks(transformer)):
            for name in OF_SOUND:
                stack.enter_context(gated_attention(getattr(block, name), f"transformer_blocks.{number}.{name}", gate))
        yield


@contextmanager
def gated_attention(attention: Any, name: str, gate: Gate) -> Iterator[None]:
    """One of the three modules of one block, likewise; `name` is its own."""
    kind = name.rpartition(".")[2]
    changed = {layer: gate.changes[f"{name}.{layer}"] for layer in OF_SOUND[kind] if f"{name}.{layer}" in gate.changes}
    handles = [
        attention.get_submodule(layer).register_forward_hook(_adding(change, gate.share))
        for layer, change in changed.items()
    ]
    processor = attention.processor
    if kind in ASKED_BY_SOUND and any(f"{name}.{layer}" in gate.changes for layer in ANSWERING):
        attention.set_processor(MixedKeys(gate.changes, name, gate.share))
    try:
        yield
    finally:
        attention.set_processor(processor)
        for handle in handles:
            handle.remove()


class MixedKeys:
    """A diffusers attention processor: keys and values with and without the change, mixed by each asking token.

    Source: what is the same is LTX2AudioVideoAttnProcessor's.
    """

    def __init__(self, changes: Mapping[str, Change], name: str, share: Tensor) -> None:
        self._key, self._value = changes.get(f"{name}.to_k"), changes.get(f"{name}.to_v")
        self._share = share

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        query_rotary_emb: Rotary | None = None,
        key_rotary_emb: Rotary | None = None,
    ) -> Tensor:
        """What the stock processor gives; `attention_mask` is added, `[rows, asking tokens, answering tokens]`."""
        queries = _placed(attn.norm_q(attn.to_q(hidden_states)), attn, query_rotary_emb)
        mask = None if attention_mask is None else attention_mask[:, None]

        def found(keys: Tensor, values: Tensor) -> Tensor:
            placed = _placed(attn.norm_k(keys), attn, key_rotary_emb)
            return joined(scaled_dot_product_attention(queries, placed, heads(values, attn), attn_mask=mask))

        keys, values = attn.to_k(encoder_hidden_states), attn.to_v(encoder_hidden_states)
        off = found(keys, values)
        on = found(
            _changed(keys, self._key, encoder_hidden_states), _changed(values, self._value, encoder_hidden_states)
        )
        return out(attn, hidden_states, lerp(off, on, self._share))


def _placed(tokens: Tensor, attention: Any, places: Rotary | None) -> Tensor:
    apart = heads(tokens, attention)
    return apart if places is None else rotated(apart, places)


def _changed(given: Tensor, change: Change | None, tokens: Tensor) -> Tensor:
    return given if change is None else given + change.of(tokens)


def _adding(change: Change, share: Tensor) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]:
    def add(_: nn.Module, given: tuple[Tensor, ...], found: Tensor) -> Tensor:
        return found + share * change.of(given[0])

    return add
