"""Judgements of takes, kept in a store and made again only where something has changed; real speech, real files."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.engine.judge.spoken_lines import speech
from tests.engine.renderers.scratch.scratch_jobs import scratch_job

from sottovoce_engine.judge.effort import OWN
from sottovoce_engine.judge.judgement import Judgement, judgement_from_json
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.judged_takes import STAGE, JudgedTakes
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.scene import MediaRange, PictureMode, Scene, SoundPiece
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.store import Store
from sottovoce_engine.take import SpokenWord, Take
from sottovoce_engine.timing import SAMPLE_RATE, Span

LINE = "Did you hear that?"
RATE = 24  # frames a second, of every scratch job here
SLIP = 3  # frames
JUDGE = Judge()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.opened(tmp_path / "scene.sottovoce") as opened:
        yield opened


def spoken_take(store: Store, register: str = "normal", *, late_frames: int = 0, words_known: bool = True) -> Take:
    """A take of the scratch voice for a locked picture, moved by some frames inside its window."""
    seconds = max(1.0, 1.1 * speaking_seconds(LINE))
    key = hashlib.sha256(f"{register} {late_frames} {words_known}".encode()).hexdigest()
    job = scratch_job(LINE, register, seconds=seconds, handle_frames=8, key=key, picture=PictureMode.LOCK)
    said = speech(LINE, register)
    late = late_frames * SAMPLE_RATE // RATE
    with store.media.staged("wav") as staged:
        write_wav(staged, np.roll(said.sound, late))
        media = store.media.adopt(staged)
    words = tuple(SpokenWord(text=word.text, span=word.span.shifted(late)) for word in said.words)
    take = Take(
        job=job,
        media=media,
        length_frames=job.window.length,
        length_samples=job.length_samples,
        words=words if words_known else (),
        words_estimated=not words_known,
        made="2026-01-31T12:00:00+00:00",
        loudness_lufs=None,
        true_peak_dbtp=-20.0,
    )
    store.add(take)
    return take


def write_wav(path: Path, mono: NDArray[np.float32]) -> None:
    with WavWriter(path) as wav:
        wav.write(np.stack([mono, mono]))


def scene_of(take: Take, production: Path | None = None) -> Scene:
    """The take's region, and what was recorded when it was shot, over the take's whole window."""
    job = take.job
    sounds: tuple[SoundPiece, ...] = ()
    if production is not None:
        source = MediaRange(path=str(production), start=Fraction(0))
        sounds = (SoundPiece(span=job.window.span, source=source, track="A1", clip="shot", dialogue=True),)
    return Scene(
        name="scene",
        rate=job.rate,
        length_frames=240,
        raster=job.raster,
        voices=(job.voice,),
        regions=(job.region,),
        sounds=sounds,
    )


def judged(store: Store, scene: Scene, *takes: Take, judge: Judge = JUDGE) -> tuple[list[Judgement], int]:
    """What the judge says of the takes, and how many of them it had to judge for that."""
    seen: list[Progress] = []
    with JudgedTakes(judge, store, scene) as judging:
        found = judging.finished(takes, Job(seen.append))
    assert {step.stage for step in seen} <= {STAGE}
    return [found[take.key] for take in takes], max((step.total for step in seen), default=0)


def kept_file(store: Store, take: Take) -> Path:
    return store.root / "judgements" / f"{take.key}.json"


def state(store: Store, take: Take) -> tuple[int, bytes]:
    path = kept_file(store, take)
    return path.stat().st_mtime_ns, path.read_bytes()


# Kept


def test_a_judgement_is_kept_and_used_again(store: Store) -> None:
    takes = spoken_take(store, "normal"), spoken_take(store, "loud")
    first, count = judged(store, scene_of(takes[0]), *takes)
    assert count == 2
    assert all(judgement.passes for judgement in first)
    loud = first[1].register
    assert loud is not None
    assert loud.effort is not None
    assert loud.effort.reference == OWN, "the normal take says how this voice speaks"
    before = [state(store, take) for take in takes]
    again, count = judged(store, scene_of(takes[0]), *takes)
    assert (again, count) == (first, 0)
    assert [state(store, take) for take in takes] == before


@pytest.mark.parametrize("damage", [b"", b"{", b'{"format": 99, "kind": "Judgement", "value": {}}'])
def test_a_damaged_judgement_is_made_anew(store: Store, damage: bytes) -> None:
    take = spoken_take(store)
    first, _ = judged(store, scene_of(take), take)
    whole = kept_file(store, take).read_bytes()
    kept_file(store, take).write_bytes(damage)
    assert judged(store, scene_of(take), take) == (first, 1)
    assert kept_file(store, take).read_bytes() == whole


def test_another_judge_judges_anew(store: Store, tmp_path: Path) -> None:
    take = spoken_take(store)
    (first,), _ = judged(store, scene_of(take), take)
    thresholds = tmp_path / "own.toml"
    thresholds.write_text('[damage]\nsilence_dbfs = { value = 10.0, source = "none is loud enough" }\n')
    severe = Judge(thresholds_file=thresholds)
    (second,), count = judged(store, scene_of(take), take, judge=severe)
    assert count == 1
    assert (first.passes, second.passes) == (True, False)
    assert (first.judged_by, second.judged_by) == (JUDGE.fingerprint, severe.fingerprint)
    assert judgement_from_json(kept_file(store, take).read_bytes(), "") == second
    assert judged(store, scene_of(take), take, judge=severe) == ([second], 0)


def test_a_store_open_for_reading_is_left_as_it_is(store: Store) -> None:
    take = spoken_take(store)
    with Store.opened(store.root, writing=False) as reading:
        (judgement,), count = judged(reading, scene_of(take), take)
    assert (judgement.passes, count) == (True, 1)
    assert not kept_file(store, take).exists()


def test_a_take_whose_media_are_gone_fails_and_is_judged_once_they_are_back(store: Store) -> None:
    take = spoken_take(store)
    path = store.path(take)
    path.rename(path.with_suffix(".away"))
    (gone,), _ = judged(store, scene_of(take), take)
    assert not gone.passes
    assert path.name in gone.why[0]
    path.with_suffix(".away").rename(path)
    (back,), _ = judged(store, scene_of(take), take)
    assert back.passes


# Cancelled


def test_cancelling_stops_soon_and_what_was_judged_stays(store: Store) -> None:
    one = spoken_take(store, "soft")  # no normal take makes the others relative
    takes = [replace(one, job=replace(one.job, key=f"{number:064x}")) for number in range(30)]
    asked_at = 0.0

    def cancel_after_one(step: Progress) -> None:
        nonlocal asked_at
        if step.done >= 1 and not asked_at:
            asked_at = time.monotonic()
            job.cancel()

    job = Job(cancel_after_one)
    with JudgedTakes(JUDGE, store, scene_of(one)) as judging:
        with pytest.raises(JobCancelled):
            judging.finished(takes, job)
        assert time.monotonic() - asked_at < 1.0
    kept = [take for take in takes if kept_file(store, take).exists()]
    assert kept == takes[: len(kept)]
    assert 1 <= len(kept) < len(takes), "the others were not begun"
    before = [state(store, take) for take in kept]
    found, count = judged(store, scene_of(one), *takes[: len(kept) + 1])
    assert count == 1
    assert all(judgement == found[0] for judgement in found)
    assert [state(store, take) for take in kept] == before


# With the production sound


@pytest.mark.parametrize("words_known", [True, False])
@pytest.mark.parametrize(
    ("late_frames", "said"), [(SLIP, "3 frames late: slip -3"), (-SLIP, "3 frames early: slip +3")]
)
def test_a_shifted_line_is_told_with_the_slip_that_mends_it(
    store: Store, tmp_path: Path, late_frames: int, said: str, words_known: bool
) -> None:
    production = tmp_path / "shot.wav"
    write_wav(production, speech(LINE).sound)
    take = spoken_take(store, late_frames=late_frames, words_known=words_known)
    (judgement,), _ = judged(store, scene_of(take, production), take)
    timing = judgement.timing
    assert timing is not None
    assert timing.slip_frames == -late_frames
    assert said in timing.why
    assert said in judgement.why
    assert timing.worst_sync_frames is not None
    assert timing.worst_sync_frames <= 2.0
    assert judgement.production


def test_without_production_sound_sync_is_not_checked(store: Store) -> None:
    take = spoken_take(store)
    (judgement,), _ = judged(store, scene_of(take), take)
    assert judgement.timing is not None
    assert (judgement.timing.slip_frames, judgement.timing.worst_sync_frames) == (0, None)
    assert "sync not checked: no guide" in judgement.timing.why
    assert judgement.production == ""


def test_a_new_picture_has_no_lips_to_meet(store: Store, tmp_path: Path) -> None:
    production = tmp_path / "shot.wav"
    write_wav(production, speech(LINE).sound)
    take = spoken_take(store, late_frames=SLIP)
    cut = replace(take, job=replace(take.job, key="c" * 64, picture=PictureMode.CUT))
    store.add(cut)
    (judgement,), _ = judged(store, scene_of(cut, production), cut)
    assert judgement.timing is not None
    assert judgement.timing.sync == ()
    assert judgement.production, "its room is compared with the production sound all the same"


def test_changed_production_media_make_the_judgement_anew(store: Store, tmp_path: Path) -> None:
    production = tmp_path / "shot.wav"
    write_wav(production, speech(LINE).sound)
    take = spoken_take(store, late_frames=SLIP)
    scene = scene_of(take, production)
    (first,), _ = judged(store, scene, take)
    assert judged(store, scene, take) == ([first], 0)
    write_wav(production, np.concatenate([speech(LINE).sound[-SLIP * SAMPLE_RATE // RATE :], speech(LINE).sound]))
    (second,), count = judged(store, scene, take)
    assert count == 1
    assert first.production != second.production
    assert first.timing is not None
    assert second.timing is not None
    assert (first.timing.slip_frames, second.timing.slip_frames) == (-SLIP, 0)
    (third,), count = judged(store, scene_of(take), take)
    assert (count, third.production) == (1, "")


def test_a_region_moved_away_from_its_production_sound_is_judged_anew(store: Store, tmp_path: Path) -> None:
    production = tmp_path / "shot.wav"
    write_wav(production, speech(LINE).sound)
    take = spoken_take(store)
    scene = scene_of(take, production)
    (here,), _ = judged(store, scene, take)
    region = take.job.region
    moved = replace(scene, regions=(replace(region, span=Span(region.span.start + SLIP, region.span.end + SLIP)),))
    (there,), count = judged(store, moved, take)
    assert count == 1
    assert here.timing is not None
    assert there.timing is not None
    assert (here.timing.slip_frames, there.timing.slip_frames) == (0, -SLIP)
