import logging
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from sottovoce_engine.errors import InputError, RenderError, SetupError
from sottovoce_engine.media.lock import FolderLock
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.tensor_file import tensor_file
from sottovoce_engine.renderers.ltx.training.learning_run import LearningRun
from sottovoce_engine.renderers.ltx.training.material import material_for
from sottovoce_engine.renderers.ltx.training.run import RENDERS, begun
from sottovoce_engine.timing import Span
from sottovoce_engine.training.recipe import Recipe, Validation
from sottovoce_engine.training.values import (
    Checkpointed,
    Dataset,
    Rendered,
    Split,
    Stepped,
    Trained,
    TrainingEvent,
)

from .clips import RECIPE, events

pytestmark = pytest.mark.xdist_group("training")  # they share what was trained and encoded

QUIET = replace(RECIPE, validation=Validation(every=0))
LONG = replace(
    RECIPE,
    steps=replace(RECIPE.steps, count=30, checkpoint_every=20, gradient_checkpointing=True),
    validation=Validation(every=15),
)


@pytest.fixture(scope="module")
def told(data: Dataset, settings: LtxSettings, tmp_path_factory: pytest.TempPathFactory) -> list[TrainingEvent]:
    """Thirty steps."""
    return events(data, tmp_path_factory.mktemp("long"), settings, LONG)


def steps_of(told: list[TrainingEvent]) -> list[Stepped]:
    return [event for event in told if isinstance(event, Stepped)]


def sound_of(rendered: Rendered) -> np.ndarray:
    with SoundReader(Path(rendered.movie)) as reader:
        return reader.read(Span(0, reader.length_samples))


def changed_model(model: Path, folder: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> Path:
    """A checkpoint with other numbers in its transformer."""
    shutil.copytree(model, folder)
    (file,) = (folder / "transformer").glob("*.safetensors")
    weights = load_file(file)
    change(weights)
    save_file(weights, file)
    return folder


def test_thirty_steps_lower_the_loss_of_what_is_held_out(told: list[TrainingEvent]) -> None:
    measured = {step.step: step.validation_loss for step in steps_of(told) if step.validation_loss is not None}
    assert list(measured) == [1, 15, 30]
    assert measured[30] < measured[15] < measured[1]
    assert measured[30] < 0.95 * measured[1]
    assert [step.step for step in steps_of(told)] == list(range(1, 31))


def test_what_happens_is_told_in_order_and_ends_with_the_lora(told: list[TrainingEvent]) -> None:
    kinds = [(type(event), getattr(event, "step", None)) for event in told if not isinstance(event, Stepped)]
    assert kinds == [
        (Rendered, 0),
        (Rendered, 15),
        (Checkpointed, 20),
        (Rendered, 30),
        (Checkpointed, 30),
        (Trained, None),
    ]
    done = told[-1]
    assert isinstance(done, Trained)
    assert (done.steps, Path(done.lora).name, done.notes) == (30, "tiny.safetensors", ())
    assert done.loss == pytest.approx(np.mean([step.loss for step in steps_of(told)]))


def test_validation_renders_are_heard_to_change(told: list[TrainingEvent]) -> None:
    sounds = [sound_of(event) for event in told if isinstance(event, Rendered)]
    assert all(sound.shape == sounds[0].shape and np.abs(sound).max() > 1e-3 for sound in sounds)
    assert all(np.abs(sound - sounds[0]).max() > 1e-3 for sound in sounds[1:])


def test_the_lora_is_kept_as_it_was_heard_on_the_way(told: list[TrainingEvent]) -> None:
    done = told[-1]
    assert isinstance(done, Trained)
    folder = Path(done.lora).parent
    assert {path.name for path in folder.glob("tiny*")} == {"tiny.safetensors", "tiny-step-000015.safetensors"}
    halfway = tensor_file(folder / "tiny-step-000015.safetensors")
    assert halfway.metadata["steps"] == "15"
    key = next(name for name in halfway.entries if "lora_B" in name)
    assert np.abs(halfway.values(key) - tensor_file(Path(done.lora)).values(key)).max() > 0


def test_a_second_training_encodes_nothing(
    told: list[TrainingEvent],
    data: Dataset,
    settings: LtxSettings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert told
    with caplog.at_level(logging.INFO, "sottovoce_engine.renderers.ltx.held_models"):
        events(data, tmp_path, settings, QUIET)
    assert not [line for line in caplog.messages if line.startswith("Loading the")]


def test_clips_of_a_step_learn_together(data: Dataset, settings: LtxSettings, tmp_path: Path) -> None:
    """Two clips a step are two steps of one, as far as the losses before the first change go."""
    one, two = (
        replace(QUIET, steps=replace(QUIET.steps, count=2, batch=batch, learning_rate=1e-9)) for batch in (1, 2)
    )
    single = [step.loss for step in steps_of(events(data, tmp_path / "one", settings, one))]
    both = [step.loss for step in steps_of(events(data, tmp_path / "two", settings, two))]
    assert both[0] == pytest.approx(np.mean(single), abs=1e-5)


def test_where_memory_runs_out_blocks_are_computed_again(data: Dataset, settings: LtxSettings, tmp_path: Path) -> None:
    run = _run(data, settings, QUIET, tmp_path)
    refused = [True]  # the first time only

    def refuse(*_: object) -> None:
        if refused:
            refused.pop()
            raise torch.OutOfMemoryError("of the test")

    run.transformer.transformer_blocks[1].ff.register_forward_pre_hook(refuse)
    told = list(run.events(None, {}))
    done = told[-1]
    assert isinstance(done, Trained)
    assert done.notes == ("The memory ran out at step 1; since then gradient checkpointing is on.",)
    whole = steps_of(events(data, tmp_path / "whole", settings, QUIET))
    assert [step.loss for step in steps_of(told)] == [step.loss for step in whole]


def test_where_nothing_helps_against_a_lack_of_memory_it_says_what_may(
    data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    run = _run(data, settings, QUIET, tmp_path)

    def refuse(*_: object) -> None:
        raise torch.OutOfMemoryError("of the test")

    run.transformer.transformer_blocks[1].ff.register_forward_pre_hook(refuse)
    with pytest.raises(SetupError, match=r"at step 1, with clips of 9 frames of 64x32.*memory = 'fp8'"):
        list(run.events(None, {}))


def test_a_lack_of_memory_while_rendering_costs_the_render_and_not_the_training(
    data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    (tmp_path / RENDERS).mkdir()
    run = _run(data, settings, replace(RECIPE, validation=Validation(every=6)), tmp_path)

    def refuse(*_: object) -> None:
        if torch.is_inference_mode_enabled():  # only rendering
            raise torch.OutOfMemoryError("of the test")

    told: list[TrainingEvent] = []
    happening = run.events(None, {})
    hook = run.transformer.transformer_blocks[1].ff.register_forward_pre_hook(refuse)
    told.append(next(happening))  # the first step, past the renders before it
    hook.remove()
    told += happening
    done = told[-1]
    assert isinstance(done, Trained)
    assert done.notes == ("Nothing was rendered at step 0: the memory ran out. The training went on.",)
    assert [event.step for event in told if isinstance(event, Rendered)] == [6]


def _run(data: Dataset, settings: LtxSettings, recipe: Recipe, folder: Path) -> LearningRun:
    return begun(data, recipe, material_for(replace(settings, dtype="float32")), folder, Job())


def test_a_loss_that_is_no_number_stops_it_and_leaves_the_checkpoint(
    data: Dataset, settings: LtxSettings, tiny_model: Path, tmp_path: Path
) -> None:
    def spoil(weights: dict[str, torch.Tensor]) -> None:
        weights["audio_proj_out.weight"][0, 0] = math.nan

    model = changed_model(tiny_model, tmp_path / "model", spoil)
    with pytest.raises(RenderError, match=r"At step 1 the loss .* on the clip 'clip-\d' at a learning rate of 0\.0025"):
        events(data, tmp_path / "out", replace(settings, model=str(model)), QUIET)
    assert not list((tmp_path / "out").glob("*.safetensors"))


def test_a_model_of_another_layout_is_refused(
    data: Dataset, settings: LtxSettings, tiny_model: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    config = model / "transformer" / "config.json"
    config.write_text(config.read_text().replace('"use_prompt_embeddings": false', '"use_prompt_embeddings": true'))
    with pytest.raises(InputError, match=r"is LTX-2\.0"):
        events(data, tmp_path / "out", replace(settings, model=str(model)), QUIET)


def test_clips_that_are_not_as_the_recipe_has_them_are_refused(
    data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    other = replace(QUIET, clips=replace(QUIET.clips, frames=17))
    with pytest.raises(InputError, match="'clip-0' has 9 frames of 64x32 at 24 a second; the recipe asks for 17"):
        events(data, tmp_path, settings, other)
    held_out = replace(data, clips=tuple(replace(clip, split=Split.VALIDATION) for clip in data.clips))
    with pytest.raises(InputError, match="no clip to train on"):
        events(held_out, tmp_path, settings, QUIET)


def test_a_folder_that_another_program_trains_in_is_left_alone(
    data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    lock = FolderLock(tmp_path / ".lock")
    lock.take()
    try:
        with pytest.raises(SetupError, match="being written by"):
            events(data, tmp_path, settings, QUIET)
    finally:
        lock.release()
