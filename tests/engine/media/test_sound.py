import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.frames import black_frame
from sottovoce_engine.media.sound import SoundReader, WavWriter
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import Span

FILM = Fraction(24_000, 1001)
SMALL = Raster(width=64, height=64)
SECONDS = 3

# File name, codec, the largest error a sample may have after the first moments.
KINDS: dict[str, tuple[str, float]] = {
    "s16.wav": ("pcm_s16le", 2**-15),
    "s24.wav": ("pcm_s24le", 2**-22),
    "f32.wav": ("pcm_f32le", 0),
    "s16.aiff": ("pcm_s16be", 2**-15),
    "lossless.flac": ("flac", 2**-15),
    "lossless.m4a": ("alac", 2**-15),
    "aac.m4a": ("aac", 0.02),
    "mp3.mp3": ("libmp3lame", 0.02),
    "opus.ogg": ("libopus", 0.05),
    "opus.mkv": ("libopus", 0.05),
    "aac.mkv": ("aac", 0.02),
    "pcm.mkv": ("pcm_s16le", 2**-15),
}


@pytest.fixture
def sounding(tmp_path: Path, encoded: Any) -> Any:
    """A file with sound only."""

    def made(name: str, sound: NDArray[np.float32], **more: Any) -> Path:
        path: Path = encoded(
            tmp_path / name, [], codec="", pixels="", rate=FILM, sound=sound, **{"sound_codec": KINDS[name][0]} | more
        )
        return path

    return made


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_gives_its_samples_at_their_places(sounding: Any, noise: Any, kind: str) -> None:
    given = noise(SECONDS * 48_000)
    with SoundReader(sounding(kind, given)) as reader:
        read = reader.read(Span(0, SECONDS * 48_000))
        assert SECONDS * 48_000 <= reader.length_samples < SECONDS * 48_000 + 4_000
        if KINDS[kind][1] < 0.01:
            assert reader.length_samples == SECONDS * 48_000
    error = np.abs(read - given)[:, 4_000:-4_000]
    assert float(error.max()) <= KINDS[kind][1]


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_and_jumps_give_what_one_reading_gives(sounding: Any, noise: Any, kind: str) -> None:
    path = sounding(kind, noise(SECONDS * 48_000))
    with SoundReader(path) as reader:
        whole = reader.read(Span(0, reader.length_samples))
    with SoundReader(path) as reader:
        size = 1_601
        blocks = [reader.read(Span(at, at + size)) for at in range(0, whole.shape[1], size)]
        assert np.array_equal(np.concatenate(blocks, axis=1)[:, : whole.shape[1]], whole)
        for start in (100_000, 0, 50_000, 49_000, 140_000, 1_023, 1_025, 99_999):
            assert np.abs(reader.read(Span(start, start + 3_000)) - whole[:, start : start + 3_000]).max() < 1e-6


def test_a_long_file_is_sought_not_read_through(sounding: Any, noise: Any) -> None:
    given = noise(60 * 48_000)
    with SoundReader(sounding("aac.m4a", given, sound_codec="aac")) as reader:
        one = reader.read(Span(2_700_000, 2_710_000))
        assert reader._held.shape[1] < 3 * 48_000
        reader.read(Span(0, 10_000))
        assert np.abs(reader.read(Span(2_700_000, 2_710_000)) - one).max() < 1e-6
        assert np.abs(one - given[:, 2_700_000:2_710_000]).max() < 0.02


def test_outside_the_file_is_silence(sounding: Any) -> None:
    with SoundReader(sounding("f32.wav", np.full((2, 1000), 0.5, np.float32))) as reader:
        assert np.array_equal(reader.read(Span(-10, 10))[0], [0.0] * 10 + [0.5] * 10)
        assert np.array_equal(reader.read(Span(990, 1010))[0], [0.5] * 10 + [0.0] * 10)
        assert not reader.read(Span(5000, 5010)).any()
        assert not reader.read(Span(-50, -10)).any()
        assert reader.read(Span(3, 3)).shape == (2, 0)


# --- rates and channels -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [44_100, 22_050, 8_000, 96_000, 32_000, 11_025])
def test_other_rates_are_resampled_to_their_exact_length(sounding: Any, noise: Any, rate: int) -> None:
    given = noise(2 * rate + 17)
    path = sounding("f32.wav", given, sound_rate=rate)
    expected = soxr.resample(given.T, rate, 48_000, quality="VHQ").T
    with SoundReader(path) as reader:
        assert reader.length_samples == round(Fraction((2 * rate + 17) * 48_000, rate))
        read = reader.read(Span(0, reader.length_samples))
        common = min(read.shape[1], expected.shape[1])
        assert np.abs(read[:, :common] - expected[:, :common]).max() < 1e-5
        for start in (60_000, 7, 30_001, 30_000, 80_000):
            assert np.abs(reader.read(Span(start, start + 999)) - read[:, start : start + 999]).max() < 1e-5


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_resampled_sound_is_the_same_in_blocks(sounding: Any, noise: Any, rate: int) -> None:
    path = sounding("f32.wav", noise(2 * rate), sound_rate=rate)
    with SoundReader(path) as reader:
        whole = reader.read(Span(0, 96_000))
    with SoundReader(path) as reader:
        blocks = [reader.read(Span(at, at + 1_000)) for at in range(0, 96_000, 1_000)]
    assert np.array_equal(np.concatenate(blocks, axis=1), whole)


def test_a_tone_keeps_its_pitch_and_place(sounding: Any) -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(44_100) / 44_100)[None].repeat(2, 0).astype(np.float32) / 2
    with SoundReader(sounding("f32.wav", tone, sound_rate=44_100)) as reader:
        read = reader.read(Span(0, 48_000))
    expected = np.sin(2 * np.pi * 1000 * np.arange(48_000) / 48_000) / 2
    assert np.abs(read[0] - expected)[1_000:-1_000].max() < 1e-4


def test_mono_is_heard_on_both_sides_at_its_level(sounding: Any, noise: Any) -> None:
    given = noise(5_000, 1)
    with SoundReader(sounding("f32.wav", given, sound_layout="mono")) as reader:
        read = reader.read(Span(0, 5_000))
    assert np.array_equal(read, np.repeat(given, 2, axis=0))


def test_surround_is_mixed_down_as_bs775_says(sounding: Any) -> None:
    names = ("FL", "FR", "FC", "LFE", "BL", "BR")
    levels = np.array([0.1, 0.2, 0.4, 0.9, 0.05, 0.3])
    given = np.repeat(levels[:, None], 1000, axis=1).astype(np.float32)
    with SoundReader(sounding("f32.wav", given, sound_layout="5.1")) as reader:
        left, right = reader.read(Span(0, 1000))
    by_name = dict(zip(names, levels, strict=True))
    assert left == pytest.approx(by_name["FL"] + np.sqrt(0.5) * (by_name["FC"] + by_name["BL"]))
    assert right == pytest.approx(by_name["FR"] + np.sqrt(0.5) * (by_name["FC"] + by_name["BR"]))


def test_of_tracks_without_a_place_the_first_two_are_the_mix(sounding: Any) -> None:
    given = np.repeat(np.array([[0.1], [0.2], [0.3], [0.4]], np.float32), 1000, axis=1)
    with SoundReader(sounding("f32.wav", given, sound_layout="4 channels")) as reader:
        assert reader.read(Span(0, 1))[:, 0] == pytest.approx([0.1, 0.2])


def test_integers_at_full_scale_are_one(tmp_path: Path) -> None:
    for width, low, zero in (
        (1, b"\x00", b"\x80"),
        (2, b"\x00\x80", b"\x00\x00"),
        (4, b"\x00\x00\x00\x80", b"\x00" * 4),
    ):
        with wave.open(str(tmp_path / f"{width}.wav"), "wb") as file:
            file.setparams((1, width, 48_000, 0, "NONE", ""))
            file.writeframes(low * 100 + zero * 100)
        with SoundReader(tmp_path / f"{width}.wav") as reader:
            assert reader.read(Span(99, 101))[0].tolist() == [-1.0, 0.0]


# --- picture and sound together -----------------------------------------------------------------------------------


@pytest.mark.parametrize("container", ["mov", "mp4", "mkv", "ts"])
@pytest.mark.parametrize(("first_frame", "first_sample"), [(0, 0), (0, 12_345), (5, 0), (7, 20_000)])
def test_sound_counts_from_the_first_frame(
    tmp_path: Path, encoded: Any, noise: Any, container: str, first_frame: int, first_sample: int
) -> None:
    """Cameras and cutters start streams apart; what counts is what sounds while a frame is shown."""
    given = noise(48_000)
    path = encoded(
        tmp_path / f"m.{container}",
        [black_frame(SMALL).reformat(format="yuv420p") for _ in range(48)],
        codec="libx264",
        pixels="yuv420p",
        options={"bf": "2"},
        rate=Fraction(24),
        first_pts=first_frame,
        sound=given,
        sound_codec="pcm_s16le" if container == "mov" else "aac",
        first_sample=first_sample,
    )
    begins = first_sample - first_frame * 2_000
    with SoundReader(path) as reader:
        read = reader.read(Span(begins, begins + 48_000))
    middle = given[:, 9_000:40_000]
    match = [float((read[:, 9_000 + lag : 40_000 + lag] * middle).sum()) for lag in range(-60, 61)]
    # Matroska counts in milliseconds: half of one is 24 samples, for each of the two streams.
    assert abs(int(np.argmax(match)) - 60) <= (48 if container == "mkv" else 0)


def test_a_file_without_sound_is_refused(tmp_path: Path, encoded: Any) -> None:
    frames = [black_frame(SMALL).reformat(format="yuv420p")]
    path = encoded(tmp_path / "mute.mp4", frames, codec="libx264", pixels="yuv420p", rate=FILM)
    with pytest.raises(InputError, match=r"mute\.mp4 holds no sound\. Relink"):
        SoundReader(path).__enter__()


@pytest.mark.parametrize("content", [b"", b"words, only words\n" * 99])
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.wav").write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as sound or picture"):
        SoundReader(tmp_path / "bad.wav").__enter__()


def test_a_header_without_a_rate_is_refused(tmp_path: Path, encoded: Any, noise: Any) -> None:
    path: Path = encoded(tmp_path / "m.mov", [], codec="", pixels="", rate=FILM, sound=noise(4_800))
    damaged = bytearray(path.read_bytes())
    for box, offset in ((b"sowt", 28), (b"mdhd", 16)):
        at = damaged.index(box) + offset
        damaged[at : at + 4] = bytes(4)
    path.write_bytes(damaged)
    with pytest.raises(InputError, match=r"has a sample rate of 0.*Export it again"):
        SoundReader(path).__enter__()


def test_sound_of_an_unknown_format_is_refused(tmp_path: Path, encoded: Any, noise: Any) -> None:
    frames = [black_frame(SMALL).reformat(format="yuv420p")]
    path: Path = encoded(
        tmp_path / "m.mp4", frames, codec="libx264", pixels="yuv420p", rate=FILM, sound=noise(4_800), sound_codec="ac3"
    )
    damaged = bytearray(path.read_bytes())
    entry = damaged.index(b"ac-3")
    damaged[entry : entry + 4] = b"????"
    path.write_bytes(damaged)
    with pytest.raises(InputError, match=r"m\.mp4 holds no sound"):
        SoundReader(path).__enter__()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        SoundReader(tmp_path / "gone.wav").__enter__()


def test_sound_cut_short_is_refused_where_it_ends(tmp_path: Path, noise: Any) -> None:
    from sottovoce_engine.media.movie import MovieWriter

    path = tmp_path / "short.mp4"
    with MovieWriter(path, raster=SMALL, rate=Fraction(24), flavour="mp4") as writer:
        for second in range(10):
            for _ in range(24):
                writer.write_frame(black_frame(SMALL))
            writer.write_sound(noise(48_000, seed=second))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with SoundReader(path) as reader:
        assert reader.read(Span(0, 48_000)).any()
        with pytest.raises(InputError, match=r"cut short|cannot be read as sound"):
            reader.read(Span(400_000, 440_000))


# --- writing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 777, 100_000])
def test_what_is_written_is_read(tmp_path: Path, noise: Any, block: int) -> None:
    given = noise(5_000)
    with WavWriter(tmp_path / "w.wav") as writer:
        for start in range(0, 5_000, block):
            writer.write(given[:, start : start + block])
    with SoundReader(tmp_path / "w.wav") as reader:
        assert reader.length_samples == 5_000
        assert np.abs(reader.read(Span(0, 5_000)) - given).max() <= 0.5 / 2**23


@pytest.mark.parametrize(("bits", "channels"), [(16, 1), (16, 2), (24, 1), (24, 6)])
def test_the_file_is_plain_pcm(tmp_path: Path, noise: Any, bits: int, channels: int) -> None:
    given = noise(1_000, channels)
    with WavWriter(tmp_path / "w.wav", channels=channels, bits=bits) as writer:
        writer.write(given)
    with wave.open(str(tmp_path / "w.wav")) as file:
        assert file.getparams()[:4] == (channels, bits // 8, 48_000, 1_000)
        raw = np.frombuffer(file.readframes(1_000), np.uint8).reshape(1_000, channels, bits // 8)
    wide = np.zeros((1_000, channels, 4), np.uint8)
    wide[:, :, 4 - bits // 8 :] = raw
    values = wide.view("<i4")[:, :, 0].T / 2**31
    assert np.abs(values - given).max() <= 0.51 / 2 ** (bits - 1)


def test_full_scale_is_kept_and_more_is_clipped_and_counted(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "w.wav") as writer:
        writer.write(np.array([[1.0, -1.0, 1.25], [0.5, -3.0, 0.0]], np.float32))
        assert writer.clipped == 2
    with SoundReader(tmp_path / "w.wav") as reader:
        assert reader.read(Span(0, 3)) == pytest.approx(np.array([[1, -1, 1], [0.5, -1, 0]]), abs=2**-22)


def test_an_empty_file_and_an_empty_block(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "w.wav") as writer:
        writer.write(np.zeros((2, 0), np.float32))
    with wave.open(str(tmp_path / "w.wav")) as file:
        assert file.getnframes() == 0


def test_nothing_is_left_behind_when_the_body_raises(tmp_path: Path) -> None:
    def broken() -> None:
        with WavWriter(tmp_path / "w.wav") as writer:
            writer.write(np.zeros((2, 100), np.float32))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"w\.wav cannot be written there"):
        WavWriter(tmp_path / "nowhere" / "w.wav").__enter__()


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.sound import WavWriter

resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with WavWriter(Path(sys.argv[1])) as writer:
        for _ in range(20):
            writer.write(np.zeros((2, int(sys.argv[2])), np.float32))
except SetupError as error:
    print(error)
"""


@pytest.mark.parametrize("block", [169, 10_000])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, block: int) -> None:
    """Small blocks are still buffered when the file is closed; large ones fail at once."""
    command = [sys.executable, "-c", FULL, str(tmp_path / "w.wav"), str(block)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "no space left for it. Free some space" in done.stdout
    assert not done.stderr
    assert not list(tmp_path.iterdir())
