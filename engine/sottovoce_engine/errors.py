"""Errors, split by who must act.

    SottovoceError
    ├── InputError     change the file, the mark or the setting
    ├── SetupError     install, download or free something
    └── RenderError    the model or the encoder failed on good input

Every message is one paragraph: what happened, the value found, what to do. A bug stays a plain
exception, so that it is never dressed up as advice.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class SottovoceError(Exception):
    """Something a person can act on."""


class InputError(SottovoceError):
    """A file, a mark or a setting cannot be used as it is."""


class SetupError(SottovoceError):
    """Something this machine needs is missing, locked or full."""


class RenderError(SottovoceError):
    """A take could not be made from good input."""


def nearest(value: str, choices: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest valid one, and all of them."""
    known = list(choices)
    close = get_close_matches(value.lower(), [name.lower() for name in known], n=1, cutoff=0.5)
    hint = next((name for name in known if close and name.lower() == close[0]), None)
    listing = ", ".join(known) or "none"
    return f"Did you mean '{hint}'? Known: {listing}." if hint else f"Known: {listing}."
