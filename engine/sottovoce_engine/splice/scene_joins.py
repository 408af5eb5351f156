"""The joins of a scene before it is spliced: where they would lie, and how one of them would sound.

scene    |=======|fade|======A======|fade|=====B=====|fade|=======|
heard              |<-------- 4 s, to whole frames -------->|        the mix as a splice would write it, sample for sample
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinKey, JoinWish
from sottovoce_engine.media.sound import WavWriter
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.arranging import arranged, fade_lengths, source_layers
from sottovoce_engine.splice.beds import gaps_between
from sottovoce_engine.splice.deciding import Decided, decided
from sottovoce_engine.splice.fades import Samples
from sottovoce_engine.splice.joining import PlannedJoin, joins_for, notes_of, tone_follows
from sottovoce_engine.splice.listened import Listened
from sottovoce_engine.splice.measuring import around, measured_join
from sottovoce_engine.splice.mix import mixed_blocks
from sottovoce_engine.splice.offline import check_media, check_takes
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.splice.values import HeardJoin, SceneJoin, SpliceSettings, heard_around
from sottovoce_engine.take import PlacedTake
from sottovoce_engine.timing import Span, sample_at, samples_of

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A scene that could be spliced."""

    scene: Scene
    placed: tuple[PlacedTake, ...]
    settings: SpliceSettings


def scene_joins(ready: Ready, listened: Listened, job: Job) -> tuple[SceneJoin, ...]:
    """Every join in order, as a splice would make it.

    Raises:
        InputError: Media or takes are missing or unreadable.
        JobCancelled: Cancelling was asked for.
    """
    scene, missing = ready.scene, check_media(ready.scene, ready.settings)
    check_takes(scene, ready.placed)
    sources, length = source_layers(scene, missing), sample_at(scene.length_frames, scene.rate)
    ordered = sorted(ready.placed, key=lambda take: (take.region.span, take.region.id))
    with OpenSounds() as sounds:
        takes = arranged(scene, ordered, sources, ready.settings, sounds, listened, job)
        joins = joins_for(takes, sources, sounds, _NOWHERE)
    gaps = gaps_between([source.span for source in sources], length, fade_lengths(ready.settings).rise)
    tones = tone_follows(joins, takes, gaps, length)
    return tuple(_seen(join, tone) for join, tone in zip(joins, tones, strict=True))


def heard_join(
    ready: Ready, key: JoinKey, registers: RegisterTable, file: Path, listened: Listened, job: Job
) -> HeardJoin:
    """One join as it would sound, written to a WAV file. Levels are those before a splice looks for peaks.

    Raises:
        InputError: There is no such join, or media or takes are missing or unreadable.
        SetupError: The disk is full.
        JobCancelled: Cancelling was asked for.
    """
    scene, missing = ready.scene, check_media(ready.scene, ready.settings)
    check_takes(scene, ready.placed)
    with OpenSounds() as sounds:
        made = decided(
            scene, ready.placed, registers, ready.settings, missing, sounds, job, listened=listened, near=_NOWHERE
        )
        window = heard_around(_named(made, key).span, scene)
        joins = joins_for(made.takes, made.sources, sounds, samples_of(window, scene.rate))
        made = replace(made, joins=joins)
        join = _named(made, key)
        looked_at = around(join, made.length_samples)
        whole = Span(
            min(looked_at.start, sample_at(window.start, scene.rate)),
            max(looked_at.end, sample_at(window.end, scene.rate)),
        )
        mix = _mix(made, whole, sounds, job)
    with WavWriter(file) as writer:
        writer.write(_part(mix, whole, samples_of(window, scene.rate)))
    return HeardJoin(file=file, span=window, figures=measured_join(made, join, lambda span: _part(mix, whole, span)))


def _seen(join: PlannedJoin, tone: bool) -> SceneJoin:
    return SceneJoin(
        key=join.key,
        before=join.before,
        after=join.after,
        fade=join.span,
        room=join.cut.room.span,
        wish=replace(join.wish or JoinWish(key=join.key), key=join.key),
        instead_of=join.instead_of,
        tone=tone,
        notes=notes_of(join, tone),
    )


def _named(made: Decided, key: JoinKey) -> PlannedJoin:
    found = next((join for join in made.joins if join.key == key), None)
    if found is None:
        raise InputError(
            f"There is no join {key.side} of the region '{key.region_id}' any more: its take is gone, or it is shared with "
            "another region now. Choose another join."
        )
    return found


def _mix(made: Decided, span: Span, sounds: OpenSounds, job: Job) -> Samples:
    blocks = []
    for block in mixed_blocks(made.mix_plan(made.levels), sounds, span=span):
        job.check()
        blocks.append(block.mix)
    return np.concatenate(blocks, axis=1)


def _part(mix: Samples, whole: Span, span: Span) -> Samples:
    return mix[:, span.start - whole.start : span.end - whole.start]
