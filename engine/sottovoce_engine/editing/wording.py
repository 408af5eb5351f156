"""What regions say and how: lines, registers, voices and all else that is not their place."""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Region, Voice, checked_region

_OF_PLACE = frozenset({"id", "span", "voice"})


def with_details(draft: Draft, ids: Collection[str], **details: Any) -> Draft:
    """The draft with fields of these regions changed: line, register, look, location, seed, picture, gain and so on.

    Raises:
        InputError: A value is out of range.
    """
    if wrong := details.keys() & _OF_PLACE:
        raise ValueError(f"{', '.join(sorted(wrong))}: changed by functions of their own")

    def changed(region: Region) -> Region:
        return checked_region(replace(region, **details)) if region.id in ids else region

    return draft.with_regions(tuple(changed(region) for region in draft.regions))


def with_voice(draft: Draft, ids: Collection[str], name: str) -> Draft:
    """The draft with these regions spoken by another voice.

    Raises:
        InputError: There is no voice of that name, or it already speaks under one of them.
    """
    _known(draft, name)
    others = [region.span for region in draft.regions if region.voice == name and region.id not in ids]
    given = [region for region in draft.regions if region.id in ids]
    spans = sorted(region.span for region in given)
    overlapping = any(after.start < before.end for before, after in itertools.pairwise(spans))
    for region in given:
        if overlapping or any(region.span.overlaps(span) for span in others):
            raise InputError(
                f"{name} would say two lines at once around frame {region.span.start}. Move or trim one of them first."
            )
    return draft.with_regions(
        tuple(replace(region, voice=name) if region.id in ids else region for region in draft.regions)
    )


def with_lines(draft: Draft, ids: Sequence[str], lines: Iterable[str]) -> Draft:
    """The draft with one line after the other given to these regions, as a script is read through."""
    given = dict(zip(ids, lines, strict=False))
    return draft.with_regions(
        tuple(replace(region, line=given[region.id]) if region.id in given else region for region in draft.regions)
    )


def with_voice_added(draft: Draft, voice: Voice) -> Draft:
    """The draft with another voice.

    Raises:
        InputError: It has no name, or the name is taken.
    """
    _check_name(draft, voice.name)
    return draft.with_voices((*draft.scene.voices, voice))


def with_voice_changed(draft: Draft, name: str, voice: Voice) -> Draft:
    """The draft with a voice renamed, or described otherwise, in all its regions.

    Raises:
        InputError: There is none of that name, or the new name is none or taken.
    """
    _known(draft, name)
    if voice.name != name:
        _check_name(draft, voice.name)
    voices = tuple(voice if other.name == name else other for other in draft.scene.voices)
    regions = tuple(replace(region, voice=voice.name) if region.voice == name else region for region in draft.regions)
    return draft.with_voices(voices).with_regions(regions)


def with_voice_removed(draft: Draft, name: str) -> Draft:
    """The draft without a voice that says nothing.

    Raises:
        InputError: It still has regions.
    """
    count = sum(region.voice == name for region in draft.regions)
    if count:
        raise InputError(f"{name} still has {count} regions. Give them to another voice, or delete them first.")
    return draft.with_voices(tuple(voice for voice in draft.scene.voices if voice.name != name))


def _known(draft: Draft, name: str) -> None:
    names = [voice.name for voice in draft.scene.voices]
    if name not in names:
        raise InputError(f"There is no voice '{name}'. Known: {', '.join(names) or 'none'}. Add it first.")


def _check_name(draft: Draft, name: str) -> None:
    if not name.strip():
        raise InputError("A voice needs a name. Write one, such as Anna.")
    if any(voice.name == name for voice in draft.scene.voices):
        raise InputError(f"There is a voice '{name}' already. Choose another name.")
