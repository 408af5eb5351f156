"""A script pasted as it is: its lines go to one region after the other."""

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from sottovoce_engine.editing.wording import with_lines
from sottovoce_engine.scene import Region
from sottovoce_ui.editor import Editor


class ScriptDialog(QDialog):
    """Shows beside each line the region it will go to."""

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self.setWindowTitle(self.tr("Paste a script"))
        self.resize(620, 420)
        self.text = QPlainTextEdit(placeholderText=self.tr("One line for each region; empty lines are left out."))
        self.text.setAccessibleName(self.tr("Script"))
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self._show)
        self.told = QLabel()
        self.told.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.agree = buttons.button(QDialogButtonBox.StandardButton.Ok)
        buttons.accepted.connect(self._give)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (self.text, self.told, buttons):
            column.addWidget(widget)
        self._show()

    @property
    def regions(self) -> Sequence[Region]:
        """The regions that get lines: the selected ones, or all from the playhead on."""
        editor = self._editor
        if len(editor.selection) > 1:
            return [region for region in editor.draft.regions if region.id in editor.selection]
        start = editor.playhead if editor.current is None else editor.current.span.start
        return [region for region in editor.draft.regions if region.span.start >= start]

    @property
    def lines(self) -> Sequence[str]:
        return [line.strip() for line in self.text.toPlainText().splitlines() if line.strip()]

    def _show(self) -> None:
        lines, regions = self.lines, self.regions
        told = [f"{region.voice}: {line}" for region, line in zip(regions, lines, strict=False)]
        if len(lines) > len(regions):
            told.append(self.tr("%n lines have no region and are left out.", "", len(lines) - len(regions)))
        self.told.setText("\n".join(told[-6:]) or self.tr("%n regions wait for lines.", "", len(regions)))
        self.agree.setEnabled(bool(told) and bool(regions))

    def _give(self) -> None:
        ids, lines = [region.id for region in self.regions], self.lines
        if self._editor.do(self.tr("Paste a script"), lambda draft: with_lines(draft, ids, lines)):
            self._editor.select(ids[:1])  # from which they are stepped through
        self.accept()
