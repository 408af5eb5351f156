"""Screenplays as plain text (`.fountain`).

Source: the Fountain syntax, fountain.io.
"""

import re
from collections.abc import Iterator

from screenplay_tools.fountain.parser import Parser
from screenplay_tools.screenplay import Character, Dialogue, ElementType, Lyric, Parenthetical

from sottovoce_otio.incoming.screenplay import Speech

_EMPHASIS = re.compile(r"(?<!\\)[*_]{1,3}")
_LONG_GAP = re.compile(r"[^\S\n]{9,}")
_ANNOTATION = re.compile(r"\[\[\d+\]\]|/\*\d+\*/")


def fountain_speeches(text: str) -> Iterator[Speech]:
    """What is said in a screenplay, in order; lyrics are sung, and left out."""
    parser = Parser()
    parser.add_text(_prepared(text))
    character, extension, manner, dual, scene = "", "", "", False, 0
    for element in parser.script.elements:
        match element:
            case Character():
                character, extension, manner = _plain(element.name), element.extension or "", ""
                dual = element.is_dual_dialogue
            case Parenthetical():
                manner = _plain(element.text_raw)
            case Dialogue():
                said = ", ".join(filter(None, (manner, extension)))
                yield Speech(character=character, text=_plain(element.text_raw), manner=said, dual=dual, scene=scene)
                dual = False
            case Lyric():
                pass
            case _ if element.type is ElementType.HEADING:
                scene += 1


def _plain(text: str) -> str:
    """Without notes, emphasis, and the backslashes that escape it."""
    return _EMPHASIS.sub("", _ANNOTATION.sub("", text)).replace("\\", "").strip()


def _prepared(text: str) -> str:
    """The text as the parser takes it.

    Names that begin with an accented capital, which it would take for action, get an "@"; its patterns go over
    a long run of spaces once for each of them.
    """
    lines = _LONG_GAP.sub(" " * 8, text).split("\n")
    for index in range(len(lines) - 1):
        line = lines[index].strip()
        alone = not (index and lines[index - 1].strip()) and lines[index + 1].strip()
        name = line.partition("(")[0]
        if alone and line[:1].isupper() and not line[:1].isascii() and name == name.upper():
            lines[index] = f"@{line}"
    return "\n".join(lines)
