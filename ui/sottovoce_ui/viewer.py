"""The viewer: plays the spliced scene, one take, or the timeline's own picture, at the playhead.

playhead ──► what is played there ──► position in its file ──► player
    ▲                                                            │
    └────────────────── while it plays ──────────────────────────┘
"""

from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QRectF, QTimer, QUrl, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer, QVideoFrame, QVideoSink
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sottovoce_engine.timing import Span, timebase, timecode
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.playing import Playing, matched_volume, source_at, take_playing

_TICK_MS = 15


class Shown(StrEnum):
    """What is played."""

    SOURCE = "source"
    TAKE = "take"
    SCENE = "spliced scene"
    JOIN = "join"


class Screen(QWidget):
    """The picture, as large as there is room, on black."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sink = QVideoSink(self)
        self.sink.videoFrameChanged.connect(lambda _: self.update())
        self.setMinimumSize(160, 90)
        self.setAccessibleName(self.tr("Picture"))

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), "black")
        frame = self.sink.videoFrame()
        if frame.isValid():
            frame.paint(painter, QRectF(self.rect()), QVideoFrame.PaintOptions())
        painter.end()


class Viewer(QWidget):
    """Picture, sound and timecode at the playhead.

    Signals:
        failed(str): What cannot be played, and why.
    """

    failed = Signal(str)

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self._movie: Path | None = None
        self._take: TakeFacts | None = None
        self._join: Playing | None = None  # a join mixed by itself
        self._playing: Playing | None = None
        self._speed = 0  # 0: stands; below 0: backwards, frame by frame
        self._loop: Span | None = None  # scene frames that are played over and over
        self._beside: TakeFacts | None = None  # the take that the one shown is compared with
        self._following = False  # the playhead is moved by the player
        self.picture = Screen()
        self.player, self.sound = QMediaPlayer(self), QAudioOutput(self)
        self.player.setVideoSink(self.picture.sink)
        self.player.setAudioOutput(self.sound)
        self.player.errorOccurred.connect(lambda _, reason: self.failed.emit(self._why(reason)))
        self.player.mediaStatusChanged.connect(self._loaded)
        self.choice = QComboBox()
        self.choice.addItems([str(each) for each in Shown])
        self.choice.setAccessibleName(self.tr("What is played"))
        self.choice.activated.connect(lambda _: self.show_frame())
        self.clock = QLabel()
        self.clock.setAccessibleName(self.tr("Timecode"))
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._lay_out()
        editor.opened.connect(self._open)
        editor.playhead_moved.connect(self._follow_playhead)
        self.show_frame()

    @property
    def shown(self) -> Shown:
        return Shown(self.choice.currentText())

    @property
    def speed(self) -> int:
        """How fast it plays: 1, 2, 4 times, below 0 backwards; 0 where it stands."""
        return self._speed

    def show_movie(self, movie: Path | None) -> None:
        """The spliced scene, from its first frame on."""
        self._movie = movie
        if movie is not None:
            self.choice.setCurrentText(str(Shown.SCENE))
        self.show_frame()

    def offer_movie(self, movie: Path) -> None:
        """The spliced scene, for whoever asks for it."""
        self._movie = movie
        if self.shown is Shown.SCENE:
            self.show_frame()

    def play_join(self, file: Path, span: Span) -> None:
        """A join mixed by itself, over and over; one mixed anew while it is looped goes on at the same place."""
        goes_on = self._loop is not None and self._speed > 0 and span.start <= self.editor.playhead < span.end
        self._join = Playing(path=str(file), span=span, start=Fraction(0))
        self.choice.setCurrentText(str(Shown.JOIN))
        self.show_frame()
        if goes_on:
            self._loop = span
            self.player.play()
        else:
            self.loop_over(span)

    @property
    def is_on_join(self) -> bool:
        """Whether a join is being played by itself."""
        return self._speed > 0 and self._join is not None and self._playing == self._join

    @property
    def looped(self) -> Span | None:
        """The scene frames that are played over and over."""
        return self._loop

    def loop_over(self, span: Span) -> None:
        """Plays scene frames over and over, as far as they lie inside the timeline."""
        inside = span.common(Span(0, self.editor.scene.length_frames))
        if inside is not None:
            self._loop = inside
            self.editor.go_to(inside.start)
            self.play(1)

    def show_take(self, facts: TakeFacts | None) -> None:
        """The take to be played; the playhead stays where it is."""
        self._take, self._beside = facts, None
        self.sound.setVolume(1.0)
        if self.shown is Shown.TAKE:
            self.show_frame()

    def loop(self) -> None:
        """Plays the range over and over, else the current region with a second around it; asked again, goes on."""
        editor = self.editor
        if self._loop is not None:
            self._loop = None
            return
        length, current = editor.scene.length_frames, editor.current
        if editor.range_in is not None or editor.range_out is not None:
            start, end = editor.range_in or 0, length if editor.range_out is None else editor.range_out
        elif current is not None:
            second = timebase(editor.scene.rate)
            start, end = current.span.start - second, current.span.end + second
        else:
            return
        self._loop = Span(max(0, start), max(1, min(end, length)))
        editor.go_to(self._loop.start)
        self.play(1)

    def compare(self, chosen: TakeFacts | None) -> None:
        """Changes between the take looked at and the chosen one, as loud as each other, at the same place."""
        if self._take is None or chosen is None:
            self.failed.emit(self.tr("Select a region with two takes, and the one to compare with the chosen one."))
            return
        if self._beside is None:
            self._beside = chosen
        self._take, self._beside = self._beside, self._take
        self.choice.setCurrentText(str(Shown.TAKE))
        self.sound.setVolume(matched_volume(self._take, self._beside) or 1.0)
        self.show_frame()
        if self._speed > 0:
            self.player.play()

    def show_frame(self) -> None:
        """Shows what is to be seen at the playhead."""
        scene, frame = self.editor.scene, self.editor.playhead
        self.clock.setText(timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame))
        found = self._at(frame)
        if found is None:
            self.player.stop()
        elif self._playing is None or found.path != self._playing.path:
            self.player.setSource(QUrl.fromLocalFile(found.path))
        self._playing = found
        if found is not None:
            self.player.setPosition(max(0, found.milliseconds(frame, scene.rate)))
            if self._speed == 0:
                self.player.pause()

    def toggle(self) -> None:
        """Plays, or stands."""
        self.play(0 if self._speed else 1)

    def play_on(self) -> None:
        """Plays forwards; asked again, faster."""
        self.play(1 if self._speed <= 0 else min(4, self._speed * 2))

    def play_back(self) -> None:
        """Goes backwards; asked again, faster."""
        self.play(-1 if self._speed >= 0 else max(-4, self._speed * 2))

    def stop(self) -> None:
        self.play(0)

    def play(self, speed: int) -> None:
        """Plays at 1, 2 or 4 times the speed, backwards below 0; 0 stands still."""
        self._speed = speed
        if speed <= 0:
            self._loop = None
        if speed == 0:
            self._timer.stop()
            self.player.pause()
            return
        self.show_frame()
        self.player.setPlaybackRate(float(max(1, speed)))
        if speed > 0:
            self.player.play()
        else:
            self.player.pause()
        self._timer.start(_TICK_MS if speed > 0 else round(1000 / float(self.editor.scene.rate) / -speed))

    def _at(self, frame: int) -> Playing | None:
        scene = self.editor.scene
        if self.shown is Shown.SCENE and self._movie is not None:
            return Playing(path=str(self._movie), span=Span(0, scene.length_frames), start=Fraction(0))
        join = self._join
        if self.shown is Shown.JOIN and join is not None and join.span.start <= frame < join.span.end:
            return join
        if self.shown is Shown.TAKE and self._take is not None:
            playing = take_playing(self._take, scene)
            if playing.span.start <= frame < playing.span.end:
                return playing
        source = source_at(scene, frame)
        known = source is not None and self._playing is not None and source.path == self._playing.path
        return source if source is None or known or Path(source.path).is_file() else None

    def _tick(self) -> None:
        """The playhead goes with the player, and the next clip is played where one ends."""
        scene, playing = self.editor.scene, self._playing
        frame = self.editor.playhead
        if self._speed < 0:
            frame -= 1
        elif playing is not None and self.player.playbackState() is QMediaPlayer.PlaybackState.PlayingState:
            frame = max(frame, playing.frame(self.player.position(), scene.rate))
        if self._loop is not None and self._speed > 0 and frame >= self._loop.end - 1:
            self.editor.go_to(self._loop.start)
            self.player.play()
            return
        at_end = frame >= scene.length_frames - 1 if self._speed > 0 else frame <= 0
        if playing is None or frame >= playing.span.end or self._speed < 0:
            self.editor.go_to(frame if playing is not None else frame + 1)
            if self._speed > 0:
                self.player.play()
        else:
            self._following = True
            self.editor.go_to(frame)
            self._following = False
        if at_end:
            self.stop()

    def _loaded(self, status: QMediaPlayer.MediaStatus) -> None:
        """A file takes a position only once it is open."""
        if status is QMediaPlayer.MediaStatus.LoadedMedia and self._playing is not None:
            self.player.setPosition(max(0, self._playing.milliseconds(self.editor.playhead, self.editor.scene.rate)))
            if self._speed > 0:
                self.player.play()
            else:
                self.player.pause()

    def _follow_playhead(self) -> None:
        scene = self.editor.scene
        self.clock.setText(timecode(scene.start_frame + self.editor.playhead, scene.rate, drop=scene.drop_frame))
        if not self._following:
            self.show_frame()

    def _open(self) -> None:
        self.stop()
        self._movie = self._take = self._join = self._playing = None
        self.choice.setCurrentText(str(Shown.SOURCE))
        self.show_frame()

    def _why(self, reason: str) -> str:
        path = "" if self._playing is None else self._playing.path
        return self.tr("'{path}' cannot be played: {reason}").format(path=path, reason=reason)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(6, 2, 6, 2)
        foot.addWidget(self.choice)
        foot.addStretch(1)
        foot.addWidget(self.clock)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.picture, 1)
        column.addLayout(foot)
