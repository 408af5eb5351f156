"""The viewer's picture."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtMultimedia import QVideoFrame, QVideoSink
from PySide6.QtWidgets import QWidget

_GROUND, _TEXT = QColor("black"), QColor("#c8c8c8")  # in both themes: a picture is judged on black
_MARGIN = 16


class Screen(QWidget):
    """The picture, as large as there is room, on black; where there is none, a few words say why."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sink, self.beside = QVideoSink(self), QVideoSink(self)  # of what is played; of a picture to a sound
        # Qt's own slot, never one in Python: frames come from a thread that this one waits for with Python's lock held.
        self.sink.videoFrameChanged.connect(self.update)
        self.beside.videoFrameChanged.connect(self.update)
        self._is_beside = False
        self._notice = ""
        self.setMinimumSize(160, 90)
        self.setAccessibleName(self.tr("Picture"))

    @property
    def notice(self) -> str:
        """What is said instead of a picture."""
        return self._notice

    @property
    def frame(self) -> QVideoFrame:
        """What is to be seen, where nothing is said."""
        return (self.beside if self._is_beside else self.sink).videoFrame()

    def show_beside(self, is_beside: bool) -> None:
        """Shows the picture that goes with a sound, instead of one with a sound of its own."""
        if is_beside != self._is_beside:
            self._is_beside = is_beside
            self.update()

    def say(self, notice: str) -> None:
        """Shows these words instead of a picture; "": the picture."""
        if notice != self._notice:
            self._notice = notice
            self.setAccessibleDescription(notice)
            self.update()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), _GROUND)
        frame = self.frame
        if self._notice:
            painter.setPen(_TEXT)
            room = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._notice)
        elif frame.isValid():
            frame.paint(painter, QRectF(self.rect()), QVideoFrame.PaintOptions())
        painter.end()
