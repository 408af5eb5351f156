"""A shot rendered once, and sounds made over its latents."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.renderers.ltx.batches import shape_for
from sottovoce_engine.renderers.ltx.conforming import model_picture
from sottovoce_engine.renderers.ltx.decoding import decoded_video
from sottovoce_engine.renderers.ltx.given_stage import STAGE as GIVEN_STAGE
from sottovoce_engine.renderers.ltx.latents import KeptVideo, Latents
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.renderers.ltx.shot_latents import shot_video
from sottovoce_engine.renderers.ltx.tensor_file import tensor_file
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.shots import SHOT
from sottovoce_engine.take import Failure, Outcome, RenderJob, ShotFrames, Take, Window
from sottovoce_engine.timing import Span

from .holding import held_models
from .render_jobs import SCENE_RASTER, render_job, write_settings
from .tiny_upsampler import save_upsampler_file

FRAMES = 33  # of the shot: latents of frames 0, 1-8, 9-16, 17-24, 25-32


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_lora: Path) -> LtxSettings:
    return ltx_settings(write_settings(tmp_path_factory.mktemp("shots") / "ltx.toml", tiny_model, tiny_lora))


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def shot_job(seed: int = 1) -> RenderJob:
    return replace(render_job(f"shot{seed}", "loud", model_frames=FRAMES, seed=seed), register=SHOT, is_shot=True)


def sound_job(key: str, first: int, register: str = "whisper", *, shot: str = "shot1", seed: int = 1) -> RenderJob:
    """A job whose window is 17 frames of the shot's, from frame `first` on."""
    job = render_job(key, register, picture=PictureMode.LOCK, model_frames=17, seed=seed)
    region = replace(job.region, span=job.region.span.shifted(first))
    window = Window(start=first, model_frames=17)
    return replace(job, region=region, window=window, on_shot=ShotFrames(shot=shot, first=first))


def after(job: RenderJob, shot: Take) -> RenderJob:
    """The same, planned once the shot is in the store."""
    assert job.on_shot is not None
    return replace(job, on_shot=replace(job.on_shot, media=shot.media, latents=shot.latents))


def rendered(
    settings: LtxSettings, media: MediaFolder, jobs: Sequence[RenderJob], job: Job | None = None
) -> dict[str, Outcome]:
    return {outcome.job.key: outcome for outcome in LtxRenderer(media, settings).render(jobs, job or Job())}


def take_of(outcome: Outcome) -> Take:
    assert isinstance(outcome, Take), outcome
    return outcome


def sound_of(outcome: Outcome, media: MediaFolder) -> torch.Tensor:
    take = take_of(outcome)
    with SoundReader(media.path(take.media)) as reader:
        return torch.from_numpy(reader.read(Span(0, take.length_samples)))


def latents_of(shot: Take, media: MediaFolder) -> np.ndarray:
    return tensor_file(media.path(shot.latents)).values("video")


def test_a_shot_is_rendered_before_the_sounds_over_it_and_kept_with_its_latents(
    settings: LtxSettings, media: MediaFolder
) -> None:
    told: list[Progress] = []
    jobs = [sound_job("1", 0), sound_job("2", 16, "loud"), shot_job(), sound_job("3", 0, seed=2)]
    outcomes = rendered(settings, media, jobs, Job(told.append))
    shot = take_of(outcomes["shot1"])
    assert latents_of(shot, media).shape == (5, 2, 4, 128)
    assert tensor_file(media.path(shot.latents)).entries["video"].dtype == "F16"
    assert shot.has_picture
    for key in "123":
        take = take_of(outcomes[key])
        assert not take.has_picture
        assert take.latents == ""
        assert take.notes == ()
    assert [step.about for step in told if step.stage == GIVEN_STAGE] == [], "no picture is read whole"


def test_a_retake_after_the_shot_is_the_one_made_with_it_and_leaves_its_files_alone(
    settings: LtxSettings, media: MediaFolder
) -> None:
    jobs = [shot_job(), sound_job("1", 0), sound_job("2", 16)]
    first = rendered(settings, media, jobs)
    shot = take_of(first["shot1"])
    before = {name: media.path(name).read_bytes() for name in shot.files}
    again = rendered(settings, media, [after(job, shot) for job in jobs[1:]])
    for key in "12":
        torch.testing.assert_close(sound_of(again[key], media), sound_of(first[key], media), rtol=0, atol=1e-4)
    assert {name: media.path(name).read_bytes() for name in shot.files} == before


def test_sounds_watch_the_shots_own_latents_from_their_windows_second_one_on(
    settings: LtxSettings, media: MediaFolder
) -> None:
    shot = take_of(rendered(settings, media, [shot_job()])["shot1"])
    whole = torch.from_numpy(latents_of(shot, media))
    for first, beginning in ((0, 0.0), (16, 7.0)):
        job = after(sound_job("1", first), shot)
        shape = shape_for(job, settings)
        frame = KeptVideo(share=torch.ones(1), clean=torch.full((1, shape.video_tokens, 128), 7.0))
        kept = shot_video(job, shape, media, {}, itertools.repeat(frame).__next__)
        assert kept is not None
        assert kept.whole
        found = kept.clean.view(3, 2, 4, 128)
        assert torch.equal(found[1:], whole[first // 8 + 1 : first // 8 + 3])
        expected = whole[0] if beginning == 0.0 else torch.full_like(found[0], beginning)
        assert torch.equal(found[0], expected)


def test_the_sound_depends_on_the_shot_and_on_the_part_of_it(settings: LtxSettings, media: MediaFolder) -> None:
    jobs = [shot_job(), shot_job(2), sound_job("1", 0), sound_job("2", 16), sound_job("3", 0, shot="shot2")]
    made = rendered(settings, media, jobs)
    one, part, other = (sound_of(made[key], media) for key in "123")
    assert (one - part).abs().max() > 1e-5
    assert (one - other).abs().max() > 1e-5


def test_without_latents_that_fit_the_shots_movie_is_encoded(settings: LtxSettings, media: MediaFolder) -> None:
    shot = take_of(rendered(settings, media, [shot_job()])["shot1"])
    job = after(sound_job("1", 16), shot)
    media.path(shot.latents).write_bytes(b"no latents at all")
    told: list[Progress] = []
    spoilt = sound_of(rendered(settings, media, [job], Job(told.append))["1"], media)
    assert [step.about for step in told if step.stage == GIVEN_STAGE] == ["1"]
    media.path(shot.latents).unlink()
    gone = sound_of(rendered(settings, media, [job])["1"], media)
    torch.testing.assert_close(gone, spoilt, rtol=0, atol=1e-4)
    assert spoilt.abs().max() > 0


def test_at_another_raster_and_in_two_stages_sounds_are_made_too(
    settings: LtxSettings, media: MediaFolder, tmp_path: Path
) -> None:
    shot = take_of(rendered(settings, media, [shot_job()])["shot1"])
    larger = replace(settings, raster="192x128")
    assert sound_of(rendered(larger, media, [after(sound_job("1", 16), shot)])["1"], media).abs().max() > 0
    upscaled = replace(settings, upscaled=True, upsampler=str(save_upsampler_file(tmp_path / "up.safetensors")))
    made = rendered(upscaled, media, [shot_job(), sound_job("1", 16), sound_job("2", 0, "loud")])
    assert sound_of(made["1"], media).abs().max() > 0
    assert sound_of(made["2"], media).abs().max() > 0
    assert latents_of(take_of(made["shot1"]), media).shape == (5, 2, 4, 128)


def test_it_can_be_watched_exactly_or_not_at_all(settings: LtxSettings, media: MediaFolder) -> None:
    shot = take_of(rendered(settings, media, [shot_job()])["shot1"])
    job = after(sound_job("1", 16), shot)
    made = {
        mode: take_of(rendered(replace(settings, lock=mode), media, [job])["1"]) for mode in ("fast", "exact", "off")
    }
    assert len({take.media for take in made.values()}) == 3
    assert "with a picture of its own" in made["off"].notes[0]


def test_a_shot_that_cannot_be_made_fails_its_sounds_with_the_reason(settings: LtxSettings, media: MediaFolder) -> None:
    made = rendered(settings, media, [sound_job("1", 0), render_job("2", "loud")])
    assert isinstance(made["1"], Failure)
    assert "lies over a shot that could not be made, or whose media are gone" in made["1"].reason
    assert isinstance(made["2"], Take)


def test_the_movie_shows_what_the_latents_are(settings: LtxSettings, media: MediaFolder, tiny_model: Path) -> None:
    """So that what is watched is what is seen."""
    shot = take_of(rendered(settings, media, [shot_job()])["shot1"])
    tokens = torch.from_numpy(latents_of(shot, media)).reshape(1, -1, 128)
    latents = Latents(video=tokens, audio=tokens)
    pictures = decoded_video(latents, shape_for(shot.job, settings), held_models(tiny_model, settings).decoding(Job()))
    raster = settings.raster_for(SCENE_RASTER)
    with PictureReader(media.path(shot.media), SCENE_RASTER) as reader:
        for index in (0, 16, 32):
            shown = model_picture(reader.frame(index / shot.job.rate), raster).astype(float)
            apart = np.abs(pictures - shown).mean(axis=(1, 2, 3))
            assert int(apart.argmin()) == index
