"""Looking at a picture file that a take may start from: whether it moves, and what tells it from others."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import opened_media, picture_stream
from sottovoce_engine.media.looking import content_of, remembered
from sottovoce_engine.media.probe import MediaInfo, PictureInfo, probe
from sottovoce_engine.starts import FootageLook

_BITS = 8  # that the model sees


def footage_look(path: Path | str) -> FootageLook:
    """What has to be known of the file. Asked again for a file that has not changed, the answer is remembered.

    Raises:
        InputError: The file is missing, damaged, or holds no picture.
    """
    return _looked_at(path)


@remembered
def _looked_at(path: Path, size: int) -> FootageLook:
    if _is_still(path):
        return FootageLook(still=True, content=content_of(path, size))
    info = probe(path)
    assert info.picture is not None
    return FootageLook(
        still=False,
        content=content_of(path, size),
        seconds=_seconds(info, info.picture),
        unlike=tuple(_unlike(info.picture)),
    )


def _seconds(info: MediaInfo, picture: PictureInfo) -> Fraction | None:
    """How long its picture lasts; of one with sound the container may only say when the longer of both ends."""
    if picture.frames is not None and not picture.variable_rate:
        return picture.frames / picture.rate
    return info.seconds if info.sound is None and info.seconds > 0 else None


def _unlike(picture: PictureInfo) -> Iterator[str]:
    if picture.interlaced:
        yield "interlaced"
    if picture.variable_rate:
        yield "of a variable frame rate"
    if picture.rotation:
        yield f"turned by {picture.rotation}°"
    if picture.hdr:
        yield f"HDR ({picture.hdr})"
    elif picture.bits > _BITS:
        yield f"{picture.bits} bit"


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
