"""The card, decoded back from the file it was encoded to."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.frames import frame_from_rgb, planes_of
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.renderers.finish import finished_take
from sottovoce_engine.renderers.scratch.card import card_for
from sottovoce_engine.renderers.scratch.card_frames import card_frames, mouth_levels, timecode_tiles
from sottovoce_engine.renderers.scratch.lettering import Box
from sottovoce_engine.scene import Raster
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import timecode

from .scratch_jobs import REGISTERS, never_stops, scratch_job

Luma = NDArray[np.uint8]


def babble(job: RenderJob) -> NDArray[np.float32]:
    """Sound whose level rises and falls about three times a second."""
    at = np.arange(job.length_samples) / 48_000
    swing = 10 ** ((-38 + 22 * np.sin(2 * np.pi * 2.7 * at)) / 20)
    return np.asarray(swing * np.sin(2 * np.pi * 220 * at), np.float32)


def decoded(job: RenderJob, folder: Path) -> list[tuple[NDArray[np.uint8], ...]]:
    """The planes of every frame of the finished take."""
    sound = babble(job)
    media = MediaFolder(folder)
    take = finished_take(
        job,
        media,
        sound=np.stack((sound, sound)),
        frames=card_frames(job, sound, never_stops),
        words=(),
        words_estimated=True,
        fingerprints=(),
        notes=(),
    )
    with PictureReader(media.path(take.media), job.raster) as reader:
        return [
            tuple(plane.copy() for plane in planes_of(reader.frame(frame / job.rate)))
            for frame in range(take.length_frames)
        ]


def timecode_in(luma: Luma, box: Box, digit: int) -> str:
    """The text whose tiles lie nearest to what the frame shows, read from the right."""
    tiles = {character: planes[0] for character, planes in timecode_tiles(digit, box.height).items()}
    text, right = "", box.right
    while right > box.left:
        kinds = ":;" if len(text) in (2, 5, 8) else "0123456789"
        shown = luma[box.top : box.bottom, right - tiles[kinds[0]].shape[1] : right].astype(int)
        text = min(kinds, key=lambda kind: int(np.abs(shown - tiles[kind]).sum())) + text
        right -= shown.shape[1]
    return text


@pytest.mark.parametrize(
    ("rate", "start_frame", "drop_frame"),
    [
        (Fraction(24), 86_400, False),
        (Fraction(24_000, 1001), 0, False),
        (Fraction(30_000, 1001), 1_795, True),
        (Fraction(25), -100, False),
    ],
)
def test_the_timecode_runs_frame_by_frame(rate: Fraction, start_frame: int, drop_frame: bool, tmp_path: Path) -> None:
    job = scratch_job(
        "Hm.", seconds=0.3, rate=rate, start_frame=start_frame, drop_frame=drop_frame, start=0, handle_frames=8
    )
    card = card_for(job)
    assert card.timecode is not None
    shown = [timecode_in(planes[0], card.timecode, card.digit) for planes in decoded(job, tmp_path)]
    first = start_frame + job.window.start
    assert shown == [timecode(first + n, rate, drop=drop_frame) for n in range(job.window.length)]
    assert (";" in shown[0]) == drop_frame


def test_half_rate_windows_show_each_model_frame_twice(tmp_path: Path) -> None:
    job = scratch_job("Hm.", seconds=0.2, rate=Fraction(60_000, 1001), handle_frames=8)
    assert job.window.divisor == 2
    frames = decoded(job, tmp_path)
    card = card_for(job)
    assert card.timecode is not None
    shown = [timecode_in(planes[0], card.timecode, card.digit) for planes in frames]
    assert len(frames) == job.window.length == 2 * job.window.model_frames
    assert shown[0::2] == shown[1::2]
    assert len(set(shown)) == job.window.model_frames


def test_the_mouth_level_follows_the_sound(tmp_path: Path) -> None:
    job = scratch_job("Hm.", "shout", seconds=1.0, handle_frames=8)
    level = card_for(job).level
    assert level is not None
    rows = slice(level.top + 1, level.bottom - 1)
    lengths = []
    for planes in decoded(job, tmp_path):
        row = planes[0][rows, level.left : level.right].mean(axis=0)
        lengths.append(float((row > row.min() / 2 + 60).sum()))
    levels = mouth_levels(job, babble(job))
    assert np.ptp(levels) > 0.5
    assert np.corrcoef(lengths, levels)[0, 1] > 0.99
    assert np.abs(np.array(lengths) / level.width - levels).max() < 0.03


@pytest.mark.parametrize("register", REGISTERS.names)
def test_the_register_is_there_by_colour_and_by_letter(register: str, tmp_path: Path) -> None:
    job = scratch_job("Hm.", register, seconds=0.1, handle_frames=8)
    colour = tuple(int(job.register.colour[at : at + 2], 16) for at in (1, 3, 5))
    patch = planes_of(frame_from_rgb(np.full((16, 16, 3), colour, np.uint8)))
    planes = decoded(job, tmp_path)[0]
    for plane, wanted, column in zip(planes, patch, (1, 0, 0), strict=True):
        assert np.abs(plane[20:-20, column].astype(int) - int(wanted[8, 4])).max() <= 3
    chip = card_for(job).picture[12:26, 16:30].astype(int)
    assert chip.sum(axis=2).min() < 150  # the letter's dark strokes on the colour
    assert (np.abs(chip - np.array(colour)).max(axis=2) < 8).mean() > 0.3


@pytest.mark.parametrize(
    "size", [(16, 16), (32, 18), (64, 36), (96, 54), (160, 90), (64, 320), (1920, 80), (720, 1280)]
)
def test_any_raster_gets_a_card(size: tuple[int, int], tmp_path: Path) -> None:
    job = scratch_job(
        "Close your eyes, and listen.", raster=Raster(width=size[0], height=size[1]), seconds=0.1, handle_frames=8
    )
    assert card_for(job).picture.shape == (size[1], size[0], 3)
    with MovieWriter(tmp_path / "take.mov", raster=job.raster, rate=job.rate, sound=False) as movie:
        for frame in card_frames(job, babble(job), never_stops):
            movie.write_frame(frame)
    assert movie.frames == job.window.length


LINES = (
    "Close your eyes, and listen. " * 60,
    "A" * 300,
    "سلام، چشم‌هایت را ببند و گوش کن.",
    "שלום עולם",
    "Zavři oči, prosím — řeka šumí…",
    "Ich heiße Zoë \u202e\x07\U0001f44b\U0001f3fd",
    "你好，世界。",
    "\U0001f600\U0001f389",
)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("size", [(640, 360), (96, 54)])
def test_any_line_is_drawn_inside_its_place(line: str, size: tuple[int, int]) -> None:
    """Text never reaches the head, the tracks or the margins."""
    raster = Raster(width=size[0], height=size[1])
    with_line, without = (card_for(scratch_job(text, raster=raster, look="a room")) for text in (line, "\u200b"))
    changed = np.flatnonzero((with_line.picture != without.picture).any(axis=(1, 2)))
    assert len(changed)
    assert with_line.level is not None
    assert changed[-1] < with_line.level.top
    assert changed[0] > round(60 * size[1] / 720) + 2
    across = np.flatnonzero((with_line.picture != without.picture).any(axis=(0, 2)))
    assert across[0] >= with_line.level.left - 3
    assert across[-1] <= with_line.level.right + 3


def test_a_right_to_left_line_stands_at_the_right() -> None:
    raster = Raster(width=640, height=360)
    blank = card_for(scratch_job("\u200b", raster=raster)).picture
    middles = []
    for line in ("Hello", "שלום"):
        columns = np.flatnonzero((card_for(scratch_job(line, raster=raster)).picture != blank).any(axis=(0, 2)))
        middles.append(columns.mean())
    assert middles[0] < 320 < middles[1]
