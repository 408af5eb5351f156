"""Timelines conformed to new cuts of themselves: sources are found again however the new cut names them."""

import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sottovoce_engine.conform import Fate, Kind
from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Scene
from sottovoce_engine.timing import Span
from sottovoce_otio.conform import Conformed, conformed
from sottovoce_otio.timeline import LoadedTimeline, read_timeline

from .built_timelines import NTSC_24, REGISTERS, clip, gap, marker, sound, span, time, timeline, track, transition

LINE = "ANNA whisper: close your eyes [SV:0000000a]"


def load(made: Any, folder: Path, name: str) -> LoadedTimeline:
    path = folder / f"{name}.otio"
    made.to_json_file(str(path))
    return read_timeline(path, REGISTERS)


def conform(old: Any, new: Any, folder: Path) -> Conformed:
    return conformed(load(old, folder, "old"), load(new, folder, "new"))


def marked(*tracks: Any, start: int = 20, length: int = 40) -> Any:
    return timeline(*tracks, marks=[marker(LINE, start, length)])


def shot(name: str, start: float, length: float, **rest: Any) -> Any:
    return track("V1", clip(name, start, length, **rest))


def taken_from(name: str, *, reel: str, start: float, length: float) -> Any:
    """A clip without media, as timelines made from an EDL have them."""
    made = otio.schema.Clip(name, otio.schema.MissingReference(), span(start, length))
    made.metadata["cmx_3600"] = {"reel": reel}
    return made


def test_the_same_file_is_found_wherever_it_goes(tmp_path: Path) -> None:
    found = conform(marked(shot("a", 100, 200)), timeline(track("V1", clip("b", 0, 30), clip("a", 110, 100))), tmp_path)
    (placed,) = found.placements
    assert (placed.fate, placed.span, placed.kind) == (Fate.MOVED, Span(40, 80), Kind.PICTURE)
    assert [region.span for region in found.scene.regions] == [Span(40, 80)]
    assert [(each.how, each.later) for each in found.media] == [("file", Fraction(0))]


def test_a_file_whose_timecode_was_dropped_counts_from_its_first_frame(tmp_path: Path) -> None:
    old = marked(shot("a", 86_500, 200, available=(86_400, 1_000)))
    for start, available in ((110, (0, 1_000)), (110, None), (86_510, None)):
        found = conform(old, timeline(shot("a", start, 100, available=available)), tmp_path)
        assert found.placements[0].span == Span(10, 50), (start, available)
    bare = marked(shot("a", 100, 200, available=None))
    found = conform(bare, timeline(shot("a", 86_510, 100, available=(86_400, 1_000))), tmp_path)
    assert found.placements[0].span == Span(10, 50)


def test_a_relinked_file_is_found_by_its_name_and_the_folders_nearest_to_it(tmp_path: Path) -> None:
    old = marked(
        track(
            "V1",
            clip("a", 0, 50, url="file:///footage/day1/A001.mov"),
            clip("b", 0, 50, url="file:///footage/day2/A001.mov"),
        ),
        start=60,
        length=30,
    )
    relinked = timeline(shot("x", 5, 60, url="file:///Volumes/raid/day2/A001.MOV"))
    found = conform(old, relinked, tmp_path)
    assert (found.placements[0].span, found.media[0].how) == (Span(5, 35), "name")
    nowhere = timeline(shot("x", 5, 60, url="file:///Volumes/raid/A001.mov"))
    assert conform(old, nowhere, tmp_path).placements[0].fate is Fate.LOST  # either of the two


def test_a_file_of_that_name_that_cannot_hold_what_is_used_is_another(tmp_path: Path) -> None:
    old = marked(shot("a", 100, 200, url="file:///one/A001.mov", available=(0, 400)))
    new = timeline(shot("a", 5_000, 200, url="file:///two/A001.mov", available=(0, 9_000)))
    assert conform(old, new, tmp_path).media == ()


def test_a_proxy_is_found_by_its_stem(tmp_path: Path) -> None:
    old = marked(shot("a", 100, 200, url="file:///one/A001.mxf"))
    new = timeline(shot("a", 110, 100, url="file:///two/A001_Proxy.mov"))
    found = conform(old, new, tmp_path)
    assert (found.placements[0].span, found.media[0].how) == (Span(10, 50), "stem")


def test_a_renamed_file_is_found_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(bytes(range(256)) * 40)
    shutil.copy(tmp_path / "a.mov", tmp_path / "interview.mov")
    (tmp_path / "other.mov").write_bytes(bytes(10_240))
    old = marked(shot("a", 100, 200))
    found = conform(old, timeline(shot("interview", 110, 100)), tmp_path)
    assert (found.placements[0].span, found.media[0].how) == (Span(10, 50), "content")
    assert conform(old, timeline(shot("other", 110, 100)), tmp_path).media == ()


def test_without_media_reel_and_timecode_find_it(tmp_path: Path) -> None:
    old = marked(shot("a", 86_500, 200, available=(86_400, 1_000), cmx_3600={"reel": "A001"}))
    new = timeline(
        track(
            "V1",
            taken_from("other", reel="B002", start=86_500, length=50),
            taken_from("EDL 2", reel="a001", start=86_510, length=100),
        )
    )
    found = conform(old, new, tmp_path)
    assert (found.placements[0].span, found.media[0].how) == (Span(60, 100), "reel")
    apart = timeline(track("V1", taken_from("EDL 2", reel="A001", start=999_000, length=100)))
    assert conform(old, apart, tmp_path).media == ()


def test_a_retimed_clip_is_followed_at_its_own_speed_only(tmp_path: Path) -> None:
    def at_speed(speed: float, start: float, length: float) -> Any:
        made = shot("a", start, length)
        made[0].effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
        return made

    old = marked(at_speed(2.0, 100, 200))
    same = conform(old, timeline(track("V1", clip("b", 0, 7)), sound("x")), tmp_path)
    assert same.placements[0].fate is Fate.LOST
    trimmed = at_speed(2.0, 120, 100)  # frame 20 of the source later is frame 10 of the timeline later
    assert conform(old, timeline(trimmed), tmp_path).placements[0].span == Span(10, 50)
    assert conform(old, timeline(at_speed(1.0, 120, 100)), tmp_path).placements[0].fate is Fate.LOST
    frozen = shot("a", 100, 200)
    frozen[0].effects.append(otio.schema.FreezeFrame())
    assert conform(old, timeline(frozen.clone()), tmp_path).placements[0].fate is Fate.LOST
    assert conform(marked(frozen.clone()), timeline(frozen.clone()), tmp_path).placements[0].why == (
        "nothing lies under it that it could go by"
    )


def test_both_sides_of_a_dissolve_lie_under_a_region(tmp_path: Path) -> None:
    mixed = track("V1", clip("a", 0, 60), transition(20, 20), clip("b", 100, 60))
    old = marked(mixed.clone(), start=30, length=50)  # runs to the dissolve's end on the outgoing side
    found = conform(old, timeline(shot("a", 10, 200)), tmp_path)
    assert (found.placements[0].fate, found.placements[0].span) == (Fate.MOVED, Span(20, 70))
    into = conform(marked(shot("a", 0, 200), start=30, length=50), timeline(mixed.clone()), tmp_path)
    assert (into.placements[0].fate, into.placements[0].by) == (Fate.STAYS, 0)


def test_a_nested_sequence_is_looked_into(tmp_path: Path) -> None:
    inner = otio.schema.Stack("scene 4", source_range=span(30, 100))
    inner.append(shot("a", 100, 200))
    found = conform(marked(shot("a", 100, 200), start=50), timeline(track("V1", gap(12), inner)), tmp_path)
    assert found.placements[0].span == Span(32, 72)


def test_dialogue_carries_a_region_through_a_cutaway(tmp_path: Path) -> None:
    dialogue = sound("Dialogue", clip("a", 100, 200, url="a.wav"))
    old = marked(shot("a", 100, 200), dialogue)
    new = timeline(track("V1", clip("a", 100, 30), clip("b", 0, 170)), dialogue.clone())
    found = conform(old, new, tmp_path)
    assert (found.placements[0].span, found.placements[0].kind) == (Span(20, 60), Kind.DIALOGUE)


def test_what_was_edited_in_the_new_cut_is_kept_and_marks_that_stayed_behind_are_moved(tmp_path: Path) -> None:
    old = marked(shot("a", 100, 200))
    new = timeline(
        track("V1", clip("b", 0, 30), clip("a", 100, 200)),
        marks=[
            marker("ANNA soft: close your eyes now [SV:0000000a]", 20, 40),
            marker("Ben (man, loud): who?", 100, 20),
        ],
    )
    found = conform(old, new, tmp_path)
    anna, ben = found.scene.regions
    assert (anna.id, anna.span, anna.register, anna.line) == ("0000000a", Span(50, 90), "soft", "close your eyes now")
    assert (found.edited, [region.id for region in found.new], ben.span) == (("0000000a",), [ben.id], Span(100, 120))
    assert found.notes == (
        "1 of the new cut's marks lay where the old cut had them and were moved onto their material",
    )


def test_a_mark_that_was_moved_in_the_new_cut_stays_there(tmp_path: Path) -> None:
    moved = [marker("ANNA whisper: close your eyes [SV:0000000a]", 33, 40)]
    found = conform(marked(shot("a", 100, 200)), timeline(shot("a", 100, 200), marks=moved), tmp_path)
    assert [region.span for region in found.scene.regions] == [region.span for region in found.marked] == [Span(33, 73)]
    along = [marker("ANNA whisper: close your eyes [SV:0000000a]", 50, 40)]
    cut = timeline(track("V1", clip("b", 0, 30), clip("a", 100, 200)), marks=along)
    found = conform(marked(shot("a", 100, 200)), cut, tmp_path)
    assert (found.marked, found.notes, found.placements[0].span) == ((), (), Span(50, 90))


def test_a_region_whose_place_another_line_was_moved_to_is_told_as_lost(tmp_path: Path) -> None:
    old = timeline(
        shot("a", 0, 200),
        marks=[marker(LINE, 20, 40), marker("ANNA loud: quite another line [SV:0000000b]", 100, 40)],
    )
    new = timeline(shot("a", 0, 200), marks=[marker(LINE, 90, 40)])
    found = conform(old, new, tmp_path)
    assert {each.region.id: (each.fate, each.why) for each in found.placements} == {
        "0000000a": (Fate.LOST, "another line of ANNA lies where it would go"),
        "0000000b": (Fate.STAYS, ""),
    }


def test_a_region_whose_material_is_gone_stays_where_the_new_cut_marks_it(tmp_path: Path) -> None:
    new = timeline(shot("b", 0, 200), marks=[marker(LINE, 77, 40)])
    found = conform(marked(shot("a", 100, 200)), new, tmp_path)
    assert found.placements[0].fate is Fate.LOST
    assert [region.span for region in found.marked] == [Span(77, 117)]
    assert found.scene.regions == found.marked
    assert found.related


def test_a_new_mark_over_a_line_that_came_along_is_left_out_and_told(tmp_path: Path) -> None:
    new = timeline(shot("a", 100, 200), marks=[marker("ANNA loud: quite another line", 50, 40)])
    found = conform(marked(shot("a", 100, 200)), new, tmp_path)
    assert [region.line for region in found.scene.regions] == ["close your eyes"]
    assert "lies over another line of ANNA and was left out" in found.notes[-1]


def test_nothing_in_common_is_unrelated(tmp_path: Path) -> None:
    found = conform(marked(shot("a", 100, 200)), timeline(shot("b", 100, 200)), tmp_path)
    assert not found.related
    assert found.scene.regions == ()


def test_another_rate_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"runs at 24 frames a second and 'new\.otio' at 25"):
        conform(marked(shot("a", 100, 200)), timeline(shot("a", 100, 200, rate=25)), tmp_path)


@pytest.mark.parametrize("rate", [Fraction(24), NTSC_24], ids=["24", "23.976"])
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_recut_every_kept_region_lies_over_the_frames_it_lay_over(
    tmp_path: Path, rate: Fraction, data: st.DataObject
) -> None:
    old_shots = data.draw(st.lists(shots(), min_size=1, max_size=4))
    new_shots = data.draw(st.lists(shots(of=old_shots), min_size=1, max_size=6))
    length = sum(frames for _, _, frames in old_shots)
    start = data.draw(st.integers(0, length - 2))
    marks = [marker(LINE, start, data.draw(st.integers(2, length - start)), rate)]
    old = load(_cut(old_shots, rate, marks), tmp_path, "old")
    new = load(_cut(new_shots, rate, []), tmp_path, "new")
    found = conformed(old, new)
    for placed in found.placements:
        if placed.span is None:
            continue
        for frame in range(placed.span.start, placed.span.end):
            assert shown(found.scene, frame) == shown(old.scene, frame - placed.by)
    assert {region.id for region in found.scene.regions} | {
        placed.region.id for placed in found.placements if placed.fate is Fate.LOST
    } == {region.id for region in old.scene.regions}


def shown(scene: Scene, frame: int) -> tuple[str, int] | None:
    """The file and the frame of it that a scene shows."""
    piece = scene.picture_at(frame)
    return (
        None
        if piece is None
        else (piece.source.path, round((piece.source.start * scene.rate) + frame - piece.span.start))
    )


def _cut(shots: Sequence[tuple[str, int, int]], rate: Fraction, marks: Sequence[Any]) -> Any:
    items = [clip(name, 86_400 + first, frames, rate=rate, available=(86_400, 200)) for name, first, frames in shots]
    return timeline(track("V1", *items), marks=marks, start=time(86_400, rate))


@st.composite
def shots(draw: st.DrawFn, of: Sequence[tuple[str, int, int]] = ()) -> tuple[str, int, int]:
    """A stretch of a source of 200 frames, or of a shot of another cut."""
    name, low, frames = draw(st.sampled_from([*of, ("new", 0, 60)])) if of else (draw(st.sampled_from("ab")), 0, 200)
    first = draw(st.integers(0, frames - 2))
    return name, low + first, draw(st.integers(2, frames - first))
