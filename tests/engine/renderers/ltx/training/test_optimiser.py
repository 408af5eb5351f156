import pytest
import torch

from sottovoce_engine.renderers.ltx.training.optimiser import Optimiser, learning_rate
from sottovoce_engine.training.recipe import Schedule, Steps

STEPS = Steps(count=10, warm_up=3, learning_rate=0.08, largest_gradient=1.0, weight_decay=0.0)


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [learning_rate(step, STEPS) / 0.08 for step in range(1, 11)]
    assert rates == pytest.approx([0.25, 0.5, 0.75, *(part / 7 for part in range(7, 0, -1))])
    constant = Steps(count=10, warm_up=1, learning_rate=0.0625, schedule=Schedule.CONSTANT)
    assert [learning_rate(step, constant) for step in (1, 2, 10, 500)] == [0.03125, 0.0625, 0.0625, 0.0625]


def test_a_large_gradient_is_scaled_down_and_a_small_one_is_not() -> None:
    """The second memory of AdamW is of the gradient's square, so it tells what was taken."""
    for size, taken in ((100.0, 1.0), (0.5, 0.5)):
        optimiser = Optimiser(torch.zeros(4), STEPS)
        assert optimiser.step(1, torch.full((4,), size / 2)) == size
        assert torch.allclose(
            optimiser.state()["exp_avg_sq"] / (1 - STEPS.betas[1]), torch.full((4,), (taken / 2) ** 2)
        )


def test_a_gradient_that_is_no_number_changes_nothing() -> None:
    numbers = torch.ones(3)
    optimiser = Optimiser(numbers, STEPS)
    assert not torch.isfinite(torch.tensor(optimiser.step(1, torch.tensor([1.0, torch.nan, 1.0]))))
    assert numbers.tolist() == [1.0, 1.0, 1.0]


def test_it_is_adamw_as_torch_has_it() -> None:
    steps = Steps(count=10, warm_up=0, learning_rate=0.01, schedule=Schedule.CONSTANT, largest_gradient=0.0)
    numbers, plain = torch.ones(5), torch.nn.Parameter(torch.ones(5))
    ours, stock = Optimiser(numbers, steps), torch.optim.AdamW([plain], lr=0.01, betas=steps.betas, weight_decay=0.01)
    for step in range(1, 5):
        gradient = torch.randn(5, generator=torch.Generator().manual_seed(step))
        plain.grad = gradient.clone()
        stock.step()
        ours.step(step, gradient)
    assert torch.equal(numbers, plain.detach())


def test_it_goes_on_where_it_stood() -> None:
    def gradient(step: int) -> torch.Tensor:
        return torch.randn(6, generator=torch.Generator().manual_seed(step))

    whole = torch.zeros(6)
    first = Optimiser(whole, STEPS)
    for step in range(1, 6):
        first.step(step, gradient(step))
    numbers, state = whole.clone(), {name: value.clone() for name, value in first.state().items()}
    second = Optimiser(numbers, STEPS)
    second.restore(state)
    for step in range(6, 11):
        first.step(step, gradient(step))
        second.step(step, gradient(step))
    assert torch.equal(whole, numbers)
