"""What is asked of joins, in the sound itself: where it was asked, as it was asked, and nowhere else."""

import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.engine.splice.making import World, noise, region_at, scene_with, sine, sound_in, sound_piece

from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side
from sottovoce_engine.progress import Job
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.listened import Listened
from sottovoce_engine.splice.scene_joins import Ready, heard_join, scene_joins
from sottovoce_engine.splice.values import JoinFigures, Spliced, SpliceSettings
from sottovoce_engine.take import PlacedTake
from sottovoce_engine.timing import Span, sample_at, samples_of

RATE = Fraction(24)
HALF_STEP = 0.5 / 2**23  # of 24 bits
ANNA, BEN = region_at(12, 48), region_at(48, 84, voice="BEN")
A_IN, A_OUT = JoinKey(ANNA.id, Side.IN), JoinKey(ANNA.id, Side.OUT)
B_IN, B_OUT = JoinKey(BEN.id, Side.IN), JoinKey(BEN.id, Side.OUT)


@pytest.fixture
def scene(world: World) -> Scene:
    """Two lines that share a join, dialogue before and after them."""
    before = sound_piece(world.sound_file("before.wav", noise(-40, sample_at(30, RATE), 5)), Span(0, 30))
    after = sound_piece(world.sound_file("after.wav", noise(-40, sample_at(30, RATE), 6)), Span(60, 90))
    return scene_with([ANNA, BEN], sounds=(before, after), length_frames=90)


@pytest.fixture
def placed(world: World) -> list[PlacedTake]:
    ben = world.take(BEN, words=[(0.4, 1.2)], hertz=500, first=200, has_picture=False)
    return [world.take(ANNA, words=[(0.2, 1.2)], has_picture=False), ben]


def spliced_with(world: World, scene: Scene, placed: list[PlacedTake], *joins: JoinWish) -> Spliced:
    shutil.rmtree(world.root / "out", ignore_errors=True)
    return world.splice(scene, placed, joins=joins)


def mix_of(spliced: Spliced) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    return sound_in(spliced.movie)


def key_in(join: JoinFigures) -> JoinKey | None:
    return None if join.wish is None else join.wish.key


def join_of(spliced: Spliced, key: JoinKey) -> JoinFigures:
    return next(join for join in spliced.joins if key_in(join) == key)


def test_a_moved_cut_changes_the_sound_there_and_nowhere_else(
    world: World, scene: Scene, placed: list[PlacedTake]
) -> None:
    plain = spliced_with(world, scene, placed)
    before, stems = mix_of(plain), [sound_in(path) for _, path in plain.stems]
    moved = spliced_with(world, scene, placed, JoinWish(key=A_IN, moved_samples=-10_000))
    after = mix_of(moved)
    assert after.shape == before.shape
    was, now = join_of(plain, A_IN), join_of(moved, A_IN)
    assert now.at == was.at - 10_000
    assert now.fade.length == was.fade.length
    apart = np.flatnonzero(np.abs(after - before).max(axis=0) > 4 * HALF_STEP)
    assert now.fade.start <= apart[0]
    assert apart[-1] < was.fade.end
    assert apart.size > 5_000, "the take's floor in place of the timeline's sound"
    for path, stem in zip([path for _, path in moved.stems], stems, strict=True):
        assert np.array_equal(sound_in(path)[:, was.fade.end :], stem[:, was.fade.end :])
    assert [take.placed.take.key for take in moved.regions] == [take.placed.take.key for take in plain.regions]


def test_a_fade_is_as_long_as_asked(world: World, scene: Scene, placed: list[PlacedTake]) -> None:
    spliced = spliced_with(world, scene, placed, JoinWish(key=B_IN, fade_ms=200.0), JoinWish(key=B_OUT, fade_ms=10.0))
    assert join_of(spliced, B_IN).fade.length == 9_600
    assert join_of(spliced, B_OUT).fade.length == 480
    assert join_of(spliced, A_IN).fade.length == 3_840
    assert not any(join.notes for join in spliced.joins)
    assert not any("shortened" in note for region in spliced.regions for note in region.notes)


def test_the_other_side_of_a_shared_join_is_asked_too_where_the_first_is_not(
    world: World, scene: Scene, placed: list[PlacedTake]
) -> None:
    spliced = spliced_with(world, scene, placed, JoinWish(key=A_OUT, fade_ms=20.0))
    assert join_of(spliced, B_IN).fade.length == 960
    spliced = spliced_with(world, scene, placed, JoinWish(key=A_OUT, fade_ms=20.0), JoinWish(key=B_IN, fade_ms=40.0))
    assert join_of(spliced, B_IN).fade.length == 1_920


def test_room_tone_is_off_from_a_join_to_the_next(world: World, scene: Scene, placed: list[PlacedTake]) -> None:
    plain = spliced_with(world, scene, placed)
    tone = sound_in(plain.tone_stem)
    changed = spliced_with(world, scene, placed, JoinWish(key=A_IN, tone=False), JoinWish(key=B_IN, tone_db=6.0))
    now = sound_in(changed.tone_stem)
    a_in, b_in, b_out = (join_of(changed, key).fade for key in (A_IN, B_IN, B_OUT))
    assert not now[:, a_in.end : b_in.start].any()
    lifted = slice(b_in.end, b_out.start)
    assert np.abs(now[:, lifted] - tone[:, lifted] * 10**0.3).max() < 4 * HALF_STEP
    assert np.array_equal(now[:, b_out.end :], tone[:, b_out.end :])
    assert np.array_equal(now[:, : a_in.start], tone[:, : a_in.start])


def test_two_stretches_without_tone_leave_none_between_them(
    world: World, scene: Scene, placed: list[PlacedTake]
) -> None:
    spliced = spliced_with(world, scene, placed, JoinWish(key=A_IN, tone=False), JoinWish(key=B_IN, tone=False))
    tone = sound_in(spliced.tone_stem)
    assert not tone[:, join_of(spliced, A_IN).fade.end : join_of(spliced, B_OUT).fade.start].any()


def test_what_cannot_be_done_is_said_of_the_join(world: World, scene: Scene, placed: list[PlacedTake]) -> None:
    wishes = JoinWish(key=A_IN, moved_samples=48_000), JoinWish(key=B_OUT, tone=False, fade_ms=2000.0)
    spliced = spliced_with(world, scene, placed, *wishes)
    (told,) = join_of(spliced, A_IN).notes
    assert "a word lies there" in told
    assert join_of(spliced, A_IN).fade.end <= spliced.regions[0].speech.start
    room, tone = join_of(spliced, B_OUT).notes
    assert "a fade of 2000 ms was asked for" in room
    assert "no room tone after it" in tone
    first = spliced.regions[0].notes
    assert any("its cut was moved there" in note for note in first)


def ready(scene: Scene, placed: list[PlacedTake], *joins: JoinWish) -> Ready:
    return Ready(scene=scene, placed=tuple(placed), settings=SpliceSettings(joins=joins))


def test_joins_are_known_before_anything_is_spliced(world: World, scene: Scene, placed: list[PlacedTake]) -> None:
    wishes = JoinWish(key=A_IN, moved_samples=-4_800), JoinWish(key=A_OUT, fade_ms=20.0)
    spliced = spliced_with(world, scene, placed, *wishes)
    seen = scene_joins(ready(scene, placed, *wishes), Listened(), Job())
    assert [(join.key, join.fade, join.before, join.after, join.notes) for join in seen] == [
        (key_in(join), join.fade, join.before, join.after, join.notes) for join in spliced.joins
    ]
    assert [join.tone for join in seen] == [True, True, False]
    assert seen[1].wish == JoinWish(key=B_IN, fade_ms=20.0), (
        "asked of the other side, and shown under the join's own key"
    )
    assert seen[1].instead_of == (A_OUT,)


@pytest.mark.parametrize("key", [A_IN, B_IN, B_OUT])
def test_a_join_heard_alone_sounds_and_measures_as_in_the_scene(
    world: World, scene: Scene, placed: list[PlacedTake], key: JoinKey
) -> None:
    wishes = JoinWish(key=A_IN, moved_samples=-4_800, tone=False), JoinWish(key=B_OUT, fade_ms=30.0)
    spliced = spliced_with(world, scene, placed, *wishes)
    file = world.root / "join.wav"
    heard = heard_join(ready(scene, placed, *wishes), key, world.registers, file, Listened(), Job())
    span = samples_of(heard.span, RATE)
    assert np.abs(sound_in(file) - mix_of(spliced)[:, span.start : span.end]).max() <= HALF_STEP
    assert samples_of(heard.span, RATE).contains(heard.figures.fade)
    wanted = join_of(spliced, key)
    assert (heard.figures.fade, heard.figures.notes) == (wanted.fade, wanted.notes)
    assert heard.figures.click_db == pytest.approx(wanted.click_db, abs=1e-4)
    assert heard.figures.correlation == pytest.approx(wanted.correlation)


def test_a_join_that_is_gone_is_told(world: World, scene: Scene, placed: list[PlacedTake], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no join out"):
        heard_join(ready(scene, placed), A_OUT, world.registers, tmp_path / "join.wav", Listened(), Job())


def test_what_was_listened_to_is_not_listened_to_again(world: World, scene: Scene, placed: list[PlacedTake]) -> None:
    listened = Listened()
    first = scene_joins(ready(scene, placed), listened, Job())
    for take in placed:  # the same length, other sound: who listens again finds another breath
        length = take.take.length_samples
        world.sound_file(Path(take.path).name, sine(300, -20, length))
    assert scene_joins(ready(scene, placed), listened, Job()) == first
