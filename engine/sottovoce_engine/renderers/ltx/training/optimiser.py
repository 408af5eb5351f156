"""AdamW over the LoRA's numbers, and how the learning rate rises and falls."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from sottovoce_engine.training.recipe import Schedule, Steps


def learning_rate(step: int, steps: Steps) -> float:
    """Of a step, counted from 1.

    step    1      warm_up                       count
    rate    rises  |-- linear: falls to 0 after it --|
                   |-- constant: stays --------------|

    Source of "linear": the defaults in the documentation of Lightricks' trainer.
    """
    rising = min(1.0, step / (steps.warm_up + 1))
    if steps.schedule is Schedule.CONSTANT or step <= steps.warm_up:
        return steps.learning_rate * rising
    return steps.learning_rate * (steps.count + 1 - step) / max(1, steps.count - steps.warm_up)


class Optimiser:
    """AdamW (Loshchilov and Hutter 2019) as torch has it, over one row of numbers."""

    REMEMBERED = ("step", "exp_avg", "exp_avg_sq")  # from step to step, by torch's names

    def __init__(self, numbers: Tensor, steps: Steps) -> None:
        """Takes the memory it needs for all steps.

        Args:
            numbers: They are changed in place.
            steps: Of the recipe.
        """
        self._steps = steps
        self._numbers = torch.nn.Parameter(numbers, requires_grad=False)
        self._adam = torch.optim.AdamW([self._numbers], betas=steps.betas, weight_decay=steps.weight_decay)
        self.restore({"step": torch.zeros(()), **{name: torch.zeros_like(numbers) for name in self.REMEMBERED[1:]}})

    def step(self, number: int, gradient: Tensor) -> float:
        """Takes a step along a gradient, which is scaled down in place where it is too large; returns its norm.

        A gradient that is no numbers changes nothing: the norm tells.
        """
        norm = float(gradient.norm())
        if not math.isfinite(norm):
            return norm
        if self._steps.largest_gradient and norm > self._steps.largest_gradient:
            gradient.mul_(self._steps.largest_gradient / norm)
        self._numbers.grad = gradient
        for group in self._adam.param_groups:
            group["lr"] = learning_rate(number, self._steps)
        self._adam.step()
        self._numbers.grad = None
        return norm

    def state(self) -> dict[str, Tensor]:
        """What it remembers from step to step."""
        held = self._adam.state[self._numbers]
        return {name: held[name] for name in self.REMEMBERED}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Goes on from what it remembered."""
        device = self._numbers.device
        self._adam.state[self._numbers] = {
            "step": state["step"].cpu(),
            **{name: state[name].to(device) for name in self.REMEMBERED[1:]},
        }
