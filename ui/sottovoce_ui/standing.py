"""How every region stands: planned in the background, a moment after the last change."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer, Signal

from sottovoce_engine.estimating import RegionWork, RenderRate, work_by_region
from sottovoce_engine.planned import Plan, PlannedRegion, PlanSettings, RegionState
from sottovoce_engine.progress import Job
from sottovoce_engine.windows import whole_region_id
from sottovoce_ui.background import Operation
from sottovoce_ui.desk import Desk
from sottovoce_ui.editor import Editor
from sottovoce_ui.takes.model import word_of
from sottovoce_ui.takes.pile import Pile
from sottovoce_ui.words import shown

_AFTER_MS = 300  # of quiet: a plan of a long timeline takes a while

_WORDS = {RegionState.NEW: "no take", RegionState.STALE: "stale", RegionState.OUTGROWN: "outgrown"}
_GRAVEST = (*_WORDS.values(), "fails", "amber", "")  # of several parts one word is shown


class Standing(QObject):
    """States and warnings of regions, from the plan for the draft as it is.

    Signals:
        changed(): `states` and `warnings` may be otherwise.
    """

    changed = Signal()

    def __init__(self, desk: Desk, editor: Editor, pile: Pile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._editor = editor
        self._pile = pile
        self._settings: PlanSettings | None = None
        self._operation: Operation | None = None
        self._outdated = False
        self.plan: Plan | None = None
        self.works: Mapping[str, RegionWork] = {}  # what there is to render for each region, by id
        self.rate: RenderRate | None = None  # of the plan's renderer
        self.states: Mapping[str, str] = {}  # a few words for each region that needs something, by id
        self._notes: dict[str, dict[str, None]] = {}  # what stands in a region's way, in order, by id
        self.problem = ""  # why there is no plan
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._begin)
        editor.draft_changed.connect(lambda *_: self._timer.start())
        pile.changed.connect(self._timer.start)

    def show_settings(self, settings: PlanSettings) -> None:
        """Plans with these from now on."""
        self._settings, self.plan, self.states = settings, None, {}
        self._timer.start()

    def warnings(self, region_id: str) -> tuple[str, ...]:
        """What stands in a region's way, in words."""
        if self.plan is None:
            return (self.problem,) if self.problem else ()
        return tuple(self._notes.get(region_id, ()))

    def pause(self) -> None:
        """Plans no more until there are settings again."""
        self._timer.stop()
        self._settings, self.plan, self.problem, self.states = None, None, "", {}
        if self._operation is not None:
            self._operation.job.cancel()
        self.changed.emit()

    def stop(self) -> None:
        """Ends planning."""
        self.pause()
        if self._operation is not None:
            self._operation.wait()

    def _begin(self) -> None:
        settings, draft = self._settings, self._editor.draft
        if settings is None:
            return
        if self._operation is not None:
            self._outdated = True
            return

        def work(job: Job) -> tuple[Plan, Mapping[str, RegionWork], RenderRate]:
            plan = self._desk.plan(draft, settings, job)
            return plan, work_by_region(plan), self._desk.rate(settings.renderer)

        operation = Operation(work, self)
        operation.succeeded.connect(self._show)
        operation.failed.connect(self._show_problem)
        operation.finished.connect(self._end)
        self._operation = operation
        operation.start()

    def _show(self, planned: tuple[Plan, Mapping[str, RegionWork], RenderRate]) -> None:
        if self._operation is not None and self._operation.job.cancelled:
            return
        (plan, self.works, self.rate), self.problem = planned, ""
        self.plan = plan
        found: dict[str, str] = {}
        self._notes = {}
        for each in plan.regions:
            region_id, words = whole_region_id(each.region.id), self._words(each)
            found[region_id] = min(found.get(region_id, ""), words, key=_GRAVEST.index)
            if each.notes:
                self._notes.setdefault(region_id, {}).update(dict.fromkeys(each.notes))
        self.states = {region_id: shown(words) for region_id, words in found.items() if words}
        self.changed.emit()

    def _words(self, planned: PlannedRegion) -> str:
        """What a region, or a part of a long one, needs; "" for nothing."""
        words = _WORDS.get(planned.state, "")
        chosen = None if words else self._pile.chosen(planned.region.id)
        judged = "" if chosen is None else word_of(chosen)
        return words or (judged if judged in _GRAVEST else "")

    def _show_problem(self, reason: str) -> None:
        if self._operation is not None and self._operation.job.cancelled:
            return
        self.plan, self.problem, self.states = None, reason, {}
        self.changed.emit()

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = None
        if self._outdated:
            self._outdated = False
            self._timer.start()
