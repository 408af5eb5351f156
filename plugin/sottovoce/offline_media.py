"""Media that a timeline names and that are not where it says, and the same timeline with them found elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from sottovoce_engine.scene import BLACK, MediaRange, Scene
from sottovoce_ui.desk import Offline


def offline_media(scene: Scene) -> tuple[Offline, ...]:
    """Files that are missing, in the order of their first clip. What a clip leaves unnamed is not among them."""
    clips: dict[str, dict[str, None]] = {}
    for path, clip in _named(scene):
        clips.setdefault(path, {})[clip] = None
    return tuple(
        Offline(path=Path(path), clips=tuple(names)) for path, names in clips.items() if not Path(path).is_file()
    )


def relinked(scene: Scene, files: Mapping[Path, Path]) -> Scene:
    """The scene with media found elsewhere: by the path it names, the path that is there."""
    found = {str(named): str(there) for named, there in files.items()}

    def source(media: MediaRange) -> MediaRange:
        return replace(media, path=found[media.path]) if media.path in found else media

    return replace(
        scene,
        pictures=tuple(
            replace(
                piece,
                source=source(piece.source),
                dissolve_from=None if piece.dissolve_from is None else source(piece.dissolve_from),
            )
            for piece in scene.pictures
        ),
        sounds=tuple(replace(piece, source=source(piece.source)) for piece in scene.sounds),
        tones=tuple(replace(tone, source=source(tone.source)) for tone in scene.tones),
    )


def _named(scene: Scene) -> Iterator[tuple[str, str]]:
    for picture in scene.pictures:
        for source in (picture.source, picture.dissolve_from):
            if source is not None and source.path not in ("", BLACK.path):
                yield source.path, picture.clip
    for sound in scene.sounds:
        if sound.source.path:
            yield sound.source.path, sound.clip
