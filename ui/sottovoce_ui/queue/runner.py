"""The queue at work: one batch at a time in the background, so that models are loaded once for many regions.

    waiting ──► batch ──► long? asked ──► rendering ──► done │ failed │ stopped
                  ▲                          │
                  └── added meanwhile, retried

What is finished is kept at once; a renderer that dies fails its take, not the session.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.choices import with_chosen
from sottovoce_engine.estimating import Estimate, estimate_of
from sottovoce_engine.planned import PlanSettings
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.take import Failure, Outcome
from sottovoce_engine.windows import whole_region_id
from sottovoce_ui.background import Operation
from sottovoce_ui.desk import Desk
from sottovoce_ui.editor import Editor
from sottovoce_ui.queue.entries import Entries, Entry, State


class RenderQueue(QObject):
    """Regions to render, and their rendering.

    Signals:
        changed(): `entries` are otherwise.
        progressed(Progress): How far the batch is.
        asks(Estimate): The next batch takes long; it waits for `answer`.
        made(): A take is in the store.
        failed(str): Why a whole batch came to nothing.
    """

    changed = Signal()
    progressed = Signal(object)
    asks = Signal(object)
    made = Signal()
    failed = Signal(str)
    _planned = Signal(object, object)
    _outcome = Signal(object)

    def __init__(self, desk: Desk, editor: Editor, settings: PlanSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._editor = editor
        self.settings = settings  # of the renders to come
        self.entries = Entries()
        self.paused = False
        self._operation: Operation | None = None
        self._batch: frozenset[str] = frozenset()
        self._stopping: frozenset[str] = frozenset()  # of the batch, those that somebody stopped
        self._regions: Mapping[str, str] = {}  # of the batch: ids of regions by the keys of the takes to make
        self._agreed: frozenset[str] = frozenset()  # regions of a long batch that a person wants all the same
        self.asking: Estimate | None = None  # of a batch that waits for an answer
        self.in_hand: tuple[str, Progress | None] = ("", None)  # the region at work, and how far it is
        self._planned.connect(self._note_plan)
        self._outcome.connect(self._note_outcome)

    @property
    def is_running(self) -> bool:
        return self._operation is not None

    def add(self, region_ids: Collection[str], *, again: bool) -> None:
        """Renders these regions when their turn comes; `again` whatever takes there are."""
        self._set(self.entries.with_added(region_ids, again=again))
        self._go_on()

    def retry(self, region_ids: Collection[str]) -> None:
        """Renders what failed or was stopped once more."""
        closed = [e.region_id for e in self.entries.entries if e.region_id in region_ids and e.can_be_retried]
        self._set(self.entries.changed(closed, state=State.WAITING, reason="", takes=0, of_takes=0))
        self._go_on()

    def pause(self, paused: bool) -> None:
        """Lets the batch under way finish and begins no other, or goes on."""
        self.paused = paused
        self.changed.emit()
        self._go_on()

    def answer(self, go_on: bool) -> None:
        """Whether a long batch is rendered; if not, it is stopped."""
        asked = frozenset(entry.region_id for entry in self.entries.next_batch())
        self.asking = None
        if go_on:
            self._agreed |= asked
        else:
            self._set(self.entries.changed(asked, state=State.CANCELLED))
        self._go_on()

    def move(self, region_ids: Collection[str], by: int) -> None:
        """Puts regions that wait one place earlier (-1) or later (1)."""
        self._set(self.entries.moved(region_ids, by))

    def clear_finished(self) -> None:
        self._set(self.entries.without_finished())

    def cancel(self, region_ids: Collection[str] | None = None) -> None:
        """Stops these regions, or all; takes finished so far are kept, and the rest of their batch goes on after."""
        asked = {e.region_id for e in self.entries.entries if region_ids is None or e.region_id in region_ids}
        self.asking = None
        waiting = {e.region_id for e in self.entries.entries if e.state is State.WAITING} & asked
        self._set(self.entries.changed(waiting, state=State.CANCELLED))
        running = {e.region_id for e in self.entries.entries if e.state is State.RUNNING} & asked
        if running and self._operation is not None:
            self._stopping |= running
            self._operation.job.cancel()

    def _go_on(self) -> None:
        batch = self.entries.next_batch()
        if self._operation is not None or self.paused or self.asking is not None or not batch:
            return
        self._batch, self._stopping = frozenset(entry.region_id for entry in batch), frozenset()
        self._set(self.entries.changed(self._batch, state=State.RUNNING))
        operation = Operation(self._work(batch), self)
        operation.progressed.connect(self._note_progress)
        operation.succeeded.connect(self._note_chosen)
        operation.failed.connect(self._note_failure)
        operation.finished.connect(self._end)
        self._operation = operation
        operation.start()

    def _work(self, batch: tuple[Entry, ...]) -> Callable[[Job], Mapping[str, str]]:
        only = tuple(entry.region_id for entry in batch)
        settings = replace(self.settings, only=only, again=batch[0].again)
        draft, agreed = self._editor.draft, self._batch <= self._agreed

        def work(job: Job) -> Mapping[str, str]:
            plan = self._desk.plan(draft, settings, job)
            estimate = estimate_of(plan, self._desk.rate(settings.renderer))
            keys = {each.key: whole_region_id(planned.region.id) for planned in plan.regions for each in planned.jobs}
            asks = estimate.is_long and not agreed
            self._planned.emit(keys, estimate if asks else None)
            return {} if asks else self._desk.render(draft, settings, job, self._outcome.emit)

        return work

    def _note_plan(self, regions: Mapping[str, str], asks: Estimate | None) -> None:
        stopped = self._operation is None or self._operation.job.cancelled
        self._regions, self.asking = regions, None if stopped else asks
        counts = Counter(regions.values())
        self._set(self.entries.with_each(self._batch, lambda entry: replace(entry, of_takes=counts[entry.region_id])))

    def _note_outcome(self, outcome: Outcome) -> None:
        region_id = outcome.job.region.id
        entry = self.entries.entry(whole_region_id(region_id))
        if entry is None:
            return
        if isinstance(outcome, Failure):
            self._set(self.entries.changed({entry.region_id}, state=State.FAILED, reason=outcome.reason))
            return
        takes = entry.takes + 1
        done = entry.of_takes and takes >= entry.of_takes and entry.state is State.RUNNING
        self._set(self.entries.changed({entry.region_id}, takes=takes, state=State.DONE if done else entry.state))
        self.made.emit()

    def _note_progress(self, progress: Progress) -> None:
        self.in_hand = (self._regions.get(progress.about, ""), progress)
        self.progressed.emit(progress)

    def _note_chosen(self, chosen: Mapping[str, str]) -> None:
        if self.asking is not None:
            return
        own = {each: key for each, key in chosen.items() if whole_region_id(each) in self._batch}
        label = self.tr("Choose rendered takes")
        self._editor.do(label, lambda draft: replace(draft, choices=with_chosen(draft.choices, own)))

    def _note_failure(self, reason: str) -> None:
        self._set(self.entries.changed(self._left(), state=State.FAILED, reason=reason))
        self.failed.emit(reason)

    def _left(self) -> frozenset[str]:
        running = {e.region_id for e in self.entries.entries if e.state is State.RUNNING}
        return frozenset(running & self._batch)

    def _end(self) -> None:
        """After a batch: what somebody stopped is stopped, what was stopped with it waits again, the rest is done."""
        operation, self._operation = self._operation, None
        left = self._left()
        self.in_hand = ("", None)
        if operation is not None:
            cancelled = operation.job.cancelled
            operation.deleteLater()
            self._set(self.entries.changed(left & self._stopping, state=State.CANCELLED))
            state = State.WAITING if cancelled or self.asking is not None else State.DONE
            self._set(self.entries.changed(left - self._stopping, state=state))
        self.changed.emit()  # also where no entry is otherwise: nothing is at work any more
        self._agreed &= {entry.region_id for entry in self.entries.entries if entry.is_open}
        self.made.emit()
        if self.asking is not None:
            self.asks.emit(self.asking)
        self._go_on()

    def _set(self, entries: Entries) -> None:
        if entries != self.entries:
            self.entries = entries
            self.changed.emit()
