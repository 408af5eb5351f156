"""The add-on reads and writes timeline files without OpenTimelineIO: held against the library here."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.otio_adapters.built_timelines import NTSC_24, RATES, clip, gap, marker, sound, timeline, track, transition

from sottovoce.hosts.blender.cut import Cut, CutError, Dissolve, Mark, Piece, Track, exact_rate
from sottovoce.hosts.blender.otio_reading import read_cut
from sottovoce.hosts.blender.otio_writing import timeline_json, write_cut


def written(made: Any, folder: Path) -> Cut:
    """What the add-on reads of a timeline that the library wrote."""
    made.to_json_file(str(folder / "made.otio"))
    return read_cut(folder / "made.otio")


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_is_exact_in_both_directions(rate: Fraction, tmp_path: Path) -> None:
    cut = written(timeline(track("V1", gap(3, rate), clip("a", 100, 7, rate=rate, available=(90, 40)))), tmp_path)
    assert cut.rate == rate
    ((piece,),) = (found.pieces for found in cut.tracks)
    assert (piece.start, piece.length, piece.source, piece.media_length) == (3, 7, 10, 40)
    (back,) = otio.adapters.read_from_string(json.dumps(timeline_json(cut)), "otio_json").find_clips()
    assert back.source_range == otio.opentime.TimeRange(
        otio.opentime.RationalTime(100, float(rate)), otio.opentime.RationalTime(7, float(rate))
    )


@pytest.mark.parametrize(
    ("said", "meant"), [(23.976, NTSC_24), (23.98, NTSC_24), (24.0, Fraction(24)), (12.5, Fraction(25, 2))]
)
def test_rounded_rates_are_the_exact_ones(said: float, meant: Fraction) -> None:
    assert exact_rate(said) == meant


_NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    """Tracks of pieces with gaps between some of them, dissolves where two adjoin."""
    tracks = []
    for number in range(draw(st.integers(1, 3))):
        at, pieces, dissolves = 0, [], []
        for index in range(draw(st.integers(1, 4))):
            apart = draw(st.integers(0, 3))
            at += apart
            piece = Piece(
                name=draw(_NAMES),
                paths=(str(Path(f"/footage/{draw(_NAMES).replace('/', '_').strip('.') or 'x'} é#?%.mov")),),
                start=at,
                length=draw(st.integers(4, 50)),
                source=draw(st.integers(0, 90)),
                media_length=200,
                enabled=draw(st.booleans()),
            )
            if index and not apart and draw(st.booleans()):
                dissolves.append(Dissolve(cut=at, before=draw(st.integers(0, 2)), after=draw(st.integers(1, 2))))
            pieces.append(piece)
            at = piece.end
        tracks.append(
            Track(name=f"T{number}", picture=draw(st.booleans()), pieces=tuple(pieces), dissolves=tuple(dissolves))
        )
    marks = tuple(
        Mark(text=draw(_NAMES), start=draw(st.integers(0, 90)), length=draw(st.integers(0, 9)))
        for _ in range(draw(st.integers(0, 2)))
    )
    return Cut(name="cut", rate=draw(st.sampled_from(RATES)), tracks=tuple(tracks), marks=marks, raster=(320, 180))


@given(cut=cuts())
def test_what_is_written_the_library_reads_alike_and_the_add_on_too(
    cut: Cut, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.otio"
    write_cut(cut, path)
    found = otio.adapters.read_from_file(str(path))
    for ours, theirs in zip(cut.tracks, found.tracks, strict=True):
        clips = [item for item in theirs if isinstance(item, otio.schema.Clip)]
        assert [(piece.name, piece.start, piece.length, piece.enabled) for piece in ours.pieces] == [
            (item.name, item.range_in_parent().start_time.value, item.duration().value, item.enabled) for item in clips
        ]
        assert sum(isinstance(item, otio.schema.Transition) for item in theirs) == len(ours.dissolves)
    again = read_cut(path)
    plain = [[(piece.paths, piece.source, piece.start, piece.length) for piece in each.pieces] for each in again.tracks]
    assert plain == [
        [(piece.paths, piece.source, piece.start, piece.length) for piece in each.pieces] for each in cut.tracks
    ]
    assert [each.dissolves for each in again.tracks] == [each.dissolves for each in cut.tracks]
    assert [(mark.text, mark.start, mark.length) for mark in again.marks] == [
        (mark.text, mark.start, mark.length) for mark in cut.marks
    ]
    assert (again.raster, again.rate) == ((320, 180), cut.rate)


def test_what_the_file_had_besides_is_written_again(tmp_path: Path) -> None:
    """All takes of a clip, foreign metadata, effects, and the comment of a marker."""
    shot = clip("shot", 5, 10, studio={"reel": "A1"})
    shot.set_media_references(
        {"one": shot.media_reference.clone(), "two": otio.schema.ExternalReference("two.mov")}, "one"
    )
    shot.effects.append(otio.schema.Effect("grade"))
    marked = marker("whisper: come here", 2, 3, comment="a note", color="PINK")
    made = timeline(track("V1", shot, metadata={"studio": 7}), marks=[marked], start=None, studio={"episode": 3})
    found = otio.adapters.read_from_string(json.dumps(timeline_json(written(made, tmp_path))), "otio_json")
    assert found.tracks[0].is_equivalent_to(made.tracks[0])
    (mark,) = found.tracks.markers
    assert (mark.name, mark.comment, mark.color, mark.marked_range) == (
        marked.name,
        marked.comment,
        marked.color,
        marked.marked_range,
    )
    assert found.metadata == made.metadata


def test_dissolves_with_nothing_on_one_side_and_nested_timelines_are_left_out(tmp_path: Path) -> None:
    nested = otio.schema.Stack("inner", [track("N", clip("deep", 0, 20)), track("M", clip("deeper", 0, 30))])
    made = timeline(track("V1", transition(0, 5), clip("a", 0, 10), nested, clip("b", 0, 10)))
    cut = written(made, tmp_path)
    assert [(piece.name, piece.start) for piece in cut.tracks[0].pieces] == [("a", 0), ("b", 40)]
    assert cut.tracks[0].dissolves == ()
    assert cut.notes[1] == "'inner' on V1 is a nested timeline, which is left out"


def test_clips_without_a_file_are_left_out_with_a_note(tmp_path: Path) -> None:
    title = otio.schema.Clip("title", otio.schema.MissingReference(), clip("x", 0, 12).source_range)
    cut = written(timeline(sound("A1", title, clip("a", 0, 10))), tmp_path)
    assert [(piece.name, piece.start) for piece in cut.tracks[0].pieces] == [("a", 12)]
    assert cut.notes == (
        "'title' has no media file and is left out",
        f"'{tmp_path / 'a.mov'}' is missing; relink its strips",
    )


def test_files_beside_the_timeline_are_found(tmp_path: Path) -> None:
    (tmp_path / "100%.mov").touch()
    cut = written(
        timeline(track("V1", clip("a", 0, 5, url="100%.mov"), clip("b", 0, 5, url="my%20clip.mov"))), tmp_path
    )
    assert [piece.paths for piece in cut.tracks[0].pieces] == [
        (str(tmp_path / "100%.mov"),),
        (str(tmp_path / "my clip.mov"),),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "holds no timeline"),
        ('{"OTIO_SCHEMA": "Timeline.1"}', "is damaged"),
        ('{"OTIO_SCHEMA": "Timeline.1", "tracks": {"children": []}}', "is empty"),
        (
            '{"OTIO_SCHEMA": "Timeline.1", "tracks": {"children": [{"children": [{"OTIO_SCHEMA": "Gap.1", "source_range":'
            ' {"start_time": {"value": 0, "rate": 24}, "duration": {"value": NaN, "rate": 24}}}]}]}}',
            "is damaged",
        ),
    ],
)
def test_a_file_that_is_no_timeline_is_said(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "bad.otio").write_text(text)
    with pytest.raises(CutError, match=words):
        read_cut(tmp_path / "bad.otio")


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CutError, match="Choose another folder"):
        write_cut(Cut(name="a", rate=Fraction(24), tracks=()), tmp_path / "file" / "a.otio")
