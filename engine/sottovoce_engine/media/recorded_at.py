"""When a recording says that it begins: the time reference of a broadcast wave, or the timecode of a movie."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import opened_media, picture_stream, sound_stream
from sottovoce_engine.timing import frame_from_timecode, rate_from


def recorded_at(path: Path, rate: Fraction) -> Fraction | None:
    """Seconds from timecode 00:00:00:00 to the file's start; None where it does not say, or not in a usable way.

    Args:
        path: A sound or movie file.
        rate: Frames a second of a timecode in a file without a picture.

    Source: EBU Tech 3285, TimeReference; QuickTime timecode tracks.

    Raises:
        InputError: The file cannot be read.
    """
    with opened_media(path) as container:
        sound, picture = sound_stream(container), picture_stream(container)
        texts = dict(_lowered(container.metadata))
        for stream in container.streams:
            texts = dict(_lowered(stream.metadata)) | texts
        reference = texts.get("time_reference", "")
        if sound is not None and sound.codec_context.sample_rate and reference.isdecimal() and len(reference) < 20:
            return Fraction(int(reference), sound.codec_context.sample_rate)
        if picture is not None and picture.average_rate:
            rate = rate_from(Fraction(picture.average_rate))
    if "timecode" not in texts:
        return None
    try:
        return frame_from_timecode(texts["timecode"], rate) / rate
    except InputError:  # of another rate: it cannot say where the recording lies in this scene
        return None


def _lowered(metadata: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((name.lower(), value) for name, value in metadata.items())
