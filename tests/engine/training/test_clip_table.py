from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender
from sottovoce_engine.timing import Span
from sottovoce_engine.training.clip_table import recordings_in_table
from sottovoce_engine.training.recordings import Cue, Label, Unchecked

REGISTERS = register_table().names


def _table(tmp_path: Path, text: str) -> list[Unchecked]:
    for name in ("a.wav", "ben man soft/b.wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    table = tmp_path / "clips.csv"
    table.write_text(text, encoding="utf-8-sig")
    return recordings_in_table(table, REGISTERS)


def test_a_table_says_what_folders_do_not(tmp_path: Path) -> None:
    text = 'file,voice,gender,register,transcript\na.wav,Anna,Woman,whisper,"Close your eyes, ""dear""."\n'
    (found,) = _table(tmp_path, text)
    assert found.label == Label(voice="Anna", gender=Gender.WOMAN, register="whisper")
    assert (found.name, found.text) == ("a.wav", 'Close your eyes, "dear".')


def test_what_a_table_leaves_out_is_as_the_folders_say(tmp_path: Path) -> None:
    (found,) = _table(tmp_path, "file;register\nben man soft/b.wav;whisper\n")
    assert found.label == Label(voice="ben", gender=Gender.MAN, register="whisper")


def test_folders_above_the_table_say_nothing(tmp_path: Path) -> None:
    other = tmp_path / "carla woman whisper" / "c.wav"
    other.parent.mkdir()
    other.touch()
    tables = tmp_path / "tables"
    tables.mkdir()
    (found,) = _table(tables, f"file,register\n{other},soft\n")
    assert (found.label, found.name) == (Label(register="soft"), other.as_posix())


def test_a_file_may_hold_several_lines(tmp_path: Path) -> None:
    rows = "a.wav,Anna,woman,soft,One.,0.5,2\na.wav,Anna,woman,soft,Two.,0:00:02.25,0:03\n"
    (found,) = _table(tmp_path, f"file,voice,gender,register,transcript,start,end\n{rows}")
    assert found.cues == (
        Cue(span=Span(24_000, 96_000), text="One."),
        Cue(span=Span(108_000, 144_000), text="Two."),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,voise\na.wav,x\n", "Did you mean 'voice'"),
        ("voice,register\nAnna,soft\n", "no column 'file'"),
        ("", "no column 'file'"),
        ("file,register\nz.wav,soft\n", "Line 2 .* is no file"),
        ("file,register\na.wav,sofft\n", "Did you mean 'soft'"),
        ("file,gender\na.wav,lady\n", "Known: woman, man"),
        ("file,register\na.wav\n", "has 1 cells where 2 are due"),
        ("file,start,end\na.wav,2,1\n", "not after it starts"),
        ("file,start,end\na.wav,x,1\n", "Write seconds"),
        ("file,start,end\na.wav,nan,1\n", "Write seconds"),
        ("file,start,end\na.wav,,1\n", "Write seconds"),
        ("file,register\na.wav,soft\na.wav,soft\n", "names 'a.wav' again"),
        ("file,register,start,end\na.wav,soft,0,1\na.wav,loud,1,2\n", "names 'a.wav' again"),
    ],
)
def test_a_table_that_cannot_be_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        _table(tmp_path, text)
