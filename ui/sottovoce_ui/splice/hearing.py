"""One join, mixed by itself in the background: what is changed is heard at once, nothing is spliced for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from sottovoce_engine.editing.draft import Draft
from sottovoce_ui.background import Operation
from sottovoce_ui.desk import Desk
from sottovoce_ui.editor import Editor

if TYPE_CHECKING:  # a window is shown before anything is spliced
    from sottovoce_engine.join_wishes import JoinKey
    from sottovoce_engine.splice.values import HeardJoin, JoinFigures

_AFTER_MS = 120  # of quiet: a key held down asks once


class JoinHearing(QObject):
    """The join that is listened to, mixed again whenever joins are asked for something else.

    Signals:
        heard(HeardJoin): It can be played.
        failed(str): Why it cannot.
    """

    heard = Signal(object)
    failed = Signal(str)

    def __init__(
        self, desk: Desk, editor: Editor, is_playing: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        """`is_playing` says whether a join is being played: only then are changes heard without being asked for."""
        super().__init__(parent)
        self._desk = desk
        self._editor = editor
        self._is_playing = is_playing
        self._operation: Operation | None = None
        self._asked_again = False
        self._figures: JoinFigures | None = None
        self._figures_of: Draft | None = None
        self.key: JoinKey | None = None  # of the join that is listened to
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._begin)
        editor.draft_changed.connect(self._follow)

    @property
    def is_working(self) -> bool:
        return self._operation is not None or self._timer.isActive()

    def hear(self, key: "JoinKey") -> None:
        """Mixes a join and says when it can be played."""
        self.key = key
        self._begin()

    def follow(self, key: "JoinKey") -> None:
        """Mixes a join once it is asked for something else; till then it is played from elsewhere."""
        self._timer.stop()
        self.key = key

    def leave(self) -> None:
        """Listens no more."""
        self.key = None
        self._timer.stop()

    def stop(self) -> None:
        """Ends mixing."""
        self.leave()
        if self._operation is not None:
            self._operation.job.cancel()
            self._operation.wait()

    def figures(self, key: "JoinKey") -> "JoinFigures | None":
        """What was measured on the join heard last, while nothing was changed since."""
        found = self._figures
        fits = found is not None and found.wish is not None and found.wish.key == key
        return found if fits and self._figures_of is self._editor.draft else None

    def _follow(self, before: Draft, after: Draft) -> None:
        if self.key is not None and before.joins != after.joins and self._is_playing():
            self._timer.start()

    def _begin(self) -> None:
        key, draft = self.key, self._editor.draft
        if key is None:
            return
        if self._operation is not None:
            self._asked_again = True
            return
        operation = Operation(lambda job: self._desk.hear_join(draft, key, job), self)
        operation.succeeded.connect(lambda heard: self._show(heard, draft))
        operation.failed.connect(self.failed)
        operation.finished.connect(self._end)
        self._operation = operation
        operation.start()

    def _show(self, heard: "HeardJoin", draft: Draft) -> None:
        wish = heard.figures.wish
        if self.key is not None and wish is not None and wish.key == self.key:
            self._figures, self._figures_of = heard.figures, draft
            self.heard.emit(heard)

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = None
        if self._asked_again:
            self._asked_again = False
            self._timer.start()
