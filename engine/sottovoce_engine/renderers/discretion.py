"""Keeps what is spoken out of the log: libraries and programs print what they were given, whole or in part."""

import re
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_SEVERAL = re.compile(r"…(?:\s*…)+")
_RUN = 3  # words in a row that give a line away
_MIN_CHARACTERS = 4  # shorter lines, such as "No.", give nothing away and are everywhere


class Discretion:
    """Knows some texts, and hides every run of three words of theirs, also cut short or quoted anew."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        private = {text for text in texts if len(text.strip()) >= _MIN_CHARACTERS}
        self._whole = sorted(private, key=len, reverse=True)  # also scripts that are written without spaces
        self._runs = {run for text in private for run in _runs_of(text)}

    def applied_to(self, text: str) -> str:
        """`text` with "…" for what is private in it."""
        for whole in self._whole:
            text = text.replace(whole, "…")
        words = list(_WORD.finditer(text))
        for index in sorted(self._private_indexes([word[0].casefold() for word in words]), reverse=True):
            text = f"{text[: words[index].start()]}…{text[words[index].end() :]}"
        return _SEVERAL.sub("…", text)

    def _private_indexes(self, words: list[str]) -> set[int]:
        return {
            index + offset
            for size in range(1, _RUN + 1)
            for index in range(len(words) - size + 1)
            if tuple(words[index : index + size]) in self._runs
            for offset in range(size)
        }


def _runs_of(text: str) -> Iterator[tuple[str, ...]]:
    words = [word[0].casefold() for word in _WORD.finditer(text)]
    size = min(_RUN, len(words))
    if size:
        yield from (tuple(words[index : index + size]) for index in range(len(words) - size + 1))
