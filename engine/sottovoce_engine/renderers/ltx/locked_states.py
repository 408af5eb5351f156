"""The stream of a picture that stays: what the sound watches in every block, made once or anew, kept here or there.

    card      block 0 | block 1 | ... | block 47          on the device, ready
    host      block 0 | block 1 | ... | block 47          page-locked; each comes by in one of two slots
    again     picture ──▶ block 0 ──▶ block 1 ──▶ ...     nothing is kept: computed beside the sound at every step

Whichever it is, the sound meets the same numbers. Nothing in this stream is changed by a LoRA of the sound's own
layers and of those by which it watches.

Source: a picture that does not listen is LTX2VideoTransformerBlock's `use_a2v_cross_attention=False` of diffusers.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.placement import Watched
from sottovoce_engine.renderers.ltx.row_denoising import check_layout, places_for
from sottovoce_engine.renderers.ltx.rows import Rotary, captioned, modulated, parameters, self_attended
from sottovoce_engine.renderers.ltx.streaming import Slot, StreamedBlocks, lock_pages

STAGE = "watching the picture"


def changes_picture(layers: Iterable[str]) -> bool:
    """Whether a LoRA of these layers changes the stream of a picture: whether one is outside the sound's side.

    Args:
        layers: Their names, as the transformer has them.
    """
    return not all(
        re.fullmatch(r"(.*\.)?(audio_(?!to_video)|video_to_audio_attn)[^.]*(\..*)?", name) for name in layers
    )


class PictureStates(Protocol):
    """What the sound watches, for all steps and all takes of one caption."""

    @property
    def passes(self) -> tuple[Pass, ...]:
        """Those that watch the picture, in the order of their streams."""
        ...

    @property
    def parting(self) -> int:
        """The first block with a stream for the perturbed pass; before, it is the good pass's."""
        ...

    def beside(self, blocks: Iterable[Any]) -> Iterator[tuple[Any, Tensor]]:
        """Each block and the picture in it, `[streams, video tokens, width]`, good until the next one is asked for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureModulation:
    """What a picture without noise does to every block. Each is `[1, parameters * width]`."""

    video: Tensor
    caption: Tensor


def picture_rows(
    block: Any,
    video: Tensor,
    captions: Tensor,
    modulation: PictureModulation,
    places: Rotary,
    which: Tensor,
    shortcut: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """The picture's stream after one block, and what the sound watches in it.

    Args:
        block: A block of diffusers' LTX2VideoTransformer3DModel.
        video: `[streams, video tokens, width]`.
        captions: `[captions, tokens, width]`.
        modulation: Of the picture.
        places: Of the picture.
        which: `[streams]`, the caption each reads.
        shortcut: `[streams, 1, 1]`, True where self-attention is shortcut.
    """
    seen = parameters(block.scale_shift_table, modulation.video)
    told = parameters(block.prompt_scale_shift_table, modulation.caption)
    video = self_attended(block.norm1, block.attn1, video, seen, places, shortcut)
    video = captioned(block.norm2, block.attn2, video, seen, captions, told, which)
    state = block.audio_to_video_norm(video)
    return video + block.ff(modulated(block.norm3(video), seen[4], seen[3])) * seen[5], state


class PictureStream:
    """Takes the picture through the blocks whenever it is asked for."""

    def __init__(
        self,
        transformer: Any,
        conditions: Conditions,
        passes: tuple[Pass, ...],
        *,
        function: Callable[..., tuple[Tensor, Tensor]] = picture_rows,
    ) -> None:
        """Computes what comes before the blocks.

        Args:
            transformer: Of the 2.3 layout.
            conditions: `kept` is the whole picture, the same for all takes, which share one caption, too.
            passes: Those a step needs.
            function: `picture_rows` as it is, or compiled.

        Raises:
            SetupError: The transformer is not of the 2.3 layout.
        """
        check_layout(transformer)
        assert conditions.kept is not None
        self._function = function
        self._perturbed_blocks = conditions.perturbed_blocks
        self.passes: tuple[Pass, ...] = tuple(kind for kind in passes if kind is not Pass.ISOLATED)
        self._alone: tuple[Pass, ...] = tuple(kind for kind in self.passes if kind is not Pass.PERTURBED)
        blocks = len(transformer.transformer_blocks)
        perturbed = Pass.PERTURBED in self.passes
        self.parting = min(*conditions.perturbed_blocks, blocks - 1) if perturbed else blocks
        self._captions = _captions(conditions)
        device, dtype = self._captions.device, self._captions.dtype
        self._video = transformer.proj_in(conditions.kept.clean[:1].to(device, dtype))
        still = torch.zeros(1, device=device)  # no noise
        self._modulation = PictureModulation(
            video=transformer.time_embed(still, batch_size=1, hidden_dtype=dtype)[0],
            caption=transformer.prompt_adaln(still, batch_size=1, hidden_dtype=dtype)[0],
        )
        self._places = places_for(transformer, conditions).video

    def beside(self, blocks: Iterable[Any]) -> Iterator[tuple[Any, Tensor]]:
        device = self._video.device
        video, kinds = self._video.repeat(len(self._alone), 1, 1), self._alone
        for number, block in enumerate(blocks):
            if number == self.parting:
                before = [kinds.index(Pass.POSITIVE if kind is Pass.PERTURBED else kind) for kind in self.passes]
                video, kinds = video[torch.tensor(before, device=device)], self.passes
            marks = torch.tensor([kind is Pass.PERTURBED for kind in kinds], device=device)[:, None, None]
            shortcut = marks if number in self._perturbed_blocks else None
            which = torch.tensor([int(kind is Pass.NEGATIVE) for kind in kinds], device=device)
            video, state = self._function(block, video, self._captions, self._modulation, self._places, which, shortcut)
            yield block, state


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatesOnCard:
    """States that lie where they are watched."""

    passes: tuple[Pass, ...]
    parting: int
    blocks: tuple[Tensor, ...]

    def beside(self, blocks: Iterable[Any]) -> Iterator[tuple[Any, Tensor]]:
        return zip(_sound_sides(blocks), self.blocks, strict=True)


class StatesOnHost:
    """States in the host's memory, on their way to the device while the block before is at work."""

    def __init__(
        self, passes: tuple[Pass, ...], parting: int, blocks: tuple[Tensor, ...], device: torch.device
    ) -> None:
        """Takes states that lie in page-locked memory.

        Args:
            passes: Those that watch.
            parting: See `PictureStates`.
            blocks: On the host.
            device: Where they are watched.
        """
        self.passes, self.parting = passes, parting
        self.blocks = blocks
        self._flat = [state.view(-1).view(torch.uint8) for state in blocks]
        size = max(flat.numel() for flat in self._flat)
        self._slots = [Slot(size, device) for _ in range(min(2, len(blocks)))]
        self._copying = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]

    def beside(self, blocks: Iterable[Any]) -> Iterator[tuple[Any, Tensor]]:
        if self._copying is not None:
            self._copying.wait_stream(torch.cuda.current_stream())  # what still reads a slot, after a forward broke off
        for number in range(len(self._slots)):
            self._fetch(number)
        for number, (block, state) in enumerate(zip(_sound_sides(blocks), self.blocks, strict=True)):
            slot = self._slots[number % len(self._slots)]
            slot.wait_until_filled()
            yield block, slot.storage[: state.nbytes].view(state.dtype).view(state.shape)
            slot.release()
            self._fetch(number + len(self._slots))

    def _fetch(self, number: int) -> None:
        if number < len(self._flat):
            self._slots[number % len(self._slots)].fill(self._flat[number], self._copying)


def _sound_sides(blocks: Iterable[Any]) -> Iterable[Any]:
    """The blocks without what only a picture needs, where they are brought to the device for every forward."""
    return blocks.sound_side() if isinstance(blocks, StreamedBlocks) else blocks


States = PictureStream | StatesOnCard | StatesOnHost


@torch.inference_mode()
def picture_states(
    transformer: Any,
    conditions: Conditions,
    passes: tuple[Pass, ...],
    job: Job,
    *,
    kept: Watched = Watched.CARD,
    function: Callable[..., tuple[Tensor, Tensor]] = picture_rows,
) -> States:
    """What the sound watches of a picture, kept where it is to be.

    Args:
        transformer: Of the 2.3 layout.
        conditions: `kept` is the whole picture, the same for all takes, which share one caption, too.
        passes: Those a step needs.
        job: Told of every block; cancelling takes effect before the next one.
        kept: Where.
        function: `picture_rows` as it is, or compiled.

    Raises:
        SetupError: The transformer is not of the 2.3 layout.
    """
    stream = PictureStream(transformer, conditions, passes, function=function)
    if kept is Watched.AGAIN:
        return stream
    blocks = transformer.transformer_blocks
    on_host = kept is Watched.HOST
    states: list[Tensor] = []
    for _, state in _told(stream.beside(blocks), len(blocks), job):
        states.append(_page_locked(state) if on_host else state)
    if on_host:
        return StatesOnHost(stream.passes, stream.parting, tuple(states), conditions.text.video.device)
    return StatesOnCard(passes=stream.passes, parting=stream.parting, blocks=tuple(states))


@torch.inference_mode()
def refill(states: StatesOnCard | StatesOnHost, stream: PictureStream, blocks: Any, job: Job) -> None:
    """Puts another picture's states into the storage of those held, so that what was captured over it goes on."""
    for (_, state), held in zip(_told(stream.beside(blocks), len(blocks), job), states.blocks, strict=True):
        held.copy_(state)


def _told(walked: Iterator[tuple[Any, Tensor]], count: int, job: Job) -> Iterator[tuple[Any, Tensor]]:
    """The same, told of before each block."""
    for number in range(count):
        job.step(STAGE, number, count)
        yield next(walked)
    job.step(STAGE, count, count)


def _page_locked(state: Tensor) -> Tensor:
    """A copy on the host, which the device can read by itself."""
    kept = torch.empty(state.shape, dtype=state.dtype)
    lock_pages(kept, kept, state.device)
    return kept.copy_(state)


def _captions(conditions: Conditions) -> Tensor:
    """The takes' one caption, then the negative one."""
    texts = [conditions.text.video[:1], *([] if conditions.negative is None else [conditions.negative.video])]
    return torch.cat(texts)
