r"""The local file a clip plays: from its media reference to a path.

file:///footage/a%20b.mov      absolute, percent-encoded; also file://localhost/…, file:///C:/…
C:\\footage\\a.mov               absolute, on Windows
media/a.mov                    beside the timeline, or inside the bundle
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote

from sottovoce_otio.bundles import Bundle
from sottovoce_otio.layout import Placed, Plain, media_reference_of, schema_of
from sottovoce_otio.times import seconds

_DRIVE = re.compile(r"^/?[A-Za-z]:[\\/]")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")


@dataclass(slots=True, kw_only=True)
class MediaFinder:
    """Finds the file behind each media reference of one timeline, and keeps notes on those it cannot find.

    What lies in a bundle is unpacked when it is first asked for.
    """

    root: Path  # relative addresses start here
    bundle: Bundle | None = None
    cache: Path | None = None  # where a bundle's media are unpacked to; None: they are not
    relinked: Mapping[str, str] = field(default_factory=dict)  # paths of missing media, and where the files are now
    notes: dict[str, None] = field(default_factory=dict)  # in order, each once
    _found: dict[str, str] = field(default_factory=dict)

    def path(self, clip: Placed) -> str | None:
        """The absolute path of the media a clip plays.

        "" where the timeline names none that a file could be; None where what it names is made by the
        host, such as a title or bars, and plays nothing from a file.
        """
        reference = media_reference_of(clip.item)
        schema = None if reference is None else schema_of(reference)
        if reference is not None and schema == "ExternalReference":
            return self._of_url(reference.get("target_url") or "", clip)
        if reference is not None and schema == "GeneratorReference":
            kind = reference.get("generator_kind")
            self._note(f"the {clip} is made by the editor's own program ({kind}) and is left out")
            return None
        if schema == "ImageSequenceReference":
            self._note(f"the {clip} plays an image sequence, which is not read; make a movie of it")
        else:
            self._note(f"the {clip} has no media; it counts as black and silent")
        return ""

    def _of_url(self, url: str, clip: Placed) -> str:
        if url not in self._found:
            self._found[url] = self._looked_up(url, clip)
        return self._found[url]

    def _looked_up(self, url: str, clip: Placed) -> str:
        if self.bundle is not None:
            member = _member(url, self.bundle)
            if member is not None:
                return str(self.bundle.unpacked(member, self.cache)) if self.cache else str(self.root / member)
        path = local_path(url, self.root)
        if path is None:
            self._note(f"the {clip} plays '{url}', which is no local file; it counts as black and silent")
            return ""
        if not _is_there(path) and _is_there(Path(self.relinked.get(str(path), ""))):
            return self.relinked[str(path)]
        if not _is_there(path):
            self._note(f"the {clip} plays '{path}', which is missing; relink it, or put the file there")
        return str(path)

    def _note(self, text: str) -> None:
        self.notes[text] = None


def media_start(clip: Placed) -> Fraction:
    """Where the clip's media file starts on the clock that the clip's source range counts in, in seconds."""
    reference = media_reference_of(clip.item)
    found = None if reference is None else reference.get("available_range")
    return Fraction(0) if found is None else seconds(found["start_time"], str(clip))


def file_named_by(clip: Plain) -> str:
    """The name of the file that a clip plays, however its address is written; "" where it names none."""
    return _file_name((media_reference_of(clip) or {}).get("target_url") or "")


def local_path(url: str, root: Path) -> Path | None:
    """The absolute path that an address names; None where it names nothing on this machine.

    Addresses that are not percent-encoded though they should be are understood, where such a file is there.
    """
    if not url.strip() or "\0" in url:
        return None
    if _DRIVE.match(url):
        return Path(url.lstrip("/"))
    if not _SCHEME.match(url):
        return _first_there(root, url)
    scheme, _, path = url.partition(":")
    if scheme.lower() != "file" or not path:
        return None
    host = ""
    if path.startswith("//"):
        host, slash, path = path[2:].partition("/")
        path = slash + path
    if _DRIVE.match(host + "/"):
        return Path(unquote(host + path))
    if _DRIVE.match(path):
        return Path(unquote(path).lstrip("/"))
    if host.lower() in ("", "localhost"):
        return _first_there(root, path, decoded_first=True) if path else None
    if host in (".", ".."):
        return _first_there(root, host + path, decoded_first=True)
    return Path(unquote(f"//{host}{path}"))


@lru_cache(maxsize=2**14)
def _file_name(url: str) -> str:
    return PureWindowsPath(unquote(url.partition("?")[0])).name


def _first_there(root: Path, path: str, *, decoded_first: bool = False) -> Path:
    """`path` under `root`, as written or percent-decoded, whichever is there; a decoded address where neither is."""
    written, decoded = root / path, root / unquote(path)
    first, second = (decoded, written) if decoded_first else (written, decoded)
    return first if _is_there(first) or not _is_there(second) else second


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name no system can hold
        return False


def _member(url: str, bundle: Bundle) -> str | None:
    """The member of a bundle that an address names."""
    if _SCHEME.match(url) or url.startswith(("/", "\\")):
        return None
    for candidate in (url, unquote(url)):
        name = str(PurePosixPath(candidate.replace("\\", "/")))
        if name in bundle.sizes:
            return name
    return None
