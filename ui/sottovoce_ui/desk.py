"""What the panel asks of the application. The panel itself knows no files, no OTIO, no renderers.

Calls with a `Job` may take long and run outside the window's thread. So do those that write down what was changed (`note`,
`sync`, `recover`, `save`) and `changed_on_disk`, one at a time, in the order they are asked for. The others answer at once.
All raise `SottovoceError` with a message for the person.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sottovoce_engine.choices import Said
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.estimating import RenderRate
from sottovoce_engine.planned import Plan, PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.scene import PicturePiece
from sottovoce_engine.take import Outcome, Take

if TYPE_CHECKING:  # a window is shown before anything is judged or spliced
    import numpy as np
    from numpy.typing import NDArray

    from sottovoce_engine.join_wishes import JoinKey
    from sottovoce_engine.judge.heard_frames import HeardFrames
    from sottovoce_engine.judge.judgement import Judgement
    from sottovoce_engine.media.peaks import SoundPeaks
    from sottovoce_engine.splice.values import HeardJoin, JoinFigures, SceneJoin
    from sottovoce_engine.suggestions import Suggestions


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaved:
    """What an earlier session left in its journal."""

    draft: Draft  # after its last change
    labels: tuple[str, ...]  # of its changes, in order
    when: str  # ISO 8601: since when nothing was saved
    whole: bool  # False: changes after these could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """A media file that the timeline names and that is not there."""

    path: Path
    clips: tuple[str, ...]  # names of the clips that use it


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMedia:
    """What was found for a missing file."""

    path: Path | None  # None: nothing that is surely the same
    told: str = ""  # why nothing is, or how what a person chose differs from what the timeline says


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A timeline as the panel shows it."""

    path: Path
    draft: Draft
    settings: PlanSettings  # of a render where nothing else is asked for
    read_only: str = ""  # why nothing can be changed; "": it can
    unsaved: Unsaved | None = None
    differences: tuple[str, ...] = ()  # how the source differs from what was saved
    offline: tuple[Offline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFacts:
    """A take, where it lies, and what the judge says of it."""

    take: Take
    path: Path
    judgement: "Judgement | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneFiles:
    """What a splice left behind."""

    movie: Path
    timeline: Path
    page: Path  # the report to look at
    report: Path  # the same for programs
    stems: tuple[Path, ...] = ()
    without: tuple[str, ...] = ()  # ids of regions that have no usable take
    mp4: Path | None = None
    bundle: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneJoins:
    """The joins of a scene as a splice would make them now, in order, and what the last splice measured there."""

    joins: tuple["SceneJoin", ...]
    figures: Mapping["JoinKey", "JoinFigures"] = field(default_factory=dict)
    stale: frozenset["JoinKey"] = frozenset()  # joins whose figures are of another cut, take or room tone
    files: SceneFiles | None = None  # of the last splice, where it is still there
    current: bool = False  # whether a splice now would make the same scene
    shots: tuple[PicturePiece, ...] = ()  # rendered for several regions, and shown over them


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """A format that the scene can be written in."""

    name: str
    about: str
    lost: tuple[str, ...]  # what will not survive there, one sentence each


class Desk(Protocol):
    """The application as the panel sees it: one open timeline at a time."""

    def suffixes(self) -> tuple[str, ...]:
        """What the names of files end in that can be opened, in lower case."""
        ...

    def example(self, job: Job) -> Path:
        """The example scene, written where the person's timelines lie if it is not there yet."""
        ...

    def open(self, timeline: Path, job: Job) -> Opened:
        """Reads a timeline and what lies beside it, and becomes its one writer where it can."""
        ...

    def find_media(self, missing: Sequence[Path], folder: Path, job: Job) -> Mapping[Path, FoundMedia]:
        """Looks below a folder for files that are surely the missing ones: of their name, length and timecode."""
        ...

    def compare_media(self, missing: Path, file: Path, job: Job) -> FoundMedia:
        """A file that a person chose for a missing one, with how it differs from what the timeline says.

        Raises:
            InputError: It cannot be played.
        """
        ...

    def relinked(self, files: Mapping[Path, Path], job: Job) -> Opened:
        """The open timeline with media found elsewhere: by the path it names, the path that is there.

        It is kept beside the timeline, which is not written.
        """
        ...

    def close(self) -> None:
        """Lets the timeline go; where changes were not saved, their journal stays."""
        ...

    def note(self, draft: Draft, label: str) -> None:
        """Writes a change into the journal."""
        ...

    def sync(self) -> None:
        """Brings what was noted to the disk, so that it outlives the machine's power, too."""
        ...

    def recover(self, wanted: bool) -> None:
        """Says whether an earlier session's changes are gone on from; else its journal is put aside."""
        ...

    def save(self, draft: Draft) -> None:
        """Writes marks and choices into the working copy beside the source; the journal is needed no more."""
        ...

    def changed_on_disk(self) -> bool:
        """Whether the source is another one than was read."""
        ...

    def reread(self, draft: Draft, job: Job) -> Opened:
        """The source as it is now, with all that the draft changed."""
        ...

    def caption(self, draft: Draft, region_id: str) -> str:
        """The caption of a region, exactly as it would be sent."""
        ...

    def plan(self, draft: Draft, settings: PlanSettings, job: Job) -> Plan:
        """What a render would do; regions that cannot be rendered as they are are left out."""
        ...

    def rate(self, renderer: str) -> RenderRate:
        """How long a renderer takes on this machine."""
        ...

    def takes(self, job: Job) -> Mapping[str, tuple[TakeFacts, ...]]:
        """All takes that are not deleted, by region id, the oldest first."""
        ...

    def render(
        self, draft: Draft, settings: PlanSettings, job: Job, on_outcome: Callable[[Outcome], None]
    ) -> Mapping[str, str]:
        """Renders and judges what the settings ask for; returns the take chosen for each region, by region id."""
        ...

    def said(self, marks: frozenset[str], text: str | None, clear: bool) -> Said:
        """What the person at the desk says of a take now; `clear`: what was said before goes."""
        ...

    def peaks(self, path: Path, job: Job) -> "SoundPeaks":
        """The peaks of a sound file, for its waveform."""
        ...

    def thumbnail(self, path: Path, at: Fraction, job: Job) -> "NDArray[np.uint8]":
        """`[height, width, 3]` RGB: what a file shows `at` seconds after its first frame, small."""
        ...

    def frames(self, facts: TakeFacts, job: Job) -> "HeardFrames":
        """What is heard in a take every 10 ms, as its judge hears it."""
        ...

    def add_recording(self, draft: Draft, region_id: str, file: Path, at: int | None, job: Job) -> TakeFacts:
        """Makes a recording a take of a region; `at` is the scene frame of its first sample."""
        ...

    def suggested(self, draft: Draft, job: Job) -> "Suggestions":
        """Regions for what is said in the timeline's dialogue and not marked in the draft."""
        ...

    def splice(self, draft: Draft, folder: Path, job: Job) -> SceneFiles:
        """Splices the chosen takes into `folder`."""
        ...

    def joins(self, draft: Draft, job: Job) -> SceneJoins:
        """The joins as a splice would make them now; nothing is spliced."""
        ...

    def hear_join(self, draft: Draft, key: "JoinKey", job: Job) -> "HeardJoin":
        """One join as it would sound now, in a file that stays until another two were heard."""
        ...

    def formats(self) -> Sequence[ExportFormat]:
        """The formats there are."""
        ...

    def export(self, draft: Draft, names: Sequence[str], folder: Path, job: Job) -> tuple[Path, ...]:
        """Writes the scene in these formats."""
        ...
