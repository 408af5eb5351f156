"""From jobs to takes with the tiny model: in this process, and in the worker's real child."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2Pipeline

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.latent_shape import model_raster
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer, fingerprint
from sottovoce_engine.renderers.ltx.settings import ltx_settings
from sottovoce_engine.renderers.worker import Worker
from sottovoce_engine.scene import PictureMode, Raster
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take, TakeFrames
from sottovoce_engine.timing import Span

from .render_jobs import PIXELS, SCENE_RASTER, TEXT_TOKENS, render_job, write_settings
from .tiny_model import save_tiny_lora


@pytest.fixture
def environment(tmp_path: Path, tiny_model: Path, tiny_lora: Path) -> dict[str, str]:
    return write_settings(tmp_path / "ltx.toml", tiny_model, tiny_lora)


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def rendered(
    environment: dict[str, str], media: MediaFolder, jobs: Sequence[RenderJob], job: Job | None = None
) -> dict[str, Outcome]:
    outcomes = LtxRenderer(media, ltx_settings(environment)).render(jobs, job or Job())
    return {outcome.job.key: outcome for outcome in outcomes}


def take_of(outcome: Outcome) -> Take:
    assert isinstance(outcome, Take), outcome
    return outcome


def sound_of(take: Take, media: MediaFolder) -> np.ndarray:
    with SoundReader(media.path(take.media)) as reader:
        return reader.read(Span(0, take.length_samples))


def test_a_take_sounds_and_looks_as_the_stock_pipeline_with_its_adapter(
    environment: dict[str, str], media: MediaFolder, own_stock: LTX2Pipeline, tiny_lora: Path
) -> None:
    raster = model_raster(SCENE_RASTER, PIXELS)
    asked = render_job("1", seed=3, raster=raster, model_frames=17)
    take = take_of(rendered(environment, media, [asked])["1"])
    own_stock.load_lora_weights(str(tiny_lora))
    own_stock.scheduler = FlowMatchEulerDiscreteScheduler.from_config(
        own_stock.scheduler.config, use_dynamic_shifting=False, shift_terminal=None
    )
    sampling = ltx_settings(environment).sampling
    made = own_stock(
        prompt=asked.caption,
        height=raster.height,
        width=raster.width,
        num_frames=17,
        sigmas=list(sampling.sigmas),
        num_inference_steps=8,
        guidance_scale=1.0,
        audio_guidance_scale=1.0,
        stg_scale=0.0,
        audio_stg_scale=0.0,
        modality_scale=1.0,
        audio_modality_scale=1.0,
        guidance_rescale=0.0,
        audio_guidance_rescale=0.0,
        generator=torch.Generator("cpu").manual_seed(3),
        max_sequence_length=TEXT_TOKENS,
        output_type="np",
    )
    expected = made.audio[0].numpy()
    found = sound_of(take, media)
    assert found.shape == (2, asked.length_samples)
    assert expected.shape[1] < asked.length_samples
    assert np.abs(found[:, : expected.shape[1]] - expected).max() < 1e-4
    assert not found[:, expected.shape[1] :].any()
    with PictureReader(media.path(take.media), raster) as reader:
        for index in (0, 9, 16):
            shown = reader.frame(index / asked.rate).to_ndarray(format="rgb24") / 255.0
            assert np.abs(shown.mean(axis=(0, 1)) - made.frames[0][index].mean(axis=(0, 1))).max() < 0.03


def test_a_scene_of_registers_pictures_and_rates(environment: dict[str, str], media: MediaFolder) -> None:
    jobs = [
        render_job("1", "whisper"),
        render_job("2", "loud"),
        render_job("3", "whisper", picture=PictureMode.LOCK),
        render_job("4", "soft", rate=Fraction(50), divisor=2),
        render_job("5", "loud", rate=Fraction(24_000, 1001), model_frames=9, raster=Raster(width=180, height=320)),
    ]
    takes = {key: take_of(outcome) for key, outcome in rendered(environment, media, jobs).items()}
    assert set(takes) == {"1", "2", "3", "4", "5"}
    for asked in jobs:
        take = takes[asked.key]
        info = probe(media.path(take.media))
        assert info.sound is not None
        assert info.sound.samples == asked.length_samples == take.length_samples
        if asked.picture is PictureMode.LOCK:
            assert info.picture is None
            continue
        assert info.picture is not None
        assert (info.picture.frames, info.picture.rate, info.picture.raster) == (
            asked.window.length,
            asked.rate,
            asked.raster,
        )
        assert [word.text for word in take.words] == asked.region.line.split()
        assert take.words_estimated
    with PictureReader(media.path(takes["4"].media), SCENE_RASTER) as reader:
        first, repeated, second = (reader.frame(Fraction(index, 50)).to_ndarray() for index in (0, 1, 2))
        assert np.array_equal(first, repeated)
        assert not np.array_equal(first, second)


def test_the_lora_is_on_for_registers_that_ask_for_it_alone(
    environment: dict[str, str], media: MediaFolder, tmp_path: Path, tiny_model: Path
) -> None:
    other = save_tiny_lora(tmp_path / "other.safetensors", seed=99)
    with_other = write_settings(tmp_path / "other.toml", tiny_model, other)
    jobs = [
        render_job(key, register, seed=seed, picture=PictureMode.LOCK)
        for key, register, seed in (("1", "whisper", 1), ("2", "loud", 1), ("3", "whisper", 2))
    ]
    one, two = rendered(environment, media, jobs), rendered(with_other, media, jobs)
    assert take_of(one["2"]).media == take_of(two["2"]).media
    assert take_of(one["1"]).media != take_of(two["1"]).media
    assert take_of(one["1"]).media != take_of(one["3"]).media
    assert take_of(rendered(environment, media, jobs[1:2])["2"]).media == take_of(one["2"]).media


def test_takes_side_by_side_are_the_takes_one_by_one(
    environment: dict[str, str], media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    together = write_settings(tmp_path / "together.toml", tiny_model, tiny_lora, takes_at_once=3)
    jobs = [render_job(str(seed), seed=seed, picture=PictureMode.LOCK) for seed in (1, 2, 3)]
    alone, beside = rendered(environment, media, jobs), rendered(together, media, jobs)
    for key in alone:
        difference = sound_of(take_of(alone[key]), media) - sound_of(take_of(beside[key]), media)
        assert np.abs(difference).max() < 1e-4


def test_stages_are_reported_in_order_and_captions_are_encoded_once(
    environment: dict[str, str], media: MediaFolder
) -> None:
    told: list[Progress] = []
    jobs = [render_job("1"), render_job("2", seed=2), render_job("3", "loud")]
    rendered(environment, media, jobs, Job(told.append))
    assert list(dict.fromkeys(step.stage for step in told)) == ["captions", "loading the model", "sampling", "decoding"]
    assert {step.total for step in told if step.stage == "captions"} == {2}
    sampling = [step for step in told if step.stage == "sampling"]
    assert {step.total for step in sampling} == {24}
    assert [step.done for step in sampling] == sorted(step.done for step in sampling)
    assert {step.about for step in sampling} == {"1", "2", "3"}
    told.clear()
    rendered(environment, media, jobs, Job(told.append))
    assert "captions" not in {step.stage for step in told}


def test_a_cancel_stops_within_one_step(environment: dict[str, str], media: MediaFolder) -> None:
    seen: list[int] = []

    def cancel(progress: Progress) -> None:
        if progress.stage == "sampling":
            seen.append(progress.done)
            job.cancel()

    job = Job(cancel)
    with pytest.raises(JobCancelled):
        rendered(environment, media, [render_job("1")], job)
    assert seen == [0]


def test_numbers_that_are_none_fail_the_take_and_say_so(
    media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    spoilt = _spoilt_model(tiny_model, tmp_path / "spoilt", "transformer", "audio_proj_out.bias", float("nan"))
    outcome = rendered(write_settings(tmp_path / "nan.toml", spoilt, tiny_lora), media, [render_job("1")])["1"]
    assert isinstance(outcome, Failure)
    assert "ended in values that are no numbers" in outcome.reason


def test_a_black_picture_fails_the_take_and_says_so(
    media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    spoilt = _spoilt_model(tiny_model, tmp_path / "spoilt", "vae", "decoder.conv_out.conv.bias", -100.0)
    environment = write_settings(tmp_path / "black.toml", spoilt, tiny_lora)
    outcomes = rendered(environment, media, [render_job("1"), render_job("2", picture=PictureMode.LOCK)])
    assert isinstance(outcomes["1"], Failure)
    assert "came out black" in outcomes["1"].reason
    assert isinstance(outcomes["2"], Take)


def test_a_take_that_continues_from_one_of_its_batch_starts_from_that_ones_frames(
    environment: dict[str, str], media: MediaFolder
) -> None:
    continued = render_job(
        "2", "loud", picture=PictureMode.CONTINUE, continues="1", from_take=TakeFrames(first=8, frames=9), seed=5
    )
    told: list[Progress] = []
    outcomes = rendered(environment, media, [continued, render_job("1", "loud", model_frames=17)], Job(told.append))
    assert take_of(outcomes["2"]).notes == ()
    assert list(dict.fromkeys(step.stage for step in told)) == [
        "captions",
        "loading the model",
        "sampling",
        "decoding",
        "given pictures",
    ]
    assert {(step.done, step.total) for step in told if step.stage == "sampling"} == {(done, 16) for done in range(17)}
    media_of = {take_of(outcomes["2"]).media}
    for before in (render_job("1", "loud", model_frames=17), render_job("1", "loud", model_frames=17, seed=9)):
        media_of.add(take_of(rendered(environment, media, [before, continued])["2"]).media)
    media_of.add(take_of(rendered(environment, media, [replace(continued, continues="", from_take=None)])["2"]).media)
    assert len(media_of) == 3  # the first two were made alike


def test_a_take_that_continues_from_none_fails_alone(environment: dict[str, str], media: MediaFolder) -> None:
    outcomes = rendered(environment, media, [render_job("1", continues="abc"), render_job("2")])
    assert isinstance(outcomes["1"], Failure)
    assert "continues from the take before it, which could not be made" in outcomes["1"].reason
    assert isinstance(outcomes["2"], Take)


def test_without_a_lora_only_registers_without_one_are_rendered(
    media: MediaFolder, tmp_path: Path, tiny_model: Path
) -> None:
    environment = write_settings(tmp_path / "bare.toml", tiny_model, None)
    assert isinstance(rendered(environment, media, [render_job("1", "loud")])["1"], Take)
    with pytest.raises(
        SetupError, match=r"register 'whisper' needs the whisper & soft-spoken LoRA.*--renderer scratch"
    ):
        rendered(environment, media, [render_job("1", "whisper")])


def test_a_lora_that_does_not_fit_is_refused_before_anything_is_loaded(
    media: MediaFolder, tmp_path: Path, tiny_model: Path
) -> None:
    torch.save({}, pickle := tmp_path / "lora.safetensors")
    told: list[Progress] = []
    with pytest.raises(InputError, match="is a pickle, whatever its name says"):
        rendered(write_settings(tmp_path / "a.toml", tiny_model, pickle), media, [render_job("1")], Job(told.append))
    other = tiny_model / "transformer" / "diffusion_pytorch_model.safetensors"
    with pytest.raises(InputError, match="is no LoRA"):
        rendered(write_settings(tmp_path / "b.toml", tiny_model, other), media, [render_job("1")], Job(told.append))
    assert told == []


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("/nowhere/at/all", r"model '/nowhere/at/all' is not on this machine.*--renderer scratch"),
        ("someone/never-fetched", r"model 'someone/never-fetched' is not on this machine"),
    ],
)
def test_a_missing_model_says_what_to_name_and_offers_scratch(
    model: str, message: str, media: MediaFolder, tmp_path: Path
) -> None:
    environment = write_settings(tmp_path / "missing.toml", Path(model), None)
    with pytest.raises(SetupError, match=message):
        rendered(environment, media, [render_job("1", "loud")])


def test_a_checkpoint_without_its_parts_or_weights_is_refused(
    media: MediaFolder, tmp_path: Path, tiny_model: Path
) -> None:
    partial = _linked(tiny_model, tmp_path / "partial", leave_out=("vocoder",))
    with pytest.raises(SetupError, match=r"lacks vocoder. Fetch it again, whole"):
        rendered(write_settings(tmp_path / "a.toml", partial, None), media, [render_job("1", "loud")])
    empty = _linked(tiny_model, tmp_path / "empty", leave_out=("transformer",))
    (empty / "transformer").mkdir()
    (empty / "transformer" / "config.json").write_bytes((tiny_model / "transformer" / "config.json").read_bytes())
    torch.save({}, empty / "transformer" / "diffusion_pytorch_model.bin")
    with pytest.raises(SetupError, match=r"cannot be loaded: .*Fetch it again, as safetensors"):
        rendered(write_settings(tmp_path / "b.toml", empty, None), media, [render_job("1", "loud")])


def test_a_checkpoint_of_another_version_is_refused(media: MediaFolder, tmp_path: Path, tiny_model: Path) -> None:
    other = _linked(tiny_model, tmp_path / "other", leave_out=("transformer",))
    (other / "transformer").mkdir()
    config = (tiny_model / "transformer" / "config.json").read_text()
    changed = config.replace('"use_prompt_embeddings": false', '"use_prompt_embeddings": true')
    assert changed != config
    (other / "transformer" / "config.json").write_text(changed)
    weights = "diffusion_pytorch_model.safetensors"
    (other / "transformer" / weights).symlink_to(tiny_model / "transformer" / weights)
    with pytest.raises(InputError, match=r"is LTX-2.0; the LoRA and this renderer are made for LTX-2.3"):
        rendered(write_settings(tmp_path / "a.toml", other, None), media, [render_job("1", "loud")])


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_the_renderer_says_so_and_offers_scratch(
    media: MediaFolder, tmp_path: Path, tiny_model: Path
) -> None:
    environment = write_settings(tmp_path / "gpu.toml", tiny_model, None, device="auto")
    with pytest.raises(SetupError, match=r"finds no GPU it can use.*nvidia-smi.*--renderer scratch"):
        rendered(environment, media, [render_job("1", "loud")])


def test_the_worker_renders_in_its_child(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told: list[Progress] = []
    media = MediaFolder(tmp_path / "media")
    with Worker("ltx", media.root) as worker:
        jobs = [render_job("1"), render_job("2", "loud")]
        outcomes = {outcome.job.key: outcome for outcome in worker.render(jobs, Job(told.append))}
        again = {outcome.job.key: outcome for outcome in worker.render(jobs[:1], Job())}
    assert {take_of(outcome).job.key for outcome in outcomes.values()} == {"1", "2"}
    assert take_of(again["1"]).media == take_of(outcomes["1"]).media
    assert media.has(take_of(outcomes["2"]).media)
    assert "sampling" in {step.stage for step in told}


def test_the_worker_passes_on_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in write_settings(tmp_path / "missing.toml", Path("/nowhere"), None).items():
        monkeypatch.setenv(name, value)
    with (
        Worker("ltx", tmp_path / "media") as worker,
        pytest.raises(SetupError, match="'/nowhere' is not on this machine"),
    ):
        list(worker.render([render_job("1", "loud")], Job()))


def test_the_fingerprint_tells_model_lora_and_sampling_apart(
    environment: dict[str, str], tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(given: dict[str, str], register: str = "whisper") -> str:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return fingerprint(register_table().get(register))

    other_lora = save_tiny_lora(tmp_path / "other.safetensors", seed=99)
    copied = _linked(tiny_model, tmp_path / "copied")
    all_of_them = [
        told(environment),
        told(write_settings(tmp_path / "1.toml", tiny_model, other_lora)),
        told(write_settings(tmp_path / "2.toml", tiny_model, None)),
        told(write_settings(tmp_path / "3.toml", tiny_model, None, pixels=PIXELS * 2)),
        told(write_settings(tmp_path / "4.toml", tiny_model, None, dtype="bfloat16")),
        told(write_settings(tmp_path / "5.toml", Path("/nowhere"), None)),
    ]
    assert len(set(all_of_them)) == len(all_of_them)
    assert told(environment) == all_of_them[0]
    assert told(write_settings(tmp_path / "6.toml", copied, None)) == all_of_them[2]
    assert told(environment, "loud") == told(write_settings(tmp_path / "7.toml", tiny_model, other_lora), "loud")


def test_a_plan_or_a_help_page_pays_for_no_torch(environment: dict[str, str]) -> None:
    code = (
        "import sys\nfrom sottovoce_engine.registers import register_table\n"
        "from sottovoce_engine.renderers.ltx import renderer\nrenderer.fingerprint(register_table().get('whisper'))\n"
        "renderer.renderer(__import__('pathlib').Path('/tmp/none'))\n"
        "print([name for name in ('torch', 'diffusers', 'peft', 'transformers') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert told.stdout == "[]\n"


def _linked(model: Path, folder: Path, leave_out: tuple[str, ...] = ()) -> Path:
    """The tiny checkpoint again, its parts linked."""
    folder.mkdir()
    for part in model.iterdir():
        if part.name not in leave_out:
            (folder / part.name).symlink_to(part)
    return folder


def _spoilt_model(model: Path, folder: Path, part: str, name: str, value: float) -> Path:
    """The tiny checkpoint with one tensor of one part set to `value`."""
    from safetensors.torch import load_file, save_file

    _linked(model, folder, leave_out=(part,))
    (folder / part).mkdir()
    for file in (model / part).iterdir():
        (folder / part / file.name).write_bytes(file.read_bytes())
    weights = folder / part / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    tensors[name].fill_(value)
    save_file(tensors, weights)
    return folder
