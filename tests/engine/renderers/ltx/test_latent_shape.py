import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.latent_shape import UPSCALED_SIDE, latent_shape, model_raster
from sottovoce_engine.scene import Raster


def test_the_sizes_that_were_measured_on_the_real_model() -> None:
    shape = latent_shape(97, Raster(width=768, height=512), Fraction(24))
    assert (shape.video_tokens, shape.audio) == (4_992, 101)
    assert shape.sound_samples == 192_480
    assert latent_shape(97, Raster(width=192, height=192), Fraction(24)).video_tokens == 468


@pytest.mark.parametrize(("frames", "nearest"), [(96, 97), (100, 97), (102, 105), (1, 9), (8, 9)])
def test_frames_off_the_grid_are_refused_with_the_nearest(frames: int, nearest: int) -> None:
    with pytest.raises(InputError, match=rf"8k\+1 frames, not {frames}. The nearest is {nearest}"):
        latent_shape(frames, Raster(width=64, height=64), Fraction(24))


def test_sides_off_the_grid_are_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"multiples of 32, not 770x500. The nearest is 768x512"):
        latent_shape(97, Raster(width=770, height=500), Fraction(24))


@pytest.mark.parametrize(
    ("width", "height", "nearest"), [(800, 480, "768x512"), (768, 480, "768x512"), (32, 64, "64x64")]
)
def test_in_two_stages_sides_are_multiples_of_64(width: int, height: int, nearest: str) -> None:
    raster = Raster(width=width, height=height)
    latent_shape(97, raster, Fraction(24))
    with pytest.raises(
        InputError, match=rf"in two stages with sides in multiples of 64, not {raster}. The nearest is {nearest}"
    ):
        latent_shape(97, raster, Fraction(24), side=UPSCALED_SIDE)


@pytest.mark.parametrize(
    ("scene", "pixels"),
    [
        (scene, pixels)
        for scene, pixels in itertools.product(
            (Raster(width=1920, height=1080), Raster(width=1080, height=1920), Raster(width=640, height=480)),
            (768 * 512, 1280 * 704, 64 * 64),
        )
    ],
)
def test_a_scenes_raster_becomes_one_of_its_shape(scene: Raster, pixels: int) -> None:
    found = model_raster(scene, pixels)
    assert (found.width % 32, found.height % 32) == (0, 0)
    assert 0.7 <= found.width * found.height / pixels <= 1.3
    if pixels > 10_000:
        shape = found.width / found.height / (scene.width / scene.height)
        assert 0.95 < shape < 1.05


@given(
    width=st.integers(8, 8_192),
    height=st.integers(8, 8_192),
    pixels=st.integers(4_096, 2_000_000),
)
def test_every_scene_has_a_raster(width: int, height: int, pixels: int) -> None:
    found = model_raster(Raster(width=2 * width, height=2 * height), pixels)
    latent_shape(9, found, Fraction(24))


def test_a_scenes_raster_in_two_stages_can_be_halved() -> None:
    for scene in (Raster(width=1920, height=1080), Raster(width=1080, height=1920), Raster(width=640, height=480)):
        found = model_raster(scene, 1536 * 1024, side=UPSCALED_SIDE)
        latent_shape(9, found, Fraction(24), side=UPSCALED_SIDE)
        assert 0.95 < found.width / found.height / (scene.width / scene.height) < 1.05
