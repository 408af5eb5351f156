from pathlib import Path

import pytest
import torch
from bench.learned.weights import begun, go_on_from, read_shards, save_model, save_shards
from torch import nn

from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.row_denoising import check_layout

MIB = 2**20


def test_shards_stay_under_15_mib_and_give_back_what_was_put_in(tmp_path: Path) -> None:
    torch.manual_seed(2)
    tensors = {f"t{number}": torch.randn(MIB) for number in range(5)}  # 4 MiB each
    save_shards("net", tensors, tmp_path)
    sizes = [path.stat().st_size for path in sorted(tmp_path.iterdir())]
    assert len(sizes) == 2
    assert max(sizes) <= 15 * MIB
    found = read_shards("net", tmp_path)
    assert all(torch.equal(found[key], tensor) for key, tensor in tensors.items())
    save_shards("net", {"t0": tensors["t0"]}, tmp_path)
    assert read_shards("net", tmp_path).keys() == {"t0"}


def test_training_goes_on_from_what_was_saved_and_keeps_it_when_it_goes_astray(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line, other = nn.Linear(2, 2), nn.Linear(2, 2)
    assert not go_on_from(other, "line", tmp_path)
    save_model(line, "line", tmp_path)
    assert go_on_from(other, "line", tmp_path)
    assert torch.equal(line.weight, other.weight)
    with torch.no_grad():
        line.weight[0, 0] = float("nan")
    save_model(line, "line", tmp_path)
    assert "not saved" in capsys.readouterr().out
    assert read_shards("line", tmp_path)["weight"].isfinite().all()


def test_the_small_model_has_the_layout_that_the_renderer_asks_for() -> None:
    check_layout(begun(Part.TRANSFORMER))
    vae = begun(Part.AUDIO_VAE)
    assert vae.encode(torch.zeros(1, 2, 13, 64)).latent_dist.mode().shape == (1, 8, 4, 16)
    assert vae.latents_mean.shape == (128,)
    assert begun(Part.VAE).encode(torch.zeros(1, 3, 9, 32, 32)).latent_dist.mode().shape == (1, 128, 2, 1, 1)
    assert begun(Part.VOCODER)(torch.zeros(1, 2, 2, 64)).shape == (1, 2, 2 * 480)


def test_a_part_begins_with_the_same_weights_every_time() -> None:
    first, second = begun(Part.CONNECTORS), begun(Part.CONNECTORS)
    assert all(torch.equal(one, two) for one, two in zip(first.parameters(), second.parameters(), strict=True))
