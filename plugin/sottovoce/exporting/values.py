"""What an export is made from, and what a format is.

    Export ──► Format.write(export, path, job) ──► file or folder, and what had to stay out

A format is one row of `formats.FORMATS`. What of a scene survives in it is measured, not claimed: see
`survival`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sottovoce_engine.progress import Job
from sottovoce_engine.ranking import Esteem
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.values import Spliced
from sottovoce_otio.plain import Plain
from sottovoce_otio.scene_timeline import scene_document
from sottovoce_otio.timeline import LoadedTimeline


class Links(StrEnum):
    """How media are named in files that can name them both ways."""

    ABSOLUTE = "absolute"  # the project stays where it is
    RELATIVE = "relative"  # timeline and media are moved together


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A spliced scene, and how it is wanted.

    `spliced.regions` hold the chosen takes as they lie, with paths and alternatives; a long region may lie
    there in parts (`1f0c9a42-1`, `1f0c9a42-2`), while `scene` has it whole.
    """

    name: str  # of the timeline
    loaded: LoadedTimeline  # the timeline as read
    scene: Scene  # as marked now
    spliced: Spliced
    registers: RegisterTable
    links: Links = Links.ABSOLUTE
    reel: str = ""  # of a film in reels; "": as its name says, if it does
    esteem: Mapping[str, Esteem] = field(default_factory=dict)  # what people said of takes, by key

    def document(self, folder: Path | None = None) -> Plain:
        """The new timeline as OTIO's JSON.

        Args:
            folder: Where it will lie, for links relative to it; None: absolute ones.
        """
        return scene_document(self.loaded, self.spliced, self.registers, scene=self.scene, relative_to=folder)


class Trait(StrEnum):
    """Something a scene has, that a format may lose."""

    RATE = "rate"
    START_TIMECODE = "start timecode"
    FRAMES = "frames of every clip"
    MEDIA = "media of every clip"
    TRACKS = "track names"
    DISSOLVES = "dissolves"
    GAINS = "gains of takes"
    FADES = "fades of takes"
    TAKES = "other takes"
    LINKED = "picture and sound linked"
    DISABLED = "original dialogue, disabled"
    TONE = "room tone"
    REGION_SPAN = "region: in and out"
    REGION_ID = "region: id"
    VOICE = "region: voice"
    REGISTER = "region: register"
    LINE = "region: line"
    CUE = "region: cue"
    LOOK = "region: look"
    NAME = "marker: name"
    COMMENT = "marker: comment"
    COLOUR = "marker: colour"
    METADATA = "metadata of others"


class Kept(StrEnum):
    """How much of a trait comes back when the file is read."""

    ALL = "kept"
    PARTLY = "partly"
    NONE = "lost"


Survival = Mapping[Trait, Kept]  # measured; traits that were not measured are missing

Write = Callable[[Export, Path, Job], tuple[str, ...]]
"""Writes an export to a path that is free; returns what had to stay out, one sentence each.

Raises:
    InputError, SetupError: The path cannot be written to, or media cannot be read.
    JobCancelled: Cancelling was asked for; nothing is left at the path.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to hand a scene over."""

    name: str  # as in `--to`
    suffix: str  # what the scene's name is followed by: ".otio", " review.mp4", " handover" for a folder
    hosts: tuple[str, ...]  # programs that read it
    about: str  # a few words
    survives: Survival
    write: Write
    hosts_drop: str = ""  # what programs are known to drop of what the file holds: read, not measured
    names_media: bool = False  # its file plays takes of the store, which must not be cleaned away while it is there


def without_effects(clips: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each clip, by name, that a format shows without its effects or its speed."""
    return tuple(f"The clip '{name}' is there without its effects or its speed." for name in dict.fromkeys(clips))
