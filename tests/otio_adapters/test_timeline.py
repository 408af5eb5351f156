"""Timelines read whole: time, marks, voices, ids, what hosts write."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.media_making import write_numbered_movie

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.timing import Span, frames_in, timecode
from sottovoce_otio.marks import written_mark
from sottovoce_otio.ours import region_metadata, scene_metadata
from sottovoce_otio.timeline import LoadedTimeline, ReadOptions, read_timeline

from .built_timelines import (
    NTSC_24,
    NTSC_30,
    NTSC_60,
    RATES,
    REGISTERS,
    clip,
    gap,
    marker,
    read,
    sound,
    span,
    time,
    timeline,
    track,
    transition,
)

DATA = Path(__file__).parent / "data"
WOMAN, MAN = Gender.WOMAN, Gender.MAN
some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def said(loaded: LoadedTimeline) -> list[tuple[int, int, str, str, str]]:
    """(start, end, voice, register, line) of each region."""
    return [
        (region.span.start, region.span.end, region.voice, region.register, region.line)
        for region in loaded.scene.regions
    ]


# Time. ----------------------------------------------------------------------------------------------------------------


@some
@given(
    rate=st.sampled_from(RATES),
    start=st.integers(0, 200_000),
    length=st.integers(2, 90),
    base=st.integers(1, 2_000_000),
)
def test_marks_lie_on_the_frame_they_were_set_on(
    rate: Fraction, start: int, length: int, base: int, tmp_path: Path
) -> None:
    made = timeline(
        track("V1", gap(400_000, rate)), marks=[marker("whisper: hi", start, length, rate)], start=time(base, rate)
    )
    scene = read(made, tmp_path).scene
    assert (scene.rate, scene.start_frame, scene.length_frames) == (rate, base, 400_000)
    assert scene.regions[0].span == Span(start, start + length)


@pytest.mark.parametrize("written", [23.976, 23.98, 23.976024, 23.976023976023978, 24000 / 1001])
def test_rates_are_known_however_they_were_rounded(written: float, tmp_path: Path) -> None:
    made = timeline(track("V1", gap(100, written)), marks=[marker("whisper: hi", 50, 20, written)])
    scene = read(made, tmp_path).scene
    assert (scene.rate, scene.regions[0].span) == (NTSC_24, Span(50, 70))


def test_marks_at_another_rate_are_converted_exactly(tmp_path: Path) -> None:
    marks = [marker("whisper: hi", 1000, 500, 1000), marker("soft: ho", 144_144, 96_096, 48_000)]
    scene = read(timeline(track("V1", gap(200, NTSC_24)), marks=marks), tmp_path).scene
    assert [region.span for region in scene.regions] == [Span(24, 36), Span(72, 120)]


def test_the_rate_is_that_of_the_global_start_else_of_most_pictures(tmp_path: Path) -> None:
    mixed = [clip("a", 0, 50, rate=25), clip("b", 0, 100, rate=24), sound("A", clip("c", 0, 10**6, rate=48_000))]
    line = track("V1", *mixed[:2])
    loaded = read(timeline(line, mixed[2]), tmp_path)
    assert loaded.scene.rate == 24
    assert [note for note in loaded.scene.notes if "runs at 24" in note and "25" in note]
    assert read(timeline(line.clone(), start=time(3600 * 30, 30)), tmp_path).scene.rate == 30
    assert read(timeline(line.clone(), start=time(0, 60)), tmp_path).scene.rate == 24
    assert read(timeline(track("V1", clip("a", 0, 50, rate=25)), start=time(0, 1)), tmp_path).scene.rate == 25
    assert read(timeline(sound("A1", clip("c", 0, 48_000, rate=48_000)), start=time(0, 25)), tmp_path).scene.rate == 25


@pytest.mark.parametrize(
    ("metadata", "drop"),
    [
        ({}, False),
        ({"sottovoce": {"format": 1, "drop_frame": True}}, True),
        ({"fcp_xml": {"timecode": {"displayformat": "DF", "string": "01:00:00:00"}}}, True),
        ({"fcp_xml": {"timecode": {"displayformat": "NDF", "string": "01:00:00:00"}}}, False),
        ({"cmx_3600": {"FCM": "DROP FRAME"}}, True),
        ({"cmx_3600": {"FCM": "NON-DROP FRAME"}}, False),
        ({"host": {"drop_frame": "true"}}, True),
        ({"host": {"isDropFrame": False}}, False),
        ({"PremierePro": {"MZ.Sequence.VideoTimeDisplayFormat": "102"}}, True),
        ({"PremierePro": {"MZ.Sequence.VideoTimeDisplayFormat": "103"}}, False),
        ({"host": {"settings": [{"startTimecode": "01:00:00;00"}]}}, True),
    ],
)
@pytest.mark.parametrize("rate", [NTSC_30, NTSC_60])
def test_drop_frame_is_read_from_metadata(metadata: dict[str, Any], drop: bool, rate: Fraction, tmp_path: Path) -> None:
    made = timeline(track("V1", gap(100, rate)), start=time(107_892 * (rate // 29), rate), **metadata)
    scene = read(made, tmp_path).scene
    assert scene.drop_frame is drop
    shown = timecode(scene.start_frame, scene.rate, drop=scene.drop_frame)
    assert shown == ("01:00:00;00" if drop else "00:59:56:12" if rate == NTSC_30 else "00:59:56:24")


def test_drop_frame_is_as_asked_for(tmp_path: Path) -> None:
    made = timeline(track("V1", gap(100, NTSC_30)), cmx_3600={"FCM": "DROP FRAME"})
    assert read(made, tmp_path, ReadOptions(drop_frame=False)).scene.drop_frame is False
    assert (
        read(timeline(track("V1", gap(100, NTSC_30))), tmp_path, ReadOptions(drop_frame=True)).scene.drop_frame is True
    )
    with pytest.raises(InputError, match=r"Drop-frame.*29.97"):
        read(timeline(track("V1", gap(100, 25))), tmp_path, ReadOptions(drop_frame=True))
    assert read(timeline(track("V1", gap(100, 25)), cmx_3600={"FCM": "DROP FRAME"}), tmp_path).scene.drop_frame is False


# Where marks hang. ----------------------------------------------------------------------------------------------------


@some
@given(data=st.data(), rate=st.sampled_from(RATES))
def test_marks_on_items_lie_where_otio_transforms_them(data: st.DataObject, rate: Fraction, tmp_path: Path) -> None:
    number = st.integers(0, 60)
    inner = clip("inner", 86_400 + data.draw(number), 50 + data.draw(number), rate=rate, available=(86_400, 900))
    nested_track = track("V", gap(data.draw(number), rate), inner, gap(20, rate))
    if data.draw(st.booleans()):
        nested_track.source_range = span(data.draw(number), 30 + data.draw(number), rate)
    nested = otio.schema.Stack(source_range=span(data.draw(number), 40 + data.draw(number), rate))
    nested.append(nested_track)
    items = [
        gap(1 + data.draw(number), rate),
        clip("first", 7, 30, rate=rate),
        transition(3, 3, rate),
        nested,
        clip("last", 9, 30, rate=rate),
    ]
    line = track("V1", *items)
    made = timeline(line, start=time(data.draw(st.integers(1, 10**6)), rate))
    if data.draw(st.booleans()):
        made.tracks.source_range = span(data.draw(number), 100, rate)
    owner = data.draw(st.sampled_from([inner, nested, items[0], items[1], items[4]]))
    own = owner.trimmed_range()
    at = own.start_time + time(data.draw(st.integers(0, int(own.duration.value) - 1)), rate)
    owner.markers.append(otio.schema.Marker("ANNA whisper: hi", otio.opentime.TimeRange(at, time(3, rate))))

    expected = owner.transformed_time(at, made.tracks) - made.tracks.trimmed_range().start_time
    parents, parent = [], owner
    while parent is not None:
        parents.append(parent)
        parent = parent.parent()
    visible = all(each.trimmed_range().contains(owner.transformed_time(at, each)) for each in parents)
    scene = read(made, tmp_path).scene
    found = [region.span.start for region in scene.regions]
    if visible:
        assert found == [round(expected.value)]
    elif found:  # the mark begins before what is visible, and reaches into it
        assert 0 < scene.regions[0].span.length < 3
    else:
        assert [note for note in scene.notes if "trimmed part" in note]


def test_marks_on_tracks_gaps_and_the_stack(tmp_path: Path) -> None:
    empty = gap(24)
    empty.markers.append(marker("soft: on the gap", 4, 10))
    line = track("V1", clip("a", 100, 48), empty)
    line.markers.append(marker("loud: on the track", 30, 10))
    made = timeline(line, marks=[marker("whisper: on the stack", 10, 10)])
    loaded = read(made, tmp_path)
    assert [each[:2] for each in said(loaded)] == [(10, 20), (30, 40), (52, 62)]
    places = {(mark.address, mark.index): mark.region_id for mark in loaded.marks}
    assert [places[(), 0], places[(0,), 0], places[(0, 1), 0]] == [region.id for region in loaded.scene.regions]
    assert loaded.timeline.tracks[0][1].markers[0].name == "soft: on the gap"


def test_a_mark_that_reaches_beyond_its_clip_is_cut_off_there(tmp_path: Path) -> None:
    short = clip("a", 100, 24, markers=[marker("soft: too long", 110, 50)])
    loaded = read(timeline(track("V1", short, gap(50))), tmp_path)
    assert said(loaded)[0][:2] == (10, 24)
    assert [note for note in loaded.scene.notes if "cut off" in note]


def test_marks_on_disabled_items_are_left_out(tmp_path: Path) -> None:
    off = clip("a", 0, 24, markers=[marker("soft: hi", 0, 10)])
    off.enabled = False
    hidden = track("V2", clip("b", 0, 24, markers=[marker("soft: ho", 0, 10)]))
    hidden.enabled = False
    loaded = read(timeline(track("V1", off, gap(24)), hidden), tmp_path)
    assert said(loaded) == []
    assert len([note for note in loaded.scene.notes if "disabled" in note]) == 2


def test_marks_counted_from_the_timecode_are_moved_to_the_first_frame(tmp_path: Path) -> None:
    marks = [marker("whisper: hi", 86_410, 10), marker("soft: ho", 86_430, 10)]
    loaded = read(timeline(track("V1", gap(100)), marks=marks, start=time(86_400)), tmp_path)
    assert [each[:2] for each in said(loaded)] == [(10, 20), (30, 40)]


def test_linked_clips_carry_one_mark_twice(tmp_path: Path) -> None:
    def marked() -> Any:
        return clip("a", 0, 48, markers=[marker("ANNA whisper: hi", 10, 20)])

    loaded = read(timeline(track("V1", marked()), sound("A1", marked())), tmp_path)
    assert said(loaded) == [(10, 30, "ANNA", "whisper", "hi")]
    assert [(mark.address, mark.region_id) for mark in loaded.marks] == [
        ((0, 0), loaded.scene.regions[0].id), ((1, 0), loaded.scene.regions[0].id),
    ]  # fmt: skip


# Point marks. ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1])
def test_a_point_mark_runs_to_the_end_of_the_dialogue_under_it(length: int, tmp_path: Path) -> None:
    line = sound("Dialogue", gap(20), clip("a", 0, 60), clip("b", 0, 40))
    music = sound("Music", clip("m", 0, 300))
    loaded = read(timeline(line, music, marks=[marker("ANNA whisper: hi", 30, length)]), tmp_path)
    region = loaded.scene.regions[0]
    assert (region.span, region.length_guessed) == (Span(30, 80), True)


def test_a_point_mark_without_dialogue_lasts_as_long_as_its_line(tmp_path: Path) -> None:
    text = "a line that takes some time to say"
    marks = [marker(f"ANNA whisper: {text}", 30, 1), marker("BEN soft: yes", 299, 1)]
    loaded = read(timeline(sound("Music", clip("m", 0, 300)), marks=marks), tmp_path)
    spoken = frames_in(speaking_seconds(text), Fraction(24))
    assert [region.span for region in loaded.scene.regions] == [Span(30, 30 + spoken), Span(299, 300)]


def test_a_point_mark_just_before_the_end_of_its_clip_is_no_splinter(tmp_path: Path) -> None:
    line = sound("Dialogue", clip("a", 0, 60), gap(100))
    marks = [marker("ANNA whisper: well then", 57, 1), marker("BEN soft: well then", 50, 1)]
    loaded = read(timeline(line, marks=marks), tmp_path)
    spoken = frames_in(speaking_seconds("well then"), Fraction(24))
    assert [region.span for region in loaded.scene.regions] == [Span(50, 60), Span(57, 57 + spoken)]


def test_a_point_mark_ends_where_the_same_voice_goes_on(tmp_path: Path) -> None:
    marks = [marker("ANNA whisper: hi", 10, 1), marker("BEN soft: ho", 30, 20), marker("ANNA soft: yes", 60, 20)]
    loaded = read(timeline(sound("Dialogue", clip("a", 0, 200)), marks=marks), tmp_path)
    assert [each[:3] for each in said(loaded)] == [(10, 60, "ANNA"), (30, 50, "BEN"), (60, 80, "ANNA")]


def test_a_point_is_one_frame_of_its_own_rate(tmp_path: Path) -> None:
    marks = [marker("ANNA whisper: hi", 10, 1, 24), marker("BEN soft: two seconds", 2, 2, 1)]
    loaded = read(timeline(sound("Dialogue", clip("a", 0, 600, rate=60)), marks=marks), tmp_path)
    assert [(region.span, region.length_guessed) for region in loaded.scene.regions] == [
        (Span(25, 600), True), (Span(120, 240), False),
    ]  # fmt: skip


# Voices. --------------------------------------------------------------------------------------------------------------


def voices(
    *texts: str, options: ReadOptions | None = None, folder: Path, **metadata: Any
) -> tuple[list[str], LoadedTimeline]:
    marks = [marker(text, 40 * index, 30) for index, text in enumerate(texts)]
    loaded = read(timeline(track("V1", gap(400)), marks=marks, **metadata), folder, options)
    return [f"{voice.name} {voice.gender}" for voice in loaded.scene.voices], loaded


def test_one_voice_however_it_is_written(tmp_path: Path) -> None:
    found, loaded = voices("Anna (whispering): hi", "ANNA loud: ho", "anna soft: yes", folder=tmp_path)
    assert found == ["Anna woman"]
    assert [region.voice for region in loaded.scene.regions] == ["Anna"] * 3


def test_who_is_a_man_is_said_or_assumed(tmp_path: Path) -> None:
    found, loaded = voices(
        "ANNA whisper: a", "BEN (man) loud: b", "(man, whispering): c", "OLD MAN soft: d", "whisper: e", "Mrs. Hill soft: f",
        folder=tmp_path,
    )  # fmt: skip
    assert found == ["ANNA woman", "BEN man", "MAN man", "OLD MAN man", "WOMAN woman", "Mrs. Hill woman"]
    assumed = [note for note in loaded.scene.notes if "woman assumed" in note.lower()]
    assert len(assumed) == 2
    assert "voice ANNA: woman assumed" in assumed[1]


def test_voices_of_the_person_and_of_the_timeline(tmp_path: Path) -> None:
    noted = {
        "format": 1,
        "voices": [{"name": "ANNA", "gender": "woman", "sound": "low"}, {"name": "Ben", "gender": "man", "sound": ""}],
    }
    options = ReadOptions(voices=(Voice(name="anna", gender=WOMAN, sound="tired"),))
    found, loaded = voices(
        "ANNA whisper: a", "BEN soft: b", "(man, whispering): c", options=options, folder=tmp_path, sottovoce=noted
    )
    assert found == ["anna woman", "Ben man"]
    assert loaded.scene.voice("anna").sound == "tired"
    assert [region.voice for region in loaded.scene.regions] == ["anna", "Ben", "Ben"]
    assert not [note for note in loaded.scene.notes if "assumed" in note and "voice" in note]


def test_a_voice_known_from_one_mark_is_known_in_all(tmp_path: Path) -> None:
    _, loaded = voices('ANNA: "come in"', "anna shout: now", "ANNA whisper: hush", "ANNA: check focus", folder=tmp_path)
    assert [each[3:] for each in said(loaded)] == [("normal", "come in"), ("shout", "now"), ("whisper", "hush")]
    assert [note for note in loaded.scene.notes if "check focus" in note and "left alone" in note]


# Ids and our own marks. -----------------------------------------------------------------------------------------------


def test_ids_are_the_same_at_every_reading_and_differ_by_place(tmp_path: Path) -> None:
    def marks() -> list[Any]:
        return [marker("whisper: hi", 0, 20), marker("whisper: hi", 30, 20), marker("whisper: ho", 60, 20)]

    first = read(timeline(track("V1", gap(100)), marks=marks()), tmp_path).scene
    second = read(timeline(track("V1", gap(100)), marks=marks()[::-1]), tmp_path).scene
    assert first.regions == second.regions
    ids = [region.id for region in first.regions]
    assert len(set(ids)) == 3
    assert all(len(each) == 8 and int(each, 16) >= 0 for each in ids)


FULL = Region(
    id="1f0c9a42",
    span=Span(10, 40),
    register="whisper",
    voice="Anna",
    line='she said "wait"  | (softly) \n then',
    look="a dim room",
    location="kitchen",
    cue="SC12 34",
    picture=PictureMode.CUT,
    seed=7,
    lead_frames=3,
    tail_frames=4,
    gain_db=-1.5,
    length_guessed=True,
)


def own_marker(region: Region, **changed: str) -> Any:
    text = written_mark(region, Voice(name=region.voice, gender=WOMAN))
    made = otio.schema.Marker(changed.get("name", text.name), span(region.span.start, region.span.length))
    made.comment = changed.get("comment", text.comment)
    made.metadata["Resolve_OTIO"] = {"Note": changed.get("note", text.note)}
    made.metadata["sottovoce"] = region_metadata(region)
    return made


def test_our_marks_read_back_identically(tmp_path: Path) -> None:
    loaded = read(timeline(track("V1", gap(100)), marks=[own_marker(FULL)]), tmp_path)
    assert loaded.scene.regions == (FULL,)
    again = read(timeline(track("V1", gap(100)), marks=[own_marker(FULL, name="", comment="", note="")]), tmp_path)
    assert again.scene.regions == (FULL,)


def test_what_a_person_changed_in_one_text_is_the_edit(tmp_path: Path) -> None:
    for place in ("name", "comment", "note"):
        edited = own_marker(FULL, **{place: "SC12-34 Anna soft: wait a moment [SV:1f0c9a42]"})
        region = read(timeline(track("V1", gap(100)), marks=[edited]), tmp_path).scene.regions[0]
        assert region == replace(FULL, register="soft", line="wait a moment", cue="SC12-34"), place
    renamed = own_marker(FULL, name="BEN (man) whisper: wait [SV:1f0c9a42]")
    scene = read(timeline(track("V1", gap(100)), marks=[renamed]), tmp_path).scene
    assert (scene.regions[0].voice, scene.voices[0].gender, scene.regions[0].cue) == ("BEN", MAN, "")


def test_where_the_picture_comes_from_is_typed_edited_and_otherwise_kept(tmp_path: Path) -> None:
    typed = marker("Anna whisper: wait [picture: continue]", 10, 20)
    assert (
        read(timeline(track("V1", gap(100)), marks=[typed]), tmp_path).scene.regions[0].picture is PictureMode.CONTINUE
    )
    for place in ("name", "comment", "note"):
        text = "SC12-34 Anna soft: wait [picture: continue] [SV:1f0c9a42]"
        edited = own_marker(FULL, **{place: text})
        region = read(timeline(track("V1", gap(100)), marks=[edited]), tmp_path).scene.regions[0]
        assert (region.line, region.picture) == ("wait", PictureMode.CONTINUE), place
        edited = own_marker(FULL, **{place: text.replace(" [picture: continue]", "")})
        region = read(timeline(track("V1", gap(100)), marks=[edited]), tmp_path).scene.regions[0]
        assert (region.line, region.picture) == ("wait", FULL.picture), place
    lost = own_marker(FULL)
    del lost.metadata["sottovoce"]
    assert read(timeline(track("V1", gap(100)), marks=[lost]), tmp_path).scene.regions[0].picture is FULL.picture


def test_a_copy_without_its_tag_is_a_region_of_its_own(tmp_path: Path) -> None:
    plain = "Anna whisper: wait"
    copy = own_marker(replace(FULL, span=Span(50, 80)), name=plain, comment=plain, note=plain)
    scene = read(timeline(track("V1", gap(100)), marks=[own_marker(FULL), copy]), tmp_path).scene
    assert [region.id == "1f0c9a42" for region in scene.regions] == [True, False]
    assert scene.regions[1].location == "kitchen"


def test_two_regions_with_one_id_are_refused(tmp_path: Path) -> None:
    copy = own_marker(replace(FULL, span=Span(50, 80)))
    with pytest.raises(InputError, match="Two regions have the id '1f0c9a42'"):
        read(timeline(track("V1", gap(100)), marks=[own_marker(FULL), copy]), tmp_path)
    tagged = [marker("ANNA soft: a [SV:1f0c9a42]", 0, 20), marker("BEN soft: b [SV:1f0c9a42]", 50, 20)]
    with pytest.raises(InputError, match="Two regions have the id '1f0c9a42'"):
        read(timeline(track("V1", gap(100)), marks=tagged), tmp_path)


def test_texts_of_one_marker_are_one_mark(tmp_path: Path) -> None:
    text = "BEN soft: hi [SV:1f0c9a42]"
    both = marker(text, 0, 20, comment=text.replace("BEN", "BEN (man)"), metadata={"Resolve_OTIO": {"Note": text}})
    scene = read(timeline(track("V1", gap(100)), marks=[both]), tmp_path).scene
    assert [region.id for region in scene.regions] == ["1f0c9a42"]
    assert scene.voices == (Voice(name="BEN", gender=MAN),)


def test_the_line_may_stand_in_the_comment(tmp_path: Path) -> None:
    split = marker("ANNA whisper:", 0, 20, comment="close your eyes")
    assert said(read(timeline(track("V1", gap(100)), marks=[split]), tmp_path)) == [
        (0, 20, "ANNA", "whisper", "close your eyes")
    ]


def test_other_markers_are_left_alone(tmp_path: Path) -> None:
    others = [
        marker("Note: fix colour", 0, 10),
        marker("scene 4: cut here", 2000, 0, comment="wide"),
        marker("", float("nan"), -5, 0),
    ]
    made = timeline(track("V1", gap(100)), marks=others)
    path = tmp_path / "others.otio"
    made.to_json_file(str(path))
    loaded = read_timeline(path, REGISTERS)
    assert (loaded.scene.regions, loaded.marks) == ((), ())
    assert [each.name for each in loaded.timeline.tracks.markers] == [each.name for each in others]


# Room tone, picture size, the whole timeline's own metadata. ----------------------------------------------------------


def test_room_tone_is_the_sound_under_its_mark(tmp_path: Path) -> None:
    line = timeline(
        sound("Dialogue", gap(20), clip("a", 100, 60)), sound("Music", clip("m", 0, 300)),
        marks=[marker("room tone: kitchen", 30, 24), marker("room tone: street", 60, 1), marker("room tone: moon", 310, 10)],
    )  # fmt: skip
    loaded = read(line, tmp_path)
    assert [(tone.location, Path(tone.source.path).name, round(tone.source.start * 24), round(tone.seconds * 24)) for tone in loaded.scene.tones] == [
        ("kitchen", "a.mov", 110, 24), ("street", "a.mov", 140, 20),
    ]  # fmt: skip
    assert [note for note in loaded.scene.notes if "310" in note]
    assert [mark.region_id for mark in loaded.marks] == ["", ""]


@pytest.mark.parametrize(
    ("metadata", "raster"),
    [
        ({"sottovoce": {"format": 1, "raster": "640x360"}}, "640x360"),
        ({"host": {"width": 1920, "height": 800}}, "1920x800"),
        (
            {"fcp_xml": {"media": {"video": {"format": {"samplecharacteristics": {"width": "853", "height": "480"}}}}}},
            "852x480",
        ),
        ({"host": {"resolution": "3840 x 2160"}}, "3840x2160"),
        ({"host": {"width": "wide", "height": 3}}, "1280x720"),
        ({}, "1280x720"),
    ],
)
def test_the_picture_size_of_metadata(metadata: dict[str, Any], raster: str, tmp_path: Path) -> None:
    loaded = read(timeline(track("V1", gap(100)), **metadata), tmp_path)
    assert str(loaded.scene.raster) == raster
    assert bool([note for note in loaded.scene.notes if "odd" in note]) is (raster == "852x480")
    assert bool([note for note in loaded.scene.notes if "assumed" in note]) is (raster == "1280x720")


def test_the_picture_size_of_clips_and_of_the_person(tmp_path: Path) -> None:
    bounded = clip("a", 0, 10)
    bounded.media_reference.available_image_bounds = otio.schema.Box2d(
        otio.schema.V2d(0, 0), otio.schema.V2d(1998, 1080)
    )
    asked = ReadOptions(raster=Raster(width=320, height=180))
    assert str(read(timeline(track("V1", bounded)), tmp_path, asked).scene.raster) == "1998x1080"
    assert str(read(timeline(track("V1", gap(10))), tmp_path, asked).scene.raster) == "320x180"


def test_the_picture_size_of_the_first_picture_that_can_be_opened(tmp_path: Path) -> None:
    (tmp_path / "broken.mov").write_bytes(b"no movie")
    write_numbered_movie(
        tmp_path / "a.mov", source_id=1, frames=2, rate=Fraction(24), raster=Raster(width=160, height=90), sine_hz=None
    )
    line = track("V1", clip("gone", 0, 2), clip("broken", 0, 2), clip("a", 0, 2))
    asked = ReadOptions(raster=Raster(width=320, height=180))
    assert str(read(timeline(line), tmp_path, asked).scene.raster) == "160x90"


def test_what_a_scene_notes_on_its_timeline_reads_back(tmp_path: Path) -> None:
    first = read(
        timeline(track("V1", gap(100, NTSC_30)), marks=[marker("BEN (man) soft: hi", 0, 30, NTSC_30)]),
        tmp_path,
        ReadOptions(drop_frame=True),
    ).scene
    noted = read(timeline(track("V1", gap(100, NTSC_30)), sottovoce=scene_metadata(first)), tmp_path).scene
    assert (noted.voices, noted.raster, noted.drop_frame) == (first.voices, first.raster, True)


def test_dialogue_tracks_are_as_asked_for(tmp_path: Path) -> None:
    made = timeline(sound("Dialogue", clip("a", 0, 24)), sound("Boom", clip("b", 0, 24)), sound("A3", clip("c", 0, 24)))
    loaded = read(made, tmp_path, ReadOptions(dialogue_tracks=("a3",)))
    assert [piece.clip for piece in loaded.scene.sounds if piece.dialogue] == ["c"]
    with pytest.raises(InputError, match=r"No track is named 'A4'.*Did you mean 'A3'"):
        read(made, tmp_path, ReadOptions(dialogue_tracks=("A4",)))


# Golden files: a timeline as each host writes it. ---------------------------------------------------------------------


def test_resolve_keeps_name_and_note() -> None:
    loaded = read_timeline(DATA / "resolve_like.otio", REGISTERS)
    scene = loaded.scene
    assert (scene.rate, scene.length_frames, scene.start_frame) == (NTSC_24, 168, 86_400)
    assert said(loaded) == [
        (12, 48, "Anna", "whisper", "close your eyes"), (60, 96, "WOMAN", "soft", "I am here"), (100, 140, "BEN", "loud", "who is there?"),
    ]  # fmt: skip
    assert (scene.regions[2].id, scene.regions[2].cue, scene.voice("BEN").gender) == ("0badc0de", "SC12-035", MAN)
    assert [piece.dialogue for piece in scene.sounds] == [True, False, True]
    assert not any(piece.approximate for piece in scene.pictures)
    assert scene.pictures[0].source.path == "C:\\Footage\\A001 take 2.mov"
    assert scene.pictures[0].source.start == 120 / NTSC_24


def test_kdenlive_keeps_the_comment_only() -> None:
    loaded = read_timeline(DATA / "kdenlive_like.otio", REGISTERS)
    assert said(loaded) == [
        (20, 70, "ANNA", "whisper", "come in, quickly"),
        (120, 145, "BEN", "soft", "I was never here"),
    ]
    assert [region.id for region in loaded.scene.regions] == ["1f0c9a42", "88aa01ff"]
    assert loaded.scene.voice("BEN").gender is MAN
    assert [tone.location for tone in loaded.scene.tones] == ["kitchen"]


def test_typed_marks_on_clips_and_the_stack() -> None:
    loaded = read_timeline(DATA / "typed.otio", REGISTERS)
    scene = loaded.scene
    assert (scene.rate, scene.drop_frame, timecode(scene.start_frame, scene.rate, drop=True)) == (
        NTSC_30,
        True,
        "01:00:00;00",
    )
    assert said(loaded) == [
        (30, 60, "WOMAN", "whisper", "on the clip"), (75, 105, "Anna", "whisper", "close your eyes"), (120, 180, "Anna", "shout", "run!"),
        (200, 260, "BEN", "normal", "It was late."), (265, 295, "MAN", "soft", "I've been thinking about this all day"),
    ]  # fmt: skip
    assert scene.regions[4].look == "a man at a desk late at night"
    assert [note for note in scene.notes if "trimmed away" in note]


def test_golden_files_are_read_whole_and_never_touched() -> None:
    for path in sorted(DATA.glob("*.otio")):
        before = path.read_bytes()
        loaded = read_timeline(path, REGISTERS)
        assert path.read_bytes() == before
        assert json.loads(loaded.timeline.to_json_string())["name"] == json.loads(before)["name"]
