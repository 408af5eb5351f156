"""The application as the panel sees it: one timeline open at a time, and no other program writing beside it.

What only an open timeline needs is imported when one is opened: the window is there before that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from sottovoce.at_hand import AtHand
from sottovoce.folders import cache_folder, exchange_folder
from sottovoce.offline_media import offline_media
from sottovoce.reading import Reading, judge_from, plan_settings_from, splice_settings_from
from sottovoce.take_notes import said_now
from sottovoce.unsaved_changes import UnsavedChanges, told_unsaved
from sottovoce_engine.caption import caption_for
from sottovoce_engine.choices import Said
from sottovoce_engine.editing.changes import change_between, changed
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.journal import Recovered
from sottovoce_engine.media.lock import FolderLock
from sottovoce_engine.obstacles import waits
from sottovoce_engine.planned import Plan, PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.store import Store
from sottovoce_engine.take import Outcome
from sottovoce_otio.suffixes import SUFFIXES
from sottovoce_ui.desk import ExportFormat, FoundMedia, Opened, SceneFiles, SceneJoins, TakeFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sottovoce.deciding import Asked
    from sottovoce.project import Project
    from sottovoce_engine.estimating import RenderRate
    from sottovoce_engine.join_wishes import JoinKey
    from sottovoce_engine.judge.heard_frames import HeardFrames
    from sottovoce_engine.media.peaks import SoundPeaks
    from sottovoce_engine.splice.values import HeardJoin, SpliceSettings
    from sottovoce_engine.suggestions import Suggestions

_THUMBNAIL = 72  # pixels high: a row of pictures on a screen of twice as many pixels as ours


class SceneDesk:
    """Fits `sottovoce_ui.desk.Desk`."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._project: Project | None = None
        self._read: Draft | None = None  # the marks as they were read or last saved
        self._unsaved: UnsavedChanges | None = None
        self._at_hand = AtHand(reading)  # the lock, too
        self._read_only = ""  # why nothing can be written
        self._source_state: tuple[int, int] | None = None  # as it was read
        self._agreed: frozenset[Path] = frozenset()  # media that are missing, and that a person goes on without

    def suffixes(self) -> tuple[str, ...]:
        return SUFFIXES

    def example(self, job: Job) -> Path:
        from sottovoce.examples import write_example

        job.step("writing", 0, 1)
        return write_example("night", exchange_folder() / "example")

    def open(self, timeline: Path, job: Job) -> Opened:
        from sottovoce.project import read_project

        self.close()
        job.step("reading", 0, 1)
        project = read_project(timeline, self._reading)
        self._source_state = _state_of(project.source)
        self._read_only = self._hold(project)
        self._project, self._read = project, _draft_of(project)
        self._unsaved = None if self._read_only else UnsavedChanges(project.store_root)
        left = None if self._unsaved is None else self._unsaved.left_over(self._read)
        job.step("reading", 1, 1)
        return self._agreed_on(self._opened(left))

    def find_media(self, missing: Sequence[Path], folder: Path, job: Job) -> Mapping[Path, FoundMedia]:
        from sottovoce.relinking import find_media

        return find_media(self._open_project().loaded, missing, folder, job)

    def compare_media(self, missing: Path, file: Path, job: Job) -> FoundMedia:
        from sottovoce.relinking import compare_media

        job.check()
        return compare_media(self._open_project().loaded, missing, file)

    def relinked(self, files: Mapping[Path, Path], job: Job) -> Opened:
        from sottovoce.project import read_project

        before = self._open_project()
        job.step("reading", 0, 1)
        found = {**before.relinked, **{str(named): str(there) for named, there in files.items()}}
        self._project = read_project(before.source, self._reading, relinked=found)
        self._read = _draft_of(self._project)
        left = None if self._unsaved is None else self._unsaved.recover(wanted=True)
        opened = self._agreed_on(self._opened(left))
        if not self._read_only:
            self.save(opened.draft)
        return opened

    def close(self) -> None:
        if self._unsaved is not None:  # while nobody else may write there
            self._unsaved.close()
        self._at_hand.close()
        self._project = self._read = self._unsaved = None

    def note(self, draft: Draft, label: str) -> None:
        if self._unsaved is not None:
            digest = self._open_project().loaded.digest
            self._unsaved.note(draft, label, since=self._open_draft(), source_digest=digest)

    def sync(self) -> None:
        if self._unsaved is not None:
            self._unsaved.sync()

    def recover(self, wanted: bool) -> None:
        left = None if self._unsaved is None else self._unsaved.recover(wanted)
        if left is not None:
            self.note(left.draft(self._open_draft().scene), "Recover")

    def save(self, draft: Draft) -> None:
        project = replace(self._open_project(), deleted=tuple(sorted(draft.deleted)), joins=draft.joins)
        project.save(draft.choices, draft.scene)
        self._project, self._read = replace(project, choices=draft.choices, outdated_copy=None), draft
        if self._unsaved is not None:
            self._unsaved.end_saved()

    def changed_on_disk(self) -> bool:
        state = _state_of(self._open_project().source)
        return state is not None and state != self._source_state

    def reread(self, draft: Draft, job: Job) -> Opened:
        from sottovoce.project import read_project

        ours = change_between(self._open_draft(), draft, "")
        job.step("reading", 0, 1)
        before = self._open_project()
        self._source_state = _state_of(before.source)
        project = read_project(before.source, self._reading, relinked=before.relinked)
        self._project, self._read = project, _draft_of(project)
        opened = self._opened(None)
        return replace(opened, draft=changed(opened.draft, ours))

    def caption(self, draft: Draft, region_id: str) -> str:
        region = draft.scene.region(region_id)
        register = self._reading.registers.get(region.register)
        return caption_for(region, draft.scene.voice(region.voice), register)

    def plan(self, draft: Draft, settings: PlanSettings, job: Job) -> Plan:
        project = self._as_drafted(draft)
        job.check()
        return project.plan(settings, project.takes())

    def rate(self, renderer: str) -> "RenderRate":
        from sottovoce.render_times import render_times

        return render_times().rate(renderer)

    def takes(self, job: Job) -> Mapping[str, tuple[TakeFacts, ...]]:
        from sottovoce_engine.judge.judgement import (
            judgement_from_json,
        )  # here: a window is shown before this is needed

        found: dict[str, list[TakeFacts]] = {}
        with Store.opened(self._open_project().store_root, writing=False) as store:
            takes = store.takes()
            judgements = store.judgements(takes, judgement_from_json)
            for take in sorted(takes.values(), key=lambda take: (take.made, take.key)):
                job.check()
                facts = TakeFacts(take=take, path=store.path(take), judgement=judgements.get(take.key))
                found.setdefault(take.job.region.id, []).append(facts)
        return {region_id: tuple(facts) for region_id, facts in found.items()}

    def render(
        self, draft: Draft, settings: PlanSettings, job: Job, on_outcome: Callable[[Outcome], None]
    ) -> Mapping[str, str]:
        from sottovoce.deciding import decided_on, judging
        from sottovoce.render_times import render_timed

        project, asked = self._as_drafted(draft), self._asked_apart()
        with Store.opened(project.store_root) as store:
            plan = project.plan(settings, store.takes())
            with judging(asked, store, plan) as judged:
                worker = self._at_hand.worker(settings.renderer, store)
                rendered = render_timed(plan, worker, store, job, on_outcome, judged)
                return decided_on(project, asked, plan, store, job, judged, rendered.takes).choices

    def said(self, marks: frozenset[str], text: str | None, clear: bool) -> Said:
        return said_now(marks, text, None, clear=clear)

    def peaks(self, path: Path, job: Job) -> "SoundPeaks":
        from sottovoce_engine.media.peaks import kept_peaks

        return kept_peaks(path, cache_folder() / "peaks", job)

    def thumbnail(self, path: Path, at: Fraction, job: Job) -> "NDArray[np.uint8]":
        from sottovoce_engine.media.thumbnail import thumbnail_of

        job.step("pictures", 0, 1, about=path.name)
        return thumbnail_of(path, at, _THUMBNAIL)

    def frames(self, facts: TakeFacts, job: Job) -> "HeardFrames":
        return self._at_hand.judge().frames(facts.take, facts.path, cache_folder() / "frames", job)

    def add_recording(self, draft: Draft, region_id: str, file: Path, at: int | None, job: Job) -> TakeFacts:
        from sottovoce.pile import add_recording

        project = self._as_drafted(draft)
        added = add_recording(project, region_id, file, at, judge_from(self._reading.settings), job)
        with Store.opened(project.store_root, writing=False) as store:
            return TakeFacts(take=added.take, path=store.path(added.take), judgement=added.judgement)

    def suggested(self, draft: Draft, job: Job) -> "Suggestions":
        from sottovoce.suggesting_apart import suggestions_apart

        return suggestions_apart(draft.scene, draft.regions, self._reading, job)

    def splice(self, draft: Draft, folder: Path, job: Job) -> SceneFiles:
        from sottovoce.rendering import splice_scene

        settings = self._reading.settings
        scene = splice_scene(self._as_drafted(draft), plan_settings_from(settings), self._asked(draft, folder), job)
        return SceneFiles(
            movie=scene.spliced.movie,
            timeline=scene.files.timeline,
            page=scene.files.page,
            report=scene.files.report,
            stems=(*(path for _, path in scene.spliced.stems), scene.spliced.tone_stem),
            without=scene.without,
            mp4=scene.spliced.mp4,
            bundle=scene.files.bundle,
        )

    def joins(self, draft: Draft, job: Job) -> SceneJoins:
        return self._at_hand.joins().joins(self._as_drafted(draft), self._splice_settings(draft), job)

    def hear_join(self, draft: Draft, key: "JoinKey", job: Job) -> "HeardJoin":
        return self._at_hand.joins().heard(self._as_drafted(draft), self._splice_settings(draft), key, job)

    def formats(self) -> Sequence[ExportFormat]:
        from sottovoce.exporting.formats import FORMATS
        from sottovoce.exporting.survival import losses

        return [ExportFormat(name=each.name, about=each.about, lost=losses(each)) for each in FORMATS.values()]

    def export(self, draft: Draft, names: Sequence[str], folder: Path, job: Job) -> tuple[Path, ...]:
        from sottovoce.commands.export import written
        from sottovoce.exporting.current import current_export
        from sottovoce.exporting.formats import format_named
        from sottovoce.exporting.values import Links

        project, agreed = self._as_drafted(draft), self._is_agreed_on(draft)
        current = current_export(project, folder, Links.ABSOLUTE, job, offline_media=agreed)
        exported = written(current.export, [format_named(name) for name in names], folder, job)
        return tuple(each.path for each in exported)

    def _hold(self, project: "Project") -> str:
        """Keeps other programs from writing beside the timeline; says why that cannot be."""
        try:
            with Store.opened(project.store_root):
                pass  # made ready, and what was left half-written is swept
            self._at_hand.hold(FolderLock.held(project.store_root / "lock"))
        except (SetupError, InputError) as error:
            return str(error)
        return ""

    def _opened(self, left: Recovered | None) -> Opened:
        project, draft = self._open_project(), self._open_draft()
        return Opened(
            path=project.source,
            draft=draft,
            settings=plan_settings_from(self._reading.settings),
            read_only=self._read_only,
            unsaved=None if left is None else told_unsaved(left, draft.scene),
            differences=project.differences,
            offline=offline_media(draft.scene),
        )

    def _agreed_on(self, opened: Opened) -> Opened:
        """A timeline that is shown for the first time: whoever goes on with it goes on without what is missing there."""
        self._agreed = frozenset(each.path for each in opened.offline)
        return opened

    def _is_agreed_on(self, draft: Draft) -> bool:
        """Whether media are missing, and none that a person was not asked about."""
        if not self._agreed:
            return False
        missing = {each.path for each in offline_media(draft.scene)}
        return bool(missing) and missing <= self._agreed

    def _as_drafted(self, draft: Draft) -> "Project":
        """The project with the draft's marks and choices; regions that cannot be rendered as they are wait."""
        project = self._open_project()
        out = {region.id for region in draft.regions if waits(region, draft.scene)}
        waiting = tuple(region for region in draft.regions if region.id in out)
        ready = tuple(region for region in draft.regions if region.id not in out)
        loaded = replace(project.loaded, scene=draft.scene.with_regions(ready), unfinished=waiting)
        deleted = tuple(sorted(draft.deleted))
        return replace(project, loaded=loaded, choices=draft.choices, deleted=deleted, joins=draft.joins)

    def _asked(self, draft: Draft, folder: Path) -> "Asked":
        from sottovoce.deciding import Asked

        settings, splice = self._reading.settings, self._splice_settings(draft)
        return Asked(folder=folder, splice=splice, judge=judge_from(settings), strict=settings.strict)

    def _splice_settings(self, draft: Draft) -> "SpliceSettings":
        return replace(splice_settings_from(self._reading.settings), offline_media=self._is_agreed_on(draft))

    def _asked_apart(self) -> "Asked":
        """What is asked of a render; its judge works in another process unless it listens with a model, which lets go."""
        from sottovoce.deciding import Asked

        settings = self._reading.settings
        apart = settings.judge and not settings.speech_model
        judge = self._at_hand.judge() if apart else judge_from(settings)
        return Asked(folder=Path(), judge=judge, strict=settings.strict)

    def _open_project(self) -> "Project":
        assert self._project is not None, "nothing is open"
        return self._project

    def _open_draft(self) -> Draft:
        assert self._read is not None, "nothing is open"
        return self._read


def _state_of(source: Path) -> tuple[int, int] | None:
    """When a file was written and how long it is; None where it is being written this very moment, or gone."""
    try:
        state = source.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


def _draft_of(project: "Project") -> Draft:
    return Draft(
        scene=project.loaded.marked_scene,
        choices=project.choices,
        deleted=frozenset(project.deleted),
        joins=project.joins,
    )
