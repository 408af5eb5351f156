import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.frames import black_frame
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.probe import SoundInfo, probe
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import sample_at

FILM = Fraction(24_000, 1001)
RASTER = Raster(width=320, height=180)


def movie(path: Path, frames: int = 24, rate: Fraction = FILM) -> Path:
    with MovieWriter(path, raster=RASTER, rate=rate, flavour="mp4" if path.suffix == ".mp4" else "mov") as writer:
        for _ in range(frames):
            writer.write_frame(black_frame(RASTER))
        writer.write_sound(np.zeros((2, sample_at(frames, rate)), np.float32))
    return path


@pytest.mark.parametrize("rate", [Fraction(24), FILM, Fraction(25), Fraction(30_000, 1001), Fraction(60)])
@pytest.mark.parametrize("name", ["m.mov", "m.mp4"])
def test_our_own_movies(tmp_path: Path, name: str, rate: Fraction) -> None:
    info = probe(movie(tmp_path / name, rate=rate))
    assert info.path == str(tmp_path / name)
    assert info.picture is not None
    assert (info.picture.rate, info.picture.raster, info.picture.frames) == (rate, RASTER, 24)
    assert info.picture.codec == ("dnxhd" if name == "m.mov" else "h264")
    assert info.picture.pixel_format == ("yuv422p" if name == "m.mov" else "yuv420p")
    assert not info.picture.rotation
    assert not info.picture.interlaced
    assert not info.picture.variable_rate
    assert info.sound == SoundInfo(sample_rate=48_000, channels=2, samples=sample_at(24, rate))
    assert abs(info.seconds - 24 / rate) < Fraction(1, 48_000)


@pytest.mark.parametrize("container", ["mkv", "ts", "avi", "mxf"])
@pytest.mark.parametrize("rate", [FILM, Fraction(25)])
def test_rates_of_other_containers(tmp_path: Path, encoded: Any, container: str, rate: Fraction) -> None:
    frames = [black_frame(RASTER).reformat(format="yuv420p") for _ in range(48)]
    codec = "mpeg2video" if container == "mxf" else "mpeg4" if container == "avi" else "libx264"
    info = probe(encoded(tmp_path / f"m.{container}", frames, codec=codec, pixels="yuv420p", rate=rate))
    assert info.picture is not None
    assert info.picture.rate == rate
    assert not info.picture.variable_rate
    assert info.sound is None
    assert abs(info.seconds - 48 / rate) < Fraction(1, 10)


def test_sound_only(tmp_path: Path, encoded: Any, noise: Any) -> None:
    path = encoded(
        tmp_path / "s.wav",
        [],
        codec="",
        pixels="",
        rate=FILM,
        sound=noise(44_100, 1),
        sound_rate=44_100,
        sound_layout="mono",
    )
    info = probe(path)
    assert info.picture is None
    assert info.sound == SoundInfo(sample_rate=44_100, channels=1, samples=44_100)
    assert info.seconds == 1


def test_a_cover_image_is_no_picture(tmp_path: Path, noise: Any) -> None:
    import av

    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / "cover.png")
    with av.open(str(tmp_path / "cover.png")) as given, av.open(str(tmp_path / "s.mp4"), "w") as container:
        sound = container.add_stream("aac", rate=48_000, layout="stereo")
        cover = container.add_stream_from_template(given.streams.video[0])
        cover.disposition = av.stream.Disposition.attached_pic
        for packet in given.demux(video=0):
            if packet.size:
                packet.stream = cover
                container.mux(packet)
        frame = av.AudioFrame.from_ndarray(noise(48_000), "fltp", "stereo")
        frame.sample_rate = 48_000
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    assert probe(tmp_path / "s.mp4").picture is None


@pytest.mark.parametrize(
    ("rotation", "aspect", "size"),
    [
        (0, None, (320, 180)),
        (90, None, (180, 320)),
        (180, None, (320, 180)),
        (270, Fraction(1), (180, 320)),
        (0, Fraction(4, 3), (426, 180)),
        (90, Fraction(2), (180, 640)),
    ],
)
def test_the_raster_is_upright_and_square(
    tmp_path: Path, encoded: Any, rotation: int, aspect: Fraction | None, size: tuple[int, int]
) -> None:
    frames = [black_frame(RASTER).reformat(format="yuv420p") for _ in range(2)]
    path = encoded(
        tmp_path / "m.mp4",
        frames,
        codec="libx264",
        pixels="yuv420p",
        rate=FILM,
        rotation=rotation,
        pixel_aspect=aspect,
    )
    picture = probe(path).picture
    assert picture is not None
    assert picture.rotation == rotation
    assert (picture.raster.width, picture.raster.height) == size


def test_an_odd_still_has_an_even_raster(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((181, 321, 3), np.uint8)).save(tmp_path / "card.png")
    picture = probe(tmp_path / "card.png").picture
    assert picture is not None
    assert picture.raster == RASTER


@pytest.mark.parametrize("extension", ["png", "jpg", "tif", "bmp", "webp"])
def test_a_still_has_no_length(tmp_path: Path, extension: str) -> None:
    Image.fromarray(np.zeros((180, 320, 3), np.uint8)).save(tmp_path / f"card.{extension}")
    info = probe(tmp_path / f"card.{extension}")
    assert info.seconds == 0
    assert info.picture is not None
    assert info.picture.raster == RASTER


def test_tags_in_any_encoding_do_no_harm(tmp_path: Path, encoded: Any, noise: Any) -> None:
    path: Path = encoded(tmp_path / "s.wav", [], codec="", pixels="", rate=FILM, sound=noise(4_800))
    title = b"INFOINAM\x08\0\0\0Caf\xe9 \xfc\0\0"
    path.write_bytes(path.read_bytes() + b"LIST" + len(title).to_bytes(4, "little") + title)
    assert probe(path).sound == SoundInfo(sample_rate=48_000, channels=2, samples=4_800)


def test_a_rate_that_varies_is_seen(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "phone.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        at = 0
        for number in range(60):
            frame = black_frame(Raster(width=64, height=64)).reformat(format="yuv420p")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            at += 33 if number % 3 else 95
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    picture = probe(tmp_path / "phone.mp4").picture
    assert picture is not None
    assert picture.variable_rate


def test_interlaced_pictures_are_seen(tmp_path: Path, encoded: Any) -> None:
    frames = [black_frame(RASTER).reformat(format="yuv420p") for _ in range(4)]
    path = encoded(
        tmp_path / "tv.mp4",
        frames,
        codec="libx264",
        pixels="yuv420p",
        rate=Fraction(25),
        options={"x264-params": "tff=1"},
    )
    picture = probe(path).picture
    assert picture is not None
    assert picture.interlaced
    assert picture.rate == 25
    assert not picture.variable_rate


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    path = movie(tmp_path / "m.mov")
    first = probe(path)
    assert probe(str(path)) is first
    movie(path, frames=12)
    again = probe(path)
    assert again.picture is not None
    assert again.picture.frames == 12


def test_a_relative_path_is_answered_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    movie(tmp_path / "m.mov", frames=2)
    monkeypatch.chdir(tmp_path)
    assert probe("m.mov").path == str(tmp_path / "m.mov")


@pytest.mark.parametrize("name", ["a:b.mov", "100%d.mov", "ü – 音 [1].mov", "http:__x.mov", "-i.mov", "it's.mov"])
def test_file_names_mean_nothing(tmp_path: Path, name: str) -> None:
    info = probe(movie(tmp_path / "m.mov", frames=2).rename(tmp_path / name))
    assert info.picture is not None
    with MovieWriter(tmp_path / f"out {name}", raster=RASTER, rate=FILM, sound=False) as writer:
        writer.copy_frames(tmp_path / name, info_span(info.picture.frames))
    assert probe(tmp_path / f"out {name}").picture is not None


def info_span(frames: int | None) -> Any:
    from sottovoce_engine.timing import Span

    return Span(0, frames or 0)


# --- bad files ----------------------------------------------------------------------------------------------------

PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.mov", b""),
        ("text.mov", b"INT. KITCHEN - NIGHT\n" * 30),
        ("list.m3u8", PLAYLIST),
        ("list.mov", PLAYLIST),
        ("concat.txt", b"ffconcat version 1.0\nfile other.mov\n"),
        ("lines.srt", b"1\n00:00:01,000 --> 00:00:02,000\nHush.\n\n"),
        ("art.ans", b"\x1b[31mred\x1b[0m\n" * 30),
        ("zeros.wav", b"RIFF\0\0\0\0WAVEfmt "),
    ],
)
def test_what_holds_neither_picture_nor_sound_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    movie(tmp_path / "other.mov", frames=2)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name} .*(Relink|Export)"):
        probe(tmp_path / name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.mov does not exist\. Relink the clip, or put the file back"):
        probe(tmp_path / "gone.mov")
    with pytest.raises(InputError, match="is a folder"):
        probe(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_of_somebody_else_is_named(tmp_path: Path) -> None:
    path = movie(tmp_path / "m.mov", frames=2)
    os.seteuid(65_534)
    try:
        with pytest.raises(InputError, match=r"may not be read: Permission denied\. Change its permissions"):
            probe(path)
    finally:
        os.seteuid(0)
