"""Media that a timeline names and that are not where it says."""

from collections.abc import Iterator
from pathlib import Path

from sottovoce_engine.scene import BLACK, Scene
from sottovoce_ui.desk import Offline


def offline_media(scene: Scene) -> tuple[Offline, ...]:
    """Files that are missing, in the order of their first clip. What a clip leaves unnamed is not among them."""
    clips: dict[str, dict[str, None]] = {}
    for path, clip in _named(scene):
        clips.setdefault(path, {}).update({clip: None} if clip else {})
    return tuple(
        Offline(path=Path(path), clips=tuple(names)) for path, names in clips.items() if not Path(path).is_file()
    )


def _named(scene: Scene) -> Iterator[tuple[str, str]]:
    for picture in scene.pictures:
        named = (
            (picture.source, picture.clip),
            (picture.dissolve_from, ""),
        )  # the clip that goes out has its own piece
        for source, clip in named:
            if source is not None and source.path not in ("", BLACK.path):
                yield source.path, clip
    for sound in scene.sounds:
        if sound.source.path:
            yield sound.source.path, sound.clip
