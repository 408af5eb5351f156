"""The bank: what a LoRA makes of the layers it changes, prepared once, exchanged with the model's own in place.

    model   | base | base | base |            | fused | base | fused |
                ↕             ↕       use         ↕             ↕
    shelf   |fused |      |fused |            | base  |      | base  |

Weights change place and are never computed back, so the base comes back bit for bit however often it was
away. The model's storage stays where it is: compiled blocks and CUDA graphs go on working. A LoRA costs
one shelf, as large as the layers it changes (5.6 GB for the whisper & soft-spoken LoRA in bf16).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.lora_file import LoraPair

_WIDE_ENOUGH = (torch.bfloat16, torch.float16, torch.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraState:
    """Which LoRA the model's weights hold, and how strongly."""

    lora: str  # whatever names the file; "" is the base model
    strength: float

    @property
    def is_base(self) -> bool:
        return not self.lora or self.strength == 0.0


BASE = LoraState(lora="", strength=0.0)


class WeightBank:
    """All states one transformer can be in. The base model is one of them and costs nothing."""

    def __init__(self, transformer: nn.Module, *, on_host: bool = False) -> None:
        """Changes nothing yet.

        Args:
            transformer: The model; its weights must stay in the storage they are in now.
            on_host: Keep the shelves in the host's memory, pinned where there is a GPU, for small cards.
        """
        self._transformer = transformer
        self._on_host = on_host
        self._shelves: dict[LoraState, dict[str, Tensor]] = {}
        self._scratch: dict[tuple[torch.dtype, torch.device], Tensor] = {}
        self._state = BASE

    @property
    def state(self) -> LoraState:
        """What the model's weights hold now."""
        return self._state

    def holds(self, state: LoraState) -> bool:
        return state.is_base or state in self._shelves

    def size_bytes(self) -> int:
        """What all shelves take."""
        return sum(kept.nbytes for shelf in self._shelves.values() for kept in shelf.values())

    @torch.no_grad()
    def prepare(self, state: LoraState, pairs: Iterable[LoraPair]) -> None:
        """Computes the fused weights of a state and puts them on a shelf. Leaves the base model in place.

        Fused is W + strength * scale * up @ down, in float32, rounded once to the weight's own dtype.

        Raises:
            SetupError: A layer is quantised: rounding would swallow the change.
        """
        self.use(BASE)
        if self.holds(state):
            return
        shelf: dict[str, Tensor] = {}
        for pair in pairs:
            weight = self._weight(pair.module)
            up = torch.from_numpy(pair.up).to(weight.device)
            down = torch.from_numpy(pair.down).to(weight.device)
            fused = torch.addmm(weight.float(), up, down, alpha=state.strength * pair.scale)
            shelf[pair.module] = self._kept(fused.to(weight.dtype))
        self._shelves[state] = shelf
        self._make_scratch(shelf)

    @torch.no_grad()
    def use(self, state: LoraState) -> None:
        """Brings the model into a state that was prepared.

        Raises:
            KeyError: It was not prepared.
        """
        wanted = BASE if state.is_base else state
        if wanted == self._state:
            return
        if wanted != BASE and wanted not in self._shelves:
            raise KeyError(f"{wanted} was not prepared")
        if self._state != BASE:
            self._exchange(self._state)
            self._state = BASE
        if wanted != BASE:
            self._exchange(wanted)
            self._state = wanted

    def _exchange(self, state: LoraState) -> None:
        for name, kept in self._shelves[state].items():
            weight = self._weight(name)
            aside = self._scratch[weight.dtype, weight.device][: weight.numel()].view(weight.shape)
            aside.copy_(weight)
            weight.copy_(kept)
            kept.copy_(aside)

    def _kept(self, fused: Tensor) -> Tensor:
        if not self._on_host:
            return fused.contiguous()
        kept = torch.empty(fused.shape, dtype=fused.dtype, device="cpu", pin_memory=torch.cuda.is_available())
        return kept.copy_(fused)

    def _make_scratch(self, shelf: dict[str, Tensor]) -> None:
        """One buffer as large as the largest layer: no exchange needs memory that might not be there."""
        for name in shelf:
            weight = self._weight(name)
            kind = (weight.dtype, weight.device)
            if kind not in self._scratch or self._scratch[kind].numel() < weight.numel():
                self._scratch[kind] = torch.empty(weight.numel(), dtype=weight.dtype, device=weight.device)

    def _weight(self, module: str) -> Tensor:
        weight = self._transformer.get_submodule(module).weight
        assert isinstance(weight, Tensor)
        if weight.dtype not in _WIDE_ENOUGH:
            raise SetupError(
                f"The layer '{module}' is held as {str(weight.dtype).removeprefix('torch.')}, too coarse for a LoRA. "
                "Keep the layers it changes in bf16."
            )
        return weight
