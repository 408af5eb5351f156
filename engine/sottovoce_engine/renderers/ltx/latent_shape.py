"""The sizes of a window's latents.

frames      |0|1 2 3 4 5 6 7 8|9 ...     one video latent for the first frame, then one for every 8
rows        height / 32
columns     width / 32
audio       25 a second, 40 ms each
"""

from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Raster

FRAMES_PER_LATENT = 8
PIXELS_PER_LATENT = 32
UPSCALED_SIDE = 2 * PIXELS_PER_LATENT  # sampled in two stages, half of a side is a multiple of 32, too
AUDIO_LATENTS_PER_SECOND = 25
MEL_FRAMES_PER_LATENT = 4
SAMPLES_PER_MEL_FRAME = 480  # 10 ms at 48 kHz
CHANNELS = 128  # of a video token, and of an audio token: 8 channels of 16 bins
AUDIO_BINS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentShape:
    """How many latents a window has. Windows of one shape can be sampled together."""

    frames: int
    rows: int
    columns: int
    audio: int
    rate: Fraction  # model frames a second: what the model is told

    @property
    def video_tokens(self) -> int:
        return self.frames * self.rows * self.columns

    @property
    def sound_samples(self) -> int:
        """What the vocoder returns, 48 kHz: short of the picture by some 30 ms."""
        return (MEL_FRAMES_PER_LATENT * self.audio - 3) * SAMPLES_PER_MEL_FRAME


def latent_shape(model_frames: int, raster: Raster, rate: Fraction, *, side: int = PIXELS_PER_LATENT) -> LatentShape:
    """The latents of a window of 8k+1 frames on a raster whose sides are multiples of `side`, 32 or 64.

    Raises:
        InputError: The frames or the sides are none of those; the message names the nearest.
    """
    if model_frames < 9 or model_frames % FRAMES_PER_LATENT != 1:
        nearest = max(9, round((model_frames - 1) / FRAMES_PER_LATENT) * FRAMES_PER_LATENT + 1)
        raise InputError(f"The model renders 8k+1 frames, not {model_frames}. The nearest is {nearest}.")
    if raster.width % side or raster.height % side:
        stages = " in two stages" if side == UPSCALED_SIDE else ""
        raise InputError(
            f"The model renders pictures{stages} with sides in multiples of {side}, not {raster}. The nearest is "
            f"{_nearest_side(raster.width, side)}x{_nearest_side(raster.height, side)}."
        )
    return LatentShape(
        frames=(model_frames - 1) // FRAMES_PER_LATENT + 1,
        rows=raster.height // PIXELS_PER_LATENT,
        columns=raster.width // PIXELS_PER_LATENT,
        audio=round(model_frames / rate * AUDIO_LATENTS_PER_SECOND),
        rate=rate,
    )


def model_raster(scene: Raster, pixels: int, *, side: int = PIXELS_PER_LATENT) -> Raster:
    """The model's raster for a scene: of about its shape, of about so many pixels, sides in multiples of `side`.

    Among the sizes within a quarter of `pixels` the one nearest in shape, then nearest in size.
    """
    wanted = scene.width / scene.height

    def unlikeness(raster: Raster) -> tuple[float, float]:
        shape = raster.width / raster.height / wanted
        return round(max(shape, 1 / shape), 3), abs(raster.width * raster.height - pixels)

    sides = range(side, 4096 + 1, side)
    candidates = [
        Raster(width=width, height=height)
        for height in sides
        for width in (_nearest_side(height * wanted, side),)
        if 0.75 <= width * height / pixels <= 1.25 and width <= sides[-1]
    ]
    if not candidates:
        length = _nearest_side(pixels**0.5, side)
        return Raster(width=length, height=length)
    return min(candidates, key=unlikeness)


def _nearest_side(length: float, side: int) -> int:
    return max(side, round(length / side) * side)
