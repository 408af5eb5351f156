from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.frames import planes_of
from sottovoce_engine.media.picture import PictureReader, black_frame, frame_from_rgb
from sottovoce_engine.scene import Raster

FILM = Fraction(24_000, 1001)
RASTER = Raster(width=320, height=180)
FRAMES = 40

# Codec, pixel format, options: long groups with B frames, ticks that do not divide a frame, 4:2:0, 10 bit.
KINDS: dict[str, tuple[str, str, dict[str, str]]] = {
    "h264.mp4": ("libx264", "yuv420p", {"bf": "3", "g": "24"}),
    "open-gop.mp4": ("libx264", "yuv420p", {"bf": "3", "g": "15", "x264-params": "open-gop=1"}),
    "h264.mkv": ("libx264", "yuv420p", {"bf": "2", "g": "250"}),
    "h264.ts": ("libx264", "yuv420p", {"bf": "2", "g": "12"}),
    "dnxhr.mov": ("dnxhd", "yuv422p", {"profile": "dnxhr_sq"}),
    "prores.mov": ("prores_ks", "yuv422p10le", {}),
    "mpeg4.avi": ("mpeg4", "yuv420p", {"g": "10"}),
    "mpeg2.mxf": ("mpeg2video", "yuv420p", {"g": "12", "bf": "2"}),
    "vp9.webm": ("libvpx-vp9", "yuv420p", {"deadline": "realtime", "cpu-used": "8"}),
}


@pytest.fixture
def movie(tmp_path: Path, encoded: Any, numbered: Any) -> Callable[..., Path]:
    """A movie that counts its frames, of a kind above."""

    def made(kind: str, rate: Fraction = FILM, frames: int = FRAMES, **more: Any) -> Path:
        codec, pixels, options = KINDS[kind]
        pictures = [frame_from_rgb(numbered(number)).reformat(format=pixels) for number in range(frames)]
        path: Path = encoded(tmp_path / kind, pictures, codec=codec, pixels=pixels, rate=rate, options=options, **more)
        return path

    return made


@pytest.mark.parametrize("kind", KINDS)
def test_every_time_shows_its_frame(movie: Any, kind: str, number_in: Callable[[VideoFrame], int]) -> None:
    with PictureReader(movie(kind), RASTER) as reader:
        asked = [*range(FRAMES), *np.random.default_rng(3).integers(0, FRAMES, 12).tolist(), 0, FRAMES - 1]
        for part in (Fraction(0), Fraction(1, 2), Fraction(9, 10)):
            assert [number_in(reader.frame((number + part) / FILM)) for number in asked] == asked


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30_000, 1001), Fraction(60_000, 1001)])
@pytest.mark.parametrize("kind", ["h264.mp4", "h264.mkv", "dnxhr.mov"])
def test_every_rate(movie: Any, kind: str, rate: Fraction, number_in: Callable[[VideoFrame], int]) -> None:
    with PictureReader(movie(kind, rate, 12), RASTER) as reader:
        assert [number_in(reader.frame(number / rate)) for number in range(12)] == list(range(12))
        almost = Fraction(1, 10)  # a container that counts in milliseconds cannot say it more exactly
        assert [number_in(reader.frame((number - almost) / rate)) for number in range(1, 12)] == list(range(11))


def test_a_long_way_ahead_and_back(movie: Any, number_in: Callable[[VideoFrame], int]) -> None:
    with PictureReader(movie("h264.mp4", frames=200), RASTER) as reader:
        asked = [3, 190, 4, 100, 101, 60, 199, 0]
        assert [number_in(reader.frame(number / FILM)) for number in asked] == asked


def test_the_ends_are_held(movie: Any, number_in: Callable[[VideoFrame], int]) -> None:
    with PictureReader(movie("h264.mp4"), RASTER) as reader:
        assert number_in(reader.frame(Fraction(1000))) == FRAMES - 1
        assert number_in(reader.frame(Fraction(-3))) == 0
        assert number_in(reader.frame(FRAMES / FILM)) == FRAMES - 1


def test_time_counts_from_the_first_frame_wherever_the_clock_starts(
    movie: Any, number_in: Callable[[VideoFrame], int]
) -> None:
    with PictureReader(movie("h264.mkv", first_pts=240), RASTER) as reader:
        assert [number_in(reader.frame(number / FILM)) for number in (0, 7, 39, 3)] == [0, 7, 39, 3]


def test_a_still_is_held(tmp_path: Path, numbered: Any, number_in: Callable[[VideoFrame], int]) -> None:
    from PIL import Image

    Image.fromarray(numbered(77)).save(tmp_path / "card.png")
    with PictureReader(tmp_path / "card.png", RASTER) as reader:
        assert [number_in(reader.frame(Fraction(second))) for second in (0, 5, 2)] == [77, 77, 77]


def test_a_held_frame_is_converted_once(movie: Any) -> None:
    with PictureReader(movie("h264.mp4"), RASTER) as reader:
        assert reader.frame(Fraction(0)) is reader.frame(Fraction(1, 48))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_picture_stands_upright(tmp_path: Path, encoded: Any, rotation: int) -> None:
    stored = np.zeros((64, 128, 3), np.uint8)
    stored[:32, :32] = 255  # white in the corner at the top left
    frames = [frame_from_rgb(stored).reformat(format="yuv420p") for _ in range(2)]
    path = encoded(
        tmp_path / "turned.mov", frames, codec="libx264", pixels="yuv420p", rate=Fraction(25), rotation=rotation
    )
    upright = np.rot90(stored[:, :, 0], rotation // 90)
    with PictureReader(path, Raster(width=upright.shape[1], height=upright.shape[0])) as reader:
        luma = planes_of(reader.frame(Fraction(0)))[0]
    assert np.array_equal(luma > 125, upright > 125)


def test_a_narrower_picture_stands_between_black_bars(tmp_path: Path, encoded: Any) -> None:
    frames = [frame_from_rgb(np.full((180, 240, 3), 200, np.uint8)).reformat(format="yuv444p")]
    path = encoded(tmp_path / "narrow.mkv", frames, codec="ffv1", pixels="yuv444p", rate=Fraction(25))
    with PictureReader(path, RASTER) as reader:
        y, u, v = planes_of(reader.frame(Fraction(0)))
    assert np.all(y[:, :40] == 16)
    assert np.all(y[:, 280:] == 16)
    assert np.all(np.abs(y[:, 42:278].astype(int) - (16 + round(219 * 200 / 255))) <= 1)
    assert np.all((u == 128) & (v == 128))


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path, encoded: Any) -> None:
    frames = [frame_from_rgb(np.full((180, 160, 3), 200, np.uint8)).reformat(format="yuv420p")]
    path = encoded(
        tmp_path / "wide.mp4", frames, codec="libx264", pixels="yuv420p", rate=Fraction(25), pixel_aspect=Fraction(2)
    )
    with PictureReader(path, RASTER) as reader:
        assert planes_of(reader.frame(Fraction(0)))[0].min() > 180


def test_a_flatter_picture_stands_between_black_bars(tmp_path: Path, encoded: Any) -> None:
    frames = [frame_from_rgb(np.full((80, 320, 3), 200, np.uint8)).reformat(format="yuv444p")]
    path = encoded(tmp_path / "flat.mkv", frames, codec="ffv1", pixels="yuv444p", rate=Fraction(25))
    with PictureReader(path, RASTER) as reader:
        luma = planes_of(reader.frame(Fraction(0)))[0]
    assert [int(luma[row, 160]) for row in (0, 49, 90, 130, 179)] == [16, 16, 188, 16, 16]


# --- colour -------------------------------------------------------------------------------------------------------

BARS = np.array(
    [[191, 191, 191], [191, 191, 0], [0, 191, 191], [0, 191, 0], [191, 0, 191], [191, 0, 0], [0, 0, 191], [20, 90, 160]]
)


def coded(rgb: np.ndarray[Any, Any], red: float, blue: float, *, full: bool) -> np.ndarray[Any, Any]:
    """Y'CbCr `[3, colours]` of R'G'B' 0..255, unrounded. Source: ITU-R BT.601-7 and BT.709-6."""
    r, g, b = rgb.T / 255
    luma = red * r + (1 - red - blue) * g + blue * b
    cb, cr = (b - luma) / (2 * (1 - blue)), (r - luma) / (2 * (1 - red))
    return np.stack(
        [255 * luma, 128 + 255 * cb, 128 + 255 * cr] if full else [16 + 219 * luma, 128 + 224 * cb, 128 + 224 * cr]
    )


BT709, BT601, BT2020 = (0.2126, 0.0722), (0.299, 0.114), (0.2627, 0.0593)


def bars_in(values: np.ndarray[Any, Any], pixels: str, width: int, height: int) -> VideoFrame:
    """A planar frame of the eight colours as columns."""
    frame = VideoFrame(width, height, pixels)
    for plane, value in zip(frame.planes, values, strict=True):
        kind = np.uint16 if "10" in pixels else np.uint8
        rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, -1)
        rows[:, : plane.width] = np.repeat(np.rint(value * (4 if "10" in pixels else 1)), plane.width // 8).astype(kind)
    return frame


@pytest.mark.parametrize(
    ("pixels", "matrix", "full", "weights"),
    [
        ("yuv422p", 1, False, BT709),
        ("yuv420p", 1, False, BT709),
        ("yuv444p", 6, False, BT601),
        ("yuv420p", 5, False, BT601),
        ("yuv420p", 1, True, BT709),
        ("yuv420p", 6, True, BT601),
        ("yuv422p10le", 1, False, BT709),
        ("yuv420p10le", 9, False, BT2020),
        ("yuv420p", 2, False, BT601),  # untagged and small: players take it for BT.601
    ],
)
def test_colour_bars_of_any_matrix_and_range_come_out_as_bt709(
    tmp_path: Path, encoded: Any, pixels: str, matrix: int, full: bool, weights: tuple[float, float]
) -> None:
    path = encoded(
        tmp_path / "bars.mkv",
        [bars_in(coded(BARS, *weights, full=full), pixels, 320, 180)],
        codec="ffv1",
        pixels=pixels,
        rate=Fraction(25),
        matrix=matrix,
        full_range=full,
    )
    assert_bars(path, RASTER)


def test_untagged_high_definition_is_taken_for_bt709(tmp_path: Path, encoded: Any) -> None:
    raster = Raster(width=1280, height=720)
    frames = [bars_in(coded(BARS, *BT709, full=False), "yuv420p", 1280, 720)]
    path = encoded(tmp_path / "bars.mkv", frames, codec="ffv1", pixels="yuv420p", rate=Fraction(25), matrix=2)
    assert_bars(path, raster)


@pytest.mark.parametrize("extension", ["png", "bmp"])
def test_rgb_comes_out_as_bt709(tmp_path: Path, extension: str) -> None:
    from PIL import Image

    rgb = np.repeat(BARS.astype(np.uint8)[None], 180, axis=0).repeat(40, axis=1)
    Image.fromarray(rgb).save(tmp_path / f"bars.{extension}")
    assert_bars(tmp_path / f"bars.{extension}", RASTER)


def assert_bars(path: Path, raster: Raster) -> None:
    with PictureReader(path, raster) as reader:
        frame = reader.frame(Fraction(0))
    assert (frame.format.name, frame.width, frame.height) == ("yuv422p", raster.width, raster.height)
    assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)
    expected = coded(BARS, *BT709, full=False)
    for plane, values in zip(planes_of(frame), expected, strict=True):
        width = plane.shape[1] // 8
        middles = plane[raster.height // 2, width // 2 :: width]
        assert np.abs(middles - np.rint(values)).max() <= 1, (middles, values)


def test_our_own_frames_are_read_untouched(tmp_path: Path, encoded: Any) -> None:
    bars = bars_in(coded(BARS, *BT709, full=False), "yuv422p", 320, 180)
    path = encoded(tmp_path / "ours.mkv", [bars], codec="ffv1", pixels="yuv422p", rate=Fraction(25))
    with PictureReader(path, RASTER) as reader:
        read = planes_of(reader.frame(Fraction(0)))
    assert all(np.array_equal(a, b) for a, b in zip(read, planes_of(bars), strict=True))


# --- bad files ----------------------------------------------------------------------------------------------------


def test_a_file_without_picture_is_refused(tmp_path: Path, encoded: Any, noise: Any) -> None:
    path = encoded(tmp_path / "sound.wav", [], codec="", pixels="", rate=FILM, sound=noise(4800))
    with pytest.raises(InputError, match=r"holds no picture\. Relink"):
        PictureReader(path, RASTER).__enter__()


@pytest.mark.parametrize(
    "content", [b"", b"not a movie at all\n" * 50, b"\x1b[31mcolour\x1b[0m\n" * 50, b"\x00" * 5000]
)
def test_what_is_no_movie_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.mov").write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.mov cannot be read as sound or picture"):
        PictureReader(tmp_path / "bad.mov", RASTER).__enter__()


def test_a_missing_file_a_folder_and_an_address_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.mov does not exist. Relink"):
        PictureReader(tmp_path / "gone.mov", RASTER).__enter__()
    with pytest.raises(InputError, match="is a folder"):
        PictureReader(tmp_path, RASTER).__enter__()
    with pytest.raises(InputError, match="does not exist"):
        PictureReader("http://127.0.0.1:1/x.mov", RASTER).__enter__()


@pytest.mark.parametrize(("kind", "options"), [("dnxhr.mov", {}), ("h264.mp4", {})])
def test_a_movie_without_its_index_is_refused(movie: Any, kind: str, options: dict[str, str]) -> None:
    path: Path = movie(kind, **options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="cannot be read as sound or picture"):
        PictureReader(path, RASTER).__enter__()


def test_a_movie_cut_short_is_refused_where_it_ends(
    tmp_path: Path, numbered: Any, number_in: Callable[[VideoFrame], int]
) -> None:
    from sottovoce_engine.media.movie import MovieWriter

    path = tmp_path / "short.mp4"
    with MovieWriter(path, raster=RASTER, rate=FILM, flavour="mp4", sound=False) as writer:
        for number in range(96):
            writer.write_frame(frame_from_rgb(numbered(number)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with PictureReader(path, RASTER) as reader:
        assert number_in(reader.frame(5 / FILM)) == 5
        with pytest.raises(InputError, match="cut short"):
            reader.frame(95 / FILM)


def test_black_is_video_black() -> None:
    y, u, v = planes_of(black_frame(RASTER))
    assert np.all(y == 16)
    assert np.all(u == 128)
    assert np.all(v == 128)
