"""Training steps by the clock: one step after the other until the time is over, replayed as CUDA graphs on a GPU.

A small model's step is hundreds of kernels of a few microseconds: launched one by one they take ten times as long as
they run. Captured once, a step is one launch.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_WARM_UP_STEPS = 4  # before a capture: what is allocated or chosen on first use
_REPORT_SECONDS = 10.0

Batch = Mapping[str, Tensor]
Loss = Callable[[Batch], Mapping[str, Tensor]]  # its "loss" is what falls; others are reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long a stage lasts and how fast it learns: up over the first steps, then down a cosine over its time."""

    seconds: float
    most_steps: int = 1_000_000
    rate: float = 1e-3
    last_rate: float = 2e-5
    rising_steps: int = 100
    clip: float = 1.0
    betas: tuple[float, float] = (0.9, 0.99)
    averaged: float = 0.999  # of the weights' running mean; 0 keeps none


class Optimiser:
    """AdamW over some weights, and the running mean of these."""

    def __init__(self, weights: Sequence[nn.Parameter], schedule: Schedule, device: torch.device) -> None:
        self.weights = [weight for weight in weights if weight.requires_grad]
        self.rate = torch.tensor(schedule.rate, device=device)
        on_gpu = device.type == "cuda"
        self._schedule = schedule
        self._adam = torch.optim.AdamW(
            self.weights,
            lr=self.rate if on_gpu else schedule.rate,
            betas=schedule.betas,
            weight_decay=1e-4,
            capturable=on_gpu,
            foreach=True,
        )
        self._first = [weight.detach().clone() for weight in self.weights] if schedule.averaged else []
        self._mean = [weight.clone() for weight in self._first]
        self._share = torch.ones((), dtype=torch.float64, device=device)  # of the first weights in the mean
        self._on_gpu = on_gpu

    def set_rate(self, rate: float) -> None:
        if self._on_gpu:
            self.rate.fill_(rate)
        else:
            for group in self._adam.param_groups:
                group["lr"] = rate

    def forget(self) -> None:
        self._adam.zero_grad(set_to_none=True)

    def step(self) -> None:
        nn.utils.clip_grad_norm_(self.weights, self._schedule.clip, foreach=True)
        self._adam.step()
        if self._mean:
            torch._foreach_lerp_(self._mean, [weight.detach() for weight in self.weights], 1 - self._schedule.averaged)
            self._share.mul_(self._schedule.averaged)

    @torch.no_grad()
    def take_mean(self) -> None:
        """Puts the running mean in the weights' place.

        What training began from is taken out of it: after 2,000 steps a mean over about 1,000 is an eighth random.
        """
        share = float(self._share)
        if not self._mean or share == 1.0:
            return
        for weight, mean, first in zip(self.weights, self._mean, self._first, strict=True):
            weight.copy_((mean - share * first) / (1 - share))


def trained(
    name: str,
    loss: Loss,
    optimiser: Optimiser,
    next_batch: Callable[[], Batch],
    schedule: Schedule,
    saved: Callable[[], None] = lambda: None,
    save_seconds: float = 60.0,
) -> int:
    """Steps until the schedule's time is over; returns how many.

    Args:
        name: Of the stage, for what is printed.
        loss: From a batch to what is to fall, and what is to be reported beside it.
        optimiser: Of the weights that learn.
        next_batch: The tensors of a step; their shapes never change.
        schedule: How long and how fast.
        saved: Called now and then, so that a kill costs little.
        save_seconds: How often that is.
    """
    held = {key: value.clone() for key, value in next_batch().items()}

    def step() -> dict[str, Tensor]:
        optimiser.forget()
        found = loss(held)
        torch.autograd.backward(found["loss"])
        optimiser.step()
        return {key: value.detach() for key, value in found.items()}

    begun = time.monotonic()
    run, warm = _captured(step, held, next_batch) if _on_gpu(held) else (step, 0)
    steps, shown, last_saved = warm, time.monotonic(), time.monotonic()
    while (gone := time.monotonic() - begun) < schedule.seconds and steps < schedule.most_steps:
        for key, value in next_batch().items():
            held[key].copy_(value)
        progress = max(gone / schedule.seconds, steps / schedule.most_steps)
        optimiser.set_rate(_rate(schedule, steps, progress))
        found = run()
        steps += 1
        if time.monotonic() - shown > _REPORT_SECONDS:
            shown = time.monotonic()
            print(_report(name, steps, gone, found), flush=True)
        if time.monotonic() - last_saved > save_seconds:
            last_saved = time.monotonic()
            saved()
    if _on_gpu(held):
        torch.cuda.synchronize()
    print(_report(name, steps, time.monotonic() - begun, run() if steps else {}), flush=True)
    return steps


def fast_float32() -> None:
    """Products of float32 on a GPU's matrix units: ten bits of mantissa, which training does not miss."""
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    torch.backends.cudnn.conv.fp32_precision = "tf32"  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = True


def _on_gpu(batch: Batch) -> bool:
    return next(iter(batch.values())).is_cuda


def _captured(
    step: Callable[[], dict[str, Tensor]], held: Mapping[str, Tensor], next_batch: Callable[[], Batch]
) -> tuple[Callable[[], dict[str, Tensor]], int]:
    """The step as a graph, and how many were taken before it; the step itself where it cannot be captured."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARM_UP_STEPS):
            for key, value in next_batch().items():
                held[key].copy_(value)
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph: Any = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            made = step()
    except RuntimeError as error:  # what synchronises cannot be captured
        print(f"no graph: {str(error).splitlines()[0]}", flush=True)
        torch.cuda.synchronize()
        return step, _WARM_UP_STEPS

    def replay() -> dict[str, Tensor]:
        graph.replay()
        return made

    return replay, _WARM_UP_STEPS


def _rate(schedule: Schedule, steps: int, progress: float) -> float:
    rising = min(1.0, (steps + 1) / schedule.rising_steps)
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    return rising * (schedule.last_rate + (schedule.rate - schedule.last_rate) * falling)


def _report(name: str, steps: int, gone: float, found: Mapping[str, Tensor]) -> str:
    values = " ".join(f"{key} {float(value):.4f}" for key, value in found.items())
    return f"{name}: {steps} steps, {gone:.0f} s, {steps / max(gone, 1e-9):.1f}/s, {values}"
