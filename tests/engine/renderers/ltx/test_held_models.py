"""Models that stay, are placed otherwise, or step down. Where a card would run out of memory, a layer says so."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.renderers.ltx.captions import encoded
from sottovoce_engine.renderers.ltx.checkpoint import checkpoint
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.loading import CheckpointSource, Part
from sottovoce_engine.renderers.ltx.model_sizes import sizes_in
from sottovoce_engine.renderers.ltx.placement import Kept, Residence
from sottovoce_engine.renderers.ltx.schedule import shift_settings
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.renderers.ltx.stages import Stages
from sottovoce_engine.renderers.ltx.streaming import StreamedBlocks
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take, TakeFrames

from .holding import LOAD, held_models
from .render_jobs import TEXT_TOKENS, render_job, write_settings

CPU = torch.device("cpu")
JOBS = (render_job("1"), render_job("2", "loud"), render_job("3", seed=3))
WAY_INTO = {Part.TRANSFORMER: "proj_in", Part.CONNECTORS: "video_text_proj_in", Part.VAE: "decoder.conv_in"}


@dataclass(kw_only=True)
class SmallCard:
    """The checkpoint's own parts, on a card that runs out of memory the first few times a part works there."""

    source: CheckpointSource
    part: Part
    times: int
    loaded_parts: list[Part] = field(default_factory=list)

    def loaded(self, part: Part, device: torch.device) -> Any:
        self.loaded_parts.append(part)
        model = self.source.loaded(part, device)
        if part is self.part:
            model.get_submodule(WAY_INTO[part]).register_forward_pre_hook(self._run_out)
        return model

    def _run_out(self, *_: object) -> None:
        if self.times > 0:
            self.times -= 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_lora: Path) -> LtxSettings:
    return ltx_settings(write_settings(tmp_path_factory.mktemp("held") / "ltx.toml", tiny_model, tiny_lora))


@pytest.fixture(scope="module")
def plenty(settings: LtxSettings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What jobs come to where memory never runs out: media by key."""
    media = MediaFolder(tmp_path_factory.mktemp("plenty"))
    return media_of(rendered(stages_on(small_card(settings, Part.TRANSFORMER, 0), settings, media), list(JOBS)))


@pytest.fixture
def forgetful(settings: LtxSettings, tmp_path: Path) -> LtxSettings:
    """The same settings, where no caption was encoded before."""
    return replace(settings, cache=str(tmp_path / "captions"))


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def small_card(settings: LtxSettings, part: Part, times: int) -> SmallCard:
    source = CheckpointSource(checkpoint=checkpoint(settings.model), settings=settings)
    return SmallCard(source=source, part=part, times=times)


def stages_on(card: SmallCard, settings: LtxSettings, media: MediaFolder) -> Stages:
    found = card.source.checkpoint
    return Stages(
        media=media,
        settings=settings,
        models=HeldModels(card, sizes_in(found.folder), found.layout, settings, CPU),
        layout=found.layout,
        shift=shift_settings(found.folder),
        fingerprint=found.fingerprint,
        folder=found.folder,
    )


def rendered(stages: Stages, jobs: list[RenderJob], job: Job | None = None) -> dict[str, Outcome]:
    return {outcome.job.key: outcome for outcome in stages.outcomes(jobs, job or Job())}


def media_of(outcomes: dict[str, Outcome]) -> dict[str, str]:
    assert all(isinstance(outcome, Take) for outcome in outcomes.values()), outcomes
    return {key: outcome.media for key, outcome in outcomes.items() if isinstance(outcome, Take)}


def test_a_second_batch_with_the_same_captions_loads_nothing(forgetful: LtxSettings, media: MediaFolder) -> None:
    card = small_card(forgetful, Part.TRANSFORMER, 0)
    stages = stages_on(card, forgetful, media)
    jobs = [render_job("1"), render_job("2", "loud")]
    first = rendered(stages, jobs)
    assert sorted(card.loaded_parts) == sorted(Part)
    told: list[Progress] = []
    again = rendered(stages, jobs, Job(told.append))
    assert sorted(card.loaded_parts) == sorted(Part)
    assert media_of(again) == media_of(first)
    assert {step.stage for step in told} == {"sampling", "decoding"}
    rendered(stages, [render_job("3", line="another line")])
    assert sorted(card.loaded_parts) == sorted(Part), "a new caption finds the text encoder held"


@pytest.mark.parametrize("part", [Part.TRANSFORMER, Part.VAE])
def test_memory_that_runs_out_costs_a_step_down_and_no_take(
    part: Part,
    settings: LtxSettings,
    media: MediaFolder,
    plenty: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    stages = stages_on(small_card(settings, part, 1), settings, media)
    told: list[Progress] = []
    with caplog.at_level(logging.WARNING):
        outcomes = rendered(stages, list(JOBS), Job(told.append))
    assert media_of(outcomes) == plenty
    assert any(step.stage.startswith("out of memory, again with less") for step in told)
    assert "Out of memory (CUDA out of memory. Tried to allocate 2.00 GiB.)" in caplog.text
    for outcome in outcomes.values():
        assert isinstance(outcome, Take)
        assert any("Memory ran out" in note for note in outcome.notes)


def test_steps_go_down_to_streamed_blocks_with_the_same_bits(
    settings: LtxSettings, media: MediaFolder, plenty: dict[str, str]
) -> None:
    stages = stages_on(small_card(settings, Part.TRANSFORMER, 6), settings, media)
    assert media_of(rendered(stages, list(JOBS))) == plenty
    assert stages.models.placement.residence is Residence.STREAMED
    assert isinstance(stages.models.sampling(Job()).transformer.transformer_blocks, StreamedBlocks)


def test_where_models_do_not_fit_side_by_side_one_stage_is_held_at_a_time(
    settings: LtxSettings, media: MediaFolder, plenty: dict[str, str]
) -> None:
    card = small_card(settings, Part.TRANSFORMER, 4)
    stages = stages_on(card, settings, media)
    assert media_of(rendered(stages, list(JOBS))) == plenty
    assert stages.models.placement.kept is Kept.NONE
    card.loaded_parts.clear()
    assert media_of(rendered(stages, list(JOBS))) == plenty
    assert card.loaded_parts == [Part.TRANSFORMER, Part.VAE, Part.AUDIO_VAE, Part.VOCODER]


def test_captions_are_encoded_with_less_as_well(forgetful: LtxSettings, media: MediaFolder) -> None:
    stages = stages_on(small_card(forgetful, Part.CONNECTORS, 1), forgetful, media)
    outcome = rendered(stages, [render_job("1", "loud")])["1"]
    assert isinstance(outcome, Take)
    assert any("Memory ran out (captions)" in note for note in outcome.notes)


def test_where_nothing_is_left_below_takes_fail_with_advice_and_others_stay(
    settings: LtxSettings, media: MediaFolder
) -> None:
    card = small_card(settings, Part.TRANSFORMER, 0)
    stages = stages_on(card, settings, media)
    outcomes: dict[str, Outcome] = {}

    def run_out_later(progress: Progress) -> None:
        if progress.stage == "decoding" and progress.about == "1":
            card.times = 1_000  # from the second wave on

    jobs = [render_job("1", "loud"), follower("2")]
    for outcome in stages.outcomes(jobs, Job(run_out_later)):
        outcomes[outcome.job.key] = outcome
    assert isinstance(outcomes["1"], Take)
    assert isinstance(outcomes["2"], Failure)
    assert "there is no way left to need less" in outcomes["2"].reason
    assert "lower `pixels`" in outcomes["2"].reason
    card.times = 0
    assert isinstance(rendered(stages, [render_job("4", "loud")])["4"], Take)


@pytest.mark.parametrize("memory", ["transformer", "streamed"])
def test_every_residence_makes_the_same_take(
    memory: str, settings: LtxSettings, media: MediaFolder, plenty: dict[str, str]
) -> None:
    asked = replace(settings, memory=memory)
    stages = stages_on(small_card(asked, Part.TRANSFORMER, 0), asked, media)
    assert media_of(rendered(stages, [JOBS[0]])) == {"1": plenty["1"]}
    assert stages.models.placement.residence == memory


def test_fp8_makes_another_take(settings: LtxSettings, media: MediaFolder, plenty: dict[str, str]) -> None:
    asked = replace(settings, memory="fp8")
    stages = stages_on(small_card(asked, Part.TRANSFORMER, 0), asked, media)
    assert media_of(rendered(stages, [JOBS[0]]))["1"] != plenty["1"]


def test_a_text_encoder_streamed_layer_by_layer_reads_the_same(tiny_model: Path) -> None:
    whole = held_models(tiny_model, LtxSettings(dtype="float32", memory="resident"))
    streamed = held_models(tiny_model, LtxSettings(dtype="float32", memory="transformer"))
    assert not whole.placement.text_streamed
    assert streamed.placement.text_streamed
    one, two = (encoded("a caption", models.text(Job()), TEXT_TOKENS) for models in (whole, streamed))
    assert torch.equal(one.video, two.video)
    assert torch.equal(one.audio, two.audio)


def test_a_cancel_takes_effect_between_two_parts(forgetful: LtxSettings, media: MediaFolder) -> None:
    card = small_card(forgetful, Part.TRANSFORMER, 0)
    job = Job(cancelled_at("loading the model", 0, lambda: job.cancel()))
    with pytest.raises(JobCancelled):
        rendered(stages_on(card, forgetful, media), [render_job("1")], job)
    assert card.loaded_parts == [Part.TOKENIZER]


@pytest.mark.parametrize("stage", ["captions", "sampling", "decoding"])
def test_a_cancel_in_any_stage_leaves_models_that_work(stage: str, forgetful: LtxSettings, media: MediaFolder) -> None:
    jobs = [render_job("1"), render_job("2", "loud")]
    stages = stages_on(small_card(forgetful, Part.TRANSFORMER, 0), forgetful, media)
    job = Job(cancelled_at(stage, 1, lambda: job.cancel()))
    with pytest.raises(JobCancelled):
        rendered(stages, jobs, job)
    assert len(media_of(rendered(stages, jobs))) == 2


def test_a_machine_without_room_is_told_what_is_needed(tiny_model: Path) -> None:
    models = held_models(tiny_model, LtxSettings(dtype="float32"))
    with pytest.raises(SetupError, match=r"LTX-2.3 does not fit: .* needed.*--renderer scratch"):
        models.make_room_for(replace(LOAD, video_tokens=1 << 40))


def follower(key: str) -> RenderJob:
    """A job that continues from the first one, and so comes in the second wave."""
    return render_job(key, "loud", continues="1", from_take=TakeFrames(first=0, frames=9))


def cancelled_at(stage: str, done: int, cancel: Callable[[], None]) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.stage == stage and progress.done >= done:
            cancel()

    return report
