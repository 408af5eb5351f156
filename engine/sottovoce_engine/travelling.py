"""Takes that go along to the store of a new cut. Their media are the same files under two names where the disk can do that.

cut 1.sottovoce/media/3f….mov  ◄── one file ──►  cut 2 conformed.sottovoce/media/3f….mov
"""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.durable import moved_into_place
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.scene import Region
from sottovoce_engine.store import Store
from sottovoce_engine.take import Take, take_start


def record_text(record: bytes, source: str) -> str:
    """A judgement's record as it is kept, looked at only for whether it is whole.

    Raises:
        InputError: It is not; the judgement is made anew where it is asked for.
    """
    try:
        text = record.decode("utf-8")
        json.loads(text)
    except ValueError as error:
        raise InputError(f"{source} is damaged: {error}. It is made anew.") from error
    return text


def moved_take(take: Take, region: Region | None, by: int) -> Take:
    """A take as it lies once its region lies `by` frames later than `region`.

    Where the region was moved since the take was rendered, the take was moved with it; from now on it counts as rendered
    for where it lies, so that a trim of the region leaves it there.
    """
    if region is None or take.job.region.span.length != region.span.length:
        return replace(take, moved_frames=take.moved_frames + by)
    return replace(take, moved_frames=take_start(take, region) - take.job.window.start + by)


def bring_takes(origin: Store, target: Store, takes: Iterable[Take], judgements: Mapping[str, str], job: Job) -> None:
    """Brings takes, their media and what was judged of them into another store, which keeps what it has.

    Args:
        origin: Where they lie now.
        target: Open for writing.
        takes: As they are to stand there.
        judgements: The records of judgements, by take key.
        job: Media on another disk are copied.

    Raises:
        InputError, SetupError: The disk does not take them.
        JobCancelled: Cancelling was asked for.
    """
    wanted = list(takes)
    for done, take in enumerate(wanted):
        job.step("bringing takes along", done, len(wanted))
        for name in take.files:
            if origin.media.has(name):  # latents may have been cleaned
                _bring(name, origin.media, target.media)
        target.add(take)
        if take.key in judgements:
            target.add_judgement(take.key, judgements[take.key])


def _bring(name: str, origin: MediaFolder, target: MediaFolder) -> None:
    """The same file under both folders, or its copy."""
    if target.has(name):
        return
    try:
        os.link(origin.path(name), target.path(name))
    except OSError:  # another disk, or one that knows no links
        with target.staged(name.rpartition(".")[2]) as staged:
            try:
                shutil.copyfile(origin.path(name), staged)
                moved_into_place(staged, target.path(name), "media")
            except OSError as error:
                raise write_error(target.path(name), error) from error
