"""Media that the timeline names and the disk does not have."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import BLACK, Scene
from sottovoce_engine.splice.values import SpliceSettings
from sottovoce_engine.take import PlacedTake


def check_media(scene: Scene, settings: SpliceSettings) -> frozenset[str]:
    """The paths that are missing, "" among them where a clip names none: they become black and silence.

    Raises:
        InputError: Media are missing and `settings.offline_media` is off; the message names them all.
    """
    missing = frozenset(path for path in {path for path, _ in _named(scene)} if not path or not Path(path).is_file())
    if missing and not settings.offline_media:
        raise InputError(
            f"The timeline's media are missing: {', '.join(_told(scene, missing))}. Relink them or put the files back, or "
            "ask for black and silence in their place with --offline-media."
        )
    return missing


def offline_notes(scene: Scene, missing: frozenset[str]) -> tuple[str, ...]:
    """One note for each missing file."""
    return tuple(f"{told} is missing: black and silence in its place" for told in _told(scene, missing))


def check_takes(scene: Scene, placed: Sequence[PlacedTake]) -> None:
    """Makes sure that every take can be laid into this scene.

    Raises:
        InputError: A take's file is gone, or was rendered for another frame rate.
    """
    gone = [take for take in placed if not Path(take.path).is_file()]
    if gone:
        listing = ", ".join(f"{take.region.id} ({take.path})" for take in gone)
        raise InputError(f"The takes of these regions are missing: {listing}. Render them again.")
    for take in placed:
        if take.take.job.rate != scene.rate:
            raise InputError(
                f"The take of region '{take.region.id}' was rendered at {float(take.take.job.rate):g} frames a second "
                f"and the scene runs at {float(scene.rate):g}. Render it again."
            )


def _named(scene: Scene) -> Iterator[tuple[str, str]]:
    """Every path the timeline needs, with the clip that names it."""
    for picture in scene.pictures:
        for source in (picture.source, picture.dissolve_from):
            if source is not None and source != BLACK:
                yield source.path, picture.clip
    for sound in scene.sounds:
        yield sound.source.path, sound.clip
    for tone in scene.tones:
        yield tone.source.path, f"room tone {tone.location}".strip()


def _told(scene: Scene, missing: frozenset[str]) -> list[str]:
    """The missing files by path, and by clip where it names none."""
    return sorted({path or f"clip '{clip}', which names no file" for path, clip in _named(scene) if path in missing})
