"""Blocks that do not fit on the GPU lie in the host's memory and come by as they are needed.

    host      | 20 | 21 | 22 | 23 | ...          page-locked, one flat buffer for each block
                 │    │    │
                 ▼    │    ▼                     on a stream of their own
    slot 0    |  20   │   22  | ...
    slot 1    |       ▼ 21    |  23 ...          each filled again once its block has run
    GPU       0 ... 19  20   21   22 ...

A block in a slot is a twin of the one on the host: the same layers over the slot's storage. What changes the
host's weights, as the bank does, shows in the next forward. The arithmetic is the same, and so is every bit.
"""

import copy
import logging
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_LOG = logging.getLogger(__name__)
_ALIGNMENT = 256  # bytes; what CUDA's own allocator keeps to
_SLOTS = 2
_OF_SOUND = ("audio_", "video_to_audio_", "video_a2v_cross_attn_scale_shift_table")
_OF_PICTURE = ("audio_to_video_",)


def place_transformer(transformer: Any, device: torch.device, *, resident_blocks: int) -> None:
    """Moves a transformer to `device`, but for the blocks from `resident_blocks` on, which stay on the host.

    Args:
        transformer: A diffusers transformer, wherever its weights are. Do not move it again afterwards.
        device: Where everything is computed.
        resident_blocks: How many of the first blocks stay on the device; as many as there are: all.
    """
    blocks: list[nn.Module] = list(transformer.transformer_blocks)
    streamed = blocks[resident_blocks:]
    if streamed:
        transformer.transformer_blocks = StreamedBlocks(blocks, device, resident=resident_blocks)
    elsewhere = set(streamed)
    for module in transformer.modules():
        if module not in elsewhere:
            _move_own(module, device)
        else:
            elsewhere |= set(module.modules())


def running_blocks(transformer: Any) -> tuple[nn.Module, ...]:
    """The blocks that run in a forward, in order: where blocks are streamed, the twins of those on the host."""
    blocks = transformer.transformer_blocks
    return blocks.running if isinstance(blocks, StreamedBlocks) else tuple(blocks)


class StreamedBlocks(nn.ModuleList):
    """The transformer's blocks. By name or number they are the host's; going through them brings each to the device."""

    def __init__(self, blocks: Sequence[nn.Module], device: torch.device, *, resident: int) -> None:
        """Moves the blocks from `resident` on into page-locked memory of the host.

        Args:
            blocks: All of them.
            device: Where they run.
            resident: How many of the first are left where they are.
        """
        super().__init__(blocks)
        self._resident = tuple(blocks[:resident])
        self._packed = [_packed(block) for block in blocks[resident:]]
        size = max(packed.flat.numel() for packed in self._packed)
        self._slots = [Slot(size, device) for _ in range(min(_SLOTS, len(self._packed)))]
        self._twins = [
            _twin(packed, self._slots[number % len(self._slots)].storage) for number, packed in enumerate(self._packed)
        ]
        self._copying = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]
        for packed in self._packed:
            lock_pages(packed, packed.flat, device)

    @property
    def running(self) -> tuple[nn.Module, ...]:
        """What going through them yields, whether it holds its own weights just now or not."""
        return (*self._resident, *self._twins)

    def __iter__(self) -> Iterator[nn.Module]:
        """Yields every block ready to run on the device. It is good until the next one is asked for."""
        return self._brought(whole=True)

    def sound_side(self) -> Iterator[nn.Module]:
        """The same where only the sound is taken through: a quarter of the weights is brought, the rest is not to be read."""
        return self._brought(whole=False)

    def _brought(self, *, whole: bool) -> Iterator[nn.Module]:
        if self._copying is not None:
            self._copying.wait_stream(torch.cuda.current_stream())  # what still reads a slot, after a forward broke off
        for number in range(len(self._slots)):
            self._fetch(number, whole=whole)
        yield from self._resident
        for number, twin in enumerate(self._twins):
            slot = self._slots[number % len(self._slots)]
            slot.wait_until_filled()
            yield twin
            slot.release()
            self._fetch(number + len(self._slots), whole=whole)

    def _fetch(self, number: int, *, whole: bool) -> None:
        """Starts to bring a streamed block into its slot, as soon as that is free."""
        if number < len(self._packed):
            packed = self._packed[number]
            flat = packed.flat if whole else packed.flat[: packed.sound_bytes]
            self._slots[number % len(self._slots)].fill(flat, self._copying)


class Slot:
    """Storage on the device for one block at a time."""

    def __init__(self, size: int, device: torch.device) -> None:
        self.storage = torch.empty(size, dtype=torch.uint8, device=device)
        cuda = device.type == "cuda"
        self._filled = torch.cuda.Event() if cuda else None  # type: ignore[no-untyped-call]
        self._free = torch.cuda.Event() if cuda else None  # type: ignore[no-untyped-call]

    def fill(self, flat: Tensor, stream: torch.cuda.Stream | None) -> None:
        if stream is None or self._filled is None or self._free is None:
            self.storage[: flat.numel()].copy_(flat)
            return
        with torch.cuda.stream(stream):
            stream.wait_event(self._free)  # one that was never recorded is no wait
            self.storage[: flat.numel()].copy_(flat, non_blocking=True)
            self.storage.record_stream(stream)
            self._filled.record(stream)

    def wait_until_filled(self) -> None:
        if self._filled is not None:
            torch.cuda.current_stream().wait_event(self._filled)

    def release(self) -> None:
        """To be filled again once all that was asked of the device so far has run."""
        if self._free is not None:
            self._free.record(torch.cuda.current_stream())


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class _Packed:
    """A block on the host, all of whose weights are views of one flat buffer."""

    block: nn.Module
    flat: Tensor  # uint8
    starts: dict[int, int]  # id of a weight: its first byte
    sound_bytes: int  # that come first: what sound over a picture that stays is computed with


def _packed(block: nn.Module) -> _Packed:
    named = [*block.named_parameters(), *block.named_buffers()]
    weights = [weight for _, weight in sorted(named, key=lambda item: not _is_of_sound(item[0]))]
    starts, size = {}, 0
    for weight in weights:
        starts[id(weight)] = size
        size += -(-weight.nbytes // _ALIGNMENT) * _ALIGNMENT
    of_sound = [weight for name, weight in named if _is_of_sound(name)]
    sound_bytes = sum(-(-weight.nbytes // _ALIGNMENT) * _ALIGNMENT for weight in of_sound)
    packed = _Packed(block=block, flat=torch.zeros(size, dtype=torch.uint8), starts=starts, sound_bytes=sound_bytes)
    for weight in weights:
        place = _view(packed.flat, starts[id(weight)], weight)
        weight.data = place.copy_(weight.data)
    return packed


def _is_of_sound(name: str) -> bool:
    """Whether a weight of a block takes part where the picture is not taken through it."""
    return name.startswith(_OF_SOUND) and not name.startswith(_OF_PICTURE)


def _twin(packed: _Packed, storage: Tensor) -> nn.Module:
    """The same block over other storage."""
    memo: dict[int, Any] = {}
    for weight in (*packed.block.parameters(), *packed.block.buffers()):
        place = _view(storage, packed.starts[id(weight)], weight)
        is_parameter = isinstance(weight, nn.Parameter)
        memo[id(weight)] = nn.Parameter(place, requires_grad=False) if is_parameter else place
    return copy.deepcopy(packed.block, memo)


def _view(flat: Tensor, start: int, like: Tensor) -> Tensor:
    return flat[start : start + like.nbytes].view(like.dtype).view(like.shape)


def lock_pages(owner: Any, flat: Tensor, device: torch.device) -> None:
    """Lets the GPU read memory of the host by itself, at several times the speed and while it computes.

    torch's own page-locked memory is rounded up to a power of two, for a block by a third.

    Args:
        owner: Whatever the memory lives as long as.
        flat: Contiguous, on the host.
        device: Nothing happens where it is no GPU.
    """
    if device.type != "cuda":
        return
    runtime = torch.cuda.cudart()  # type: ignore[no-untyped-call]
    address = flat.data_ptr()
    error = runtime.cudaHostRegister(address, flat.nbytes, 0)
    if int(error) != 0:
        _LOG.warning("The host's memory cannot be page-locked (CUDA error %s): weights will come slowly.", int(error))
        return
    weakref.finalize(owner, runtime.cudaHostUnregister, address).atexit = False


def _move_own(module: nn.Module, device: torch.device) -> None:
    """The weights of a module itself, not those of its children."""
    for weight in (*module.parameters(recurse=False), *module.buffers(recurse=False)):
        weight.data = weight.data.to(device)
