"""Undo and redo: every step is its label, the draft before it and the draft after it.

steps      [mark][type][type][trim]|[move]        | the present: what is right of it can be redone
drafts    d0    d1    d2    d2'   d3    d4

Drafts share all that a step did not touch, so that a thousand of them cost little more than one.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

from sottovoce_engine.editing.draft import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change."""

    label: str  # what the person did: "Trim region"
    before: Draft
    after: Draft
    gesture: str = ""  # steps of one gesture that follow each other are undone as one; "": on its own


class Taken(IntEnum):
    """What became of a step."""

    NOT = 0  # nothing changed
    JOINED = 1  # it is one with the step before
    NEW = 2


class History:
    """The steps taken, and how many of them hold now."""

    def __init__(self, draft: Draft, *, most: int = 1000) -> None:
        """Starts from a draft; beyond `most` steps the oldest are forgotten."""
        self._first = draft
        self._steps: list[Step] = []
        self._taken = 0
        self._most = most

    @property
    def present(self) -> Draft:
        return self._steps[self._taken - 1].after if self._taken else self._first

    @property
    def to_undo(self) -> str:
        """The label of the step that `undo` takes back; "" where there is none."""
        return self._steps[self._taken - 1].label if self._taken else ""

    @property
    def to_redo(self) -> str:
        """The label of the step that `redo` takes again; "" where there is none."""
        return self._steps[self._taken].label if self._taken < len(self._steps) else ""

    @property
    def depth(self) -> int:
        """How many steps can be undone."""
        return self._taken

    def take(self, label: str, after: Draft, *, gesture: str = "") -> Taken:
        """Goes on to another draft, forgetting what could be redone.

        A step of the same gesture as the one before becomes one with it.
        """
        if after == self.present:
            return Taken.NOT
        before = self._steps[self._taken - 1] if self._taken else None
        joins = before is not None and gesture != "" and before.gesture == gesture and self._taken == len(self._steps)
        del self._steps[self._taken :]
        if before is not None and joins:
            self._steps[-1] = replace(before, after=after)
            return Taken.JOINED
        self._steps.append(Step(label=label, before=self.present, after=after, gesture=gesture))
        if len(self._steps) > self._most:
            self._first = self._steps.pop(0).after
        self._taken = len(self._steps)
        return Taken.NEW

    def undo(self) -> Step | None:
        """Takes the last step back and returns it; None where there is none."""
        if not self._taken:
            return None
        self._taken -= 1
        return self._steps[self._taken]

    def redo(self) -> Step | None:
        """Takes the next step again and returns it; None where there is none."""
        if self._taken == len(self._steps):
            return None
        self._taken += 1
        return self._steps[self._taken - 1]
