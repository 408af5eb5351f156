from dataclasses import replace
from pathlib import Path

import pytest

from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.fingerprints import fingerprints
from sottovoce_engine.renderers.ltx.sampling_settings import FAST
from sottovoce_engine.renderers.ltx.settings import LtxSettings

from .single_file_making import save_single_file
from .tiny_model import save_tiny_lora

WHISPER, LOUD = (register_table().get(name) for name in ("whisper", "loud"))


@pytest.fixture
def settings(tiny_model: Path, tiny_lora: Path) -> LtxSettings:
    return LtxSettings(model=str(tiny_model), lora=str(tiny_lora), device="cpu", dtype="float32")


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({"dtype": "bfloat16"}, "numeric"),
        ({"compiled": True}, "numeric"),
        ({"device": "cuda"}, "numeric"),
        ({"sampling": FAST}, "sampling"),
        ({"pixels": 100_000}, "sampling"),
        ({"raster": "768x512"}, "sampling"),
        ({"text_tokens": 128}, "sampling"),
        ({"lock": "exact"}, "sampling"),
        ({"upscaled": True}, "upscaled"),
        ({"model": "/nowhere"}, "model"),
        ({"lora": "/nowhere"}, "lora"),
    ],
)
def test_what_makes_another_take_makes_another_fingerprint(
    change: dict[str, object], touched: str, settings: LtxSettings
) -> None:
    before, after = (dict(fingerprints(given, WHISPER)) for given in (settings, replace(settings, **change)))  # type: ignore[arg-type]
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {touched}


@pytest.mark.parametrize(
    "change",
    [{"memory": "streamed"}, {"takes_at_once": 4}, {"passes": "apart"}, {"cache": "/x"}, {"text_model": "/x"}],
)
def test_what_makes_the_same_take_keeps_it(change: dict[str, object], settings: LtxSettings) -> None:
    assert fingerprints(settings, WHISPER) == fingerprints(replace(settings, **change), WHISPER)  # type: ignore[arg-type]


def test_a_raster_given_by_hand_makes_pixels_idle(settings: LtxSettings) -> None:
    one, two = (replace(settings, raster="768x512", pixels=pixels) for pixels in (100_000, 200_000))
    assert fingerprints(one, WHISPER) == fingerprints(two, WHISPER)


def test_coarser_layers_are_another_numeric_class(settings: LtxSettings) -> None:
    found = [dict(fingerprints(replace(settings, memory=memory), WHISPER))["numeric"] for memory in ("streamed", "fp8")]
    assert found == ["float32-sdpa-cpu", "float32-fp8-sdpa-cpu"]


def test_random_weights_have_a_lora_of_their_own(settings: LtxSettings) -> None:
    full = dict(fingerprints(replace(settings, random_weights=True, lora="/nowhere"), WHISPER))
    assert (full["model"], full["lora"]) == ("random-full", "random")
    tiny = dict(fingerprints(replace(settings, random_weights=True, random_size="tiny"), LOUD))
    assert (tiny["model"], tiny["lora"]) == ("random-tiny", "none")


def test_a_register_counts_by_its_own_lora(settings: LtxSettings, tmp_path: Path) -> None:
    other = save_tiny_lora(tmp_path / "other.safetensors", seed=99)
    own = replace(WHISPER, lora_file=str(other))
    assert fingerprints(settings, own) == fingerprints(replace(settings, lora=str(other)), WHISPER)
    assert fingerprints(settings, own) != fingerprints(settings, WHISPER)
    assert fingerprints(settings, LOUD) == fingerprints(replace(settings, lora="/nowhere"), LOUD)


def test_a_single_file_counts_by_its_content(settings: LtxSettings, tiny_model: Path, tmp_path: Path) -> None:
    one, copy = (save_single_file(tmp_path / f"{name}.safetensors", tiny_model) for name in ("one", "copy"))
    found = [
        dict(fingerprints(replace(settings, model=str(path), text_model=str(tiny_model)), LOUD))["model"]
        for path in (one, copy, tiny_model)
    ]
    assert found[0] == found[1] != found[2]
