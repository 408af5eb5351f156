"""The reference of sound over a locked picture: the stock transformer, its picture not listening to the sound."""

from collections.abc import Mapping

from sottovoce_engine.renderers.ltx.denoising import PassByPass
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import Latents


class Deaf(PassByPass):
    """The stock transformer, its picture not listening to the sound."""

    def velocities(self, latents: Latents, level: float) -> Mapping[Pass, Latents]:
        blocks = self._transformer.transformer_blocks
        handles = [
            block.register_forward_pre_hook(
                lambda _, arguments, named: (arguments, {**named, "use_a2v_cross_attention": False}), with_kwargs=True
            )
            for block in blocks
        ]
        try:
            return super().velocities(latents, level)
        finally:
            for handle in handles:
                handle.remove()
