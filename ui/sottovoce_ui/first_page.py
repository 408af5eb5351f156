"""What the window shows while nothing is open: how to begin, and what was open last."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from sottovoce_ui.recent import Recent, shown_name
from sottovoce_ui.tips import tell

_WIDTH = 560
_LEFT = """
QPushButton { text-align: left; padding: 4px 2px; border: 1px solid transparent }
QPushButton:hover { border-color: palette(mid) }
QPushButton:focus { border-color: palette(highlight) }
"""


class FirstPage(QWidget):
    """Buttons in one column, reached with Tab.

    Signals:
        open_asked(): A timeline is to be looked for.
        example_asked(): The example scene is wanted.
        recent_asked(Path): This one is wanted.
    """

    open_asked = Signal()
    example_asked = Signal()
    recent_asked = Signal(object)

    def __init__(self, recent: Recent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recent = recent
        self.setAccessibleName(self.tr("Begin"))
        self.told = QLabel(
            self.tr(
                "Mark lines on your timeline, render each in the voicing you ask for, choose takes, splice them in."
            )
        )
        self.told.setWordWrap(True)
        self.open = self._button(self.tr("&Open a timeline…"), self.tr("Open a timeline"))
        self.open.clicked.connect(self.open_asked)
        self.example = self._button(self.tr("Open the &example scene"), self.tr("Open the example scene"))
        tell(self.open, self.tr("Timelines, subtitles, cue sheets and screenplays"))
        tell(self.example, self.tr("Two voices in a kitchen at night, in all seven registers"))
        self.example.clicked.connect(self.example_asked)
        self.heading = QLabel(self.tr("Recent timelines"))
        self.recent: list[QPushButton] = []
        self._recent_column = QVBoxLayout()
        self._lay_out()
        recent.changed.connect(self._fill)
        self._fill()

    def _lay_out(self) -> None:
        middle = QWidget()
        middle.setFixedWidth(_WIDTH)
        column = QVBoxLayout(middle)
        column.addWidget(self.told)
        column.addSpacing(8)
        column.addWidget(self.open)
        column.addWidget(self.example)
        column.addSpacing(16)
        column.addWidget(self.heading)
        column.addLayout(self._recent_column)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(middle)  # without an alignment, which would cut a sentence that needs two lines
        across.addStretch(1)
        around = QVBoxLayout(self)
        around.addStretch(1)
        around.addLayout(across)
        around.addStretch(1)
        self.setFocusProxy(self.open)

    def _fill(self) -> None:
        for button in self.recent:
            button.hide()
            button.deleteLater()
        self.recent = [self._recent_button(path) for path in self._recent.paths]
        for button in self.recent:
            self._recent_column.addWidget(button)
        self.heading.setVisible(bool(self.recent))

    def _recent_button(self, path: Path) -> QPushButton:
        button = self._button("", self.tr("Open {path}").format(path=path))
        fitting = button.fontMetrics().elidedText(shown_name(path), Qt.TextElideMode.ElideMiddle, _WIDTH - 48)
        button.setText(fitting)
        button.setToolTip(str(path))
        button.setFlat(True)
        button.setStyleSheet(_LEFT)
        button.clicked.connect(lambda: self.recent_asked.emit(path))
        return button

    def _button(self, text: str, name: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(name)
        button.setAutoDefault(True)  # Return presses it, too
        return button
