"""Training a LoRA: light to import, so that a plan or a help page costs no torch."""

from collections.abc import Iterator
from pathlib import Path

from sottovoce_engine.errors import SetupError
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.checkpoint import check_packages
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.training.recipe import Recipe
from sottovoce_engine.training.values import Dataset, TrainingEvent


def train(dataset: Dataset, recipe: Recipe, settings: LtxSettings, folder: Path, job: Job) -> Iterator[TrainingEvent]:
    """Trains a LoRA, or goes on with a training of the same recipe and data in that folder.

    What happened before is told again first, so that a curve is whole. The last event is `Trained`.

        folder    checkpoint.safetensors  log.csv  <name>.safetensors
                  renders/step-000500-1.wav        <name>-step-000500.safetensors, as it was heard there

    Args:
        dataset: Clips in the recipe's form.
        recipe: How.
        settings: Which model, and where encoded clips and captions are kept.
        folder: Made where it is not there. One program trains in it at a time.
        job: Told of every step. Cancelling takes effect before the next clip; steps that were finished are kept.

    Raises:
        JobCancelled: Cancelling was asked for.
        InputError: There is nothing to train on, a clip cannot be read, the model is another one, or the folder holds
            another training.
        SetupError: A package, the GPU, the model or memory is missing, or the disk is full.
        RenderError: The loss is no number.
    """
    check_packages()
    try:
        from sottovoce_engine.renderers.ltx.training.run import training_events
    except ModuleNotFoundError as error:
        if error.name != "peft":
            raise
        raise SetupError("Training needs peft. Install it with: pip install 'sottovoce[ltx]'.") from error
    yield from training_events(dataset, recipe, settings, folder, job)
