import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import LTX2Pipeline
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.lora_file import LoraPair, LoraTarget, read_lora
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3, ModelLayout, layout_from_config

from .tiny_model import ALPHA, BLOCKS, RANK, save_tiny_lora, tiny_transformer

Tensors = dict[str, NDArray[np.float32]]
LAYERS = BLOCKS * 3 * 4
FIRST = "transformer_blocks.0.audio_attn1.to_q"
CARD_FIRST = f"diffusion_model.{FIRST}"


@pytest.fixture(scope="module")
def layout() -> ModelLayout:
    return layout_from_config(dict(tiny_transformer().config))


@pytest.fixture
def changed(tiny_lora: Path, tmp_path: Path) -> Callable[[Callable[[Tensors], Tensors | None]], Path]:
    """The tiny LoRA with its tensors changed, as a new file."""

    def change(how: Callable[[Tensors], Tensors | None]) -> Path:
        tensors = load_file(tiny_lora)
        save_file(how(tensors) or tensors, path := tmp_path / "changed.safetensors")
        return path

    return change


def pair_of(pairs: tuple[LoraPair, ...], module: str = FIRST) -> LoraPair:
    return next(pair for pair in pairs if pair.module == module)


def renamed(old: str, new: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {key.replace(old, new): value for key, value in tensors.items()}


def test_the_report_shows_what_the_file_holds(tiny_lora: Path, layout: ModelLayout) -> None:
    report = read_lora(tiny_lora, layout).report
    assert report.prefix == "diffusion_model."
    assert report.ranks == (RANK,)
    assert report.alphas == (ALPHA,)
    assert report.tensors == 2 * LAYERS
    assert report.matched == LAYERS
    assert report.dtypes == ("F32",)
    assert report.model_version == "2.3"
    assert report.size_bytes == tiny_lora.stat().st_size
    assert report.parameters == sum(array.size for array in load_file(tiny_lora).values())
    of = BLOCKS * 4
    assert report.targets == (
        LoraTarget(name="audio_attn1", layers=of, of=of),
        LoraTarget(name="audio_attn2", layers=of, of=of),
        LoraTarget(name="video_to_audio_attn", layers=of, of=of),
    )
    assert report.warnings == ()


@pytest.mark.parametrize(
    "prefix", ["diffusion_model.", "transformer.", "", "model.diffusion_model.", "base_model.model."]
)
def test_every_prefix_means_the_same_layers(prefix: str, tmp_path: Path, tiny_lora: Path, layout: ModelLayout) -> None:
    other = read_lora(save_tiny_lora(tmp_path / "other.safetensors", prefix=prefix), layout)
    expected = read_lora(tiny_lora, layout)
    assert [pair.module for pair in other.pairs] == [pair.module for pair in expected.pairs]
    for mine, theirs in zip(other.pairs, expected.pairs, strict=True):
        np.testing.assert_array_equal(mine.up @ mine.down, theirs.up @ theirs.down)
    assert other.report.prefix == (prefix or "none")


@pytest.mark.parametrize(
    ("down", "up"),
    [("lora_down", "lora_up"), ("lora.down", "lora.up"), ("lora_A.default", "lora_B.default")],
)
def test_both_ways_of_naming_the_factors_are_read(
    down: str, up: str, changed: Callable[..., Path], tiny_lora: Path, layout: ModelLayout
) -> None:
    path = changed(lambda tensors: renamed("lora_B", up)(renamed("lora_A", down)(tensors)))
    mine, theirs = pair_of(read_lora(path, layout).pairs), pair_of(read_lora(tiny_lora, layout).pairs)
    np.testing.assert_array_equal(mine.down, theirs.down)
    np.testing.assert_array_equal(mine.up, theirs.up)


def test_alpha_keys_are_honoured_layer_by_layer(changed: Callable[..., Path], layout: ModelLayout) -> None:
    path = changed(lambda tensors: {**tensors, f"{CARD_FIRST}.alpha": np.array(1.0, np.float32)})
    lora = read_lora(path, layout)
    assert pair_of(lora.pairs).scale == 1.0 / RANK
    assert pair_of(lora.pairs, "transformer_blocks.1.audio_attn1.to_q").scale == 1.0
    assert lora.report.alphas == (1.0, RANK)
    assert lora.report.tensors == 2 * LAYERS + 1


def test_an_alpha_in_diffusers_metadata_is_honoured(tiny_lora: Path, tmp_path: Path, layout: ModelLayout) -> None:
    metadata = {"lora_adapter_metadata": json.dumps({"transformer.r": RANK, "transformer.lora_alpha": 2 * RANK})}
    save_file(load_file(tiny_lora), path := tmp_path / "with.safetensors", metadata)
    assert pair_of(read_lora(path, layout).pairs).scale == 2.0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_every_width_of_float_is_read(dtype: torch.dtype, tiny_lora: Path, tmp_path: Path, layout: ModelLayout) -> None:
    from safetensors.torch import load_file as load_torch
    from safetensors.torch import save_file as save_torch

    narrow = {key: value.to(dtype) for key, value in load_torch(tiny_lora).items()}
    save_torch(narrow, path := tmp_path / "narrow.safetensors")
    down = pair_of(read_lora(path, layout).pairs).down
    np.testing.assert_array_equal(down, narrow[f"{CARD_FIRST}.lora_A.weight"].float().numpy())


def test_official_names_outside_the_blocks_are_understood(tmp_path: Path, layout: ModelLayout) -> None:
    path = save_tiny_lora(tmp_path / "wide.safetensors", targets=r"audio_proj_in|.*audio_attn1\.to_q")
    save_file(renamed("audio_proj_in", "audio_patchify_proj")(load_file(path)), path)
    assert pair_of(read_lora(path, layout).pairs, "audio_proj_in").up.shape[0] == layout.modules["audio_proj_in"][0]


def test_modules_beyond_the_three_are_warned_of(tmp_path: Path, layout: ModelLayout) -> None:
    path = save_tiny_lora(
        tmp_path / "wide.safetensors",
        targets=r".*\.(audio_attn1|audio_attn2|video_to_audio_attn|attn1)\.(to_q|to_k|to_v|to_out\.0)",
    )
    report = read_lora(path, layout).report
    assert len(report.warnings) == 1
    assert "also changes 'attn1', beyond the sound's three modules" in report.warnings[0]


def test_layers_of_the_three_that_are_left_out_are_warned_of(tmp_path: Path, layout: ModelLayout) -> None:
    path = save_tiny_lora(tmp_path / "few.safetensors", targets=r".*\.audio_attn1\.to_q")
    report = read_lora(path, layout).report
    assert report.targets == (LoraTarget(name="audio_attn1", layers=BLOCKS, of=4 * BLOCKS),)
    assert report.warnings == (
        f"It leaves {LAYERS - BLOCKS} of the {LAYERS} layers of audio_attn1, audio_attn2 and video_to_audio_attn as "
        "they are; the whisper & soft-spoken LoRA changes all of them.",
    )


def test_a_lora_that_changes_nothing_is_warned_of(changed: Callable[..., Path], layout: ModelLayout) -> None:
    path = changed(
        lambda tensors: {key: np.zeros_like(value) if "lora_B" in key else value for key, value in tensors.items()}
    )
    assert read_lora(path, layout).report.warnings == (
        f"{LAYERS} of its {LAYERS} layers change nothing: their weights are all zero.",
    )


@pytest.mark.parametrize(
    ("base", "warned"),
    [
        ("Lightricks/LTX-2.3", False),
        ("ltx2.3", False),
        ("ltx2_3", False),
        ("LTX-2.3-22b-dev", False),
        ("LTX-2", True),
        ("ltx-2-19b-dev", True),
        ("Lightricks/LTX-2.5", True),
        ("ltx-video-0.9.7", True),
        ("flux", False),
    ],
)
def test_a_header_that_names_another_version_is_warned_of(
    base: str, warned: bool, tiny_lora: Path, tmp_path: Path, layout: ModelLayout
) -> None:
    save_file(load_file(tiny_lora), path := tmp_path / "named.safetensors", {"base_model": base})
    report = read_lora(path, layout).report
    warnings = report.warnings
    assert report.made_for == ("" if base == "flux" else base)
    assert bool(warnings) is warned
    assert all(f"made for {base}" in warning for warning in warnings)


def test_another_models_shapes_are_refused_with_both_sizes(tiny_lora: Path) -> None:
    with pytest.raises(
        InputError, match=r"made for another model: .*audio_attn1.*has the shape \[4, 32\].*2048 inputs"
    ):
        read_lora(tiny_lora, LTX_2_3)


def test_a_lora_of_ltx_2_0_names_the_layers_that_are_gone(changed: Callable[..., Path], layout: ModelLayout) -> None:
    def of_2_0(tensors: Tensors) -> Tensors:
        extra = "diffusion_model.caption_projection.linear_1"
        return {
            **tensors,
            f"{extra}.lora_A.weight": np.ones((4, 32), np.float32),
            f"{extra}.lora_B.weight": np.ones((64, 4), np.float32),
        }

    with pytest.raises(
        InputError,
        match=rf"LTX-2.3 with {BLOCKS} blocks has no 'caption_projection.linear_1'; {LAYERS} of its {LAYERS + 1} layers fit",
    ):
        read_lora(changed(of_2_0), layout)


def test_nothing_that_matches_is_an_error_not_silence(changed: Callable[..., Path], layout: ModelLayout) -> None:
    with pytest.raises(InputError, match=rf"has no 'lora_unet.*and {LAYERS - 3} more; 0 of its {LAYERS} layers fit"):
        read_lora(changed(renamed("diffusion_model.", "lora_unet_")), layout)


def test_two_ranks_in_one_layer_are_refused(changed: Callable[..., Path], layout: ModelLayout) -> None:
    def shrunk(tensors: Tensors) -> Tensors:
        key = f"{CARD_FIRST}.lora_A.weight"
        return {**tensors, key: tensors[key][:3].copy()}

    with pytest.raises(InputError, match=rf"two ranks for '{FIRST}': lora_A has 3, lora_B 4"):
        read_lora(changed(shrunk), layout)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("factor", ["lora_A", "lora_B"])
def test_weights_that_are_no_numbers_are_refused(
    bad: float, factor: str, changed: Callable[..., Path], layout: ModelLayout
) -> None:
    def spoilt(tensors: Tensors) -> None:
        tensors[f"{CARD_FIRST}.{factor}.weight"].flat[3] = bad

    with pytest.raises(InputError, match=rf"no numbers \(NaN or infinite\) for '{FIRST}'"):
        read_lora(changed(spoilt), layout)


def test_a_missing_half_is_refused(changed: Callable[..., Path], layout: ModelLayout) -> None:
    with pytest.raises(InputError, match=rf"exactly one lora_A and one lora_B for '{FIRST}'"):
        read_lora(
            changed(
                lambda tensors: {key: value for key, value in tensors.items() if key != f"{CARD_FIRST}.lora_B.weight"}
            ),
            layout,
        )


def test_one_layer_under_two_prefixes_is_refused(changed: Callable[..., Path], layout: ModelLayout) -> None:
    with pytest.raises(InputError, match=rf"exactly one lora_A and one lora_B for '{FIRST}'"):
        read_lora(
            changed(lambda tensors: {**tensors, f"{FIRST}.lora_A.weight": tensors[f"{CARD_FIRST}.lora_A.weight"]}),
            layout,
        )


def test_other_kinds_of_lora_are_refused(changed: Callable[..., Path], layout: ModelLayout) -> None:
    with pytest.raises(InputError, match=r"a kind that is not understood: .*lokr_w1"):
        read_lora(changed(lambda tensors: {**tensors, f"{CARD_FIRST}.lokr_w1": np.ones((2, 2), np.float32)}), layout)


def test_a_whole_model_is_no_lora(tiny_model: Path, layout: ModelLayout) -> None:
    with pytest.raises(InputError, match=r"is no LoRA: .*It holds '"):
        read_lora(tiny_model / "transformer" / "diffusion_pytorch_model.safetensors", layout)


@pytest.mark.parametrize(
    "save",
    [
        lambda path: torch.save({"a": 1}, path),
        lambda path: torch.save({"a": 1}, path, _use_new_zipfile_serialization=False),
    ],
)
def test_a_pickle_is_refused_whatever_its_name(
    save: Callable[[Path], None], tmp_path: Path, layout: ModelLayout
) -> None:
    save(path := tmp_path / "lora.safetensors")
    with pytest.raises(InputError, match="is a pickle, whatever its name says"):
        read_lora(path, layout)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[: len(data) // 2], "cut short"),
        (lambda data: data[:100], "ends inside its header"),
        (lambda data: data[:5], "is no .safetensors file"),
        (lambda data: data[:0], "is no .safetensors file"),
        (lambda data: b"<!DOCTYPE html>" + data, "is no .safetensors file"),
        (lambda data: data + b"\0" * 10, "10 bytes that belong to no tensor"),
        (lambda data: data[:8] + b"x" * 20 + data[28:], "damaged header"),
        (lambda data: data.replace(b'"data_offsets":[0,', b'"data_offsets":[4,', 1), "damaged header"),
        (lambda data: data.replace(b'"dtype":"F32"', b'"dtype":"F16"', 1), "damaged header"),
        (lambda data: data.replace(b'"shape":[', b'"shape":{', 1), "damaged header"),
    ],
)
def test_damaged_files_are_refused_in_words(
    damage: Callable[[bytes], bytes], message: str, tiny_lora: Path, tmp_path: Path, layout: ModelLayout
) -> None:
    whole = tiny_lora.read_bytes()
    (path := tmp_path / "damaged.safetensors").write_bytes(damage(whole))
    assert path.read_bytes() != whole
    with pytest.raises(InputError, match=message):
        read_lora(path, layout)


def test_a_missing_file_is_said_so(tmp_path: Path, layout: ModelLayout) -> None:
    with pytest.raises(InputError, match=r"none.safetensors' cannot be read: No such file"):
        read_lora(tmp_path / "none.safetensors", layout)


def test_what_is_read_is_what_the_stock_loader_reads(
    own_stock: LTX2Pipeline, tiny_lora: Path, layout: ModelLayout
) -> None:
    own_stock.load_lora_weights(str(tiny_lora), adapter_name="stock")
    layers = dict(own_stock.transformer.named_modules())
    for pair in read_lora(tiny_lora, layout).pairs:
        expected = layers[pair.module].get_delta_weight("stock").detach().numpy()
        np.testing.assert_allclose(pair.scale * pair.up @ pair.down, expected, rtol=1e-5, atol=1e-7)


def test_inspecting_a_lora_needs_no_torch(tiny_lora: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from sottovoce_engine.errors import InputError\n"
        "from sottovoce_engine.renderers.ltx.lora_file import read_lora\n"
        f"try: read_lora(Path({str(tiny_lora)!r}))\n"
        "except InputError: pass\n"
        "print([name for name in ('torch', 'diffusers', 'peft', 'transformers', 'safetensors') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_the_most_exact_name_of_the_base_model_counts(tiny_lora: Path, tmp_path: Path, layout: ModelLayout) -> None:
    metadata = {"modelspec.architecture": "ltx2", "ss_base_model_version": "ltx2.3", "title": "LTX-2.5"}
    save_file(load_file(tiny_lora), path := tmp_path / "named.safetensors", metadata)
    report = read_lora(path, layout).report
    assert (report.made_for, report.warnings) == ("ltx2.3", ())
    assert read_lora(tiny_lora, layout).report.made_for == ""
