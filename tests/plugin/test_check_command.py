"""Any file through `sottovoce check`: a verdict with an exit code, or one paragraph."""

import json
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
import soxr
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from tests.engine.judge.corpus import LINES, VOICES, clean_clip
from tests.engine.judge.signals import noise, voiced, whispered
from tests.engine.judge.spoken_lines import chord, whisper_folder

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.media.frames import planes_of
from sottovoce_engine.timing import SAMPLE_RATE

LINE, OTHER_LINE = LINES[0], "The weather report was wrong again this morning."
ANNA = VOICES[0]


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one line in three registers: normal.wav, half.wav, whisper.wav."""
    folder = tmp_path_factory.mktemp("spoken")
    for register in ("normal", "half", "whisper"):
        written(folder / f"{register}.wav", clean_clip(ANNA, register, 0, LINE).sound)
    return folder


def written(path: Path, sound: NDArray[np.float32], rate: int = SAMPLE_RATE, subtype: str = "PCM_24") -> Path:
    soundfile.write(path, soxr.resample(sound, SAMPLE_RATE, rate) if rate != SAMPLE_RATE else sound, rate, subtype)
    return path


def checked(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[ExitCode, Any]:
    code = run(["check", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("name", "code", "verdict"),
    [
        ("whisper", ExitCode.DONE, "whisper"),
        ("half", ExitCode.DONE, "mixed"),
        ("normal", ExitCode.BELOW_BAR, "voiced"),
    ],
)
def test_a_whisper_is_asked_for(
    spoken: Path, capsys: pytest.CaptureFixture[str], name: str, code: ExitCode, verdict: str
) -> None:
    found = checked(capsys, spoken / f"{name}.wav", "--register", "whisper", "--line", LINE)
    assert found[0] is code
    plain = found[1]
    assert plain["register"]["verdict"] == verdict
    assert plain["passes"] is (code is ExitCode.DONE)
    assert plain["amber"] is (verdict == "mixed")
    assert {"v", "voiced_share"} <= plain["register"].keys()
    assert plain["line"]["verdict"] == "not contradicted"
    assert plain["line"]["passes"] is None, "laying a line over a sound proves nothing"
    assert plain["damage"] == []
    assert -45.0 < plain["loudness"]["loudness_lufs"] < -15.0
    assert plain["why"]


def test_strict_lets_no_half_whisper_pass(spoken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, plain = checked(capsys, spoken / "half.wav", "--register", "whisper", "--strict")
    assert (code, plain["passes"]) == (ExitCode.BELOW_BAR, False)


def test_without_a_register_any_will_do(spoken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("whisper", "normal"):
        code, plain = checked(capsys, spoken / f"{name}.wav")
        assert code is ExitCode.DONE
        assert plain["register"]["passes"] is None
        assert plain["line"]["verdict"] == "not checked"


def test_a_wrong_line_does_not_pass(spoken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, plain = checked(capsys, spoken / "normal.wav", "--line", OTHER_LINE)
    assert (code, plain["line"]["verdict"]) == (ExitCode.BELOW_BAR, "contradicted")


def test_a_whisper_model_says_that_a_line_is_said(spoken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = ("--speech-model", whisper_folder())
    code, plain = checked(capsys, spoken / "normal.wav", "--line", LINE, *model)
    assert (code, plain["line"]["verdict"], plain["line"]["passes"]) == (ExitCode.DONE, "said", True)
    code, plain = checked(capsys, spoken / "normal.wav", "--line", "Did you see that?", *model)
    assert plain["line"]["heard"]
    assert any(entry["change"] == "wrong" for entry in plain["line"]["diff"])


def test_a_line_in_a_language_nobody_knows_here_is_not_checked(
    spoken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, plain = checked(capsys, spoken / "normal.wav", "--line", "Hast du das gehört?", "--language", "de")
    assert (plain["line"]["verdict"], plain["line"]["passes"]) == ("not checked", None)


def test_several_files_end_with_the_worst(spoken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = spoken / "whisper.wav", spoken / "normal.wav"
    assert checked(capsys, good, good, "--register", "whisper")[0] is ExitCode.DONE
    code, plain = checked(capsys, good, bad, "--register", "whisper")
    assert (code, [one["passes"] for one in plain]) == (ExitCode.BELOW_BAR, [True, False])
    code, plain = checked(capsys, good, tmp_path / "none.wav", bad, "--register", "whisper")
    assert code is ExitCode.INPUT
    assert "does not exist" in plain[1]["error"]
    assert [one["file"] for one in plain] == [str(good), str(tmp_path / "none.wav"), str(bad)]


def test_the_text_fits_a_hundred_columns(spoken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = tmp_path / "new\nline \x1b[31m.wav"
    evil.write_bytes((spoken / "normal.wav").read_bytes())
    assert run(["check", str(evil), str(tmp_path / "none.wav"), "--register", "whisper", "--line", LINE]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(".wav: fails")
    assert "\x1b" not in lines[0]
    assert [line[:12].strip() for line in lines[1:4]] == ["register", "", "line"]
    assert all(len(line) <= 100 for line in lines[1:] if "none.wav" not in line)
    assert any(line.endswith("none.wav: cannot be used") for line in lines)


def black_movie(path: Path, sound: NDArray[np.float32] | None, frames: int = 12) -> Path:
    """Black at 24 frames a second, under `sound` where there is any."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mjpeg", rate=24, width=128, height=96, pix_fmt="yuvj420p")
        heard = container.add_stream("pcm_s16le", rate=SAMPLE_RATE, layout="mono") if sound is not None else None
        for _ in range(frames):
            frame = VideoFrame(128, 96, "yuvj420p")
            for plane, value in zip(planes_of(frame), (0, 128, 128), strict=True):
                plane[:] = value
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        if heard is not None and sound is not None:
            block = AudioFrame.from_ndarray((sound[None] * 32_767).astype(np.int16), "s16", "mono")
            block.sample_rate = SAMPLE_RATE
            container.mux(heard.encode(block))
            container.mux(heard.encode(None))
    return path


def test_a_movie_s_picture_is_looked_at(spoken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound, _ = soundfile.read(spoken / "whisper.wav", dtype="float32")
    movie = black_movie(tmp_path / "black.mov", sound, len(sound) * 24 // SAMPLE_RATE)
    code, plain = checked(capsys, movie, "--register", "whisper")
    assert code is ExitCode.BELOW_BAR
    assert "black picture" in [finding["kind"] for finding in plain["damage"]]
    assert plain["register"]["verdict"] == "whisper"


def test_a_movie_without_sound_is_one_paragraph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(black_movie(tmp_path / "silent.mov", None))]) is ExitCode.INPUT
    assert "silent.mov" in one_paragraph(capsys)


# Bad input.


def one_paragraph(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("sottovoce: ")
    assert "\n" not in captured.err.rstrip("\n")
    return captured.err


def test_what_is_no_sound_is_one_paragraph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("Anna whispers: close your eyes\n" * 40)
    (tmp_path / "notes.txt").write_text("Anna whispers: close your eyes\n" * 40)
    with wave.open(str(tmp_path / "header.wav"), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
    for name in ("empty.wav", "text.wav", "notes.txt", "none.wav", ""):
        assert run(["check", str(tmp_path / name), "--register", "whisper"]) is ExitCode.INPUT, name
        assert str(tmp_path / name) in one_paragraph(capsys)
    code = run(["check", str(tmp_path / "header.wav"), "--register", "whisper"])
    assert code in (ExitCode.INPUT, ExitCode.BELOW_BAR)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("register", ["whisper", "normal"])
@pytest.mark.parametrize(
    "sound",
    [voiced(0.01), np.zeros(2 * SAMPLE_RATE, np.float32), noise(2.0, 0.05)],
    ids=["10 ms", "zeros", "white noise"],
)
def test_where_nobody_speaks_nothing_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sound: NDArray[np.float32], register: str
) -> None:
    path = written(tmp_path / "sound.wav", sound)
    code, plain = checked(capsys, path, "--register", register, "--line", LINE)
    assert (code, plain["register"]["verdict"]) == (ExitCode.BELOW_BAR, "silent")
    assert plain["why"]


def test_music_is_no_clear_whisper(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "music.wav", chord(2.0)[0])
    code, plain = checked(capsys, path, "--register", "whisper", "--strict")
    assert (code, plain["passes"]) == (ExitCode.BELOW_BAR, False)
    assert plain["register"]["verdict"] in ("uncertain", "voiced", "silent")


def test_hours_of_sound_are_read_piece_by_piece(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Above ten minutes nothing is held; three hours take the same way."""
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8_000 * 660))
    code, plain = checked(capsys, path, "--register", "whisper", "--line", LINE)
    assert (code, plain["register"]["verdict"]) == (ExitCode.BELOW_BAR, "silent")
    assert plain["line"]["verdict"] == "not checked"
    assert any("first 10 of 11 minutes" in why for why in plain["why"])


def test_two_speakers_at_once_are_no_whisper(spoken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ben = clean_clip(VOICES[2], "normal", 1, LINES[1]).sound
    anna, _ = soundfile.read(spoken / "normal.wav", dtype="float32")
    both = np.zeros(max(len(ben), len(anna)), np.float32)
    both[: len(ben)] += ben
    both[: len(anna)] += anna
    code, plain = checked(capsys, written(tmp_path / "both.wav", both), "--register", "whisper")
    assert (code, plain["register"]["verdict"]) == (ExitCode.BELOW_BAR, "voiced")


@pytest.mark.parametrize(
    ("rate", "subtype"), [(8_000, "PCM_16"), (192_000, "PCM_24"), (48_000, "FLOAT"), (48_000, "PCM_16")]
)
def test_every_rate_and_depth_gives_the_same_verdict(
    spoken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rate: int, subtype: str
) -> None:
    for name, code in (("whisper", ExitCode.DONE), ("normal", ExitCode.BELOW_BAR)):
        sound, _ = soundfile.read(spoken / f"{name}.wav", dtype="float32")
        path = written(tmp_path / f"{name}.wav", sound, rate, subtype)
        assert checked(capsys, path, "--register", "whisper")[0] is code


def test_samples_that_are_no_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound = whispered(1.5)
    sound[20_000:20_100] = np.nan
    sound[30_000] = np.inf
    code, plain = checked(capsys, written(tmp_path / "nan.wav", sound, subtype="FLOAT"), "--register", "whisper")
    assert (code, plain["damage"][0]["kind"]) == (ExitCode.BELOW_BAR, "not a number")


def test_the_centre_of_5_1_is_heard(spoken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound, _ = soundfile.read(spoken / "whisper.wav", dtype="float32")
    surround = np.zeros((6, len(sound)), np.float32)
    surround[2] = sound
    with av.open(str(tmp_path / "surround.wav"), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=SAMPLE_RATE, layout="5.1")
        frame = AudioFrame.from_ndarray(surround.T.reshape(1, -1).copy(), "flt", "5.1")
        frame.sample_rate = SAMPLE_RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    code, plain = checked(capsys, tmp_path / "surround.wav", "--register", "whisper")
    assert (code, plain["register"]["verdict"]) == (ExitCode.DONE, "whisper")


def test_options_that_cannot_be_are_refused(spoken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(spoken / "whisper.wav")
    (tmp_path / "judge.toml").write_text('[register]\nwhisper_belo = { value = 1.0, source = "a test" }\n')
    for options, code, said in (
        (["--register", "wisper"], ExitCode.INPUT, "Did you mean 'whisper'"),
        (["--thresholds", str(tmp_path / "judge.toml")], ExitCode.INPUT, "whisper_below"),
        (["--thresholds", str(tmp_path / "none.toml")], ExitCode.INPUT, "none.toml"),
        (["--speech-model", str(tmp_path)], ExitCode.SETUP, "holds no Whisper model"),
    ):
        assert run(["check", path, *options]) is code
        assert said in one_paragraph(capsys)


def test_thresholds_of_one_s_own_decide(
    spoken: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "judge.toml"
    bars = {"second_opinion_above": 0.1, "whisper_below": 0.2, "voiced_above": 0.3}
    lines = [f'{name} = {{ value = {value}, source = "a test" }}' for name, value in bars.items()]
    own.write_text("\n".join(["[register]", *lines]))
    arguments = (spoken / "whisper.wav", "--register", "whisper")
    assert checked(capsys, *arguments)[1]["register"]["verdict"] == "whisper"
    assert checked(capsys, *arguments, "--thresholds", own)[1]["register"]["verdict"] != "whisper"
    (home / "settings").mkdir()
    (home / "settings" / "settings.toml").write_text(f'thresholds_file = "{own}"\n')
    assert checked(capsys, *arguments)[1]["register"]["verdict"] != "whisper"
