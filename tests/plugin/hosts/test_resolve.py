"""The launchers for DaVinci Resolve, in a real Lua and a real Python; Resolve itself is a stand-in."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.plugin.small_scene import write_small_scene
from tests.programs import need_program

from sottovoce.hosts.launchers import LAUNCHERS, written

from .quick_settings import leave_the_judge_out

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-in for Sottovoce is a shell script")

_HERE = Path(__file__).parent
_HANDED_OVER = "Night_ take 2 1f0c9a42.otio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A launcher's language, and a folder to exchange timelines in."""

    name: str
    exchange: Path
    folder: Path

    def run(self, action: str, python: Path, *, name: str = "Night: take 2", kind: str = "") -> list[str]:
        """What Resolve and Sottovoce were asked, and what the person reads, line by line."""
        launcher = next(file for file in LAUNCHERS[self.name].files if file.action == action)
        script = self.folder / launcher.target.name
        script.write_text(written(launcher, "0", python, self.exchange), encoding="utf-8")
        stand_in = _HERE / f"stand_in_resolve{script.suffix}"
        interpreter = sys.executable if script.suffix == ".py" else "lua5.1"
        foreign = {} if script.suffix == ".py" else {"PYTHONHOME": "/nowhere"}  # Resolve's own
        done = subprocess.run(
            [interpreter, str(stand_in), str(script), str(self.exported), name, kind],
            env=os.environ | foreign,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return (done.stdout + done.stderr).splitlines()

    @property
    def exported(self) -> Path:
        return self.folder / "exported.otio"


@pytest.fixture(params=["resolve", "resolve-python"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    return _host(request.param, tmp_path)


def _host(name: str, folder: Path) -> Host:
    need_program("lua5.1", "apt-get install lua5.1")
    (folder / "exchange it's").mkdir()
    made = Host(name=name, exchange=folder / "exchange it's", folder=folder)
    write_small_scene(made.exported, (("Anna whisper: close your eyes", 6, 40),))
    return made


@pytest.fixture
def sottovoce(tmp_path: Path) -> Path:
    """Says what it is asked; its result is `result dir/night_v002.otio`."""
    result = tmp_path / "result dir" / "night_v002.otio"
    result.parent.mkdir()
    result.touch()
    program = tmp_path / "sottovoce program"
    program.write_text(
        "#!/bin/sh\nshift 2\n"
        f"""if [ "$1 $2" = "host result" ]; then echo "ASKED $*" >> '{tmp_path}/asked'; echo '{result}'; exit; fi\n"""
        f"""echo "ASKED $* home=$PYTHONHOME" >> '{tmp_path}/asked'\necho "rendering 1/1"\n"""
    )
    program.chmod(0o755)
    return program


def test_a_render_comes_back_as_a_new_timeline(host: Host, sottovoce: Path) -> None:
    said = host.run("render", sottovoce)
    path = host.exchange / _HANDED_OVER
    result = host.folder / "result dir" / "night_v002.otio"
    assert said == [
        f"CALLED\tExport\t{path}\totio",
        "rendering 1/1",
        f"CALLED\tImport\t{result}\tnight_v002\ttrue\t{result.parent}",
        "CALLED\tSetCurrentTimeline\tnight_v002",
        "Sottovoce: 'night_v002' is the result.",
    ]
    assert path.read_bytes() == host.exported.read_bytes()
    assert (host.folder / "asked").read_text().splitlines() == [
        f"ASKED render {path} -o {path.with_suffix('')} rendered home=",
        f"ASKED host result {path}",
    ]


def test_the_panel_is_opened_on_the_timeline(host: Host, sottovoce: Path) -> None:
    assert "CALLED\tSetCurrentTimeline\tnight_v002" in host.run("open", sottovoce)
    assert (host.folder / "asked").read_text().splitlines()[0] == f"ASKED panel {host.exchange / _HANDED_OVER} home="


def test_bringing_back_hands_nothing_over(host: Host, sottovoce: Path) -> None:
    said = host.run("bring_back", sottovoce)
    assert said[0].startswith("CALLED\tImport")
    assert not (host.exchange / _HANDED_OVER).exists()


def test_a_name_that_is_taken_is_numbered(host: Host, sottovoce: Path) -> None:
    said = host.run("bring_back", sottovoce, name="night_v002")
    assert "Sottovoce: 'night_v002 2' is the result." in said


def test_a_timeline_that_is_made_and_not_returned_is_found(host: Host, sottovoce: Path) -> None:
    assert "Sottovoce: 'night_v002' is the result." in host.run("bring_back", sottovoce, kind="silent")


def test_clips_that_are_offline_are_counted(host: Host, sottovoce: Path) -> None:
    """As Resolve 18.6 leaves them: https://github.com/ynput/ayon-resolve/issues/68."""
    assert "1 of its clips are offline" in host.run("bring_back", sottovoce, kind="offline")[-1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "open a timeline first"),
        ({"kind": "old"}, "Update it to 18.5 or newer"),
        ({"kind": "refuses"}, "import it by hand: File > Import > Timeline"),
    ],
)
def test_what_cannot_be_done_is_said(host: Host, sottovoce: Path, change: dict[str, str], words: str) -> None:
    said = host.run("render", sottovoce, **change)
    assert words in said[-1]
    assert not any("Traceback" in line for line in said)


def test_a_folder_that_is_gone_is_said(host: Host, sottovoce: Path) -> None:
    host.exchange.rmdir()
    assert "Resolve could not write" in host.run("render", sottovoce)[-1]


def test_sottovoce_s_own_words_are_shown_where_there_is_no_result(host: Host) -> None:
    said = host.run("bring_back", Path(sys.executable))
    assert "Hand it over from the editor first." in " ".join(said)
    assert not any("CALLED\tImport" in line for line in said)


def test_the_real_sottovoce_renders_what_is_handed_over(tmp_path: Path) -> None:
    """Resolve's own PYTHONHOME does not reach it."""
    leave_the_judge_out()
    host = _host("resolve", tmp_path)
    said = host.run("render", Path(sys.executable))
    result = host.exchange / f"{Path(_HANDED_OVER).stem} rendered" / _HANDED_OVER
    assert result.is_file(), said
    assert f"CALLED\tImport\t{result}\t{result.stem}\ttrue\t{result.parent}" in said
