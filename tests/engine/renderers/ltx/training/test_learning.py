from dataclasses import replace
from typing import Any

import pytest
import torch
from diffusers import LTX2VideoTransformer3DModel
from tests.engine.renderers.ltx.tiny_model import tiny_transformer
from torch.nn.functional import mse_loss
from torch.utils._python_dispatch import TorchDispatchMode

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.casting import store_in_fp8
from sottovoce_engine.renderers.ltx.latent_shape import latent_shape
from sottovoce_engine.renderers.ltx.latents import Text, noise_for
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout, layout_from_config
from sottovoce_engine.renderers.ltx.training.adapter import Adapter, add_adapter
from sottovoce_engine.renderers.ltx.training.learning import Example, Learner, example_of
from sottovoce_engine.renderers.ltx.training.lora_layers import lora_numbers
from sottovoce_engine.renderers.ltx.training.optimiser import Optimiser
from sottovoce_engine.training.recipe import LoraShape, Loss, Steps

from .clips import FORM

SHAPE = latent_shape(FORM.frames, FORM.raster, FORM.rate)
LORA = LoraShape(rank=4, alpha=8)
CPU = torch.device("cpu")


@pytest.fixture
def transformer() -> LTX2VideoTransformer3DModel:
    torch.manual_seed(5)
    return tiny_transformer().eval()


def layout_of(transformer: LTX2VideoTransformer3DModel) -> ModelLayout:
    return layout_from_config(dict(transformer.config))


def changing(transformer: LTX2VideoTransformer3DModel) -> Adapter:
    """A LoRA that already changes something."""
    adapter = add_adapter(transformer, layout_of(transformer), LORA, 1)
    adapter.numbers.copy_(0.1 * torch.randn(adapter.numbers.shape, generator=torch.Generator().manual_seed(2)))
    return adapter


def example(level: float = 0.7, tokens: int = 16) -> Example:
    generator = torch.Generator().manual_seed(8)
    text = Text(
        video=torch.randn((1, tokens, 64), generator=generator), audio=torch.randn((1, tokens, 32), generator=generator)
    )
    return example_of(noise_for(1, SHAPE), noise_for(2, SHAPE), level, text, CPU)


def learner(transformer: object, adapter: Adapter, loss: Loss = Loss.SOUND, *, checkpointing: bool = False) -> Learner:
    return Learner(transformer, adapter, SHAPE, loss, checkpointing=checkpointing, captured=False)


def stock_gradient(
    transformer: LTX2VideoTransformer3DModel, adapter: Adapter, loss: Loss
) -> tuple[torch.Tensor, float]:
    """diffusers' own forward with peft's layers in it, and torch's own way back."""
    given = example()
    sigma = given.level * 1_000
    video, audio = transformer(
        hidden_states=given.state.video,
        audio_hidden_states=given.state.audio,
        encoder_hidden_states=given.text.video,
        audio_encoder_hidden_states=given.text.audio,
        timestep=sigma,
        audio_timestep=sigma,
        sigma=sigma,
        audio_sigma=sigma,
        num_frames=SHAPE.frames,
        height=SHAPE.rows,
        width=SHAPE.columns,
        fps=float(SHAPE.rate),
        audio_num_frames=SHAPE.audio,
        use_cross_timestep=True,
        return_dict=False,
    )
    # The target is noise minus clean, whatever the level.
    clean, noise = noise_for(1, SHAPE), noise_for(2, SHAPE)
    found = mse_loss(audio, noise.audio - clean.audio)
    if loss is Loss.BOTH:
        found = found + mse_loss(video, noise.video - clean.video)
    torch.autograd.backward(found)
    parts = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in adapter.weights]
    return torch.cat([part.reshape(-1) for part in parts]), float(found.detach())


@pytest.mark.parametrize("loss", list(Loss))
def test_loss_and_gradient_are_those_of_the_stock_transformer(
    transformer: LTX2VideoTransformer3DModel, loss: Loss
) -> None:
    adapter = changing(transformer)
    gradient, found = learner(transformer, adapter, loss).gradient(example())
    expected, stock_loss = stock_gradient(transformer, adapter, loss)
    assert float(found) == pytest.approx(stock_loss, abs=1e-5)
    assert float((gradient - expected).norm()) <= 1e-5 * float(expected.norm())
    assert learner(transformer, adapter, loss).loss(example()) == pytest.approx(stock_loss, abs=1e-5)


def test_the_state_lies_between_clean_and_noise() -> None:
    clean, noise, given = noise_for(1, SHAPE), noise_for(2, SHAPE), example(0.25)
    for part in ("video", "audio"):
        between = 0.25 * getattr(noise, part) + 0.75 * getattr(clean, part)
        assert torch.allclose(getattr(given.state, part), between)
        assert torch.allclose(
            getattr(given.state, part) - 0.25 * getattr(given.target, part), getattr(clean, part), atol=1e-6
        )


def test_gradient_checkpointing_changes_nothing(transformer: LTX2VideoTransformer3DModel) -> None:
    adapter = changing(transformer)
    plain, loss = learner(transformer, adapter).gradient(example())
    again, same = learner(transformer, adapter, checkpointing=True).gradient(example())
    assert torch.equal(plain, again)
    assert torch.equal(loss, same)


class _Asked(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes every operation."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: set[str] = set()

    def __torch_dispatch__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.names.add(str(function))
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("checkpointing", [False, True])
def test_nothing_in_a_step_waits_for_the_device_so_that_it_can_be_captured(
    transformer: LTX2VideoTransformer3DModel, checkpointing: bool
) -> None:
    """What reads a number back, or makes a tensor of Python's numbers, would break a CUDA graph off."""
    learning = learner(transformer, changing(transformer), Loss.BOTH, checkpointing=checkpointing)
    given = example()
    learning.gradient(given)  # what stays the same over all steps is made with the first
    with _Asked() as asked:
        learning.gradient(given)
    assert "aten.mm.default" in asked.names
    waiting = ("_local_scalar_dense", "nonzero", "lift_fresh", "equal.default", "masked_select", "index.", "index_put")
    assert not [name for name in asked.names if any(word in name for word in waiting)]


def test_a_caption_of_its_own_for_every_clip(transformer: LTX2VideoTransformer3DModel) -> None:
    adapter = changing(transformer)
    learning = learner(transformer, adapter)
    first = learning.gradient(example())[0].clone()
    other = replace(example(), text=Text(video=torch.ones(1, 16, 64), audio=torch.ones(1, 16, 32)))
    assert not torch.allclose(learning.gradient(other)[0], first)
    assert torch.equal(learning.gradient(example())[0], first)


def test_only_the_lora_learns(transformer: LTX2VideoTransformer3DModel) -> None:
    before = {name: value.clone() for name, value in transformer.state_dict().items()}
    adapter = add_adapter(transformer, layout_of(transformer), LORA, 1)
    learning, optimiser = (
        learner(transformer, adapter),
        Optimiser(adapter.numbers, Steps(learning_rate=1e-2, warm_up=0)),
    )
    begun, losses = adapter.numbers.clone(), []
    for step in range(1, 13):
        gradient, loss = learning.gradient(example())
        losses.append(float(loss))
        optimiser.step(step, gradient)
    assert losses[-1] < 0.97 * losses[0]
    assert not torch.equal(begun, adapter.numbers)
    after = {name.replace(".base_layer", ""): value for name, value in transformer.state_dict().items()}
    assert all(torch.equal(before[name].view(torch.uint8), after[name].view(torch.uint8)) for name in before)
    assert len(adapter.numbers) == lora_numbers(layout_of(transformer), LORA)


def test_a_new_lora_changes_nothing(transformer: LTX2VideoTransformer3DModel) -> None:
    adapter = add_adapter(transformer, layout_of(transformer), LORA, 1)
    with_it = learner(transformer, adapter).loss(example())
    transformer.disable_adapters()
    assert learner(transformer, adapter).loss(example()) == with_it
    for number, weight in enumerate(adapter.weights):
        assert bool(weight.any()) is (number % 2 == 0)  # every lora_B is 0
        assert weight.abs().max() <= weight.shape[1] ** -0.5


def test_what_a_lora_begins_from_follows_from_the_seed_alone(transformer: LTX2VideoTransformer3DModel) -> None:
    adapter = add_adapter(transformer, layout_of(transformer), LORA, 1)
    torch.manual_seed(1_234)
    again, other = tiny_transformer(), tiny_transformer()
    assert torch.equal(adapter.numbers, add_adapter(again, layout_of(again), LORA, 1).numbers)
    assert not torch.equal(adapter.numbers, add_adapter(other, layout_of(other), LORA, 2).numbers)


def test_weights_in_fp8_learn_as_well(transformer: LTX2VideoTransformer3DModel) -> None:
    bf16 = transformer.to(torch.bfloat16)
    store_in_fp8(bf16, layout_of(bf16).card_modules)
    adapter = changing(bf16)
    given = example()
    given = replace(given, text=Text(video=given.text.video.bfloat16(), audio=given.text.audio.bfloat16()))
    gradient, _ = learner(bf16, adapter, checkpointing=True).gradient(given)
    assert gradient.dtype == torch.float32
    assert bool(torch.isfinite(gradient).all())
    assert float(gradient.norm()) > 0


def test_layers_the_model_does_not_have_are_refused() -> None:
    with_two = tiny_transformer()
    bare = ModelLayout(
        version="2.3",
        blocks=3,
        modules={name: shape for name, shape in layout_of(with_two).modules.items() if "video_to_audio" not in name},
    )
    with pytest.raises(InputError, match=r"'video_to_audio_attn\.to_q'"):
        add_adapter(with_two, bare, LORA, 1)
