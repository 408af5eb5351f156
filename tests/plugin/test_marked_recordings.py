"""What is marked on a timeline, in the panel or by hand, as recordings to train on."""

import json
from pathlib import Path

import pytest
from tests.engine.judge.spoken_lines import spoken
from tests.plugin.spoken_timeline import RATE, recording, silence, timeline_over

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.codec import from_json
from sottovoce_engine.timing import SAMPLE_RATE
from sottovoce_engine.training.values import FORMAT, Dataset

RECIPE = '[clips]\nraster = "64x64"\n'


def _timeline(folder: Path) -> tuple[Path, list[tuple[float, float]]]:
    """Two lines of two voices in one file, both marked; and a mark where nobody speaks."""
    parts = [silence(2.0), 0.5 * spoken("Close your eyes."), silence(1.0), spoken("Did you hear that?", "whisper")]
    placed = recording(folder / "dialogue.wav", [*parts, silence(1.5)])
    spans = [(round((start - 1) * RATE), round((end - start) * RATE)) for start, end in (placed[1], placed[3])]
    marks = [
        ("Anna (woman) soft: Close your eyes.", *spans[0]),
        ("Ben (man) whisper: Did you hear that?", *spans[1]),
        ("Anna (woman) soft: Nobody.", 2, 12),
    ]
    return timeline_over(folder / "dialogue.wav", placed[-1][1] - 1.0, marks), [placed[1], placed[3]]


def test_what_is_marked_is_cut_out_with_its_voice_register_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timeline, placed = _timeline(tmp_path)
    before = timeline.read_bytes()
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE, encoding="utf-8")
    out = tmp_path / "out"
    asked = ["train", str(timeline), "-o", str(out), "--recipe", str(recipe), "--prepare-only"]
    assert run(asked) is ExitCode.DONE
    dataset = from_json((out / "dataset.json").read_bytes(), Dataset, format_version=FORMAT, source="dataset")
    assert [(clip.voice, clip.register, clip.transcript, clip.measured.verdict) for clip in dataset.clips] == [
        ("Anna", "soft", "Close your eyes.", "voiced"),
        ("Ben", "whisper", "Did you hear that?", "whisper"),
    ]
    assert [clip.caption for clip in dataset.clips] == [
        '(woman, speaking softly): "Close your eyes.", intimate ASMR',
        '(man, whispering quietly): "Did you hear that?", intimate ASMR',
    ]
    for clip, (start, end) in zip(dataset.clips, placed, strict=True):
        assert start - 0.1 < clip.span.start / SAMPLE_RATE < clip.span.end / SAMPLE_RATE < end + 0.1
    assert timeline.read_bytes() == before
    assert "nobody speaks where 'Nobody.' should be said" in capsys.readouterr().out


def test_a_timeline_on_which_nothing_is_marked_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    placed = recording(tmp_path / "dialogue.wav", [silence(2.0), spoken("Close your eyes."), silence(1.0)])
    timeline = timeline_over(tmp_path / "dialogue.wav", placed[-1][1] - 1.0)
    assert run(["train", str(timeline), "-o", str(tmp_path / "out"), "--json"]) is ExitCode.INPUT
    told = capsys.readouterr()
    assert "No region is marked over dialogue" in told.err
    assert not told.out or json.loads(told.out)
