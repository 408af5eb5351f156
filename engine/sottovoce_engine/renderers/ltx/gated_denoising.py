"""Predictions for a window whose register changes from line to line: the stock transformer, gated, pass by pass."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from sottovoce_engine.renderers.ltx.denoising import Conditions, PassByPass
from sottovoce_engine.renderers.ltx.gated_layers import gated
from sottovoce_engine.renderers.ltx.gating import Gate, bound_words, gate_for, line_weights, lora_share
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import Latents, Text
from sottovoce_engine.renderers.ltx.lora_file import LoraPair
from sottovoce_engine.renderers.ltx.row_denoising import check_layout
from sottovoce_engine.take import Gating


def gated_conditions(
    conditions: Conditions, gating: Gating, pairs: Sequence[LoraPair], texts: Mapping[str, Text], rate: Fraction
) -> tuple[Conditions, Gate]:
    """What a window of several lines is sampled with: its words bound to their lines, and the LoRA gated.

    Args:
        conditions: Of the takes, which differ in their seeds alone; their text is that of all lines.
        gating: The lines.
        pairs: Of the strongest register's LoRA; none where no register asks for it.
        texts: Encoded captions, among them each line's.
        rate: Of the scene.
    """
    joint, takes = conditions.text, conditions.text.video.shape[0]
    weights = line_weights(gating, rate, conditions.shape.audio)
    own, bound = bound_words([texts[line.caption].audio for line in gating.lines], weights, gating.leak)
    text = Text(video=joint.video, audio=own.to(joint.audio).repeat(takes, 1, 1))
    gate = gate_for(pairs, gating.strongest.lora, lora_share(gating, weights), joint.audio)
    return replace(conditions, text=text, bound=bound.to(joint.audio)), gate


class GatedDenoiser:
    """`PassByPass` with a LoRA's effect scaled token by token; takes side by side share one gate."""

    def __init__(self, transformer: Any, conditions: Conditions, passes: tuple[Pass, ...], gate: Gate) -> None:
        """Computes what stays the same over all steps.

        Args:
            transformer: Of the 2.3 layout, holding the base's weights whenever predictions are asked for.
            conditions: Of the takes.
            passes: Those a step needs; the gate acts in all of them, as a LoRA does.
            gate: Of the window.

        Raises:
            SetupError: The transformer is not of the 2.3 layout.
        """
        check_layout(transformer)
        self._transformer, self._gate = transformer, gate
        self._plain = PassByPass(transformer, conditions, passes)

    def velocities(self, latents: Latents, level: float) -> Mapping[Pass, Latents]:
        with gated(self._transformer, self._gate):
            return self._plain.velocities(latents, level)
