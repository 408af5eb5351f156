"""The flattened pieces against OTIO's own range functions, frame by frame."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sottovoce_engine.scene import BLACK, MediaRange, PicturePiece, Scene, SoundPiece
from sottovoce_engine.timing import Span
from sottovoce_otio.times import exact_clock

from .built_timelines import RATES, clip, gap, read, sound, span, time, timeline, track, transition

some = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def pieces(scene: Scene) -> list[tuple[int, int, str, int]]:
    """(start, end, clip, media frame) of each picture."""
    return [
        (piece.span.start, piece.span.end, piece.clip, round(piece.source.start * scene.rate))
        for piece in scene.pictures
    ]


# What OTIO says is on screen at a frame. -----------------------------------------------------------------------------


def seconds(value: Any) -> Fraction:
    return Fraction(value.value) / exact_clock(value.rate)


def shown_in(item: Any, at: Any) -> tuple[str, Fraction] | None:
    """(clip, seconds into its file) that OTIO's transforms find in `item` at a time of its own."""
    if not item.enabled or not item.trimmed_range().contains(at) or isinstance(item, otio.schema.Gap):
        return None
    if isinstance(item, otio.schema.Clip):
        return item.name, seconds(at) - seconds(item.available_range().start_time)
    if isinstance(item, otio.schema.Track) and item.kind != "Video":
        return None
    for child in reversed(list(item)):
        found = None if isinstance(child, otio.schema.Transition) else shown_in(child, item.transformed_time(at, child))
        if found is not None:
            return found
    return None


def shown_at(scene: Scene, frame: int) -> tuple[str, Fraction] | None:
    """The same from the flattened pieces."""
    for piece in scene.pictures:
        if piece.span.start <= frame < piece.span.end:
            return piece.clip, piece.source.start + (frame - piece.span.start) / scene.rate
    return None


@st.composite
def clips(draw: st.DrawFn, rate: Fraction) -> Any:
    begins = draw(st.integers(0, 200_000))
    made = clip(
        draw(st.sampled_from("abcdef")),
        begins + draw(st.integers(0, 40)),
        draw(st.integers(1, 40)),
        rate=rate,
        available=(begins, 100),
    )
    made.enabled = draw(st.integers(0, 5)) > 0
    return made


@st.composite
def tracks(draw: st.DrawFn, rate: Fraction, depth: int) -> Any:
    choices = [clips(rate), st.builds(gap, st.integers(0, 30), st.just(rate))]
    if depth:
        choices.append(stacks(rate, depth - 1))
    made = track("V", *draw(st.lists(st.one_of(choices), min_size=1, max_size=5)))
    made.kind = draw(st.sampled_from(["Video", "Video", "Video", "Audio"])) if depth < 2 else "Video"
    made.enabled = draw(st.integers(0, 5)) > 0
    length = int(made.duration().value)
    if length > 2 and draw(st.booleans()):
        start = draw(st.integers(0, length - 1))
        made.source_range = span(start, draw(st.integers(1, length - start)), rate)
    return made


@st.composite
def stacks(draw: st.DrawFn, rate: Fraction, depth: int) -> Any:
    made = otio.schema.Stack()
    made.extend(draw(st.lists(tracks(rate, depth), min_size=1, max_size=3)))
    length = int(made.duration().value)
    if length > 2 and draw(st.booleans()):
        start = draw(st.integers(0, length - 1))
        made.source_range = span(start, draw(st.integers(1, length - start)), rate)
    return made


@some
@given(data=st.data(), rate=st.sampled_from(RATES))
def test_pictures_are_what_otio_finds_at_every_frame(data: st.DataObject, rate: Fraction, tmp_path: Path) -> None:
    stack = data.draw(stacks(rate, 2))
    made = otio.schema.Timeline("built", global_start_time=time(data.draw(st.integers(1, 90_000)), rate))
    made.tracks = stack
    scene = read(made, tmp_path).scene
    assert scene.rate == rate
    start = stack.trimmed_range().start_time
    for frame in range(scene.length_frames):
        assert shown_at(scene, frame) == shown_in(stack, start + time(frame, rate)), frame
    covered = max((piece.span.end for piece in scene.pictures), default=0)
    assert covered <= scene.length_frames


@some
@given(data=st.data(), rate=st.sampled_from(RATES))
def test_dissolves_lie_where_otio_has_them(data: st.DataObject, rate: Fraction, tmp_path: Path) -> None:
    lengths = data.draw(st.lists(st.integers(12, 40), min_size=2, max_size=5))
    starts = [data.draw(st.integers(10, 50)) for _ in lengths]
    items: list[Any] = []
    for index, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        if index and data.draw(st.booleans()):
            items.append(transition(data.draw(st.integers(0, 6)), data.draw(st.integers(0, 6)), rate))
        items.append(clip(f"c{index}", start, length, rate=rate))
    line = track("V1", *items)
    scene = read(timeline(line), tmp_path).scene
    assert scene.length_frames == sum(lengths)
    assert [piece.span.start for piece in scene.pictures[1:]] == [piece.span.end for piece in scene.pictures[:-1]]
    for index, item in enumerate(items):
        if not isinstance(item, otio.schema.Transition) or not item.duration().value:
            continue
        reach = line.range_of_child(item)
        whole = Span(int(reach.start_time.value), int(reach.end_time_exclusive().value))
        (piece,) = [piece for piece in scene.pictures if piece.dissolve == whole]
        assert piece.span == whole
        for name, source in ((items[index - 1].name, piece.dissolve_from), (items[index + 1].name, piece.source)):
            mixed = next(each for each in items if each.name == name)
            expected = line.transformed_time(reach.start_time, mixed) - mixed.available_range().start_time
            assert source == MediaRange(path=str(tmp_path / f"{name}.mov"), start=seconds(expected))


@some
@given(data=st.data())
def test_mixed_rates_round_each_cut_from_the_start(data: st.DataObject, tmp_path: Path) -> None:
    rates = data.draw(st.lists(st.sampled_from(RATES), min_size=1, max_size=8))
    lengths = [data.draw(st.integers(1, 50)) for _ in rates]
    items = [clip(f"c{i}", 7, n, rate=r) for i, (n, r) in enumerate(zip(lengths, rates, strict=True))]
    scene = read(timeline(track("V1", *items), start=time(1, 25)), tmp_path).scene
    assert scene.rate == 25
    at = Fraction(0)
    edges = [0]
    for rate, length in zip(rates, lengths, strict=True):
        at += length / rate
        edges.append(int(at * 25 + Fraction(1, 2)))
    assert scene.length_frames == edges[-1]
    assert {piece.span.start for piece in scene.pictures} | {scene.length_frames} == set(edges)
    for piece in scene.pictures:
        index = int(piece.clip[1:])
        begins = sum((n / r for n, r in zip(lengths[:index], rates[:index], strict=True)), Fraction(0))
        expected = 7 / rates[index] + Fraction(piece.span.start, 25) - begins
        assert piece.source.start == expected


# By hand. -------------------------------------------------------------------------------------------------------------


def test_the_topmost_enabled_picture_wins(tmp_path: Path) -> None:
    off = clip("off", 0, 30)
    off.enabled = False
    bars = otio.schema.Clip("bars", otio.schema.GeneratorReference(generator_kind="SMPTEBars"), span(0, 10))
    upper = track("V2", gap(10), clip("b", 5, 10), off, bars)
    hidden = track("V3", clip("c", 0, 60))
    hidden.enabled = False
    scene = read(timeline(track("V1", clip("a", 100, 40), gap(10), clip("d", 0, 10)), upper, hidden), tmp_path).scene
    assert pieces(scene) == [(0, 10, "a", 100), (10, 20, "b", 5), (20, 40, "a", 120), (50, 60, "d", 0)]
    assert scene.length_frames == 60
    assert [note for note in scene.notes if "bars" in note]


def test_scene_length_is_the_longest_enabled_track(tmp_path: Path) -> None:
    off = track("V2", clip("b", 0, 500))
    off.enabled = False
    assert (
        read(timeline(track("V1", clip("a", 0, 40)), off, sound("A1", clip("a", 0, 48))), tmp_path).scene.length_frames
        == 48
    )


def test_media_count_from_the_files_first_frame(tmp_path: Path) -> None:
    hours = clip("a", 86_410, 24, available=(86_400, 100))
    scene = read(timeline(track("V1", hours, clip("b", 3, 24, available=None))), tmp_path).scene
    assert pieces(scene) == [(0, 24, "a", 10), (24, 48, "b", 3)]


def test_an_untrimmed_clip_plays_all_its_media(tmp_path: Path) -> None:
    whole = otio.schema.Clip("a", otio.schema.ExternalReference("a.mov", span(86_400, 33)))
    assert pieces(read(timeline(track("V1", whole)), tmp_path).scene) == [(0, 33, "a", 0)]


def test_the_active_take_is_played(tmp_path: Path) -> None:
    taken = clip("a", 0, 24)
    taken.set_media_references(
        {"one": taken.media_reference.clone(), "two": otio.schema.ExternalReference("b.mov", span(5, 90))}, "two"
    )
    piece = read(timeline(track("V1", taken)), tmp_path).scene.pictures[0]
    assert piece.source == MediaRange(path=str(tmp_path / "b.mov"), start=Fraction(-5, 24))


def test_dissolves_with_nothing_on_one_side(tmp_path: Path) -> None:
    line = track(
        "V1",
        transition(0, 6),
        clip("a", 10, 24),
        transition(6, 0),
        gap(12),
        transition(0, 4),
        clip("b", 10, 24),
        transition(4, 0),
    )
    scene = read(timeline(line), tmp_path).scene
    a, b = (str(tmp_path / name) for name in ("a.mov", "b.mov"))
    sides = [(p.span, p.source.path, p.dissolve_from and p.dissolve_from.path) for p in scene.pictures if p.dissolve]
    assert sides == [
        (Span(0, 6), a, BLACK.path), (Span(18, 24), BLACK.path, a), (Span(36, 40), b, BLACK.path), (Span(56, 60), BLACK.path, b),
    ]  # fmt: skip


def test_an_upper_track_dissolves_into_the_lower(tmp_path: Path) -> None:
    upper = track("V2", gap(12), transition(0, 6), clip("b", 10, 24), transition(6, 0), gap(12))
    scene = read(timeline(track("V1", clip("a", 100, 30), clip("c", 0, 18)), upper), tmp_path).scene
    mixed = [
        (p.span, p.clip, round(p.source.start * 24), round(p.dissolve_from.start * 24))
        for p in scene.pictures
        if p.dissolve_from
    ]
    # The second dissolve lies over a cut of the lower track's own: b falls over c, 6 frames before its end.
    assert mixed == [(Span(12, 18), "b", 10, 112), (Span(30, 36), "c", 0, 28)]
    assert pieces(scene) == [
        (0, 12, "a", 100),
        (12, 18, "b", 10),
        (18, 30, "b", 16),
        (30, 36, "c", 0),
        (36, 48, "c", 6),
    ]


def test_a_dissolve_takes_handles_from_inside_a_nested_stack(tmp_path: Path) -> None:
    nested = otio.schema.Stack(source_range=span(10, 20))
    nested.append(track("V", clip("x", 0, 18), clip("y", 50, 40)))
    scene = read(timeline(track("V1", nested, transition(4, 4), clip("b", 30, 24))), tmp_path).scene
    mixed = [piece for piece in scene.pictures if piece.dissolve]
    # 20 frames of the stack are y's from 10 to 22 there; the dissolve goes on 4 frames beyond.
    assert [(p.span, round(p.dissolve_from.start * 24) if p.dissolve_from else None) for p in mixed] == [
        (Span(16, 24), 58)
    ]
    assert pieces(scene) == [(0, 8, "x", 10), (8, 16, "y", 50), (16, 24, "b", 26), (24, 44, "b", 34)]


def test_retimes_and_effects_are_said(tmp_path: Path) -> None:
    slow, frozen, blurred, plain = (clip(name, 0, 10) for name in ("slow", "frozen", "blurred", "plain"))
    slow.effects.append(otio.schema.LinearTimeWarp(time_scalar=0.5))
    frozen.effects.append(otio.schema.FreezeFrame())
    blurred.effects.append(otio.schema.Effect(effect_name="Blur"))
    plain.effects.append(otio.schema.LinearTimeWarp(time_scalar=1.0))
    plain.effects.append(
        otio.schema.Effect(metadata={"Resolve_OTIO": {"Effect Name": "Transform", "Enabled": True, "Parameters": []}})
    )
    wiped = transition(2, 2, kind="Custom_Transition")
    scene = read(timeline(track("V1", slow, frozen, blurred, plain, wiped, clip("z", 10, 10))), tmp_path).scene
    assert {piece.clip for piece in scene.pictures if piece.approximate} == {"slow", "frozen", "blurred", "z"}
    assert [p.approximate for p in scene.pictures if p.clip == "z"] == [True, False]
    for words in (
        "'slow' has a speed of 50 %",
        "'frozen' has a freeze frame",
        "'blurred' has the effect 'Blur'",
        "Custom_Transition",
    ):
        assert len([note for note in scene.notes if words in note]) == 1
    assert not [note for note in scene.notes if "'plain' has" in note]


def heard(scene: Scene) -> list[tuple[int, int, str, bool]]:
    return [(piece.span.start, piece.span.end, piece.clip, piece.dialogue) for piece in scene.sounds]


def test_crossfades_overlap(tmp_path: Path) -> None:
    line = sound("Dialogue", clip("a", 100, 24), transition(6, 4), clip("b", 200, 24), transition(3, 0))
    first, second = read(timeline(line), tmp_path).scene.sounds
    assert (first.span, first.fade_in, first.fade_out) == (Span(0, 28), None, Span(18, 28))
    assert (second.span, second.fade_in, second.fade_out) == (Span(18, 48), Span(18, 28), Span(45, 48))
    assert (round(first.source.start * 24), round(second.source.start * 24)) == (100, 194)


@pytest.mark.parametrize(
    ("name", "dialogue"),
    [
        ("Dialogue", True), ("DIALOG 1", True), ("DX2", True), ("VO", True), ("Anna_vo_2", True), ("Production Sound", True),
        ("ADR", True), ("Music", False), ("MX 1", False), ("SFX", False), ("FX_01", False), ("Ambience", False), ("BG", False),
        ("Foley", False), ("M&E", False), ("Room tone", False), ("Voice FX", False), ("atmos-2", False),
    ],
)  # fmt: skip
def test_a_tracks_name_says_what_it_holds(tmp_path: Path, name: str, dialogue: bool) -> None:
    first = sound("Dialogue" if not dialogue else "A1", clip("other", 0, 24))
    scene = read(timeline(first, sound(name, clip("a", 0, 24))), tmp_path).scene
    assert [piece.dialogue for piece in scene.sounds if piece.track == name] == [dialogue]


def test_on_unnamed_tracks_dialogue_is_the_first_and_the_pictures_own(tmp_path: Path) -> None:
    picture = track("V1", clip("take", 0, 48))
    line = timeline(
        picture, sound("A1", clip("lav", 0, 24)), sound("A2", clip("take", 0, 48)), sound("A3", clip("rain", 0, 48))
    )
    scene = read(line, tmp_path).scene
    assert heard(scene) == [(0, 24, "lav", True), (0, 48, "take", True), (0, 48, "rain", False)]
    assert [note for note in scene.notes if "'A1'" in note and "guessed" in note]
    line.tracks.append(sound("Dialogue", clip("adr", 0, 10)))
    named = read(line, tmp_path).scene
    assert [piece.clip for piece in named.sounds if piece.dialogue] == ["adr"]
    assert not [note for note in named.notes if "guessed" in note]


def test_metadata_and_the_person_say_first(tmp_path: Path) -> None:
    role = {"sottovoce": {"format": 1, "role": "dialogue"}}
    loud = clip("b", 0, 24, sottovoce={"format": 1, "role": "other"})
    line = timeline(sound("Music", clip("a", 0, 24), metadata=role), sound("Dialogue", loud, clip("c", 0, 24)))
    assert heard(read(line, tmp_path).scene) == [(0, 24, "b", False), (0, 24, "a", True), (24, 48, "c", True)]


def test_no_sound_is_invented(tmp_path: Path) -> None:
    assert read(timeline(track("V1", clip("a", 0, 24))), tmp_path).scene.sounds == ()


def test_nested_sound_comes_once(tmp_path: Path) -> None:
    def nested() -> Any:
        made = otio.schema.Stack("scene 2", source_range=span(10, 20))
        made.append(track("V", clip("x", 0, 40)))
        made.append(sound("Dialogue", clip("x", 0, 15), clip("y", 0, 25)))
        return made

    alone = read(timeline(track("V1", gap(4), nested())), tmp_path).scene
    assert heard(alone) == [(4, 9, "x", True), (9, 24, "y", True)]
    assert [round(piece.source.start * 24) for piece in alone.sounds] == [10, 0]
    both = read(timeline(track("V1", gap(4), nested()), sound("A1", gap(4), nested())), tmp_path).scene
    assert [each[:3] for each in heard(both)] == [(4, 9, "x"), (9, 24, "y")]


def test_gains_are_taken_over(tmp_path: Path) -> None:
    quiet, swept, ours = (
        clip("quiet", 0, 24),
        clip("swept", 0, 24),
        clip("ours", 0, 24, sottovoce={"format": 1, "gain_db": 2}),
    )
    volume = {"Parameter ID": "volume", "Parameter Value": -10.5, "Key Frames": {}, "Variant Type": "Double"}
    rack = {"Effect Name": "Fairlight Clip Volume and Fades", "Enabled": True, "Type": 62}
    quiet.effects.append(otio.schema.Effect(metadata={"Resolve_OTIO": {**rack, "Parameters": [volume]}}))
    moving = {**volume, "Key Frames": {"0": {"Value": -3.0}}}
    swept.effects.append(otio.schema.Effect(metadata={"Resolve_OTIO": {**rack, "Parameters": [moving]}}))
    sounds: tuple[SoundPiece, ...] = read(timeline(sound("Dialogue", quiet, swept, ours)), tmp_path).scene.sounds
    assert [(piece.gain_db, piece.approximate) for piece in sounds] == [(-10.5, False), (0.0, True), (2.0, False)]


def test_sound_clips_may_count_samples(tmp_path: Path) -> None:
    line = sound(
        "Dialogue", clip("a", 48_000, 96_096, rate=48_000, available=(0, 10**6)), clip("b", 0, 48_048, rate=48_000)
    )
    scene = read(timeline(track("V1", clip("v", 0, 72, rate=RATES[0])), line), tmp_path).scene
    assert scene.rate == RATES[0]
    assert [(piece.span, piece.source.start) for piece in scene.sounds] == [
        (Span(0, 48), Fraction(1)),
        (Span(48, 72), Fraction(0)),
    ]


def test_sound_files_on_picture_tracks_show_nothing(tmp_path: Path) -> None:
    scene = read(timeline(track("V1", clip("a", 0, 24), track_sound := clip("b", 0, 24, url="b.WAV"))), tmp_path).scene
    assert track_sound.name == "b"
    assert [piece.clip for piece in scene.pictures] == ["a"]


def test_pieces_of_picture_join_where_nothing_changes(tmp_path: Path) -> None:
    line = track("V1", clip("a", 0, 24), clip("a", 24, 24), clip("a", 50, 10))
    found: tuple[PicturePiece, ...] = read(timeline(line), tmp_path).scene.pictures
    assert [piece.span for piece in found] == [Span(0, 48), Span(48, 58)]
