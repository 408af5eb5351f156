"""A language nobody speaks: every text longer by four tenths, with accents, in brackets. What is not in it is not translated."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docs.translations import compile_into, gather
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from sottovoce_ui.translating import NAME, translate

LANGUAGE = "de"  # whose place it takes: Qt has its own texts for it
OPEN, CLOSE = "⟦", "⟧"

_ACCENTED = str.maketrans("aeioucnsyzAEIOUCNSYZ", "áéíóúçñšýžÁÉÍÓÚÇÑŠÝŽ")
_AS_IT_IS = re.compile(r"(\{[^}]*\}|%n|&\w|&|<[^>]*>|\(\*.*\))")


def pseudo(text: str) -> str:
    """A text in that language; what stands in braces, tags and accelerators are as they were."""
    parts = _AS_IT_IS.split(text)
    accented = "".join(part if _AS_IT_IS.fullmatch(part) else part.translate(_ACCENTED) for part in parts)
    return f"{OPEN}{accented}{'·' * max(1, round(0.4 * len(text)) - 2)}{CLOSE}"


def write_language(folder: Path) -> Path:
    """Translates all texts there are, and compiles them."""
    file = folder / f"{NAME}_{LANGUAGE}.ts"
    gather(file, LANGUAGE)
    tree = ET.parse(file)
    for message in tree.iter("message"):
        source, translation = message.find("source"), message.find("translation")
        assert source is not None
        assert translation is not None
        translation.attrib.pop("type", None)
        forms = translation.findall("numerusform")
        for form in forms or [translation]:
            form.text = pseudo(source.text or "")
    tree.write(file, encoding="utf-8", xml_declaration=True)
    compile_into(file, file.with_suffix(".qm"))
    return folder


@contextmanager
def spoken(application: QApplication, folder: Path) -> Iterator[None]:
    """The application in that language, then in English again."""
    before = set(application.findChildren(QTranslator))
    assert translate(application, QLocale(LANGUAGE), folder) == LANGUAGE
    try:
        yield
    finally:
        for installed in set(application.findChildren(QTranslator)) - before:
            application.removeTranslator(installed)
            installed.deleteLater()
