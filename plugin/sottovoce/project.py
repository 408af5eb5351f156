"""A timeline with all that Sottovoce keeps beside it.

night.otio          the editor's; only read
night.sv.otio       working copy: marks in full, the chosen takes
night.sottovoce/    the store
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from sottovoce.came_back import STORE_SUFFIX, CameBack, bring_home, came_back
from sottovoce.edited_marks import with_edits
from sottovoce.reading import Reading
from sottovoce_engine import session
from sottovoce_engine.choices import Choice, with_chosen
from sottovoce_engine.errors import InputError, SottovoceError
from sottovoce_engine.join_wishes import JoinWish
from sottovoce_engine.judge.outcome import outcome_in
from sottovoce_engine.plan import Plan, PlanSettings
from sottovoce_engine.ranking import Esteem, Opinions, Standing
from sottovoce_engine.renderers.socket import fingerprint_of
from sottovoce_engine.scene import PictureMode, Region, Scene
from sottovoce_engine.store import Store
from sottovoce_engine.take import Take
from sottovoce_otio.known_ids import with_known_ids
from sottovoce_otio.matching import matched
from sottovoce_otio.suffixes import LINE_SUFFIXES, NAMING_SUFFIXES
from sottovoce_otio.timeline import LoadedTimeline, ReadOptions, read_timeline
from sottovoce_otio.working_copy import (
    SUFFIX,
    choices_for,
    joins_for,
    kept_copy,
    kept_name,
    read_working_copy,
    working_copy_path,
    write_working_copy,
)

MOST_REMARKS = 12
_PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What was read from disk; nothing here is written back by itself."""

    source: Path
    loaded: LoadedTimeline
    reading: Reading
    source_regions: tuple[Region, ...]  # as the source has them; the scene's may have been edited in the panel
    choices: tuple[Choice, ...]
    deleted: tuple[str, ...]  # keys of takes that are not shown any more
    last_render: tuple[tuple[str, str], ...]  # (setting, value), for the person to read in the working copy
    kept: frozenset[str]  # keys of takes that are never cleaned away
    relinked: Mapping[str, str]  # media found elsewhere: by the path that the source names
    differences: tuple[str, ...]  # how the source differs from what the working copy was made from
    joins: tuple[JoinWish, ...] = ()  # what is asked of them
    outdated_copy: Path | None = None  # the working copy, where it was made from another state of the source
    borrowed: Path | None = None  # the store of the timeline it came from, which is only read

    @property
    def scene(self) -> Scene:
        return self.loaded.scene

    @property
    def name(self) -> str:
        return self.source.stem

    @property
    def store_root(self) -> Path:
        return store_root_of(self.source)

    @property
    def takes_root(self) -> Path:
        """The store to read takes from: its own, or that of the timeline it came from."""
        return self.borrowed or self.store_root

    @property
    def picture(self) -> PictureMode | None:
        """The mode of regions that do not say theirs: as asked for now, else as they were rendered last; None by footage."""
        last = dict(self.last_render).get(_PICTURE, "")
        asked = self.reading.picture or last
        return PictureMode(asked) if asked in list(PictureMode) else None

    @property
    def chosen(self) -> Mapping[str, str]:
        """The key of the chosen take of each region that has one, by region id."""
        return {choice.region_id: choice.take_key for choice in self.choices if choice.take_key}

    def takes(self) -> dict[str, Take]:
        """The store's takes by key, without becoming its writer; none where there is no store yet."""
        with Store.opened(self.takes_root, writing=False) as store:
            return store.takes()

    def judged(self) -> dict[str, str]:
        """What the judge last said of the chosen take of each region that has one, in a few words, by region id."""
        with Store.opened(self.takes_root, writing=False) as store:
            found = store.judgements(self.chosen.values(), outcome_in)
        strict = self.reading.settings.strict
        return {region_id: found[key].words(strict=strict) for region_id, key in self.chosen.items() if key in found}

    def plan(self, settings: PlanSettings, takes: Mapping[str, Take], chosen: Mapping[str, str] | None = None) -> Plan:
        """What a render would do; `chosen` replaces the choices noted, by region id.

        Raises:
            InputError: The renderer, a register or a region cannot be used as asked.
        """
        fingerprint = fingerprint_of(settings.renderer)
        if settings.picture is None:
            settings = replace(settings, picture=self.picture)
        choices = self.chosen if chosen is None else chosen
        plan = session.planned(self.scene, self.reading.registers, settings, takes, choices, fingerprint)
        return session.with_shots(plan, takes, Store(self.takes_root, writing=False).path)

    def opinions(self, standings: Mapping[str, Standing]) -> Opinions:
        """What people noted on takes, with what was measured on them; a deleted take is never chosen."""
        notes = [note for choice in self.choices for note in choice.notes]
        esteem = {note.take_key: note.esteem for note in notes} | dict.fromkeys(self.deleted, Esteem.REJECTED)
        return Opinions(
            standings=standings,
            esteem=esteem,
            picked=frozenset(
                choice.take_key for choice in self.choices if choice.take_key and (choice.picked or choice.approved)
            ),
        )

    def save_choices(self, chosen: Mapping[str, str], settings: PlanSettings | None = None) -> None:
        """Writes the working copy with these takes chosen, and a render's settings; all else that was noted stays.

        Raises:
            InputError, SetupError: It cannot be written beside the source.
        """
        noted = self.last_render
        if settings is not None:
            noted = (("renderer", settings.renderer), ("takes", str(settings.takes)), ("seed", str(settings.seed)))
            noted += () if self.picture is None else ((_PICTURE, str(self.picture)),)
        replace(self, last_render=noted).save(with_chosen(self.choices, chosen))

    def save(self, choices: tuple[Choice, ...], scene: Scene | None = None) -> None:
        """Writes the working copy with these choices; one of another state of the source is kept in the store's folder.

        Args:
            choices: All there are.
            scene: The marks, where they were edited since reading, those without a line among them.

        Raises:
            InputError, SetupError: It cannot be written beside the source.
        """
        if self.outdated_copy is not None:
            kept_copy(self.outdated_copy, self.store_root / "earlier")
        write_working_copy(
            self.loaded,
            self.reading.registers,
            choices,
            scene=scene,
            source_regions=self.source_regions,
            settings=self.last_render,
            deleted=self.deleted,
            relinked=tuple(sorted(self.relinked.items())),
            joins=self.joins,
        )

    def headline(self) -> str:
        """One line on the timeline."""
        scene = self.scene
        seconds = float(scene.length_frames / scene.rate)
        return (
            f"{self.source.name}: {float(scene.rate):.5g} fps{' drop-frame' if scene.drop_frame else ''}, "
            f"{seconds:.1f} s, {scene.raster}, {len(scene.regions)} regions, {len(scene.voices)} voices"
        )

    def remarks(self) -> list[str]:
        """What the person should know about how the timeline was read, after an empty line."""
        remarks = [f"note: {remark}" for remark in (*self.scene.notes, *self.differences)]
        if len(remarks) > MOST_REMARKS:
            remarks[MOST_REMARKS:] = [f"and {len(remarks) - MOST_REMARKS} more notes; --json lists all"]
        return ["", *remarks] if remarks else []


class Bundled(StrEnum):
    """What happens to media inside an .otioz."""

    PACKED = "packed"  # stays there: enough to list regions
    FOR_NOW = "for now"  # unpacked to a temporary folder
    KEPT = "kept"  # unpacked into the store's folder, where the new timeline finds it


def read_project(
    timeline: Path,
    reading: Reading,
    bundled: Bundled = Bundled.KEPT,
    *,
    bring: bool = True,
    relinked: Mapping[str, str] | None = None,
) -> Project:
    """Reads a timeline and what lies beside it.

    A timeline that plays takes of another one, as it comes back from an editor's program, gets a working copy and those
    takes where media are kept, else they are read where they lie. Without `bring` it is read like any other.

    Marks come from the working copy as long as the source is what it was made from. A source that changed
    since is read again, its regions are matched with those that were there, and what was edited in the copy is kept.

    Media that are missing are taken from where the copy, and `relinked`, say that they are now.

    Raises:
        InputError: The timeline or its working copy cannot be read.
    """
    project = _read(timeline, reading, bundled, relinked or {})
    if not bring or working_copy_path(project.source).exists():
        return project
    try:
        back = came_back(project.loaded, project.store_root)
        if back is not None and bundled is Bundled.KEPT:
            bring_home(back, project.store_root, reading.registers)
            project = _read(timeline, reading, bundled, relinked or {})
    except SottovoceError as error:
        return replace(project, differences=(f"The takes it plays stay where they are: {error}",))
    return project if back is None else _with_takes_of(back, project, bundled)


def _with_takes_of(back: CameBack, project: Project, bundled: Bundled) -> Project:
    """The project with what came back: brought home, or read where it lies."""
    said = f"{len(back.takes)} takes of '{back.origin.stem}' and their choices came along with it"
    if bundled is Bundled.KEPT:
        return replace(project, differences=(said, *project.differences))
    return replace(
        project, loaded=back.loaded, choices=back.choices, joins=back.joins, borrowed=back.origin, differences=(said,)
    )


def _read(timeline: Path, reading: Reading, bundled: Bundled, relinked: Mapping[str, str]) -> Project:
    """What lies there, as it is."""
    source = _source_of(timeline)
    working_path = working_copy_path(source)
    working = read_working_copy(working_path)
    found = {**dict(working.relinked if working is not None else ()), **relinked}
    options = _read_options(source, reading, bundled, found)
    # The copy of a bundle would not find the media inside it.
    current = source.suffix.lower() != ".otioz" and working is not None and working.source_digest == _digest(source)
    of_copy = replace(options, rate=None, unpack_media=False)
    loaded = read_timeline(working_path if current else source, reading.registers, of_copy if current else options)
    _check_rate(reading, loaded, source)
    source_regions = loaded.scene.regions
    choices: tuple[Choice, ...] = ()
    joins: tuple[JoinWish, ...] = ()
    differences: tuple[str, ...] = ()
    if working is not None and current:
        loaded = replace(loaded, path=source, digest=working.source_digest)
        source_regions, choices, joins = working.regions, working.choices, working.joins
    elif working is not None:
        loaded = with_known_ids(loaded, matched(working.regions, loaded.scene.regions).old_ids)
        source_regions = loaded.scene.regions
        choices, changed = choices_for(working, loaded.scene)
        joins = joins_for(working, changed.new_ids)
        edited = read_timeline(working_path, reading.registers, of_copy)
        loaded, remarks = with_edits(loaded, edited, working)
        loaded = replace(loaded, scene=replace(loaded.scene, anchors=edited.scene.anchors))
        differences = (*changed.sentences(), *remarks)
    return Project(
        source=source,
        loaded=loaded,
        reading=reading,
        source_regions=source_regions,
        choices=choices,
        joins=joins,
        deleted=working.deleted if working is not None else (),
        last_render=working.settings if working is not None else (),
        kept=working.kept if working is not None else frozenset(),
        relinked=found,
        outdated_copy=working_path if working is not None and not current else None,
        differences=differences,
    )


def _source_of(timeline: Path) -> Path:
    """The timeline itself, also where its working copy is named."""
    if not timeline.name.endswith(SUFFIX):
        return timeline
    name = timeline.name.removesuffix(SUFFIX)
    source = timeline.with_name(name if name.lower().endswith(NAMING_SUFFIXES) else name + ".otio")
    if not source.exists():
        raise InputError(
            f"'{timeline}' is the working copy of '{source.name}', which is not beside it. Put the timeline back, or "
            "rename the copy to a name of its own to go on from it."
        )
    return source


def _check_rate(reading: Reading, loaded: LoadedTimeline, source: Path) -> None:
    """Refuses a rate that was asked for and cannot be: a timeline has its own, and a working copy keeps its."""
    rate = loaded.scene.rate
    if reading.rate not in (None, rate):
        where = f"; '{working_copy_path(source).name}' keeps it" if source.suffix.lower() in LINE_SUFFIXES else ""
        raise InputError(f"'{source.name}' runs at {float(rate):.5g} frames a second{where}. Leave --rate off.")


def _digest(path: Path) -> str:
    """SHA-256 of a file; "" where it cannot be read, which reading it will explain."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _read_options(source: Path, reading: Reading, bundled: Bundled, relinked: Mapping[str, str]) -> ReadOptions:
    return ReadOptions(
        voices=reading.voices,
        dialogue_tracks=reading.dialogue_tracks,
        drop_frame=reading.drop_frame,
        timeline=reading.timeline,
        rate=reading.rate,
        encoding=reading.encoding,
        cache_folder=store_root_of(source) / "unpacked" if bundled is Bundled.KEPT else None,
        unpack_media=bundled is not Bundled.PACKED,
        relinked=relinked,
    )


def store_root_of(source: Path) -> Path:
    """The folder of a timeline's takes, whether it is there or not."""
    return source.with_name(f"{kept_name(source)}{STORE_SUFFIX}")
