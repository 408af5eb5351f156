"""The joins of the open timeline, for the panel: as they would be spliced now, as they were measured last, and one of them heard."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sottovoce.last_splice import LastSplice, last_splice, record_state, still_spliced
from sottovoce.placed_now import PlacedNow, placed_now
from sottovoce.project import Project
from sottovoce_engine.join_wishes import JoinKey
from sottovoce_engine.progress import Job
from sottovoce_engine.splice.listened import Listened
from sottovoce_engine.splice.scene_joins import Ready, heard_join, scene_joins
from sottovoce_engine.splice.standing_figures import standing_figures
from sottovoce_engine.splice.values import HeardJoin, SpliceSettings
from sottovoce_ui.desk import SceneFiles, SceneJoins


class JoinsAtHand:
    """What was listened to and read of the last splice, kept while a timeline is open."""

    def __init__(self) -> None:
        self._listened = Listened()
        self._folder: TemporaryDirectory[str] | None = None  # of joins that were heard
        self._count = 0
        self._last: tuple[tuple[Path, int], LastSplice | None] | None = None

    def joins(self, project: Project, settings: SpliceSettings, job: Job) -> SceneJoins:
        """Every join, with its figures of the last splice.

        Raises:
            InputError: Media or takes are missing or unreadable.
            JobCancelled: Cancelling was asked for.
        """
        job.check()
        now, last = placed_now(project), self._last_splice(project.store_root)
        joins = scene_joins(_ready(now, project, settings), self._listened, job) if now.placed else ()
        shots = tuple(piece for piece in now.scene.pictures if piece.is_shot)
        if last is None:
            return SceneJoins(joins=joins, shots=shots)
        standing = standing_figures(joins, now.placed, last.spliced)
        return SceneJoins(
            joins=joins,
            figures=standing.figures,
            stale=standing.stale,
            files=_files(last),
            current=still_spliced(last, now.scene, now.placed, project.joins) is not None,
            shots=shots,
        )

    def heard(self, project: Project, settings: SpliceSettings, key: JoinKey, job: Job) -> HeardJoin:
        """One join as it would sound now, in a file that is gone once the timeline is closed.

        Raises:
            InputError: There is no such join, or media or takes are missing or unreadable.
            SetupError: The disk is full.
            JobCancelled: Cancelling was asked for.
        """
        job.step("sound", 0, 1)
        self._folder = self._folder or TemporaryDirectory(prefix="sottovoce-joins-", ignore_cleanup_errors=True)
        self._count += 1
        file = Path(self._folder.name) / f"join {self._count}.wav"
        ready = _ready(placed_now(project), project, settings)
        heard = heard_join(ready, key, project.reading.registers, file, self._listened, job)
        for older in file.parent.glob("*.wav"):
            if older not in (file, file.with_name(f"join {self._count - 1}.wav")):  # that one may be playing
                with suppress(OSError):
                    older.unlink()
        job.step("sound", 1, 1)
        return heard

    def close(self) -> None:
        """Removes what was heard."""
        if self._folder is not None:
            self._folder.cleanup()

    def _last_splice(self, store_root: Path) -> LastSplice | None:
        """The record of the last splice, read again only where it was written again."""
        state = record_state(store_root)
        if self._last is None or self._last[0] != state:
            self._last = state, last_splice(store_root)
        return self._last[1]


def _ready(now: PlacedNow, project: Project, settings: SpliceSettings) -> Ready:
    return Ready(scene=now.scene, placed=now.placed, settings=replace(settings, joins=project.joins))


def _files(last: LastSplice) -> SceneFiles | None:
    """What the last splice left behind, where it is still there."""
    if last.handed is None or not last.is_there:
        return None
    spliced = last.spliced
    return SceneFiles(
        movie=spliced.movie,
        timeline=last.handed.timeline,
        page=last.handed.page,
        report=last.handed.report,
        stems=(*(path for _, path in spliced.stems), spliced.tone_stem),
        mp4=spliced.mp4,
        bundle=last.handed.bundle,
    )
