"""All takes of the open timeline, as facts beside the draft."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.choices import Choice, TakeNote, note_on
from sottovoce_engine.editing.draft import Draft
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor

Takes = Mapping[str, tuple[TakeFacts, ...]]


class Pile(QObject):
    """Takes by region; those the editor deleted are not shown.

    Signals:
        changed(): Takes were added, judged, deleted or brought back.
    """

    changed = Signal()

    def __init__(self, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._takes: Takes = {}
        self._by_region: tuple[tuple[Choice, ...], Mapping[str, Choice]] = ((), {})  # of these choices
        editor.draft_changed.connect(self._after_change)

    def show_takes(self, takes: Takes) -> None:
        """Replaces all takes."""
        self._takes = takes
        self.changed.emit()

    def of(self, region_id: str) -> tuple[TakeFacts, ...]:
        """A region's takes, the oldest first."""
        deleted = self._editor.draft.deleted
        return tuple(facts for facts in self._takes.get(region_id, ()) if facts.take.key not in deleted)

    def chosen(self, region_id: str) -> TakeFacts | None:
        """The take chosen for a region."""
        choice = self.choice(region_id)
        key = "" if choice is None else choice.take_key
        return next((facts for facts in self.of(region_id) if facts.take.key == key), None)

    def choice(self, region_id: str) -> Choice | None:
        """What is chosen for a region. All regions are asked for after every plan, so they are looked up."""
        choices = self._editor.draft.choices
        if self._by_region[0] is not choices:
            self._by_region = (choices, {choice.region_id: choice for choice in choices})
        return self._by_region[1].get(region_id)

    def note(self, take_key: str) -> TakeNote | None:
        return note_on(self._editor.draft.choices, take_key)

    def _after_change(self, before: Draft, after: Draft) -> None:
        if before.choices != after.choices or before.deleted != after.deleted:
            self.changed.emit()
