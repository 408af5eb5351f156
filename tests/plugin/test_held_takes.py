"""Takes held to the sound beside them and to anchors of their voices, from the command line to the finished scene."""

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
from tests.engine.renderers.ltx.render_jobs import write_settings
from tests.engine.renderers.ltx.tiny_model import save_tiny_lora, save_tiny_model

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.codec import to_plain
from sottovoce_engine.media.sound import SoundReader, WavWriter
from sottovoce_engine.renderers.ltx.settings import OVER_VARIABLE
from sottovoce_engine.scene import MediaRange, VoiceAnchor
from sottovoce_engine.timing import Span

from .recut_scene import FIRST_CUT, MARKS, write_cut, write_footage

TINY = ["--renderer", "ltx", "--ltx", "sampling.sigmas=[1.0, 0.5]", "--handles", "8"]
FRAME = 2_000  # samples
HUSHED = (("Anna whisper: hush", 16, 14), ("Ben (man, shouting): stay", 62, 14))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny LTX-2.3, a LoRA for it beside it."""
    folder = tmp_path_factory.mktemp("ltx")
    save_tiny_lora(folder / "lora.safetensors")
    return save_tiny_model(folder / "tiny-ltx-2.3")


@pytest.fixture(autouse=True)
def _settings_of_the_tiny_model(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OVER_VARIABLE, raising=False)
    for name, value in write_settings(tmp_path / "ltx.toml", model, model.parent / "lora.safetensors").items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("footage")
    write_footage(folder)
    return folder


@pytest.fixture
def source(footage: Path, tmp_path: Path) -> Path:
    return write_cut(tmp_path / "scene.otio", FIRST_CUT, footage, MARKS)


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    sound = np.random.default_rng(1).normal(0, 0.05, (2, 3 * 48_000)).astype(np.float32)
    return written(tmp_path / "voice.wav", sound)


def written(path: Path, sound: Any) -> Path:
    with WavWriter(path) as wav:
        wav.write(sound)
    return path


def plan(source: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[Any]:
    assert run(["plan", str(source), "--json", *TINY, *options]) is ExitCode.DONE
    regions: list[Any] = json.loads(capsys.readouterr().out)["regions"]
    return regions


def refused(source: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert run(["plan", str(source), *TINY, *options]) is ExitCode.INPUT
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error


def keys(regions: list[Any]) -> list[str]:
    return [job["key"] for region in regions for job in region["jobs"]]


def test_the_plan_holds_what_was_asked_for(source: Path, voice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = plan(source, capsys)
    assert [region["jobs"][0]["held_to"] for region in plain] == [None, None]
    held = plan(source, capsys, "--context", "0.4")
    anna, ben = (region["jobs"][0]["held_to"] for region in held)
    spans = [[one["held"] for one in anna[side]] for side in ("before", "after")]
    assert spans == [[{"start": -10, "end": 0}], [{"start": 28, "end": 38}]]
    assert (ben["before"][0]["start"], ben["anchor"]) == (
        "11/12",
        None,
    )  # ten frames into the kitchen, shown from 12 on
    anchored = plan(source, capsys, "--anchor", f"Anna={voice}@0.5-2.5")
    context = anchored[0]["jobs"][0]["held_to"]
    assert (context["lead_frames"], context["anchor"]["start"], context["anchor"]["length"]) == (48, 24_000, 96_000)
    assert anchored[1]["jobs"][0]["held_to"] is None
    for other in (held, anchored):
        assert other[0]["jobs"][0]["key"] not in keys(plain)
    assert keys(plan(source, capsys, "--context", "0")) == keys(plain)
    assert run(["plan", str(source), *TINY, "--context", "0.4", "--anchor", f"Anna={voice}@0.5-2.5"]) is ExitCode.DONE
    told = capsys.readouterr().out
    assert "held to 0.42 s before it, 0.42 s after it and the voice in voice.wav from 0.5 s on (2.0 s of it)" in told
    assert "held to 0.42 s before it and 0.42 s after it\n" in told
    assert run(["plan", str(source), "--json", "--context", "1", "--anchor", f"Anna={voice}"]) is ExitCode.DONE
    scratch = json.loads(capsys.readouterr().out)["regions"]
    assert all(region["jobs"][0]["held_to"] is None for region in scratch)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Anna", "Write NAME=FILE"),
        ("Ana={voice}", "Did you mean 'Anna'?"),
        ("Anna={folder}/gone.wav", "is neither a file nor a take"),
        ("Anna=abcdef12", "is neither a file nor a take"),
        ("Anna={voice}@2-1", "ends before it starts"),
        ("Anna={voice}@2.5-", "has 0.5 s of sound. A voice needs 1 s at least, better 3."),
        ("Anna={voice}@9-12", "has 0.0 s of sound"),
        ("Anna={silent}", "is silent. Pick a stretch in which the voice speaks."),
        ("Anna={text}", "its anchor cannot be read"),
    ],
)
def test_an_anchor_that_cannot_be_used_is_refused_in_words(
    asked: str, told: str, source: Path, voice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = written(tmp_path / "silent.wav", np.zeros((2, 2 * 48_000), np.float32))
    text = tmp_path / "notes.txt"
    text.write_text("no sound")
    named = asked.format(voice=voice, folder=tmp_path, silent=silent, text=text)
    assert told in refused(source, capsys, "--anchor", named)


def test_a_context_of_another_length_is_refused(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "A context of 3 s was asked for. Give 0 (none) to 2" in refused(source, capsys, "--context", "3")


def rendered(source: Path, out: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    """The report of a scene rendered with noise, which is no speech."""
    quick = ["--no-mp4", "--no-judge"]
    assert run(["render", str(source), "-o", str(out), "--json", *TINY, *quick, *options]) is ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["failures"] == []
    return json.loads((out / "report.json").read_text())


def notes(report: Any) -> list[list[str]]:
    return [region["notes"] for region in report["regions"]]


def is_unheld(told: list[str]) -> bool:
    return any(note.startswith("voice not held") for note in told)


def takes_in(folder: Path) -> list[Any]:
    return [json.loads(path.read_text())["value"] for path in (folder / "scene.sottovoce" / "takes").iterdir()]


@pytest.mark.xdist_group("render")
def test_a_held_scene_is_rendered_spliced_and_remembered(
    source: Path, footage: Path, voice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_cut(source, FIRST_CUT, footage, HUSHED)
    report = rendered(source, tmp_path / "out", capsys, "--context", "0.3", "--anchor", f"Anna={voice}@1-2")
    assert [is_unheld(told) for told in notes(report)] == [False, True]
    held = [region["held_to"] for region in report["regions"]]
    assert [(one["before_seconds"], one["after_seconds"], one["voice"]) for one in held] == [
        (0.29, 0.29, True),
        (0.29, 0.29, False),
    ]
    assert "Voice not held" in (tmp_path / "out" / "report.html").read_text()
    takes = takes_in(tmp_path)
    for take in takes:
        assert take["reach_samples"] > 0
        assert take["length_frames"] == take["job"]["window"]["model_frames"]
    check_outside_is_as_shot(tmp_path / "out" / "scene.mov", footage / "street.mov", report)
    check_remembered(source, voice, capsys)
    key = next(take["job"]["key"] for take in takes if take["job"]["voice"]["name"] == "Ben")
    assert f"its anchor, the take {key[:12]}, has 0." in refused(source, capsys, "--anchor", f"Ben={key[:10]}")


def check_outside_is_as_shot(movie: Path, shot: Path, report: Any) -> None:
    """Anna's region, frames 16 to 30 of the scene, lies over frames 40 to 54 of the street."""
    region = report["regions"][0]
    fades = [region["fade_in_samples"], region["fade_out_samples"]]
    assert fades[0][0] == 16 * FRAME
    assert fades[1][1] == 30 * FRAME
    with SoundReader(movie) as made, SoundReader(shot) as street:
        for span in (Span(0, fades[0][0]), Span(fades[1][1], 48 * FRAME)):
            new, old = made.read(span), street.read(span.shifted(24 * FRAME))
            np.testing.assert_allclose(new, old, atol=2**-22)
        inside = Span(fades[0][1], fades[1][0])
        assert np.abs(made.read(inside) - street.read(inside.shifted(24 * FRAME))).max() > 1e-3


def check_remembered(source: Path, voice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = plan(source, capsys, "--context", "0.3")
    assert ([region["state"] for region in again], keys(again)) == (["pinned", "pinned"], [])
    fresh = plan(source, capsys, "--again")
    assert [region["jobs"][0]["held_to"] is not None for region in fresh] == [True, False], "the anchor is kept"
    dropped = plan(source, capsys, "--again", "--anchor", "anna=none")
    assert [region["jobs"][0]["held_to"] for region in dropped] == [None, None]
    other = plan(source, capsys, "--anchor", f"Anna={voice}@1-3")
    assert "its voice is held to another anchor than the one picked now" in other[0]["notes"]
    first = plan(source, capsys, "--anchor", f"Ben={voice}")
    assert "it was rendered before its voice had an anchor: render it again to hold it" in first[1]["notes"]


@pytest.mark.xdist_group("render")
def test_a_take_that_is_an_anchor_is_named_by_its_key_and_never_cleaned_away(
    source: Path, footage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_cut(source, FIRST_CUT, footage, (("Anna normal: I have been thinking about this all day long", 2, 90),))
    render = ["render", str(source), "--json", "--no-mp4", "--no-judge"]
    assert run([*render, "-o", str(tmp_path / "first")]) is ExitCode.DONE
    (first,) = takes_in(tmp_path)
    again = ["--again", "--anchor", f"Anna={first['job']['key'][:8]}"]
    assert run([*render, "-o", str(tmp_path / "second"), *again]) is ExitCode.DONE
    for out in ("first", "second"):
        shutil.rmtree(tmp_path / out)  # a timeline that was handed out keeps its takes as well
    capsys.readouterr()
    context = plan(source, capsys, "--again")[0]["jobs"][0]["held_to"]
    assert (context["anchor"]["content"], context["anchor"]["path"]) == (first["media"], "")
    assert run(["clean", str(source), "--yes"]) is ExitCode.DONE
    assert first["job"]["key"] in {take["job"]["key"] for take in takes_in(tmp_path)}
    assert run([*render, "-o", str(tmp_path / "third"), "--anchor", "Anna=none"]) is ExitCode.DONE
    shutil.rmtree(tmp_path / "third")
    assert run(["clean", str(source), "--yes"]) is ExitCode.DONE
    assert first["job"]["key"] not in {take["job"]["key"] for take in takes_in(tmp_path)}


def test_anchors_go_along_into_a_new_cut(
    source: Path, footage: Path, voice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anchor = VoiceAnchor(voice="Anna", source=MediaRange(path=str(voice), start=Fraction(0)))
    timeline = otio.adapters.read_from_file(str(source))
    timeline.metadata["sottovoce"] = {"format": 1, "anchors": to_plain((anchor,))}
    otio.adapters.write_to_file(timeline, str(source))
    assert run(["conform", str(source), str(write_cut(tmp_path / "new.otio", FIRST_CUT, footage))]) is ExitCode.DONE
    capsys.readouterr()
    first, second = plan(tmp_path / "new conformed.otio", capsys)
    assert first["jobs"][0]["held_to"]["anchor"]["path"] == str(voice)
    assert second["jobs"][0]["held_to"] is None
