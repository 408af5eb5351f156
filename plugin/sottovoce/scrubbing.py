"""Text without what is the person's own: places, names, and whatever stands in quotes.

before  2026-03-01 … WARNING … The media '/mnt/film/Don't look.mov' of anna cannot be read
after   2026-03-01 … WARNING … The media … of <user> cannot be read
"""

import contextlib
import getpass
import re
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import sottovoce
import sottovoce_engine

_INSTALLED = "<installed>"
_TRACEBACK_PLACE = re.compile(r'^\s*File "<installed>[^"]*", line \d+, in \S+$')
_QUOTES = "'\"`“”„‘’«»"
# From the first quote of a line to the last: a line of dialogue may hold apostrophes of its own.
_QUOTED = re.compile(f"[{_QUOTES}].*[{_QUOTES}]")
_END_OF_NAME = r"(?![\w-])"
_PLACE = re.compile(r"(?<![\w<])(?!<installed>)[^\s<>]*[/\\][^\s]*")
_FILE = re.compile(
    r"\S+\.(?:aiff?|avi|edl|flac|fountain|m4a|mkv|mov|mp[34]|mxf|otioz?|srt|toml|wav|xml)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateWords:
    """What is replaced wherever it stands, in this order."""

    folders: tuple[tuple[str, str], ...]  # (path, what it becomes), longest first
    names: tuple[tuple[str, str], ...]


def private_words() -> PrivateWords:
    """This machine's folders and names."""
    installed = {sys.prefix, sys.base_prefix}
    installed |= {str(Path(package.__path__[0]).parent) for package in (sottovoce, sottovoce_engine)}
    folders = dict.fromkeys(installed, _INSTALLED) | {str(Path.home()): "~"}
    names = {Path.home().name: "<user>", socket.gethostname(): "<host>"}
    with contextlib.suppress(OSError, KeyError):  # a user without a name, as in some containers
        names[getpass.getuser()] = "<user>"
    return PrivateWords(folders=_longest_first(folders), names=_longest_first(names))


def scrubbed_text(text: str, private: PrivateWords) -> str:
    """`text` of our own making, without this machine's folders and names."""
    for folder, becomes in private.folders:
        text = re.sub(re.escape(folder) + _END_OF_NAME, becomes, text)
    for name, becomes in private.names:
        text = re.sub(rf"(?<!\w){re.escape(name)}{_END_OF_NAME}", becomes, text)
    return text


def scrubbed_line(line: str, private: PrivateWords) -> str:
    """One line of a log, also without quotes, places and file names: it may hold what a library says."""
    line = scrubbed_text(line, private)
    if _TRACEBACK_PLACE.match(line):
        return line
    line = _QUOTED.sub("…", line)
    if (rest := re.search(f"[{_QUOTES}]", line)) is not None:  # opened and never closed
        line = f"{line[: rest.start()]}…"
    return _FILE.sub("<file>", _PLACE.sub("<path>", line))


def _longest_first(words: dict[str, str]) -> tuple[tuple[str, str], ...]:
    found = [(word, becomes) for word, becomes in words.items() if len(word) > 1]
    return tuple(sorted(found, key=lambda pair: len(pair[0]), reverse=True))
