from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from diffusers.pipelines.ltx2 import LTX2TextConnectors
from diffusers.pipelines.ltx2.vocoder import LTX2VocoderWithBWE
from safetensors.torch import load_file, save_file

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.single_file import part_from
from sottovoce_engine.renderers.ltx.single_file_keys import FILE_PARTS, file_version, is_quantised, part_tensor

from .single_file_making import save_single_file

KINDS: dict[str, Any] = {
    "transformer": diffusers.LTX2VideoTransformer3DModel,
    "connectors": LTX2TextConnectors,
    "vae": diffusers.AutoencoderKLLTX2Video,
    "audio_vae": diffusers.AutoencoderKLLTX2Audio,
    "vocoder": LTX2VocoderWithBWE,
}


@pytest.fixture(scope="module")
def single_file(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_single_file(tmp_path_factory.mktemp("single") / "ltx-2.3.safetensors", tiny_model)


@pytest.mark.parametrize("part", FILE_PARTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_every_part_is_the_one_the_folder_holds(
    part: str, dtype: torch.dtype, single_file: Path, tiny_model: Path
) -> None:
    found = part_from(single_file, KINDS[part], tiny_model / part, dtype)
    expected = KINDS[part].from_pretrained(tiny_model / part, torch_dtype=dtype)
    mine, theirs = found.state_dict(), expected.state_dict()
    assert mine.keys() == theirs.keys()
    for name in theirs:
        assert mine[name].dtype == theirs[name].dtype, name
        assert torch.equal(mine[name], theirs[name]), name
    for (name, buffer), (_, other) in zip(found.named_buffers(), expected.named_buffers(), strict=True):
        assert (buffer.device, buffer.dtype) == (other.device, other.dtype), name
        assert torch.equal(buffer, other), name
    assert not found.training


def test_the_version_is_told_by_the_keys(single_file: Path) -> None:
    keys = set(load_file(single_file))
    assert file_version(keys) == "2.3"
    assert file_version(keys | {"model.diffusion_model.caption_projection.linear_1.weight"}) == "2.0"
    assert file_version({key for key in keys if "prompt_adaln_single" not in key}) == "2.5"
    assert file_version({"model.diffusion_model.patchify_proj.weight"}) == ""
    assert file_version({"blocks.0.weight"}) == ""


def test_weights_with_scales_of_their_own_are_told(single_file: Path) -> None:
    keys = set(load_file(single_file))
    assert not is_quantised(keys)
    assert is_quantised(keys | {"model.diffusion_model.patchify_proj.weight_scale"})


@pytest.mark.parametrize(
    "key", ["vae.per_channel_statistics.channel", "vae.per_channel_statistics.mean-of-stds", "model_ema.decay", "x.y"]
)
def test_what_has_no_place_is_left_out(key: str) -> None:
    assert part_tensor(key) is None


def test_a_part_that_is_not_whole_is_refused_not_left_empty(
    single_file: Path, tiny_model: Path, tmp_path: Path
) -> None:
    tensors = load_file(single_file)
    gone = [key for key in tensors if "prompt_adaln_single" in key]
    save_file({key: value for key, value in tensors.items() if key not in gone}, path := tmp_path / "cut.safetensors")
    with pytest.raises(
        InputError, match=rf"of the transformer, the file lacks {len(gone)} of \d+ tensors \('audio_prompt_adaln"
    ):
        part_from(path, KINDS["transformer"], tiny_model / "transformer", torch.float32)


def test_a_config_of_another_size_is_refused(single_file: Path, tiny_model: Path, tmp_path: Path) -> None:
    config = (tiny_model / "transformer" / "config.json").read_text()
    for number, (old, new, message) in enumerate(
        (
            ('"num_layers": 3', '"num_layers": 2', "the config does not know"),
            ('"in_channels": 128,\n  "norm', '"in_channels": 64,\n  "norm', "in another shape"),
        )
    ):
        folder = tmp_path / str(number) / "transformer"
        folder.mkdir(parents=True)
        changed = config.replace(old, new)
        assert changed != config
        (folder / "config.json").write_text(changed)
        with pytest.raises(InputError, match=message):
            part_from(single_file, KINDS["transformer"], folder, torch.float32)


def test_the_stock_loader_still_leaves_weights_empty(single_file: Path, tiny_model: Path) -> None:
    """Where this fails, diffusers reads 2.3's single files itself, and `single_file` may use it."""
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        diffusers.LTX2VideoTransformer3DModel.from_single_file(
            str(single_file), config=str(tiny_model), subfolder="transformer", local_files_only=True
        )
