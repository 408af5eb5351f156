"""Files of every kind through the reader to a verdict, or to an error that says what to do."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
import soxr
from av.audio.frame import AudioFrame

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.level import judged_level_from
from sottovoce_engine.judge.register import RegisterFinding, RegisterThresholds, Verdict, judged_voicing
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import voicing_from
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Voice
from sottovoce_engine.timing import SAMPLE_RATE

from .signals import Mono, noise, voiced, whispered

THRESHOLDS = thresholds_of("register", RegisterThresholds)
BEN = Voice(name="Ben", gender=Gender.MAN)


def checked(path: Path) -> RegisterFinding:
    with SoundReader(path) as reader:
        voicing = voicing_from(reader.read, reader.length_samples, THRESHOLDS)
        level = judged_level_from(reader.read, reader.length_samples, None, voicing)
    assert -120.0 <= level.true_peak_dbtp < 20.0
    return judged_voicing(voicing, None, register_table().get("whisper"), BEN, None, THRESHOLDS)


def written(path: Path, sound: Mono, rate: int = SAMPLE_RATE, subtype: str = "PCM_24", channels: int = 1) -> Path:
    at_rate = soxr.resample(sound, SAMPLE_RATE, rate) if rate != SAMPLE_RATE else sound
    soundfile.write(path, np.repeat(at_rate[:, None], channels, axis=1), rate, subtype)
    return path


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 96_000, 192_000])
def test_every_rate_gives_the_same_verdicts(rate: int, tmp_path: Path) -> None:
    assert checked(written(tmp_path / "voice.wav", voiced(), rate)).verdict is Verdict.VOICED
    assert checked(written(tmp_path / "whisper.wav", whispered(), rate)).verdict is Verdict.WHISPER


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT", "DOUBLE"])
def test_every_depth_gives_the_same_verdicts(subtype: str, tmp_path: Path) -> None:
    assert checked(written(tmp_path / "voice.wav", voiced(), subtype=subtype)).verdict is Verdict.VOICED
    assert checked(written(tmp_path / "whisper.wav", whispered(level=0.1), subtype=subtype)).verdict is Verdict.WHISPER


def test_the_centre_of_5_1_is_heard(tmp_path: Path) -> None:
    surround = np.zeros((6, SAMPLE_RATE * 2), np.float32)
    surround[2] = whispered(2.0)
    with av.open(str(tmp_path / "surround.wav"), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=SAMPLE_RATE, layout="5.1")
        frame = AudioFrame.from_ndarray(surround.T.reshape(1, -1).copy(), "flt", "5.1")
        frame.sample_rate = SAMPLE_RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert checked(tmp_path / "surround.wav").verdict is Verdict.WHISPER


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (voiced(0.01), "it is shorter than 150 ms"),
        (np.zeros(SAMPLE_RATE, np.float32), "it is silent"),
        (noise(2.0, 0.05), "nothing stands out of an even sound"),
    ],
    ids=["10 ms", "zeros", "white noise"],
)
def test_where_nobody_speaks_the_verdict_is_silent(sound: Mono, why: str, tmp_path: Path) -> None:
    found = checked(written(tmp_path / "sound.wav", sound))
    assert (found.verdict, found.passes) == (Verdict.SILENT, False)
    assert found.why[0].startswith(f"nobody speaks: {why}")


def test_an_empty_file_and_one_that_is_no_sound_are_input_errors(tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.wav", tmp_path / "text.wav"
    empty.write_bytes(b"")
    text.write_text("whisper: close your eyes")
    for path in (empty, text, tmp_path / "missing.wav"):
        with pytest.raises(InputError):
            checked(path)


def test_a_file_of_no_samples_is_silent(tmp_path: Path) -> None:
    assert checked(written(tmp_path / "none.wav", np.zeros(0, np.float32))).verdict is Verdict.SILENT
