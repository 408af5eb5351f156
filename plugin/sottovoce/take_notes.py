"""What a person says of takes: picks, marks and notes, as the working copy keeps them."""

import getpass
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sottovoce_engine.errors import InputError
from sottovoce_otio.working_copy import Choice, TakeNote

MARKS = ("starred", "circled", "alt", "rejected", "approved")

_FOR = ("starred", "circled", "approved")  # what a rejection takes back, and what takes a rejection back


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of one take now."""

    marks: frozenset[str]  # names of MARKS
    text: str | None = None  # None: what was written before stays
    clear: bool = False  # what was said before goes
    who: str
    when: str  # ISO 8601 with its zone

    def __post_init__(self) -> None:
        if "rejected" in self.marks and self.marks & set(_FOR):
            raise InputError("A take cannot be rejected and liked at once. Leave out --reject, or what speaks for it.")
        if not (self.marks or self.clear or self.text is not None):
            raise InputError(
                "Nothing was said of the take. Add --star, --circle, --alt, --reject, --approve, --clear or --note TEXT."
            )


def said_now(marks: frozenset[str], text: str | None, by: str | None, *, clear: bool) -> Said:
    """What is said, by whom and when.

    Raises:
        InputError: Nothing is said, or two things that exclude each other.
    """
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return Said(marks=marks, text=text, clear=clear, who=by or _user(), when=now)


def note_on(choices: tuple[Choice, ...], take_key: str) -> TakeNote | None:
    """What was said of a take."""
    return next((note for choice in choices for note in choice.notes if note.take_key == take_key), None)


def with_said(choices: tuple[Choice, ...], region_id: str, take_key: str, said: Said) -> tuple[Choice, ...]:
    """`choices` with that said of a take of that region."""
    before = note_on(choices, take_key)
    if before is None or said.clear:
        before = TakeNote(take_key=take_key)
    marks: dict[str, Any] = dict.fromkeys(said.marks, True)
    if "rejected" in said.marks:
        marks |= dict.fromkeys(_FOR, False)
    elif said.marks & set(_FOR):
        marks["rejected"] = False
    text = before.text if said.text is None else said.text
    note = replace(before, text=text, who=said.who, when=said.when, **marks)
    empty = not note.text and not note.rating and not any(getattr(note, name) for name in MARKS)

    def noted(choice: Choice) -> Choice:
        others = tuple(other for other in choice.notes if other.take_key != take_key)
        if choice.region_id != region_id:
            return replace(choice, notes=others)
        return replace(choice, notes=others if empty else (*others, note))

    return tuple(noted(choice) for choice in _with_region(choices, region_id))


def with_pick(choices: tuple[Choice, ...], region_id: str, take_key: str) -> tuple[Choice, ...]:
    """`choices` with a take picked for its region by a person."""
    return tuple(
        replace(choice, take_key=take_key, picked=True) if choice.region_id == region_id else choice
        for choice in _with_region(choices, region_id)
    )


def note_as_text(note: TakeNote | None) -> str:
    """In a few words: "circled, alt: the second breath is better (Anna)"."""
    if note is None:
        return ""
    words = [name for name in MARKS if getattr(note, name)]
    if note.rating:
        words.append(f"{note.rating}/5")
    return ": ".join(text for text in (", ".join(words), note.text) if text) + (f" ({note.who})" if note.who else "")


def _with_region(choices: tuple[Choice, ...], region_id: str) -> tuple[Choice, ...]:
    if any(choice.region_id == region_id for choice in choices):
        return choices
    return (*choices, Choice(region_id=region_id))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # nobody of that number is known to the system
        return ""
