"""Bad input: each is an InputError that says what, which value, and what to do; the file stays as it was."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.timing import Span
from sottovoce_otio.timeline import read_timeline

from .built_timelines import REGISTERS, clip, gap, marker, span, time, timeline, track, transition

DATA = Path(__file__).parent / "data"
NAN, INFINITE = float("nan"), float("inf")


def refused(path: Path, words: str) -> None:
    """Reading `path` must fail with `words` in one paragraph, and leave the file alone."""
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(InputError, match=words) as caught:
        read_timeline(path, REGISTERS)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith((".", "?", ")")), message
    assert len(message) < 700
    if path.is_file():
        assert path.read_bytes() == before


def refused_text(folder: Path, text: str | bytes, words: str) -> None:
    path = folder / "bad.otio"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    refused(path, words)


def refused_timeline(folder: Path, made: Any, words: str) -> None:
    made.to_json_file(str(folder / "bad.otio"))
    refused(folder / "bad.otio", words)


def marked(*marks: Any, length: int = 200) -> Any:
    return timeline(track("V1", gap(length)), marks=marks)


# The file. ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"not JSON at all", "is not valid JSON"),
        (b"<?xml version='1.0'?><xmeml/>", "is not valid JSON"),
        (b'{"OTIO_SCHEMA": "Timeline.1", ', "is not valid JSON"),
        (b"\xff\xfe\x00\x01binary\x80", "not text in UTF-8"),
        (b"PK\x03\x04 not a zip", "is damaged"),
        (b"[1, 2, 3]", "no OpenTimelineIO file"),
        (b'{"name": "x"}', "no OpenTimelineIO file"),
        (b"3", "no OpenTimelineIO file"),
        (b'{"OTIO_SCHEMA": 5}', "cannot read"),
        (b'{"OTIO_SCHEMA": "Timeline"}', "cannot read"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "name": "x"}', "cannot read"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "name": "x", "tracks": 5}', "cannot read"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "name": "x", "tracks": null}', "has no tracks"),
        (b'{"OTIO_SCHEMA": "Elephant.1"}', "no timeline"),
        (b'{"OTIO_SCHEMA": "Timeline.99", "name": "x"}', r"holds Timeline\.99"),
        (b'{"OTIO_SCHEMA": "Timeline.99999999", "name": "x"}', r"holds Timeline\.99999999"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not valid JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_timeline_is_refused(text: bytes, words: str, tmp_path: Path) -> None:
    refused_text(tmp_path, text, words)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "is a folder")
    refused(tmp_path / "missing.otio", "cannot be read")
    folder = tmp_path / "scene.otiod"
    folder.mkdir()
    (folder / "content.otio").touch()
    refused(folder, r"is a folder. Give '.*content\.otio'")


def test_otio_objects_that_are_no_timeline_are_refused(tmp_path: Path) -> None:
    for made, kind in (
        (clip("a", 0, 10), "Clip"),
        (otio.schema.Stack(), "Stack"),
        (otio.schema.SerializableCollection(), "SerializableCollection"),
    ):
        refused_timeline(tmp_path, made, f"holds a {kind} and no timeline")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    for depth, words in ((60, "nested more than 40 deep"), (600, "nested too deep")):
        stack = otio.schema.Stack().to_json_string(-1).removesuffix("}").replace(',"children":[]', "")
        item = f'{stack},"children":[' * depth + gap(10).to_json_string(-1) + "]}" * depth
        text = timeline().to_json_string(-1).partition('"tracks":')[0] + f'"tracks":{item}}}'
        refused_text(tmp_path, text, words)


# Time. ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.0, -24.0, NAN, INFINITE, 1e300, 0.01])
def test_rates_that_cannot_be_are_refused(rate: float, tmp_path: Path) -> None:
    refused_timeline(
        tmp_path,
        timeline(track("V1", clip("a", 0, 10, rate=rate, available=None))),
        "clip 'a' has a time at .* ticks a second",
    )
    refused_timeline(tmp_path, timeline(track("V1", gap(10)), start=time(10, rate)), "global start time has a time at")
    refused_timeline(tmp_path, marked(marker("whisper: hi", 0, 10, rate)), "mark 'whisper: hi' has a time at")


@pytest.mark.parametrize("value", [NAN, INFINITE, -INFINITE, 1e18, 1e300])
def test_times_that_cannot_be_are_refused(value: float, tmp_path: Path) -> None:
    refused_timeline(tmp_path, timeline(track("V1", clip("a", value, 10))), "clip 'a' has the time")
    refused_timeline(tmp_path, timeline(track("V1", clip("a", 0, 10), gap(value))), "gap without a name has the time")
    refused_timeline(tmp_path, timeline(track("V1", gap(10)), start=time(value)), "global start time has the time")
    refused_timeline(tmp_path, marked(marker("whisper: hi", value, 10)), "mark 'whisper: hi' has the time")
    refused_timeline(tmp_path, marked(marker("whisper: hi", 0, value)), "mark 'whisper: hi' has the time")


def test_negative_lengths_are_refused(tmp_path: Path) -> None:
    refused_timeline(tmp_path, timeline(track("V1", clip("a", 0, -10))), "clip 'a' has the negative length -10")
    refused_timeline(tmp_path, marked(marker("whisper: hi", 50, -10)), "mark 'whisper: hi' has the negative length -10")
    refused_timeline(
        tmp_path,
        timeline(track("V1", clip("a", 0, 20), transition(-3, 5), clip("b", 0, 20))),
        "reaches a negative time",
    )


def test_many_long_clips_are_refused(tmp_path: Path) -> None:
    refused_timeline(tmp_path, timeline(track("V1", *[gap(24 * 3600 * 90) for _ in range(3)])), "ends beyond 100 hours")


def test_a_clip_without_a_length_is_refused(tmp_path: Path) -> None:
    untimed = otio.schema.Clip("a", otio.schema.ExternalReference("a.mov"))
    refused_timeline(
        tmp_path, timeline(track("V1", untimed)), "clip 'a' has neither a source range nor an available range"
    )
    refused_timeline(tmp_path, timeline(track("V1", otio.schema.Clip("b"))), "clip 'b' has neither")


def test_an_empty_timeline_is_refused(tmp_path: Path) -> None:
    refused_timeline(tmp_path, timeline(), "is empty")
    refused_timeline(tmp_path, timeline(track("V1")), "is empty")


def test_marks_outside_the_timeline_are_refused(tmp_path: Path) -> None:
    refused_timeline(
        tmp_path,
        marked(marker("whisper: hi", 300, 10)),
        "runs from frame 300 to 310, but the timeline runs from 0 to 200",
    )
    refused_timeline(tmp_path, marked(marker("whisper: hi", 190, 20)), "runs from frame 190 to 210")
    refused_timeline(tmp_path, marked(marker("whisper: hi", -10, 20)), "runs from frame -10 to 10")
    refused_timeline(tmp_path, marked(marker("whisper: hi", 300, 1)), "no length|runs from frame 300")
    refused_timeline(tmp_path, marked(marker("whisper: hi", 9, 10, 1)), "runs from frame 216 to 456")


# What a mark says. ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("wisper: hello", "'wisper', which is not known. Did you mean 'whisper'"),
        ("ANNA mumble: hello [SV:1f0c9a42]", "'mumble', which is not known"),
        ("ANNA whisper: hello [SV:12]", "8 to 32 hex digits"),
        ("ANNA whisper:", "has no line"),
        ("ANNA whisper: ", "has no line"),
        ('ANNA whisper: ""', "has no line"),
        ("whisper: …", "nothing that can be said"),
        ("whisper: " + "word " * 2000, "10,000|9,999 characters"),
        ("whisper: " + "a" * 10_000, "10,000 characters"),
    ],
)
def test_marks_that_cannot_be_spoken_are_refused(text: str, words: str, tmp_path: Path) -> None:
    refused_timeline(tmp_path, marked(marker(text, 0, 48)), words)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("whisper: 🤫 hush 👩‍👧", "🤫 hush 👩‍👧"),
        ("whisper: עצמי עיניים", "עצמי עיניים"),
        ("whisper: مرحبا \u200fיא", "مرحبا \u200fיא"),
        ("whisper: \u202egnorw\u202c way", "gnorw way"),
        ("whisper: bell\x07 escape\x1b[31m null\x00", "bell escape[31m null"),
        ("whisper: two\r\nlines\tand\xa0more", "two lines and more"),
    ],
)
def test_any_script_and_any_control_character_is_read(text: str, line: str, tmp_path: Path) -> None:
    made = marked(marker(text, 0, 48))
    path = tmp_path / "odd.otio"
    path.write_text(
        made.to_json_string() if "\x00" not in text else made.to_json_string().replace("null", "null"), encoding="utf-8"
    )
    assert [region.line for region in read_timeline(path, REGISTERS).scene.regions] == [line]


def test_overlapping_regions_of_one_voice_are_refused(tmp_path: Path) -> None:
    marks = [marker("ANNA whisper: one", 0, 48), marker("ANNA soft: two", 40, 20)]
    refused_timeline(tmp_path, marked(*marks), "Two regions of ANNA overlap")
    refused_timeline(
        tmp_path,
        marked(marker("ANNA soft: one", 10, 1), marker("ANNA soft: two", 10, 1)),
        "Two regions of ANNA overlap",
    )


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ("ours", "which is not ours"),
        ({"format": 99}, "format 99; this version reads up to 1"),
        ({"format": "1"}, "format '1'"),
        ({"format": 1, "region": 5}, "region = 5"),
        ({"format": 1, "region": {"id": "1f0c9a42"}}, "does not hold a Region"),
        ({"format": 1, "region": {"id": "1f0c9a42", "register": "growl", "voice": "ANNA", "line": "hi"}}, "'growl'"),
        (
            {
                "format": 1,
                "region": {"id": "1f0c9a42", "register": "soft", "voice": "ANNA", "line": "hi", "loudness": 3},
            },
            "'loudness'|loudness",
        ),
        (
            {
                "format": 1,
                "region": {"id": "1f0c9a42", "register": "soft", "voice": "ANNA", "line": "hi", "gain_db": 90.0},
            },
            "90 dB",
        ),
        ({"format": 1, "region": {"id": "XYZ", "register": "soft", "voice": "ANNA", "line": "hi"}}, "XYZ"),
    ],
)
def test_damaged_metadata_of_ours_are_refused(own: Any, words: str, tmp_path: Path) -> None:
    refused_timeline(tmp_path, marked(marker("", 0, 48, metadata={"sottovoce": own})), words)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"format": 2}, "format 2"),
        ({"format": 1, "voices": "ANNA"}, "voices = 'ANNA'"),
        ({"format": 1, "voices": [{"name": "ANNA", "gender": "girl"}]}, "does not hold a Voice"),
        ({"format": 1, "raster": "wide"}, "raster = 'wide'"),
        ({"format": 1, "raster": "7x7"}, "7x7"),
    ],
)
def test_damaged_metadata_on_the_timeline_are_refused(own: Any, words: str, tmp_path: Path) -> None:
    made = marked(marker("whisper: hi", 0, 48))
    made.metadata["sottovoce"] = own
    refused_timeline(tmp_path, made, words)


ODD_VALUES = st.sampled_from(
    [
        None,
        -1,
        0,
        NAN,
        INFINITE,
        1e308,
        2**70,
        "",
        "x",
        "Video",
        True,
        False,
        [],
        [1],
        {},
        {"a": 1},
        {"OTIO_SCHEMA": "Gap.1"},
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), file=st.sampled_from(["resolve_like", "kdenlive_like", "typed"]))
def test_whatever_is_wrong_in_a_file_is_an_input_error(data: st.DataObject, file: str, tmp_path: Path) -> None:
    document = json.loads((DATA / f"{file}.otio").read_text(encoding="utf-8"))
    at = document
    while isinstance(at, dict | list) and at:
        key: Any = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        owner, at = at, at[key]
        if data.draw(st.integers(0, 3)) == 0:
            break
    owner[key] = data.draw(ODD_VALUES)
    path = tmp_path / "odd.otio"
    path.write_text(json.dumps(document), encoding="utf-8")
    with suppress(InputError):
        assert read_timeline(path, REGISTERS).scene.length_frames > 0


def test_marks_within_reach_stay_usable(tmp_path: Path) -> None:
    """The limits refuse what cannot be, and nothing that only looks odd."""
    trimmed = timeline(track("V1", clip("a", -20, 100, available=(-50, 400))), start=time(-5))
    trimmed.tracks.source_range = span(10, 60)
    trimmed.tracks.markers.append(marker("whisper: hi", 12, 24))
    path = tmp_path / "odd.otio"
    trimmed.to_json_file(str(path))
    scene = read_timeline(path, REGISTERS).scene
    assert (scene.regions[0].span, scene.length_frames, scene.start_frame) == (Span(2, 26), 60, 0)
    assert round(scene.pictures[0].source.start * 24) == 40
