"""Takes listed, added from recordings, chosen and marked, through the command line on a real timeline."""

import json
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from numpy.typing import NDArray
from tests.engine.judge.corpus import LINES, VOICES, clean_clip
from tests.engine.judge.signals import noise
from tests.media_making import decoded_frames, frame_number, write_numbered_movie

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.judge.judgement import judgement_from_json
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at
from sottovoce_otio.working_copy import read_working_copy

from .small_scene import RATE, write_small_scene

RASTER = Raster(width=320, height=180)
MARKS = (("Anna whisper: close your eyes", 6, 40), ("Ben (man, shouting): stay there", 52, 36))
START, LENGTH = MARKS[0][1:]

Told = Callable[..., Any]


@pytest.fixture(scope="session")
def whisper() -> NDArray[np.float32]:
    """The first mark's line, whispered; 48 kHz."""
    assert LINES[1].lower().startswith("close your eyes")
    return clean_clip(VOICES[0], "whisper", 1, LINES[1]).sound


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    return write_small_scene(tmp_path / "scene.otio", MARKS)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], scene: Path) -> Told:
    """Runs `take ACTION scene …` and returns its JSON."""

    def tell(action: str, *arguments: str | Path) -> Any:
        capsys.readouterr()
        assert run(["take", action, str(scene), *map(str, arguments), "--json"]) is ExitCode.DONE
        return json.loads(capsys.readouterr().out)

    return tell


def recorded(path: Path, sound: NDArray[np.float32], rate: int = SAMPLE_RATE) -> Path:
    soundfile.write(path, sound, rate, "PCM_24")
    return path


def with_time_reference(path: Path, sound: NDArray[np.float32], samples: int) -> Path:
    """A broadcast wave that says it was begun so many samples after midnight."""
    recorded(path, sound)
    content = path.read_bytes()
    bext = struct.pack("<256s32s32s10s8sQH", b"", b"", b"", b"2026-01-02", b"10:00:00", samples, 1) + bytes(254)
    chunk = b"bext" + struct.pack("<I", len(bext)) + bext
    body = content[12:]
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunk) + len(body)) + b"WAVE" + chunk + body)
    return path


def regions(scene: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert run(["regions", str(scene), "--json"]) is ExitCode.DONE
    return [region["id"] for region in json.loads(capsys.readouterr().out)["regions"]]


def planned(scene: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, int]]:
    """(state, takes to render) of every region."""
    assert run(["plan", str(scene), "--json"]) is ExitCode.DONE
    return [(one["state"], len(one["jobs"])) for one in json.loads(capsys.readouterr().out)["regions"]]


def sound_of(path: str, length: int) -> NDArray[np.float32]:
    with SoundReader(path) as reader:
        return reader.read(Span(0, length))


def test_a_recording_is_a_take_like_any_other(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    region = regions(scene, capsys)[0]
    assert told("list") == []
    late = np.concatenate([np.zeros(3 * SAMPLE_RATE, np.float32), whisper])
    added = told("add", region[:4], recorded(tmp_path / "adr.wav", late))
    assert added["judgement"]["register"]["verdict"] == "whisper"
    assert added["judgement"]["line"]["verdict"] == "not contradicted"
    assert added["loudness_lufs"] == pytest.approx(-36.0, abs=3.0)
    assert planned(scene, capsys) == [("new", 1), ("new", 1)], "adding chooses nothing"

    chosen = told("choose", region[:4], added["take"][:6])
    assert chosen["picked"]
    assert planned(scene, capsys)[0] == ("pinned", 0), "a recording is never rendered again"
    listed = told("list", region)
    assert [(one["renderer"], one["chosen"], one["answers"]) for one in listed] == [("recording", True, True)]
    media = listed[0]["media"]
    length = sample_at(listed[0]["length_frames"], Fraction(RATE))
    begins = np.flatnonzero(np.abs(sound_of(media, length)).max(axis=0) > 0.003)[0]
    meets = sample_at(START - listed[0]["start_frame"], Fraction(RATE))
    assert abs(begins - meets) < SAMPLE_RATE // 10, "its first spoken sound meets the region's start"


def test_the_spliced_scene_holds_the_recording(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    region = regions(scene, capsys)[0]
    added = told("add", region, recorded(tmp_path / "adr.wav", whisper))
    told("choose", region, added["take"])
    run(["splice", str(scene), "-o", str(tmp_path / "out"), "--no-mp4", "--json"])
    result = json.loads(capsys.readouterr().out)
    timeline = otio.adapters.read_from_file(result["timeline"])
    names = {
        Path(clip.media_reference.target_url).name
        for clip in timeline.find_clips()
        if not clip.media_reference.is_missing_reference
    }
    assert Path(told("list")[0]["media"]).name in names


def test_a_strict_person_s_judgement_is_kept_as_anyone_s(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small_scene(scene, ((f"Anna whisper: {LINES[0]} [picture: lock]", *MARKS[0][1:]),))
    half = recorded(tmp_path / "half.wav", clean_clip(VOICES[0], "half", 0, LINES[0]).sound)
    command = ["take", "add", str(scene), regions(scene, capsys)[0], str(half)]
    assert run([*command, "--strict"]) is ExitCode.DONE
    assert "judged: fails: half-whispered" in capsys.readouterr().out
    (kept,) = (scene.with_suffix(".sottovoce") / "judgements").iterdir()
    judgement = judgement_from_json(kept.read_bytes(), str(kept))
    assert (judgement.passing(strict=False), judgement.passing(strict=True)) == (True, False)
    assert run(command) is ExitCode.DONE
    assert "judged: amber: half-whispered" in capsys.readouterr().out


def test_added_again_it_is_the_same_take(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    region, path = regions(scene, capsys)[0], recorded(tmp_path / "adr.wav", whisper)
    first, second = told("add", region, path), told("add", region, path)
    assert first["take"] == second["take"]
    elsewhere = told("add", region, path, "--at", "4")
    assert elsewhere["take"] != first["take"]
    assert len(told("list")) == 2


def test_a_time_reference_places_it_to_the_sample(
    scene: Path, tmp_path: Path, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    region = regions(scene, capsys)[0]
    sound = noise(1.5, 1e-4)
    sound[20_000:20_010] = 0.5
    path = with_time_reference(tmp_path / "field.wav", sound, 5_123)
    added = told("add", region, path)
    assert "placed by its timecode" in added["notes"][0]
    length = sample_at(added["length_frames"], Fraction(RATE))
    click = int(np.abs(sound_of(told("list")[0]["media"], length)[0]).argmax())
    assert click == pytest.approx(5_123 + 20_000 - sample_at(added["start_frame"], Fraction(RATE)), abs=9)


def test_a_time_reference_of_another_scene_says_nothing(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    path = with_time_reference(tmp_path / "field.wav", whisper, 3600 * SAMPLE_RATE)
    added = told("add", regions(scene, capsys)[0], path)
    assert "first spoken sound" in added["notes"][0]


def test_a_frame_places_it_with_its_picture(
    scene: Path, tmp_path: Path, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    movie = tmp_path / "other.mov"
    write_numbered_movie(movie, source_id=3, frames=60, rate=Fraction(RATE), raster=RASTER, sine_hz=440.0)
    added = told("add", regions(scene, capsys)[0], movie, "--at", "2")
    shown = [frame_number(frame) for frame in decoded_frames(Path(told("list")[0]["media"]))]
    assert len(shown) == added["length_frames"]
    assert shown[START - added["start_frame"]] == (3, START - 2)
    assert shown[START - added["start_frame"] + 20] == (3, START - 2 + 20)


def test_a_picture_that_was_chosen_stays_under_a_recording_without_one(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    region, movie = regions(scene, capsys)[0], tmp_path / "other.mov"
    write_numbered_movie(movie, source_id=3, frames=60, rate=Fraction(RATE), raster=RASTER, sine_hz=440.0)
    told("choose", region, told("add", region, movie, "--at", "2")["take"])
    added = told("add", region, recorded(tmp_path / "adr.wav", whisper))
    assert any("the one chosen before stays" in note for note in added["notes"])
    media = next(one["media"] for one in told("list") if one["take"] == added["take"])
    shown = [frame_number(frame) for frame in decoded_frames(Path(media))]
    assert shown[START - added["start_frame"]] == (3, START - 2)


def test_black_shown_for_want_of_a_picture_is_no_damage(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    added = told("add", regions(scene, capsys)[0], recorded(tmp_path / "adr.wav", whisper))
    assert any("black is shown" in note for note in added["notes"])
    assert added["judgement"]["passes"], added["judgement"]["why"]
    assert [found["kind"] for found in added["judgement"]["damage"]] == []


def test_takes_are_marked_by_whom_and_when(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    take = told("add", regions(scene, capsys)[0], recorded(tmp_path / "adr.wav", whisper))["take"]
    note = told("mark", take[:8], "--circle", "--note", "second breath", "--by", "Anna")["note"]
    assert (note["circled"], note["text"], note["who"]) == (True, "second breath", "Anna")
    assert note["when"]
    note = told("mark", take, "--star")["note"]
    assert (note["circled"], note["starred"], note["text"]) == (True, True, "second breath")
    note = told("mark", take, "--reject")["note"]
    assert (note["circled"], note["starred"], note["rejected"]) == (False, False, True)
    assert told("mark", take, "--approve")["note"]["rejected"] is False
    working = read_working_copy(scene.with_name("scene.sv.otio"))
    assert working is not None
    assert working.kept == {take}
    told("mark", take, "--clear")
    assert told("list")[0]["note"] is None


def test_the_list_as_text(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    region = regions(scene, capsys)[0]
    take = told("add", region, recorded(tmp_path / "adr.wav", whisper))["take"]
    told("choose", region, take)
    assert run(["take", "list", str(scene)]) is ExitCode.DONE
    rows = capsys.readouterr().out.splitlines()
    assert rows[1].split()[:3] == ["!", take[:10], region]


def test_what_cannot_be_is_one_paragraph(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    anna, ben = regions(scene, capsys)
    good = recorded(tmp_path / "adr.wav", whisper)
    take = told("add", anna, good)["take"]
    nan = whisper.copy()
    nan[1_000] = np.nan
    soundfile.write(tmp_path / "nan.wav", nan, SAMPLE_RATE, "FLOAT")
    recorded(tmp_path / "silent.wav", np.zeros(SAMPLE_RATE, np.float32))
    recorded(tmp_path / "long.wav", np.zeros(8_000 * 605, np.float32), 8_000)
    (tmp_path / "text.wav").write_text("close your eyes")
    cases: tuple[tuple[list[str | Path], str], ...] = (
        (["add", anna, tmp_path / "none.wav"], "none.wav"),
        (["add", anna, tmp_path / "text.wav"], "text.wav"),
        (["add", anna, tmp_path], "folder"),
        (["add", anna, tmp_path / "silent.wav"], "Nobody speaks"),
        (["add", anna, tmp_path / "long.wav"], "--at"),
        (["add", anna, tmp_path / "nan.wav"], "no numbers"),
        (["add", anna, good, "--at", "5000"], "does not reach the region"),
        (["add", "zz", good], f"Known: {anna}, {ben}"),
        (["add", "", good], "Known"),
        (["list", "zz"], "Known"),
        (["choose", ben, take], "No take"),
        (["choose", anna, "zz"], take),
        (["mark", "zz", "--star"], take),
        (["mark", take], "Nothing was said"),
        (["mark", take, "--reject", "--star"], "at once"),
    )
    for arguments, said in cases:
        command = ["take", str(arguments[0]), str(scene), *map(str, arguments[1:])]
        assert run(command) is ExitCode.INPUT, arguments
        captured = capsys.readouterr()
        assert said in captured.err
        assert captured.err.count("\n") == 1
        assert captured.out == ""
    assert len(told("list")) == 1


def test_a_take_that_says_other_words_cannot_be_chosen(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    region = regions(scene, capsys)[0]
    take = told("add", region, recorded(tmp_path / "adr.wav", whisper))["take"]
    timeline = otio.adapters.read_from_file(str(scene))
    marker = timeline.tracks.markers[0]
    marker.name = f"Anna whisper: open your eyes [SV:{region}]"
    otio.adapters.write_to_file(timeline, str(scene))
    assert regions(scene, capsys)[0] == region
    assert [one["answers"] for one in told("list")] == [False]
    assert run(["take", "choose", str(scene), region, take]) is ExitCode.INPUT
    assert "does not answer" in capsys.readouterr().err


def test_a_recording_starts_from_nothing_and_is_not_stale_for_it(
    tmp_path: Path, scene: Path, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small_scene(scene, (MARKS[0], (f"{MARKS[1][0]} [picture: continue]", *MARKS[1][1:])))
    first, second = regions(scene, capsys)
    movie = tmp_path / "other.mov"
    write_numbered_movie(movie, source_id=3, frames=96, rate=Fraction(RATE), raster=RASTER, sine_hz=440.0)
    for region in (first, second):
        told("choose", region, told("add", region, movie, "--at", "0")["take"])
    assert planned(scene, capsys) == [("pinned", 0), ("pinned", 0)]


def test_a_region_over_its_own_picture_takes_sound_only(
    tmp_path: Path, scene: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small_scene(scene, ((f"{MARKS[0][0]} [picture: lock]", *MARKS[0][1:]),))
    added = told("add", regions(scene, capsys)[0], recorded(tmp_path / "adr.wav", whisper))
    listed = told("list")[0]
    assert listed["media"].endswith(".wav")
    assert listed["answers"]
    assert added["notes"] == ["added from 'adr.wav', placed by its first spoken sound"]
    assert added["judgement"]["passes"]


def test_a_pick_stays_when_takes_are_rendered(
    scene: Path, tmp_path: Path, whisper: NDArray[np.float32], told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    region = regions(scene, capsys)[0]
    take = told("add", region, recorded(tmp_path / "adr.wav", whisper))["take"]
    told("choose", region, take)
    out = str(tmp_path / "out")
    run(["render", str(scene), "-o", out, "--no-mp4", "--takes", "2", "--only", region, "--json"])
    listed = told("list", region)
    assert sorted(one["renderer"] for one in listed) == ["recording", "scratch", "scratch"]
    assert [one["take"] for one in listed if one["chosen"]] == [take]
