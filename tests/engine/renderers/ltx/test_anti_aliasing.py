import copy

import pytest
import torch
from diffusers import LTX2Pipeline
from diffusers.pipelines.ltx2.vocoder import AntiAliasAct1d, SnakeBeta
from torch import nn

from sottovoce_engine.renderers.ltx.anti_aliasing import PLAIN, PhaseSnake, phases_apart


@pytest.mark.parametrize("snake", [{}, {"use_beta": False}, {"logscale": False}])
@pytest.mark.parametrize("samples", [1, 4, 50])
def test_the_phases_apart_give_the_same_up_to_both_ends(samples: int, snake: dict[str, bool]) -> None:
    torch.manual_seed(3)
    plain = AntiAliasAct1d(SnakeBeta(5, **snake))
    for weight in plain.act.parameters():
        nn.init.uniform_(weight, 0.5, 1.5)
    for sampler in (plain.upsample, plain.downsample):  # taps that are not symmetric: their order counts
        sampler.filter.copy_(torch.randn(sampler.filter.shape))
    signal = torch.randn(2, 5, samples)
    with torch.no_grad():
        torch.testing.assert_close(PhaseSnake(plain, PLAIN)(signal), plain(signal), rtol=1e-5, atol=1e-5)


def test_a_whole_vocoder_sounds_the_same_and_keeps_the_names_of_its_weights(stock: LTX2Pipeline) -> None:
    vocoder = copy.deepcopy(stock.vocoder)
    phases_apart(vocoder)
    kinds = [type(module) for module in vocoder.modules()]
    assert kinds.count(PhaseSnake) == [type(module) for module in stock.vocoder.modules()].count(AntiAliasAct1d) > 0
    assert AntiAliasAct1d not in kinds
    assert set(vocoder.state_dict()) == set(stock.vocoder.state_dict())
    mel = torch.randn(2, 2, 20, 64)
    with torch.no_grad():
        torch.testing.assert_close(vocoder(mel), stock.vocoder(mel), rtol=0, atol=1e-5)


def test_activations_of_another_kind_stay() -> None:
    model = nn.Sequential(AntiAliasAct1d(nn.LeakyReLU()), AntiAliasAct1d(SnakeBeta(2), ratio=4, kernel_size=24))
    phases_apart(model)
    assert [type(module) for module in model] == [AntiAliasAct1d, AntiAliasAct1d]
