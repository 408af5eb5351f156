"""Plain tables for the terminal."""

import shutil
import unicodedata
from collections.abc import Sequence

GAP = "  "


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None = None) -> str:
    """The rows under their headings, columns aligned; the last column is shortened to fit the terminal.

    Args:
        headings: One per column.
        rows: Cells without line breaks.
        width: Characters in a line; None asks the terminal.
    """
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(_cells(line[column]) for line in lines) for column in range(len(headings))]
    room = (width or shutil.get_terminal_size((120, 24)).columns) - sum(widths[:-1]) - len(GAP) * (len(widths) - 1)
    return "\n".join(_line(line, widths, max(room, 16)) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int], room: int) -> str:
    padded = [cell + " " * (wanted - _cells(cell)) for cell, wanted in zip(cells[:-1], widths[:-1], strict=True)]
    return GAP.join([*padded, _shortened(cells[-1], room)]).rstrip()


def _shortened(text: str, room: int) -> str:
    if _cells(text) <= room:
        return text
    kept, used = "", 0
    for character in text:
        used += _cells(character)
        if used > room - 1:
            break
        kept += character
    return kept + "…"


def _cells(text: str) -> int:
    """Terminal cells: two for wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
