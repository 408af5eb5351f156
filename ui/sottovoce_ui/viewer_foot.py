"""What stands under the viewer's picture: what is asked for, what is heard, the timecode."""

from enum import StrEnum

from PySide6.QtCore import QT_TRANSLATE_NOOP, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from sottovoce_engine.scene import Scene
from sottovoce_engine.timing import timecode
from sottovoce_ui.playing import decibels


class Shown(StrEnum):
    """What is played."""

    SOURCE = "source"
    TAKE = "take"
    SCENE = "spliced scene"
    JOIN = "join"


_NAMES = {
    Shown.SOURCE: QT_TRANSLATE_NOOP("ViewerFoot", "source"),
    Shown.TAKE: QT_TRANSLATE_NOOP("ViewerFoot", "take"),
    Shown.SCENE: QT_TRANSLATE_NOOP("ViewerFoot", "spliced scene"),
    Shown.JOIN: QT_TRANSLATE_NOOP("ViewerFoot", "join"),
}


class ViewerFoot(QWidget):
    """What can be chosen and the timecode; under them, what is heard where that is not plain.

    Signals:
        chosen(): A person chose what is to be played; see `shown`.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice, self.told, self.mute, self.clock = QComboBox(), QLabel(), QLabel(), QLabel()
        for shown, name in _NAMES.items():
            self.choice.addItem(self.tr(str(name)), shown)
        self.choice.setAccessibleName(self.tr("What is played"))
        self.choice.activated.connect(lambda _: self.chosen.emit())
        self.told.setAccessibleName(self.tr("What is heard"))
        self.told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.mute.setAccessibleName(self.tr("Sound output"))
        self.mute.setToolTip(self.tr("No loudspeaker or headphones were found. Pictures are played without sound."))
        self.clock.setAccessibleName(self.tr("Timecode"))
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.choice)
        row.addStretch(1)
        row.addWidget(self.mute)
        row.addWidget(self.clock)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 2, 6, 2)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.told)  # there is room for it always: the picture keeps its size

    @property
    def shown(self) -> Shown:
        return Shown(self.choice.currentData())

    def change_to(self, shown: Shown) -> None:
        self.choice.setCurrentIndex(self.choice.findData(shown))

    def show_time(self, scene: Scene, frame: int) -> None:
        self.clock.setText(timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame))

    def show_output(self, *, found: bool) -> None:
        """Whether there is anything that sound can go to."""
        self.mute.setText("" if found else self.tr("no sound output"))

    def tell(self, instead: Shown | None) -> None:
        """That the source is played, as what is asked for is not there; None: it is played."""
        told = ""
        match instead:
            case Shown.SCENE:
                told = self.tr("not spliced yet: source")
            case Shown.TAKE:
                told = self.tr("beside the take: source")
            case Shown.JOIN:
                told = self.tr("beside the join: source")
        self._say(told)

    def tell_compared(self, *, beside: bool, volume: float | None) -> None:
        """Which of two takes is heard, the one compared with or the one looked at, and what was done to its level."""
        which = self.tr("A: the other take") if beside else self.tr("B: the take looked at")
        if volume is None:
            level = self.tr("levels unknown, not matched")
        elif volume < 1.0:
            level = self.tr("turned down {db:.1f} dB").format(db=-decibels(volume))
        else:
            level = self.tr("as it is")
        self._say(f"{which}, {level}")

    def _say(self, text: str) -> None:
        self.told.setText(text)
        self.told.setToolTip(text)
