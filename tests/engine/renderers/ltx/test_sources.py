from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.sources import found_at, hub_name, lora_named, lora_path

from .hub_cache import lay_down


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("someone/lora", ("someone/lora", "")),
        ("someone/lora/soft.safetensors", ("someone/lora", "soft.safetensors")),
        ("someone/lora/v2/soft.safetensors", ("someone/lora", "v2/soft.safetensors")),
        ("loras/soft.safetensors", ("", "")),
        ("soft.safetensors", ("", "")),
        ("/models/soft.safetensors", ("", "")),
        ("../soft", ("", "")),
        ("~/soft", ("", "")),
    ],
)
def test_a_hub_id_is_told_from_a_path(named: str, expected: tuple[str, str]) -> None:
    assert hub_name(named) == expected


def test_a_lora_is_found_by_path_by_folder_and_by_hub_id(tmp_path: Path, tiny_lora: Path, cache: Path) -> None:
    assert lora_path(str(tiny_lora)) == tiny_lora
    (folder := tmp_path / "lora").mkdir()
    (folder / "only.safetensors").symlink_to(tiny_lora)
    assert lora_path(str(folder)) == folder / "only.safetensors"
    snapshot = lay_down(cache, "someone/lora", {"soft.safetensors": tiny_lora, "README.md": tiny_lora})
    assert lora_path("someone/lora") == lora_path("someone/lora/soft.safetensors") == snapshot / "soft.safetensors"


def test_a_path_comes_before_a_hub_id(
    tmp_path: Path, tiny_lora: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_down(cache, "someone/lora", {"soft.safetensors": tiny_lora})
    (tmp_path / "here" / "someone" / "lora").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert found_at("someone/lora") == Path("someone/lora")


def test_which_of_several_loras_is_meant_has_to_be_said(tiny_lora: Path, cache: Path) -> None:
    lay_down(cache, "someone/two", {"a.safetensors": tiny_lora, "b.safetensors": tiny_lora})
    with pytest.raises(
        InputError, match=r"holds 2 LoRAs: 'a.safetensors', 'b.safetensors'. .*someone/two/a.safetensors"
    ):
        lora_path("someone/two")
    assert lora_path("someone/two/b.safetensors").name == "b.safetensors"


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (
            "someone/never-fetched",
            r"hub's cache does not hold it. Fetch it with: sottovoce models fetch someone/never-fetched",
        ),
        ("someone/there/other.safetensors", r"models fetch someone/there/other.safetensors"),
        ("/nowhere/soft.safetensors", r"not on this machine. Check the path in the LTX settings"),
    ],
)
def test_a_lora_that_is_not_here_says_what_to_do(named: str, message: str, tiny_lora: Path, cache: Path) -> None:
    lay_down(cache, "someone/there", {"soft.safetensors": tiny_lora})
    with pytest.raises(SetupError, match=message + r".*--renderer scratch"):
        lora_path(named)


def test_a_hub_id_without_weights_is_said_so(tiny_lora: Path, cache: Path) -> None:
    lay_down(cache, "someone/empty", {"pytorch_lora_weights.bin": tiny_lora})
    with pytest.raises(SetupError, match=r"has no .safetensors file"):
        lora_path("someone/empty")


def test_a_register_names_its_own_lora_before_the_settings() -> None:
    from dataclasses import replace

    settings = LtxSettings(lora="of/settings")
    whisper, loud = (register_table().get(name) for name in ("whisper", "loud"))
    assert lora_named(whisper, settings) == "of/settings"
    assert lora_named(replace(whisper, lora_file="its/own"), settings) == "its/own"
    assert lora_named(loud, settings) == ""
