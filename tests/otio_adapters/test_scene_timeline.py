import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime

from sottovoce_engine.splice.values import Spliced
from sottovoce_engine.timing import Span, samples_of
from sottovoce_otio.region_marks import marker_colour
from sottovoce_otio.scene_timeline import scene_document, scene_timeline
from sottovoce_otio.timeline import LoadedTimeline

from .spliced_scenes import (
    REGISTERS,
    loaded_timeline,
    mark,
    source_timeline,
    spliced_of,
    spliced_region,
    spliced_scene,
    time_range,
)


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedTimeline:
    """Anna whispers over 20-60, Ben shouts over 100-136."""
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes", 20, 40)
    mark(timeline, "BEN (man) shout: stay there!", 100, 36)
    return loaded_timeline(timeline, tmp_path)


def written(loaded: LoadedTimeline, spliced: Spliced, **options: Any) -> Any:
    return scene_timeline(loaded, spliced, REGISTERS, **options)


def track(timeline: Any, name: str) -> Any:
    return next(found for found in timeline.tracks if found.name == name)


def places(found: Any) -> list[tuple[str, int, int]]:
    """(first word of the name, first frame, frame after the last) of every clip of a track."""
    return [
        (
            clip.name.split()[0],
            round(clip.range_in_parent().start_time.value),
            round(clip.range_in_parent().end_time_exclusive().value),
        )
        for clip in found.find_clips()
    ]


def test_the_source_is_never_changed(loaded: LoadedTimeline, tmp_path: Path) -> None:
    before, file = loaded.timeline.to_json_string(), loaded.path.read_bytes()
    written(loaded, spliced_scene(loaded.scene, tmp_path, picture=True))
    assert loaded.timeline.to_json_string() == before
    assert loaded.path.read_bytes() == file


def test_each_voice_has_a_track_and_pictures_lie_above_all_others(loaded: LoadedTimeline, tmp_path: Path) -> None:
    timeline = written(loaded, spliced_scene(loaded.scene, tmp_path, picture=True))
    assert [(found.name, found.kind) for found in timeline.tracks] == [
        ("V1", "Video"),
        ("Sottovoce picture", "Video"),
        ("A1", "Audio"),
        ("A2 music", "Audio"),
        ("ANNA (Sottovoce)", "Audio"),
        ("BEN (Sottovoce)", "Audio"),
        ("Room tone (Sottovoce)", "Audio"),
    ]
    assert places(track(timeline, "ANNA (Sottovoce)")) == [("ANNA", 20, 60)]
    assert places(track(timeline, "Sottovoce picture")) == [("ANNA", 20, 60), ("BEN", 100, 136)]
    assert places(track(timeline, "Room tone (Sottovoce)")) == [("Room", 0, 240)]
    assert all(found.duration() == RationalTime(240, 24) for found in timeline.tracks)


def test_a_take_s_picture_runs_on_to_the_region_that_continues_it(loaded: LoadedTimeline, tmp_path: Path) -> None:
    first, second = loaded.scene.regions
    regions = (
        spliced_region(first, loaded.scene, tmp_path, picture=True, shown=Span(20, 80)),
        spliced_region(second, loaded.scene, tmp_path, picture=True, shown=second.span),
    )
    timeline = written(loaded, spliced_of(loaded.scene, tmp_path, regions))
    assert places(track(timeline, "Sottovoce picture")) == [("ANNA", 20, 80), ("BEN", 100, 136)]
    assert places(track(timeline, "ANNA (Sottovoce)")) == [("ANNA", 20, 60)]


def test_without_pictures_of_the_takes_there_is_no_picture_track(loaded: LoadedTimeline, tmp_path: Path) -> None:
    timeline = written(loaded, spliced_scene(loaded.scene, tmp_path))
    assert [found.name for found in timeline.video_tracks()] == ["V1"]


def test_a_clip_is_the_region_as_spliced_with_the_take_s_handles_around_it(
    loaded: LoadedTimeline, tmp_path: Path
) -> None:
    region, scene = loaded.scene.regions[0], loaded.scene
    cut = spliced_region(region, scene, tmp_path, slip=3, sound=samples_of(Span(18, 63), scene.rate))
    timeline = written(loaded, spliced_of(scene, tmp_path, (cut,)))
    clip = track(timeline, "ANNA (Sottovoce)").find_clips()[0]
    assert places(track(timeline, "ANNA (Sottovoce)")) == [("ANNA", 18, 63)]
    # The take's first frame lies at 20 - 24 + 3 = -1.
    assert clip.source_range == time_range(19, 45, 24)
    assert clip.available_range() == time_range(0, cut.placed.take.length_frames, 24)
    assert clip.media_reference.target_url == Path(cut.placed.path).as_uri()


def test_a_sound_cut_between_frames_lies_on_the_nearest_frame(loaded: LoadedTimeline, tmp_path: Path) -> None:
    region, scene = loaded.scene.regions[0], loaded.scene
    cut = spliced_region(region, scene, tmp_path, sound=Span(20 * 2000 + 900, 60 * 2000 + 1100))
    timeline = written(loaded, spliced_of(scene, tmp_path, (cut,)))
    assert places(track(timeline, "ANNA (Sottovoce)")) == [("ANNA", 20, 61)]
    clip = track(timeline, "ANNA (Sottovoce)").find_clips()[0]
    assert list(clip.metadata["sottovoce"]["sound_samples"]) == [40_900, 121_100]


def test_a_sound_that_starts_before_the_scene_starts_with_it(tmp_path: Path) -> None:
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes", 0, 240)
    loaded = loaded_timeline(timeline, tmp_path)
    sound = samples_of(Span(-5, 245), loaded.scene.rate)
    cut = spliced_region(loaded.scene.regions[0], loaded.scene, tmp_path, sound=sound)
    found = track(written(loaded, spliced_of(loaded.scene, tmp_path, (cut,))), "ANNA (Sottovoce)")
    clip = found.find_clips()[0]
    assert clip.range_in_parent() == time_range(0, 240, 24)
    assert clip.source_range == time_range(24, 240, 24)


def test_all_takes_of_a_region_are_on_its_clip_and_the_chosen_one_is_active(
    loaded: LoadedTimeline, tmp_path: Path
) -> None:
    chosen = spliced_region(loaded.scene.regions[0], loaded.scene, tmp_path, takes=3)
    clip = written(loaded, spliced_of(loaded.scene, tmp_path, (chosen,))).tracks[3].find_clips()[0]
    assert sorted(clip.media_references()) == ["take 1 seed 1", "take 2 seed 2", "take 3 seed 3"]
    assert clip.active_media_reference_key == "take 3 seed 3"
    keys = {reference.metadata["sottovoce"]["take"] for reference in clip.media_references().values()}
    assert keys == {chosen.placed.take.key, *(take.key for take, _ in chosen.placed.alternatives)}
    assert clip.metadata["sottovoce"]["take"] == chosen.placed.take.key


def test_takes_count_from_zero_as_their_files_do(loaded: LoadedTimeline, tmp_path: Path) -> None:
    timeline = written(loaded, spliced_scene(loaded.scene, tmp_path, picture=True))
    clip = track(timeline, "Sottovoce picture").find_clips()[0]
    assert clip.available_range().start_time == RationalTime(0, 24)
    assert clip.source_range == time_range(24, 40, 24)


def test_gains_and_fades_are_noted_on_the_clips(loaded: LoadedTimeline, tmp_path: Path) -> None:
    timeline = written(loaded, spliced_scene(loaded.scene, tmp_path, gain_db=-3.25, slip=-2))
    own = track(timeline, "ANNA (Sottovoce)").find_clips()[0].metadata["sottovoce"]
    assert (own["gain_db"], own["fade_in_samples"], own["fade_out_samples"]) == (-3.25, 3840, 1920)
    assert (own["register"], own["region"], own["slip_frames"]) == ("whisper", loaded.scene.regions[0].id, -2)
    assert list(own["speech_samples"]) == [40_000, 120_000]


def test_picture_and_sound_of_one_take_are_linked_by_a_number_nobody_has(
    loaded: LoadedTimeline, tmp_path: Path
) -> None:
    timeline = written(loaded, spliced_scene(loaded.scene, tmp_path, picture=True))
    links = [
        [clip.metadata["Resolve_OTIO"]["Link Group ID"] for clip in track(timeline, name).find_clips()]
        for name in ("Sottovoce picture", "ANNA (Sottovoce)", "BEN (Sottovoce)")
    ]
    assert links == [[6, 7], [6], [7]]
    sound_only = written(loaded, spliced_scene(loaded.scene, tmp_path))
    assert "Resolve_OTIO" not in track(sound_only, "BEN (Sottovoce)").find_clips()[0].metadata


def test_dialogue_under_the_regions_is_disabled_and_music_is_not(loaded: LoadedTimeline, tmp_path: Path) -> None:
    timeline = written(loaded, spliced_scene(loaded.scene, tmp_path))
    pieces = track(timeline, "A1").find_clips()
    assert [(*place, clip.enabled) for place, clip in zip(places(track(timeline, "A1")), pieces, strict=True)] == [
        ("street", 0, 20, True),
        ("street", 20, 60, False),
        ("street", 60, 100, True),
        ("street", 100, 120, False),
        ("kitchen", 120, 136, False),
        ("kitchen", 136, 240, True),
    ]
    assert [clip.metadata["Resolve_OTIO"]["Link Group ID"] for clip in pieces] == [4, 4, 4, 4, 5, 5]
    assert [clip.source_range.start_time.value for clip in pieces[:4]] == [1050, 1070, 1110, 1150]


def test_everything_else_is_kept_to_the_letter(loaded: LoadedTimeline, tmp_path: Path) -> None:
    """But for the range of markers, which is there twice."""
    timeline = written(loaded, spliced_scene(loaded.scene, tmp_path, picture=True))
    for name in ("V1", "A2 music"):
        assert track(timeline, name).to_json_string() == with_ranges(track(loaded.timeline, name)).to_json_string()
    first_marker = with_ranges(loaded.timeline).tracks.markers[0]
    assert timeline.tracks.markers[0].to_json_string() == first_marker.to_json_string()
    assert timeline.metadata["studio"] == loaded.timeline.metadata["studio"]
    assert timeline.metadata["studio"]["at"] == RationalTime(3, 24)
    assert timeline.global_start_time == RationalTime(86_400, 24)
    assert (timeline.name, timeline.tracks.name) == (loaded.timeline.name, loaded.timeline.tracks.name)


def with_ranges(item: Any) -> Any:
    """The item, the range of each of its markers under both names."""
    plain = json.loads(item.to_json_string())
    objects = [plain]
    while objects:
        found = objects.pop()
        if isinstance(found, dict):
            if "marked_range" in found:
                found["range"] = found["marked_range"]
            objects += found.values()
        elif isinstance(found, list):
            objects += found
    return otio.core.deserialize_json_from_string(json.dumps(plain))


@pytest.mark.parametrize("written_as", [23.976, 23.98, 24_000 / 1001])
def test_rates_are_written_exactly(written_as: float, tmp_path: Path) -> None:
    """Kdenlive compares them for equality."""
    timeline = source_timeline(rate=Fraction(written_as))
    mark(timeline, "ANNA whisper: close your eyes", 30, 40, Fraction(written_as))
    loaded = loaded_timeline(timeline, tmp_path)
    document = scene_document(loaded, spliced_scene(loaded.scene, tmp_path, picture=True), REGISTERS)
    assert set(re.findall(r'"rate": ([0-9.]+)', json.dumps({**document, "metadata": {}}))) == {repr(24_000 / 1001)}


def overlapping(tmp_path: Path, spans: list[tuple[str, int, int]]) -> tuple[LoadedTimeline, Spliced]:
    timeline = source_timeline()
    for voice, start, end in spans:
        mark(timeline, f"{voice} soft: the line of {voice} at {start}", start, end - start)
    loaded = loaded_timeline(timeline, tmp_path)
    return loaded, spliced_scene(loaded.scene, tmp_path, picture=True)


@pytest.mark.parametrize(
    ("spans", "tracks"),
    [
        ([("ADA", 10, 60), ("BEN", 50, 90)], [["ADA"], ["BEN"]]),
        ([("ADA", 10, 60), ("BEN", 60, 90)], [["ADA", "BEN"]]),
        # Cleo lies over Ben alone, and must be above him although Ada's track is free.
        ([("ADA", 10, 60), ("BEN", 50, 120), ("CLEO", 70, 100)], [["ADA"], ["BEN"], ["CLEO"]]),
        ([("ADA", 10, 100), ("BEN", 30, 50), ("CLEO", 60, 80)], [["ADA"], ["BEN", "CLEO"]]),
    ],
)
def test_where_pictures_overlap_the_later_start_lies_above(
    tmp_path: Path, spans: list[tuple[str, int, int]], tracks: list[list[str]]
) -> None:
    timeline = written(*overlapping(tmp_path, spans))
    found = [track for track in timeline.video_tracks() if track.name.startswith("Sottovoce")]
    assert [[name for name, _, _ in places(each)] for each in found] == tracks
    assert [each.name for each in found][1:2] in ([], ["Sottovoce picture 2"])


def test_lines_of_one_voice_whose_sounds_overlap_get_a_track_each(tmp_path: Path) -> None:
    loaded, _ = overlapping(tmp_path, [("ADA", 10, 60), ("ADA", 62, 90)])
    first, second = loaded.scene.regions
    regions = (
        spliced_region(first, loaded.scene, tmp_path, sound=samples_of(Span(10, 70), loaded.scene.rate)),
        spliced_region(second, loaded.scene, tmp_path),
    )
    timeline = written(loaded, spliced_of(loaded.scene, tmp_path, regions))
    assert places(track(timeline, "ADA (Sottovoce)")) == [("ADA", 10, 70)]
    assert places(track(timeline, "ADA (Sottovoce) 2")) == [("ADA", 62, 90)]


def test_a_dissolve_is_there_only_where_the_splice_made_one(tmp_path: Path) -> None:
    loaded, _ = overlapping(tmp_path, [("ADA", 10, 60), ("BEN", 60, 90), ("CLEO", 150, 190)])
    dissolves = (None, Span(55, 66), Span(144, 156))
    regions = tuple(
        spliced_region(region, loaded.scene, tmp_path, picture=True, dissolve=dissolve)
        for region, dissolve in zip(loaded.scene.regions, dissolves, strict=True)
    )
    found = track(written(loaded, spliced_of(loaded.scene, tmp_path, regions)), "Sottovoce picture")
    transitions = [child for child in found if isinstance(child, otio.schema.Transition)]
    assert [(each.transition_type, each.in_offset.value, each.out_offset.value) for each in transitions] == [
        ("SMPTE_Dissolve", 5, 6),
        ("SMPTE_Dissolve", 6, 6),
    ]
    assert [type(child).__name__ for child in found] == [
        *("Gap", "Clip", "Transition", "Clip", "Gap", "Transition", "Clip", "Gap")
    ]
    # Both sides have the material the dissolve reaches into.
    outgoing = found[1]
    assert outgoing.available_range().contains(
        outgoing.source_range.extended_by(time_range(outgoing.source_range.end_time_exclusive().value, 6, 24))
    )


def test_a_stack_trimmed_at_its_start_keeps_everything_in_step(tmp_path: Path) -> None:
    timeline = source_timeline()
    timeline.tracks.source_range = time_range(30, 180, 24)
    mark(timeline, "ANNA whisper: close your eyes", 50, 40)
    loaded = loaded_timeline(timeline, tmp_path)
    assert loaded.scene.regions[0].span == Span(20, 60)
    out = written(loaded, spliced_scene(loaded.scene, tmp_path))
    assert places(track(out, "ANNA (Sottovoce)")) == [("ANNA", 50, 90)]
    assert places(track(out, "Room tone (Sottovoce)")) == [("Room", 30, 210)]
    assert [place[1:] for place in places(track(out, "A1"))][:3] == [(0, 50), (50, 90), (90, 120)]
    assert out.tracks.markers[-1].marked_range == time_range(50, 40, 24)


def test_marks_have_the_colour_of_their_register(loaded: LoadedTimeline, tmp_path: Path) -> None:
    timeline = written(loaded, spliced_scene(loaded.scene, tmp_path))
    assert [marker.color for marker in timeline.tracks.markers] == ["PINK", "BLUE", "ORANGE"]
    colours = [marker_colour(register.colour) for register in REGISTERS.registers]
    assert colours == ["BLUE", "CYAN", "GREEN", "WHITE", "YELLOW", "ORANGE", "RED"]
    assert marker_colour("#000000") == "BLACK"


def test_what_a_person_wrote_on_a_mark_stays(tmp_path: Path) -> None:
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes", 20, 40)
    marker = timeline.tracks.markers[-1]
    marker.comment = "ask the director"
    marker.metadata["Resolve_OTIO"] = {"Note": "pick-up", "Keywords": ["x"]}
    marker.metadata["studio"] = {"at": RationalTime(5, 24)}
    loaded = loaded_timeline(timeline, tmp_path)
    found = written(loaded, spliced_scene(loaded.scene, tmp_path)).tracks.markers[-1]
    region_id = loaded.scene.regions[0].id
    tagged = f"ANNA whisper: close your eyes [SV:{region_id}]"
    assert found.name == f"ANNA whisper: close your eyes | {tagged}"
    assert found.comment.startswith("ask the director | ANNA")
    assert found.metadata["Resolve_OTIO"]["Note"].startswith("pick-up | ANNA")
    assert found.comment.endswith(f"[SV:{region_id}]")
    assert list(found.metadata["Resolve_OTIO"]["Keywords"]) == ["x"]
    assert found.metadata["studio"]["at"] == RationalTime(5, 24)


def test_relative_media_are_found_from_the_new_folder(tmp_path: Path) -> None:
    footage = tmp_path / "footage" / "two words.mov"
    footage.parent.mkdir()
    footage.touch()
    timeline = source_timeline()
    timeline.tracks[0][0].media_reference.target_url = "footage/two%20words.mov"
    timeline.tracks[0][2].media_reference.target_url = "footage/missing.mov"
    mark(timeline, "ANNA whisper: close your eyes", 20, 40)
    loaded = loaded_timeline(timeline, tmp_path)
    spliced = spliced_scene(loaded.scene, tmp_path / "night.sottovoce")

    def urls(found: Any) -> list[str]:
        return [
            clip.media_reference.target_url for clip in (*found.tracks[0].find_clips(), *found.tracks[3].find_clips())
        ]

    take = Path(spliced.regions[0].placed.path)
    assert urls(written(loaded, spliced)) == [footage.as_uri(), "footage/missing.mov", take.as_uri()]
    assert urls(written(loaded, spliced, relative_to=tmp_path / "out")) == [
        "../footage/two%20words.mov",
        "footage/missing.mov",
        f"../night.sottovoce/{take.name}",
    ]


def test_regions_edited_since_reading_are_written_as_they_are_now(loaded: LoadedTimeline, tmp_path: Path) -> None:
    first, _ = loaded.scene.regions
    now = loaded.scene.with_regions((replace(first, span=Span(24, 60), line="shut your eyes"),))
    timeline = written(loaded, spliced_scene(now, tmp_path), scene=now)
    names = [marker.name for marker in timeline.tracks.markers]
    assert names == ["grade me", f"ANNA whisper: close your eyes | ANNA whisper: shut your eyes [SV:{first.id}]"]
    assert timeline.tracks.markers[1].marked_range == time_range(24, 36, 24)


@pytest.mark.parametrize(
    "change",
    [
        lambda timeline: timeline.tracks[2][1].source_range.start_time,  # nothing
        lambda timeline: timeline.tracks[2].pop(2),
        lambda timeline: setattr(timeline.tracks[2][1], "source_range", time_range(1075, 35, 24)),
        lambda timeline: timeline.tracks[2].insert(1, otio.schema.Gap(duration=RationalTime(3, 24))),
    ],
)
def test_rendering_again_from_our_own_timeline_silences_each_frame_once(
    loaded: LoadedTimeline, tmp_path: Path, change: Callable[[Any], object]
) -> None:
    """The editor may have cut our timeline further: nothing is doubled, nothing stays silent by mistake."""
    once = written(loaded, spliced_scene(loaded.scene, tmp_path, picture=True))
    change(once)
    again = loaded_timeline(once, tmp_path, "again.otio")
    twice = written(again, spliced_scene(again.scene, tmp_path, picture=True))
    assert [found.name for found in twice.tracks] == [found.name for found in once.tracks]
    spans = [region.span for region in again.scene.regions]
    for clip, (_, start, end) in zip(track(twice, "A1").find_clips(), places(track(twice, "A1")), strict=True):
        assert clip.enabled == (not any(span.overlaps(Span(start, end)) for span in spans))


def test_rates_that_are_no_whole_numbers_stay_exact(tmp_path: Path) -> None:
    rate = Fraction(30_000, 1001)
    timeline = source_timeline(rate)
    mark(timeline, "ANNA whisper: close your eyes", 20, 40, rate)
    loaded = loaded_timeline(timeline, tmp_path)
    out = written(loaded, spliced_scene(loaded.scene, tmp_path))
    assert places(track(out, "ANNA (Sottovoce)")) == [("ANNA", 20, 60)]
    values = {clip.source_range.start_time.value for clip in track(out, "A1").find_clips()}
    assert values == {1050.0, 1070.0, 1110.0}
    assert (
        json.loads(out.to_json_string())["tracks"]["children"][1]["children"][0]["source_range"]["duration"]["rate"]
        == 30_000 / 1001
    )
