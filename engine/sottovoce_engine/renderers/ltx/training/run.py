"""A training from its beginning: what must fit is checked, what is encoded is encoded once, then it learns."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.durable import swept
from sottovoce_engine.media.lock import FolderLock
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.latent_shape import latent_shape
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.training.adapter import add_adapter
from sottovoce_engine.renderers.ltx.training.encoded_clips import encoded
from sottovoce_engine.renderers.ltx.training.learning_run import LearningRun
from sottovoce_engine.renderers.ltx.training.material import Material, material_for
from sottovoce_engine.renderers.ltx.training.optimiser import Optimiser
from sottovoce_engine.renderers.ltx.training.progress_file import reached_in, run_identity
from sottovoce_engine.renderers.ltx.training.validating import Listening
from sottovoce_engine.training.recipe import Recipe
from sottovoce_engine.training.values import Dataset, TrainingEvent

RENDERS = "renders"


def training_events(
    dataset: Dataset, recipe: Recipe, settings: LtxSettings, folder: Path, job: Job
) -> Iterator[TrainingEvent]:
    """See `train` in `door.py`."""
    _check(dataset, recipe)
    try:
        (folder / RENDERS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    with FolderLock.held(folder / ".lock"):
        for place in (folder, folder / RENDERS):
            swept(place)
        material = material_for(replace(settings, dtype=recipe.steps.dtype))
        identity = run_identity(recipe, dataset.digest, material.trained_on)
        reached = reached_in(folder, identity)
        run = begun(dataset, recipe, material, folder, job)
        yield from run.events(reached, identity)


def begun(dataset: Dataset, recipe: Recipe, material: Material, folder: Path, job: Job) -> LearningRun:
    """Everything encoded, the transformer loaded, the LoRA in it."""
    shape = latent_shape(recipe.clips.frames, recipe.clips.raster, recipe.clips.rate)
    asked = dataset.validation if recipe.validation.every else ()
    captions = [clip.caption for clip in dataset.clips] + [one.caption for one in asked]
    if asked and material.settings.sampling.needs_negative:
        captions.append(material.settings.sampling.negative_caption)
    known = encoded(dataset.clips, captions, recipe.clips, shape, material, job)
    transformer = material.transformer()
    adapter = add_adapter(transformer, material.layout, recipe.lora, recipe.steps.seed)
    return LearningRun(
        dataset=dataset,
        recipe=recipe,
        folder=folder,
        job=job,
        material=material,
        encoded=known,
        shape=shape,
        transformer=transformer,
        adapter=adapter,
        optimiser=Optimiser(adapter.numbers, recipe.steps),
        listening=Listening(
            clips=dataset.held_out,
            captions=asked,
            encoded=known,
            material=material,
            shape=shape,
            folder=folder / RENDERS,
        ),
    )


def _check(dataset: Dataset, recipe: Recipe) -> None:
    """There is something to learn from, and all of it has the recipe's form."""
    if not dataset.train:
        raise InputError(
            "There is no clip to train on: all are held out for validation. Add recordings, or set hold_out = false in the "
            "recipe."
        )
    form = recipe.clips
    for clip in dataset.clips:
        if (clip.frames, clip.rate, clip.raster) != (form.frames, form.rate, form.raster):
            raise InputError(
                f"The clip '{clip.name}' has {clip.frames} frames of {clip.raster} at {float(clip.rate):g} a second; the "
                f"recipe asks for {form.frames} of {form.raster} at {float(form.rate):g}. Make the dataset anew."
            )
