"""Takes over pictures that stay: out as they finish, cancelled at once, and made where memory is short."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch

from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.renderers.ltx.checkpoint import checkpoint
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.loading import CheckpointSource, Part
from sottovoce_engine.renderers.ltx.model_sizes import sizes_in
from sottovoce_engine.renderers.ltx.schedule import shift_settings
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.renderers.ltx.stages import Stages
from sottovoce_engine.take import Outcome, RenderJob, Take
from sottovoce_engine.timing import Span

from .footage_under import locked_job, write_brightening
from .render_jobs import render_job, write_settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_lora: Path) -> LtxSettings:
    return ltx_settings(write_settings(tmp_path_factory.mktemp("locked") / "ltx.toml", tiny_model, tiny_lora))


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_brightening(tmp_path_factory.mktemp("footage") / "street.mov")


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


@dataclass(kw_only=True)
class NarrowCard:
    """The checkpoint's own parts, on a card that holds only so many takes of sound side by side in one of them."""

    source: CheckpointSource
    part: Part
    way_in: str
    holds: int
    tried: list[int] = field(default_factory=list)

    def loaded(self, part: Part, device: torch.device) -> Any:
        model = self.source.loaded(part, device)
        if part is self.part:
            model.get_submodule(self.way_in).register_forward_pre_hook(self._check)
        return model

    def _check(self, _: object, given: tuple[torch.Tensor, ...]) -> None:
        self.tried.append(len(given[0]))
        if len(given[0]) > self.holds:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def narrow_card(settings: LtxSettings, holds: int, part: Part, way_in: str) -> NarrowCard:
    source = CheckpointSource(checkpoint=checkpoint(settings.model), settings=settings)
    return NarrowCard(source=source, part=part, way_in=way_in, holds=holds)


def stages_on(card: NarrowCard, settings: LtxSettings, media: MediaFolder) -> Stages:
    found = card.source.checkpoint
    return Stages(
        media=media,
        settings=settings,
        models=HeldModels(card, sizes_in(found.folder), found.layout, settings, torch.device("cpu")),
        layout=found.layout,
        shift=shift_settings(found.folder),
        fingerprint=found.fingerprint,
        folder=found.folder,
    )


def wide_stages(settings: LtxSettings, media: MediaFolder) -> Stages:
    return stages_on(narrow_card(settings, 99, Part.TRANSFORMER, "audio_proj_in"), settings, media)


def sounds_of(outcomes: Iterator[Outcome], media: MediaFolder) -> dict[str, torch.Tensor]:
    sounds = {}
    for take in outcomes:
        assert isinstance(take, Take), take
        with SoundReader(media.path(take.media)) as reader:
            sounds[take.key] = torch.from_numpy(reader.read(Span(0, take.length_samples)))
    return sounds


def five(footage: Path) -> list[RenderJob]:
    return [locked_job(footage, str(seed), seed=seed) for seed in range(1, 6)]


def test_takes_come_out_after_their_batch_and_not_after_the_last(
    footage: Path, settings: LtxSettings, media: MediaFolder
) -> None:
    told: list[Progress] = []
    voices = (("1", "whisper"), ("2", "loud"), ("3", "whisper"), ("4", "soft"))
    jobs = [locked_job(footage, key, register, seed=int(key)) for key, register in voices]
    jobs.append(render_job("5", "loud"))
    steps = []
    for outcome in wide_stages(settings, media).outcomes(jobs, Job(told.append)):
        assert isinstance(outcome, Take)
        steps.append((outcome.key, max(step.done for step in told if step.stage == "sampling")))
    # Four batches of 8 steps: both whispers, which are one; both without the LoRA, apart; the soft line.
    assert sorted(steps[:2]) == [("1", 8), ("3", 8)]
    assert dict(steps)["5"] == 32, "a picture is decoded once all is sampled"
    assert {done for key, done in steps if key in "24"} < {16, 24, 32}
    decoding = [step.done for step in told if step.stage == "decoding"]
    assert decoding == sorted(decoding)
    assert decoding[-1] == 5


def test_where_memory_runs_out_fewer_takes_go_side_by_side_and_come_out_the_same(
    footage: Path, settings: LtxSettings, media: MediaFolder
) -> None:
    expected = sounds_of(wide_stages(settings, media).outcomes(five(footage), Job()), media)
    card = narrow_card(settings, 2, Part.TRANSFORMER, "audio_proj_in")
    told: list[Progress] = []
    stages = stages_on(card, settings, media)
    found = sounds_of(stages.outcomes(five(footage), Job(told.append)), media)
    assert card.tried[:3] == [5, 3, 2]
    assert set(card.tried[3:]) == {1, 2}
    assert [step.stage for step in told if step.stage.startswith("out of memory")] == [
        "out of memory, again with 3 at once",
        "out of memory, again with 2 at once",
    ]
    assert not stages.models.stepped_down
    for key, sound in expected.items():
        assert (found[key] - sound).abs().max() < 1e-4


def test_sounds_are_decoded_in_halves_where_memory_runs_out(
    footage: Path, settings: LtxSettings, media: MediaFolder
) -> None:
    expected = sounds_of(wide_stages(settings, media).outcomes(five(footage), Job()), media)
    card = narrow_card(settings, 1, Part.VOCODER, "vocoder.conv_in")
    stages = stages_on(card, settings, media)
    found = sounds_of(stages.outcomes(five(footage), Job()), media)
    assert card.tried == [5, 2, 1, 1, 3, 1, 2, 1, 1]
    assert not stages.models.stepped_down
    for key, sound in expected.items():
        assert (found[key] - sound).abs().max() < 1e-4


@pytest.mark.parametrize("stage", ["given pictures", "watching the picture", "sampling", "decoding"])
def test_a_cancel_takes_effect_at_once_in_every_stage(
    stage: str, footage: Path, settings: LtxSettings, media: MediaFolder
) -> None:
    seen: list[int] = []

    def cancel(progress: Progress) -> None:
        if progress.stage == stage:
            seen.append(progress.done)
            job.cancel()

    job = Job(cancel)
    with pytest.raises(JobCancelled):
        list(wide_stages(settings, media).outcomes(five(footage), job))
    assert seen == [0]
