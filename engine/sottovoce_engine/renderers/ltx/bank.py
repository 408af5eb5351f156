"""The bank: what a LoRA makes of the layers it changes, prepared once, copied into the model's own weights.

    shelf of the base     | base    base    base |         written once, read ever after
    shelf of a LoRA       | fused           fused |
                              │ use           │
                              ▼               ▼
    model                 | fused   base    fused |

Copies go one way, from shelf to model, so the base comes back bit for bit however often it was away. The
model's storage stays where it is: compiled blocks and CUDA graphs go on working. The base's shelf holds the
layers that any LoRA changes, and every LoRA costs one more (5.6 GB for the whisper & soft-spoken LoRA in bf16).
"""

from collections.abc import Iterable, Mapping
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
Shelf = Mapping[str, Tensor]  # weights by the name of their layer


class WeightBank:
    """All states one transformer can be in."""

    def __init__(self, transformer: nn.Module, *, on_host: bool = False) -> None:
        """Changes nothing yet.

        Args:
            transformer: The model, holding the base; its weights must stay in the storage they are in now.
            on_host: Keep the shelves in the host's memory, pinned where there is a GPU, for small cards.
        """
        self._transformer = transformer
        self._on_host = on_host
        self._layers: dict[str, Tensor] = {}
        self._base: dict[str, Tensor] = {}
        self._shelves: dict[LoraState, Shelf] = {}
        self._state: LoraState | None = BASE

    @property
    def state(self) -> LoraState | None:
        """What the model's weights hold now; None where a change was broken off: the next one mends it."""
        return self._state

    def holds(self, state: LoraState) -> bool:
        return state.is_base or state in self._shelves

    def size_bytes(self) -> int:
        """What all shelves take, the base's among them."""
        return sum(kept.nbytes for shelf in (self._base, *self._shelves.values()) for kept in shelf.values())

    @torch.no_grad()
    def prepare(self, state: LoraState, pairs: Iterable[LoraPair]) -> None:
        """Computes the fused weights of a state and puts them on a shelf. The model stays in the state it is in.

        Fused is W + strength * scale * up @ down, in float32, rounded once to the weight's own dtype. It is computed
        on one device wherever the weights lie, so that it is the same wherever they lie.

        Raises:
            SetupError: A layer is quantised: rounding would swallow the change.
        """
        if self.holds(state):
            return
        shelf: dict[str, Tensor] = {}
        device = next(self._transformer.parameters()).device
        for pair in pairs:
            base = self._base_weight(pair.module)
            up, down = torch.from_numpy(pair.up).to(device), torch.from_numpy(pair.down).to(device)
            fused = torch.addmm(base.to(device, torch.float32), up, down, alpha=state.strength * pair.scale)
            shelf[pair.module] = self._kept(fused.to(base.dtype), self._layers[pair.module].device)
        self._shelves[state] = shelf

    @torch.no_grad()
    def use(self, state: LoraState) -> None:
        """Brings the model into a state that was prepared.

        Raises:
            KeyError: It was not prepared.
        """
        wanted = BASE if state.is_base else state
        if wanted == self._state:
            return
        if not self.holds(wanted):
            raise KeyError(f"{wanted} was not prepared")
        shelf = self._shelf(wanted)
        left = self._base if self._state is None else self._shelf(self._state)
        self._state = None
        self._copy({name: self._base[name] for name in left if name not in shelf} | dict(shelf))
        self._state = wanted

    def _shelf(self, state: LoraState) -> Shelf:
        """The layers in which a state differs from the base."""
        return {} if state == BASE else self._shelves[state]

    def _copy(self, shelf: Shelf) -> None:
        if torch.cuda.is_available() and any(self._layers[name].device.type == "cpu" for name in shelf):
            torch.cuda.synchronize()  # blocks on their way to the GPU are read from these weights
        for name, kept in shelf.items():
            self._layers[name].copy_(kept, non_blocking=True)

    def _base_weight(self, module: str) -> Tensor:
        """The base's weight of a layer, from its shelf; put there the first time a LoRA asks for it."""
        if module not in self._base:
            weight = self._weight(module)
            self._base[module] = self._kept(weight, weight.device)
            self._layers[module] = weight
        return self._base[module]

    def _kept(self, weight: Tensor, device: torch.device) -> Tensor:
        """A copy for the shelf of a layer that lies on `device`."""
        away = self._on_host and device.type != "cpu"
        kept = torch.empty(weight.shape, dtype=weight.dtype, device="cpu" if away else device, pin_memory=away)
        return kept.copy_(weight)

    def _weight(self, module: str) -> Tensor:
        weight = self._transformer.get_submodule(module).weight
        assert isinstance(weight, Tensor)
        if weight.dtype not in _WIDE_ENOUGH:
            raise SetupError(
                f"The layer '{module}' is held as {str(weight.dtype).removeprefix('torch.')}, too coarse for a LoRA. "
                "Keep the layers it changes in bf16."
            )
        return weight
