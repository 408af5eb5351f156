"""A LoRA for a register of one's own, from recordings to a scene that asks for it, through the real commands."""

import io
import json
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.engine.training.spoken_recordings import ANNA, BEN, LINES, in_a_row, said, write_movie, write_wav
from tests.plugin.small_scene import write_small_scene
from tests.plugin.tiny_ltx import TINY

from sottovoce.cli import run
from sottovoce.logs import stop_logging
from sottovoce.reading import default_reading
from sottovoce.terminal import ExitCode
from sottovoce_engine.codec import from_json
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender
from sottovoce_engine.training.recipe import Recipe
from sottovoce_engine.training.recipe_file import read_recipe
from sottovoce_engine.training.values import FORMAT, Dataset, Split

pytestmark = pytest.mark.xdist_group("render")

RECIPE = """
name = "night"
[clips]
frames = 33
raster = "64x64"
trigger = "night voice"
[lora]
rank = 4
alpha = 4
[steps]
count = {steps}
warm_up = 1
dtype = "float32"
checkpoint_every = 100
[validation]
every = {steps}
lines = [{{ register = "murmur", gender = "woman", line = "Close your eyes." }}]
[register.murmur]
manner = {{ woman = "murmuring", man = "murmuring low" }}
"""
VERA = replace(ANNA, name="Vera", sound="low, breathy")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three voices: whispers that one of them does not whisper, murmurs, a movie with subtitles, and a broken file."""
    folder = tmp_path_factory.mktemp("recordings")
    for voice in (ANNA, VERA, BEN):
        for register, heard in (("murmur", "soft"), ("whisper", "whisper" if voice is not BEN else "normal")):
            path = folder / f"{voice.name} {voice.gender}" / register / "1.wav"
            write_wav(path, said(LINES[0], heard, voice)[14_000:-14_000])
            path.with_suffix(".txt").write_text(LINES[0], encoding="utf-8")
    movie = write_movie(folder / "murmur" / "Anna" / "2.mp4", in_a_row(LINES[2:], "soft", 0.6))
    times = "00:00:00,300 --> 00:00:03,500"
    movie.with_suffix(".srt").write_text(f"1\n{times}\n<i>Did you</i>\nhear that?\n", encoding="utf-8")
    (folder / "Anna woman" / "whisper" / "bad.wav").write_text("no sound")
    return folder


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return _recipe(tmp_path / "recipe.toml", 4)


def _recipe(path: Path, steps: int) -> Path:
    path.write_text(RECIPE.format(steps=steps), encoding="utf-8")
    return path


def _train(recordings: Path, output: Path, *options: str) -> ExitCode:
    return run(["train", str(recordings), "-o", str(output), *options])


def _tiny(tmp_path: Path) -> list[str]:
    return [*TINY, "--ltx", f"cache={tmp_path / 'cache'}"]


def _written(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A training that was stopped by Ctrl-C after some steps, and gone on with by the same command."""

    command: list[str]
    out: Path
    tiny: list[str]
    stopped: ExitCode
    told: str  # on stderr, until it stopped
    steps: int  # that were kept
    kept: set[str]  # files
    finished: ExitCode


@pytest.fixture(scope="module")
def made(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    out, tiny, recipe = folder / "out", _tiny(folder), _recipe(folder / "recipe.toml", 24)
    table = folder / "two.csv"
    rows = [
        f"{recordings / name / 'murmur' / '1.wav'},{name.replace(' ', ',')},murmur,Close your eyes."
        for name in ("Anna woman", "Ben man")
    ]
    table.write_text("\n".join(["file,voice,gender,register,transcript", *rows]), encoding="utf-8")
    command = ["train", str(table), "-o", str(out), "--recipe", str(recipe), *tiny]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOTTOVOCE_HOME", str(folder / "home"))
        terminal = _PressesCtrlC("training: 6/24")
        patch.setattr(sys, "stderr", terminal)
        stopped = run(command)
        steps, kept = len((out / "log.csv").read_text(encoding="utf-8").splitlines()) - 1, _written(out)
        patch.setattr(sys, "stderr", io.StringIO())
        finished = run(command)
    stop_logging()
    return Made(
        command=command,
        out=out,
        tiny=tiny,
        stopped=stopped,
        told=" ".join(terminal.getvalue().split()),
        steps=steps,
        kept=kept,
        finished=finished,
    )


class _PressesCtrlC(io.StringIO):
    """A terminal at which a person presses Ctrl-C when a line is shown."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line

    def write(self, text: str) -> int:
        if text.startswith(self._line):
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C interrupts at once there")
def test_ctrl_c_keeps_every_step_and_the_same_command_goes_on(made: Made) -> None:
    assert made.stopped is ExitCode.CANCELLED
    assert "the same command goes on from there" in made.told
    assert 6 <= made.steps < 24
    assert "checkpoint.safetensors" in made.kept
    assert "night.toml" not in made.kept
    assert made.finished is ExitCode.DONE
    log = (made.out / "log.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in log[1:]] == [str(step) for step in range(1, 25)]


def test_what_was_trained_lies_beside_its_register(made: Made) -> None:
    assert {"night.safetensors", "night.toml", "plot.svg", "heard.csv", "dataset.json"} <= _written(made.out)
    murmur = register_table(made.out / "night.toml").get("murmur")
    assert (murmur.manner.man, murmur.suffix, murmur.lora) == ("murmuring low", "night voice", 1.0)
    assert Path(murmur.lora_file) == made.out / "night.safetensors"
    heard = (made.out / "heard.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:3] for line in heard[1:]] == [[step, "murmur", "woman"] for step in ("0", "24")]
    assert (made.out / "plot.svg").read_text(encoding="utf-8").count("<polyline") >= 3


def test_a_scene_can_be_asked_for_in_the_new_register(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = write_small_scene(tmp_path / "scene.otio", (("Anna (woman) murmur: close your eyes", 6, 40),))
    asked = [str(scene), "--registers", str(made.out / "night.toml")]
    assert run(["regions", *asked, "--json"]) is ExitCode.DONE
    (region,) = json.loads(capsys.readouterr().out)["regions"]
    assert (region["register"], region["line"]) == ("murmur", "close your eyes")
    assert run(["plan", *asked, "--renderer", "ltx", *made.tiny]) is ExitCode.DONE
    assert "1 take of 1 of 1 regions to render with ltx" in capsys.readouterr().out


def test_named_in_the_settings_it_is_a_register_of_every_command_and_of_the_panel(
    made: Made, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = home / "settings" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"registers_file = {json.dumps(str(made.out / 'night.toml'))}\n", encoding="utf-8")
    assert "murmur" in default_reading().registers.names  # what the panel's window is made with
    scene = write_small_scene(tmp_path / "scene.otio", (("Anna (woman) murmur: close your eyes", 6, 40),))
    assert run(["regions", str(scene)]) is ExitCode.DONE
    assert "murmur" in capsys.readouterr().out


def test_run_again_it_tells_what_there_is_and_writes_over_nothing_of_the_persons(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    own = (made.out / "night.toml").read_text(encoding="utf-8")
    assert run([*made.command, "--json"]) is ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["registers"] == str(made.out / "night.toml")
    changed = own.replace("murmuring low", "murmuring deep")
    (made.out / "night.toml").write_text(changed, encoding="utf-8")
    try:
        assert run([*made.command, "--json"]) is ExitCode.DONE
        told = json.loads(capsys.readouterr().out)
        assert told["registers"] == str(made.out / "night_v002.toml")
        assert told["trained"]["steps"] == 24
        assert (made.out / "night.toml").read_text(encoding="utf-8") == changed
    finally:
        (made.out / "night.toml").write_text(own, encoding="utf-8")


def test_mismatches_are_listed_and_nothing_is_trained_until_somebody_decides(
    recordings: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert _train(recordings, out, "--recipe", str(recipe)) is ExitCode.INPUT
    told = capsys.readouterr()
    assert "1 of 7 clips do not measure as they are labelled:" in told.out
    assert "Ben man/whisper/1.wav  whisper" in told.out
    assert "spoken with voice, not whispered" in told.out
    assert "--leave-out-mismatches" in told.err
    assert _written(out) == {"clips"}


class _Terminal(io.StringIO):
    """Where a person sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "told"),
    [("l", "nobody is called so"), ("K", "nobody is called so"), ("", "do not measure"), ("what?", "do not measure")],
)
def test_in_a_terminal_a_person_is_asked(
    recordings: Path, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, told: str
) -> None:
    """What comes after the answer is refused for a voice that the recipe names, so that nothing is trained here."""
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("[validation]", '[validation]\nvoices = ["Nobody"]'))
    shown, errors = _Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stdin", _Terminal(f"{answer}\n"))
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(sys, "stderr", errors)
    assert _train(recordings, tmp_path / "out", "--recipe", str(recipe)) is ExitCode.INPUT
    assert "Leave them out, keep them, or stop? [l/k/S]" in shown.getvalue()
    assert told in " ".join(errors.getvalue().split())


@pytest.mark.parametrize(
    ("option", "clips", "mismatches"),
    [
        ((), 7, ["Ben man/whisper/1.wav"]),
        (("--leave-out-mismatches",), 6, []),
        (("--keep", "Ben man/whisper/1.wav"), 7, []),
    ],
)
def test_a_plan_says_what_would_be_trained(
    recordings: Path,
    recipe: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: tuple[str, ...],
    clips: int,
    mismatches: list[str],
) -> None:
    out = tmp_path / "out"
    options = ("--recipe", str(recipe), "--plan", "--json", *option, *_tiny(tmp_path))
    assert _train(recordings, out, *options) is ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    assert len(told["dataset"]["clips"]) == clips
    assert told["mismatches"] == mismatches
    assert told["machine"]["fits"] is True
    assert told["trained"] is None
    assert any("bad.wav" in reason for reason in told["left_out"])
    dataset = from_json((out / "dataset.json").read_bytes(), Dataset, format_version=FORMAT, source="dataset")
    assert {clip.voice for clip in dataset.held_out} == {"Vera"}
    assert {clip.split for clip in dataset.clips if clip.voice != "Vera"} == {Split.TRAIN}


def test_clips_are_captioned_as_the_register_will_be_asked_for(
    recordings: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _train(recordings, tmp_path / "out", "--recipe", str(recipe), "--prepare-only") is ExitCode.DONE
    shown = capsys.readouterr().out
    assert "machine" not in shown
    text = (tmp_path / "out" / "dataset.json").read_bytes()
    dataset = from_json(text, Dataset, format_version=FORMAT, source="dataset")
    captions = {clip.name: clip.caption for clip in dataset.clips}
    assert captions["murmur/Anna/2.mp4"] == '(woman, murmuring): "Did you hear that?", night voice'
    assert captions["Ben man/murmur/1.wav"] == '(man, murmuring low): "Close your eyes.", night voice'
    assert captions["Vera woman/whisper/1.wav"] == '(woman, whispering): "Close your eyes.", night voice'
    movie = next(clip for clip in dataset.clips if clip.name == "murmur/Anna/2.mp4")
    assert (movie.has_picture, movie.gender) == (True, Gender.WOMAN)


def test_what_the_recordings_lack_is_told(
    recordings: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--recipe", str(recipe), "--prepare-only", "--leave-out-mismatches")
    assert _train(recordings, tmp_path / "out", *options) is ExitCode.DONE
    shown = capsys.readouterr().out
    assert "nothing is learnt of how a man speaks in 'whisper'" in shown
    assert "how a woman speaks" not in shown
    assert "4 clips, of registers of which nobody knows how they should measure" in shown


def test_nothing_of_the_persons_is_written_to(recordings: Path, recipe: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in recordings.rglob("*") if path.is_file()}
    out = recordings / "results"
    assert _train(recordings, out, "--recipe", str(recipe), "--prepare-only") is ExitCode.DONE
    after = {
        path: path.stat().st_mtime_ns for path in recordings.rglob("*") if path.is_file() and out not in path.parents
    }
    assert after == before


def test_the_example_is_a_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "--recipe-example"]) is ExitCode.DONE
    path = tmp_path / "recipe.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert read_recipe(path, register_table()).recipe == Recipe()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["train"], "Name the folder of recordings"),
        (["train", "RECORDINGS"], "Name the folder that results go to"),
        (["train", "RECORDINGS", "-o", "RECORDINGS"], "holds the recordings"),
        (["train", "none", "-o", "OUT"], "is not there"),
        (["train", "RECORDINGS", "-o", "OUT"], "is not labelled|are not labelled"),
        (["train", "RECORDINGS", "-o", "OUT", "--recipe", "none.toml"], "cannot be read"),
        (["train", "RECORDINGS", "-o", "OUT", "--recipe", "RECIPE", "--keep", "Ben man/whisper/2.wav"], "Did you mean"),
    ],
)
def test_what_cannot_be_is_told(
    recordings: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    places = {"RECORDINGS": str(recordings), "OUT": str(tmp_path / "out"), "RECIPE": str(recipe)}
    assert run([places.get(option, option) for option in options]) is ExitCode.INPUT
    told = " ".join(capsys.readouterr().err.split())
    assert any(part in told for part in said.split("|"))
