import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.names import (
    MAX_BYTES,
    distinct_names,
    file_name,
    free_number,
    numbered,
    versioned,
)

ANY_TEXT = st.text(st.characters(), max_size=300)  # lone surrogates, too: file names on Linux may hold them


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Night Kitchen", "Night Kitchen"),
        ("Sc 12/034: who?", "Sc 12_034_ who_"),
        ('a<b>c|d*e"f\\g', "a_b_c_d_e_f_g"),
        ("CON", "CON_"),
        ("nul.take", "nul_.take"),
        ("Lpt¹", "Lpt¹_"),
        ("Conrad", "Conrad"),
        ("COM10", "COM10"),
        ("ends with dots...", "ends with dots"),
        (".hidden ", "hidden"),
        ("two\nlines\tand\x07 a bell", "two lines and a bell"),
        ("e\u0301te\u0301", "été"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("e\u200e\u0301", "é"),
        ("Страх 怖い", "Страх 怖い"),
        ("", "untitled"),
        (" .. ", "untitled"),
    ],
)
def test_a_name_is_one_that_every_system_accepts(text: str, name: str) -> None:
    assert file_name(text) == name


@given(ANY_TEXT)
def test_no_text_makes_a_name_that_windows_refuses(text: str) -> None:
    name = file_name(text)
    assert name
    assert len(name.encode()) <= MAX_BYTES + 1
    assert not set(name) & set('<>:"/\\|?*')
    assert min(map(ord, name)) >= 32
    assert name == name.strip(". ")
    assert name.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    assert unicodedata.is_normalized("NFC", name)
    assert file_name(name) == name


def test_a_long_name_is_cut_between_whole_characters() -> None:
    assert file_name("x" * 200, max_bytes=10) == "x" * 10
    assert file_name("怖" * 5, max_bytes=10) == "怖" * 3
    assert file_name("aaq\u0303\u0302", max_bytes=5) == "aa"  # no composed form: q, tilde and circumflex stay together
    assert file_name("a👩\u200d🚀", max_bytes=9) == "a"
    assert file_name("a👩\u200d🚀", max_bytes=12) == "a👩\u200d🚀"


def test_the_name_can_be_made_and_found_again_on_this_system(tmp_path: Path) -> None:
    for text in ("CON", "été 怖い", "x" * 500, "a/b"):
        path = tmp_path / (file_name(text) + ".wav")
        path.write_bytes(b"")
        assert path.name in {found.name for found in tmp_path.iterdir()}


def test_names_that_differ_in_case_or_form_alone_get_numbers() -> None:
    assert distinct_names(["Anna", "ANNA", "Ben", "anna"]) == ("Anna", "ANNA 2", "Ben", "anna 3")
    assert distinct_names(["take.mov", "take.mov", "take 2.mov"]) == ("take.mov", "take 3.mov", "take 2.mov")
    assert distinct_names(["é", "e\u0301"]) == ("é", "e\u0301 2")


@given(st.lists(st.sampled_from(["a", "A", "a 2", "A 2", "a 3", "ß", "ss", "b.mov", "B.mov"]), max_size=12))
def test_distinct_names_are_distinct_and_stay_where_they_can(names: list[str]) -> None:
    found = distinct_names(names)
    assert len({name.casefold() for name in found}) == len(names)
    assert all(
        after.casefold().startswith(Path(before).stem.casefold()) for before, after in zip(names, found, strict=True)
    )
    if len({name.casefold() for name in names}) == len(names):
        assert found == tuple(names)


def test_files_of_one_render_share_their_number(tmp_path: Path) -> None:
    files = ["scene.otio", "scene.mov", "report.json"]
    assert free_number(tmp_path, files) == 1
    (tmp_path / "report.json").touch()
    number = free_number(tmp_path, files)
    assert [numbered(file, number) for file in files] == ["scene_v002.otio", "scene_v002.mov", "report_v002.json"]


def test_a_path_that_exists_is_versioned(tmp_path: Path) -> None:
    path = tmp_path / "scene 1.5.otio"
    assert versioned(path) == path
    path.touch()
    assert versioned(path) == tmp_path / "scene 1.5_v002.otio"
    versioned(path).touch()
    assert versioned(path) == tmp_path / "scene 1.5_v003.otio"


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(InputError, match=r"out' cannot be looked into"):
        free_number(tmp_path / "out", ["scene.otio"])
