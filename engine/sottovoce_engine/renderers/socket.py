"""The socket every renderer fits: one call, a whole batch in, outcomes out as they finish."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import Register
from sottovoce_engine.take import Outcome, RenderJob


class Renderer(Protocol):
    """Turns jobs into takes. A batch may be worked stage by stage, in any order."""

    def render(self, jobs: Sequence[RenderJob], job: Job) -> Iterator[Outcome]:
        """Yields one take or failure for each of `jobs`, as soon as it is finished.

        Media are already in the media folder when their take is yielded. `job.step(…, about=key)` says
        which take is being made, so that a crash costs that one; without it, the first unanswered is.

        Raises:
            JobCancelled: Cancelling was asked for. What was yielded before stays.
            SetupError: Nothing can be rendered on this machine as it is.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RendererEntry:
    """What is known of a renderer without importing it.

    `module` holds `renderer(media_root: Path) -> Renderer`, called in the worker's child process, and
    `fingerprint(register: Register) -> str`, cheap, called anywhere: all but the job that determines a take of
    that register (weights, versions, numeric class), part of the take's key.
    """

    name: str
    module: str
    about: str
    seconds_per_second: float  # rough cost of a second of window with picture, for the printed estimate


RENDERERS = (
    RendererEntry(
        name="scratch",
        module="sottovoce_engine.renderers.scratch.renderer",
        about="synthetic speech in the right register and storyboard cards; no GPU, no download",
        seconds_per_second=0.3,
    ),
    RendererEntry(
        name="ltx",
        module="sottovoce_engine.renderers.ltx.renderer",
        about="LTX-2.3 with the whisper & soft-spoken LoRA, picture and sound; a local GPU and the model's weights",
        seconds_per_second=15.0,
    ),
)


def renderer_entry(name: str) -> RendererEntry:
    """The entry of that name.

    Raises:
        InputError: There is none.
    """
    for entry in RENDERERS:
        if entry.name == name:
            return entry
    raise InputError(f"'{name}' is no renderer. {nearest(name, [entry.name for entry in RENDERERS])}")


def fingerprint_of(name: str) -> Callable[[Register], str]:
    """What a renderer would put into the key of a register's takes, without loading its model.

    Raises:
        InputError: There is no renderer of that name.
    """
    from importlib import import_module

    fingerprint: Callable[[Register], str] = import_module(renderer_entry(name).module).fingerprint
    return cache(fingerprint)  # a plan of 500 regions asks for the same few registers


def load_renderer(entry: RendererEntry, media_root: Path) -> Renderer:
    """Imports a renderer and makes it ready to write media below `media_root`."""
    from importlib import import_module

    made: Renderer = import_module(entry.module).renderer(media_root)
    return made
