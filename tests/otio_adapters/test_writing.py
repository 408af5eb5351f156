import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.media.durable import watch_write_points
from sottovoce_otio.links import absolute_url, url_relative_to
from sottovoce_otio.placing import new_file
from sottovoce_otio.plain import plain_object
from sottovoce_otio.references import local_path
from sottovoce_otio.writing import write_otio, write_otioz

from . import ending
from .spliced_scenes import source_timeline, time_range


def clip_with(references: dict[str, str], active: str) -> Any:
    made = {key: otio.schema.ExternalReference(url, time_range(0, 48, 24)) for key, url in references.items()}
    clip = otio.schema.Clip("c", source_range=time_range(0, 24, 24))
    clip.set_media_references(made, active)
    return clip


def timeline_with(*clips: Any) -> Any:
    timeline = otio.schema.Timeline("t")
    track = otio.schema.Track("A1", kind="Audio")
    track.extend(clips)
    timeline.tracks.append(track)
    return timeline


def test_a_written_timeline_is_what_was_given(tmp_path: Path) -> None:
    timeline, path = source_timeline(), tmp_path / "été.otio"
    write_otio(timeline, path)
    assert otio.adapters.read_from_file(str(path)).is_equivalent_to(timeline)
    assert [found.name for found in tmp_path.iterdir()] == ["été.otio"]


def test_nothing_is_ever_written_over(tmp_path: Path) -> None:
    for path, write in ((tmp_path / "a.otio", write_otio), (tmp_path / "a.otioz", write_otioz)):
        path.write_text("the editor's own")
        with pytest.raises(InputError, match="never written over"):
            write(source_timeline(), path)
        assert path.read_text() == "the editor's own"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_name_taken_while_writing_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.otio"

    def take_the_name(point: str) -> None:
        if point == "timeline synced":
            path.write_text("somebody else's")

    watch_write_points(take_the_name)
    try:
        with pytest.raises(InputError, match="never written over"):
            write_otio(source_timeline(), path)
    finally:
        watch_write_points(None)
    assert path.read_text() == "somebody else's"


@pytest.mark.parametrize("point", ["timeline written", "timeline synced", "timeline moved"])
def test_a_process_that_ends_at_any_write_point_leaves_all_or_nothing(tmp_path: Path, point: str) -> None:
    write_otio(source_timeline(), tmp_path / "night.otio")
    ended = subprocess.run([sys.executable, ending.__file__, "otio", str(tmp_path), point], check=False, timeout=60)
    assert ended.returncode == ending.ENDED
    out = tmp_path / "out.otio"
    assert out.exists() == (point == "timeline moved")
    if not out.exists():
        write_otio(source_timeline(), out)  # what was left behind is in nobody's way
    assert otio.adapters.read_from_file(str(out)).is_equivalent_to(source_timeline())


def test_a_folder_that_is_not_there_or_a_file_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in ("nowhere", "file"):
        with pytest.raises(InputError, match=r"cannot be written: .*Choose a folder"):
            write_otio(source_timeline(), tmp_path / folder / "a.otio")


def test_a_full_disk_is_a_matter_of_set_up(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("/dev/full is there on Linux only")
    with pytest.raises(SetupError, match="Free space"), new_file(tmp_path / "a.otio", "timeline"):
        full.write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_every_take_travels_in_a_bundle_and_comes_out_again(tmp_path: Path) -> None:
    media = tmp_path / "media of mine"
    paths = {}
    for folder, name in (("a", "take.mov"), ("b", "take.mov"), ("b", "TAKE.mov"), ("a", "100% sûr #1.wav")):
        (media / folder).mkdir(parents=True, exist_ok=True)
        path = media / folder / name
        path.write_bytes(f"{folder}/{name}".encode() * 99)
        paths[f"{folder}/{name}"] = path
    urls = {key: absolute_url(path) for key, path in paths.items()}
    timeline = timeline_with(clip_with(urls, "b/take.mov"), clip_with({"again": urls["a/take.mov"]}, "again"))
    before = timeline.to_json_string()
    assert write_otioz(timeline, tmp_path / "out.otioz") == ()
    assert timeline.to_json_string() == before

    with zipfile.ZipFile(tmp_path / "out.otioz") as bundle:
        members = bundle.infolist()
        assert bundle.testzip() is None
    assert [member.filename for member in members[:2]] == ["version.txt", "content.otio"]
    assert all(member.compress_type == zipfile.ZIP_STORED for member in members[2:])
    assert len(members) == 2 + 4

    (tmp_path / "unpacked").mkdir()
    adapter = otio.adapters.from_name("otioz")
    back = adapter.read_from_file(str(tmp_path / "out.otioz"), extract_to_directory=str(tmp_path / "unpacked"))
    first, second = back.find_clips()
    for key, reference in first.media_references().items():
        found = tmp_path / "unpacked" / otio.url_utils.filepath_from_url(reference.target_url)
        assert found.read_bytes() == paths[key].read_bytes()
    assert first.active_media_reference_key == "b/take.mov"
    assert second.media_reference.target_url == first.media_references()["a/take.mov"].target_url


def test_media_that_are_not_there_are_named_and_marked_as_missing(tmp_path: Path) -> None:
    (tmp_path / "there.wav").write_bytes(b"sound")
    urls = {"there": "there.wav", "gone": "file:///nowhere/gone.wav", "far": "https://example.org/x.wav"}
    notes = write_otioz(timeline_with(clip_with(urls, "there")), tmp_path / "out.otioz")
    assert ["example.org" in notes[0], "gone.wav" in notes[1], len(notes)] == [True, True, 2]
    references = otio.adapters.read_from_file(str(tmp_path / "out.otioz")).find_clips()[0].media_references()
    assert references["there"].target_url == "media/there.wav"
    assert references["gone"].metadata["original_target_url"] == "file:///nowhere/gone.wav"
    assert references["gone"].available_range == time_range(0, 48, 24)


def test_addresses_lead_back_to_their_files(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in ("plain.mov", "two words.mov", "100%20.mov", "a#b?c.mov", "été 怖い.mov"):
        path = tmp_path / "deep" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        assert local_path(absolute_url(path), Path("/elsewhere")) == path
        relative = url_relative_to(tmp_path / "out")(path)
        assert relative.startswith("../deep/")
        assert os.path.normpath(str(local_path(relative, tmp_path / "out"))) == str(path)


@pytest.mark.parametrize("name", ["été 怖い", "half a character \ud83d"])
def test_plain_json_is_written_as_the_timeline_it_describes(tmp_path: Path, name: str) -> None:
    plain = plain_object(source_timeline())
    plain["name"] = name
    write_otio(plain, tmp_path / "plain.otio")
    written = otio.adapters.read_from_file(str(tmp_path / "plain.otio"))
    assert plain_object(written)["tracks"] == plain["tracks"]
    assert written.name.startswith(name.rstrip("\ud83d"))
