from pathlib import Path

import pytest

from sottovoce_engine.places import place_from


def test_a_path_is_taken_from_the_file_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loras").mkdir()
    (lora := tmp_path / "loras" / "soft.safetensors").touch()
    assert place_from(tmp_path, "loras/soft.safetensors") == str(lora)
    assert place_from(tmp_path, str(lora)) == str(lora)
    assert place_from(tmp_path, "./missing") == str(tmp_path / "missing")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place_from(Path("/elsewhere"), "~/loras") == str(tmp_path / "loras")
    monkeypatch.chdir(tmp_path)
    assert place_from(Path("loras"), "soft.safetensors") == str(lora)


def test_a_hub_id_stays_one_unless_something_lies_there(tmp_path: Path) -> None:
    assert place_from(tmp_path, "someone/lora") == "someone/lora"
    (tmp_path / "someone" / "lora").mkdir(parents=True)
    assert place_from(tmp_path, "someone/lora") == str(tmp_path / "someone" / "lora")
    assert place_from(tmp_path, "") == ""
