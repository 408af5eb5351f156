from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender
from sottovoce_engine.training.recordings import (
    Label,
    LabelledRecording,
    checked_recordings,
    label_in,
    recordings_in_folder,
)

REGISTERS = register_table().names


def _file(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _found(folder: Path) -> tuple[LabelledRecording, ...]:
    return checked_recordings(recordings_in_folder(folder, REGISTERS), REGISTERS, folder)


@pytest.mark.parametrize(
    ("folders", "label"),
    [
        (("anna woman whisper",), Label(voice="anna", gender=Gender.WOMAN, register="whisper")),
        (("Whisper", "Anna (woman)"), Label(voice="Anna", gender=Gender.WOMAN, register="whisper")),
        (("anna_woman", "soft"), Label(voice="anna", gender=Gender.WOMAN, register="soft")),
        (("ben-male-shout",), Label(voice="ben", gender=Gender.MAN, register="shout")),
        (("Anna-Lena woman soft",), Label(voice="Anna-Lena", gender=Gender.WOMAN, register="soft")),
        (("Anna Maria", "loud"), Label(voice="Anna Maria", register="loud")),
        (("普段", "whisper"), Label(voice="普段", register="whisper")),
        ((), Label()),
    ],
)
def test_folders_say_who_speaks_and_how(folders: tuple[str, ...], label: Label) -> None:
    assert label_in(folders, REGISTERS) == label


def test_a_register_whose_name_has_a_hyphen_is_found() -> None:
    assert label_in(["anna half-voice"], (*REGISTERS, "half-voice")) == Label(voice="anna", register="half-voice")


def test_everything_that_may_be_a_recording_is_taken_with_the_texts_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "anna woman whisper"
    for name in ("b.wav", "a.mov", "c.odd", "a.srt", "notes.md", "cover.jpg", ".hidden.wav"):
        _file(folder / name)
    _file(folder / "b.txt", "\ufeffClose your eyes.\n")
    found = _found(tmp_path)
    assert [each.name for each in found] == [f"anna woman whisper/{name}" for name in ("a.mov", "b.wav", "c.odd")]
    assert [each.text for each in found] == ["", "Close your eyes.", ""]
    assert [each.subtitles for each in found] == [folder / "a.srt", None, None]


def test_results_inside_the_folder_are_no_recordings(tmp_path: Path) -> None:
    _file(tmp_path / "anna woman whisper" / "a.wav")
    for name in ("clips/media/b.mov", "renders/step-000000-1.wav"):
        _file(tmp_path / "results woman soft" / name)
    assert [each.path.name for each in _found(tmp_path)] == ["a.wav"]


def test_a_link_to_a_folder_is_followed_and_one_that_leads_back_is_not(tmp_path: Path) -> None:
    recordings, elsewhere = tmp_path / "recordings", tmp_path / "elsewhere"
    _file(elsewhere / "a.wav")
    (recordings / "deep").mkdir(parents=True)
    (recordings / "anna woman soft").symlink_to(elsewhere, target_is_directory=True)
    (recordings / "deep" / "back").symlink_to(recordings, target_is_directory=True)
    assert [each.name for each in _found(recordings)] == ["anna woman soft/a.wav"]


def test_a_voice_is_a_woman_or_a_man_everywhere_once_it_is_said(tmp_path: Path) -> None:
    _file(tmp_path / "Anna woman" / "soft" / "a.wav")
    _file(tmp_path / "whisper" / "anna" / "b.wav")
    assert {(each.voice, each.gender) for each in _found(tmp_path)} == {("Anna", Gender.WOMAN)}


def test_a_voice_without_a_name_is_called_by_its_gender(tmp_path: Path) -> None:
    _file(tmp_path / "man whisper" / "a.wav")
    assert _found(tmp_path)[0].voice == "man"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("anna woman/a.wav", "lacks the register"),
        ("anna woman whispr/a.wav", "lacks the register.*Registers: whisper, soft"),
        ("anna whisper/a.wav", "whether a woman or a man speaks"),
        ("a.wav", "lacks the register"),
    ],
)
def test_what_is_not_labelled_is_told(tmp_path: Path, path: str, said: str) -> None:
    _file(tmp_path / path)
    with pytest.raises(InputError, match=said):
        _found(tmp_path)


def test_a_voice_cannot_be_both(tmp_path: Path) -> None:
    _file(tmp_path / "anna woman whisper" / "a.wav")
    _file(tmp_path / "anna man soft" / "a.wav")
    with pytest.raises(InputError, match="a woman in one place and a man in another"):
        _found(tmp_path)


def test_an_empty_folder_and_a_text_that_is_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No recordings lie in.*anna woman whisper"):
        _found(tmp_path)
    _file(tmp_path / "anna woman whisper" / "a.wav")
    (tmp_path / "anna woman whisper" / "a.txt").write_bytes(b"\xff\xfe\x80")
    with pytest.raises(InputError, match="not in UTF-8"):
        _found(tmp_path)
