"""The journal of an open timeline: what is changed and not saved yet, and what an earlier session left there."""

from datetime import UTC, datetime
from pathlib import Path

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.journal import NAME, Journal, Recovered, put_aside, recovered
from sottovoce_engine.scene import Scene
from sottovoce_ui.desk import Unsaved


class UnsavedChanges:
    """Of one timeline, by the one who may write beside it."""

    def __init__(self, store_root: Path) -> None:
        self._path = store_root / NAME
        self._journal: Journal | None = None

    def left_over(self, read: Draft) -> Recovered | None:
        """What an earlier session left; nothing where it ended between saving that and removing the journal.

        Args:
            read: The marks as they were read now.
        """
        left = recovered(self._path)
        if left is not None and left.draft(read.scene) == read:
            self._path.unlink(missing_ok=True)
            return None
        return left

    def note(self, draft: Draft, label: str, *, since: Draft, source_digest: str) -> None:
        """Writes a change down; the first one since `since`, which is saved, begins a journal."""
        if self._journal is None:
            if self._path.exists():
                put_aside(self._path, datetime.now())  # nobody has said yet what becomes of it
            self._journal = Journal(self._path, since, source_digest=source_digest, now=datetime.now(UTC))
        self._journal.note(draft, label)

    def sync(self) -> None:
        """Brings what was noted to the disk itself."""
        if self._journal is not None:
            self._journal.sync()

    def recover(self, wanted: bool) -> Recovered | None:
        """What is gone on from; what is not wanted is put aside."""
        if not wanted and self._path.exists():
            put_aside(self._path, datetime.now())
        return recovered(self._path)

    def end_saved(self) -> None:
        """Everything is saved: the journal is needed no more."""
        if self._journal is not None:
            self._journal.close(keep=False)
            self._journal = None

    def close(self) -> None:
        """The timeline is closed; where changes were not saved, their journal stays."""
        if self._journal is not None:
            self._journal.close(keep=recovered(self._journal.path) is not None)
            self._journal = None


def told_unsaved(left: Recovered, scene: Scene) -> Unsaved:
    """What an earlier session left, as a person is told of it."""
    labels = tuple(change.label for change in left.changes)
    return Unsaved(draft=left.draft(scene), labels=labels, when=left.start.when, whole=left.whole)
