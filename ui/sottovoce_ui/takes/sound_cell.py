"""A take's sound in a cell of the table."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from sottovoce_ui.editor import Editor
from sottovoce_ui.takes.model import TakesModel
from sottovoce_ui.takes.sounds import TakeSounds
from sottovoce_ui.takes.waveform import draw_wave, wave_colours_of
from sottovoce_ui.takes.waves import wave_of


class SoundCells(QStyledItemDelegate):
    """Paints the cells of one column; a take that is not measured yet is an empty one."""

    def __init__(self, model: TakesModel, sounds: TakeSounds, editor: Editor, table: QTableView) -> None:
        super().__init__(table)
        self._model, self._sounds, self._editor = model, sounds, editor
        sounds.measured.connect(lambda _: table.viewport().update())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        facts = self._model.take_at(index.row())
        if facts is None:
            return
        wave = wave_of(facts, self._sounds.of(facts), self._editor.scene)
        if wave is not None:
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            box = QRectF(option.rect).adjusted(2, 2, -2, -2)
            colours = wave_colours_of(option.palette, selected=selected)
            painter.save()
            draw_wave(painter, box, wave, colours, small=True)
            painter.restore()
