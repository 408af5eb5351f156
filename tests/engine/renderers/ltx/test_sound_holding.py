"""Takes held to sound beside their region and to an anchor: which latents stay, what they hold, what comes out."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import LTX2Pipeline
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sottovoce_engine.errors import RenderError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.sound import SoundReader, WavWriter
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.batches import shape_for
from sottovoce_engine.renderers.ltx.decoding import DecodingModels, decoded_audio
from sottovoce_engine.renderers.ltx.given import locked_pictures, shot_pictures
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.renderers.ltx.sound_encoding import encoded_sound, samples_for
from sottovoce_engine.renderers.ltx.sound_holding import kept_sound, lead_samples, tokens_within
from sottovoce_engine.renderers.ltx.sound_reach import reach_of
from sottovoce_engine.scene import PictureMode, Raster
from sottovoce_engine.sound_context import AnchorSound, HeldSound, SoundContext
from sottovoce_engine.take import Failure, RenderJob, ShotFrames, Take
from sottovoce_engine.timing import Span

from .footage_under import locked_job, write_brightening
from .render_jobs import render_job, write_settings
from .tiny_upsampler import save_upsampler_file

SECOND = 48_000
REGION = Span(8, 17)  # of a window of 25 frames, 2,000 samples each
TOKENS = 26


def noise(seconds: float, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 0.05, (2, round(seconds * SECOND))).astype(np.float32)


def written(path: Path, sound: NDArray[np.float32]) -> Path:
    with WavWriter(path) as wav:
        wav.write(sound)
    return path


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """Four seconds of production sound; the region's first frame is heard at its second second."""
    return written(tmp_path / "production.wav", noise(4, 1))


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    return written(tmp_path / "voice.wav", noise(3, 2))


def beside(path: Path, *frames: int) -> tuple[HeldSound, ...]:
    return (HeldSound(path=str(path), start=Fraction(2), held=Span(*frames), gain_db=0.0, content="p"),)


def anchor_of(path: Path, *, start: int = SECOND, length: int = SECOND) -> AnchorSound:
    return AnchorSound(start=start, length=length, content="v", path=str(path))


def job_with(context: SoundContext | None, key: str = "1", *, seed: int = 1) -> RenderJob:
    job = render_job(key, picture=PictureMode.LOCK, model_frames=25, seed=seed)
    return replace(job, region=replace(job.region, span=REGION), context=context)


def both(path: Path) -> SoundContext:
    return SoundContext(before=beside(path, -8, 0), after=beside(path, 9, 17))


@given(start=st.integers(-10_000, 400_000), length=st.integers(0, 200_000))
def test_a_latent_is_held_where_all_of_its_time_is(start: int, length: int) -> None:
    span, total = Span(start, start + length), 100
    held = set(tokens_within(span, total))
    for token in range(total):
        first, end = max(0, 4 * token - 3) * 480, (4 * token + 1) * 480
        assert (token in held) == (span.start <= first and end <= span.end)


def test_latents_lie_where_the_transformer_has_them(stock: LTX2Pipeline) -> None:
    places = stock.transformer.audio_rope.prepare_audio_coords(1, 30, torch.device("cpu"))[0, 0] * SECOND
    held = tokens_within(Span(12_000, 40_000), 30)
    assert places[held.start, 0] >= 12_000 > places[held.start - 1, 0]
    assert places[held.stop - 1, 1] <= 40_000 < places[held.stop, 1]


def test_what_lies_beside_the_region_is_held_and_the_region_is_not(
    production: Path, media: MediaFolder, stock: LTX2Pipeline
) -> None:
    kept = kept_sound(job_with(both(production)), TOKENS, media, stock.audio_vae)
    assert kept is not None
    held = kept.share.nonzero().flatten().tolist()
    assert held == [*range(9), *range(10 + 9, TOKENS)]
    assert 4 * 8 + 1 <= 16_000 / 480 < 4 * 9 + 1  # the ninth latent would reach into the region
    with SoundReader(production) as reader:
        window = reader.read(Span(2 * SECOND - 16_000, 2 * SECOND + 34_000))
    whole = encoded_sound(window, TOKENS, stock.audio_vae)
    torch.testing.assert_close(kept.clean[:, held], whole[:, held], rtol=0, atol=1e-5)
    assert not kept.clean[:, kept.share == 0].any()


def test_gain_and_several_microphones_are_heard_as_on_the_timeline(
    production: Path, voice: Path, media: MediaFolder, stock: LTX2Pipeline
) -> None:
    louder = replace(beside(production, -8, 0)[0], gain_db=6.0)
    second = replace(louder, path=str(voice), start=Fraction(1), gain_db=0.0)
    context = SoundContext(before=(louder, second))
    kept = kept_sound(job_with(context), TOKENS, media, stock.audio_vae)
    assert kept is not None
    with SoundReader(production) as one, SoundReader(voice) as other:
        window = one.read(Span(80_000, 130_000)) * 10 ** (6 / 20) + other.read(Span(32_000, 82_000))
    expected = encoded_sound(window.astype(np.float32), TOKENS, stock.audio_vae)
    torch.testing.assert_close(kept.clean[:, :9], expected[:, :9], rtol=0, atol=1e-4)
    assert int(kept.share.sum()) == 9


@pytest.mark.parametrize("of_take", [False, True])
def test_an_anchor_is_given_before_the_window(
    of_take: bool, voice: Path, production: Path, media: MediaFolder, stock: LTX2Pipeline
) -> None:
    with media.staged("wav") as staged:
        written(staged, noise(3, 2))
        name = media.adopt(staged)
    anchor = AnchorSound(start=SECOND, length=2 * SECOND, content=name) if of_take else anchor_of(voice, length=96_000)
    job = job_with(replace(both(production), anchor=anchor, lead_frames=24))
    shape = shape_for(job, LtxSettings())
    assert (shape.audio, lead_samples(job)) == (round(49 / 24 * 25), SECOND)
    kept = kept_sound(job, shape.audio, media, stock.audio_vae)
    assert kept is not None
    assert kept.share[:25].all()
    assert kept.share.nonzero().flatten().tolist()[25:33] == list(range(26, 34))
    length = samples_for(25)
    with SoundReader(voice) as reader:
        expected = encoded_sound(reader.read(Span(3 * SECOND - length, 3 * SECOND)), 25, stock.audio_vae)
    torch.testing.assert_close(kept.clean[:, :24], expected[:, :24], rtol=0, atol=1e-5)


def test_sound_that_is_gone_or_silent_is_told_of(
    production: Path, tmp_path: Path, media: MediaFolder, stock: LTX2Pipeline
) -> None:
    silent = written(tmp_path / "silent.wav", np.zeros((2, 3 * SECOND), np.float32))
    for context, told in (
        (both(tmp_path / "gone.wav"), "held to sound that cannot be read"),
        (SoundContext(anchor=anchor_of(tmp_path / "gone.wav"), lead_frames=24), "held to sound that cannot be read"),
        (SoundContext(anchor=anchor_of(silent), lead_frames=24), "an anchor that is silent"),
        (
            SoundContext(anchor=AnchorSound(start=0, length=SECOND, content="f" * 64 + ".wav"), lead_frames=24),
            "is gone. Pick",
        ),
    ):
        with pytest.raises(RenderError, match=told):
            kept_sound(job_with(context), 60, media, stock.audio_vae)
    assert kept_sound(job_with(None), TOKENS, media, stock.audio_vae) is None
    short = job_with(SoundContext(before=beside(production, -1, 0)))
    assert kept_sound(short, TOKENS, media, stock.audio_vae) is None, "less than a latent"


def test_the_reach_is_how_far_a_change_is_heard_before_it(stock: LTX2Pipeline) -> None:
    models = DecodingModels(vae=stock.vae, audio_vae=stock.audio_vae, vocoder=stock.vocoder)
    reach = reach_of(models)
    assert SECOND // 1000 < reach < SECOND // 5
    sounds = []
    for seed in (5, 6):  # at another latent, of other sounds
        audio = torch.randn((1, 20, 128), generator=torch.Generator().manual_seed(3))
        audio[:, 15:] = torch.randn((1, 5, 128), generator=torch.Generator().manual_seed(seed))
        sounds.append(decoded_audio(Latents(video=audio[:, :0], audio=audio), models))
    change = np.abs(sounds[0] - sounds[1]).max(axis=0)
    parting = samples_for(15)
    assert change[: parting - 2 * reach].max() < 2e-3 * change.max()
    assert change[parting:].max() == change.max()


def settings_in(folder: Path, model: Path, lora: Path, **more: object) -> LtxSettings:
    return ltx_settings(write_settings(folder / "ltx.toml", model, lora, **more))


def rendered(media: MediaFolder, settings: LtxSettings, jobs: Sequence[RenderJob]) -> dict[str, Any]:
    return {one.job.key: one for one in LtxRenderer(media, settings).render(jobs, Job())}


def sound_of(outcome: Any, media: MediaFolder) -> NDArray[np.float32]:
    assert isinstance(outcome, Take), outcome
    with SoundReader(media.path(outcome.media)) as reader:
        assert reader.length_samples == outcome.length_samples == 50_000
        return reader.read(Span(0, outcome.length_samples))


def test_takes_are_held_side_by_side_with_others_that_are_not(
    production: Path, voice: Path, media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    settings = settings_in(tmp_path, tiny_model, tiny_lora, takes_at_once=4)
    anchored = replace(both(production), anchor=anchor_of(voice), lead_frames=24)
    contexts = {"1": None, "2": both(production), "3": both(production), "4": anchored}
    jobs = [job_with(context, key, seed=1 + (key == "3")) for key, context in contexts.items()]
    gone = job_with(both(tmp_path / "gone.wav"), "5")
    made = rendered(media, settings, [*jobs, gone])
    assert isinstance(made["5"], Failure)
    assert "cannot be read" in made["5"].reason
    sounds = {key: sound_of(made[key], media) for key in contexts}
    own = jobs[1].own_samples
    assert own == Span(16_000, 34_000)
    assert [made[key].reach_samples > 0 for key in contexts] == [False, True, True, True]
    early = slice(0, own.start - 2 * made["2"].reach_samples)
    assert np.abs(sounds["2"][:, early] - sounds["3"][:, early]).max() < 2e-3 * np.abs(sounds["2"]).max()
    assert np.abs(sounds["2"] - sounds["3"])[:, own.start : own.end].max() > 1e-2 * np.abs(sounds["2"]).max()
    for one, other in (("1", "2"), ("2", "4")):
        assert np.abs(sounds[one] - sounds[other])[:, own.start : own.end].max() > 1e-4
    for word in made["2"].words:
        assert own.contains(word.span)
    alone = sound_of(rendered(media, settings, [jobs[2]])["3"], media)
    assert np.abs(alone - sounds["3"]).max() < 1e-3


def test_under_an_anchor_the_picture_stands_still(voice: Path, media: MediaFolder, tmp_path: Path) -> None:
    context = SoundContext(anchor=anchor_of(voice), lead_frames=8)
    raster = Raster(width=128, height=64)
    watched = replace(locked_job(write_brightening(tmp_path / "street.mov"), "1"), context=context)
    with media.staged("mov") as staged:
        name = media.adopt(write_brightening(staged))
    over = ShotFrames(shot="s", first=8, media=name)
    of_shot = replace(render_job("2", picture=PictureMode.LOCK), on_shot=over, context=context)
    locked, shot = locked_pictures(watched, raster), shot_pictures(of_shot, media, raster, {})
    for found, first in ((locked, 4), (shot, 8)):
        assert found is not None
        brightness = found[:, 32, 64].mean(axis=1)
        np.testing.assert_allclose(brightness[:9], brightness[0], atol=0.5)
        np.testing.assert_allclose(brightness[8:13], [20 + 8 * (first + step) for step in range(5)], atol=2.5)


def test_a_take_with_a_picture_of_its_own_leaves_the_anchors_frames_out(
    voice: Path, media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    """The same sound held in a window of which the take keeps all: what an anchor's take shows is the end of that."""
    settings = settings_in(tmp_path, tiny_model, tiny_lora)
    anchored = replace(render_job("1"), context=SoundContext(anchor=anchor_of(voice, start=2 * SECOND), lead_frames=24))
    first = 3 * SECOND - samples_for(25)  # of the last second, what its latents have room for
    heard = Fraction(first + 26 * 2_000, SECOND)  # at the region's first frame, 26 after the window's
    whole = HeldSound(path=str(voice), start=heard, held=Span(-26, -2), gain_db=0.0, content="v")
    longer = replace(render_job("2"), window=anchored.model_window, context=SoundContext(before=(whole,)))
    made = rendered(media, settings, [anchored, longer])
    short, long = (frames_of(made[key], media) for key in ("1", "2"))
    assert (len(short), len(long)) == (9, 33)
    apart = [np.abs(short.astype(float) - long[start : start + 9]).mean() for start in (0, 23, 24)]
    assert apart[2] < 0.5 < 2 < min(apart[:2]), apart
    assert made["1"].length_samples == 18_000


def frames_of(outcome: Any, media: MediaFolder) -> NDArray[np.uint8]:
    assert isinstance(outcome, Take), outcome
    with PictureReader(media.path(outcome.media), outcome.job.raster) as reader:
        shown = [
            reader.frame(frame / outcome.job.rate).to_ndarray(format="gray") for frame in range(outcome.length_frames)
        ]
    return np.stack(shown)


@pytest.mark.parametrize("sound", ["first", "second"])
def test_they_are_held_in_two_stages_too(
    sound: str, production: Path, media: MediaFolder, tmp_path: Path, tiny_model: Path, tiny_lora: Path
) -> None:
    upsampler = save_upsampler_file(tmp_path / "upsampler.safetensors")
    settings = settings_in(
        tmp_path, tiny_model, tiny_lora, upscaled=True, upsampler=str(upsampler), upscaled_sound=sound
    )
    jobs = [job_with(both(production), key, seed=int(key)) for key in ("1", "2")]
    made = rendered(media, settings, jobs)
    one, other = (sound_of(made[key], media) for key in ("1", "2"))
    early = slice(0, 16_000 - 2 * made["1"].reach_samples)
    assert np.abs(one[:, early] - other[:, early]).max() < 2e-3 * np.abs(one).max()
    assert np.abs(one - other).max() > 1e-2 * np.abs(one).max()
