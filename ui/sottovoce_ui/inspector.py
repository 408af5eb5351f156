"""The inspector: what the current region asks for, the caption as it will be sent, and what stands in its way.

Fields that are typed into change the draft as one spell of typing; several selected regions change together.
"""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from sottovoce_engine.editing.wording import with_details, with_voice
from sottovoce_engine.obstacles import obstacles
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import MAX_SEED, MAX_TRIM_DB, PictureMode, Region
from sottovoce_engine.take import Take, handles_of
from sottovoce_engine.timing import timecode
from sottovoce_ui.editor import Editor
from sottovoce_ui.words import shown

Caption = Callable[[str], str]  # of a region's id
Warnings = Callable[[str], Sequence[str]]
ChosenTake = Callable[[str], Take | None]

_SPELL_MS = 1500  # of quiet end a spell of typing


class Inspector(QWidget):
    """The fields of the current region.

    Signals:
        voices_wanted(): The person wants to change who speaks.
    """

    voices_wanted = Signal()

    def __init__(
        self, editor: Editor, registers: RegisterTable, caption: Caption, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._registers = registers
        self._caption = caption
        self._warnings: Warnings = lambda _: ()
        self._take: ChosenTake = lambda _: None
        self._spell = ""
        self._quiet = QTimer(self, singleShot=True, interval=_SPELL_MS)
        self._quiet.timeout.connect(self._end_spell)
        self._make_fields()
        self._lay_out()
        editor.opened.connect(self.show_current)
        editor.draft_changed.connect(self.show_current)
        editor.selection_changed.connect(self._show_another)
        self.show_current()

    def set_warnings(self, warnings: Warnings) -> None:
        """What stands in the way of a region, in words."""
        self._warnings = warnings
        self.show_current()

    def set_takes(self, chosen: ChosenTake) -> None:
        """Which take is chosen for a region."""
        self._take = chosen
        self.show_current()

    def type_line(self) -> None:
        """Puts the cursor into the line."""
        self.line.setFocus()
        self.line.selectAll()

    def show_current(self) -> None:
        """Shows the current region as it is now."""
        region, scene = self._editor.current, self._editor.scene
        self._fields.setEnabled(region is not None and not self._editor.read_only)
        with QSignalBlocker(self.voice):
            names = [voice.name for voice in scene.voices]
            if [self.voice.itemText(index) for index in range(self.voice.count())] != names:
                self.voice.clear()
                self.voice.addItems(names)
        if region is None:
            self.place.setText(self.tr("No region is selected."))
            for label in (self.caption, self.warning, self.handles):
                label.clear()
                label.setVisible(label is self.caption)
            return
        self._fill(region)
        self._describe(region)

    def _fill(self, region: Region) -> None:
        blocked = [QSignalBlocker(field) for field in self._all]
        if self.line.toPlainText() != region.line:
            self.line.setPlainText(region.line)
        for field, text in ((self.look, region.look), (self.location, region.location), (self.cue, region.cue)):
            if field.text() != text:
                field.setText(text)
                if not field.hasFocus():
                    field.home(False)  # what is too long for it is read from its beginning
        self.voice.setCurrentText(region.voice)
        names = self._registers.names
        self.register.setCurrentIndex(names.index(region.register) if region.register in names else -1)
        self.picture.setCurrentIndex(0 if region.picture is None else 1 + list(PictureMode).index(region.picture))
        for number, value in (
            (self.seed, -1 if region.seed is None else region.seed),
            (self.lead, region.lead_frames),
            (self.tail, region.tail_frames),
        ):
            if number.value() != value:  # one that is being typed stays as it is written
                number.setValue(value)
        if self.gain.value() != region.gain_db:
            self.gain.setValue(region.gain_db)
        del blocked

    def _describe(self, region: Region) -> None:
        scene = self._editor.scene
        start, end = (
            timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame)
            for frame in (region.span.start, region.span.end)
        )
        seconds = float(region.span.length / scene.rate)
        more = len(self._editor.selection) - 1
        others = self.tr(" and %n more selected", "", more) if more > 0 else ""
        self.place.setText(f"{start} – {end}   {seconds:.2f} s{others}")
        waiting = not region.line.strip()
        self.caption.setText(self.tr("No caption yet: the line is empty.") if waiting else self._caption(region.id))
        self._warn(region)
        self.handles.setText(self._handles_of(region))
        self.handles.setVisible(bool(self.handles.text()))

    def _warn(self, region: Region) -> None:
        """What stands in the way: at once what the region itself shows, a moment later what the plan knows."""
        own = obstacles(region, self._editor.scene, self._registers)
        planned = [note for note in self._warnings(region.id) if not any(note in each for each in own)]
        self.warning.setText("\n".join(f"⚠ {each}" for each in (*own, *planned)))
        self.warning.setVisible(bool(self.warning.text()))

    def _handles_of(self, region: Region) -> str:
        take = self._take(region.id)
        if take is None:
            return ""
        before, after = handles_of(take, region)
        if min(before, after) < 0:
            return self.tr("The chosen take does not reach over the region any more.")
        told = self.tr("Handles of the chosen take: {before} frames before, {after} after.")
        return told.format(before=before, after=after)

    def _make_fields(self) -> None:
        self.place, self.handles, self.caption, self.warning = QLabel(), QLabel(), QLabel(), QLabel()
        self.line = QPlainTextEdit()
        self.line.setTabChangesFocus(True)
        self.line.setFixedHeight(64)
        self.voice, self.register, self.picture = QComboBox(), QComboBox(), QComboBox()
        self.look, self.location, self.cue = QLineEdit(), QLineEdit(), QLineEdit()
        self.seed, self.lead, self.tail = QSpinBox(), QSpinBox(), QSpinBox()
        self.gain = QDoubleSpinBox()
        for number, register in enumerate(self._registers.registers, start=1):
            self.register.addItem(f"{register.letter}  {register.name}  ({number})")
        self.picture.addItem(self.tr("as the timeline has it"))
        self.picture.addItems([shown(mode) for mode in PictureMode])
        self.seed.setRange(-1, MAX_SEED)
        self.seed.setValue(-1)
        self.seed.setSpecialValueText(self.tr("the render's own"))
        for field in (self.lead, self.tail):
            field.setRange(0, 240)
            field.setSuffix(self.tr(" frames"))
        self.gain.setRange(-MAX_TRIM_DB, MAX_TRIM_DB)
        self.gain.setSingleStep(0.5)
        self.gain.setSuffix(" dB")
        for label in (self.caption, self.handles, self.warning):
            label.setWordWrap(True)
        self.caption.setTextInteractionFlags(self.caption.textInteractionFlags().TextSelectableByMouse)
        self.warning.setObjectName("warning")
        self._all = (
            self.line, self.voice, self.register, self.look, self.location, self.cue, self.picture, self.seed,
            self.lead, self.tail, self.gain,
        )  # fmt: skip
        self._connect()

    def _connect(self) -> None:
        typed = self._typed
        self.line.textChanged.connect(lambda: typed(self.tr("Type line"), line=self.line.toPlainText()))
        self.look.textEdited.connect(lambda text: typed(self.tr("Type look"), look=text))
        self.location.textEdited.connect(lambda text: typed(self.tr("Type location"), location=text))
        self.cue.textEdited.connect(lambda text: typed(self.tr("Type cue"), cue=text))
        self.lead.valueChanged.connect(lambda frames: typed(self.tr("Lead"), lead_frames=frames))
        self.tail.valueChanged.connect(lambda frames: typed(self.tr("Tail"), tail_frames=frames))
        self.gain.valueChanged.connect(lambda gain: typed(self.tr("Gain"), gain_db=gain))
        self.seed.valueChanged.connect(lambda seed: typed(self.tr("Seed"), seed=None if seed < 0 else seed))
        self.voice.activated.connect(lambda _: self._give_voice())
        self.register.activated.connect(
            lambda index: self._change(self.tr("Register"), register=self._registers.names[index])
        )
        self.picture.activated.connect(
            lambda index: self._change(self.tr("Picture"), picture=list(PictureMode)[index - 1] if index else None)
        )

    def _lay_out(self) -> None:
        self._fields = QWidget()
        form = QFormLayout(self._fields)
        named = (
            (self.tr("&Line"), self.line, self.tr("What is said")),
            (self.tr("&Voice"), self.voice, self.tr("Who says it")),
            (self.tr("&Register"), self.register, self.tr("How it is said")),
            (self.tr("Loo&k"), self.look, self.tr("The scene, in the caption's words")),
            (self.tr("Lo&cation"), self.location, self.tr("Where it sounds from; room tone belongs to it")),
            (self.tr("C&ue"), self.cue, self.tr("Reel, scene and cue number")),
            (self.tr("&Picture"), self.picture, self.tr("Where the picture comes from")),
            (self.tr("&Seed"), self.seed, self.tr("Of the first take")),
            (self.tr("L&ead"), self.lead, self.tr("The sound starts this much before the picture")),
            (self.tr("&Tail"), self.tail, self.tr("The sound ends this much after the picture")),
            (self.tr("&Gain"), self.gain, self.tr("On top of the scene's own levels")),
        )
        for name, field, about in named:
            field.setAccessibleName(name.replace("&", ""))
            field.setToolTip(about)
            form.addRow(name, field)
        self.caption.setAccessibleName(self.tr("Caption"))
        self.warning.setAccessibleName(self.tr("Warnings"))
        self.handles.setAccessibleName(self.tr("Handles"))
        self.handles.setToolTip(self.tr("So far the region's edges can be moved without rendering again"))
        inside = QWidget()
        column = QVBoxLayout(inside)
        for widget in (
            self.place,
            self.warning,
            self._fields,
            self.handles,
            QLabel(self.tr("Caption, as it is sent:")),
            self.caption,
        ):
            column.addWidget(widget)
        column.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inside)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(area)

    def _typed(self, label: str, **details: Any) -> None:
        """A change that belongs to the spell of typing before it, where that was on the same regions and field."""
        spell = f"{label} {sorted(self._editor.selection)}"
        if spell != self._spell:
            self._spell, self._gesture = spell, self._editor.new_gesture()
        self._quiet.start()
        self._change(label, gesture=self._gesture, **details)

    def _change(self, label: str, *, gesture: str = "", **details: Any) -> None:
        ids = self._editor.selection
        if ids and not self._editor.do(label, lambda draft: with_details(draft, ids, **details), gesture=gesture):
            self.show_current()  # what was refused is not left standing in the field

    def _give_voice(self) -> None:
        ids, name = self._editor.selection, self.voice.currentText()
        if not self._editor.do(self.tr("Voice"), lambda draft: with_voice(draft, ids, name)):
            self.show_current()

    def _show_another(self) -> None:
        self._end_spell()
        self.show_current()

    def _end_spell(self) -> None:
        self._spell = ""
