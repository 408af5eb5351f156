"""Every text is found by the tools that gather texts, and shown in the language that is spoken."""

import ast
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path, PurePath

import pytest
from docs.translations import compile_into, files, gather, language_of
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QWidget
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region
from tests.plugin.small_scene import write_small_scene
from tests.ui.dialogs.test_suggest import FOUND
from tests.ui.pseudo_language import CLOSE, LANGUAGE, OPEN, spoken, write_language
from tests.ui.shown_texts import clipped_in, texts_of
from tests.ui.test_command_sequences import takes_of
from tests.ui.test_panel import made_panel, opened

from sottovoce_engine.registers import register_table
from sottovoce_engine.suggestions import Suggestions
from sottovoce_ui import translating
from sottovoce_ui.commands import COMMANDS
from sottovoce_ui.dialogs.keys import KeyMap
from sottovoce_ui.dialogs.script import ScriptDialog
from sottovoce_ui.dialogs.suggest import SuggestDialog
from sottovoce_ui.dialogs.voices import VoicesDialog
from sottovoce_ui.editor import Editor
from sottovoce_ui.panel import Panel
from sottovoce_ui.translating import FOLDER, NAME, translate

pytestmark = pytest.mark.xdist_group("window")

UI = Path(translating.__file__).parent
THROUGH = {"tr", "translate", "QT_TRANSLATE_NOOP"}
QTS = (
    "LUFS",
    "dBTP",
    "Sottovoce",
    "Abbrechen",
    "Schließen",
    "Suchen",
)  # units, a name, and Qt's in the language whose place is taken
NOT_SHOWN = {  # literals with words in them that no person reads
    "Fusion",  # a style of Qt's
    "VOICE ",  # a name to begin with
    "work in the background failed",  # in the log
    "Sottovoce",
    "Hz",
    "will not survive there:",  # what a loss begins with, taken off
    "flux rank",  # names of figures, looked up
    "level jump",
}
WORDS = re.compile(r"[A-Za-z]{2}[,;:.]? +[A-Za-z(]|^\s*[A-Z][a-z]+\b")
MARKUP = re.compile(r"^\s*(<|Q\w+ \{)")


def test_no_text_goes_past_the_translation(tmp_path: Path) -> None:
    """Texts in tables are looked up where they are shown; errors are English, as the engine's are."""
    gather(tmp_path / "all.ts", LANGUAGE)
    gathered = {message.findtext("source") for message in ET.parse(tmp_path / "all.ts").iter("message")}
    found = [
        f"{path.relative_to(UI)}:{line}: {text}"
        for path in UI.rglob("*.py")
        for line, text in untranslated(path)
        if text not in gathered
    ]
    assert not found, "\n".join(found)


def test_texts_are_gathered_as_they_are_written() -> None:
    """What is put together before it is translated cannot be found."""
    wrong = []
    for path in UI.rglob("*.py"):
        for call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            text = call.args[-1] if name_of(call) == "translate" and len(call.args) == 2 else call.args[0]
            if isinstance(text, ast.JoinedStr | ast.BinOp):
                wrong.append(f"{path.name}:{call.lineno}")
    assert wrong == []


def test_the_kept_translations_are_up_to_date(tmp_path: Path) -> None:
    assert files()
    for file in files():
        again = tmp_path / file.name
        shutil.copy(file, again)
        gather(again, language_of(file))
        compile_into(again, again.with_suffix(".qm"))
        hint = "run: python -m docs.translations"
        assert again.read_text(encoding="utf-8") == file.read_text(encoding="utf-8"), hint
        assert again.with_suffix(".qm").read_bytes() == file.with_suffix(".qm").read_bytes(), hint


def test_english_says_one_of_each_thing_that_is_counted(qapp: QApplication) -> None:
    messages = list(ET.parse(FOLDER / f"{NAME}_en.ts").iter("message"))
    unfinished = [message.findtext("source") for message in messages if message.find("translation[@type]") is not None]
    assert unfinished == []
    before = set(qapp.findChildren(QTranslator))
    assert translate(qapp, QLocale("en_GB")) == "en"
    editor = Editor(draft(region(1, 24, 72)))
    assert ScriptDialog(editor).told.text() == "1 region waits for its line."
    for installed in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(installed)


def test_a_language_that_is_not_there_is_english_in_qts_dialogs_too(qapp: QApplication) -> None:
    before = set(qapp.findChildren(QTranslator))
    assert translate(qapp, QLocale("fr_FR")) == "en"
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "") == "Cancel"
    for installed in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(installed)


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_language(tmp_path_factory.mktemp("language"))


def test_the_window_is_in_the_language_that_is_spoken(
    qtbot: QtBot, qapp: QApplication, language: Path, tmp_path: Path
) -> None:
    with spoken(qapp, language):
        panel = made_panel(qtbot, tmp_path)
        panel.resize(1600, 1000)
        check(panel)
        opened(qtbot, panel, write_small_scene(tmp_path / "scene.otio"))
        panel.pile.show_takes(takes_of(panel.editor.draft))
        panel.editor.select((panel.editor.draft.regions[0].id,))
        qtbot.waitUntil(lambda: bool(panel.standing.states))
        panel.timeline.grab()
        engines = [
            panel.takes.sound.accessibleDescription(),
            panel.inspector.caption.text(),
            *panel.inspector.warning.text().splitlines(),
            *opened_notes(panel),
        ]
        recent = [button.text() for button in panel.first_page.recent]  # paths, shortened to fit
        check(
            panel,
            *engines,
            *recent,
            *PurePath(tmp_path).parts,
            "scene.otio",
            "Anna",
            "Ben",
            "close your eyes",
            "stay there",
        )
        panel.close()


def test_dialogs_are_in_the_language_that_is_spoken(
    qtbot: QtBot, qapp: QApplication, language: Path, tmp_path: Path
) -> None:
    editor = Editor(draft(region(1, 24, 72), region(2, 120, 168)))
    with spoken(qapp, language):
        panel = made_panel(qtbot, tmp_path)
        dialogs: list[QDialog] = [
            VoicesDialog(editor),
            ScriptDialog(editor),
            SuggestDialog(editor, register_table(), Suggestions(found=FOUND, notes=())),
            KeyMap(panel.commands, register_table()),
        ]
        for dialog in dialogs:
            qtbot.addWidget(dialog)
            dialog.show()
            check(dialog, "ANNA", "BEN", "MAN", "VOICE", "come closer, please")
            dialog.close()
        panel.close()


def opened_notes(panel: Panel) -> list[str]:
    """What the engine says of a timeline, below the window's own message."""
    return panel.message.text().splitlines()[1:]


def check(window: QWidget, *data: str) -> None:
    """That a window shows nothing in English but the words of the timeline, and clips nothing."""
    keys = {key for command in COMMANDS for key in command.keys}
    known = sorted({*data, *register_table().names, *keys, *QTS}, key=len, reverse=True)
    left = []
    for where, text in texts_of(window):
        text = re.sub(r" \((\w+\+)+\w+\)$", "", text)  # the keys of a button
        rest = re.sub(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", "", re.sub(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", "", text))
        for each in known:
            rest = rest.replace(each, "")
        if re.search(r"[A-Za-z]{3}", rest):
            left.append(f"{where}: {text}")
    assert not left, "\n".join(left)
    assert clipped_in(window) == []


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node) in THROUGH:
            yield node


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def untranslated(path: Path) -> Iterator[tuple[int, str]]:
    """Literals that read like words for a person, and are not on their way through the translation."""
    return _untranslated(ast.parse(path.read_text(encoding="utf-8")))


def _untranslated(node: ast.AST) -> Iterator[tuple[int, str]]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.Call) and name_of(child) in THROUGH:
                continue
            if isinstance(child, ast.Assert | ast.Raise) or (
                isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            ):
                continue  # errors, what is for who works on this, and docstrings
            if isinstance(child, ast.Constant) and isinstance(child.value, str) and _reads_like_words(child.value):
                yield child.lineno, child.value
            elif isinstance(child, ast.AST):
                yield from _untranslated(child)


def _reads_like_words(text: str) -> bool:
    if MARKUP.match(text) or text.strip().startswith(tuple(NOT_SHOWN)):
        return False
    keys = text.split()
    if keys and all(QKeySequence(key).toString() for key in keys):
        return False
    return bool(WORDS.search(text))
