"""Brings the translations up to the texts in the code, and makes what the panel reads of them.

python -m docs.translations            those that are there
python -m docs.translations de         and a new one, into German: translate its .ts with Qt Linguist, then run this again

English has a file, too, of what is counted alone: the code says "%n regions", and the file what one of them is.
"""

import subprocess
import sys
from pathlib import Path

import PySide6

from sottovoce_ui.translating import FOLDER, NAME

_SOURCES = FOLDER.parent
_TOOLS = Path(PySide6.__file__).parent


def gather(file: Path, language: str) -> None:
    """Writes all texts of the panel into a .ts; what is translated there stays."""
    sources = sorted(str(path) for path in _SOURCES.rglob("*.py"))
    options = ["-locations", "none", "-no-obsolete", "-source-language", "en", "-target-language", language]
    counted = ["-pluralonly"] if language == "en" else []
    _run("lupdate", *options, *counted, *sources, "-ts", str(file))


def compile_into(file: Path, compiled: Path) -> None:
    """Makes of a .ts what Qt reads."""
    _run("lrelease", str(file), "-qm", str(compiled))


def files() -> list[Path]:
    """The .ts of each language."""
    return sorted(FOLDER.glob(f"{NAME}_*.ts"))


def language_of(file: Path) -> str:
    """The language of a .ts, such as "de"."""
    return file.stem.removeprefix(f"{NAME}_")


def _run(tool: str, *arguments: str) -> None:
    subprocess.run([_TOOLS / tool, *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    for file in sorted({*files(), *(FOLDER / f"{NAME}_{language}.ts" for language in sys.argv[1:])}):
        gather(file, language_of(file))
        compile_into(file, file.with_suffix(".qm"))
