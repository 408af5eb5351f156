import re
from pathlib import Path

import opentimelineio as otio
import pytest
from tests.media_making import decoded_frames, dominant_hz, frame_number

from sottovoce.examples import EXAMPLES, footage, night, write_example
from sottovoce_engine.errors import InputError
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.timing import Span, sample_at


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("examples")
    for name in EXAMPLES:
        assert write_example(name, made) == made / f"{name}.otio"
    return made


@pytest.mark.parametrize("line", night.LINES, ids=[line.text for line in night.LINES])
def test_every_line_of_the_night_scene_has_the_time_it_needs(line: night.Line) -> None:
    there = line.span.length / night.RATE
    assert 0.85 * speaking_seconds(line.text) <= there <= 2 * speaking_seconds(line.text)


def test_the_footage_says_which_frame_it_is(folder: Path) -> None:
    for source in footage.SOURCES:
        path = folder / footage.MEDIA_FOLDER / source.file
        found = probe(path)
        assert found.picture is not None
        assert (found.picture.rate, found.picture.frames) == (footage.RATE, source.frames)
        numbers = [frame_number(frame) for frame in decoded_frames(path)]
        assert numbers == [(source.id, number) for number in range(source.frames)]
        with SoundReader(path) as sound:
            assert sound.length_samples >= sample_at(source.frames, footage.RATE)
            assert dominant_hz(sound.read(Span(0, 96_000))) == pytest.approx(source.sine_hz, abs=0.5)


def test_the_music_lasts_as_long_as_the_timeline(folder: Path) -> None:
    with SoundReader(folder / footage.MEDIA_FOLDER / footage.MUSIC) as music:
        assert music.length_samples == sample_at(footage.LENGTH_FRAMES, footage.RATE)
        assert dominant_hz(music.read(Span(48_000, 96_000))) == pytest.approx(footage.MUSIC_HZ, abs=0.5)


def test_the_files_are_plain_otio_that_any_editor_opens(folder: Path) -> None:
    for name in EXAMPLES:
        found = otio.adapters.read_from_file(str(folder / f"{name}.otio"))
        assert found.name == name
        assert found.duration().value == {"night": night.LENGTH_FRAMES, "footage": footage.LENGTH_FRAMES}[name]
        for clip in found.find_clips():
            assert (folder / clip.media_reference.target_url).is_file()


def test_what_is_there_already_is_kept(tmp_path: Path) -> None:
    mine = tmp_path / "night.otio"
    mine.write_text("mine", encoding="utf-8")
    assert write_example("night", tmp_path) == mine
    assert mine.read_text(encoding="utf-8") == "mine"
    media = tmp_path / footage.MEDIA_FOLDER
    media.mkdir()
    for name in (footage.MUSIC, *(source.file for source in footage.SOURCES)):
        (media / name).write_text("mine", encoding="utf-8")
    write_example("footage", tmp_path)
    assert {path.read_text(encoding="utf-8") for path in media.iterdir()} == {"mine"}


def test_an_unknown_example_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^'nite' is no example\. Did you mean 'night'\? Known: night, footage\.$"):
        write_example("nite", tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InputError, match=f"^The folder '{re.escape(str(file))}' cannot be made: "):
        write_example("night", file)
    (tmp_path / footage.MEDIA_FOLDER).touch()
    with pytest.raises(InputError, match="cannot be made"):
        write_example("footage", tmp_path)
