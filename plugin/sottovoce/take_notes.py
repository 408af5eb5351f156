"""Who says something of a take, and when."""

import getpass
from datetime import datetime

from sottovoce_engine.choices import Said


def said_now(marks: frozenset[str], text: str | None, by: str | None, *, clear: bool) -> Said:
    """What is said, by whom and when.

    Raises:
        InputError: Nothing is said, or two things that exclude each other.
    """
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return Said(marks=marks, text=text, clear=clear, who=by or _user(), when=now)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # nobody of that number is known to the system
        return ""
