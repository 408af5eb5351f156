"""Screenplays of Final Draft (`.fdx`)."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sottovoce_engine.errors import InputError
from sottovoce_otio.incoming.screenplay import Speech

_EXTENSIONS = re.compile(r"\(([^()]*)\)")


def final_draft_speeches(text: str, what: str) -> Iterator[Speech]:
    """What is said in a screenplay, in order; `what` names it for messages.

    Raises:
        InputError: It is no Final Draft document, is damaged, or would make more of itself than it holds.
    """
    content = _root(text, what).find("Content")
    scene, manner = 0, ""
    names: list[str] = []
    fresh = False
    for paragraph, dual in _paragraphs(content):
        kind = paragraph.get("Type")
        said = _text(paragraph)
        if kind == "Scene Heading":
            scene += 1
        elif kind == "Character":
            names, manner, fresh = _name_and_extensions(said), "", dual
        elif kind == "Parenthetical":
            manner = said.strip("() ")
        elif kind == "Dialogue" and names:
            name, *extensions = names
            directions = ", ".join(filter(None, (manner, *extensions)))
            yield Speech(character=name, text=said, manner=directions, dual=fresh, scene=scene)
            fresh = False


def _root(text: str, what: str) -> Element:
    try:
        root: Element = fromstring(text.strip(), forbid_dtd=True)
    except DefusedXmlException as error:
        raise InputError(
            f"{what} declares a document type or entities, which can make a small file fill the memory or read other files. No "
            "screenplay needs them: export it again from Final Draft."
        ) from error
    except ParseError as error:
        raise InputError(f"{what} is no valid XML: {error}. Export it again from Final Draft.") from error
    if root.tag != "FinalDraft" or root.find("Content") is None:
        raise InputError(
            f"{what} is XML, but no Final Draft document: it begins with '{root.tag[:40]}'. Export it as .fdx."
        )
    return root


def _paragraphs(content: Element | None) -> Iterator[tuple[Element, bool]]:
    """Every paragraph, and whether it begins the second column of dual dialogue or lies in it."""
    for paragraph in () if content is None else content:
        columns = paragraph.find("DualDialogue")
        if columns is None:
            yield paragraph, False
            continue
        characters = 0
        for inner in columns:
            characters += inner.get("Type") == "Character"
            yield inner, characters > 1


def _text(paragraph: Element) -> str:
    """All runs of a paragraph, whatever their style; not those of notes inside it."""
    return " ".join("".join("".join(run.itertext()) for run in paragraph.findall("Text")).split())


def _name_and_extensions(text: str) -> list[str]:
    return [_EXTENSIONS.sub("", text).strip(), *_EXTENSIONS.findall(text)]
