"""The joins of a scene, measured on its mix: all of it, or what lies around one of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.join_wishes import JoinWish
from sottovoce_engine.progress import Job
from sottovoce_engine.splice.arranging import Arranged
from sottovoce_engine.splice.deciding import Decided
from sottovoce_engine.splice.fades import Samples
from sottovoce_engine.splice.joining import PlannedJoin, notes_of, tone_follows
from sottovoce_engine.splice.joins import AROUND, measured
from sottovoce_engine.splice.running import Running
from sottovoce_engine.splice.values import JoinFigures
from sottovoce_engine.timing import Span


def measured_joins(made: Decided, mix: Callable[[Span], Samples], job: Job) -> tuple[JoinFigures, ...]:
    """The figures of every join; `mix` gives the finished sound over a span of the scene.

    Raises:
        JobCancelled: Cancelling was asked for.
    """
    speaking, tones = Running(made.takes), tone_follows(made.joins, made.takes, made.gaps, made.length_samples)
    found = []
    for join, tone in zip(made.joins, tones, strict=True):
        job.check()
        window = around(join, made.length_samples)
        found.append(_figures(join, notes_of(join, tone), window, speaking.during(window), mix(window)))
    return tuple(found)


def measured_join(made: Decided, join: PlannedJoin, mix: Callable[[Span], Samples]) -> JoinFigures:
    """The figures of one of its joins."""
    tone = tone_follows(made.joins, made.takes, made.gaps, made.length_samples)[made.joins.index(join)]
    window = around(join, made.length_samples)
    near = [take for take in made.takes if take.span.overlaps(window)]
    return _figures(join, notes_of(join, tone), window, near, mix(window))


def around(join: PlannedJoin, length_samples: int) -> Span:
    """What is looked at to measure a join, in scene samples."""
    return Span(max(0, join.span.start - AROUND), min(length_samples, join.span.end + AROUND))


def _figures(
    join: PlannedJoin, notes: tuple[str, ...], window: Span, takes: Sequence[Arranged], sound: Samples
) -> JoinFigures:
    figures = measured(sound, join.span.shifted(-window.start), _words_in(window, takes))
    return JoinFigures(
        before=join.before,
        after=join.after,
        at=join.fade.centre,
        fade=join.span,
        correlation=join.fade.correlation,
        click_db=figures.click_db,
        level_jump_db=figures.level_jump_db,
        floor_mismatch_db=figures.floor_mismatch_db,
        flux_rank=figures.flux_rank,
        wish=replace(join.wish or JoinWish(key=join.key), key=join.key),
        notes=notes,
    )


def _words_in(window: Span, takes: Sequence[Arranged]) -> NDArray[np.bool_]:
    """For each sample of `window`, whether a take speaks there."""
    mask = np.zeros(window.length, np.bool_)
    for take in takes:
        words = take.place.placed.take.words
        spans = [word.span for word in words] or [take.place.placed.take.speech]
        for span in spans:
            inside = span.shifted(take.origin).common(take.span.common(window) or Span(0, 0))
            if inside is not None:
                mask[inside.start - window.start : inside.end - window.start] = True
    return mask
