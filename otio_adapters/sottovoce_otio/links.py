"""How media files are named in a timeline: absolute `file://` addresses, or relative ones beside the file."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

UrlFor = Callable[[Path], str]


def absolute_url(path: Path) -> str:
    """The address of a local file, as RFC 3986 writes it."""
    return path.absolute().as_uri()


def url_relative_to(folder: Path) -> UrlFor:
    """Addresses relative to the folder a timeline is written to, so that all can be moved together.

    A file on another drive keeps its absolute address.
    """

    def url_for(path: Path) -> str:
        try:
            relative = os.path.relpath(path.absolute(), folder.absolute())
        except ValueError:  # another drive on Windows
            return absolute_url(path)
        return quote(Path(relative).as_posix())

    return url_for
