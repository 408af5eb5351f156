"""Drawing a take's sound: what has voice is solid, what is breath a comb, so that nothing rests on colour alone.

handle |[ region                              ]| handle
       |   ##  ###   | | |     ####            |            solid: voice, comb: breath
───────|───##──###───|─|─|─────####────────────|──────      line: nobody speaks
       |   ⟦ speech                ⟧           |
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPalette, QPen, QPolygonF

from sottovoce_engine.judge.heard_frames import FrameKind
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_ui.timeline.colours import mixed

if TYPE_CHECKING:  # a window is shown before anything is listened to
    from sottovoce_engine.judge.heard_frames import HeardFrames
    from sottovoce_engine.media.peaks import SoundPeaks

_COMB = 3  # every third column of breath is drawn
_CORNER = 5  # pixels of a bracket's arm
_QUIETEST = 0.02  # of the height: what is measured shows, however quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveColours:
    """What a waveform is drawn in."""

    ground: QColor
    handle: QColor  # beside the region
    edge: QColor
    text: QColor
    voice: QColor
    breath: QColor
    silence: QColor
    speech: QColor
    damage: QColor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wave:
    """Everything a picture of a take depends on; spans in samples of the take."""

    length: int  # samples
    peaks: "SoundPeaks"
    frames: "HeardFrames | None" = None
    region: Span | None = None
    speech: Span | None = None
    damage: tuple[Span, ...] = ()

    def x(self, sample: float, box: QRectF) -> float:
        """Where a sample lies in a box as wide as the take."""
        return box.left() + sample * box.width() / max(1, self.length)


def wave_colours_of(palette: QPalette, *, selected: bool = False) -> WaveColours:
    """The waveform's colours in a palette; `selected`: on a selected row's ground."""
    role = QPalette.ColorRole
    ground = palette.color(role.Highlight if selected else role.Base)
    text = palette.color(role.HighlightedText if selected else role.Text)
    dark = ground.lightnessF() < 0.5
    return WaveColours(
        ground=ground,
        handle=mixed(ground, text, 0.10),
        edge=mixed(ground, text, 0.75),
        text=mixed(ground, text, 0.75),
        voice=text if selected else QColor("#6ea8fe" if dark else "#1f5fbf"),
        breath=text if selected else QColor("#f0b45a" if dark else "#9a5b00"),
        silence=mixed(ground, text, 0.35),
        speech=mixed(ground, text, 0.9),
        damage=QColor("#ff6b61" if dark else "#b3261e"),
    )


def draw_wave(painter: QPainter, box: QRectF, wave: Wave, colours: WaveColours, *, small: bool = False) -> None:
    """Draws a take into a box; `small`: without what only tells where, as in a table's cell."""
    painter.fillRect(box, colours.ground)
    if wave.region is not None and not small:
        for beside in (Span(0, max(0, wave.region.start)), Span(min(wave.region.end, wave.length), wave.length)):
            left, right = wave.x(beside.start, box), wave.x(beside.end, box)
            painter.fillRect(QRectF(left, box.top(), right - left, box.height()), colours.handle)
    _draw_columns(painter, box, wave, colours)
    if small:
        return
    for span in wave.damage:
        _draw_damage(painter, box, wave.x(span.start, box), colours)
    if wave.speech is not None:
        _draw_bracket(painter, box, wave.x(wave.speech.start, box), 1, colours)
        _draw_bracket(painter, box, wave.x(wave.speech.end, box), -1, colours)
    if wave.region is not None:
        painter.setPen(QPen(colours.edge, 1.0, Qt.PenStyle.DashLine))
        for sample in (wave.region.start, wave.region.end):
            x = wave.x(sample, box)
            painter.drawLine(QLineF(x, box.top(), x, box.bottom()))


def draw_legend(painter: QPainter, right: float, top: float, words: tuple[str, str, str], colours: WaveColours) -> None:
    """What solid, comb and line mean, right-aligned: voice, breath, silence."""
    metrics, swatch, gap = painter.fontMetrics(), 14.0, 5.0
    looks = (FrameKind.VOICED, FrameKind.UNVOICED, FrameKind.SILENCE)
    x = right - sum(metrics.horizontalAdvance(word) + swatch + 3 * gap for word in words)
    for word, kind in zip(words, looks, strict=True):
        box = QRectF(x, top + 2, swatch, metrics.height() - 4)
        _draw_kind(painter, box, kind, colours)
        painter.setPen(colours.text)
        painter.drawText(QPointF(x + swatch + gap, top + metrics.ascent()), word)
        x += metrics.horizontalAdvance(word) + swatch + 3 * gap


def _draw_columns(painter: QPainter, box: QRectF, wave: Wave, colours: WaveColours) -> None:
    """One column of the screen's pixels after the other, all at once: asked for line by line they take several times as long."""
    ratio = painter.device().devicePixelRatioF()
    width, height = max(1, round(box.width() * ratio)), max(1, round(box.height() * ratio))
    pixels = _columns(wave, colours, width, height, ratio)
    painter.drawImage(box, QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32))


def _columns(wave: Wave, colours: WaveColours, width: int, height: int, ratio: float) -> NDArray[np.uint32]:
    """`[height, width]` ARGB: the sound, with nothing where none is. `ratio`: the screen's pixels to one of ours."""
    seconds = wave.length / SAMPLE_RATE
    starts = np.asarray(np.arange(width) * (seconds / width), np.float64)
    measured = np.nan_to_num(wave.peaks.at(starts, seconds / width))
    kinds = np.full(width, FrameKind.VOICED, np.int8)
    if wave.frames is not None:
        kinds = wave.frames.at(starts, seconds / width)
    loudest = max(_QUIETEST, float(np.abs(measured).max(initial=0.0)))  # a whisper is as tall as a shout
    middle, half = height / 2, height / 2 - 2 * ratio
    high = np.maximum(measured[:, 1] * (half / loudest), ratio / 2)
    low = np.minimum(measured[:, 0] * (half / loudest), -ratio / 2)
    rows = np.arange(height)[:, None] + 0.5
    drawn = (rows > np.floor(middle - high)) & (rows < np.ceil(middle - low))
    drawn &= (kinds != FrameKind.UNVOICED) | ((np.arange(width) / ratio).astype(np.int64) % _COMB == 0)
    inks = np.zeros(max(FrameKind) + 1, np.uint32)
    inks[[FrameKind.SILENCE, FrameKind.UNVOICED, FrameKind.VOICED]] = [
        colour.rgba() for colour in (colours.silence, colours.breath, colours.voice)
    ]
    return np.ascontiguousarray(np.where(drawn, inks[kinds], np.uint32(0)))


def _draw_kind(painter: QPainter, box: QRectF, kind: FrameKind, colours: WaveColours) -> None:
    """A swatch of the legend."""
    match kind:
        case FrameKind.VOICED:
            painter.fillRect(box, colours.voice)
        case FrameKind.UNVOICED:
            painter.setPen(QPen(colours.breath, 1.0))
            columns = range(0, round(box.width()), _COMB)
            painter.drawLines([QLineF(box.left() + x, box.top(), box.left() + x, box.bottom()) for x in columns])
        case FrameKind.SILENCE:
            painter.setPen(QPen(colours.silence, 1.0))
            painter.drawLine(QLineF(box.left(), box.center().y(), box.right(), box.center().y()))


def _draw_bracket(painter: QPainter, box: QRectF, x: float, inwards: int, colours: WaveColours) -> None:
    """An edge of the speech: a bracket that opens towards it."""
    painter.setPen(QPen(colours.speech, 2.0))
    arm = x + inwards * _CORNER
    painter.drawPolyline(
        [
            QPointF(arm, box.top() + 1),
            QPointF(x, box.top() + 1),
            QPointF(x, box.bottom() - 1),
            QPointF(arm, box.bottom() - 1),
        ]
    )


def _draw_damage(painter: QPainter, box: QRectF, x: float, colours: WaveColours) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colours.damage))
    painter.drawPolygon(QPolygonF([QPointF(x - 4, box.top()), QPointF(x + 4, box.top()), QPointF(x, box.top() + 8)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
