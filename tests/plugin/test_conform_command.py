"""A rendered scene taken over to new cuts of it on the command line."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.media_making import decoded_frames, frame_number

from sottovoce.cli import run
from sottovoce.project import read_project
from sottovoce.reading import default_reading, plan_settings_from
from sottovoce.terminal import ExitCode
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.plan import RegionState
from sottovoce_engine.store import Store
from sottovoce_engine.take import take_start
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at

from .recut_scene import FIRST_CUT, MARKS, RATE, Shots, write_cut, write_footage

pytestmark = pytest.mark.xdist_group("render")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first cut, rendered once into `out` beside it."""
    folder = tmp_path_factory.mktemp("cuts")
    write_footage(folder / "media")
    cut = write_cut(folder / "cut 1.otio", FIRST_CUT, folder / "media", MARKS)
    asked = ["render", str(cut), "-o", str(folder / "out"), "--takes", "2", "--no-mp4", "--no-judge"]
    assert run(asked) is ExitCode.DONE
    return cut


def conformed(
    first: Path, folder: Path, shots: Shots, capsys: pytest.CaptureFixture[str], *more: str
) -> dict[str, Any]:
    """What `conform --json` says of a new cut."""
    new = write_cut(folder / "cut 2.otio", shots, first.parent / "media")
    before = digests(first.parent), new.read_bytes()
    capsys.readouterr()
    code = run(["conform", str(first), str(new), "--json", *more])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code is (ExitCode.BELOW_BAR if any(each["fate"] == "lost" for each in said["regions"]) else ExitCode.DONE)
    assert (digests(first.parent), new.read_bytes()) == before
    return said


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "lock"
    }


def stem(folder: Path, name: str, voice: str) -> NDArray[np.float32]:
    with SoundReader(folder / "stems" / f"{name} {voice}.wav") as reader:
        sound: NDArray[np.float32] = reader.read(Span(0, reader.length_samples))[0]
        return sound


def test_lines_sound_at_the_same_place_over_their_picture_in_the_new_cut(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = conformed(first, tmp_path, (("kitchen", 20, 40), ("kitchen", 100, 5), ("street", 40, 32)), capsys)
    by_voice = {each["voice"]: each for each in said["regions"]}
    assert (by_voice["Ben"]["fate"], by_voice["Ben"]["frames_later"]) == ("moved", -56)
    anna = by_voice["Anna"]  # scene frames 10-38 show street 34-62, of which 34-40 are gone
    assert (anna["fate"], anna["is"]["start"], anna["is"]["end"]) == ("trimmed", 45, 67)
    assert anna["was"]["timecode"] == "01:00:00:10"
    assert anna["is"]["timecode"] == "01:00:01:21"
    made = Path(said["timeline"])
    project = read_project(made, default_reading())
    plan = project.plan(plan_settings_from(project.reading.settings), project.takes())
    assert {planned.state for planned in plan.regions} == {RegionState.PINNED}
    assert project.chosen == read_project(first, default_reading()).chosen
    old = read_project(first, default_reading())
    for region in project.scene.regions:
        before = take_start(old.takes()[old.chosen[region.id]], old.scene.region(region.id))
        later = by_voice[region.voice]["frames_later"]
        assert take_start(project.takes()[project.chosen[region.id]], region) == before + later
    asked = ["splice", str(made), "-o", str(tmp_path / "out"), "--no-mp4", "--no-judge"]
    assert run(asked) is ExitCode.DONE
    ben, margin = by_voice["Ben"], SAMPLE_RATE // 5
    inside = Span(sample_at(ben["is"]["start"], RATE) + margin, sample_at(ben["is"]["end"], RATE) - margin)
    later = sample_at(ben["frames_later"], RATE)
    heard = stem(tmp_path / "out", made.stem, "Ben")[inside.start : inside.end]
    earlier = stem(first.parent / "out", "cut 1", "Ben")[inside.start - later : inside.end - later]
    now, then = (
        [frame_number(frame) for frame in decoded_frames(movie)]
        for movie in (tmp_path / "out" / f"{made.stem}.mov", first.parent / "out" / "cut 1.mov")
    )
    for place in by_voice.values():
        start, end, by = place["is"]["start"], place["is"]["end"], place["frames_later"]
        assert now[start:end] == then[start - by : end - by]
    gain = float(heard @ earlier / (earlier @ earlier))  # the scene's level is set by the dialogue that is left
    assert np.abs(heard).max() > 0.01
    assert gain == pytest.approx(1.0, abs=0.1)
    assert np.abs(heard - gain * earlier).max() < 8 / 2**23


def test_all_takes_come_along_as_the_same_files_and_nothing_is_written_over(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shots = (("street", 24, 48),)
    said = conformed(first, tmp_path, shots, capsys)
    again = conformed(first, tmp_path, shots, capsys)
    assert [Path(each["timeline"]).name for each in (said, again)] == [
        "cut 2 conformed.otio",
        "cut 2 conformed_v002.otio",
    ]
    assert [each["fate"] for each in said["regions"]] == ["stays", "lost"]
    old = read_project(first, default_reading())
    assert len(old.takes()) == 4
    for each in (said, again):
        project = read_project(Path(each["timeline"]), default_reading())
        assert project.takes().keys() == old.takes().keys()
        assert [region.voice for region in project.scene.regions] == ["Anna"]
        with (
            Store.opened(project.store_root, writing=False) as there,
            Store.opened(old.store_root, writing=False) as here,
        ):
            for take in old.takes().values():
                assert there.path(take).samefile(here.path(take))


def test_a_lost_region_finds_its_takes_again_when_a_later_cut_has_its_material(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = conformed(first, tmp_path, (("street", 24, 48),), capsys)
    lost = next(each["id"] for each in said["regions"] if each["fate"] == "lost")
    project = read_project(Path(said["timeline"]), default_reading())
    assert project.chosen[lost] in project.takes()
    anna = next(region.id for region in project.scene.regions)
    assert {anna, lost} == {take.job.region.id for take in project.takes().values()}


def test_an_unrelated_timeline_is_told_and_nothing_is_written_unless_forced(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_cut(tmp_path / "other.otio", (("", 0, 96),), first.parent / "media")
    assert run(["conform", str(first), str(other)]) is ExitCode.INPUT
    assert "it is another timeline. Nothing was written" in " ".join(capsys.readouterr().err.split())
    assert [path.name for path in tmp_path.iterdir()] == ["other.otio"]
    assert run(["conform", str(first), str(other), "--force"]) is ExitCode.BELOW_BAR
    assert "lost" in capsys.readouterr().out
    assert len(read_project(tmp_path / "other conformed.otio", default_reading()).takes()) == 4


def test_a_timeline_without_regions_has_nothing_to_take_over(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = write_cut(tmp_path / "bare.otio", FIRST_CUT, first.parent / "media")
    assert run(["conform", str(bare), str(first)]) is ExitCode.INPUT
    assert "No regions are marked on 'bare.otio'" in capsys.readouterr().err


def test_another_folder_still_finds_media_that_are_named_relatively(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = write_cut(first.parent / "near.otio", FIRST_CUT, first.parent / "media")
    new.write_text(new.read_text().replace((first.parent / "media").as_uri(), "media"))
    assert run(["conform", str(first), str(new), "-o", str(tmp_path), "--json"]) is ExitCode.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["media"] == [
        {"new": "street.mov", "old": "street.mov", "by": "file"},
        {"new": "kitchen.mov", "old": "kitchen.mov", "by": "file"},
    ]
    scene = read_project(Path(said["timeline"]), default_reading()).scene
    assert {Path(piece.source.path).resolve() for piece in scene.pictures} == {
        (first.parent / "media" / name).resolve() for name in ("street.mov", "kitchen.mov")
    }
    new.unlink()


def test_what_happened_is_a_table(first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shots = (("street", 24, 24), ("", 0, 10), ("street", 48, 24), ("kitchen", 12, 48), ("kitchen", 12, 48))
    new = write_cut(tmp_path / "cut 2.otio", shots, first.parent / "media")
    assert run(["conform", str(first), str(new)]) is ExitCode.DONE
    said = capsys.readouterr().out
    assert "split" in said
    assert "28 frames long, now 14; 14 frames of it now at 01:00:01:10" in said
    assert "its material is used 2 times: placed beside its neighbours" in said
    assert f"timeline  {tmp_path / 'cut 2 conformed.otio'}" in said
