"""The viewer: plays the spliced scene, one take, or the timeline's own picture, at the playhead.

playhead ──► what is played there ──► position in its file ──► player
    ▲                                                            │
    └────────────── while it plays; else by the clock ───────────┘
"""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtMultimedia import QMediaDevices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sottovoce_engine.timing import Span, timebase
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.picture_beside import PictureBeside
from sottovoce_ui.player import Player
from sottovoce_ui.playing import Playing, join_near, matched_volume
from sottovoce_ui.programme import PictureAt, Programme
from sottovoce_ui.screen import Screen
from sottovoce_ui.viewer_foot import Shown, ViewerFoot

_TICK_MS = 15


class Viewer(QWidget):
    """Picture, sound and timecode at the playhead.

    Signals:
        failed(str): What cannot be played, and why.
    """

    failed = Signal(str)

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self._programme = Programme()
        self._playing: Playing | None = None
        self._missing: frozenset[str] = frozenset()  # paths that are not looked for
        self._problem = ""  # why what should be played is not
        self._speed = 0  # 0: stands; below 0: backwards, frame by frame
        self._loop: Span | None = None  # scene frames that are played over and over
        self._following = False  # the playhead is moved by the player
        self._clock, self._clock_from = QElapsedTimer(), 0
        self.picture = Screen()
        self.player = Player(self.picture.sink, self)
        self.beside = PictureBeside(self.picture.beside, self)
        self.devices = QMediaDevices(self)
        self.foot = ViewerFoot()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._lay_out()
        self._connect()
        self._follow_devices()
        self.show_frame()

    @property
    def shown(self) -> Shown:
        return self.foot.shown

    @property
    def speed(self) -> int:
        """How fast it plays: 1, 2, 4 times, below 0 backwards; 0 where it stands."""
        return self._speed

    @property
    def looped(self) -> Span | None:
        """The scene frames that are played over and over."""
        return self._loop

    def set_missing(self, paths: Iterable[str]) -> None:
        """The timeline's media that are not there, as it was found when it was opened: a disk far off is not asked."""
        self._missing = frozenset(paths)
        self.show_frame()

    def show_movie(self, movie: Path | None) -> None:
        """The spliced scene, from its first frame on."""
        self._programme.movie = movie
        if movie is not None:
            self.foot.change_to(Shown.SCENE)
        self.show_frame()

    def offer_movie(self, movie: Path) -> None:
        """The spliced scene, for whoever asks for it."""
        self._programme.movie = movie
        if self.shown is Shown.SCENE:
            self.show_frame()

    def play_join(self, file: Path, span: Span, picture: PictureAt) -> None:
        """A join mixed by itself, over and over, under the scene's picture; one mixed anew goes on at the same place."""
        goes_on = self._loop is not None and self._speed > 0 and span.start <= self.editor.playhead < span.end
        self._programme.join = Playing(path=str(file), span=span, start=Fraction(0))
        self._programme.join_picture = picture
        self.change_to(Shown.JOIN)
        if goes_on:
            self._loop = span
            self._resume()
        else:
            self.loop_over(span)

    def show_take(self, facts: TakeFacts | None) -> None:
        """The take to be played; the playhead stays where it is."""
        self._programme.show_take(facts)
        if self.shown is Shown.TAKE:
            self.show_frame()

    def change_to(self, shown: Shown) -> None:
        """Plays another thing at the same place, and plays on if it plays."""
        self.foot.change_to(shown)
        self.show_frame()

    def loop(self) -> None:
        """Plays the range over and over, else the current region with a second around it; asked again, goes on."""
        editor = self.editor
        if self._loop is not None:
            self._loop = None
            return
        length, current = editor.scene.length_frames, editor.current
        if editor.range_in is not None or editor.range_out is not None:
            self.loop_over(Span(editor.range_in or 0, length if editor.range_out is None else editor.range_out))
        elif current is not None:
            second = timebase(editor.scene.rate)
            self.loop_over(current.span.grown(second, second))

    def loop_join(self) -> None:
        """Plays a second on either side of the join nearest to the playhead over and over; asked again, goes on."""
        scene = self.editor.scene
        join = join_near(scene, self.editor.playhead)
        if self._loop is not None:
            self._loop = None
        elif join is None:
            self.failed.emit(self.tr("There is no join: no region is marked."))
        else:
            second = timebase(scene.rate)
            self.loop_over(Span(join - second, join + second))

    def loop_over(self, span: Span) -> None:
        """Plays scene frames over and over, as far as they lie inside the timeline."""
        inside = span.common(Span(0, self.editor.scene.length_frames))
        if inside is not None:
            self._loop = inside
            self.editor.go_to(inside.start)
            self.play(1)

    def compare(self, beside: TakeFacts | None) -> None:
        """Changes between the take looked at and another one, as loud as each other, at the same place."""
        take = self._programme.take
        if take is None or beside is None or beside.take.key == take.take.key:
            self.failed.emit(
                self.tr(
                    "Look at a take other than the chosen one, or make another take A first: then they are compared."
                )
            )
            return
        self._programme.beside, self._programme.hears_beside = beside, not self._programme.hears_beside
        self.change_to(Shown.TAKE)
        self._resume()

    def show_frame(self) -> None:
        """Shows what is to be seen at the playhead."""
        scene, frame = self.editor.scene, self.editor.playhead
        self.foot.show_time(scene, frame)
        found = self._at(frame)
        if found is None:
            self.player.stop()
        elif found.path in self._missing:
            self._problem = self.tr("'{path}' is missing.").format(path=found.path)
            self.player.stop()
        elif self._playing is None or found.path != self._playing.path:
            self._problem = ""
            self.player.open(Path(found.path))
        self._playing = found
        if found is not None and found.path not in self._missing:
            self.player.go_to(max(0, found.milliseconds(frame, scene.rate)))
            if self._speed == 0:
                self.player.pause()
        self.beside.show(self._picture_beside(frame), frame, scene.rate, self._speed)
        self._clock_from = frame
        self._clock.start()
        self._tell()

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
            self.beside.show(
                self._picture_beside(self.editor.playhead), self.editor.playhead, self.editor.scene.rate, 0
            )
            return
        self.show_frame()
        if speed > 0:
            self._resume()
        else:
            self.player.pause()
        self._timer.start(_TICK_MS if speed > 0 else round(1000 / float(self.editor.scene.rate) / -speed))

    def _at(self, frame: int) -> Playing | None:
        return self._programme.at(self.shown, self.editor.scene, frame)

    def _picture_beside(self, frame: int) -> Playing | None:
        found = self._programme.picture_beside(self._playing, frame)
        return None if found is None or found.path in self._missing else found

    def _frame_now(self) -> int:
        """Where playing has come to: as the player says, and by the clock where it has nothing to play."""
        playing, rate = self._playing, self.editor.scene.rate
        if playing is not None and not self.player.is_ready:
            self._clock.start()
            return self.editor.playhead
        if playing is not None and self.player.is_playing:
            frame = max(self.editor.playhead, playing.frame(self.player.milliseconds, rate))
            self._clock_from = frame
            self._clock.start()
            return frame
        return self._clock_from + int(self._clock.elapsed() * self._speed * rate / 1000)

    def _tick(self) -> None:
        """The playhead goes with the player, and the next clip is played where one ends."""
        scene, playing, before = self.editor.scene, self._playing, self.editor.playhead
        frame = before - 1 if self._speed < 0 else self._frame_now()
        if self._loop is not None and self._speed > 0 and frame >= self._loop.end - 1:
            self.editor.go_to(self._loop.start)
            self._resume()
            return
        if self._speed < 0 or (playing is not None and frame >= playing.span.end):
            self.editor.go_to(frame)
            self._resume()
        elif playing is None:
            self._go_on_without(before, frame)
        else:
            self._follow(frame)
        if frame >= scene.length_frames - 1 if self._speed > 0 else frame <= 0:
            self.stop()

    def _go_on_without(self, before: int, frame: int) -> None:
        """Over a place where nothing lies, up to where something does."""
        reached = next((each for each in range(before + 1, frame + 1) if self._at(each) is not None), None)
        if reached is None:
            self._follow(frame)
        else:
            self.editor.go_to(reached)
            self._resume()

    def _follow(self, frame: int) -> None:
        self._following = True
        self.editor.go_to(frame)
        self._following = False
        self.beside.follow(self._picture_beside(frame), frame, self.editor.scene.rate, self._speed)

    def _loaded(self) -> None:
        """A file takes a position only once it is open."""
        if self._playing is not None:
            self.player.go_to(max(0, self._playing.milliseconds(self.editor.playhead, self.editor.scene.rate)))
            if self._speed > 0:
                self._resume()
            else:
                self.player.pause()

    def _resume(self) -> None:
        """Goes on playing, if it plays."""
        if self._speed > 0:
            self.player.play(float(self._speed))

    def _fail(self, reason: str) -> None:
        if self._playing is not None:
            told = self.tr("'{path}' cannot be played: {reason}")
            self._problem = told.format(path=self._playing.path, reason=reason)
            self._tell()
            self.failed.emit(self._problem)

    def _follow_playhead(self) -> None:
        self.foot.show_time(self.editor.scene, self.editor.playhead)
        if not self._following:
            self.show_frame()

    def _follow_devices(self) -> None:
        """The sound goes to the output that is there now."""
        device = QMediaDevices.defaultAudioOutput()
        self.player.set_device(device)
        self.foot.show_output(found=not device.isNull())

    def _open(self) -> None:
        """The first frame is loaded once all else is told: which media are missing, too."""
        self.stop()
        self._programme, self._playing = Programme(), None
        self.foot.change_to(Shown.SOURCE)
        QTimer.singleShot(0, self, self.show_frame)

    def _tell(self) -> None:
        """What is played, and why there is no picture."""
        playing = self._playing
        self.picture.show_beside(self.beside.has_picture)
        if self._problem and playing is not None:
            self.picture.say(self._problem)
        elif playing is None:
            self.picture.say(self.tr("Nothing lies here.") if self.editor.scene.length_frames else "")
        elif self.player.is_ready:
            name, seen = Path(playing.path).name, self.player.has_picture or self.beside.has_picture
            self.picture.say("" if seen else self.tr("Sound only: {name}").format(name=name))
        heard, other = self._programme.heard
        compared = heard is not None and other is not None and playing is not None and playing.path == str(heard.path)
        if heard is None or other is None or not compared:
            self.player.sound.setVolume(1.0)
            is_heard = self._programme.is_heard(self.shown, playing, self.editor.scene)
            self.foot.tell(None if is_heard else self.shown)
            return
        volume = matched_volume(heard, other)
        self.player.sound.setVolume(1.0 if volume is None else volume)
        self.foot.tell_compared(beside=self._programme.hears_beside, volume=volume)

    def _connect(self) -> None:
        self.player.failed.connect(self._fail)
        self.player.loaded.connect(self._loaded)
        self.player.changed.connect(self._tell)
        self.beside.changed.connect(self._tell)
        self.devices.audioOutputsChanged.connect(self._follow_devices)
        self.foot.chosen.connect(self.show_frame)
        self._timer.timeout.connect(self._tick)
        self.editor.opened.connect(self._open)
        self.editor.playhead_moved.connect(self._follow_playhead)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.picture, 1)
        column.addWidget(self.foot)
