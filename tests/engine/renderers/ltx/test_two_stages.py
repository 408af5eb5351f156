"""What two stages need, found or refused before anything is loaded; and the upsampler from disk."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import LTX2Pipeline
from safetensors.torch import load_file, save_file

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.checkpoint import checkpoint
from sottovoce_engine.renderers.ltx.fingerprints import fingerprints
from sottovoce_engine.renderers.ltx.lora_file import read_lora
from sottovoce_engine.renderers.ltx.model_layout import layout_from_config
from sottovoce_engine.renderers.ltx.sampling_settings import SECOND_STAGE, Guidance
from sottovoce_engine.renderers.ltx.second_source import fuse
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.two_stages import second_checkpoint, second_fingerprints, upsampler_path
from sottovoce_engine.renderers.ltx.upsampler import load_upsampler

from .tiny_model import save_tiny_lora
from .tiny_upsampler import save_upsampler_file, tiny_upsampler

CPU = torch.device("cpu")
SETTINGS = LtxSettings(preset="fast", upscaled=True, dtype="float32")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint's folder with an upsampler in it."""
    tiny_upsampler().save_pretrained(tmp_path / "model" / "latent_upsampler")
    return tmp_path / "model"


def grown(upsampler: torch.nn.Module) -> torch.Tensor:
    torch.manual_seed(1)
    with torch.no_grad():
        made: torch.Tensor = upsampler(torch.randn(1, 128, 2, 3, 4))
    return made


def test_the_upsampler_is_found_in_every_form_it_is_published_in(folder: Path, tmp_path: Path) -> None:
    file = save_upsampler_file(tmp_path / "ltx-2.3-spatial-upscaler-x2-1.1.safetensors")
    rational = save_upsampler_file(tmp_path / "rational.safetensors", use_rational_resampler=True)
    flat = save_upsampler_file(tmp_path / "flat.safetensors", dims=2, num_blocks_per_stage=2)
    expected = grown(tiny_upsampler())
    assert expected.shape == (1, 128, 2, 6, 8)
    for named in ("", str(folder), str(folder / "latent_upsampler"), str(file)):
        assert torch.equal(grown(load_upsampler(folder, replace(SETTINGS, upsampler=named), CPU)), expected)
    for path, model in (
        (rational, tiny_upsampler(use_rational_resampler=True)),
        (flat, tiny_upsampler(dims=2, num_blocks_per_stage=2)),
    ):
        found = load_upsampler(folder, replace(SETTINGS, upsampler=str(path)), CPU)
        assert torch.equal(grown(found), grown(model))
        assert found.dtype == torch.float32
    assert load_upsampler(folder, replace(SETTINGS, dtype="bfloat16"), CPU).dtype == torch.bfloat16


@pytest.mark.parametrize(
    "differing",
    [
        {"spatial_upsample": False, "temporal_upsample": True},
        {"temporal_upsample": True},
        {"use_rational_resampler": True, "rational_spatial_scale": 1.5},
    ],
    ids=["temporal", "both", "one and a half"],
)
def test_upsamplers_of_another_kind_are_refused(differing: dict[str, object], tmp_path: Path) -> None:
    save_upsampler_file(tmp_path / "other.safetensors", **differing)
    tiny_upsampler(**differing).save_pretrained(tmp_path / "other" / "latent_upsampler")
    for named in ("other.safetensors", "other"):
        with pytest.raises(SetupError, match=r"does not double the picture's sides.*spatial upscaler x2"):
            load_upsampler(tmp_path, replace(SETTINGS, upsampler=str(tmp_path / named)), CPU)


def test_an_upsampler_that_is_not_here_is_asked_for(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for named, model, message in (
        ("/nowhere", folder, "'/nowhere' is not on this machine. Fetch LTX-2.3's spatial upscaler x2"),
        (str(tmp_path / "empty"), folder, "holds no upsampler"),
        ("", tmp_path / "empty", "holds no upsampler: .*name it as `upsampler`.*upscaled = false"),
    ):
        with pytest.raises(SetupError, match=message):
            upsampler_path(replace(SETTINGS, upsampler=named), model)


def test_a_damaged_upsampler_is_refused_in_words(folder: Path, tmp_path: Path) -> None:
    file = save_upsampler_file(tmp_path / "whole.safetensors")
    (tmp_path / "short.safetensors").write_bytes(file.read_bytes()[:-100])
    (tmp_path / "pickle.safetensors").write_bytes(b"PK\x03\x04" + bytes(100))
    weights = load_file(file)
    del weights["final_conv.bias"]
    save_file(weights, tmp_path / "part.safetensors")
    save_file({"a": torch.zeros(2)}, tmp_path / "other.safetensors")
    for name in ("short", "pickle", "part", "other"):
        settings = replace(SETTINGS, upsampler=str(tmp_path / f"{name}.safetensors"))
        with pytest.raises(SetupError, match=r"cannot be loaded: .*Fetch the LTX-2.3 spatial upscaler x2 again"):
            load_upsampler(folder, settings, CPU)


def test_the_distilled_model_samples_both_stages(tiny_model: Path) -> None:
    first = checkpoint(str(tiny_model))
    assert second_checkpoint(SETTINGS, first) is first


def test_dev_needs_distilled_weights_for_the_second_stage(tiny_model: Path, tmp_path: Path) -> None:
    first, best = checkpoint(str(tiny_model)), replace(SETTINGS, preset="best")
    with pytest.raises(SetupError, match=r"without guidance.*`second_model`.*`second_lora`.*preset = 'fast'"):
        second_checkpoint(best, first)
    (other := tmp_path / "distilled").symlink_to(tiny_model)
    assert second_checkpoint(replace(best, second_model=str(other)), first).folder == other
    assert second_checkpoint(replace(best, second_lora="distilled.safetensors"), first) is first
    guided = replace(SECOND_STAGE, video=Guidance(caption=2.0))
    assert second_checkpoint(replace(best, second_stage=guided), first) is first
    with pytest.raises(InputError, match="name both"):
        second_checkpoint(replace(best, second_model=str(other), second_lora="distilled.safetensors"), first)
    with pytest.raises(SetupError, match="'/nowhere' is not on this machine"):
        second_checkpoint(replace(best, second_model="/nowhere"), first)


def test_a_fused_lora_gives_the_adapters_weights(own_stock: LTX2Pipeline, tmp_path: Path) -> None:
    path = save_tiny_lora(
        tmp_path / "distilled.safetensors", targets=r".*\.(attn1|attn2|audio_attn1)\.(to_q|to_out\.0)"
    )
    pairs = read_lora(path, layout_from_config(dict(own_stock.transformer.config))).pairs
    name = "transformer_blocks.1.attn1.to_q"
    own_stock.load_lora_weights(str(path), adapter_name="distilled")
    own_stock.set_adapters("distilled", 0.8)
    own_stock.fuse_lora(components=["transformer"])
    own_stock.unload_lora_weights()
    expected = own_stock.transformer.get_submodule(name).weight
    plain = LTX2Pipeline.from_pretrained(own_stock.config._name_or_path).transformer
    before = plain.get_submodule(name).weight.clone()
    fuse(plain, pairs, 0.8, CPU)
    torch.testing.assert_close(plain.get_submodule(name).weight, expected, rtol=1e-5, atol=1e-6)
    assert (before - expected).abs().max() > 0.01


def test_the_key_tells_upsamplers_and_distilled_loras_apart(folder: Path, tmp_path: Path) -> None:
    one = save_upsampler_file(tmp_path / "one.safetensors")
    other = save_upsampler_file(tmp_path / "other.safetensors", num_blocks_per_stage=2)
    lora = save_tiny_lora(tmp_path / "distilled.safetensors")
    told = [
        second_fingerprints(SETTINGS, folder),
        second_fingerprints(SETTINGS, None),
        second_fingerprints(replace(SETTINGS, upsampler=str(one)), folder),
        second_fingerprints(replace(SETTINGS, upsampler=str(other)), folder),
        second_fingerprints(replace(SETTINGS, second_lora=str(lora)), folder),
        second_fingerprints(replace(SETTINGS, second_lora="/nowhere.safetensors"), folder),
    ]
    assert len(set(told)) == len(told)
    assert told[1] == ("missing", "none")
    assert told[5][1] == "missing"


def test_a_takes_key_changes_with_everything_the_second_stage_changes(folder: Path, tmp_path: Path) -> None:
    loud = register_table().get("loud")
    plain = replace(SETTINGS, model=str(folder), upscaled=False)
    upscaled = replace(plain, upscaled=True)
    changed = [
        upscaled,
        replace(upscaled, upscaled_sound="second"),
        replace(upscaled, second_stage=replace(SECOND_STAGE, sigmas=(0.5,))),
        replace(upscaled, second_model="/nowhere"),
        replace(upscaled, second_lora="/nowhere", second_lora_strength=0.5),
        replace(upscaled, upsampler=str(save_upsampler_file(tmp_path / "one.safetensors"))),
    ]
    told = [fingerprints(settings, loud) for settings in (plain, *changed)]
    assert len(set(told)) == len(told)
    assert fingerprints(replace(plain, upscaled_sound="second"), loud) == told[0]
