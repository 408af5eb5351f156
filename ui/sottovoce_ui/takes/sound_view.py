"""The sound of the take looked at, with its region, its speech and the playhead over it."""

from PySide6.QtCore import QEvent, QLineF, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sottovoce_engine.timing import SAMPLE_RATE, Span, frame_at, sample_at
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.playing import take_playing
from sottovoce_ui.takes.sounds import TakeSound, TakeSounds
from sottovoce_ui.takes.waveform import Wave, draw_legend, draw_wave, wave_colours_of
from sottovoce_ui.takes.waves import wave_of, words_of
from sottovoce_ui.timeline.colours import colours_of

_LEAST_HEIGHT, _HEIGHT = 90, 130
_WORD_ROWS = 2
_MARGIN = 4


class SoundView(QWidget):
    """Voice, breath and silence of one take; a click puts the playhead there.

    Signals:
        asked(int): The scene frame that was clicked.
    """

    asked = Signal(int)

    def __init__(self, editor: Editor, sounds: TakeSounds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.sounds = editor, sounds
        self._facts: TakeFacts | None = None
        self._picture: QPixmap | None = None  # all but the playhead, which moves while it plays
        self._edges: Span | None = None  # the region's, as they are drawn
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setAccessibleName(self.tr("Sound of the take"))
        self.setToolTip(self.tr("The take's sound. Click to put the playhead there."))
        sounds.measured.connect(self._show_measured)
        editor.playhead_moved.connect(lambda _: self.update())
        editor.draft_changed.connect(lambda *_: self._follow_region())
        self.show_take(None)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(480, _HEIGHT)

    @property
    def wave(self) -> Wave | None:
        """What is drawn; None while it is measured, or where nothing can be."""
        return None if self._facts is None else wave_of(self._facts, self._sound, self.editor.scene)

    def show_take(self, facts: TakeFacts | None) -> None:
        """Another take is looked at, or none."""
        self._facts = facts
        self._forget_picture()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._picture is None:
            self._picture = self._painted()
        painter.drawPixmap(QPoint(0, 0), self._picture)
        x = self._playhead_x()
        if x is not None:
            painter.setPen(QPen(colours_of(self.palette()).playhead, 1.5))
            painter.drawLine(QLineF(x, 0, x, self.height()))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._picture = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._forget_picture()
        super().changeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._facts is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        box, take = self.wave_box, self._facts.take
        sample = round((event.position().x() - box.left()) * take.length_samples / max(1.0, box.width()))
        frame = frame_at(min(max(sample, 0), take.length_samples), take.job.rate)
        self.asked.emit(take_playing(self._facts, self.editor.scene).span.start + frame)

    @property
    def _sound(self) -> TakeSound | None:
        return None if self._facts is None else self.sounds.look_at(self._facts)

    @property
    def wave_box(self) -> QRectF:
        """Where the wave lies: under the legend, above the words."""
        line = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(_MARGIN, line + _MARGIN, -_MARGIN, -_WORD_ROWS * line - 2)

    def _playhead_x(self) -> float | None:
        """None where it is not over the take, or there is nothing drawn."""
        if self._facts is None or self.wave is None:
            return None
        scene, box = self.editor.scene, self.wave_box
        span = take_playing(self._facts, scene).span
        if not span.start <= self.editor.playhead < span.end:
            return None
        sample = sample_at(self.editor.playhead - span.start, scene.rate)
        return box.left() + sample * box.width() / max(1, self._facts.take.length_samples)

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        colours, wave = wave_colours_of(self.palette()), self.wave
        picture.fill(self.palette().window().color())
        painter = QPainter(picture)
        painter.setFont(self.font())
        if wave is None:
            painter.fillRect(QRectF(self.rect()), colours.ground)
            painter.setPen(colours.text)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._why_nothing())
        else:
            draw_wave(painter, self.wave_box, wave, colours)
            words = self.tr("voice"), self.tr("breath"), self.tr("silence")
            draw_legend(painter, self.width() - _MARGIN, 1, words, colours)
            self._draw_length(painter, wave)
            self._draw_words(painter, wave)
        painter.end()
        return picture

    def _draw_length(self, painter: QPainter, wave: Wave) -> None:
        told = self.tr("{seconds:.2f} s; dashed: the region's edges, brackets: where it is spoken")
        room = QRectF(_MARGIN, 1, self.width() * 0.6, painter.fontMetrics().height())
        text = told.format(seconds=wave.length / SAMPLE_RATE)
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(room.width()))
        painter.setPen(wave_colours_of(self.palette()).text)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, elided)

    def _draw_words(self, painter: QPainter, wave: Wave) -> None:
        """The words under where they are spoken, in two rows where one is too short; what finds no room is left out."""
        assert self._facts is not None
        box, metrics = self.wave_box, painter.fontMetrics()
        free = [box.left()] * _WORD_ROWS
        for text, span in words_of(self._facts):
            x, room = wave.x(span.start, box), metrics.horizontalAdvance(text)
            row = next((row for row in range(_WORD_ROWS) if x >= free[row]), None)
            if row is None or x + room > box.right() + _MARGIN:
                continue
            at = QRectF(x, box.bottom() + 1 + row * metrics.height(), room + 2, metrics.height())
            painter.drawText(at, Qt.AlignmentFlag.AlignLeft, text)
            free[row] = x + room + metrics.averageCharWidth()

    def _why_nothing(self) -> str:
        sound = self._sound
        if self._facts is None:
            return self.tr("No take is looked at.")
        return self.tr("Listening to the take …") if sound is None else sound.problem

    def _show_measured(self, key: str) -> None:
        if self._facts is not None and self._facts.take.key == key:
            self._forget_picture()

    def _follow_region(self) -> None:
        """Of what is changed, only the place of the region is to be seen here."""
        wave = self.wave
        if wave is not None and wave.region != self._edges:
            self._forget_picture()

    def _forget_picture(self) -> None:
        self._picture = None
        self.setAccessibleDescription(self._told())
        self.update()

    def _told(self) -> str:
        """The picture in words."""
        wave = self.wave
        self._edges = None if wave is None else wave.region
        if wave is None:
            return self._why_nothing()
        share = None if wave.frames is None else wave.frames.voiced_share
        if share is None or wave.speech is None:
            return self.tr("Nobody speaks.")
        return self.tr(
            "{share:.0%} of what is heard has a voice; the line lies from {start:.2f} to {end:.2f} s."
        ).format(share=share, start=wave.speech.start / SAMPLE_RATE, end=wave.speech.end / SAMPLE_RATE)
