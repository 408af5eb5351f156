"""A forward captured once as a CUDA graph and replayed: the GPU no longer waits for the program to launch kernels."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import torch
from torch import Tensor

_WARM_UPS = 2  # kernels are compiled, libraries pick theirs and set up their workspaces

_Made = TypeVar("_Made")


class CapturedForward:
    """A function of tensors of fixed shapes over storage that stays where it is, as one graph.

    What it reads beside its inputs, such as weights and held states, may change between replays, but only in place.
    """

    def __init__(self, forward: Callable[..., Tensor], *inputs: Tensor) -> None:
        """Runs the function a few times, then captures it.

        Args:
            forward: Works on one device without waiting for it.
            inputs: Of the shapes of all later ones.
        """
        self._inputs = tuple(one.clone() for one in inputs)
        ahead = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        ahead.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(ahead):
            for _ in range(_WARM_UPS):
                forward(*self._inputs)
        torch.cuda.current_stream().wait_stream(ahead)
        self._graph = torch.cuda.CUDAGraph()
        first = torch.cuda.Stream(priority=-1)  # type: ignore[no-untyped-call]  # before what is made ahead
        with torch.cuda.graph(self._graph, stream=first):
            self._output = forward(*self._inputs)

    def __call__(self, *inputs: Tensor) -> Tensor:
        """The function's result for other inputs, good until the next call."""
        for kept, one in zip(self._inputs, inputs, strict=True):
            kept.copy_(one)
        self._graph.replay()
        return self._output


def made_ahead(items: Iterator[_Made]) -> Iterator[_Made]:
    """Makes each item on a stream of its own while the one before is in use.

        beside     item 0 | item 1 | item 2 | item 3 ...
        in use              item 0 | item 1 | item 2 ...

    The memory of an item is taken for a later one only after the stream in use is done with it.

    Args:
        items: Each good until the next but one is asked for.
    """
    using, making = torch.cuda.current_stream(), torch.cuda.Stream()  # type: ignore[no-untyped-call]
    making.wait_stream(using)

    def made() -> tuple[_Made, torch.cuda.Event] | None:
        with torch.cuda.stream(making):
            for item in items:
                return item, making.record_event()
        return None

    following = made()
    while following is not None:
        item, ready = following
        following = made()
        using.wait_event(ready)
        yield item
        del item
        if following is not None:
            making.wait_event(using.record_event())
