"""`--anchor`: the sound that takes of a voice are held to, as a person names it.

ANNA=anna.wav@12.5-15     a stretch of a file, in seconds
ANNA=3f9a04c1             a take, by as much of its key as is unique
ANNA=none                 not held any more
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from sottovoce.project import Project
from sottovoce_engine.contexts import Unusable
from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.held_sounds import anchor_sound
from sottovoce_engine.scene import MediaRange, VoiceAnchor
from sottovoce_engine.take import Take

NONE = "none"

_STRETCH = re.compile(r"(?P<path>.+)@(?P<start>\d+(?:\.\d+)?)-(?P<end>\d+(?:\.\d+)?)?")
_KEY = re.compile(r"[0-9a-f]{4,64}")


def with_anchors(project: Project, asked: Sequence[str]) -> Project:
    """The project with these anchors beside those its timeline has; they are kept with the working copy.

    Raises:
        InputError: No voice has that name, or it cannot be held to that sound.
    """
    if not asked:
        return project
    scene, takes = project.scene, project.takes()
    anchors = {anchor.voice: anchor for anchor in scene.anchors}
    for text in asked:
        voice, named = _parted(text, [voice.name for voice in scene.voices])
        if named == NONE:
            anchors.pop(voice, None)
            continue
        anchors[voice] = anchor_named(voice, named, takes)
        sound = anchor_sound(anchors[voice], takes)
        if isinstance(sound, Unusable):
            raise InputError(f"The voice {voice} is not held: {sound.reason.rstrip('.')}.")
    scene = replace(scene, anchors=tuple(anchors.values()))
    return replace(project, loaded=replace(project.loaded, scene=scene))


def anchor_named(voice: str, named: str, takes: Mapping[str, Take]) -> VoiceAnchor:
    """The anchor that a file, a stretch of one or a take's key names.

    Raises:
        InputError: It names neither, or several takes.
    """
    stretch = None if Path(named).is_file() else _STRETCH.fullmatch(named)
    path = Path(stretch["path"] if stretch else named).expanduser()
    if path.is_file():
        start = Fraction(stretch["start"]) if stretch else Fraction(0)
        seconds = Fraction(stretch["end"]) - start if stretch and stretch["end"] else None
        if seconds is not None and seconds <= 0:
            raise InputError(
                f"The anchor '{named}' ends before it starts. Write FILE@IN-OUT in seconds: {path}@12.5-15."
            )
        return VoiceAnchor(voice=voice, source=MediaRange(path=str(path.absolute()), start=start), seconds=seconds)
    found = [key for key in takes if key.startswith(named)] if _KEY.fullmatch(named) else []
    if len(found) == 1:
        return VoiceAnchor(voice=voice, take=found[0])
    if found:
        raise InputError(f"The anchor '{named}' is the beginning of {len(found)} takes' keys. Write more of it.")
    raise InputError(
        f"The anchor '{named}' of {voice} is neither a file nor a take. Write a file, a stretch of one as "
        "FILE@IN-OUT in seconds, a take's key (sottovoce take list), or none."
    )


def _parted(text: str, voices: Sequence[str]) -> tuple[str, str]:
    """The voice's own name, and what it is to be held to."""
    name, equals, named = text.partition("=")
    if not (name.strip() and equals and named.strip()):
        raise InputError(
            f"The anchor '{text}' cannot be read. Write NAME=FILE, NAME=FILE@IN-OUT or NAME=TAKE, such as "
            "'Ben=ben.wav@12.5-15'."
        )
    known = {voice.casefold(): voice for voice in voices}
    found = known.get(name.strip().casefold())
    if found is None:
        raise InputError(f"No voice is called '{name.strip()}'. {nearest(name.strip(), list(voices))}")
    return found, named.strip()
