"""The queue as a value: what waits, what is rendered, what came of it. Pure; the runner does what it says."""

from collections.abc import Collection, Iterable
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

    def moved(self, region_id: str, by: int) -> "Entries":
        """With a waiting entry earlier (below 0) or later among those that wait."""
        entries = list(self.entries)
        waiting = [index for index, entry in enumerate(entries) if entry.state is State.WAITING]
        at = next((n for n, index in enumerate(waiting) if entries[index].region_id == region_id), None)
        if at is None:
            return self
        to = min(max(at + by, 0), len(waiting) - 1)
        order = [entries[index] for index in waiting]
        order.insert(to, order.pop(at))
        for index, entry in zip(waiting, order, strict=True):
            entries[index] = entry
        return Entries(entries=tuple(entries))

    def without_finished(self) -> "Entries":
        return Entries(entries=tuple(entry for entry in self.entries if entry.is_open))

    def entry(self, region_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.region_id == region_id), None)
