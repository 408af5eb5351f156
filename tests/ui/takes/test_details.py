"""What is known of a take, in words: the line beside what was heard, damage and where, who said what."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QTextCharFormat, QTextCursor
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft
from tests.engine.judge.heard_takes import REGION, SOUND, take_of
from tests.ui.takes.test_line_shown import finding

from sottovoce_engine.choices import Said, with_said
from sottovoce_engine.judge.damage_values import DamageFinding, DamageKind, Severity
from sottovoce_engine.judge.judgement import unreadable
from sottovoce_engine.judge.line_finding import LineFinding, LineVerdict
from sottovoce_engine.judge.outcome import NOT_JUDGED
from sottovoce_engine.timing import Span
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.takes.details import TakeDetails
from sottovoce_ui.takes.pile import Pile

pytestmark = pytest.mark.xdist_group("window")


@pytest.fixture
def editor(qtbot: QtBot) -> Editor:
    assert qtbot is not None
    return Editor(draft(REGION))


@pytest.fixture
def details(qtbot: QtBot, editor: Editor) -> TakeDetails:
    shown = TakeDetails(Pile(editor, editor))
    qtbot.addWidget(shown)
    return shown


def judged(folder: Path, line: LineFinding, damage: tuple[DamageFinding, ...] = ()) -> TakeFacts:
    take, path = take_of(SOUND, folder)
    return TakeFacts(take=take, path=path, judgement=replace(unreadable("", ""), line=line, damage=damage))


def format_of(details: TakeDetails, word: str) -> QTextCharFormat:
    cursor: QTextCursor = details.document().find(word)
    assert not cursor.isNull(), details.toPlainText()
    return cursor.charFormat()


def test_missing_and_added_words_are_told_by_more_than_colour(details: TakeDetails, tmp_path: Path) -> None:
    line = replace(finding("Do not go there", "do go there now"), cer=0.25)
    details.show_take(judged(tmp_path, line))
    assert format_of(details, "not").fontStrikeOut()
    assert format_of(details, "now").fontUnderline()
    assert not format_of(details, "there").fontStrikeOut()
    text = details.toPlainText()
    assert "struck: missing" in text
    assert "25% of the letters differ (faster-whisper tiny)" in text
    details.show_take(judged(tmp_path, finding("So it is", "so it is")))
    assert "every word as written" in details.toPlainText()


def test_where_nobody_listens_it_says_so(details: TakeDetails, tmp_path: Path) -> None:
    unheard = LineFinding(verdict=LineVerdict.NOT_CONTRADICTED, passes=None, why=(), by="pocketsphinx")
    details.show_take(judged(tmp_path, unheard))
    assert "No words model listens" in details.toPlainText()
    assert REGION.line in details.toPlainText()
    heard_nothing = LineFinding(verdict=LineVerdict.NOT_SAID, passes=False, why=(), by="faster-whisper tiny")
    details.show_take(judged(tmp_path, heard_nothing))
    assert "No words were heard" in details.toPlainText()


def test_damage_says_what_where_and_how_much(details: TakeDetails, tmp_path: Path) -> None:
    clicks = DamageFinding(
        kind=DamageKind.CLICK,
        severity=Severity.NOTICEABLE,
        where=(Span(24_000, 24_010), Span(60_000, 60_010)),
        places=7,
        measured=1.0,
        bar=0.5,
        unit="",
        why=("clicks",),
    )
    frozen = replace(clicks, kind=DamageKind.FROZEN, where=(Span(48, 60),), places=1, why=("the picture stands",))
    details.show_take(judged(tmp_path, finding("So", "so"), (clicks, frozen)))
    text = details.toPlainText()
    assert "noticeable: clicks, at 0.50 s, 1.25 s and 5 more" in text
    assert "noticeable: the picture stands, at 2.00 s" in text, "frames, not samples"


def test_a_take_that_nobody_judged_shows_what_it_came_with(
    details: TakeDetails, editor: Editor, tmp_path: Path
) -> None:
    take, path = take_of(SOUND, tmp_path)
    details.show_take(TakeFacts(take=replace(take, loudness_lufs=-31.25, notes=("<too> long",)), path=path))
    text = details.toPlainText()
    for wanted in ("asked for whisper", "-31.2 LUFS", NOT_JUDGED, "<too> long", "nothing yet"):
        assert wanted in text
    said = Said(marks=frozenset({"circled"}), text="<b>yes</b>", who="Ada", when="2026-11-22T14:03:00+01:00")
    editor.do("Mark", lambda before: replace(before, choices=with_said(before.choices, REGION.id, take.key, said)))
    text = details.toPlainText()
    assert "circled: <b>yes</b> (Ada, " in text
    assert "2026" in text or "26" in text
    details.show_take(None)
    assert details.toPlainText() == ""
