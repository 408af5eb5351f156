"""Two stages from jobs to takes, with the tiny model and a tiny upsampler."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    LTX2LatentUpsamplePipeline,
    LTX2Pipeline,
    LTX2VideoTransformer3DModel,
)
from numpy.typing import NDArray

from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.renderers.ltx.batches import batches_for
from sottovoce_engine.renderers.ltx.caption_stage import encoded_captions
from sottovoce_engine.renderers.ltx.checkpoint import checkpoint
from sottovoce_engine.renderers.ltx.given_stage import Given, given_for
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer
from sottovoce_engine.renderers.ltx.sampling_settings import FAST, SECOND_STAGE, Guidance
from sottovoce_engine.renderers.ltx.sampling_stage import SamplingStage
from sottovoce_engine.renderers.ltx.schedule import shift_settings
from sottovoce_engine.renderers.ltx.settings import OVER_VARIABLE, LtxSettings
from sottovoce_engine.renderers.ltx.upsampler import load_upsampler
from sottovoce_engine.renderers.ltx.upscaling_stage import UpscalingStage, steps_of
from sottovoce_engine.renderers.ltx.working_memory import load_of
from sottovoce_engine.renderers.worker import Worker
from sottovoce_engine.scene import PictureMode, Raster
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take, TakeFrames
from sottovoce_engine.timing import Span

from .holding import held_models
from .render_jobs import TEXT_TOKENS, render_job, write_settings
from .stock_sampling import stock_arguments
from .tiny_model import save_tiny_lora
from .tiny_upsampler import tiny_upsampler

LARGE, SMALL = Raster(width=128, height=64), "64x32"
STEPS, AGAIN = 8, 3


@pytest.fixture(scope="module")
def upsampler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("upsampler")
    tiny_upsampler().save_pretrained(folder / "latent_upsampler")
    return folder


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path, tiny_lora: Path, upsampler: Path) -> LtxSettings:
    return LtxSettings(
        preset="fast",
        model=str(tiny_model),
        lora=str(tiny_lora),
        device="cpu",
        dtype="float32",
        raster=str(LARGE),
        text_tokens=TEXT_TOKENS,
        cache=str(tmp_path / "captions"),
        sampling=FAST,
        upscaled=True,
        upsampler=str(upsampler),
    )


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def asked(key: str, register: str = "whisper", **more: object) -> RenderJob:
    return render_job(key, register, raster=LARGE, **more)  # type: ignore[arg-type]


def rendered(
    settings: LtxSettings, media: MediaFolder, jobs: Sequence[RenderJob], job: Job | None = None
) -> dict[str, Outcome]:
    return {outcome.job.key: outcome for outcome in LtxRenderer(media, settings).render(jobs, job or Job())}


def take_of(outcome: Outcome) -> Take:
    assert isinstance(outcome, Take), outcome
    return outcome


def sound_of(outcome: Outcome, media: MediaFolder) -> NDArray[np.float32]:
    take = take_of(outcome)
    with SoundReader(media.path(take.media)) as reader:
        return reader.read(Span(0, take.length_samples))


def picture_of(outcome: Outcome, media: MediaFolder, index: int = 0) -> NDArray[np.float64]:
    take = take_of(outcome)
    with PictureReader(media.path(take.media), LARGE) as reader:
        return reader.frame(index / take.job.rate).to_ndarray(format="rgb24").astype(float)


def test_a_take_sounds_and_looks_as_the_stock_pipelines_two_stages_with_its_adapter(
    settings: LtxSettings, media: MediaFolder, own_stock: LTX2Pipeline, tiny_lora: Path
) -> None:
    job = asked("1", seed=3, model_frames=17)
    found = rendered(replace(settings, upscaled_sound="second"), media, [job])["1"]
    own_stock.load_lora_weights(str(tiny_lora))
    own_stock.scheduler = FlowMatchEulerDiscreteScheduler.from_config(
        own_stock.scheduler.config, use_dynamic_shifting=False, shift_terminal=None
    )
    upsampling = LTX2LatentUpsamplePipeline(vae=own_stock.vae, latent_upsampler=tiny_upsampler())
    shared = {
        "prompt": job.caption,
        "num_frames": 17,
        "generator": torch.Generator("cpu").manual_seed(3),
        "max_sequence_length": TEXT_TOKENS,
    }
    first = own_stock(height=32, width=64, output_type="latent", **shared, **stock_arguments(FAST))
    made = own_stock(
        latents=upsampling(latents=first.frames, output_type="latent", return_dict=False)[0],
        audio_latents=first.audio,
        noise_scale=SECOND_STAGE.sigmas[0],
        height=LARGE.height,
        width=LARGE.width,
        output_type="np",
        **shared,
        **stock_arguments(SECOND_STAGE),
    )
    expected = made.audio[0].numpy()
    assert np.abs(sound_of(found, media)[:, : expected.shape[1]] - expected).max() < 1e-4
    for index in (0, 16):
        shown = picture_of(found, media, index) / 255
        assert np.abs(shown.mean(axis=(0, 1)) - made.frames[0][index].mean(axis=(0, 1))).max() < 0.03


def test_the_first_stages_sound_is_kept_or_sampled_again(settings: LtxSettings, media: MediaFolder) -> None:
    jobs = [asked("1"), asked("2", "loud"), asked("3", picture=PictureMode.LOCK)]
    kept = rendered(settings, media, jobs)
    small = rendered(replace(settings, upscaled=False, raster=SMALL), media, jobs)
    anew = rendered(replace(settings, upscaled_sound="second"), media, jobs)
    for key in ("1", "2", "3"):
        assert np.abs(sound_of(kept[key], media) - sound_of(small[key], media)).max() < 1e-4
        assert np.abs(sound_of(anew[key], media) - sound_of(small[key], media)).max() > 0.01
    assert np.abs(picture_of(kept["1"], media) - picture_of(small["1"], media)).max() > 10


def test_both_stages_are_counted_as_one_and_a_picture_left_out_is_not_sampled_again(
    settings: LtxSettings, media: MediaFolder
) -> None:
    told: list[Progress] = []
    jobs = [asked("1"), asked("2", "loud"), asked("3", picture=PictureMode.LOCK)]
    settings = replace(settings, takes_at_once=2)
    rendered(settings, media, jobs, Job(told.append))
    stages = [step.stage for step in told if "loading" not in step.stage]
    order = ["captions", "sampling", "decoding", "upscaling"]  # the sound alone is there after the first stage
    assert list(dict.fromkeys(stages)) == order
    sampling = [step for step in told if step.stage == "sampling"]
    total = 2 * STEPS + 2 * AGAIN
    assert {step.total for step in sampling} == {total}
    assert [step.done for step in sampling] == sorted(step.done for step in sampling)
    assert {step.done for step in sampling} == set(range(total + 1))
    assert {step.total for step in told if step.stage == "upscaling"} == {2}
    told.clear()
    rendered(settings, media, jobs[2:], Job(told.append))
    assert {step.total for step in told if step.stage == "sampling"} == {STEPS}
    assert "upscaling" not in {step.stage for step in told}


@pytest.mark.parametrize(("stage", "at"), [("sampling", STEPS + 1), ("upscaling", 0)])
def test_a_cancel_stops_within_one_step_of_the_second_stage_too(
    stage: str, at: int, settings: LtxSettings, media: MediaFolder
) -> None:
    seen: list[Progress] = []

    def cancel(progress: Progress) -> None:
        seen.append(progress)
        if (progress.stage, progress.done) == (stage, at):
            job.cancel()

    job = Job(cancel)
    with pytest.raises(JobCancelled):
        rendered(settings, media, [asked("1")], job)
    assert (seen[-1].stage, seen[-1].done) == (stage, at)


def test_devs_second_stage_runs_on_distilled_weights(
    settings: LtxSettings, media: MediaFolder, tiny_model: Path, own_stock: LTX2Pipeline, tmp_path: Path
) -> None:
    """A checkpoint with the distilled LoRA in it, or the LoRA fused into dev's weights: the same takes."""
    distilled = save_tiny_lora(
        tmp_path / "distilled.safetensors", targets=r".*\.(attn1|ff)\..*(to_q|to_v|proj)", seed=5
    )
    own_stock.load_lora_weights(str(distilled))
    own_stock.fuse_lora(components=["transformer"], lora_scale=0.8)
    own_stock.unload_lora_weights()
    (other := tmp_path / "other").mkdir()
    for part in tiny_model.iterdir():
        if part.name != "transformer":
            (other / part.name).symlink_to(part)
    transformer = LTX2VideoTransformer3DModel.from_config(own_stock.transformer.config)
    transformer.load_state_dict(own_stock.transformer.state_dict())
    transformer.save_pretrained(other / "transformer")
    dev = replace(settings.sampling, sigmas=(), steps=2, video=Guidance(), audio=Guidance(), perturbed_blocks=(1,))
    best = replace(settings, preset="best", sampling=dev)
    jobs = [asked("1"), asked("2", "loud")]
    by_model = rendered(replace(best, second_model=str(other)), media, jobs)
    by_lora = rendered(replace(best, second_lora=str(distilled), second_lora_strength=0.8), media, jobs)
    by_neither = rendered(replace(best, second_model=str(tiny_model)), media, jobs)
    for key in ("1", "2"):
        assert np.abs(picture_of(by_model[key], media) - picture_of(by_lora[key], media)).mean() < 0.1
        assert np.abs(picture_of(by_model[key], media) - picture_of(by_neither[key], media)).mean() > 1
        assert np.array_equal(sound_of(by_model[key], media), sound_of(by_neither[key], media))
    told: list[Progress] = []
    with pytest.raises(SetupError, match="Name a distilled checkpoint as `second_model`"):
        rendered(best, media, jobs, Job(told.append))
    assert told == []


def test_a_missing_upsampler_is_told_of_before_anything_is_loaded(settings: LtxSettings, media: MediaFolder) -> None:
    told: list[Progress] = []
    with pytest.raises(SetupError, match="holds no upsampler"):
        rendered(replace(settings, upsampler=""), media, [asked("1")], Job(told.append))
    assert told == []


def test_given_frames_are_encoded_at_each_stages_raster_and_stay(settings: LtxSettings, media: MediaFolder) -> None:
    before = take_of(rendered(settings, media, [asked("1", "loud", model_frames=17)])["1"])
    following = asked(
        "2",
        "loud",
        picture=PictureMode.CONTINUE,
        continues="1",
        from_take=TakeFrames(first=8, frames=9),
        model_frames=25,
    )
    found, job = checkpoint(settings.model), Job()
    models = held_models(found.folder, settings)
    given = given_for([following], media, models, settings, {"1": before}, job)
    batches = batches_for([following], settings)
    stage = UpscalingStage(
        sampling=SamplingStage(
            models=models,
            settings=settings,
            shift=shift_settings(found.folder),
            loras={},
            texts=encoded_captions([following.caption], models, settings, found.fingerprint, job).texts,
            total=steps_of(batches, settings),
        ),
        upsampler=lambda: load_upsampler(found.folder, settings, torch.device("cpu")),
    )

    def made(given: Given) -> Latents:
        outcomes = [outcome for outcome in stage.latents(batches, given, 0, job) if not isinstance(outcome, Failure)]
        return outcomes[-1]["2"]

    kept, small = given.kept["2"], given.halved["2"]
    assert (kept.clean.shape[1], small.clean.shape[1]) == (4 * 4 * 2, 4 * 2 * 1)
    assert (int(kept.share.sum()), int(small.share.sum())) == (2 * 4 * 2, 2 * 2 * 1)
    whole, first_alone = made(given), made(replace(given, kept={}))
    second_alone = made(replace(given, halved={}))
    still = kept.share == 1
    torch.testing.assert_close(whole.video[:, still], kept.clean[:, still], rtol=0, atol=1e-5)
    assert (first_alone.video[:, still] - kept.clean[:, still]).abs().max() > 0.1
    assert torch.equal(first_alone.audio, whole.audio)
    assert (second_alone.audio - whole.audio).abs().max() > 0.001


def test_the_worker_upscales_in_its_child(
    tmp_path: Path,
    tiny_model: Path,
    tiny_lora: Path,
    upsampler: Path,
    settings: LtxSettings,
    media: MediaFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = write_settings(tmp_path / "ltx.toml", tiny_model, tiny_lora, upsampler=str(upsampler), raster=str(LARGE))
    for name, value in (given | {OVER_VARIABLE: "upscaled = true"}).items():
        monkeypatch.setenv(name, value)
    told: list[Progress] = []
    with Worker("ltx", media.root) as worker:
        outcomes = {outcome.job.key: outcome for outcome in worker.render([asked("1")], Job(told.append))}
    here = rendered(settings, media, [asked("1")])["1"]
    assert np.abs(sound_of(outcomes["1"], media) - sound_of(here, media)).max() < 1e-4
    assert np.abs(picture_of(outcomes["1"], media) - picture_of(here, media)).mean() < 0.1
    assert "upscaling" in {step.stage for step in told}


def test_memory_is_planned_for_the_larger_window(settings: LtxSettings) -> None:
    jobs = [asked("1")]
    large, small = (load_of(jobs, one) for one in (settings, replace(settings, upscaled=False, raster=SMALL)))
    assert large.video_tokens == 4 * small.video_tokens
    assert large.pixels == 4 * small.pixels
