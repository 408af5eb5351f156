from pathlib import Path

import torch
from bench.learned.packing import pack, unpack
from safetensors.torch import save_file


def test_a_checkpoint_comes_back_to_the_byte_and_is_smaller_on_the_way(tmp_path: Path) -> None:
    torch.manual_seed(4)
    folder = tmp_path / "model"
    (folder / "vae").mkdir(parents=True)
    weights = {"a": torch.randn(300, 301).bfloat16() / 50, "odd": torch.randn(3).bfloat16()}
    save_file(weights, folder / "vae/weights.safetensors")
    (folder / "model_index.json").write_text('{"a": 1}')
    pack(folder, tmp_path / "one.zip")
    pack(folder, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    unpack(tmp_path / "one.zip", tmp_path / "again")
    for path in (Path("vae/weights.safetensors"), Path("model_index.json")):
        assert (tmp_path / "again" / path).read_bytes() == (folder / path).read_bytes()
    assert (tmp_path / "one.zip").stat().st_size < 0.75 * (folder / "vae/weights.safetensors").stat().st_size
