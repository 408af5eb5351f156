"""Which of many layers lie in the block at hand, and which files are open for them."""

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

import numpy as np

from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.splice.fades import Samples
from sottovoce_engine.timing import Span

_KEPT_OPEN = 32  # opening costs more than what is read from most files; about 1 MB each while open


class Spanned(Protocol):
    """Anything that lies over a span of the scene."""

    @property
    def span(self) -> Span: ...


L = TypeVar("L", bound=Spanned)


class Running(Generic[L]):
    """A row of layers, walked through from its start."""

    def __init__(self, layers: Iterable[L]) -> None:
        self._waiting = sorted(layers, key=lambda layer: layer.span.start, reverse=True)
        self._running: list[L] = []

    def during(self, block: Span) -> list[L]:
        """The layers that overlap `block`, by their start. No block may start before the one before it."""
        while self._waiting and self._waiting[-1].span.start < block.end:
            self._running.append(self._waiting.pop())
        self._running = [layer for layer in self._running if layer.span.end > block.start]
        return [layer for layer in self._running if layer.span.overlaps(block)]


class OpenSounds:
    """Sound files by path, a few of them open at a time. A path of "" is silence."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[SoundReader, ExitStack]] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes every file."""
        while self._open:
            self._open.popitem()[1][1].close()

    def sound(self, path: str, span: Span) -> Samples:
        """The file's sound over `span`, silence outside it.

        Raises:
            InputError: The file is missing, damaged, or holds no sound.
        """
        if not path:
            return np.zeros((2, span.length), np.float32)
        if path not in self._open:
            with ExitStack() as stack:
                reader = stack.enter_context(SoundReader(path))
                self._open[path] = reader, stack.pop_all()
            if len(self._open) > _KEPT_OPEN:
                self._open.popitem(last=False)[1][1].close()
        self._open.move_to_end(path)
        return self._open[path][0].read(span)
