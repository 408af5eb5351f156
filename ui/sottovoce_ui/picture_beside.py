"""The picture to a sound that has none: a second player without sound, which goes where the first one goes.

sound    |─────────── join 3.wav ───────────|        played, looped
picture  |── take.mov ──|── footage.mov ────|        follows: by the frame where it stands, roughly where it plays
"""

from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtMultimedia import QVideoSink

from sottovoce_ui.player import Player
from sottovoce_ui.playing import Playing

_MOST_APART_MS = 150  # between where it plays and where it should: then it jumps


class PictureBeside(QObject):
    """Nothing is opened before the first picture is asked for.

    Signals:
        changed(): It has a picture, or has none.
    """

    changed = Signal()

    def __init__(self, sink: QVideoSink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sink = sink
        self._player: Player | None = None
        self._playing: Playing | None = None
        self._milliseconds, self._speed = 0, 0

    @property
    def has_picture(self) -> bool:
        return self._playing is not None and self._player is not None and self._player.has_picture

    def show(self, playing: Playing | None, frame: int, rate: Fraction, speed: int) -> None:
        """Shows a file at a scene frame, and plays on from there where the sound does; None: nothing."""
        if playing is None:
            self.stop()
            return
        player = self._player_now()
        opened, self._playing = self._playing is None or playing.path != self._playing.path, playing
        self._milliseconds, self._speed = max(0, playing.milliseconds(frame, rate)), speed
        if opened:
            player.open(Path(playing.path))
        self._go(player)

    def follow(self, playing: Playing | None, frame: int, rate: Fraction, speed: int) -> None:
        """As `show`, while it plays: it jumps only where another file begins, or where it has come too far apart."""
        player = self._player
        if playing is None or playing != self._playing or player is None:
            self.show(playing, frame, rate, speed)
            return
        self._milliseconds, self._speed = max(0, playing.milliseconds(frame, rate)), speed
        apart = abs(self._milliseconds - player.milliseconds) > _MOST_APART_MS * speed
        if player.is_ready and (apart or not player.is_playing):
            self._go(player)

    def stop(self) -> None:
        """Shows nothing."""
        if self._playing is not None and self._player is not None:
            self._player.stop()
        self._playing = None

    def _player_now(self) -> Player:
        if self._player is None:
            self._player = Player(self._sink, self)
            self._player.loaded.connect(self._loaded)
            self._player.changed.connect(self.changed)
        return self._player

    def _loaded(self) -> None:
        """A file takes a position only once it is open."""
        if self._playing is not None and self._player is not None:
            self._go(self._player)

    def _go(self, player: Player) -> None:
        player.go_to(self._milliseconds)
        if self._speed > 0:
            player.play(float(self._speed))
        else:
            player.pause()
