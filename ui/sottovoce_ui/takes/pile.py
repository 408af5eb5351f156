"""All takes of the open timeline, as facts beside the draft.

A region longer than one window is rendered in parts, each with takes and a choice of its own:

    region     |---------------- 1f0c9a42 ----------------|
    parts      |---- 1f0c9a42-1 ----|---- 1f0c9a42-2 -----|
    takes      1, 2                  1, 2, 3
"""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.choices import Choice, TakeNote, note_on
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.windows import part_number, whole_region_id
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor

Takes = Mapping[str, tuple[TakeFacts, ...]]


class Pile(QObject):
    """Takes by region, or part of one; those the editor deleted are not shown.

    Signals:
        changed(): Takes were added, judged, deleted or brought back.
    """

    changed = Signal()

    def __init__(self, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._takes: Takes = {}
        self._parts: Mapping[str, tuple[str, ...]] = {}  # ids of parts that have takes, in order, by region
        self._by_region: tuple[tuple[Choice, ...], Mapping[str, Choice]] = ((), {})  # of these choices
        editor.draft_changed.connect(self._after_change)

    def show_takes(self, takes: Takes) -> None:
        """Replaces all takes; they are given by the id of what they answer: a region, or a part of one."""
        self._takes = takes
        parts: dict[str, list[str]] = {}
        for region_id in sorted(filter(part_number, takes), key=part_number):
            parts.setdefault(whole_region_id(region_id), []).append(region_id)
        self._parts = {region_id: tuple(found) for region_id, found in parts.items()}
        self.changed.emit()

    def of(self, region_id: str) -> tuple[TakeFacts, ...]:
        """The takes of a region and of its parts, part by part, the oldest first; or those of one part."""
        deleted = self._editor.draft.deleted
        ids = (region_id, *self._parts_of(region_id))
        return tuple(facts for each in ids for facts in self._takes.get(each, ()) if facts.take.key not in deleted)

    def chosen(self, region_id: str) -> TakeFacts | None:
        """The take chosen for a region, or for a part of one; None for a region whose parts have theirs."""
        choice = self.choice(region_id)
        key = "" if choice is None else choice.take_key
        return next((facts for facts in self.of(region_id) if facts.take.key == key), None)

    def is_chosen(self, facts: TakeFacts) -> bool:
        """Whether a take is the one chosen for what it answers."""
        choice = self.choice(facts.take.job.region.id)
        return choice is not None and choice.take_key == facts.take.key

    def choice(self, region_id: str) -> Choice | None:
        """What is chosen for a region. All regions are asked for after every plan, so they are looked up."""
        choices = self._editor.draft.choices
        if self._by_region[0] is not choices:
            self._by_region = (choices, {choice.region_id: choice for choice in choices})
        return self._by_region[1].get(region_id)

    def note(self, take_key: str) -> TakeNote | None:
        return note_on(self._editor.draft.choices, take_key)

    def _parts_of(self, region_id: str) -> tuple[str, ...]:
        """A region of its own may be named like a part of another one."""
        parts = self._parts.get(region_id, ())
        if not parts:
            return ()
        regions = {region.id for region in self._editor.draft.regions}
        return tuple(part for part in parts if part not in regions)

    def _after_change(self, before: Draft, after: Draft) -> None:
        if before.choices != after.choices or before.deleted != after.deleted:
            self.changed.emit()
