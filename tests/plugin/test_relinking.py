"""Missing media found elsewhere: only what is surely the same is taken, and it is still known at the next reading."""

import json
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from sottovoce.cli import run
from sottovoce.examples.footage import MEDIA_FOLDER
from sottovoce.examples.numbered import write_numbered_movie
from sottovoce.new_marks import write_marks
from sottovoce.project import read_project
from sottovoce.relinking import find_media
from sottovoce.scene_desk import SceneDesk
from sottovoce.terminal import ExitCode
from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.scene import Raster
from sottovoce_otio.timeline import LoadedTimeline
from sottovoce_otio.working_copy import working_copy_path

from .moved_media import FILES, missing_in, write_moved_footage
from .test_scene_desk import READING, first_moved

JOB = Job()
RATE = Fraction(24_000, 1001)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def timeline(tmp_path: Path, media: Path) -> Path:
    return write_moved_footage(tmp_path / "project", media)


@pytest.fixture
def desk() -> Iterator[SceneDesk]:
    made = SceneDesk(READING)
    yield made
    made.close()


def loaded(timeline: Path) -> LoadedTimeline:
    return read_project(timeline, READING).loaded


def write_hall(path: Path, *, frames: int = 110, start_frame: int = 172_800) -> None:
    """Another hall.mov."""
    path.parent.mkdir(exist_ok=True)
    raster = Raster(width=64, height=36)
    write_numbered_movie(
        path, source_id=9, frames=frames, rate=RATE, raster=raster, sine_hz=None, start_frame=start_frame
    )


def test_all_files_are_found_wherever_they_lie_in_the_folder(timeline: Path, media: Path) -> None:
    found = find_media(loaded(timeline), missing_in(timeline), media, JOB)
    assert {named: each.path for named, each in found.items()} == {
        named: media / "day 1" / named.name / named.name for named in missing_in(timeline)
    }
    assert {each.told for each in found.values()} == {""}


@pytest.mark.parametrize(
    ("frames", "start_frame", "told"),
    [
        (100, 172_800, "it is 4.17 s long, the timeline says 4.59 s"),
        (110, 86_400, "its timecode starts at 3603.60 s, the timeline says 7207.20 s"),
    ],
)
def test_a_file_of_the_same_name_and_another_length_or_timecode_is_not_taken(
    timeline: Path, tmp_path: Path, frames: int, start_frame: int, told: str
) -> None:
    write_hall(tmp_path / "other" / "hall.mov", frames=frames, start_frame=start_frame)
    missing = missing_in(timeline)[2]
    (found,) = find_media(loaded(timeline), [missing], tmp_path / "other", JOB).values()
    assert found.path is None
    assert told in found.told


def test_a_right_file_is_taken_beside_a_wrong_one_but_not_beside_another_right_one(timeline: Path, media: Path) -> None:
    missing = missing_in(timeline)[2]
    write_hall(media / "a shorter one" / "hall.mov", frames=60)
    (found,) = find_media(loaded(timeline), [missing], media, JOB).values()
    assert found.path == media / "day 1" / "hall.mov" / "hall.mov"
    shutil.copytree(media / "day 1", media / "day 1 copied")
    (found,) = find_media(loaded(timeline), [missing], media, JOB).values()
    assert found.path is None
    assert "2 files are alike" in found.told


def test_what_cannot_be_found_or_played_is_told(timeline: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "hall.mov").write_text("no movie")
    found = find_media(loaded(timeline), missing_in(timeline)[1:3], tmp_path / "other", JOB)
    kitchen, hall = found.values()
    assert (kitchen.path, kitchen.told) == (None, "no file of this name is there")
    assert hall.path is None
    assert "hall.mov" in hall.told


def test_a_search_has_an_end(timeline: Path, media: Path) -> None:
    with pytest.raises(InputError, match="holds more than 3 files"):
        find_media(loaded(timeline), missing_in(timeline), media, JOB, most=3)
    with pytest.raises(InputError, match="is no folder"):
        find_media(loaded(timeline), missing_in(timeline), media / "none", JOB)
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        find_media(loaded(timeline), missing_in(timeline), media, job)


def test_files_by_hand_are_taken_with_what_speaks_against_them(desk: SceneDesk, timeline: Path, tmp_path: Path) -> None:
    desk.open(timeline, JOB)
    write_hall(tmp_path / "other" / "corridor.mov", frames=60)
    chosen = desk.compare_media(missing_in(timeline)[2], tmp_path / "other" / "corridor.mov", JOB)
    assert chosen.path == tmp_path / "other" / "corridor.mov"
    assert "it is 2.50 s long" in chosen.told
    (tmp_path / "other" / "notes.mov").write_text("no movie")
    with pytest.raises(InputError, match=r"notes\.mov"):
        desk.compare_media(missing_in(timeline)[2], tmp_path / "other" / "notes.mov", JOB)


def test_what_was_relinked_is_known_at_every_later_reading_and_the_source_is_not_written(
    desk: SceneDesk, timeline: Path, media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = timeline.read_bytes()
    opened = desk.open(timeline, JOB)
    assert [each.path for each in opened.offline] == missing_in(timeline)
    found = desk.find_media([each.path for each in opened.offline], media, JOB)
    again = desk.relinked({named: each.path for named, each in found.items() if each.path is not None}, JOB)
    assert again.offline == ()
    assert {piece.source.path for piece in again.draft.scene.pictures} == {
        str(media / "day 1" / name / name) for name in FILES[:3]
    }
    desk.close()
    assert desk.open(timeline, JOB).offline == ()
    assert run(["regions", str(timeline), "--json"]) is ExitCode.DONE
    assert "missing" not in capsys.readouterr().out
    assert timeline.read_bytes() == before
    links = json.loads(working_copy_path(timeline).read_text())["tracks"]
    assert str(media) not in json.dumps(links), "the timeline's own links stay"


def test_the_files_are_still_known_after_the_timeline_changed_and_marks_were_saved(
    desk: SceneDesk, timeline: Path, media: Path
) -> None:
    opened = desk.open(timeline, JOB)
    hall = media / "day 1" / "hall.mov" / "hall.mov"
    opened = desk.relinked({missing_in(timeline)[2]: hall}, JOB)
    assert [each.path.name for each in opened.offline] == ["street.mov", "kitchen.mp4", "music.wav"]
    timeline.write_text(timeline.read_text().replace("Keep your eyes", "Get your eyes"))
    assert desk.changed_on_disk()
    reread = desk.reread(opened.draft, JOB)
    desk.save(reread.draft)
    assert len(reread.offline) == 3
    assert len(SceneDesk(READING).open(timeline, JOB).offline) == 3
    hall.rename(timeline.parent / MEDIA_FOLDER / "hall.mov")
    pictures = read_project(timeline, READING).scene.pictures
    assert str(timeline.parent / MEDIA_FOLDER / "hall.mov") in {piece.source.path for piece in pictures}


def test_an_earlier_sessions_changes_are_still_offered_after_relinking(
    desk: SceneDesk, timeline: Path, media: Path
) -> None:
    desk.note(first_moved(desk.open(timeline, JOB).draft), "Move region")
    desk.close()
    desk.open(timeline, JOB)
    hall = media / "day 1" / "hall.mov" / "hall.mov"
    assert desk.relinked({missing_in(timeline)[2]: hall}, JOB).unsaved is not None


def test_new_timelines_name_the_files_where_they_are_now(
    desk: SceneDesk, timeline: Path, media: Path, tmp_path: Path
) -> None:
    desk.open(timeline, JOB)
    hall = media / "day 1" / "hall.mov" / "hall.mov"
    desk.relinked({missing_in(timeline)[2]: hall}, JOB)
    project = read_project(timeline, READING)
    written = read_project(write_marks(project, project.scene, tmp_path / "out"), READING)
    pictures = {Path(piece.source.path).resolve() for piece in written.scene.pictures}
    assert hall in pictures
    assert timeline.parent / MEDIA_FOLDER / "hall.mov" not in pictures
