"""Pictures that are given: where they come from, where they lie, and what the model's encoder makes of them."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import LTX2ConditionPipeline, LTX2Pipeline
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from numpy.typing import NDArray
from PIL import Image

from sottovoce_engine.errors import RenderError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.renderers.finish import finished_take
from sottovoce_engine.renderers.ltx.conforming import conformed_frames, model_picture
from sottovoce_engine.renderers.ltx.decoding import DecodingModels, decoded_video
from sottovoce_engine.renderers.ltx.given import given_pictures, kept_video
from sottovoce_engine.renderers.ltx.latent_shape import latent_shape
from sottovoce_engine.renderers.ltx.latents import noise_for
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling_settings import FAST
from sottovoce_engine.scene import PictureMode, Raster
from sottovoce_engine.take import FootageFrames, RenderJob, Take, TakeFrames

from .render_jobs import SCENE_RASTER, render_job
from .stock_sampling import SHAPE as SAMPLED_SHAPE
from .stock_sampling import relative_error
from .test_kept_video import sampled_by

MODEL = Raster(width=128, height=64)
SHAPE = latent_shape(33, MODEL, Fraction(24))
STEP = 4  # of luma from frame to frame


def pictures(count: int, first: int = 20) -> NDArray[np.uint8]:
    """Soft stripes that differ from column to column, row to row and frame to frame."""
    columns, rows = np.arange(MODEL.width), np.arange(MODEL.height)
    base = 60 + 25 * np.sin(columns[None] / 9) + 25 * np.cos(rows[:, None] / 7)
    return np.stack(
        [np.repeat((base + first + STEP * number)[..., None], 3, axis=2) for number in range(count)]
    ).astype(np.uint8)


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def take_made(media: MediaFolder, *, divisor: int = 1, shown: NDArray[np.uint8] | None = None) -> Take:
    """A take of 25 model frames."""
    job = render_job("before", model_frames=25, divisor=divisor, rate=Fraction(24 * divisor))
    shown = pictures(25) if shown is None else shown
    return finished_take(
        job,
        media,
        sound=np.zeros((2, job.length_samples), np.float32),
        frames=conformed_frames(shown, SCENE_RASTER, divisor),
        words=(),
        words_estimated=False,
        fingerprints=(),
        notes=(),
    )


def continuing(take: Take, first: int, frames: int, *, known: bool = True) -> RenderJob:
    job = render_job("after", divisor=take.job.window.divisor, rate=take.job.rate, picture=PictureMode.CONTINUE)
    return replace(
        job,
        continues=take.key,
        from_take=TakeFrames(first=first, frames=frames, media=take.media if known else ""),
    )


@pytest.mark.parametrize("divisor", [1, 2])
@pytest.mark.parametrize(("first", "frames"), [(0, 9), (5, 17), (16, 9)])
def test_a_takes_own_frames_come_back_where_they_were(
    media: MediaFolder, divisor: int, first: int, frames: int
) -> None:
    take = take_made(media, divisor=divisor)
    found = given_pictures(continuing(take, first * divisor, frames), media, MODEL, {})
    assert found is not None
    wanted = pictures(25)[first : first + frames].astype(int)
    assert found.shape == wanted.shape
    seen = slice(10, -10)  # the scene never shows the columns at the sides
    assert np.abs(found.astype(int) - wanted)[:, :, seen].mean() < 1.5, "the next frame lies 4 away"
    assert np.abs(found.astype(int) - wanted).max() < 60, "what it never shows is made up, not black"


def test_a_take_of_this_batch_is_found_by_its_key(media: MediaFolder) -> None:
    take = take_made(media)
    job = continuing(take, 5, 9, known=False)
    found = given_pictures(job, media, MODEL, {take.key: take})
    np.testing.assert_array_equal(found, given_pictures(continuing(take, 5, 9), media, MODEL, {}))


def test_a_take_before_that_failed_or_is_gone_is_told(media: MediaFolder) -> None:
    take = take_made(media)
    with pytest.raises(
        RenderError, match=r"'close your eyes and listen' \(ANNA\) continues from the take before it, which"
    ):
        given_pictures(continuing(take, 5, 9, known=False), media, MODEL, {})
    media.path(take.media).unlink()
    with pytest.raises(RenderError, match=rf"the take before, whose media {take.media} is gone"):
        given_pictures(continuing(take, 5, 9), media, MODEL, {})
    media.path(take.media).write_bytes(b"no movie")
    with pytest.raises(RenderError, match="starts from pictures that cannot be read"):
        given_pictures(continuing(take, 5, 9), media, MODEL, {})
    nowhere = replace(continuing(take, 5, 9), from_take=None)
    with pytest.raises(RenderError, match="not said from which frames"):
        given_pictures(nowhere, media, MODEL, {take.key: take})


def test_a_take_that_starts_anew_is_given_nothing(media: MediaFolder) -> None:
    assert given_pictures(render_job("1"), media, MODEL, {}) is None


def test_footage_is_given_as_the_splice_shows_it(media: MediaFolder, tmp_path: Path) -> None:
    path = tmp_path / "street.mov"
    with MovieWriter(path, raster=SCENE_RASTER, rate=Fraction(24), sound=False) as movie:
        for frame in conformed_frames(pictures(25), SCENE_RASTER, 1):
            movie.write_frame(frame)
    job = render_job("1", picture=PictureMode.START, divisor=2, rate=Fraction(48))
    given = FootageFrames(path=str(path), start=Fraction(4, 24), frames=9, content="c")
    found = given_pictures(replace(job, from_footage=given), media, MODEL, {})
    assert found is not None
    assert np.abs(found.astype(int) - pictures(25)[4:13])[:, :, 10:-10].mean() < 1.5
    gone = replace(given, path=str(tmp_path / "gone.mov"))
    with pytest.raises(RenderError, match=r"cannot be read.*gone\.mov does not exist"):
        given_pictures(replace(job, from_footage=gone), media, MODEL, {})


def test_a_still_is_given_as_one_frame(media: MediaFolder, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), (200, 40, 90)).save(tmp_path / "still.png")
    given = FootageFrames(path=str(tmp_path / "still.png"), start=Fraction(0), frames=1, content="c")
    found = given_pictures(replace(render_job("1"), from_footage=given), media, MODEL, {})
    assert found is not None
    assert found.shape == (1, 64, 128, 3)
    np.testing.assert_allclose(found[0, 32, 64], (200, 40, 90), atol=3)
    assert found[0, 32, 15].max() < 20, "a square still lies between black, as the splice shows it"


@pytest.mark.parametrize("scene", [Raster(width=320, height=180), Raster(width=240, height=240), MODEL])
def test_the_scenes_picture_lies_where_the_models_is_cropped(scene: Raster) -> None:
    shown = next(conformed_frames(pictures(1), scene, 1))
    again = next(conformed_frames(model_picture(shown, MODEL)[None], scene, 1))
    difference = np.abs(again.to_ndarray().astype(int) - shown.to_ndarray().astype(int))
    assert difference.max() <= 6
    assert difference.mean() < 1.0


@pytest.mark.parametrize("count", [1, 9, 17])
def test_kept_latents_equal_the_stock_condition_pipelines(stock: LTX2Pipeline, count: int) -> None:
    parts = {name: part for name, part in stock.components.items() if part is not None and name != "prompt_enhancer"}
    reference = LTX2ConditionPipeline(**parts)
    shown = pictures(count)
    condition = LTX2VideoCondition(frames=[Image.fromarray(each) for each in shown], index=0, strength=1.0)
    with torch.no_grad():
        _, mask, clean, _ = reference.prepare_latents(
            conditions=[condition], height=64, width=128, num_frames=33, dtype=torch.float32, device=torch.device("cpu")
        )
    kept = kept_video(shown, SHAPE, stock.vae)
    assert relative_error(kept.clean, clean) <= 1e-5
    torch.testing.assert_close(kept.share, mask[0, :, 0], rtol=0, atol=0)
    assert int(kept.share.sum()) == ((count - 1) // 8 + 1) * SHAPE.rows * SHAPE.columns
    assert kept.clean.device == stock.vae.device


def test_pictures_that_cannot_start_a_window_are_a_defect(stock: LTX2Pipeline) -> None:
    for count in (8, 41):
        with pytest.raises(ValueError, match=f"{count} pictures cannot start a window of 5 latent frames"):
            kept_video(pictures(count), SHAPE, stock.vae)


def test_from_one_take_to_the_next_the_given_latents_stay(stock: LTX2Pipeline, media: MediaFolder) -> None:
    """The whole way: a sampled take's picture on disk, its last frames read, encoded, and the next take sampled."""
    models = DecodingModels(vae=stock.vae, audio_vae=stock.audio_vae, vocoder=stock.vocoder)
    raster = Raster(width=SAMPLED_SHAPE.columns * 32, height=SAMPLED_SHAPE.rows * 32)
    first = sampled_by(RowDenoiser, stock, FAST, noise_for(1, SAMPLED_SHAPE), None)
    shown = decoded_video(first, SAMPLED_SHAPE, models)
    take = take_made(media, shown=shown)
    found = given_pictures(continuing(take, len(shown) - 9, 9), media, raster, {})
    assert found is not None
    kept = kept_video(found, SAMPLED_SHAPE, stock.vae)
    second = sampled_by(RowDenoiser, stock, FAST, noise_for(2, SAMPLED_SHAPE), kept)
    tokens = 2 * SAMPLED_SHAPE.rows * SAMPLED_SHAPE.columns
    torch.testing.assert_close(second.video[:, :tokens], kept.clean[:, :tokens], rtol=0, atol=1e-5)
    alone = sampled_by(RowDenoiser, stock, FAST, noise_for(2, SAMPLED_SHAPE), None)
    assert (second.video[:, tokens:] - alone.video[:, tokens:]).abs().max() > 0.1, "what follows heeds what is given"
    assert torch.isfinite(second.video).all()
