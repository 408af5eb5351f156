"""Looking at a picture file that a take may start from: whether it moves, and what tells it from others."""

import hashlib
from functools import lru_cache
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import opened_media, picture_stream, read_error
from sottovoce_engine.starts import FootageLook

_HASHED = 1 << 20  # bytes of each end: enough to tell files apart, and no wait on an hour of footage
_REMEMBERED = 4096


def footage_look(path: Path | str) -> FootageLook:
    """What has to be known of the file. Asked again for a file that has not changed, the answer is remembered.

    Raises:
        InputError: The file is missing, damaged, or holds no picture.
    """
    path = Path(path).absolute()
    try:
        status = path.stat()
        return _looked_at(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise read_error(path, error) from error


@lru_cache(maxsize=_REMEMBERED)
def _looked_at(path: Path, size: int, _changed: int) -> FootageLook:
    return FootageLook(still=_is_still(path), content=content_of(path, size))


def _is_still(path: Path) -> bool:
    """Whether there is only one frame. Containers do not say it reliably, so two are asked for."""
    with opened_media(path) as container:
        stream = picture_stream(container)
        if stream is None:
            raise InputError(f"{path} holds no picture. Relink the clip to a file with one.")
        frames = container.decode(stream)
        if next(frames, None) is None:
            raise InputError(f"{path} ends before its first frame. Export it again.")
        return next(frames, None) is None


def content_of(path: Path, size: int) -> str:
    """A hash of the file's size and both its ends: the same for the same file under another name.

    Raises:
        OSError: It cannot be read.
    """
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_HASHED))
        file.seek(max(0, size - _HASHED))
        digest.update(file.read(_HASHED))
    return digest.hexdigest()[:32]
