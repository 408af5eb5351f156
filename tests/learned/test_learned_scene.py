"""A scene in two registers, by the small model that has learnt to speak, on the CPU: the code that drives the large one."""

import json
from pathlib import Path

import pytest
from bench.learned.marked_scenes import Marked, write_scene
from bench.learned.packing import unpack
from bench.learned.saying import settings_for
from bench.learned.scenes import heard_region, options_of

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.judge.register import Verdict
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Voice

ARCHIVE = Path(__file__).parents[1] / "data" / "learned.zip"  # model/, and quiet.toml with the LoRA that it names
VOICE = Voice(name="Voice 41", gender=Gender.WOMAN)
LINES = (
    Marked(line="The soup is cold.", voice=VOICE, register="whisper", look="", seed=1),
    Marked(line="Both pilots agreed.", voice=VOICE, register="normal", look="", seed=1),
)


@pytest.mark.xdist_group("render")
def test_a_whisper_and_a_voice_in_one_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unpack(ARCHIVE, tmp_path / "learned")
    registers, out = tmp_path / "learned" / "quiet.toml", tmp_path / "out"
    timeline = write_scene("scene", LINES, register_table(registers), tmp_path / "scene")
    settings = settings_for(tmp_path / "learned" / "model", None, tmp_path / "captions", steps=12)
    options = ["--renderer", "ltx", "--seed", "1", "--no-mp4", "--json", "--registers", str(registers)]
    code = run(["render", str(timeline), "-o", str(out), *options, *options_of(settings)])
    assert code in (ExitCode.DONE, ExitCode.BELOW_BAR)  # its words need not be understood
    assert json.loads(capsys.readouterr().out)["failures"] == []
    report = json.loads((out / "report.json").read_text())
    regions = zip(report["regions"], LINES, strict=True)
    whisper, normal = (heard_region(region, one, out / report["files"]["movie"], registers) for region, one in regions)
    assert whisper.found.verdict is Verdict.WHISPER
    assert normal.found.verdict is Verdict.VOICED
    assert normal.lufs is not None
    assert whisper.lufs is not None
    assert normal.lufs > whisper.lufs + 3.0
