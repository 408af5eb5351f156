"""What a launcher brings back: the newest timeline that was made from the one it handed over."""

from pathlib import Path

from sottovoce.exports import exports
from sottovoce.project import store_root_of
from sottovoce_engine.errors import InputError


def newest_result(timeline: Path) -> Path:
    """The .otio that was written last from `timeline` as it is now.

    Raises:
        InputError: The timeline is not there, or nothing was made from it since it was written.
    """
    try:
        handed_over = timeline.stat().st_mtime_ns
    except OSError as error:
        raise InputError(
            f"'{timeline}' cannot be read: {error.strerror}. Hand it over from the editor first."
        ) from error
    made = [path for path in exports(store_root_of(timeline)) if path.suffix.lower() == ".otio" and path.exists()]
    if not made:
        raise InputError(
            f"Nothing was made from '{timeline.name}' yet. Render it: sottovoce render '{timeline}' -o DIR"
        )
    if made[-1].stat().st_mtime_ns < handed_over:
        raise InputError(
            f"The last result, '{made[-1]}', is older than '{timeline.name}': the editor handed that over again since. "
            "Render once more."
        )
    return made[-1]
