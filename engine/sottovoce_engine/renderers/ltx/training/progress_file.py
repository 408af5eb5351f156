"""A checkpoint of the training: one `.safetensors` file, whole or not there, from which the same run goes on.

    numbers, exp_avg, exp_avg_sq    one row each, float32        step    a number
    header                          format, the step, and what the run is: recipe, data, model

Going on with other data or another recipe would be neither run, so it is refused and says what differs.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.media.durable import moved_into_place, staged_path
from sottovoce_engine.renderers.ltx.training.optimiser import Optimiser
from sottovoce_engine.training.recipe import Recipe, Schedule

FILE = "checkpoint.safetensors"
_FORMAT = "1"
_FREE = ("name", "validation")  # of a recipe: what may change from one call to the next
_FREE_STEPS = ("checkpoint_every", "gradient_checkpointing")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reached:
    """Where a training stands."""

    step: int
    tensors: Mapping[str, Tensor]  # on the CPU


def run_identity(recipe: Recipe, digest: str, model: str) -> dict[str, Any]:
    """What makes a run this run, as plain values.

    Args:
        recipe: What is done.
        digest: Of the dataset.
        model: What is trained on, in words.
    """
    plain = to_plain(recipe)
    steps = {name: value for name, value in plain["steps"].items() if name not in _FREE_STEPS}
    if recipe.steps.schedule is Schedule.CONSTANT:
        del steps["count"]
    told = {name: value for name, value in plain.items() if name not in _FREE}
    identity: dict[str, Any] = json.loads(json.dumps({**told, "steps": steps, "dataset": digest, "model": model}))
    return identity


def save_reached(folder: Path, reached: Reached, identity: Mapping[str, Any]) -> Path:
    """Writes the checkpoint over the one before. A crash at any moment leaves one of the two.

    Raises:
        SetupError: The disk is full or cannot be written to.
    """
    path, staged = folder / FILE, staged_path(folder, "safetensors")
    header = {"format": _FORMAT, "step": str(reached.step), "run": json.dumps(identity)}
    try:
        save_file({name: tensor.cpu().contiguous() for name, tensor in reached.tensors.items()}, staged, header)
        moved_into_place(staged, path, "checkpoint")
    except (OSError, SafetensorError) as error:
        raise SetupError(
            f"The checkpoint of step {reached.step} cannot be written to '{folder}': {error}. Make room on that disk; the same "
            "command then goes on from the checkpoint before."
        ) from error
    finally:
        staged.unlink(missing_ok=True)
    return path


def reached_in(folder: Path, identity: Mapping[str, Any]) -> Reached | None:
    """Where the training in a folder stands; None where none has begun.

    Raises:
        InputError: It is another run's, of another format, or damaged.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            if header.get("format") != _FORMAT:
                raise InputError(
                    f"'{path}' has format {header.get('format')!r}; this version goes on from format {_FORMAT}. Update "
                    "Sottovoce, or train into another folder."
                )
            _check_same(path, json.loads(header["run"]), identity)
            tensors = {name: file.get_tensor(name) for name in ("numbers", *Optimiser.REMEMBERED)}
            return Reached(step=int(header["step"]), tensors=tensors)
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise InputError(
            f"The checkpoint '{path}' is damaged: {error}. Remove it to begin anew, or train into another folder."
        ) from error


def _check_same(path: Path, held: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    different = [
        f"{name} was {before!r} and is {now!r}" for name, before, now in _differences(held, asked) if before != now
    ]
    if different:
        raise InputError(
            f"'{path.parent}' holds a training that cannot go on like this: {'; '.join(different[:4])}. Train into another "
            f"folder, or go back to what it began with; remove '{path.name}' to begin anew."
        )


def _differences(held: Mapping[str, Any], asked: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(name, before, now) of every plain value."""
    for name in dict.fromkeys((*held, *asked)):
        before, now = held.get(name), asked.get(name)
        if isinstance(before, dict) and isinstance(now, dict):
            yield from _differences(before, now, f"{at}{name}.")
        else:
            yield f"{at}{name}", before, now
