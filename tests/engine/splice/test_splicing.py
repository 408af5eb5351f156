import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.engine.splice.making import (
    RASTER,
    World,
    footage_piece,
    level_of,
    noise,
    numbers_in,
    region_at,
    scene_with,
    sine,
    sound_in,
    sound_piece,
)

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.loudness import loudness_lufs, true_peak_dbtp
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.probe import probe
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.scene import Gender, MediaRange, PictureMode, Scene, ToneMark, Voice
from sottovoce_engine.splice.values import ToneOrigin
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at, samples_of

RATE = Fraction(24)
HALF_STEP = 0.5 / 2**23  # of 24 bits


def _at(second: float) -> int:
    return round(second * SAMPLE_RATE)


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(24_000, 1001), Fraction(30_000, 1001)])
def test_picture_and_sound_are_exactly_as_long_as_the_timeline(world: World, rate: Fraction) -> None:
    region = region_at(20, 50)
    scene = scene_with([region], rate=rate, length_frames=71)
    spliced = world.splice(scene, [world.take(region, rate=rate)], mp4=True)
    samples = sample_at(71, rate)
    assert spliced.mp4 is not None
    for path in (spliced.movie, spliced.mp4):
        info = probe(path)
        assert info.picture is not None
        assert info.picture.frames == 71
        assert info.picture.rate == rate
        assert numbers_in(path, 71, rate) == [0] * 20 + list(range(12, 42)) + [0] * 21
    for path in (spliced.movie, spliced.tone_stem, *(stem for _, stem in spliced.stems)):
        assert sound_in(path).shape == (2, samples)


def test_a_locked_region_keeps_the_footage_and_silences_its_dialogue_only(world: World) -> None:
    street = world.movie_file("street.mov", 100, 96, RATE, sine(440, -20, 4 * SAMPLE_RATE))
    music = world.sound_file("music.wav", sine(3000, -30, 4 * SAMPLE_RATE))
    region = region_at(36, 60)
    whole = Span(0, 96)
    scene = scene_with(
        [region],
        pictures=(footage_piece(street, whole),),
        sounds=(sound_piece(street, whole), sound_piece(music, whole, dialogue=False, track="A2")),
    )
    spliced = world.splice(scene, [world.take(region, has_picture=False)])
    assert numbers_in(spliced.movie, 96, RATE) == list(range(100, 196))
    mix, source = sound_in(spliced.movie), sound_in(street) + sound_in(music)
    (placed,) = spliced.regions
    for outside in (slice(0, placed.fade_in.start), slice(placed.fade_out.end, None)):
        assert np.abs(mix[:, outside] - source[:, outside]).max() <= 2 * HALF_STEP
    under = mix[:, placed.fade_in.end : placed.fade_out.start]
    assert level_of(under, 440) < -80  # what room tone has there
    assert level_of(under, 3000) == pytest.approx(-30, abs=0.2)
    assert level_of(under, 1000) > -30
    assert placed.own_picture is False


def test_the_stems_and_the_untouched_source_add_up_to_the_mix(world: World) -> None:
    music = world.sound_file("music.wav", noise(-35, 4 * SAMPLE_RATE, 3))
    regions = [region_at(10, 40), region_at(40, 80, voice="BEN", register="whisper")]
    scene = scene_with(regions, sounds=(sound_piece(music, Span(0, 96), dialogue=False),))
    spliced = world.splice(scene, [world.take(regions[0]), world.take(regions[1], first=200, hertz=500)])
    total = sound_in(music) + sound_in(spliced.tone_stem) + sum(sound_in(path) for _, path in spliced.stems)
    assert np.abs(total - sound_in(spliced.movie)).max() < 3 * HALF_STEP + 1e-6
    assert [voice for voice, _ in spliced.stems] == ["ANNA", "BEN"]


def test_words_outside_the_region_make_the_take_slip_with_its_picture(world: World) -> None:
    region = region_at(24, 60)
    placed = world.take(region, words=[(-0.2, 1.1)])
    spliced = world.splice(scene_with([region]), [placed])
    (found,) = spliced.regions
    assert found.slip_frames == 5
    assert samples_of(region.span, RATE).contains(found.speech)
    assert numbers_in(spliced.movie, 96, RATE)[24:60] == list(range(12 - 5, 48 - 5))
    mix = sound_in(spliced.movie)
    word = slice(found.speech.start, found.speech.end)
    assert level_of(mix[:, word], 1000) == pytest.approx(-20 + found.gain_db, abs=0.3)
    assert any("slipped by +5 frames" in note for note in found.notes)


def test_a_trimmed_region_keeps_every_word_and_says_that_it_overruns(world: World) -> None:
    region = region_at(24, 72)
    placed = world.take(region, words=[(0.2, 1.8)], span=Span(24, 55))
    spliced = world.splice(scene_with([region]), [placed])
    (found,) = spliced.regions
    assert found.overrun_frames == 8
    assert any("overruns by 8 frames" in note for note in found.notes)
    mix = sound_in(spliced.movie)
    end = found.speech.end
    assert level_of(mix[:, end - 2_400 : end], 1000) == pytest.approx(-20 + found.gain_db, abs=0.5)


def test_abutting_regions_meet_between_their_words(world: World) -> None:
    regions = [region_at(0, 48), region_at(48, 96, voice="BEN")]
    placed = [
        world.take(regions[0], words=[(0.3, 2.1)]),
        world.take(regions[1], words=[(0.4, 1.6)], hertz=500, first=200),
    ]
    spliced = world.splice(scene_with(regions), placed)
    first, second = spliced.regions
    assert first.fade_out == second.fade_in
    assert first.speech.end <= second.fade_in.start
    assert second.fade_in.end <= second.speech.start
    assert len(spliced.joins) == 3
    assert [(join.before, join.after) for join in spliced.joins] == [
        ("room tone", first.placed.region.id),
        (first.placed.region.id, second.placed.region.id),
        (second.placed.region.id, "room tone"),
    ]


def test_overlapping_voices_are_heard_together(world: World) -> None:
    regions = [region_at(0, 60), region_at(30, 96, voice="BEN")]
    placed = [world.take(regions[0]), world.take(regions[1], hertz=500, first=200)]
    spliced = world.splice(scene_with(regions), placed)
    both = sound_in(spliced.movie)[:, _at(1.6) : _at(2.2)]
    assert level_of(both, 1000) == pytest.approx(-20 + spliced.regions[0].gain_db, abs=0.3)
    assert level_of(both, 500) == pytest.approx(-20 + spliced.regions[1].gain_db, abs=0.3)
    numbers = numbers_in(spliced.movie, 96, RATE)
    assert numbers == list(range(12, 42)) + list(range(212, 278))


def test_a_lead_lets_the_sound_come_before_the_picture(world: World) -> None:
    region = region_at(36, 72, lead_frames=6, tail_frames=3)
    spliced = world.splice(scene_with([region]), [world.take(region)])
    (found,) = spliced.regions
    assert found.sound == samples_of(Span(30, 75), RATE)
    assert numbers_in(spliced.movie, 96, RATE)[34:38] == [0, 0, 12, 13]


def test_registers_meet_their_targets_and_keep_their_order(world: World) -> None:
    regions = [
        region_at(0, 48, register="whisper"),
        region_at(48, 96, register="normal", voice="BEN"),
        region_at(96, 144, register="shout"),
    ]
    levels = (-30.0, -32.0, -28.0)
    placed = [
        world.take(region, level=level, first=100 * index, hertz=997)
        for index, (region, level) in enumerate(zip(regions, levels, strict=True))
    ]
    spliced = world.splice(scene_with(regions, length_frames=144), placed)
    mix = sound_in(spliced.movie)
    heard = [loudness_lufs(mix[:, found.speech.start : found.speech.end]) for found in spliced.regions]
    assert heard == pytest.approx([-34.0, -27.0, -22.0], abs=0.5)


def test_production_dialogue_sets_the_level_of_normal(world: World) -> None:
    production = np.concatenate([sine(600, -18, _at(2)), noise(-58, _at(4), 1)], axis=1)
    path = world.sound_file("production.wav", production)
    region = region_at(72, 120)
    scene = scene_with([region], length_frames=144, sounds=(sound_piece(path, Span(0, 144)),))
    spliced = world.splice(scene, [world.take(region, has_picture=False)])
    talk = loudness_lufs(sound_in(path)[:, : _at(3)])  # up to the region: the gate leaves the room out
    assert talk is not None
    assert spliced.anchor_lufs == pytest.approx(talk, abs=0.02)
    found = spliced.regions[0]
    mix = sound_in(spliced.movie)
    assert loudness_lufs(mix[:, found.speech.start : found.speech.end]) == pytest.approx(talk, abs=0.5)


def test_the_true_peak_is_met_by_lowering_groups_without_limiting(world: World) -> None:
    regions = [region_at(0, 60, register="scream"), region_at(20, 80, voice="BEN", register="scream")]
    placed = [world.take(regions[0], level=-20), world.take(regions[1], level=-20, first=200, hertz=1010)]
    scene = scene_with(regions)
    high = world.splice(scene, placed, true_peak_dbtp=-16.0)
    assert true_peak_dbtp(sound_in(high.movie)) <= -16.0
    assert high.true_peak_dbtp <= -16.0
    assert all(level.lowered_db > 2.0 for level in high.levels)
    assert any("under its target" in note for note in high.notes)
    alone = sound_in(high.stems[0][1])[:, _at(0.5) : _at(0.8)]
    assert level_of(alone, 2000) < -90  # a limiter would leave harmonics


def test_source_that_is_too_loud_by_itself_is_noted_and_left(world: World) -> None:
    loud = world.sound_file("loud.wav", sine(300, -0.5, _at(1)))
    region = region_at(48, 96)
    scene = scene_with([region], sounds=(sound_piece(loud, Span(0, 24), dialogue=False),))
    spliced = world.splice(scene, [world.take(region)])
    assert np.abs(sound_in(spliced.movie)[:, : _at(1)] - sound_in(loud)).max() <= HALF_STEP
    assert any("the timeline's own sound does that by itself" in note for note in spliced.notes)
    assert spliced.levels[0].lowered_db == 0.0


def test_gaps_hold_room_tone_over_black(world: World) -> None:
    region = region_at(24, 60)
    spliced = world.splice(scene_with([region]), [world.take(region, floor=None)])
    gap = sound_in(spliced.movie)[:, _at(3) :]
    assert 20 * np.log10(gap.std()) == pytest.approx(-52.0, abs=1.0)
    assert numbers_in(spliced.movie, 96, RATE)[60:] == [0] * 36
    (piece,) = spliced.tone_pieces
    assert piece.origin is ToneOrigin.SYNTHETIC
    assert piece.span == Span(0, 4 * SAMPLE_RATE)


def test_tone_comes_from_what_is_marked_else_from_production_else_from_takes(world: World) -> None:
    production = np.concatenate([sine(600, -18, _at(2)), noise(-58, _at(2), 1)], axis=1)
    path = world.sound_file("production.wav", production)
    region = region_at(12, 84, location="Kitchen")
    sounds = (sound_piece(path, Span(0, 96)),)
    mark = ToneMark(location="kitchen", source=MediaRange(path=path, start=Fraction(3)), seconds=Fraction(1))
    take = world.take(region, words=[(1.0, 2.0)], floor=-66.0)
    for scene, origin in (
        (scene_with([region], sounds=sounds, tones=(mark,)), ToneOrigin.MARKED),
        (scene_with([region], sounds=sounds), ToneOrigin.PRODUCTION),
        (scene_with([region]), ToneOrigin.TAKE),
    ):
        (piece,) = world.splice(scene, [take]).tone_pieces
        assert piece.origin is origin
        assert piece.location == "Kitchen"
        assert piece.level_dbfs == pytest.approx(-52.0 if origin is ToneOrigin.TAKE else -58.0, abs=1.0)


def test_a_dissolve_mixes_two_takes_over_their_handles(world: World) -> None:
    regions = [region_at(0, 48), region_at(48, 96, voice="BEN")]
    placed = [world.take(regions[0], first=0), world.take(regions[1], first=0b1100000000)]
    cut = world.splice(scene_with(regions), placed)
    assert [found.dissolve for found in cut.regions] == [None, None]
    spliced = world.splice(scene_with(regions), placed, dissolves=(regions[1].id,), dissolve_frames=8)
    assert [found.dissolve for found in spliced.regions] == [None, Span(44, 52)]

    with PictureReader(spliced.movie, RASTER) as reader:
        lit = [float(reader.frame(frame / RATE).to_ndarray()[40:60, 110:117].mean()) for frame in range(42, 54)]
    assert lit[0] == pytest.approx(lit[1], abs=2)
    assert all(later > earlier + 3 for earlier, later in itertools.pairwise(lit[1:11]))
    assert lit[10] == pytest.approx(lit[11], abs=2)


def test_a_dissolve_into_no_region_is_refused_and_one_into_locked_picture_is_said_to_be_none(world: World) -> None:
    street = world.movie_file("street.mov", 100, 96, RATE, None)
    region = region_at(24, 60)
    scene = scene_with([region], pictures=(footage_piece(street, Span(0, 96)),))
    placed = [world.take(region, has_picture=False)]
    with pytest.raises(InputError, match="deadbeef"):
        world.splice(scene, placed, dissolves=("deadbeef",))
    (found,) = world.splice(scene, placed, dissolves=(region.id,)).regions
    assert found.dissolve is None
    assert any("no dissolve" in note for note in found.notes)


def test_words_that_run_into_each_other_are_both_heard_and_said_to_be(world: World) -> None:
    regions = [region_at(0, 48), region_at(48, 96, voice="BEN")]
    placed = [
        world.take(regions[0], words=[(0.1, 2.3)]),
        world.take(regions[1], words=[(-0.2, 2.2)], hertz=500, first=200),
    ]
    spliced = world.splice(scene_with(regions), placed)
    first, second = spliced.regions
    shared = first.speech.common(second.speech)
    assert shared is not None
    assert any(f"overlap with those of '{second.placed.region.id}'" in note for note in first.notes)
    both = sound_in(spliced.movie)[:, shared.start : shared.end]
    assert level_of(both, 1000) == pytest.approx(-20 + first.gain_db, abs=0.5)
    assert level_of(both, 500) == pytest.approx(-20 + second.gain_db, abs=0.5)


def test_takes_under_loud_source_give_way_by_six_decibels_at_most(world: World) -> None:
    loud = world.sound_file("loud.wav", sine(1003, -2.6, _at(4)))
    region = region_at(24, 72, register="scream")
    scene = scene_with([region], sounds=(sound_piece(loud, Span(0, 96), dialogue=False),))
    spliced = world.splice(scene, [world.take(region)])
    assert spliced.levels[0].lowered_db == pytest.approx(6.0, abs=0.05)
    assert any("lowering the takes further would bury them" in note for note in spliced.notes)


def test_a_region_without_a_take_keeps_what_the_timeline_has(world: World) -> None:
    street = world.movie_file("street.mov", 100, 96, RATE, sine(440, -20, 4 * SAMPLE_RATE))
    regions = [region_at(0, 40), region_at(48, 90)]
    whole = Span(0, 96)
    scene = scene_with(regions, pictures=(footage_piece(street, whole),), sounds=(sound_piece(street, whole),))
    spliced = world.splice(scene, [world.take(regions[0], has_picture=False)])
    mix, source = sound_in(spliced.movie), sound_in(street)
    assert np.abs(mix[:, _at(2) :] - source[:, _at(2) :]).max() <= HALF_STEP
    assert any(regions[1].id in note and "no take" in note for note in spliced.notes)


def _offline_scene(world: World) -> tuple[Scene, Path]:
    gone = world.root / "gone.mov"
    region = region_at(60, 90)
    pictures = (footage_piece(str(gone), Span(0, 30)), footage_piece("", Span(30, 48)))
    sounds = (sound_piece(str(gone), Span(0, 30)),)
    return scene_with([region], pictures=pictures, sounds=sounds), gone


def test_missing_media_are_all_named(world: World) -> None:
    scene, gone = _offline_scene(world)
    with pytest.raises(InputError) as caught:
        world.splice(scene, [world.take(scene.regions[0])])
    assert str(gone) in str(caught.value)
    assert "names no file" in str(caught.value)
    assert not (world.root / "out").exists()


def test_missing_media_become_black_and_silence_when_asked_for(world: World) -> None:
    scene, gone = _offline_scene(world)
    spliced = world.splice(scene, [world.take(scene.regions[0])], offline_media=True)
    assert numbers_in(spliced.movie, 96, RATE)[:60] == [0] * 60
    assert not sound_in(spliced.movie)[:, : _at(1.2)].any()
    assert sum(note.endswith("black and silence in its place") for note in spliced.notes) == 2
    assert any(str(gone) in note for note in spliced.notes)


def test_missing_takes_and_takes_of_another_rate_are_named(world: World) -> None:
    region = region_at(24, 60)
    placed = world.take(region)
    with pytest.raises(InputError, match="Render it again"):
        world.splice(scene_with([region], rate=Fraction(25)), [placed])
    Path(placed.path).unlink()
    with pytest.raises(InputError, match=region.id):
        world.splice(scene_with([region]), [placed])


def test_an_empty_timeline_is_refused(world: World) -> None:
    with pytest.raises(InputError, match="empty"):
        world.splice(scene_with([], length_frames=0), [])


@pytest.mark.parametrize("stage", ["sound", "picture", "mp4"])
def test_a_cancel_at_any_stage_leaves_nothing(world: World, stage: str) -> None:
    def report(progress: Progress) -> None:
        if progress.stage == stage and progress.done > 0:
            job.cancel()

    job = Job(report)
    region = region_at(24, 60)
    with pytest.raises(JobCancelled):
        world.splice(scene_with([region]), [world.take(region)], mp4=True, job=job)
    assert not (world.root / "out").exists()


def test_a_folder_that_cannot_be_made_is_an_input_error(world: World) -> None:
    (world.root / "out").write_text("a file, not a folder")
    region = region_at(24, 60)
    with pytest.raises(InputError, match="out"):
        world.splice(scene_with([region]), [world.take(region)])


def test_progress_runs_through_the_stages_in_order(world: World) -> None:
    seen: list[Progress] = []
    region = region_at(24, 60)
    world.splice(scene_with([region]), [world.take(region)], mp4=True, job=Job(seen.append))
    assert list(dict.fromkeys(progress.stage for progress in seen)) == ["sound", "picture", "mp4"]
    assert all(seen[-1].done == seen[-1].total and progress.done <= progress.total for progress in seen)


def test_voices_whose_names_no_file_may_have_still_get_a_stem_each(world: World) -> None:
    regions = [region_at(0, 40, voice="A/B"), region_at(48, 90, voice="a:b")]
    voices = tuple(Voice(name=region.voice, gender=Gender.WOMAN) for region in regions)
    scene = replace(scene_with(regions), voices=voices)
    spliced = world.splice(scene, [world.take(region, first=index * 100) for index, region in enumerate(regions)])
    assert len({path.name.casefold() for _, path in spliced.stems} | {spliced.tone_stem.name}) == 3


def test_a_picture_of_its_own_over_footage_only_where_asked_for(world: World) -> None:
    street = world.movie_file("street.mov", 100, 96, RATE, None)
    region = region_at(24, 60, picture=PictureMode.CUT)
    scene = scene_with([region], pictures=(footage_piece(street, Span(0, 96)),))
    spliced = world.splice(scene, [world.take(region)])
    assert numbers_in(spliced.movie, 96, RATE) == [*range(100, 124), *range(12, 48), *range(160, 196)]
