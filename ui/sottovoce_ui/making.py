"""Takes are made: rendered when their turn in the queue comes, or brought in as recordings."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.estimating import Estimate
from sottovoce_engine.obstacles import waits
from sottovoce_ui.asking import Dialogs
from sottovoce_ui.desk import Desk, TakeFacts
from sottovoce_ui.dialogs.long_render import LongRenderBox
from sottovoce_ui.editor import Editor
from sottovoce_ui.queue.runner import RenderQueue
from sottovoce_ui.work import Work


class Making(QObject):
    """What asks for takes.

    Signals:
        queued(): Regions wait to be rendered.
        made(): A take is in the store.
        said(str): What a person should know.
    """

    queued = Signal()
    made = Signal()
    said = Signal(str)

    def __init__(self, desk: Desk, editor: Editor, queue: RenderQueue, work: Work, dialogs: Dialogs) -> None:
        super().__init__(dialogs)
        self._desk = desk
        self._editor = editor
        self._queue = queue
        self._work = work
        self._dialogs = dialogs
        queue.asks.connect(self.ask)

    def render_selected(self) -> None:
        """Another take of each selected region that can be rendered."""
        spoken = self._spoken(self._editor.selection)
        if spoken:
            self._add(spoken, again=True)
        else:
            self.said.emit(self.tr("Select regions that have a line, and can be rendered, first."))

    def render_changed(self) -> None:
        """All regions whose take is missing or out of date."""
        spoken = self._spoken({region.id for region in self._editor.draft.regions})
        if spoken:
            self._add(spoken, again=False)
        else:
            self.said.emit(self.tr("No region has a line that can be rendered."))

    def bring_in(self) -> None:
        """Asks for a recording of the current region."""
        current = self._editor.current
        if current is None:
            self.said.emit(self.tr("Select the region that the recording belongs to first."))
            return
        file = self._dialogs.file(self.tr("Bring in a recording"))
        if file is not None:
            self.add_recording(current.id, file)

    def add_recording(self, region_id: str, file: Path) -> None:
        """Makes a recording a take of a region, in the background; it lies where its timecode or its first word says."""
        draft = self._editor.draft

        def show(facts: TakeFacts) -> None:
            self.made.emit()
            self.said.emit("\n".join([self.tr("The recording is a take now."), *facts.take.notes]))

        self._work.start(lambda job: self._desk.add_recording(draft, region_id, file, None, job), show)

    def ask(self, estimate: Estimate) -> None:
        """Whether a render that takes long begins."""
        box = LongRenderBox(estimate, self._dialogs.window)
        box.answered.connect(self._queue.answer)
        self._dialogs.show(box)

    def _spoken(self, ids: frozenset[str] | set[str]) -> list[str]:
        scene = self._editor.scene
        return [region.id for region in scene.regions if region.id in ids and not waits(region, scene)]

    def _add(self, region_ids: list[str], *, again: bool) -> None:
        self._queue.add(region_ids, again=again)
        self.queued.emit()
