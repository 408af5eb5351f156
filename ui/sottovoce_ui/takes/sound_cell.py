"""A take's sound in a cell of the table."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF
from PySide6.QtGui import QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from sottovoce_ui.editor import Editor
from sottovoce_ui.takes.model import TakesModel
from sottovoce_ui.takes.sounds import TakeSound, TakeSounds
from sottovoce_ui.takes.waveform import Wave, draw_wave, wave_colours_of
from sottovoce_ui.takes.waves import wave_of

_MARGIN = 2
_MOST_KEPT = 200  # pictures: of more takes than are to be seen at once

Look = tuple[TakeSound, int, int, float, bool, int]  # what a picture depends on, its take's length being the sound's


class SoundCells(QStyledItemDelegate):
    """Paints the cells of one column; a take that is not measured yet is an empty one."""

    def __init__(self, model: TakesModel, sounds: TakeSounds, editor: Editor, table: QTableView) -> None:
        super().__init__(table)
        self._model, self._sounds, self._editor = model, sounds, editor
        self._pictures: dict[Look, QPixmap] = {}
        sounds.measured.connect(lambda _: table.viewport().update())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        facts = self._model.take_at(index.row())
        sound = None if facts is None else self._sounds.of(facts)
        if facts is None or sound is None or sound.peaks is None:
            return
        box = option.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        ratio = painter.device().devicePixelRatioF()
        look = sound, box.width(), box.height(), ratio, selected, option.palette.cacheKey()
        if look not in self._pictures:
            wave = wave_of(facts, sound, self._editor.scene)
            if wave is None or box.isEmpty():
                return
            if len(self._pictures) >= _MOST_KEPT:
                self._pictures.clear()
            self._pictures[look] = _picture(wave, box.width(), box.height(), ratio, option.palette, selected=selected)
        painter.drawPixmap(box.topLeft(), self._pictures[look])


def _picture(wave: Wave, width: int, height: int, ratio: float, palette: QPalette, *, selected: bool) -> QPixmap:
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    painter = QPainter(picture)
    colours = wave_colours_of(palette, selected=selected)
    draw_wave(painter, QRectF(QPoint(0, 0), picture.deviceIndependentSize()), wave, colours, small=True)
    painter.end()
    return picture
