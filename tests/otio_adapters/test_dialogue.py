from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentimelineio.opentime import RationalTime, TimeRange

from sottovoce_otio.dialogue import Silence, silence_dialogue, silences_from
from sottovoce_otio.earlier import take_back
from sottovoce_otio.plain import object_from, plain_object

RATE = 24


def time_range(start: float, length: float, rate: float = RATE) -> TimeRange:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


def clip(name: str, start: float, length: float, rate: float = RATE) -> Any:
    media = otio.schema.ExternalReference(f"file:///{name}.wav", time_range(0, 10_000, rate))
    return otio.schema.Clip(name, media, time_range(start, length, rate), metadata={"studio": {"reel": name}})


def timeline_of(*children: Any, name: str = "A1") -> Any:
    timeline = otio.schema.Timeline("t")
    track = otio.schema.Track(name, kind="Audio")
    track.extend(children)
    timeline.tracks.append(track)
    return timeline


def silences(*spans: tuple[float, float, str]) -> tuple[Silence, ...]:
    """From frames."""
    return silences_from((Fraction(start) / RATE, Fraction(end) / RATE, region) for start, end, region in spans)


def silenced(timeline: Any, *spans: tuple[float, float, str], spoken: str = "") -> Any:
    plain = plain_object(timeline)
    silence_dialogue(plain, silences(*spans), lambda placed: spoken in placed.name, Fraction(RATE))
    return object_from(plain)


def taken_back(timeline: Any) -> Any:
    plain = plain_object(timeline)
    take_back(plain)
    return object_from(plain)


def layout(track: Any) -> list[tuple[str, float, float, bool]]:
    """Name, start in the media, length, enabled."""
    return [
        (item.name, item.source_range.start_time.value, item.source_range.duration.value, item.enabled)
        for item in track
        if not isinstance(item, otio.schema.Transition)
    ]


def test_dialogue_under_a_region_is_split_there_and_disabled() -> None:
    timeline = timeline_of(clip("a", 500, 100), clip("b", 700, 100))
    timeline = silenced(timeline, (20, 50, "1f0c"), (90, 120, "88aa"))
    assert layout(timeline.tracks[0]) == [
        ("a", 500, 20, True),
        ("a", 520, 30, False),
        ("a", 550, 40, True),
        ("a", 590, 10, False),
        ("b", 700, 20, False),
        ("b", 720, 80, True),
    ]
    pieces = list(timeline.tracks[0])
    assert [piece.metadata["studio"]["reel"] for piece in pieces] == ["a"] * 4 + ["b"] * 2
    assert pieces[1].metadata["sottovoce"]["silenced"] == "1f0c"
    assert pieces[4].media_reference.target_url == "file:///b.wav"


def test_a_clip_wholly_under_a_region_is_disabled_in_one_piece() -> None:
    timeline = timeline_of(clip("a", 0, 30), clip("b", 700, 30))
    timeline = silenced(timeline, (0, 30, "1f0c"))
    assert layout(timeline.tracks[0]) == [("a", 0, 30, False), ("b", 700, 30, True)]


def test_what_no_region_touches_stays_as_it_was() -> None:
    gap = otio.schema.Gap(duration=RationalTime(10, RATE))
    timeline = timeline_of(clip("a", 0, 30), gap, clip("music", 0, 30))
    spans = ((0, 0.25, "1f0c"), (32, 38, "2a2a"), (45, 50, "88aa"), (900, 950, "ffff"))
    assert silenced(timeline, *spans, spoken="a").to_json_string() == timeline.to_json_string()


def test_a_clip_the_editor_disabled_is_left_alone() -> None:
    off = clip("a", 0, 30)
    off.enabled = False
    timeline = timeline_of(off)
    before = timeline.to_json_string()
    timeline = silenced(timeline, (10, 20, "1f0c"))
    assert timeline.to_json_string() == before


def test_markers_go_to_the_piece_they_start_in_and_those_in_the_handles_stay() -> None:
    source = clip("a", 500, 100)
    for name, at in (
        ("handle before", 400),
        ("head", 505),
        ("edge", 520),
        ("inside", 530),
        ("tail", 560),
        ("after", 700),
    ):
        source.markers.append(otio.schema.Marker(name, time_range(at, 3)))
    timeline = timeline_of(source)
    timeline = silenced(timeline, (20, 50, "1f0c"))
    assert [[marker.name for marker in piece.markers] for piece in timeline.tracks[0]] == [
        ["handle before", "head"],
        ["edge", "inside"],
        ["tail", "after"],
    ]


def test_a_piece_of_a_slowed_clip_starts_where_the_slowed_media_is() -> None:
    slow = clip("a", 500, 100)
    slow.effects.append(otio.schema.LinearTimeWarp("slow", time_scalar=0.5))
    timeline = timeline_of(slow)
    timeline = silenced(timeline, (20, 50, "1f0c"))
    assert [(start, length) for _, start, length, _ in layout(timeline.tracks[0])] == [(500, 20), (510, 30), (525, 50)]
    assert all(piece.effects[0].time_scalar == 0.5 for piece in timeline.tracks[0])


def test_a_clip_counted_in_samples_is_cut_at_whole_samples() -> None:
    rate = Fraction(30_000, 1001)
    timeline = timeline_of(clip("a", 96_000, 480_480, 48_000))
    found = silences_from([(31 / rate, 61 / rate, "1f0c")])
    plain = plain_object(timeline)
    silence_dialogue(plain, found, lambda _: True, rate)
    assert layout(object_from(plain).tracks[0]) == [
        ("a", 96_000, 49_650, True),
        ("a", 145_650, 48_048, False),
        ("a", 193_698, 382_782, True),
    ]
    assert round(31 * 48_000 / rate) == 49_650


def test_no_sliver_is_cut_off_where_clocks_only_nearly_agree() -> None:
    timeline = timeline_of(clip("a", 0, 100.2), clip("b", 0, 100))
    timeline = silenced(timeline, (50, 100, "1f0c"))
    assert layout(timeline.tracks[0]) == [("a", 0, 50, True), ("a", 50, 50.2, False), ("b", 0, 100, True)]


def test_a_nested_sequence_is_split_and_only_its_dialogue_disabled() -> None:
    stack = otio.schema.Stack("scene 12")
    for name in ("talk", "music"):
        track = otio.schema.Track(name, kind="Audio")
        track.append(clip(name, 0, 100))
        stack.append(track)
    timeline = timeline_of(stack)
    stack.source_range = time_range(0, 100)
    before = timeline.to_json_string()
    timeline = silenced(timeline, (20, 50, "1f0c"), spoken="talk")
    pieces = list(timeline.tracks[0])
    assert [(piece.source_range.start_time.value, piece.duration().value) for piece in pieces] == [
        (0, 20),
        (20, 30),
        (50, 50),
    ]
    assert [[inner.enabled for inner in piece.find_clips()] for piece in pieces] == [
        [True] * 2,
        [False, True],
        [True] * 2,
    ]
    timeline = taken_back(timeline)
    assert timeline.to_json_string() == before


def test_a_track_that_is_trimmed_starts_where_it_is_trimmed() -> None:
    timeline = timeline_of(clip("a", 0, 200))
    timeline.tracks[0].source_range = time_range(100, 100)
    timeline = silenced(timeline, (20, 50, "1f0c"))
    assert [length for _, _, length, _ in layout(timeline.tracks[0])] == [120, 30, 50]


def crossfade(before: float, after: float) -> Any:
    return otio.schema.Transition("x", "SMPTE_Dissolve", RationalTime(before, RATE), RationalTime(after, RATE))


@pytest.mark.parametrize(
    ("span", "kinds", "offsets"),
    [
        ((10, 20), ["a", "-a", "a", "x", "b"], (6, 6)),  # far away: as it was
        ((80, 120), ["a", "-a", "x", "-b", "b"], (6, 6)),  # wholly inside
        ((80, 97), ["a", "-a", "a", "x", "b"], (3, 6)),  # ends inside it: shortened to what is left of the piece
        ((102, 150), ["a", "x", "b", "-b", "b"], (6, 2)),
        ((80, 100), ["a", "-a", "b"], None),  # would bring the silenced piece back
        ((100, 150), ["a", "-b", "b"], None),
    ],
)
def test_crossfades_never_bring_silenced_dialogue_back(
    span: tuple[int, int], kinds: list[str], offsets: tuple[float, float] | None
) -> None:
    timeline = timeline_of(clip("a", 500, 100), crossfade(6, 6), clip("b", 700, 100))
    timeline = silenced(timeline, (*span, "1f0c"))
    children = list(timeline.tracks[0])
    assert [item.name if getattr(item, "enabled", True) else f"-{item.name}" for item in children] == kinds
    found = [(item.in_offset.value, item.out_offset.value) for item in children if item.name == "x"]
    assert found == ([offsets] if offsets else [])


def test_silences_that_touch_or_overlap_are_one() -> None:
    assert silences((10, 20, "a"), (30, 40, "c"), (20, 25, "b"), (35, 50, "d"), (36, 37, "e")) == (
        Silence(start=Fraction(10, 24), end=Fraction(25, 24), region_ids=("a", "b")),
        Silence(start=Fraction(30, 24), end=Fraction(50, 24), region_ids=("c", "d", "e")),
    )


@st.composite
def tracks(draw: st.DrawFn) -> Any:
    children: list[Any] = []
    for index in range(draw(st.integers(1, 4))):
        length = draw(st.integers(20, 90))
        item = clip(f"c{index}", draw(st.integers(0, 500)), length)
        for _ in range(draw(st.integers(0, 3))):
            at = item.source_range.start_time.value + draw(st.integers(-5, length + 5))
            item.markers.append(otio.schema.Marker("m", time_range(at, 1)))
        item.markers[:] = sorted(item.markers, key=lambda marker: marker.marked_range.start_time.value)
        children.append(item)
        if draw(st.booleans()):
            children.append(otio.schema.Gap(duration=RationalTime(draw(st.integers(1, 30)), RATE)))
        elif draw(st.booleans()) and index < 3:
            children.append(crossfade(draw(st.integers(0, 8)), draw(st.integers(0, 8))))
    if isinstance(children[-1], otio.schema.Transition):
        children.pop()
    return timeline_of(*children)


@st.composite
def span_lists(draw: st.DrawFn) -> list[tuple[int, int, str]]:
    starts = draw(st.lists(st.integers(0, 350), max_size=5))
    return [(start, start + draw(st.integers(1, 60)), f"r{index}") for index, start in enumerate(starts)]


def heard(track: Any) -> dict[int, tuple[str, float]]:
    """What each frame of a track plays: the clip and the frame of its media."""
    found: dict[int, tuple[str, float]] = {}
    at = 0
    for item in track:
        if isinstance(item, otio.schema.Transition):
            continue
        length = round(item.duration().value)
        if isinstance(item, otio.schema.Clip) and item.enabled:
            found |= {at + n: (item.name, item.source_range.start_time.value + n) for n in range(length)}
        at += length
    return found


@given(tracks(), span_lists())
def test_every_frame_outside_regions_plays_what_it_did_and_nothing_else_is_lost(
    timeline: Any, spans: list[tuple[int, int, str]]
) -> None:
    before, original = heard(timeline.tracks[0]), timeline.clone()
    timeline = silenced(timeline, *spans)
    covered = {frame for start, end, _ in spans for frame in range(start, end)}
    assert heard(timeline.tracks[0]) == {frame: play for frame, play in before.items() if frame not in covered}
    assert timeline.duration() == original.duration()
    timeline = taken_back(timeline)
    assert timeline.to_json_string() == original.to_json_string()
