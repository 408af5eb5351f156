"""The sound's side over a picture that stays, gated: `LockedDenoiser` with functions of its own.

answers     keys and values of captions and picture, twice: without the LoRA, and with it
rows        each token's own layers with its share of the LoRA; what it reads and watches mixed of both answers

What a layer of attention gives is linear in what was found for a token, so both are taken to the end and mixed there.
"""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, lerp

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.gated_layers import ASKED_BY_SOUND, OF_SOUND
from sottovoce_engine.renderers.ltx.gating import Change, Gate
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.joined_layers import ANSWERING, projected
from sottovoce_engine.renderers.ltx.latents import Text
from sottovoce_engine.renderers.ltx.locked import LockedDenoiser, LockedPlan
from sottovoce_engine.renderers.ltx.locked_functions import LockedFunctions
from sottovoce_engine.renderers.ltx.locked_sound import (
    SoundModulation,
    SoundRows,
    answering,
    placed_answers,
    sound_attended,
    sound_captioned,
    sound_watched,
)
from sottovoce_engine.renderers.ltx.locked_states import picture_states
from sottovoce_engine.renderers.ltx.rows import Places, modulated, parameters
from sottovoce_engine.renderers.ltx.streaming import running_blocks

_UNCHANGED = ("audio_norm1", "audio_norm2", "video_to_audio_norm", "audio_a2v_cross_attn_scale_shift_table")
_Answers = Any  # a tuple: the four of the base model, then the four with the LoRA


def gated_locked_denoiser(
    transformer: Any, conditions: Conditions, passes: tuple[Pass, ...], gate: Gate, job: Job, plan: LockedPlan
) -> LockedDenoiser:
    """The denoiser of a window of several lines over a picture that stays.

    Args:
        transformer: Of the 2.3 layout, holding the base's weights whenever predictions are asked for.
        conditions: Of the takes, their words bound; `kept` is the whole picture.
        passes: Those a step needs.
        gate: Of the window.
        job: Told of every block that the picture goes through; cancelling takes effect before the next one.
        plan: Where the picture's states are kept, and what takes it through a block. Steps are not captured.

    Raises:
        SetupError: The transformer is not of the 2.3 layout.
    """
    conditions, seen = _as_long(conditions), plan.functions.picture
    states = picture_states(transformer, conditions, passes, job, kept=plan.kept, function=seen)
    blocks = _GatedBlocks(transformer, gate, conditions)
    functions = LockedFunctions(answers=blocks.answers, rows=blocks.rows, picture=seen)
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
        self._gate = gate
        running = running_blocks(transformer)
        self._names = {id(block): f"transformer_blocks.{number}" for number, block in enumerate(running)}
        self._views = {id(block): _view(block, self._names[id(block)], gate) for block in running}

    def answers(
        self, block: Any, state: Tensor, captions: Tensor, modulation: SoundModulation, places: Places
    ) -> _Answers:
        """What a block's sound is answered with, by the base model and by the one with the LoRA on; see `answers`."""
        tokens = answering(block, state, captions, modulation)
        off, on = list[Tensor](), list[Tensor]()
        for kind, read in zip(ASKED_BY_SOUND, tokens, strict=True):
            for layer, given in zip(ANSWERING, projected(getattr(block, kind), ANSWERING, read), strict=True):
                change = self._gate.changes.get(f"{self._names[id(block)]}.{kind}.{layer}")
                off.append(given)
                on.append(given if change is None else given + change.of(read))
        return *placed_answers(block, tuple(off), places), *placed_answers(block, tuple(on), places)

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
        view, share = self._views[id(block)], self._gate.share
        heard = parameters(block.audio_scale_shift_table, modulation.audio, modulation.audio_level)
        audio = sound_attended(view, audio, heard, places, rows.perturbed if perturb else None)
        off, on = (sound_captioned(view, audio, heard, one, rows, self._bound) for one in (given[:2], given[4:6]))
        audio = lerp(off, on, share)
        off, on = (sound_watched(view, audio, one, modulation, places, rows) for one in (given[2:4], given[6:]))
        audio = lerp(off, on, share)
        more: Tensor = block.audio_ff(modulated(block.audio_norm3(audio), heard[4], heard[3])) * heard[5]
        return audio + more


def _as_long(conditions: Conditions) -> Conditions:
    """The same with a negative caption as long as the lines' ones together: read several times over, it says the same."""
    negative, length = conditions.negative, conditions.text.audio.shape[1]
    if negative is None:
        return conditions
    audio = negative.audio.repeat(1, length // negative.audio.shape[1], 1)
    return replace(conditions, negative=Text(video=negative.video, audio=audio))


def _view(block: Any, name: str, gate: Gate) -> SimpleNamespace:
    """A block as its sound asks, each token with its share of the LoRA."""
    attentions = {
        kind: _attention(getattr(block, kind), f"{name}.{kind}", gate, changed) for kind, changed in OF_SOUND.items()
    }
    return SimpleNamespace(**{kept: getattr(block, kept) for kept in _UNCHANGED}, **attentions)


def _attention(attention: Any, name: str, gate: Gate, changed: tuple[str, ...]) -> SimpleNamespace:
    """A layer of attention by its parts, some of them changed by each token's share of the LoRA."""

    def part(layer: str) -> Callable[[Tensor], Tensor]:
        plain: Callable[[Tensor], Tensor] = attention.get_submodule(layer)
        change = gate.changes.get(f"{name}.{layer}") if layer in changed else None
        return plain if change is None else _adding(plain, change, gate.share)

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


def _adding(plain: Callable[[Tensor], Tensor], change: Change, share: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda tokens: plain(tokens) + share * change.of(tokens)
