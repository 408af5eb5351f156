"""Opening media files, and putting what goes wrong with them into words a person can act on.

FFmpeg is loaded with the first file that is opened: a window is shown before that.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from sottovoce_engine.errors import InputError, SetupError, SottovoceError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

# FFmpeg also takes playlists, scripts and plain text for movies. A media file is never a reason to open another file,
# let alone an address, so only formats that hold their own picture and sound are let in.
_FORMATS = (
    "aac ac3 aiff amr ape apng asf au avi caf dsf dts dv eac3 flac flv gif gxf h264 hevc image2 ivf m4v matroska mjpeg mov "
    "mp3 mpeg mpegts mpegvideo mxf nut obu ogg rm tta w64 wav wtv wv yuv4mpegpipe bmp_pipe dpx_pipe exr_pipe j2k_pipe "
    "jpeg_pipe jpegxl_pipe pam_pipe pgm_pipe png_pipe ppm_pipe psd_pipe sgi_pipe tiff_pipe webp_pipe"
)
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _FORMATS.replace(" ", ",")}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_SUCH_PLACE = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG}


@contextmanager
def opened_media(path: Path | str) -> Iterator["InputContainer"]:
    """The media file, open for reading.

    Raises:
        InputError: It is missing, may not be read, or is no media file; also when the body finds
            damage while decoding.
    """
    import av
    from av.error import FFmpegError

    path = Path(path)
    try:
        # Cameras and old programs write tags in any encoding; none of them is read here.
        with av.open(f"file:{path}", options=_OPTIONS, metadata_errors="replace") as container:
            yield container
    except (FFmpegError, OSError) as error:
        raise read_error(path, error) from error


def read_error(path: Path, error: Exception) -> InputError:
    """What to say when reading `path` failed."""
    if isinstance(error, FileNotFoundError):
        return InputError(f"{path} does not exist. Relink the clip, or put the file back.")
    if isinstance(error, IsADirectoryError):
        return InputError(f"{path} is a folder, not a media file. Relink the clip to a file.")
    if isinstance(error, PermissionError):
        return InputError(f"{path} may not be read: {_reason(error)}. Change its permissions.")
    return InputError(
        f"{path} cannot be read as sound or picture: {_reason(error)}. Relink the clip to a media file, or export it again."
    )


def write_error(path: Path, error: Exception) -> SottovoceError:
    """What to say when writing `path` failed."""
    code = getattr(error, "errno", None)
    if code in _FULL:
        return SetupError(
            f"{path} could not be written: no space left for it. Free some space on that disk, or choose another folder."
        )
    if code in _FORBIDDEN:
        return InputError(
            f"{path} may not be written: {_reason(error)}. Choose another folder, or change its permissions."
        )
    if code in _NO_SUCH_PLACE:
        return InputError(f"{path} cannot be written there: {_reason(error)}. Choose another folder or a shorter name.")
    return SetupError(f"{path} could not be written: {_reason(error)}. Check the disk, or choose another folder.")


def picture_stream(container: "InputContainer") -> "VideoStream | None":
    """The file's picture: the first video stream that can be decoded and is no cover image."""
    from av.stream import Disposition

    for stream in container.streams.video:
        if _is_known(stream) and not stream.disposition & Disposition.attached_pic:
            return stream
    return None


def sound_stream(container: "InputContainer") -> "AudioStream | None":
    """The file's sound: its first audio stream that can be decoded."""
    return next((stream for stream in container.streams.audio if _is_known(stream)), None)


def _is_known(stream: "VideoStream | AudioStream") -> bool:
    # Phones add sound of a format of their own beside the common one; its codec context is None, whatever its type says.
    return stream.codec_context is not None


def read_only(stream: "VideoStream | AudioStream") -> None:
    """Leaves the file's other streams on the disk: a movie's sound is a hundredth of its bytes."""
    from av.stream import Discard

    for other in stream.container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def stream_start(stream: "VideoStream | AudioStream") -> Fraction:
    """Seconds at which the stream starts on the file's own clock."""
    return (stream.start_time or 0) * (stream.time_base or Fraction(1))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
