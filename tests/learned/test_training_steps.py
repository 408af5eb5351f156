import torch
from bench.learned.steps import Batch, Optimiser, Schedule, trained
from torch import Tensor, nn

CPU = torch.device("cpu")


def test_steps_fall_and_end_with_their_number() -> None:
    torch.manual_seed(1)
    line = nn.Linear(3, 1)
    wanted = torch.tensor([[1.0, -2.0, 0.5]])
    seen = []

    def loss(batch: Batch) -> dict[str, Tensor]:
        off = (line(batch["x"]) - batch["x"] @ wanted.T).square().mean()
        seen.append(float(off.detach()))
        return {"loss": off}

    saved = []
    schedule = Schedule(seconds=30, most_steps=200, rate=0.05, rising_steps=5, averaged=0.9)
    optimiser = Optimiser(list(line.parameters()), schedule, CPU)
    count = trained(
        "line", loss, optimiser, lambda: {"x": torch.randn(16, 3)}, schedule, lambda: saved.append(1), save_seconds=0.0
    )
    assert count == 200
    assert seen[-1] < seen[0] / 100
    assert saved


def test_the_running_mean_holds_nothing_of_what_training_began_from() -> None:
    weight = nn.Parameter(torch.full((4,), 1000.0))
    optimiser = Optimiser([weight], Schedule(seconds=1, rate=0.0, averaged=0.999), CPU)
    optimiser.set_rate(0.0)
    with torch.no_grad():
        weight.fill_(2.0)
    for _ in range(20):
        weight.grad = torch.zeros_like(weight)
        optimiser.step()
    optimiser.take_mean()
    torch.testing.assert_close(weight.data, torch.full((4,), 2.0), rtol=1e-3, atol=1e-3)


def test_a_mean_before_the_first_step_changes_nothing() -> None:
    weight = nn.Parameter(torch.ones(2))
    Optimiser([weight], Schedule(seconds=1), CPU).take_mean()
    torch.testing.assert_close(weight.data, torch.ones(2))
