"""What sets one draft apart from another: small enough to be written down at every step."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sottovoce_engine.choices import Choice
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.join_wishes import JoinKey, JoinWish
from sottovoce_engine.scene import Region, Voice

K = TypeVar("K", str, JoinKey)
T = TypeVar("T", Region, Choice, JoinWish)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From one draft to the next."""

    label: str
    regions: tuple[Region, ...] = ()  # new ones and those that are otherwise now
    removed: tuple[str, ...] = ()  # ids of regions
    choices: tuple[Choice, ...] = ()  # likewise
    forgotten: tuple[str, ...] = ()  # ids of regions nothing is chosen for or said of any more
    voices: tuple[Voice, ...] | None = None  # all of them, where any changed
    deleted: tuple[str, ...] | None = None  # all keys of deleted takes, where any changed
    joins: tuple[JoinWish, ...] = ()  # as regions
    unasked: tuple[JoinKey, ...] = ()  # joins that nothing is asked of any more

    @property
    def is_empty(self) -> bool:
        sets = (self.regions, self.removed, self.choices, self.forgotten, self.joins, self.unasked)
        return not any(sets) and self.voices is None and self.deleted is None


def change_between(before: Draft, after: Draft, label: str) -> Change:
    """What makes `after` of `before`."""
    regions, removed = _apart(_by_id(before.regions), _by_id(after.regions))
    choices, forgotten = _apart(_by_region(before.choices), _by_region(after.choices))
    joins, unasked = _apart(_by_key(before.joins), _by_key(after.joins))
    return Change(
        label=label,
        regions=regions,
        removed=removed,
        choices=choices,
        forgotten=forgotten,
        voices=None if after.scene.voices == before.scene.voices else after.scene.voices,
        deleted=None if after.deleted == before.deleted else tuple(sorted(after.deleted)),
        joins=joins,
        unasked=unasked,
    )


def changed(draft: Draft, change: Change) -> Draft:
    """The draft after a change; regions and choices that it does not name stay as they are."""
    regions = _with(_by_id(draft.regions), _by_id(change.regions), change.removed)
    choices = _with(_by_region(draft.choices), _by_region(change.choices), change.forgotten)
    joins = _with(_by_key(draft.joins), _by_key(change.joins), change.unasked)
    scene = draft.scene if change.voices is None else draft.with_voices(change.voices).scene
    return Draft(
        scene=scene.with_regions(regions),
        choices=choices,
        deleted=draft.deleted if change.deleted is None else frozenset(change.deleted),
        joins=tuple(sorted(joins, key=lambda wish: wish.key)),
    )


def _by_id(regions: Iterable[Region]) -> dict[str, Region]:
    return {region.id: region for region in regions}


def _by_region(choices: Iterable[Choice]) -> dict[str, Choice]:
    return {choice.region_id: choice for choice in choices}


def _by_key(joins: Iterable[JoinWish]) -> dict[JoinKey, JoinWish]:
    return {wish.key: wish for wish in joins}


def _apart(before: Mapping[K, T], after: Mapping[K, T]) -> tuple[tuple[T, ...], tuple[K, ...]]:
    if before is after:
        return (), ()
    there = tuple(value for key, value in after.items() if before.get(key) is not value and before.get(key) != value)
    return there, tuple(key for key in before if key not in after)


def _with(before: Mapping[K, T], there: Mapping[K, T], gone: Iterable[Hashable]) -> tuple[T, ...]:
    without = set(gone)
    return tuple(value for key, value in {**before, **there}.items() if key not in without)
