import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file

from sottovoce_engine.codec import to_json
from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.training.learning_run import STAGE
from sottovoce_engine.renderers.ltx.training.progress_file import FILE, reached_in, run_identity
from sottovoce_engine.training.recipe import Recipe, Schedule, Validation
from sottovoce_engine.training.values import Checkpointed, Dataset, Rendered, Stepped, Trained, TrainingEvent

from .clips import SHORT, events

pytestmark = pytest.mark.xdist_group("training")  # they share what was trained and encoded

ROOT = Path(__file__).parents[5]


@pytest.fixture(scope="module")
def whole(data: Dataset, settings: LtxSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of six steps in one go."""
    folder = tmp_path_factory.mktemp("whole")
    events(data, folder, settings, SHORT)
    return folder


def losses(told: list[TrainingEvent]) -> list[tuple[int, float, float | None]]:
    return [(event.step, event.loss, event.validation_loss) for event in told if isinstance(event, Stepped)]


def cancelled_at(step: int) -> Job:
    """A job that is cancelled once so many steps are done."""

    def watch(progress: Progress) -> None:
        if progress.stage == STAGE and progress.done == step:
            job.cancel()

    job = Job(watch)
    return job


class _CancelledAfter(Job):
    """Cancelled by the second look after a step began: the first is before its clip, the second before it is measured."""

    def __init__(self, *, step: int) -> None:
        super().__init__()
        self._step, self._looks = step, -1

    def step(self, stage: str, done: int, total: int, *, about: str = "") -> None:
        super().step(stage, done, total, about=about)
        if stage == STAGE and done == self._step - 1:
            self._looks = 0

    def check(self) -> None:
        if self._looks >= 0:
            self._looks += 1
        if self._looks == 2:
            self.cancel()
        super().check()


def lora_of(folder: Path) -> dict[str, bytes]:
    """Every weight's bytes."""
    weights = load_file(folder / "tiny.safetensors")
    return {name: weight.numpy().tobytes() for name, weight in weights.items()}


def test_a_training_that_was_killed_goes_on_to_the_same_losses_and_the_same_lora(
    whole: Path, data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    told_whole = losses(events(data, whole, settings, SHORT))  # told again from the log: nothing is left to do
    (tmp_path / "data.json").write_text(to_json(data, format_version=1))
    arguments = [str(tmp_path / "data.json"), settings.model, settings.cache, str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.renderers.ltx.training.killed_training", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-3000:]
    assert not (tmp_path / "out" / "tiny.safetensors").exists()
    assert len((tmp_path / "out" / "log.csv").read_text().splitlines()) == 1 + 4  # two of them after the checkpoint
    told = events(data, tmp_path / "out", settings, SHORT)
    assert losses(told) == told_whole
    assert [event.step for event in told if isinstance(event, Checkpointed)] == [4, 6]
    assert lora_of(tmp_path / "out") == lora_of(whole)


def test_a_training_that_was_cancelled_keeps_its_steps_and_goes_on(
    whole: Path, data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    with pytest.raises(JobCancelled):
        events(data, tmp_path, settings, SHORT, cancelled_at(3))
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 1 + 3
    told = events(data, tmp_path, settings, SHORT)
    assert [event.step for event in told if isinstance(event, Checkpointed)] == [4, 6]
    assert lora_of(tmp_path) == lora_of(whole)


def test_a_step_that_was_taken_counts_where_measuring_after_it_was_cancelled(
    data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    """The losses after it are those of a run in one go: no step is taken twice."""
    heard = replace(SHORT, validation=Validation(every=5), steps=replace(SHORT.steps, checkpoint_every=100))
    quiet = replace(data, validation=())
    whole = losses(events(quiet, tmp_path / "whole", settings, heard))
    job = _CancelledAfter(step=5)
    with pytest.raises(JobCancelled):
        events(quiet, tmp_path / "out", settings, heard, job)
    told = losses(events(quiet, tmp_path / "out", settings, heard))
    assert [found[:2] for found in told] == [found[:2] for found in whole]
    assert told[4][2] is None  # the fifth was being measured


def test_a_render_that_was_cancelled_is_made_when_the_training_goes_on(
    data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    heard = replace(SHORT, validation=Validation(every=3))
    started: list[int] = []

    def watch(progress: Progress) -> None:
        if progress.stage == "sampling" and progress.done == 0:
            started.append(1)
            if len(started) == 2:  # of step 3; the first is of step 0
                job.cancel()

    job = Job(watch)
    with pytest.raises(JobCancelled):
        events(data, tmp_path, settings, heard, job)
    told = events(data, tmp_path, settings, heard)
    assert [event.step for event in told if isinstance(event, Rendered)] == [0, 3, 6]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda recipe: replace(recipe, lora=replace(recipe.lora, rank=8)), "lora.rank was 4 and is 8"),
        (lambda recipe: replace(recipe, steps=replace(recipe.steps, seed=7)), "steps.seed was 1 and is 7"),
        (lambda recipe: replace(recipe, steps=replace(recipe.steps, count=9)), "steps.count was 6 and is 9"),
    ],
)
def test_another_recipe_does_not_go_on_with_it(
    whole: Path, data: Dataset, settings: LtxSettings, change: Callable[[Recipe], Recipe], said: str
) -> None:
    with pytest.raises(InputError, match=f"cannot go on like this: {said}. Train into another folder"):
        events(data, whole, settings, change(SHORT))


def test_other_clips_or_another_model_do_not_go_on_with_it(whole: Path, data: Dataset, settings: LtxSettings) -> None:
    with pytest.raises(InputError, match="dataset was"):
        reached_in(whole, run_identity(SHORT, "another", "model"))
    with pytest.raises(InputError, match="256 tokens'"):
        events(data, whole, replace(settings, text_tokens=256), SHORT)
    with pytest.raises(InputError, match=r"model was .* and is 'another'"):
        reached_in(whole, run_identity(SHORT, data.digest, "another"))


def test_a_constant_learning_rate_lets_a_training_be_made_longer(
    data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    short = replace(SHORT, steps=replace(SHORT.steps, count=2, schedule=Schedule.CONSTANT))
    long = replace(short, steps=replace(short.steps, count=4))
    events(data, tmp_path / "a", settings, short)
    assert losses(events(data, tmp_path / "a", settings, long)) == losses(events(data, tmp_path / "b", settings, long))


def test_a_training_that_is_over_is_told_of_without_its_log(
    whole: Path, data: Dataset, settings: LtxSettings, tmp_path: Path
) -> None:
    shutil.copy(whole / FILE, tmp_path / FILE)
    told = events(data, tmp_path, settings, SHORT)
    (done,) = told
    assert isinstance(done, Trained)
    assert 0.5 < done.loss < 3.0
    assert lora_of(tmp_path) == lora_of(whole)


def test_a_damaged_checkpoint_is_told_of(whole: Path, data: Dataset, settings: LtxSettings, tmp_path: Path) -> None:
    content = (whole / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"is damaged: .* Remove it to begin anew"):
        events(data, tmp_path, settings, SHORT)
