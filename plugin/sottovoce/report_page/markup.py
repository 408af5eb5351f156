"""HTML from values: whatever is not `Html` already is escaped, so that no text of a person's becomes markup."""

import html
import unicodedata
from collections.abc import Iterable

_VOID = frozenset({"meta"})
_TURNS_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Html(str):
    """Markup; only this module and the page's own resources make it."""

    __slots__ = ()


Content = str | None | Iterable[str | None]


def element(name: str, /, *contents: Content, **attributes: str | int | float | bool | None) -> Html:
    """`<name attributes>contents</name>`; contents and values are escaped, None and False are left out.

    Underscores in the names of attributes become hyphens, one at the end is dropped: `class_`, `aria_label`.
    """
    opened = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Html(opened if name in _VOID else f"{opened}{joined(*contents)}</{name}>")


def joined(*contents: Content) -> Html:
    """All that, one after the other, escaped where it is text."""
    return Html("".join(_escaped(content) for content in contents))


def _escaped(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return html.escape(visible(content))
    return "".join(_escaped(part) for part in content)


def visible(text: str) -> str:
    """`text` without what HTML cannot hold or what turns the reading direction of the page around it."""
    if text.isascii() and text.isprintable():  # sound is megabytes of it
        return text
    return "".join(
        " " if char in "\t\n\r" else "\ufffd" if unicodedata.category(char) in ("Cc", "Cs") else char
        for char in text
        if char not in _TURNS_DIRECTION
    )


def _attribute(key: str, value: str | int | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(visible(str(value)))}"'
