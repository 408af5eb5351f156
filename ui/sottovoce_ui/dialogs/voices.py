"""Who speaks: names, woman or man, a few words on how they sound. Every change is a step that can be undone."""

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sottovoce_engine.editing.wording import with_voice_added, with_voice_changed, with_voice_removed
from sottovoce_engine.scene import Gender, Voice
from sottovoce_ui.editor import Editor
from sottovoce_ui.tips import tell
from sottovoce_ui.words import shown


class VoicesDialog(QDialog):
    """A row for each voice of the scene."""

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._shown: tuple[Voice, ...] = ()
        self.setWindowTitle(self.tr("Voices"))
        self.resize(560, 360)
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels([self.tr("Name"), self.tr("Voice"), self.tr("Sound")])
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().hide()
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(self.tr("Voices"))
        self.table.cellChanged.connect(lambda row, _: self._change(row))
        self.message = QLabel(self.tr("The sound is part of the caption: low, tired; close to the microphone."))
        self.message.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.add = QPushButton(self.tr("&Add"))
        self.remove = QPushButton(self.tr("&Remove"))
        buttons.addButton(self.add, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.remove, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.accept)
        tell(self.add, self.tr("Adds a voice, to be named"))
        tell(self.remove, self.tr("Removes the current voice, if it says nothing"))
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        column = QVBoxLayout(self)
        for widget in (self.table, self.message, buttons):
            column.addWidget(widget)
        editor.draft_changed.connect(self._show)
        editor.refused.connect(self.message.setText)
        self._show()
        self.table.setCurrentCell(0, 0)
        self.table.setFocus()

    def _show(self) -> None:
        voices = self._editor.scene.voices
        if voices == self._shown:
            return
        self._shown = voices
        self.table.blockSignals(True)
        self.table.setRowCount(len(voices))
        last: QWidget = self.table
        for row, voice in enumerate(voices):
            self.table.setItem(row, 0, QTableWidgetItem(voice.name))
            self.table.setItem(row, 2, QTableWidgetItem(voice.sound))
            gender = self._gender_in(row)
            gender.setCurrentIndex(gender.findData(voice.gender))
            QWidget.setTabOrder(last, gender)  # from the table through its boxes, then to the buttons
            last = gender
        self.table.blockSignals(False)

    def _gender_in(self, row: int) -> QComboBox:
        """The one that is there, which may have the focus, or a new one."""
        there = self.table.cellWidget(row, 1)
        if isinstance(there, QComboBox):
            return there
        gender = QComboBox()
        for each in Gender:
            gender.addItem(shown(each), each)
        gender.setAccessibleName(self.tr("Woman or man"))
        gender.activated.connect(lambda _, row=row: self._change(row))
        self.table.setCellWidget(row, 1, gender)
        return gender

    def _change(self, row: int) -> None:
        name, sound, gender = self.table.item(row, 0), self.table.item(row, 2), self.table.cellWidget(row, 1)
        if name is None or sound is None or not isinstance(gender, QComboBox):
            return
        before = self._shown[row]
        after = Voice(name=name.text().strip(), gender=Gender(gender.currentData()), sound=sound.text().strip())
        if after != before and not self._editor.do(
            self.tr("Change voice"), lambda draft: with_voice_changed(draft, before.name, after)
        ):
            self._shown = ()
            self._show()  # what was refused is not left standing

    def _add(self) -> None:
        names = {voice.name for voice in self._editor.scene.voices}
        number = next(number for number in range(1, len(names) + 2) if f"VOICE {number}" not in names)
        voice = Voice(name=f"VOICE {number}", gender=Gender.WOMAN)
        if self._editor.do(self.tr("Add voice"), lambda draft: with_voice_added(draft, voice)):
            self.table.setCurrentCell(self.table.rowCount() - 1, 0)
            self.table.edit(self.table.currentIndex())

    def _remove(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self._shown):
            name = self._shown[row].name
            self._editor.do(self.tr("Remove voice"), lambda draft: with_voice_removed(draft, name))
