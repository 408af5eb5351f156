"""The editor's choices: which take of each region, and what people noted on takes.

A choice that a person made stays when takes are added; an automatic one may give way to a better take.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sottovoce_engine.errors import InputError
from sottovoce_engine.ranking import Esteem

MARKS = ("starred", "circled", "alt", "rejected", "approved")

_FOR = ("starred", "circled", "approved")  # what a rejection takes back, and what takes a rejection back


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNote:
    """What the editor thinks of a take."""

    take_key: str
    starred: bool = False  # liked
    rating: int = 0  # 1 to 5; 0: none given
    text: str = ""
    circled: bool = False  # good: to be used
    alt: bool = False  # an alternative to be kept
    rejected: bool = False  # never to be chosen
    approved: bool = False  # final
    who: str = ""
    when: str = ""  # ISO 8601 with its zone

    @property
    def keeps(self) -> bool:
        """Whether it keeps its take from being cleaned away."""
        return bool(self.starred or self.rating or self.text or self.circled or self.alt or self.approved)

    @property
    def esteem(self) -> Esteem:
        """What it says about choosing the take; the last word where it says several things is a rejection."""
        said = (
            (self.rejected, Esteem.REJECTED),
            (self.approved, Esteem.APPROVED),
            (self.circled, Esteem.CIRCLED),
            (self.starred, Esteem.STARRED),
        )
        return next((esteem for holds, esteem in said if holds), Esteem.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The take chosen for a region, and what was noted on its takes."""

    region_id: str
    take_key: str = ""  # "": none
    approved: bool = False
    notes: tuple[TakeNote, ...] = ()
    picked: bool = False  # by a person: it stays when takes are added


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


def with_chosen(choices: tuple[Choice, ...], chosen: Mapping[str, str]) -> tuple[Choice, ...]:
    """`choices` with the takes of `chosen` (region id: take key) in place; all else that was noted stays.

    A pick holds for the take that was picked, not for another one chosen in its place; so does an approval.
    """
    known = {choice.region_id: choice for choice in choices}
    named = {region_id: known.get(region_id, Choice(region_id=region_id)) for region_id in (*known, *chosen)}
    return tuple(_chosen(choice, chosen.get(region_id, choice.take_key)) for region_id, choice in named.items())


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


def _chosen(choice: Choice, key: str) -> Choice:
    return choice if key == choice.take_key else replace(choice, take_key=key, picked=False, approved=False)


def _with_region(choices: tuple[Choice, ...], region_id: str) -> tuple[Choice, ...]:
    if any(choice.region_id == region_id for choice in choices):
        return choices
    return (*choices, Choice(region_id=region_id))
