"""What was heard beside the line, read without colour."""

import pytest

from sottovoce_engine.judge.line_finding import LineFinding, LineVerdict
from sottovoce_engine.judge.line_words import compared
from sottovoce_engine.judge.recognition import Heard, HeardWord
from sottovoce_engine.timing import Span
from sottovoce_ui.takes.line_shown import differs, line_html


def finding(line: str, heard: str) -> LineFinding:
    words = tuple(
        HeardWord(text=text, span=Span(1000 * place, 1000 * place + 800), probability=0.9)
        for place, text in enumerate(heard.split())
    )
    diff = compared(line, Heard(text=heard, language="en", words=words), "en").diff
    return LineFinding(verdict=LineVerdict.SAID, passes=True, why=(), by="faster-whisper tiny", heard=heard, diff=diff)


@pytest.mark.parametrize(
    ("line", "heard", "shown"),
    [
        ("Stay with me.", "stay with me", "Stay with me."),
        (
            "Do not go there.",
            "do go there now",
            'Do <s style="color:red">not</s> go there. <u style="color:blue"><b>now</b></u>',
        ),
        (
            "Bring the lamp.",
            "bring the boat",
            'Bring the <s style="color:red">lamp.</s> → <u style="color:blue"><b>boat</b></u>',
        ),
        ("Tom <3 Ann", "tom ann", 'Tom <s style="color:red">&lt;3</s> Ann'),
    ],
)
def test_missing_is_struck_added_is_underlined_changed_is_both(line: str, heard: str, shown: str) -> None:
    found = finding(line, heard)
    assert line_html(found, "red", "blue") == shown
    assert differs(found) == ("<s" in shown or "<u" in shown)
