"""Sound over a picture that stays: the fast path equals the stock transformer whose picture does not listen."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import LTX2Pipeline
from torch import Tensor

from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.renderers.ltx.bank import BASE, LoraState, WeightBank
from sottovoce_engine.renderers.ltx.batches import batches_for
from sottovoce_engine.renderers.ltx.conforming import conformed_frames
from sottovoce_engine.renderers.ltx.denoising import Conditions, PassByPass
from sottovoce_engine.renderers.ltx.given import locked_pictures
from sottovoce_engine.renderers.ltx.given_stage import STAGE as GIVEN_STAGE
from sottovoce_engine.renderers.ltx.guidance import Pass, passes_for
from sottovoce_engine.renderers.ltx.latents import KeptVideo, Latents, noise_for, stacked
from sottovoce_engine.renderers.ltx.locked import LockedDenoiser
from sottovoce_engine.renderers.ltx.locked_states import STAGE as WATCHING_STAGE
from sottovoce_engine.renderers.ltx.locked_states import StatesOnCard, picture_states
from sottovoce_engine.renderers.ltx.lora_file import read_lora
from sottovoce_engine.renderers.ltx.model_layout import layout_from_config
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.sampling_settings import FAST, Guidance, SamplingSettings
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.renderers.ltx.working_memory import load_of, watched_bytes
from sottovoce_engine.scene import PictureMode, Raster
from sottovoce_engine.take import Failure, LockedPicture, RenderJob, Take
from sottovoce_engine.timing import Span

from .deaf_picture import Deaf
from .locked_sampling import SOME_PASSES, WHOLE, conditions_for, states_of
from .render_jobs import SCENE_RASTER, render_job, write_settings
from .stock_sampling import NEGATIVE, SHAPE, relative_error
from .tiny_model import BLOCKS
from .tiny_upsampler import save_upsampler_file

WHISPER = LoraState(lora="whisper", strength=1.0)
DEV = SamplingSettings(
    steps=3, video=Guidance(), audio=Guidance(caption=7.0), perturbed_blocks=(1,), negative_caption=NEGATIVE
)


def fast(transformer: Any, conditions: Conditions, passes: tuple[Pass, ...]) -> LockedDenoiser:
    return LockedDenoiser(transformer, conditions, passes, picture_states(transformer, conditions, passes, Job()))


@torch.inference_mode()
def check_equal(transformer: Any, conditions: Conditions, passes: tuple[Pass, ...], *seeds: int) -> None:
    found_by, expected_by = fast(transformer, conditions, passes), Deaf(transformer, conditions, passes)
    for level in (1.0, 0.725, 0.1):
        found = found_by.velocities(states_of(*seeds), level)
        expected = expected_by.velocities(states_of(*seeds), level)
        assert set(found) == set(passes)
        for kind in passes:
            assert relative_error(found[kind].audio, expected[kind].audio) <= 1e-5, (kind, level)


@pytest.mark.parametrize("blocks", [(0,), (1,), (0, 2), (28,)])
@pytest.mark.parametrize("passes", SOME_PASSES, ids=lambda passes: "+".join(passes))
def test_every_pass_equals_the_stock_transformers(
    passes: tuple[Pass, ...], blocks: tuple[int, ...], stock: LTX2Pipeline
) -> None:
    check_equal(stock.transformer, conditions_for(stock, 2, blocks=blocks), passes, 1, 2)


def test_the_passes_differ(stock: LTX2Pipeline) -> None:
    """Otherwise their equality with the stock transformer's says little."""
    with torch.inference_mode():
        found = fast(stock.transformer, conditions_for(stock), SOME_PASSES[-1]).velocities(states_of(1), 0.9)
    for kind in SOME_PASSES[-1][1:]:
        assert relative_error(found[kind].audio, found[Pass.POSITIVE].audio) > 1e-3


def made_by(
    pipeline: LTX2Pipeline, settings: SamplingSettings, seeds: tuple[int, ...], kind: Any, kept: KeptVideo = WHOLE
) -> Latents:
    conditions = conditions_for(pipeline, len(seeds), kept=kept)
    levels = noise_levels(settings, SHAPE.video_tokens, ShiftSettings())
    noise = stacked([noise_for(seed, SHAPE) for seed in seeds])
    denoiser = kind(pipeline.transformer, conditions, passes_for(settings))
    return sampled(denoiser, noise, levels, settings, Job(), kept=kept)


@pytest.mark.parametrize("settings", [DEV, FAST])
def test_takes_side_by_side_are_the_takes_one_by_one_and_the_picture_stays(
    settings: SamplingSettings, stock: LTX2Pipeline
) -> None:
    together = made_by(stock, settings, (1, 2, 3), fast)
    for row, seed in enumerate((1, 2, 3)):
        assert relative_error(together.audio[row], made_by(stock, settings, (seed,), fast).audio[0]) <= 1e-5
        torch.testing.assert_close(together.video[row], WHOLE.clean[0], rtol=0, atol=1e-5)
    assert relative_error(together.audio[0], made_by(stock, settings, (1,), Deaf).audio[0]) <= 1e-5
    assert relative_error(together.audio[0], together.audio[1]) > 0.01


def test_the_sound_depends_on_the_picture(stock: LTX2Pipeline) -> None:
    other = KeptVideo(share=WHOLE.share, clean=noise_for(51, SHAPE).video)
    one, another = (made_by(stock, FAST, (1,), fast, kept).audio for kept in (WHOLE, other))
    assert relative_error(one, another) > 1e-3


@pytest.mark.parametrize("kind", [PassByPass, RowDenoiser])
def test_over_a_picture_that_listens_the_sound_is_another(kind: Any, stock: LTX2Pipeline) -> None:
    """What the fast path leaves out is there on the exact one, and is small."""
    exact, quick = made_by(stock, FAST, (1,), kind), made_by(stock, FAST, (1,), fast)
    torch.testing.assert_close(exact.video, WHOLE.clean, rtol=0, atol=1e-5)
    assert 1e-5 < relative_error(quick.audio, exact.audio) < 0.5
    assert relative_error(exact.audio, made_by(stock, FAST, (1,), RowDenoiser).audio) <= 1e-5


def test_with_the_lora_it_equals_the_stock_transformer_and_the_pictures_states_are_the_same(
    own_stock: LTX2Pipeline, tiny_lora: Path
) -> None:
    transformer, passes = own_stock.transformer, SOME_PASSES[-1]
    bank = WeightBank(transformer)
    bank.prepare(WHISPER, read_lora(tiny_lora, layout_from_config(dict(transformer.config))).pairs)
    conditions = conditions_for(own_stock)
    states: dict[LoraState, StatesOnCard] = {}
    sounds = {}
    for state in (BASE, WHISPER):
        bank.use(state)
        check_equal(transformer, conditions, passes, 1)
        made = picture_states(transformer, conditions, passes, Job())
        assert isinstance(made, StatesOnCard)
        states[state] = made
        with torch.inference_mode():
            denoiser = LockedDenoiser(transformer, conditions, passes, states[BASE])
            sounds[state] = denoiser.velocities(states_of(1), 0.9)[Pass.POSITIVE].audio
    for off, on in zip(states[BASE].blocks, states[WHISPER].blocks, strict=True):
        assert torch.equal(off, on)
    assert relative_error(sounds[WHISPER], sounds[BASE]) > 0.01


def test_good_and_perturbed_passes_share_the_picture_up_to_the_first_perturbed_block(stock: LTX2Pipeline) -> None:
    conditions = conditions_for(stock, 3, blocks=(1,))
    states = picture_states(stock.transformer, conditions, SOME_PASSES[-1], Job())
    assert isinstance(states, StatesOnCard)
    assert [len(block) for block in states.blocks] == [2, 3, 3]


def test_a_cancel_stops_between_blocks(stock: LTX2Pipeline) -> None:
    seen: list[int] = []

    def stop(progress: Any) -> None:
        seen.append(progress.done)
        if progress.done == 1:
            job.cancel()

    job = Job(stop)
    with pytest.raises(JobCancelled):
        picture_states(stock.transformer, conditions_for(stock), (Pass.POSITIVE,), job)
    assert seen == [0, 1]
    assert BLOCKS > 2


def test_another_layout_is_refused(own_stock: LTX2Pipeline) -> None:
    own_stock.transformer.register_to_config(rope_type="interleaved")
    with pytest.raises(SetupError, match="lock = 'exact'"):
        picture_states(own_stock.transformer, conditions_for(own_stock), (Pass.POSITIVE,), Job())


@pytest.fixture
def footage(tmp_path: Path) -> Path:
    """A second whose frames grow brighter, 8 steps of luma each."""
    path = tmp_path / "street.mov"
    shown = np.stack([np.full((64, 128, 3), 20 + 8 * number, np.uint8) for number in range(24)])
    with MovieWriter(path, raster=SCENE_RASTER, rate=Fraction(24), sound=False) as movie:
        for frame in conformed_frames(shown, SCENE_RASTER, 1):
            movie.write_frame(frame)
    return path


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def over(footage: Path, key: str, *, seed: int = 1, start: int = 6, **more: Any) -> RenderJob:
    """A job whose region, two frames into its window, lies over the footage from frame `start` on."""
    watched = LockedPicture(path=str(footage), start=Fraction(start, 24), before=2, after=5, content="c")
    job = render_job(key, picture=PictureMode.LOCK, seed=seed, **more)
    return replace(job, locked_on=watched)


def rendered(
    media: MediaFolder, settings: LtxSettings, jobs: Sequence[RenderJob], job: Job | None = None
) -> dict[str, Any]:
    return {one.job.key: one for one in LtxRenderer(media, settings).render(jobs, job or Job())}


def sound_of(outcome: Any, media: MediaFolder) -> Tensor:
    assert isinstance(outcome, Take), outcome
    with SoundReader(media.path(outcome.media)) as reader:
        return torch.from_numpy(reader.read(Span(0, outcome.length_samples)))


def settings_in(folder: Path, model: Path, lora: Path, **more: object) -> LtxSettings:
    return ltx_settings(write_settings(folder / "ltx.toml", model, lora, **more))


def test_the_frames_under_the_window_are_read_and_held_beyond_what_is_shown(footage: Path) -> None:
    found = locked_pictures(over(footage, "1"), Raster(width=128, height=64))
    assert found is not None
    brightness = found[:, 32, 64].mean(axis=1)
    np.testing.assert_allclose(brightness, [20 + 8 * frame for frame in (4, 5, 6, 7, 8, 9, 10, 10, 10)], atol=2.5)
    doubled = over(footage, "1", divisor=2, rate=Fraction(48))
    fewer = locked_pictures(doubled, Raster(width=128, height=64))
    assert fewer is not None
    steps = fewer[:, 32, 64].mean(axis=1)  # every second scene frame, at 48 a second: the file's own rate
    np.testing.assert_allclose(steps[:4], [20 + 8 * frame for frame in (5, 6, 7, 8)], atol=2.5)
    assert locked_pictures(render_job("1", picture=PictureMode.LOCK), SCENE_RASTER) is None


def test_takes_of_one_region_are_made_side_by_side_over_a_picture_that_is_encoded_once(
    footage: Path, media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    settings = settings_in(tmp_path, tiny_model, tiny_lora)
    jobs = [over(footage, str(seed), seed=seed) for seed in range(1, 11)]
    sizes = [(len(batch.jobs), batch.locked) for batch in batches_for(jobs, settings)]
    assert sizes == [(8, True), (2, True)]
    told: list[Progress] = []
    made = rendered(media, settings, jobs, Job(told.append))
    assert [one.done for one in told if one.stage == GIVEN_STAGE] == [0]
    assert len([one for one in told if one.stage == WATCHING_STAGE]) == BLOCKS + 1, "both batches share the states"
    assert len([one for one in told if one.stage == "sampling"]) == 2 * 9
    assert all(one.media.endswith(".wav") and not one.notes for one in made.values())
    for key in ("1", "10"):
        alone = rendered(media, settings, [job for job in jobs if job.key == key])[key]
        assert (sound_of(made[key], media) - sound_of(alone, media)).abs().max() < 1e-4


def test_the_modes_and_the_picture_make_other_sounds(
    footage: Path, media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    sounds = {}
    for mode in ("fast", "exact", "off"):
        settings = settings_in(tmp_path, tiny_model, tiny_lora, lock=mode)
        jobs = [over(footage, "1"), render_job("2", picture=PictureMode.LOCK), render_job("3")]
        made = rendered(media, settings, jobs)
        sounds[mode] = sound_of(made["1"], media)
        own = ("The sound was made with a picture of its own, which was left out: lips may not match.",)
        assert [made[key].notes for key in "123"] == [own if mode == "off" else (), own, ()]
        assert (
            sound_of(made["2"], media) - sound_of(rendered(media, settings, [jobs[1]])["2"], media)
        ).abs().max() < 1e-4
        if mode == "off":
            torch.testing.assert_close(sounds[mode], sound_of(made["2"], media), rtol=0, atol=1e-4)
    later = sound_of(rendered(media, replace(settings, lock="fast"), [over(footage, "1", start=14)])["1"], media)
    for one, other in itertools.combinations([*sounds.values(), later], 2):
        assert (one - other).abs().max() > 1e-5


def test_with_guidance_and_in_two_stages_it_is_made_too(
    footage: Path, media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    sampling = replace(DEV, steps=2)
    settings = replace(settings_in(tmp_path, tiny_model, tiny_lora), sampling=sampling)
    assert sound_of(rendered(media, settings, [over(footage, "1")])["1"], media).abs().max() > 0
    upsampler = save_upsampler_file(tmp_path / "upsampler.safetensors")
    for sound in ("first", "second"):
        both = replace(settings, upscaled=True, upsampler=str(upsampler), upscaled_sound=sound)
        assert sound_of(rendered(media, both, [over(footage, "1")])["1"], media).abs().max() > 0


def test_footage_that_cannot_be_read_fails_its_takes_alone(
    footage: Path, media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    jobs = [over(tmp_path / "gone.mov", "1"), over(footage, "2")]
    made = rendered(media, settings_in(tmp_path, tiny_model, tiny_lora), jobs)
    assert isinstance(made["1"], Failure)
    assert "is made for pictures that cannot be read" in made["1"].reason
    assert isinstance(made["2"], Take)


def test_what_is_held_of_the_picture_counts_into_the_memory_a_batch_needs(
    footage: Path, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    settings = settings_in(tmp_path, tiny_model, tiny_lora)
    loads = [load_of([over(footage, "1")], one) for one in (settings, replace(settings, lock="exact"))]
    assert [load.watched for load in loads] == [1, 0]
    assert load_of([over(footage, "1")], replace(settings, sampling=DEV)).watched == 3
    assert [watched_bytes(load) for load in loads] == [400_000 * loads[0].video_tokens, 0]
