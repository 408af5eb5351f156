from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.bank import BASE, LoraState, WeightBank
from sottovoce_engine.renderers.ltx.lora_file import LoraPair, read_lora
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout, layout_from_config

from .tiny_model import save_tiny_lora, tiny_transformer

WHISPER = LoraState(lora="whisper", strength=1.0)
HALF = LoraState(lora="whisper", strength=0.5)
OTHER = LoraState(lora="other", strength=1.0)


@pytest.fixture(scope="module")
def layout() -> ModelLayout:
    return layout_from_config(dict(tiny_transformer().config))


@pytest.fixture(scope="module")
def whisper(tiny_lora: Path, layout: ModelLayout) -> tuple[LoraPair, ...]:
    return read_lora(tiny_lora, layout).pairs


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, layout: ModelLayout) -> tuple[LoraPair, ...]:
    """Other layers than the whisper LoRA's, some the same."""
    path = tmp_path_factory.mktemp("other") / "other.safetensors"
    return read_lora(save_tiny_lora(path, targets=r".*\.(audio_attn1|attn1)\.(to_q|to_v)", seed=5), layout).pairs


@pytest.fixture(params=[torch.bfloat16, torch.float32], ids=["bf16", "fp32"])
def transformer(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(3)
    model: nn.Module = tiny_transformer().to(request.param)
    return model


def bits(model: nn.Module) -> dict[str, Tensor]:
    """Every weight's bytes, copied."""
    return {name: value.detach().view(torch.uint8).clone() for name, value in model.state_dict().items()}


def weight_of(model: nn.Module, module: str) -> Tensor:
    weight = model.get_submodule(module).weight
    assert isinstance(weight, Tensor)
    return weight.detach()


def differing(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    return {name for name in before if not torch.equal(before[name], after[name])}


def addresses(model: nn.Module) -> dict[str, int]:
    return {name: value.data_ptr() for name, value in model.named_parameters()}


def test_the_base_is_bit_identical_after_a_thousand_swaps(
    transformer: nn.Module, whisper: tuple[LoraPair, ...], other: tuple[LoraPair, ...]
) -> None:
    base, places = bits(transformer), addresses(transformer)
    bank = WeightBank(transformer)
    bank.prepare(WHISPER, whisper)
    bank.prepare(OTHER, other)
    bank.use(WHISPER)
    whispering = bits(transformer)
    for swap in range(1_000):
        bank.use((BASE, OTHER, WHISPER, BASE, WHISPER, OTHER)[swap % 6])
    bank.use(WHISPER)
    assert differing(whispering, bits(transformer)) == set()
    bank.use(BASE)
    assert differing(base, bits(transformer)) == set()
    assert addresses(transformer) == places


def test_a_state_changes_exactly_its_layers(transformer: nn.Module, whisper: tuple[LoraPair, ...]) -> None:
    base = bits(transformer)
    bank = WeightBank(transformer)
    bank.prepare(WHISPER, whisper)
    assert differing(base, bits(transformer)) == set()
    bank.use(WHISPER)
    assert bank.state == WHISPER
    assert differing(base, bits(transformer)) == {f"{pair.module}.weight" for pair in whisper}


@pytest.mark.parametrize("state", [WHISPER, HALF])
def test_fused_weights_are_computed_in_float32_and_rounded_once(
    transformer: nn.Module, whisper: tuple[LoraPair, ...], state: LoraState
) -> None:
    base = {pair.module: weight_of(transformer, pair.module).double() for pair in whisper}
    bank = WeightBank(transformer)
    bank.prepare(state, whisper)
    bank.use(state)
    for pair in whisper:
        fused = weight_of(transformer, pair.module)
        change = torch.from_numpy(pair.up).double() @ torch.from_numpy(pair.down).double()
        exact = base[pair.module] + state.strength * pair.scale * change
        step = torch.finfo(fused.dtype).eps * exact.abs()
        assert ((fused.double() - exact).abs() <= 0.51 * step + 4e-7).all()


def test_a_state_that_was_prepared_is_not_prepared_again(
    transformer: nn.Module, whisper: tuple[LoraPair, ...], other: tuple[LoraPair, ...]
) -> None:
    bank = WeightBank(transformer)
    bank.prepare(WHISPER, whisper)
    size = bank.size_bytes()
    assert size == 2 * sum(weight_of(transformer, pair.module).nbytes for pair in whisper)  # the base's shelf, too
    bank.use(WHISPER)
    bank.prepare(WHISPER, whisper)
    assert bank.size_bytes() == size
    bank.prepare(OTHER, other)
    changed = {pair.module for pair in (*whisper, *other)}
    shelves = [pair.module for pair in (*whisper, *other)] + sorted(changed)
    assert bank.size_bytes() == sum(weight_of(transformer, module).nbytes for module in shelves)


def test_preparing_leaves_the_model_as_it_is(
    transformer: nn.Module, whisper: tuple[LoraPair, ...], other: tuple[LoraPair, ...]
) -> None:
    bank = WeightBank(transformer)
    bank.prepare(OTHER, other)
    bank.use(OTHER)
    expected = bits(transformer)
    bank.use(BASE)
    bank.prepare(WHISPER, whisper)
    bank.use(WHISPER)
    whispering = bits(transformer)

    other_way = tiny_transformer().to(weight_of(transformer, "proj_in").dtype)
    bank.use(BASE)
    other_way.load_state_dict(transformer.state_dict())
    bank = WeightBank(other_way)
    bank.prepare(WHISPER, whisper)
    bank.use(WHISPER)
    bank.prepare(OTHER, other)
    assert bank.state == WHISPER
    assert differing(whispering, bits(other_way)) == set()
    bank.use(OTHER)
    assert differing(expected, bits(other_way)) == set()


def test_a_change_that_broke_off_is_known_and_mended(transformer: nn.Module, whisper: tuple[LoraPair, ...]) -> None:
    base = bits(transformer)
    bank = WeightBank(transformer)
    bank.prepare(WHISPER, whisper)
    layer = transformer.get_submodule(whisper[-1].module)
    held, layer.weight.data = layer.weight.data, torch.empty(0)
    with pytest.raises(RuntimeError, match="size"):
        bank.use(WHISPER)
    layer.weight.data = held
    assert bank.state is None
    assert differing(base, bits(transformer)) != set()
    bank.use(BASE)
    assert bank.state == BASE
    assert differing(base, bits(transformer)) == set()


def test_strength_zero_is_the_base(transformer: nn.Module, whisper: tuple[LoraPair, ...]) -> None:
    base = bits(transformer)
    off = LoraState(lora="whisper", strength=0.0)
    bank = WeightBank(transformer)
    bank.prepare(off, whisper)
    bank.prepare(WHISPER, whisper)
    bank.use(WHISPER)
    bank.use(off)
    assert differing(base, bits(transformer)) == set()


def test_shelves_may_lie_in_the_hosts_memory(transformer: nn.Module, whisper: tuple[LoraPair, ...]) -> None:
    base = bits(transformer)
    near, far = WeightBank(transformer), WeightBank(transformer, on_host=True)
    near.prepare(WHISPER, whisper)
    far.prepare(WHISPER, whisper)
    near.use(WHISPER)
    expected = bits(transformer)
    near.use(BASE)
    far.use(WHISPER)
    assert differing(expected, bits(transformer)) == set()
    far.use(BASE)
    assert differing(base, bits(transformer)) == set()


def test_what_was_not_prepared_cannot_be_used(transformer: nn.Module) -> None:
    bank = WeightBank(transformer)
    with pytest.raises(KeyError, match="was not prepared"):
        bank.use(WHISPER)
    assert bank.state == BASE


def test_quantised_layers_are_refused(whisper: tuple[LoraPair, ...]) -> None:
    model = tiny_transformer().to(torch.float8_e4m3fn)
    with pytest.raises(SetupError, match=r"held as float8_e4m3fn, too coarse.*in bf16"):
        WeightBank(model).prepare(WHISPER, whisper)
