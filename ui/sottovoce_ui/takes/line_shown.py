"""The line beside what was heard, as rich text that is read without colour.

line       I will not go there
heard      I will     know there now
shown      I will ~~not~~ ~~go~~ → _know_ there _now_       struck: missing, underlined: added, both: changed
"""

from html import escape

from sottovoce_engine.judge.line_finding import LineFinding, WordDiff
from sottovoce_engine.judge.word_diff import Change


def line_html(finding: LineFinding, missing: str, added: str) -> str:
    """The words of the line in order, and what was heard in their place; `missing` and `added` are colours."""
    return " ".join(_word_html(step, missing, added) for step in finding.diff)


def differs(finding: LineFinding) -> bool:
    """Whether any word is other than in the line."""
    return any(step.change is not Change.SAME for step in finding.diff)


def _word_html(step: WordDiff, missing: str, added: str) -> str:
    struck = f'<s style="color:{missing}">{escape(step.line)}</s>'
    underlined = f'<u style="color:{added}"><b>{escape(step.heard)}</b></u>'
    match step.change:
        case Change.SAME:
            return escape(step.line)
        case Change.MISSING:
            return struck
        case Change.ADDED:
            return underlined
        case Change.WRONG:
            return f"{struck} → {underlined}"
