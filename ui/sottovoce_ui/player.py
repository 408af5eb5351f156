"""Qt's player, told what to do by way of the event loop."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtMultimedia import QAudioDevice, QAudioOutput, QMediaPlayer, QVideoSink

_QUEUED = Qt.ConnectionType.QueuedConnection

Status = QMediaPlayer.MediaStatus


class Player(QObject):
    """One file at a time. What is asked for is done in order, at once after what is going on.

    WORKAROUND: PySide 6.11 keeps Python's lock over `stop`, `setSource` and their like, which wait for the player's threads.
    One that lets go of the audio output at that moment waits for the lock, as the output was made in Python, and the
    window stands still for good. Queued, they are called without the lock. Remove when PySide lets go of it.

    Signals:
        changed(): A file is open, has ended, or was found to have a picture; all that was asked for is done.
        loaded(): The file asked for takes a position now.
        failed(str): Why it cannot be played.
    """

    changed = Signal()
    loaded = Signal()
    failed = Signal(str)

    _source = Signal(QUrl)
    _position = Signal("qlonglong")  # type: ignore[arg-type]  # the stubs lack it
    _rate = Signal(float)
    _device = Signal(QAudioDevice)
    _output = Signal(QAudioOutput)
    _play, _pause, _stop = Signal(), Signal(), Signal()
    _asked_for = Signal(int)

    def __init__(self, sink: QVideoSink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked = self._done = 0
        self._is_opening = False
        self.media, self.sound = QMediaPlayer(self), QAudioOutput(self)
        self.media.setVideoSink(sink)
        self._source.connect(self.media.setSource, _QUEUED)
        self._position.connect(self.media.setPosition, _QUEUED)
        self._rate.connect(self.media.setPlaybackRate, _QUEUED)
        self._play.connect(self.media.play, _QUEUED)
        self._pause.connect(self.media.pause, _QUEUED)
        self._stop.connect(self.media.stop, _QUEUED)
        self._device.connect(self.sound.setDevice, _QUEUED)
        self._output.connect(self.media.setAudioOutput, _QUEUED)
        self._asked_for.connect(self._note_done, _QUEUED)
        self.media.mediaStatusChanged.connect(self._follow)
        self.media.hasVideoChanged.connect(lambda _: self.changed.emit())
        self.media.errorOccurred.connect(lambda _, reason: self.failed.emit(reason))

    @property
    def is_ready(self) -> bool:
        """Whether all that was asked for is done, and no file is being opened."""
        return self._asked == self._done and self.media.mediaStatus() is not Status.LoadingMedia

    @property
    def is_playing(self) -> bool:
        return self.media.playbackState() is QMediaPlayer.PlaybackState.PlayingState

    @property
    def has_picture(self) -> bool:
        return self.media.hasVideo()

    @property
    def milliseconds(self) -> int:
        """From the file's first frame to what is played."""
        return self.media.position()

    def open(self, path: Path) -> None:
        """Plays another file from now on; it takes a position once it is loaded."""
        self._source.emit(QUrl.fromLocalFile(str(path)))
        self._ask()

    def go_to(self, milliseconds: int) -> None:
        self._position.emit(milliseconds)
        self._ask()

    def play(self, rate: float) -> None:
        """Plays on, at that many times the speed."""
        self._rate.emit(rate)
        self._play.emit()
        self._ask()

    def pause(self) -> None:
        """Stands still at what is shown."""
        self._pause.emit()
        self._ask()

    def stop(self) -> None:
        """Shows nothing."""
        self._stop.emit()
        self._ask()

    def set_device(self, device: QAudioDevice) -> None:
        """Where the sound goes to; nowhere, where there is no device: then nothing is decoded for it either."""
        self._device.emit(device)
        self._output.emit(None if device.isNull() else self.sound)

    def _ask(self) -> None:
        self._asked += 1
        self._asked_for.emit(self._asked)

    def _note_done(self, number: int) -> None:
        self._done = number
        if self.is_ready:
            self.changed.emit()

    def _follow(self, status: QMediaPlayer.MediaStatus) -> None:
        """That a file is loaded is told again after every jump, and of the file before while another one is opened."""
        if status is Status.LoadingMedia:
            self._is_opening = True
        elif status is Status.LoadedMedia and self._is_opening:
            self._is_opening = False
            self.loaded.emit()
        self.changed.emit()
