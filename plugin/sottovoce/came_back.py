"""A timeline that comes back from an editor's program under another name: its takes and choices are brought to it.

night.otio, night.sv.otio, night.sottovoce/     where it came from: told by the takes it plays
out/night.xml  ──  the editor's program  ──►    night cut.otio
night cut.sv.otio, night cut.sottovoce/         the same choices, the same takes

A region whose mark the editor left alone while its take was moved or trimmed goes with its take. A take that plays in
place of the chosen one was picked by the editor.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sottovoce.last_splice import last_splice
from sottovoce_engine.choices import Choice
from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinWish
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Region, Scene, checked
from sottovoce_engine.splice.values import SplicedRegion
from sottovoce_engine.store import Store
from sottovoce_engine.take import Take
from sottovoce_engine.timing import Span, frame_at
from sottovoce_engine.travelling import bring_takes, moved_take, record_text
from sottovoce_otio.known_ids import with_known_ids
from sottovoce_otio.matching import matched
from sottovoce_otio.take_clips import TakeClip, take_clips
from sottovoce_otio.timeline import LoadedTimeline
from sottovoce_otio.working_copy import SUFFIX, read_working_copy, write_working_copy

STORE_SUFFIX = ".sottovoce"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Played:
    """A take on the timeline, and how it was handed out."""

    take: Take
    clip: TakeClip
    spliced: SplicedRegion | None  # of its region, as the last splice laid it

    @property
    def is_chosen_one(self) -> bool:
        return self.spliced is not None and self.spliced.placed.take.key == self.take.key

    @property
    def by(self) -> int:
        """Frames it was moved by; 0 where nobody knows."""
        if self.spliced is None or not self.is_chosen_one:
            return 0
        return self.clip.origin - self.spliced.start_frame


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """What a timeline that came back is worth; nothing of it is written yet."""

    origin: Path  # the store its takes lie in
    loaded: LoadedTimeline  # its regions where the editor put them, under the ids they had
    source_regions: tuple[Region, ...]  # as its marks have them
    choices: tuple[Choice, ...]
    takes: tuple[Take, ...]  # as they lie now
    settings: tuple[tuple[str, str], ...]  # of the last render
    joins: tuple[JoinWish, ...]


def came_back(loaded: LoadedTimeline, store_root: Path) -> CameBack | None:
    """What a timeline brings back that plays takes of another one; None where it plays none, or they are not there.

    Args:
        loaded: As read.
        store_root: Where its own takes would lie.

    Raises:
        InputError: What lies where it came from cannot be read.
    """
    clips = take_clips(loaded)
    origin = _origin_of(clips, store_root)
    working = None if origin is None else read_working_copy(origin.with_name(origin.stem + SUFFIX))
    if origin is None or working is None:
        return None
    with Store.opened(origin, writing=False) as there:
        takes = there.takes()
    played = _played(clips, takes, origin)
    before = {region.id: region for region in working.regions} | {
        region_id: each.spliced.placed.region for region_id, each in played.items() if each.spliced is not None
    }
    known = with_known_ids(loaded, _old_ids(loaded.scene, tuple(before.values()), played))
    moved = _with_regions(known.scene, _moved_regions(known.scene, before, played))
    return CameBack(
        origin=origin,
        loaded=replace(known, scene=moved),
        source_regions=known.scene.regions,
        choices=_picked(working.choices, played),
        takes=tuple(moved_take(take, before.get(take.job.region.id), _by(take, played)) for take in takes.values()),
        settings=working.settings,
        joins=working.joins,
    )


def bring_home(back: CameBack, store_root: Path, registers: RegisterTable) -> None:
    """Makes a project of it: a store with its takes, and a working copy, which says all from now on.

    Raises:
        InputError, SetupError: They cannot be written.
    """
    with Store.opened(back.origin, writing=False) as there, Store.opened(store_root) as here:
        judgements = there.judgements([take.key for take in back.takes], record_text)
        bring_takes(there, here, back.takes, judgements, Job())
        write_working_copy(
            back.loaded,
            registers,
            back.choices,
            source_regions=back.source_regions,
            settings=back.settings,
            joins=back.joins,
        )


def _origin_of(clips: Iterable[TakeClip], own: Path) -> Path | None:
    """The store that most of the takes on a timeline lie in; None where that is its own, or none is."""
    roots = [clip.media.parent.parent for clip in clips]
    known = [root for root in roots if root.suffix == STORE_SUFFIX and (root / "format.json").is_file()]
    most = max(known, key=known.count, default=None)
    return None if most is None or most.resolve() == own.resolve() else most


def _played(clips: Iterable[TakeClip], takes: Mapping[str, Take], origin: Path) -> dict[str, _Played]:
    """What plays for each region: the sound where both are there, of several pieces the longest."""
    by_media = {take.media: take for take in takes.values()}
    last = last_splice(origin)
    laid = {} if last is None else {region.placed.region.id: region for region in last.spliced.regions}
    found: dict[str, _Played] = {}
    for clip in sorted(clips, key=lambda clip: (clip.is_sound, clip.span.length)):
        take = by_media.get(clip.media.name)
        if take is not None:
            region_id = take.job.region.id
            found[region_id] = _Played(take=take, clip=clip, spliced=laid.get(region_id))
    return found


def _old_ids(scene: Scene, before: Sequence[Region], played: Mapping[str, _Played]) -> dict[str, str]:
    """The id each region had, by the one it has now: known by their words, else by their take, heard over most of them."""
    differences = matched(before, scene.regions)
    ids = dict(differences.old_ids)
    for region in differences.lost:
        new = _under_its_take(region, differences.new, played)
        if new is not None:
            ids.setdefault(new.id, region.id)
    return ids


def _under_its_take(region: Region, new: Sequence[Region], played: Mapping[str, _Played]) -> Region | None:
    """The region of the same voice that the take of a lost one is heard over, over more than half of it."""
    if region.id not in played:
        return None
    clip = played[region.id].clip.span
    heard = {
        each.id: common.length
        for each in new
        if each.voice.casefold() == region.voice.casefold() and (common := clip.common(each.span)) is not None
    }
    under = [each for each in new if 2 * heard.get(each.id, 0) > each.span.length]
    return max(under, key=lambda each: heard[each.id], default=None)


def _moved_regions(scene: Scene, before: Mapping[str, Region], played: Mapping[str, _Played]) -> tuple[Region, ...]:
    """The regions; those whose mark lies where it lay go where their take was moved, and end where it was cut."""
    return tuple(
        replace(region, span=_span(played[region.id], region.span, scene))
        if region.id in played and before.get(region.id, region).span == region.span
        else region
        for region in scene.regions
    )


def _span(played: _Played, span: Span, scene: Scene) -> Span:
    """Where the region of a take lies; fades may have been cut to the frame, so that one frame is no trim."""
    if played.spliced is None or not played.is_chosen_one:
        return span
    sound = played.spliced.sound
    laid = Span(frame_at(sound.start, scene.rate), frame_at(sound.end, scene.rate)).shifted(played.by)
    head, tail = played.clip.span.start - laid.start, laid.end - played.clip.span.end
    start = min(span.start + (head if head > 1 else 0), span.end - 1)
    end = max(span.end - (tail if tail > 1 else 0), start + 1)
    return Span(start, end).shifted(played.by).common(Span(0, scene.length_frames)) or span


def _with_regions(scene: Scene, regions: tuple[Region, ...]) -> Scene:
    """The scene with its regions moved; as it was where they would lie over each other."""
    moved = scene.with_regions(regions)
    try:
        return checked(moved)
    except InputError:
        return scene


def _by(take: Take, played: Mapping[str, _Played]) -> int:
    found = played.get(take.job.region.id)
    return 0 if found is None else found.by


def _picked(choices: Sequence[Choice], played: Mapping[str, _Played]) -> tuple[Choice, ...]:
    """The choices, with the takes that the editor put in place of the chosen ones."""
    return tuple(
        replace(choice, take_key=played[choice.region_id].take.key, picked=True, approved=False)
        if choice.region_id in played and played[choice.region_id].take.key != choice.take_key
        else choice
        for choice in choices
    )
