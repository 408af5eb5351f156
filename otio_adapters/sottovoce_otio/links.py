"""How media files are named in a timeline: absolute `file://` addresses, or relative ones beside the file."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from urllib.request import url2pathname

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


def local_path(url: str, root: Path) -> Path | None:
    """The local file that an address names, relative ones from `root`; None for http and the like."""
    parsed = urlsplit(url)
    if parsed.scheme not in ("", "file") or not parsed.path:
        return None
    # Without a scheme, what follows "?" or "#" belongs to the name: nobody sends queries to a file.
    return root / url2pathname(parsed.path if parsed.scheme else quote(unquote(url)))
