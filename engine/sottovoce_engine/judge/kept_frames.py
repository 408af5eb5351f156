"""What is heard in a take, listened to once as long as its file stays as it is."""

from collections.abc import Callable
from pathlib import Path

from sottovoce_engine.judge.heard_frames import HeardFrames
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.media.kept import Array, kept_array
from sottovoce_engine.take import Take

FORMAT = 1


def kept_frames(
    take: Take, path: Path, thresholds: RegisterThresholds, folder: Path, listen: Callable[[], Array]
) -> HeardFrames:
    """What is heard in a take, as its judge hears it.

    Args:
        take: The take; what is held beside its region is not its own and counts as silence.
        path: Its media.
        thresholds: Of the judge.
        folder: Where it is kept; a damaged or missing record is made again.
        listen: Does so where nothing is kept: `[frames]` of `FrameKind`.

    Raises:
        InputError: The media are missing; and as `listen`.
    """
    own = take.job.own_samples
    told = f"frames {FORMAT} {own.start} {own.end} {thresholds}"
    return HeardFrames(kinds=kept_array(path, folder, told, 1, listen))
