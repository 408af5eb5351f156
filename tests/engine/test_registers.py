from dataclasses import replace
from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_engine.scene import Gender, Voice

DATA = Path(__file__).parent / "data"
ANNA, CLEO = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Cleo", gender=Gender.WOMAN)
BEN = Voice(name="Ben", gender=Gender.MAN)
SHIPPED = register_table()
LORAS = {"whisper": "soft.safetensors", "soft": "someone/lora", "quieter": "./missing.safetensors"}


def test_the_shipped_registers_come_quietest_first() -> None:
    assert SHIPPED.names == ("whisper", "soft", "quieter", "normal", "loud", "shout", "scream")
    loudness = [register.loudness_lufs for register in SHIPPED.registers]
    assert loudness == sorted(loudness)
    assert SHIPPED.get("normal").loudness_lufs == -27.0


def test_the_adapter_is_on_for_the_quiet_registers_alone() -> None:
    assert {register.name: register.lora for register in SHIPPED.registers} == {
        "whisper": 1.0,
        "soft": 1.0,
        "quieter": 1.0,
        "normal": 0.0,
        "loud": 0.0,
        "shout": 0.0,
        "scream": 0.0,
    }


def test_a_users_file_adds_changes_and_inherits() -> None:
    own = register_table(DATA / "registers_own.toml")
    whisper, soft, added = own.get("whisper"), own.get("soft"), own.get("under-breath")
    assert own.names[:2] == ("under-breath", "whisper")
    assert whisper == replace(
        SHIPPED.get("whisper"),
        loudness_lufs=-36.0,
        manner=replace(SHIPPED.get("whisper").manner, man="whispering very quietly"),
    )
    assert [soft.manner.words_for(voice) for voice in (ANNA, CLEO, BEN)] == [
        "murmuring",
        "speaking softly",
        "speaking softly",
    ]
    assert (added.lora, added.manner.words_for(ANNA), added.manner.words_for(BEN)) == (0.8, "muttering", "")
    assert own.get("scream") == SHIPPED.get("scream")


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "registers.toml"
    file.write_text("")
    assert register_table(file) == SHIPPED


def test_an_unknown_register_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"^'wisper' is no register\. Did you mean 'whisper'\? Known: whisper, soft, "):
        SHIPPED.get("wisper")
    with pytest.raises(InputError, match=r"^'' is no register\. Known: whisper"):
        SHIPPED.get("")


NEW = """[register.mutter]
letter = "U"
colour = "#7A7A9E"
order = 0
manner = { woman = "muttering", man = "muttering" }
suffix = ""
lora = 1.0
loudness_lufs = -35.0
"""


def changed(line: str) -> str:
    """NEW with one of its lines replaced."""
    key = line.split(" ")[0]
    return "".join(f"{line}\n" if there.startswith(f"{key} ") else there for there in NEW.splitlines(keepends=True))


WRONG = {
    "[register.whisper": "is not valid TOML: .* Mend that line",
    "format = 2": r"has format = 2; this version reads format 1\. Update Sottovoce",
    "format = 2\nlater = 1": r"has format = 2; this version",
    'format = "1"': r"has format = '1'\. Write format = 1",
    "format = true": r"has format = True\. Write format = 1",
    "format = 0": r"has format = 0\. Write format = 1",
    "registers = 1": r"has the unknown key 'registers'\. Did you mean 'register'\?",
    "register = 1": r"must hold tables named \[register\.NAME\]",
    "register = { whisper = 1 }": r"must hold tables named \[register\.NAME\]",
    "[register.whisper]\nlettre = 'W'": r"^\[register\.whisper\] in .* has the unknown key 'lettre'\. Did you mean 'letter'",
    "[register.whisper]\nname = 'W'": r"has the unknown key 'name'",
    "[register.mutter]\nletter = 'U'": r"lacks colour, order, manner, suffix, lora, loudness_lufs\. Add them",
    "[register.Mutter]\n" + NEW.partition("\n")[2]: r"register 'Mutter' has a name that marks cannot carry",
    '[register."a b"]\n' + NEW.partition("\n")[2]: r"register 'a b' has a name",
    '[register."mutter\\n"]\n' + NEW.partition("\n")[2]: r"has a name that marks cannot carry",
    changed("letter = 1"): r"has letter = 1; it must be text",
    changed('letter = "UU"'): r"has the letter 'UU'\. Give exactly one letter or digit",
    changed('letter = " "'): r"has the letter ' '\. Give exactly one",
    changed('letter = "w"'): r"'mutter' and 'whisper' share the letter 'W'\. Give each its own",
    changed('colour = "red"'): r"has the colour 'red'\. Write it as '#RRGGBB'",
    changed('colour = "#7A7A9E\\n"'): r"has the colour",
    changed("colour = 7"): r"has colour = 7; it must be text",
    changed("order = 1.5"): r"has order = 1\.5; it must be a whole number",
    changed("order = true"): r"has order = True; it must be a whole number",
    changed("suffix = 1"): r"has suffix = 1; it must be text",
    changed('suffix = "so (softly)"'): r"has the caption words 'so \(softly\)'\. Leave out quotes, brackets",
    changed('lora = "on"'): r"has lora = 'on'; it must be a number",
    changed("lora = true"): r"has lora = True; it must be a number",
    changed("lora = 2.5"): r"has the LoRA strength 2\.5\. Give 0 \(off\) to 2",
    changed("lora = nan"): r"has the LoRA strength nan",
    changed("loudness_lufs = -5"): r"has the loudness -5 LUFS\. Give a value from -60 to -10",
    changed("loudness_lufs = nan"): r"has the loudness nan LUFS",
    changed('manner = "muttering"'): r"has manner = 'muttering'; write \{ woman",
    changed('manner = { woman = "muttering" }'): r'manner needs both woman and man; "" leaves',
    changed('manner = { woman = "a", girl = "b" }'): r"^manner of .* has the unknown key 'girl'",
    changed('manner = { woman = 1, man = "a" }'): r"has manner\.woman = 1; it must be text",
    changed('manner = { woman = "", man = "", voice = "x" }'): r"manner\.voice must be a table",
    changed('manner = { woman = "", man = "", voice = { Anna = 1 } }'): r"manner\.voice must be a table",
    changed("manner = { woman = 'a\"', man = '' }"): r"has the caption words 'a\"'",
    changed('manner = { woman = "", man = "", voice = { Anna = "a)" } }'): r"has the caption words 'a\)'",
    "a = " + "[" * 5000: r"is not valid TOML",
    "[register.whisper]\norder = " + "9" * 5000: r"is not valid TOML",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items(), ids=[message[:40] for message in WRONG.values()])
def test_a_wrong_file_says_what_to_mend(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        register_table(file)


def test_the_file_that_the_wrong_ones_are_made_from_is_right(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(NEW, encoding="utf-8")
    assert register_table(file).get("mutter").lora == 1.0


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"# caf\xe9")
    for file in (tmp_path, tmp_path / "missing.toml", latin):
        with pytest.raises(InputError, match=f"registers file '{file}' cannot be read: .* Check the path"):
            register_table(file)


def test_registers_are_told_apart_by_their_letters() -> None:
    whisper = SHIPPED.get("whisper")
    with pytest.raises(InputError, match="'whisper' and 'hush' share the letter 'W'"):
        RegisterTable(registers=(whisper, replace(whisper, name="hush")))


def test_a_lora_of_a_registers_own_is_taken_from_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "soft.safetensors").touch()
    lines = (f'[register.{name}]\nlora_file = "{lora}"' for name, lora in LORAS.items())
    (file := tmp_path / "registers.toml").write_text("\n".join(lines))
    own = register_table(file)
    assert own.get("whisper").lora_file == str(tmp_path / "soft.safetensors")
    assert own.get("soft").lora_file == "someone/lora"
    assert own.get("quieter").lora_file == str(tmp_path / "missing.safetensors")
