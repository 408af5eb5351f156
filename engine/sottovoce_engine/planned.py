"""What a plan holds: every region, why it is or is not rendered, and the jobs that would."""

from dataclasses import dataclass
from enum import StrEnum

from sottovoce_engine.contexts import check_context_seconds
from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import MAX_SEED, PictureMode, Region, Scene
from sottovoce_engine.shots import PlannedShot
from sottovoce_engine.starts import ANEW, OVERLAPS, PictureStart
from sottovoce_engine.take import Gating, RenderJob, Take
from sottovoce_engine.windows import DEFAULT_HANDLE_FRAMES, MIN_HANDLE_FRAMES

MAX_GATING_EDGE_MS = 1_000


class RegionState(StrEnum):
    """Whether a region needs rendering."""

    NEW = "new"  # no take yet
    PINNED = "pinned"  # its chosen take still says what the mark says, and reaches over the region
    STALE = "stale"  # line, voice, register, look, or what its picture starts from changed since the chosen take
    OUTGROWN = "outgrown"  # the region reaches beyond its chosen take, or the scene's rate or picture changed


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """What the person asked for."""

    renderer: str = "scratch"
    takes: int = 1
    seed: int = 1
    handle_frames: int = DEFAULT_HANDLE_FRAMES
    overlap_frames: int = OVERLAPS[-1]  # model frames a take shares with the one it continues from
    picture: PictureMode | None = None  # of regions that do not say their own; None: lock over a picture, else cut
    shot_seed: int | None = None  # of the pictures that regions share; None: those there are, whichever seed they have
    only: tuple[str, ...] = ()  # region ids; empty: all
    again: bool = False  # render regions whose chosen take is still good, too, from the next free seed
    register_gating: bool = False  # neighbours of several registers in one window
    gating_edge_ms: int = 80  # over which one line's part of it gives way to the next
    gating_leak: float = 0.0  # from 0 to 1: how much of its own words' weight another line's words have
    context_seconds: float = 0.0  # of the dialogue on either side of a region that its take is held to

    def __post_init__(self) -> None:
        if not 1 <= self.takes <= 100:
            raise InputError(f"{self.takes} takes were asked for. Ask for 1 to 100.")
        if not 0 <= self.seed <= MAX_SEED:
            raise InputError(f"The seed is {self.seed}. Give a whole number from 0 to {MAX_SEED}.")
        if self.shot_seed is not None and not 0 <= self.shot_seed <= MAX_SEED:
            raise InputError(f"The shots' seed is {self.shot_seed}. Give a whole number from 0 to {MAX_SEED}.")
        if not MIN_HANDLE_FRAMES <= self.handle_frames <= 240:
            raise InputError(
                f"Handles of {self.handle_frames} frames were asked for. Give {MIN_HANDLE_FRAMES} to 240: joins need "
                "material on both sides."
            )
        if not 0 <= self.gating_edge_ms <= MAX_GATING_EDGE_MS:
            raise InputError(
                f"A gating edge of {self.gating_edge_ms} ms was asked for. Give 0 to {MAX_GATING_EDGE_MS}: it lies between "
                "two lines."
            )
        if not 0.0 <= self.gating_leak <= 1.0:
            raise InputError(
                f"A gating leak of {self.gating_leak:g} was asked for. Give 0 (a line's words act on it alone) to 1."
            )
        check_context_seconds(self.context_seconds)
        if self.overlap_frames not in OVERLAPS:
            raise InputError(
                f"An overlap of {self.overlap_frames} frames was asked for. A picture continues from "
                f"{' or '.join(map(str, OVERLAPS))}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRegion:
    """One region, why it is or is not rendered, and the jobs that would."""

    region: Region
    state: RegionState
    picture: PictureMode
    caption: str
    content: str  # key of what is asked
    chosen: Take | None
    jobs: tuple[RenderJob, ...]
    start: PictureStart = ANEW
    notes: tuple[str, ...] = ()
    gating: Gating | None = None  # the window it would be sampled in with its neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every region of the scene in order. `scene` holds the regions as planned: long ones in parts."""

    scene: Scene
    settings: PlanSettings
    regions: tuple[PlannedRegion, ...]
    shots: tuple[PlannedShot, ...] = ()

    @property
    def jobs(self) -> tuple[RenderJob, ...]:
        """All jobs: shots, then first takes of all regions before second ones, so that a scene is complete early."""
        shots = (shot.job for shot in self.shots if shot.wanted)
        rounds = max((len(planned.jobs) for planned in self.regions), default=0)
        takes = (
            planned.jobs[index] for index in range(rounds) for planned in self.regions if index < len(planned.jobs)
        )
        return (*shots, *takes)
