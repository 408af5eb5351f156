"""The sound's side over a picture that stays, gated: `LockedDenoiser` with functions of its own.

answers     keys and values of captions and picture, twice: without the LoRA, and with it
rows        each token's own layers with its share of the LoRA; what it reads and watches mixed of both answers

What a layer of attention gives is linear in what was found for a token, so both are taken to the end and mixed there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, lerp

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.gating import Gate
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import Text
from sottovoce_engine.renderers.ltx.locked import LockedDenoiser
from sottovoce_engine.renderers.ltx.locked_functions import LockedFunctions
from sottovoce_engine.renderers.ltx.locked_sound import (
    SoundModulation,
    SoundRows,
    answers,
    sound_attended,
    sound_captioned,
    sound_watched,
)
from sottovoce_engine.renderers.ltx.locked_states import picture_states
from sottovoce_engine.renderers.ltx.rows import Places, modulated, parameters
from sottovoce_engine.renderers.ltx.streaming import running_blocks

_SOUND = ("to_q", "to_k", "to_v", "to_out.0")
_ASKING = ("to_q", "to_out.0")
_ANSWERING = ("to_k", "to_v")
_Answers = Any  # a tuple: the four of the base model, then the four with the LoRA


def gated_locked_denoiser(
    transformer: Any, conditions: Conditions, passes: tuple[Pass, ...], gate: Gate, job: Job
) -> LockedDenoiser:
    """The denoiser of a window of several lines over a picture that stays.

    Args:
        transformer: Of the 2.3 layout, holding the base's weights whenever predictions are asked for.
        conditions: Of the takes, their words bound; `kept` is the whole picture.
        passes: Those a step needs.
        gate: Of the window.
        job: Told of every block that the picture goes through; cancelling takes effect before the next one.

    Raises:
        SetupError: The transformer is not of the 2.3 layout.
    """
    conditions = _as_long(conditions)
    states = picture_states(transformer, conditions, passes, job)
    blocks = _GatedBlocks(transformer, gate, conditions)
    functions = LockedFunctions(answers=blocks.answers, rows=blocks.rows)
    return LockedDenoiser(transformer, conditions, passes, states, functions=functions)


class _GatedBlocks:
    """What a `LockedDenoiser` takes each block through."""

    def __init__(self, transformer: Any, gate: Gate, conditions: Conditions) -> None:
        """Looks at every layer that is changed.

        Args:
            transformer: Of the 2.3 layout, holding the base's weights.
            gate: Of the window.
            conditions: Of the takes, their words bound, the negative caption as long as theirs.
        """
        assert conditions.bound is not None
        bound = conditions.bound[None, None]
        self._bound = bound if conditions.negative is None else torch.cat((bound, torch.zeros_like(bound)))
        self._share = gate.share
        self._views = {
            id(block): _views(block, f"transformer_blocks.{number}", gate)
            for number, block in enumerate(running_blocks(transformer))
        }

    def answers(self, block: Any, *given: Any) -> _Answers:
        """What a block's sound is answered with, by the base model and by the one with the LoRA on."""
        return *answers(block, *given), *answers(self._views[id(block)].answering, *given)

    def rows(
        self,
        block: Any,
        audio: Tensor,
        given: _Answers,
        modulation: SoundModulation,
        places: Places,
        rows: SoundRows,
        *,
        perturb: bool,
    ) -> Tensor:
        """The sound after one block; see `sound_rows`."""
        view = self._views[id(block)].asking
        heard = parameters(block.audio_scale_shift_table, modulation.audio, modulation.audio_level)
        audio = sound_attended(view, audio, heard, places, rows.perturbed if perturb else None)
        off, on = (sound_captioned(view, audio, heard, one, rows, self._bound) for one in (given[:2], given[4:6]))
        audio = lerp(off, on, self._share)
        off, on = (sound_watched(view, audio, one, modulation, places, rows) for one in (given[2:4], given[6:]))
        audio = lerp(off, on, self._share)
        more: Tensor = block.audio_ff(modulated(block.audio_norm3(audio), heard[4], heard[3])) * heard[5]
        return audio + more


def _as_long(conditions: Conditions) -> Conditions:
    """The same with a negative caption as long as the lines' ones together: read several times over, it says the same."""
    negative, length = conditions.negative, conditions.text.audio.shape[1]
    if negative is None:
        return conditions
    audio = negative.audio.repeat(1, length // negative.audio.shape[1], 1)
    return replace(conditions, negative=Text(video=negative.video, audio=audio))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Views:
    """A block as its sound asks, each token with its share of the LoRA, and as it is answered with the LoRA on."""

    asking: Any
    answering: Any


def _views(block: Any, name: str, gate: Gate) -> _Views:
    def view(kind: str, layers: tuple[str, ...], share: Tensor | float) -> SimpleNamespace:
        return _attention(getattr(block, kind), f"{name}.{kind}", gate, layers, share)

    plain = {
        name: getattr(block, name)
        for name in (
            *("audio_norm1", "audio_norm2", "video_to_audio_norm"),
            *("audio_prompt_scale_shift_table", "audio_a2v_cross_attn_scale_shift_table"),
            "video_a2v_cross_attn_scale_shift_table",
        )
    }
    reading, watching = "audio_attn2", "video_to_audio_attn"
    asking = {kind: view(kind, _ASKING, gate.share) for kind in (reading, watching)}
    answering = {kind: view(kind, _ANSWERING, 1.0) for kind in (reading, watching)}
    own = view("audio_attn1", _SOUND, gate.share)
    return _Views(
        asking=SimpleNamespace(**plain, **asking, audio_attn1=own), answering=SimpleNamespace(**plain, **answering)
    )


def _attention(
    attention: Any, name: str, gate: Gate, layers: tuple[str, ...], share: Tensor | float
) -> SimpleNamespace:
    """A layer of attention by its parts, some of them changed by a share of the LoRA."""

    def part(layer: str) -> Callable[[Tensor], Tensor]:
        plain: Callable[[Tensor], Tensor] = attention.get_submodule(layer)
        change = gate.changes.get(f"{name}.{layer}")
        if change is None or layer not in layers:
            return plain
        return lambda tokens: plain(tokens) + share * change.of(tokens)

    return SimpleNamespace(
        heads=attention.heads,
        norm_q=attention.norm_q,
        norm_k=attention.norm_k,
        to_q=part("to_q"),
        to_k=part("to_k"),
        to_v=part("to_v"),
        to_gate_logits=attention.to_gate_logits,
        to_out=[part("to_out.0")],
    )
