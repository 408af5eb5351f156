"""Predictions for a window whose register changes from line to line: the stock transformer, gated, pass by pass."""

from collections.abc import Mapping
from typing import Any

from sottovoce_engine.renderers.ltx.denoising import Conditions, PassByPass
from sottovoce_engine.renderers.ltx.gated_layers import gated
from sottovoce_engine.renderers.ltx.gating import Gate
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.row_denoising import check_layout


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
