from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import threshold_tables, thresholds_of

SHIPPED = thresholds_of("register", RegisterThresholds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    whisper_below: float


def own_file(folder: Path, text: str) -> Path:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_shipped_threshold_says_where_it_comes_from() -> None:
    tables = threshold_tables()
    assert "register" in tables
    for table in tables.values():
        for name, threshold in table.items():
            assert len(threshold.source.split()) >= 3, name


def test_the_table_fills_the_value() -> None:
    assert {field.name for field in fields(RegisterThresholds)} == set(threshold_tables()["register"])
    assert SHIPPED.whisper_below < SHIPPED.voiced_above


def test_a_users_file_replaces_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    file = own_file(tmp_path, '[register]\nwhisper_below = { value = 0.5, source = "my own takes" }\n')
    own = thresholds_of("register", RegisterThresholds, file)
    assert own.whisper_below == 0.5
    assert own.voiced_above == SHIPPED.voiced_above
    assert threshold_tables(file)["register"]["whisper_below"].source == "my own takes"


def test_a_whole_number_is_a_number(tmp_path: Path) -> None:
    file = own_file(tmp_path, 'format = 1\n[register]\nwhisper_below = { value = 0, source = "mine" }\n')
    own = thresholds_of("register", RegisterThresholds, file)
    assert (own.whisper_below, type(own.whisper_below)) == (0.0, float)


def test_a_value_of_other_fields_than_the_table_is_a_bug() -> None:
    with pytest.raises(ValueError, match=r"Other differ in .*voiced_above"):
        thresholds_of("register", Other)


WRONG = {
    "[register": "is not valid TOML: .* Mend that line",
    "a = " + "[" * 5000: "is not valid TOML",
    "format = 2": r"has format = 2; this version reads format 1\. Update Sottovoce",
    "format = true": r"has format = True\. Write format = 1",
    "[registers]": r"has the unknown key 'registers'\. Did you mean 'register'\?",
    "register = 1": r"has register = 1; it must be a table, written \[register\]",
    '[register]\nwhisper_bellow = { value = 1, source = "x" }': r"unknown key 'whisper_bellow'\. Did you mean 'whisper_below'",
    "[register]\nwhisper_below = 0.5": r"whisper_below of \[register\] in .* is 0\.5; write \{ value",
    "[register]\nwhisper_below = { value = 0.5 }": r"write \{ value = 0\.5, source",
    '[register]\nwhisper_below = { value = "a", source = "x" }': r"has value = 'a'; it must be a number",
    '[register]\nwhisper_below = { value = true, source = "x" }': "has value = True",
    '[register]\nwhisper_below = { value = nan, source = "x" }': "has value = nan",
    '[register]\nwhisper_below = { value = 1, source = " " }': "has source = ' '; say in a few words",
    "[register]\nwhisper_below = { value = " + "9" * 400 + ', source = "x" }': "it must be a number",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items(), ids=[message[:30] for message in WRONG.values()])
def test_a_wrong_file_says_what_to_mend(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        thresholds_of("register", RegisterThresholds, own_file(tmp_path, text))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "missing.toml"):
        with pytest.raises(InputError, match=f"thresholds file '{file}' cannot be read: .* Check the path"):
            thresholds_of("register", RegisterThresholds, file)
