"""What the worker and its child say to each other: one JSON line per message, never a pickle.

worker                                  child
Start ──────────────────────────────►   imports the renderer
      ◄──────────────────────────────   Ready, or Raised
Render (batch 1) ───────────────────►   renders
      ◄──────────────────────────────   Step, Finished, Failed, Step, …
Cancel (batch 1) ───────────────────►   stops at its next step
      ◄──────────────────────────────   Done (batch 1), or Raised, or Crashed
end of file ────────────────────────►   ends at once
"""

import json
from dataclasses import dataclass

from sottovoce_engine.codec import from_plain, to_json
from sottovoce_engine.errors import InputError, RenderError, SetupError, SottovoceError
from sottovoce_engine.renderers.socket import RendererEntry
from sottovoce_engine.take import Failure, RenderJob, Take

FORMAT = 1


class Garbled(Exception):
    """A line is no message of this format: the two sides are not of one version, or one is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The first line a child reads: which renderer to load."""

    entry: RendererEntry
    media_root: str  # absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """Render these jobs. A batch is answered by `Done` or `Raised` before the next one is sent."""

    batch: int
    jobs: tuple[RenderJob, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Stop that batch at its next step."""

    batch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The renderer is loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The renderer has the batch. A child that ends before this has cost nothing."""

    batch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Progress, and the key of the take in hand where the renderer says it."""

    batch: int
    stage: str
    done: int
    total: int
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A take; its media are in the media folder."""

    batch: int
    take: Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A take that could not be made."""

    batch: int
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The renderer stopped with an error a person can act on. The child lives on if it was loaded."""

    kind: str
    message: str

    def error(self) -> SottovoceError:
        """The error as it was raised in the child."""
        return _ERRORS[self.kind](self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed:
    """The renderer stopped with a bug or out of memory. The child ends after this."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The batch is over: every job answered, or cancelled."""

    batch: int


ToChild = Start | Render | Cancel
FromChild = Ready | Begun | Step | Finished | Failed | Raised | Crashed | Done

_KINDS: dict[str, type[ToChild | FromChild]] = {
    kind.__name__: kind for kind in (Start, Render, Cancel, Ready, Begun, Step, Finished, Failed, Raised, Crashed, Done)
}
_ERRORS = {kind.__name__: kind for kind in (InputError, SetupError, RenderError)}


def raised(error: SottovoceError) -> Raised:
    """`error` as it travels: its class and its message."""
    kind = next((kind for kind, known in _ERRORS.items() if isinstance(error, known)), RenderError.__name__)
    return Raised(kind=kind, message=str(error))


def line_for(message: ToChild | FromChild) -> bytes:
    r"""`message` as one line that ends in \n. Lone surrogates, which a JSON file may hold, survive."""
    return to_json(message, format_version=FORMAT).encode("utf-8", "surrogatepass") + b"\n"


def message_in(line: bytes) -> ToChild | FromChild:
    """The message that `line_for` wrote.

    Raises:
        Garbled: The line is something else.
    """
    try:
        wrapped = json.loads(line)
        kind = _KINDS[wrapped["kind"]]
        if wrapped["format"] != FORMAT:
            raise Garbled(f"format {wrapped['format']!r} instead of {FORMAT}")
        return from_plain(wrapped["value"], kind, f"The message {kind.__name__}")
    except (ValueError, KeyError, TypeError, InputError) as error:
        raise Garbled(f"{type(error).__name__} in a line of {len(line)} bytes") from error
