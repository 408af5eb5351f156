"""Where LTX-2.3 would lie, told by `doctor` and `plan` for cards that a small program pretends to be."""

import json
import os
from pathlib import Path

import pytest

from sottovoce.cli import run
from sottovoce.doctor import Finding, State, doctor
from sottovoce.terminal import ExitCode
from sottovoce_engine.renderers.ltx.machine_memory import host_free_bytes

from .small_scene import write_small_scene

HOST_FOR_STREAMING = 60_000_000_000

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the program is a shell script"),
    pytest.mark.xdist_group("programs"),
]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def put_card(programs: Path, size: int) -> None:
    mib = size * 1024
    (programs / "nvidia-smi").write_text(f"#!/bin/sh\necho 'Card of {size}, {mib - 100}, {mib - 500}, 550.1'\n")
    (programs / "nvidia-smi").chmod(0o755)


def ltx_finding() -> Finding:
    return next(finding for finding in doctor() if finding.name == "LTX-2.3")


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (80, "All models stay on the card (unrounded)"),
        (48, "The transformer on the card (unrounded)"),
        (24, "blocks on the card, the others streamed"),
        (16, "blocks on the card, the others streamed"),
        (8, "blocks on the card, the others streamed"),
    ],
)
def test_the_doctor_says_where_the_weights_would_lie(size: int, told: str, programs: Path) -> None:
    put_card(programs, size)
    found = ltx_finding()
    assert f"Card of {size}: " in found.found
    if found.state is State.WARN:
        assert size < 48
        assert host_free_bytes() < HOST_FOR_STREAMING
        assert "LTX-2.3 does not fit" in found.remedy
        assert "memory = 'fp8'" in found.remedy
    else:
        assert found.state is State.OK
        assert told in found.found


def test_no_card_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = ltx_finding()
    assert found.state is State.OK
    assert found.found.startswith("no NVIDIA card; ")
    assert "--renderer scratch needs neither" in found.found


def test_a_driver_that_does_not_answer_has_a_remedy(programs: Path) -> None:
    (programs / "nvidia-smi").write_text("#!/bin/sh\necho 'Failed to initialize NVML'; exit 18\n")
    (programs / "nvidia-smi").chmod(0o755)
    found = next(finding for finding in doctor() if finding.name == "GPU")
    assert found.state is State.WARN
    assert "Start nvidia-smi by hand" in found.remedy


def test_settings_that_cannot_be_used_are_a_finding(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (programs / "ltx.toml").write_text('memory = "tiny"')
    monkeypatch.setenv("SOTTOVOCE_LTX", str(programs / "ltx.toml"))
    found = ltx_finding()
    assert found.state is State.WARN
    assert "memory = 'tiny'" in found.remedy


def test_the_plan_tells_it_in_words_and_for_programs(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_card(programs, 80)
    source = write_small_scene(programs / "scene.otio")
    assert run(["plan", str(source), "--renderer", "ltx"]) is ExitCode.DONE
    assert "Card of 80: " in capsys.readouterr().out
    assert run(["plan", str(source), "--renderer", "ltx", "--json"]) is ExitCode.DONE
    memory = json.loads(capsys.readouterr().out)["memory"]
    assert memory["placement"]["residence"] == "resident"
    assert memory["placement"]["card"]["sampling"] > 38_000_000_000
    assert "All models stay on the card" in memory["told"]
    assert run(["plan", str(source), "--json"]) is ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["memory"] is None
