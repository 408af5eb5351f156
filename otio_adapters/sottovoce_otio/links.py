"""How media files are named in a timeline: absolute `file://` addresses, or relative ones beside the file."""

import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

_ABSOLUTE = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:|[\\/])")  # a scheme, a drive, or the root

UrlFor = Callable[[str | Path], str]


def absolute_url(path: str | Path) -> str:
    """The address of a local file, as RFC 3986 writes it."""
    folder, name = os.path.split(path)
    return f"{_folder_url(folder)}/{quote(name)}"


def url_relative_to(folder: Path) -> UrlFor:
    """Addresses relative to the folder a timeline is written to, so that all can be moved together.

    A file on another drive keeps its absolute address.
    """

    def url_for(path: str | Path) -> str:
        try:
            relative = os.path.relpath(path, folder)
        except ValueError:  # another drive on Windows
            return absolute_url(path)
        return quote(Path(relative).as_posix())

    return url_for


def is_relative(url: str) -> bool:
    """Whether an address counts from where the timeline lies."""
    return not _ABSOLUTE.match(url)


@lru_cache(maxsize=256)
def _folder_url(folder: str) -> str:
    """Takes lie in one folder by the thousand."""
    return Path(folder).absolute().as_uri().removesuffix("/")
