"""XML as text, for files of a hundred thousand elements: a tree of objects takes several times as long.

Names and lines may come from damaged files: what no XML file may hold becomes "?".
"""

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

# Source: XML 1.0, production 2, Char.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_ATTRIBUTES = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}


def element(tag: str, children: Iterable[str] = (), **attributes: object) -> str:
    """An element around others; attributes whose names are Python's end in "_"."""
    inside = "".join(children)
    opened = "".join([f' {name.rstrip("_")}="{_quoted(value)}"' for name, value in attributes.items()])
    return f"<{tag}{opened}>\n{inside}</{tag}>\n" if inside else f"<{tag}{opened}/>\n"


def leaf(tag: str, value: object, attributes: str = "") -> str:
    """An element around text; `attributes` are written as they are."""
    return f"<{tag}{attributes}>{_escaped(value)}</{tag}>\n"


def _escaped(value: object) -> str:
    text = str(value)
    return text if text.isalnum() and text.isascii() else escape(_clean(text))


def _quoted(value: object) -> str:
    text = str(value)
    return text if text.isalnum() and text.isascii() else escape(_clean(text), _IN_ATTRIBUTES)


def _clean(text: str) -> str:
    return text if text.isascii() and text.isprintable() else _NOT_XML.sub("?", text)
