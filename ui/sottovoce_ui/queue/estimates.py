"""What a render would be, in words, before it begins: kept up to date while regions are marked and selected."""

from PySide6.QtCore import QCoreApplication, QObject, Signal

from sottovoce_engine.estimating import Estimate, estimate_again, estimate_changed
from sottovoce_ui.editor import Editor
from sottovoce_ui.standing import Standing

_SECONDS_UP_TO, _MINUTES_UP_TO = 90, 5400


class Estimates(QObject):
    """Of what the render commands would do now.

    Signals:
        changed(): `of_changed` and `of_selection` may be otherwise.
    """

    changed = Signal()

    def __init__(self, editor: Editor, standing: Standing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._standing = standing
        self.of_changed = ""  # all that is missing or out of date; "" while that is not known
        self.of_selection = ""  # another take of each selected region; "" where none is selected
        standing.changed.connect(self._tell)
        editor.selection_changed.connect(self._tell)

    def _tell(self) -> None:
        works, rate = self._standing.works, self._standing.rate
        planned, chosen = self._standing.plan is not None, self._editor.selection
        self.of_changed = self.of_selection = ""
        if planned and rate is not None:
            self.of_changed = told_estimate(estimate_changed(works, rate))
            self.of_selection = told_estimate(estimate_again(works, chosen, rate)) if chosen else ""
        self.changed.emit()


def told_estimate(estimate: Estimate) -> str:
    """How many takes of which registers, how long they take, and how many regions have theirs."""
    there = QCoreApplication.translate("Estimates", "there already: {n}").format(n=estimate.there)
    if not estimate.takes:
        return QCoreApplication.translate("Estimates", "nothing to render; {there}").format(there=there)
    takes = ", ".join(f"{count} × {register}" for register, count in estimate.registers)
    told = (
        QCoreApplication.translate("Estimates", "{takes}: about {time}; {there}")
        if estimate.measured
        else QCoreApplication.translate("Estimates", "{takes}: roughly {time}; {there}")
    )
    return told.format(takes=takes, time=told_time(estimate.seconds), there=there)


def told_time(seconds: float) -> str:
    """Seconds, minutes or hours."""
    if seconds < _SECONDS_UP_TO:
        return QCoreApplication.translate("Estimates", "{n} s").format(n=max(1, round(seconds)))
    if seconds < _MINUTES_UP_TO:
        return QCoreApplication.translate("Estimates", "{n} min").format(n=round(seconds / 60))
    return QCoreApplication.translate("Estimates", "{n:.1f} h").format(n=seconds / 3600)
