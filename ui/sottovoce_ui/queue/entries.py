"""The queue as a value: what waits, what is rendered, what came of it. Pure; the runner does what it says."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """Of one region in the queue."""

    WAITING = "waiting"
    RUNNING = "rendering"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One region to render."""

    region_id: str
    again: bool  # another take, whatever there is
    state: State = State.WAITING
    takes: int = 0  # made so far
    of_takes: int = 0  # that are to be made; 0: not known yet
    reason: str = ""  # why it failed

    @property
    def is_open(self) -> bool:
        """Whether there is anything left to do."""
        return self.state in (State.WAITING, State.RUNNING)

    @property
    def can_be_retried(self) -> bool:
        """Whether it failed, or was stopped."""
        return self.state in (State.FAILED, State.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """All entries in the order they are rendered; a region is open once at most."""

    entries: tuple[Entry, ...] = ()

    def with_added(self, region_ids: Iterable[str], *, again: bool) -> "Entries":
        """With these regions waiting; what was said of an earlier render of theirs goes."""
        wanted = list(dict.fromkeys(region_ids))
        open_ids = {entry.region_id for entry in self.entries if entry.is_open}
        new = [Entry(region_id=each, again=again) for each in wanted if each not in open_ids]
        ids = {entry.region_id for entry in new}
        return Entries(entries=(*(entry for entry in self.entries if entry.region_id not in ids), *new))

    def next_batch(self) -> tuple[Entry, ...]:
        """What is rendered next in one go: all that waits and is asked for in the same way as the first."""
        waiting = [entry for entry in self.entries if entry.state is State.WAITING]
        return tuple(entry for entry in waiting if entry.again == waiting[0].again) if waiting else ()

    def changed(self, region_ids: Collection[str], **to: object) -> "Entries":
        """With these entries otherwise."""
        return Entries(
            entries=tuple(
                replace(entry, **to) if entry.region_id in region_ids else entry  # type: ignore[arg-type]
                for entry in self.entries
            )
        )

    def with_each(self, region_ids: Collection[str], change: Callable[[Entry], Entry]) -> "Entries":
        """With what `change` makes of each of these entries."""
        return Entries(entries=tuple(change(e) if e.region_id in region_ids else e for e in self.entries))

    def moved(self, region_ids: Collection[str], by: int) -> "Entries":
        """With these waiting entries one place earlier (-1) or later (1) among those that wait, in their order."""
        entries = list(self.entries)
        waiting = [index for index, entry in enumerate(entries) if entry.state is State.WAITING]
        order = [entries[index] for index in waiting]
        places = range(1, len(order)) if by < 0 else range(len(order) - 2, -1, -1)
        for place in places:
            if order[place].region_id in region_ids and order[place + by].region_id not in region_ids:
                order[place], order[place + by] = order[place + by], order[place]
        for index, entry in zip(waiting, order, strict=True):
            entries[index] = entry
        return Entries(entries=tuple(entries))

    def without_finished(self) -> "Entries":
        return Entries(entries=tuple(entry for entry in self.entries if entry.is_open))

    def entry(self, region_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.region_id == region_id), None)
