"""Large timelines without the garbage collector in between."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Leaves the garbage collector out while everything that is made stays.

    A timeline of 5,000 regions is a million containers; walking them again and again takes a third of the
    time that reading takes (measured), and a quarter of the time that writing takes.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()
