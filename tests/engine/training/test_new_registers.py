from dataclasses import replace
from pathlib import Path

import pytest

from sottovoce_engine.registers import Manner, RegisterTable, register_table
from sottovoce_engine.training.new_registers import new_registers, registers_text

MURMUR = replace(
    register_table().get("soft"),
    name="murmur",
    letter="M",
    manner=Manner(woman="murmuring", man="murmuring low", by_voice=(("Anna's \\ voice", "breathing"),)),
)


def _written(tmp_path: Path, taught: tuple[str, ...], lora: str = "night.safetensors") -> RegisterTable:
    known = RegisterTable(registers=(*register_table().registers, MURMUR))
    made = new_registers(taught, known, lora_file=lora, trigger="night voice")
    path = tmp_path / "night.toml"
    path.write_text(registers_text(made, ["Trained on 12 clips.\nformat = 99"]), encoding="utf-8")
    (tmp_path / lora).touch()
    return register_table(path)


def test_what_was_trained_is_a_register_like_the_shipped_ones(tmp_path: Path) -> None:
    table = _written(tmp_path, ("murmur",))
    lora = str(tmp_path / "night.safetensors")
    assert table.get("murmur") == replace(MURMUR, suffix="night voice", lora_file=lora)
    assert set(table.names) == {*register_table().names, "murmur"}


def test_a_shipped_register_that_was_trained_anew_uses_the_new_lora(tmp_path: Path) -> None:
    table = _written(tmp_path, ("shout", "whisper"))
    for name in ("shout", "whisper"):
        register = table.get(name)
        assert (register.lora, Path(register.lora_file).name) == (1.0, "night.safetensors")
        assert register.manner == register_table().get(name).manner
    assert table.get("soft") == register_table().get("soft")


@pytest.mark.parametrize("lora", ["a 'b'.safetensors", 'q"uote.safetensors', "日本.safetensors"])
def test_any_file_name_can_be_written(tmp_path: Path, lora: str) -> None:
    assert _written(tmp_path, ("murmur",), lora).get("murmur").lora_file == str(tmp_path / lora)
