import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.frames import black_frame, frame_from_rgb, planes_of
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import Span, sample_at

FILM = Fraction(24_000, 1001)
RASTER = Raster(width=320, height=180)
SMALL = Raster(width=192, height=108)  # below DNxHR: ProRes
RATES = (Fraction(24), FILM, Fraction(25), Fraction(30_000, 1001), Fraction(60_000, 1001), Fraction(12))

NumberIn = Callable[[VideoFrame], int]


@pytest.fixture
def written(tmp_path: Path, numbered: Any, noise: Any) -> Callable[..., Path]:
    """A movie that counts its frames from `first`, over noise."""

    def write(
        name: str, frames: int = 30, *, first: int = 0, rate: Fraction = FILM, raster: Raster = RASTER, **more: Any
    ) -> Path:
        path = tmp_path / name
        with MovieWriter(path, raster=raster, rate=rate, flavour=name[-3:], **more) as writer:  # type: ignore[arg-type]
            for number in range(first, first + frames):
                writer.write_frame(frame_from_rgb(numbered(number, raster.width, raster.height)))
            if more.get("sound", True):
                writer.write_sound(noise(sample_at(frames, rate)))
        return path

    return write


def decoded(path: Path) -> list[VideoFrame]:
    """Every frame, without our own reader."""
    with av.open(str(path)) as container:
        return [frame for frame in container.decode(video=0) if isinstance(frame, VideoFrame)]


def assert_same_sound(read: NDArray[np.float32], given: NDArray[np.float32], *, lossy: bool) -> None:
    """The same samples at the same places. A lossy coder rings where sound begins out of nothing."""
    error = np.abs(read - given)
    assert float(error.max()) <= (0.1 if lossy else 0.5 / 2**23)
    assert float(error[:, 2000:].max(initial=0.0)) <= (0.01 if lossy else 0.5 / 2**23)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("flavour", ["mov", "mp4"])
def test_frames_and_samples_are_exact_at_every_rate(
    written: Any, noise: Any, number_in: NumberIn, rate: Fraction, flavour: str
) -> None:
    path = written(f"movie.{flavour}", 30, rate=rate)
    frames = decoded(path)
    assert [number_in(frame.reformat(format="yuv422p")) for frame in frames] == list(range(30))
    times = [(frame.pts or 0) * frame.time_base for frame in frames if frame.time_base is not None]
    assert times == [number / rate for number in range(30)]
    with SoundReader(path) as reader:
        assert reader.length_samples == sample_at(30, rate)
        read = reader.read(Span(0, reader.length_samples))
    given = noise(sample_at(30, rate))
    assert_same_sound(read, given, lossy=flavour == "mp4")


@pytest.mark.parametrize("flavour", ["mov", "mp4"])
@pytest.mark.parametrize("rate", [FILM, Fraction(30_000, 1001), Fraction(25)])
def test_an_outsider_sees_the_same(written: Any, ffprobe: Any, flavour: str, rate: Fraction) -> None:
    said = ffprobe(written(f"movie.{flavour}", 30, rate=rate, start_frame=round(rate) * 3600), "-count_frames")
    picture, sound, clock = said["streams"]
    assert picture["codec_name"] == ("dnxhd" if flavour == "mov" else "h264")
    assert picture["profile"] == ("DNXHR SQ" if flavour == "mov" else "High")
    assert picture["pix_fmt"] == ("yuv422p" if flavour == "mov" else "yuv420p")
    assert [picture[f"color_{what}"] for what in ("range", "space", "transfer", "primaries")] == ["tv", *["bt709"] * 3]
    assert Fraction(picture["r_frame_rate"]) == Fraction(picture["avg_frame_rate"]) == rate
    assert int(picture["nb_read_frames"]) == 30
    assert Fraction(picture["start_time"]) == Fraction(sound["start_time"]) == 0
    assert sound["codec_name"] == ("pcm_s24le" if flavour == "mov" else "aac")
    assert (sound["sample_rate"], sound["channels"]) == ("48000", 2)
    assert sound["duration_ts"] == sample_at(30, rate)
    assert abs(Fraction(said["format"]["duration"]) - 30 / rate) < Fraction(1, 48_000)
    assert clock["codec_tag_string"] == "tmcd"
    assert picture["tags"]["timecode"] == "01:00:00:00"


@pytest.mark.parametrize("flavour", ["mov", "mp4"])
def test_drop_frame_timecode(written: Any, ffprobe: Any, flavour: str) -> None:
    rate = Fraction(30_000, 1001)
    said = ffprobe(written(f"movie.{flavour}", 3, rate=rate, start_frame=107_892, drop_frame=True))
    assert said["streams"][0]["tags"]["timecode"] == "01:00:00;00"


def test_timecode_before_midnight_of_a_window_that_starts_before_the_scene(written: Any, ffprobe: Any) -> None:
    said = ffprobe(written("movie.mov", 3, rate=Fraction(24), start_frame=-24))
    assert said["streams"][0]["tags"]["timecode"] == "23:59:59:00"


def test_a_movie_without_sound_has_none(written: Any, ffprobe: Any) -> None:
    said = ffprobe(written("movie.mov", 3, sound=False))
    assert [stream["codec_type"] for stream in said["streams"]] == ["video", "data"]


def test_a_small_raster_is_prores(written: Any, ffprobe: Any, number_in: NumberIn) -> None:
    path = written("movie.mov", 5, raster=SMALL)
    picture = ffprobe(path)["streams"][0]
    assert (picture["codec_name"], picture["profile"], picture["pix_fmt"]) == ("prores", "Standard", "yuv422p10le")
    assert [picture[f"color_{what}"] for what in ("space", "transfer", "primaries")] == ["bt709"] * 3
    with PictureReader(path, SMALL) as reader:
        assert [number_in(reader.frame(number / FILM)) for number in range(5)] == list(range(5))


@pytest.mark.parametrize(("width", "height"), [(256, 120), (258, 122), (254, 120), (256, 118), (854, 480), (34, 500)])
def test_every_even_raster_can_be_written(tmp_path: Path, width: int, height: int) -> None:
    raster = Raster(width=width, height=height)
    with MovieWriter(tmp_path / "m.mov", raster=raster, rate=FILM, sound=False) as writer:
        writer.write_frame(black_frame(raster))
    assert [(frame.width, frame.height) for frame in decoded(tmp_path / "m.mov")] == [(width, height)]


# --- copying ------------------------------------------------------------------------------------------------------


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize("raster", [RASTER, SMALL])
def test_frames_of_takes_are_copied_bit_for_bit(
    tmp_path: Path, written: Any, number_in: NumberIn, raster: Raster
) -> None:
    takes = [written(f"take{index}.mov", 20, first=100 * index, raster=raster) for index in range(3)]
    spans = [Span(0, 20), Span(5, 6), Span(7, 20)]
    with MovieWriter(tmp_path / "scene.mov", raster=raster, rate=FILM) as writer:
        for take, span in zip(takes, spans, strict=True):
            writer.copy_frames(take, span)
            writer.write_sound(np.zeros((2, sample_at(span.length, FILM)), np.float32))
    expected = [
        packet for take, span in zip(takes, spans, strict=True) for packet in packets(take)[span.start : span.end]
    ]
    assert packets(tmp_path / "scene.mov") == expected
    numbers = [*range(20), 105, *range(207, 220)]
    frames = decoded(tmp_path / "scene.mov")
    assert [number_in(frame.reformat(format="yuv422p")) for frame in frames] == numbers
    assert [(frame.pts or 0) * (frame.time_base or 0) for frame in frames] == [n / FILM for n in range(len(numbers))]


def test_copied_and_encoded_frames_stand_in_order(
    tmp_path: Path, written: Any, numbered: Any, number_in: NumberIn
) -> None:
    take = written("take.mov", 20)
    with MovieWriter(tmp_path / "scene.mov", raster=RASTER, rate=FILM, sound=False) as writer:
        writer.write_frame(frame_from_rgb(numbered(500)))
        writer.copy_frames(take, Span(3, 6))
        writer.write_frame(frame_from_rgb(numbered(501)))
        writer.copy_frames(take, Span(0, 0))
        writer.copy_frames(take, Span(19, 20))
    frames = decoded(tmp_path / "scene.mov")
    assert [number_in(frame) for frame in frames] == [500, 3, 4, 5, 501, 19]


def test_copying_is_frame_exact_whatever_the_takes_rate(tmp_path: Path, written: Any, number_in: NumberIn) -> None:
    take = written("take.mov", 20, rate=Fraction(60_000, 1001))
    with MovieWriter(tmp_path / "scene.mov", raster=RASTER, rate=FILM, sound=False) as writer:
        writer.copy_frames(take, Span(11, 14))
    assert [number_in(frame) for frame in decoded(tmp_path / "scene.mov")] == [11, 12, 13]


@pytest.mark.parametrize(
    ("name", "more"),
    [("take.mp4", {}), ("take.mov", {"raster": Raster(width=640, height=360)}), ("small.mov", {"raster": SMALL})],
)
def test_takes_of_another_kind_are_encoded(
    tmp_path: Path, written: Any, number_in: NumberIn, name: str, more: dict[str, Any]
) -> None:
    take = written(name, 12, **more)
    with MovieWriter(tmp_path / "scene.mov", raster=RASTER, rate=FILM, sound=False) as writer:
        writer.copy_frames(take, Span(2, 7))
    frames = decoded(tmp_path / "scene.mov")
    assert [number_in(frame) for frame in frames] == [2, 3, 4, 5, 6]
    assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}


def test_frames_of_another_colour_matrix_are_converted(tmp_path: Path, encoded: Any) -> None:
    """The same packets with other tags: copied, they would show other colours."""
    frames = [bars(SMALL).reformat(format="yuv422p10le")]
    take = encoded(tmp_path / "bt601.mov", frames, codec="prores_ks", pixels="yuv422p10le", rate=FILM, matrix=6)
    with MovieWriter(tmp_path / "scene.mov", raster=SMALL, rate=FILM, sound=False) as writer:
        writer.copy_frames(take, Span(0, 1))
    with PictureReader(take, SMALL) as given, PictureReader(tmp_path / "scene.mov", SMALL) as read:
        assert worst(read.frame(Fraction(0)), given.frame(Fraction(0))) <= 1
        assert worst(read.frame(Fraction(0)), bars(SMALL)) > 5


def test_a_frame_may_be_written_while_its_file_is_read_on(tmp_path: Path, written: Any, number_in: NumberIn) -> None:
    """Reader and writer share the frame; the times the writer puts on it are not the file's."""
    take = written("take.mov", 20)
    asked = [9, 9, 2, 19, 0, 1, 1, 18, 3]
    with (
        MovieWriter(tmp_path / "scene.mov", raster=RASTER, rate=FILM, sound=False) as writer,
        PictureReader(take, RASTER) as reader,
    ):
        for number in asked:
            writer.write_frame(reader.frame(number / FILM))
    assert [number_in(frame) for frame in decoded(tmp_path / "scene.mov")] == asked


def test_a_frame_that_is_drawn_into_is_written_anew(tmp_path: Path, numbered: Any, number_in: NumberIn) -> None:
    drawn = VideoFrame(640, 360, "rgb24")
    with MovieWriter(tmp_path / "scene.mov", raster=RASTER, rate=FILM, sound=False) as writer:
        for number in range(4):
            drawn.planes[0].update(numbered(number, 640, 360))
            writer.write_frame(drawn)
    assert [number_in(frame) for frame in decoded(tmp_path / "scene.mov")] == [0, 1, 2, 3]


def test_sound_for_a_movie_without_any_is_a_mistake(tmp_path: Path) -> None:
    with MovieWriter(tmp_path / "m.mov", raster=RASTER, rate=FILM, sound=False) as writer:
        writer.write_frame(black_frame(RASTER))
        with pytest.raises(ValueError, match="2 channels were given to a movie of 0"):
            writer.write_sound(np.zeros((2, 10), np.float32))


def test_a_take_shorter_than_needed_is_named(tmp_path: Path, written: Any) -> None:
    take = written("take.mov", 20)
    with (
        pytest.raises(InputError, match=r"take\.mov has 20 frames and 25 are needed. Render this take again"),
        MovieWriter(tmp_path / "scene.mov", raster=RASTER, rate=FILM) as writer,
    ):
        writer.copy_frames(take, Span(10, 25))
    assert not (tmp_path / "scene.mov").exists()


def test_a_review_copy_of_takes(tmp_path: Path, written: Any, number_in: NumberIn) -> None:
    take = written("take.mov", 30)
    with MovieWriter(tmp_path / "scene.mp4", raster=RASTER, rate=FILM, flavour="mp4") as writer:
        writer.copy_frames(take, Span(10, 30))
        writer.write_sound(np.zeros((2, sample_at(20, FILM)), np.float32))
    frames = decoded(tmp_path / "scene.mp4")
    assert [number_in(frame.reformat(format="yuv422p")) for frame in frames] == list(range(10, 30))
    # A decoder marks every frame of a take as a key frame; the review copy must not take that over.
    assert sum(frame.key_frame for frame in frames) == 1


# --- colour -------------------------------------------------------------------------------------------------------

BARS = np.array(
    [[191] * 3, [191, 191, 0], [0, 191, 191], [0, 191, 0], [191, 0, 191], [191, 0, 0], [0, 0, 191], [0] * 3]
)


def bars(raster: Raster) -> VideoFrame:
    columns = np.repeat(BARS.astype(np.uint8), raster.width // 8, axis=0)
    return frame_from_rgb(np.repeat(columns[None], raster.height, axis=0))


def worst(a: VideoFrame, b: VideoFrame) -> int:
    """The largest difference in code values away from the edges between bars."""
    differences = []
    for one, other in zip(planes_of(a), planes_of(b), strict=True):
        step = one.shape[1] // 8
        inside = np.arange(one.shape[1]) % step
        kept = (inside >= step // 4) & (inside < 3 * step // 4)
        differences.append(np.abs(one[:, kept].astype(int) - other[:, kept]).max())
    return int(max(differences))


@pytest.mark.parametrize("raster", [Raster(width=768, height=512), Raster(width=160, height=96)])
def test_colour_bars_survive_writing_and_copying_within_one_code_value(tmp_path: Path, raster: Raster) -> None:
    given = bars(raster)
    with MovieWriter(tmp_path / "take.mov", raster=raster, rate=FILM, sound=False) as writer:
        writer.write_frame(given)
    with MovieWriter(tmp_path / "copy.mov", raster=raster, rate=FILM, sound=False) as writer:
        writer.copy_frames(tmp_path / "take.mov", Span(0, 1))
    for name in ("take.mov", "copy.mov"):
        with PictureReader(tmp_path / name, raster) as reader:
            assert worst(reader.frame(Fraction(0)), given) <= 1


def test_colour_bars_survive_the_review_copy_within_one_code_value(tmp_path: Path) -> None:
    raster = Raster(width=768, height=512)
    given = bars(raster)
    with MovieWriter(tmp_path / "m.mp4", raster=raster, rate=FILM, flavour="mp4", sound=False) as writer:
        for _ in range(3):
            writer.write_frame(given)
    with PictureReader(tmp_path / "m.mp4", raster) as reader:
        assert worst(reader.frame(1 / FILM), given) <= 1


# --- sound --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 999, 48_000, 500_000])
@pytest.mark.parametrize("flavour", ["mov", "mp4"])
def test_the_size_of_blocks_does_not_matter(tmp_path: Path, noise: Any, flavour: Any, block: int) -> None:
    samples = 5_000 if block == 1 else 100_001
    sound: NDArray[np.float32] = noise(samples)
    with MovieWriter(tmp_path / f"m.{flavour}", raster=RASTER, rate=FILM, flavour=flavour) as writer:
        for _ in range(50):
            writer.write_frame(black_frame(RASTER))
        for start in range(0, samples, block):
            writer.write_sound(sound[:, start : start + block])
    with SoundReader(tmp_path / f"m.{flavour}") as reader:
        assert reader.length_samples == samples
        assert_same_sound(reader.read(Span(0, samples)), sound, lossy=flavour == "mp4")


def test_what_is_too_loud_is_clipped_and_counted(tmp_path: Path) -> None:
    sound = np.array([[0.5, 1.5, -1.0, 1.0], [0.0, -2.0, 0.25, 0.0]], np.float32)
    with MovieWriter(tmp_path / "m.mov", raster=RASTER, rate=FILM) as writer:
        writer.write_frame(black_frame(RASTER))
        writer.write_sound(sound)
        assert writer.clipped == 2
    with SoundReader(tmp_path / "m.mov") as reader:
        assert np.allclose(reader.read(Span(0, 4)), np.clip(sound, -1, 1), atol=2**-22)


def test_sound_and_picture_lie_close_together_in_the_file(tmp_path: Path) -> None:
    """Or a player reads the file in two places at once: within two seconds' worth of bytes here."""
    raster = Raster(width=256, height=120)
    with MovieWriter(tmp_path / "m.mov", raster=raster, rate=Fraction(24)) as writer:
        for _ in range(12):
            for _ in range(24):
                writer.write_frame(black_frame(raster))
            writer.write_sound(np.zeros((2, 48_000), np.float32))
    places: dict[str, dict[int, int]] = {"video": {}, "audio": {}}
    with av.open(str(tmp_path / "m.mov")) as container:
        for packet in container.demux(video=0, audio=0):
            if packet.pts is not None and packet.pos is not None:
                places[packet.stream.type].setdefault(int(packet.pts * packet.time_base), packet.pos)
    size = (tmp_path / "m.mov").stat().st_size
    for second in range(12):
        assert abs(places["video"][second] - places["audio"][second]) < 2 * size / 12


# --- what goes wrong ----------------------------------------------------------------------------------------------


def test_nothing_is_left_behind_when_the_body_raises(tmp_path: Path) -> None:
    def broken() -> None:
        with MovieWriter(tmp_path / "m.mov", raster=RASTER, rate=FILM) as writer:
            writer.write_frame(black_frame(RASTER))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere/m\.mov cannot be written there.*Choose another folder"):
        MovieWriter(tmp_path / "nowhere" / "m.mov", raster=RASTER, rate=FILM).__enter__()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_else_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    os.seteuid(65_534)
    try:
        with pytest.raises(InputError, match=r"m\.mov may not be written: Permission denied. Choose another folder"):
            MovieWriter(tmp_path / "m.mov", raster=RASTER, rate=FILM).__enter__()
    finally:
        os.seteuid(0)


FULL = """
import resource, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.frames import black_frame
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.scene import Raster

raster = Raster(width=256, height=120)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    with MovieWriter(Path(sys.argv[1]), raster=raster, rate=Fraction(24), flavour=sys.argv[1][-3:]) as writer:
        for _ in range(48):
            writer.write_frame(black_frame(raster))
            writer.write_sound(np.zeros((2, 2000), np.float32))
except SetupError as error:
    print(error)
"""


@pytest.mark.parametrize(("name", "limit"), [("m.mov", 20_000), ("m.mov", 500_000), ("m.mp4", 4_000)])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, name: str, limit: int) -> None:
    """The limit on file size stands in for the disk; it strikes in the middle and again on closing."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / name), str(limit)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert f"{name} could not be written: no space left for it. Free some space" in done.stdout
    assert not done.stderr
    assert not list(tmp_path.iterdir())
