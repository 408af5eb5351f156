"""One clip through the transformer and back: its loss, and the gradient of the LoRA's numbers.

forward      the blocks of `rows.py`, which sampling uses: equal to the stock transformer
kept         what every block leaves for the way back; with gradient checkpointing only what goes into it, and the
             block is computed again
captured     on a GPU forward and way back together are one CUDA graph, so that nothing waits for launches
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import mse_loss
from torch.utils.checkpoint import checkpoint

from sottovoce_engine.renderers.ltx.captured import CapturedForward
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import Latents, Text
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.rows import Captions, Modulation, Places, Rows, block_rows
from sottovoce_engine.renderers.ltx.training.adapter import Adapter
from sottovoce_engine.training.recipe import Loss

_ALL: Any = slice(None)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """A clip at a noise level, on the transformer's device."""

    state: Latents
    target: Latents
    text: Text
    level: Tensor  # [1]

    def tensors(self) -> tuple[Tensor, ...]:
        both = (self.state, self.target, self.text)
        return (*(part for pair in both for part in (pair.video, pair.audio)), self.level)


def example_of(clean: Latents, noise: Latents, level: float, text: Text, device: torch.device) -> Example:
    """The example that a clip is at a level, under a noise."""

    def mixed(part: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
        part, other = part.to(device), other.to(device)
        return level * other + (1 - level) * part, other - part

    (video, video_target), (audio, audio_target) = mixed(clean.video, noise.video), mixed(clean.audio, noise.audio)
    return Example(
        state=Latents(video=video, audio=audio),
        target=Latents(video=video_target, audio=audio_target),
        text=Text(video=text.video.to(device), audio=text.audio.to(device)),
        level=torch.tensor([level], device=device),
    )


class Learner:
    """Loss and gradient for clips of one shape."""

    def __init__(
        self,
        transformer: Any,
        adapter: Adapter,
        shape: LatentShape,
        loss: Loss,
        *,
        checkpointing: bool,
        captured: bool,
    ) -> None:
        """Computes nothing yet.

        Args:
            transformer: Of the 2.3 layout, whole on one device, with the adapter in it.
            adapter: What learns.
            shape: Of every clip.
            loss: What of the prediction counts.
            checkpointing: Whether blocks are computed again on the way back.
            captured: Whether the work becomes a CUDA graph with the first clip.
        """
        self._transformer, self._adapter, self._shape, self._loss = transformer, adapter, shape, loss
        self.checkpointing = checkpointing
        self._block = _again_on_the_way_back if checkpointing else _block
        self.captured = captured
        self._denoiser: _Reading | None = None
        self._graph: CapturedForward | None = None

    def gradient(self, example: Example) -> tuple[Tensor, Tensor]:
        """The gradient in the order of the adapter's numbers, float32, and the loss; both good until the next call."""
        both = self._work(example)(*example.tensors())
        return both[:-1], both[-1]

    @torch.no_grad()
    def loss(self, example: Example) -> float:
        """The loss alone."""
        return float(self._measured(_Reading(self._transformer, self._conditions(example)), *example.tensors()))

    def _work(self, example: Example) -> Callable[..., Tensor]:
        if self._denoiser is None:
            self._denoiser = _Reading(self._transformer, self._conditions(example), block=self._block)
        if self.captured and self._graph is None:
            try:
                self._graph = CapturedForward(self._gradient_and_loss, *example.tensors())
            except torch.OutOfMemoryError:
                raise
            except RuntimeError as error:
                self.captured = False
                _LOG.warning("Steps are not captured as a CUDA graph and take longer: %s", error)
        return self._graph or self._gradient_and_loss

    def _gradient_and_loss(self, *tensors: Tensor) -> Tensor:
        assert self._denoiser is not None
        loss = self._measured(self._denoiser, *tensors)
        return torch.cat([*self._adapter.gradient(loss), loss.detach().reshape(1)])

    def _measured(self, denoiser: "_Reading", *tensors: Tensor) -> Tensor:
        """Mean squared error of the velocity, over the sound or over the sound plus the same over the picture."""
        video, audio, video_target, audio_target, video_text, audio_text, level = tensors
        denoiser.read(video_text, audio_text)
        made = denoiser.velocities(Latents(video=video, audio=audio), level)[Pass.POSITIVE]
        loss = mse_loss(made.audio, audio_target)
        return loss if self._loss is Loss.SOUND else loss + mse_loss(made.video, video_target)

    def _conditions(self, example: Example) -> Conditions:
        return Conditions(shape=self._shape, text=example.text)


class _Reading(RowDenoiser):
    """A denoiser for one pass whose captions change from clip to clip while all else stays."""

    def __init__(
        self, transformer: Any, conditions: Conditions, *, block: Callable[..., tuple[Tensor, Tensor]] | None = None
    ) -> None:
        super().__init__(transformer, conditions, (Pass.POSITIVE,), block=block or _block)

    def read(self, video: Tensor, audio: Tensor) -> None:
        self._captions = Captions(video=video, audio=audio)


def _block(
    block: Any,
    video: Tensor,
    audio: Tensor,
    captions: Captions,
    modulation: Modulation,
    places: Places,
    rows: Rows,
    *,
    perturb: bool,
) -> tuple[Tensor, Tensor]:
    """`block_rows` where every row reads its own caption, so that no row has to be looked up, nor its gradient sorted."""
    return block_rows(block, video, audio, captions, modulation, places, replace(rows, caption=_ALL), perturb=perturb)


def _again_on_the_way_back(*given: Any, perturb: bool) -> tuple[Tensor, Tensor]:
    """A block of which only what goes in is kept."""
    made: tuple[Tensor, Tensor] = checkpoint(
        _block, *given, perturb=perturb, use_reentrant=False, preserve_rng_state=False, determinism_check="none"
    )
    return made
