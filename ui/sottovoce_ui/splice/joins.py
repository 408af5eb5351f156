"""Joins at work: read, asked for, listened to; the pane shows them, the viewer plays them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.splice.values import heard_around
from sottovoce_engine.timing import Span
from sottovoce_ui.desk import Desk
from sottovoce_ui.editor import Editor
from sottovoce_ui.playing import Playing, scene_picture_at
from sottovoce_ui.splice.hearing import JoinHearing
from sottovoce_ui.splice.pane import SplicePane
from sottovoce_ui.splice.reading import JoinsReader
from sottovoce_ui.takes.pile import Pile
from sottovoce_ui.viewer import Viewer

if TYPE_CHECKING:  # a window is shown before anything is spliced
    from sottovoce_engine.splice.values import HeardJoin, SceneJoin


class Joins(QObject):
    """Puts reader, pane and viewer together.

    Signals:
        found(SceneFiles): What the last splice of the open timeline left behind.
        said(str): Why a join cannot be listened to.
    """

    found = Signal(object)
    said = Signal(str)

    def __init__(self, desk: Desk, editor: Editor, pile: Pile, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._viewer = viewer
        self._pile = pile
        self._looped: Span | None = None  # scene frames around the join that is listened to
        self.reader = JoinsReader(desk, editor, pile, self)
        self.hearing = JoinHearing(desk, editor, self._is_playing, self)
        self.pane = SplicePane(editor, self.reader, self.hearing)
        self.pane.listen_asked.connect(self._listen)
        self.hearing.heard.connect(self._play)
        self.hearing.failed.connect(self.said)
        self.reader.changed.connect(self._tell_files)

    @property
    def is_idle(self) -> bool:
        return not self.reader.is_reading and not self.hearing.is_working

    def pause(self) -> None:
        """No timeline is open any more."""
        self._looped = None
        self.hearing.leave()
        self.reader.pause()

    def stop(self) -> None:
        """Ends all that is under way."""
        self.hearing.stop()
        self.reader.stop()

    def _listen(self, join: "SceneJoin") -> None:
        """The spliced movie over it where that is as the scene is now; else the join is mixed by itself."""
        found = self.reader.found
        if self.reader.is_current and found.current and found.files is not None:
            self.hearing.follow(join.key)
            self._viewer.show_movie(found.files.movie)
            self._looped = heard_around(join.fade, self._editor.scene)
            self._viewer.loop_over(self._looped)
        else:
            self.hearing.hear(join.key)

    def _play(self, heard: "HeardJoin") -> None:
        self._looped = heard.span
        self._viewer.play_join(heard.file, heard.span, self._picture_at)

    def _picture_at(self, frame: int) -> Playing | None:
        scene = self._editor.scene
        under = (region.id for region in scene.regions if region.span.start <= frame < region.span.end)
        takes = (facts for region_id in under for facts in self._pile.of(region_id) if self._pile.is_chosen(facts))
        return scene_picture_at(scene, takes, self.reader.found.shots, frame)

    def _is_playing(self) -> bool:
        return self._looped is not None and self._viewer.speed > 0 and self._viewer.looped == self._looped

    def _tell_files(self) -> None:
        files = self.reader.found.files
        if files is not None:
            self.found.emit(files)
