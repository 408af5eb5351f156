"""All that is known of the take looked at, in words and figures."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QEvent, QLocale, Qt
from PySide6.QtWidgets import QTextBrowser, QWidget

from sottovoce_engine.choices import TakeNote
from sottovoce_engine.timing import SAMPLE_RATE
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.playing import speech_lufs
from sottovoce_ui.takes.line_shown import differs, line_html
from sottovoce_ui.takes.model import marks_of, measured_word, word_of
from sottovoce_ui.takes.pile import Pile
from sottovoce_ui.takes.waveform import wave_colours_of
from sottovoce_ui.takes.waves import OF_THE_PICTURE
from sottovoce_ui.words import shown

if TYPE_CHECKING:  # a window is shown before anything is judged
    from sottovoce_engine.judge.damage_values import DamageFinding
    from sottovoce_engine.judge.line_finding import LineFinding
    from sottovoce_engine.judge.register_finding import RegisterFinding

_PLACES = 4  # of damage are named


class TakeDetails(QTextBrowser):
    """A row for each thing there is to know: register, line, level, damage, what the judge and people say."""

    def __init__(self, pile: Pile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pile = pile
        self._facts: TakeFacts | None = None
        self._written = ""
        self.setAccessibleName(self.tr("What is known of the take"))
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setCursorWidth(0)  # nothing is written here
        pile.changed.connect(self._show)

    def show_take(self, facts: TakeFacts | None) -> None:
        """Another take is looked at, or none."""
        self._facts = facts
        self._show()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show()

    def _show(self) -> None:
        facts = self._facts
        if facts is None:
            self._write("")
            return
        rows = (
            (self.tr("Register"), self._register(facts)),
            (self.tr("Line"), self._line(facts)),
            (self.tr("Level"), self._level(facts)),
            (self.tr("Damage"), self._damage(facts)),
            (self.tr("Judge"), self._judge(facts)),
            (self.tr("Said"), self._said(self._pile.note(facts.take.key))),
            (self.tr("Made"), self._made(facts)),
        )
        cells = (f"<tr><td><b>{name}</b>&nbsp;&nbsp;</td><td>{text}</td></tr>" for name, text in rows if text)
        self._write(f'<table cellspacing="2">{"".join(cells)}</table>')

    def _write(self, text: str) -> None:
        """Laying it out takes longer than all else here."""
        if text != self._written:
            self._written = text
            place = self.verticalScrollBar().value()
            self.setHtml(text)
            self.verticalScrollBar().setValue(place)

    def _register(self, facts: TakeFacts) -> str:
        asked, found = facts.take.job.register.name, None if facts.judgement is None else facts.judgement.register
        text = self.tr("asked for <b>{asked}</b>").format(asked=escape(asked))
        if found is None:
            return text
        measured = self.tr("measured <b>{measured}</b>").format(measured=escape(measured_word(facts.judgement)))
        return ", ".join((text, measured)) + self._figures(found)

    def _figures(self, found: "RegisterFinding") -> str:
        figures = []
        if found.v is not None:
            figures.append(self.tr("periodicity {v:.2f}").format(v=found.v))
            figures.append(self.tr("voice in {share:.0%} of the speech").format(share=found.stretches))
        if found.f0_hz is not None:
            figures.append(f"{found.f0_hz:.0f} Hz")
        if found.effort is not None:
            figures.append(self.tr("effort {effort:+.1f} dB").format(effort=found.effort.effort_db))
            if found.effort.expected_db is not None:
                figures.append(self.tr("asked for {effort:+.1f} dB").format(effort=found.effort.expected_db))
        return f"<br>{' · '.join(figures)}" if figures else ""

    def _line(self, facts: TakeFacts) -> str:
        finding = None if facts.judgement is None else facts.judgement.line
        said = escape(facts.take.job.region.line)
        if finding is None:
            return said
        if not finding.diff:
            return f"{said}<br>{self._unheard(finding)}"
        colours = wave_colours_of(self.palette())
        text = line_html(finding, colours.damage.name(), colours.voice.name())
        told = self.tr("every word as written")
        if differs(finding):
            told = self.tr("struck: missing, underlined: heard instead or besides")
        figure = "" if finding.cer is None else self.tr(", {share:.0%} of the letters differ").format(share=finding.cer)
        return f"{text}<br>{told}{figure} ({escape(_listener(finding))})"

    def _unheard(self, finding: "LineFinding") -> str:
        """Why there are no heard words beside the line."""
        if finding.by.startswith("faster-whisper"):
            return self.tr("No words were heard.")
        none = self.tr(
            "No words model listens: which words are heard is not known. Name a Whisper model as speech_model in the "
            "settings."
        )
        return f"{escape(shown(finding.verdict))}. {none}"

    def _level(self, facts: TakeFacts) -> str:
        loudness = speech_lufs(facts)
        level = None if facts.judgement is None else facts.judgement.level
        peak = facts.take.true_peak_dbtp if level is None else level.true_peak_dbtp
        figures = [
            self.tr("too short or silent to have a loudness")
            if loudness is None
            else self.tr("{loudness:.1f} LUFS over the speech").format(loudness=loudness),
            self.tr("true peak {peak:.1f} dBTP").format(peak=peak),
        ]
        floor = None if facts.judgement is None else facts.judgement.floor_db
        if floor is not None:
            figures.append(self.tr("between the words {floor:.0f} dB under it").format(floor=-floor))
        return " · ".join(figures)

    def _damage(self, facts: TakeFacts) -> str:
        if facts.judgement is None:
            return ""
        found = [self._damaged(facts, finding) for finding in facts.judgement.damage]
        return "<br>".join(found) if found else self.tr("none found")

    def _damaged(self, facts: TakeFacts, finding: "DamageFinding") -> str:
        rate = float(facts.take.job.rate) if finding.kind in OF_THE_PICTURE else SAMPLE_RATE
        named = [f"{span.start / rate:.2f} s" for span in finding.where[:_PLACES]]
        others = finding.places - len(named)
        places, more = ", ".join(named), self.tr(" and {n} more").format(n=others) if others > 0 else ""
        where = self.tr(", at {places}{more}").format(places=places, more=more) if places else ""
        why = escape("; ".join(finding.why))
        return f"<b>{escape(shown(finding.severity))}</b>: {why}{where}"

    def _judge(self, facts: TakeFacts) -> str:
        why = () if facts.judgement is None else facts.judgement.why
        return "<br>".join((f"<b>{escape(shown(word_of(facts)))}</b>", *map(escape, why)))

    def _said(self, note: TakeNote | None) -> str:
        if note is None:
            return self.tr("nothing yet")
        parts = [text for text in (marks_of(note), note.text) if text]
        moment = QDateTime.fromString(note.when, Qt.DateFormat.ISODate)
        when = QLocale().toString(moment, QLocale.FormatType.ShortFormat) if moment.isValid() else ""
        by = ", ".join(text for text in (note.who, when) if text)
        return escape(": ".join(parts)) + (f" ({escape(by)})" if by else "")

    def _made(self, facts: TakeFacts) -> str:
        take = facts.take
        made = self.tr("{renderer}, seed {seed}").format(renderer=take.job.renderer, seed=take.job.seed)
        return "<br>".join(map(escape, (made, *take.notes)))


def _listener(finding: "LineFinding") -> str:
    """What heard the words, without the folders that its model lies in."""
    engine, _, model = finding.by.partition(" ")
    return f"{engine} {Path(model).name}"
