"""Where launchers go on each system, and what is never touched."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.programs import need_program

from sottovoce.cli import run
from sottovoce.hosts.installing import install, installed_at, remove
from sottovoce.hosts.launchers import LAUNCHERS, written
from sottovoce.hosts.places import Person
from sottovoce.terminal import ExitCode
from sottovoce_engine.errors import InputError

RESOLVE, BLENDER, DESKTOP = (LAUNCHERS[name] for name in ("resolve", "blender", "desktop"))


def person(home: Path, system: str = "linux", **environ: str) -> Person:
    return Person(system=system, home=home, environ=environ)


@pytest.mark.parametrize(
    ("name", "system", "editor", "scripts"),
    [
        ("resolve", "linux", ".local/share/DaVinciResolve", "Fusion/Scripts/Utility"),
        (
            "resolve",
            "darwin",
            "Library/Application Support/Blackmagic Design/DaVinci Resolve",
            "Fusion/Scripts/Utility",
        ),
        (
            "resolve-python",
            "win32",
            "AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support",
            "Fusion/Scripts/Utility",
        ),
        ("blender", "linux", ".config/blender/4.5", "scripts/addons"),
        ("blender", "darwin", "Library/Application Support/Blender/3.4", "scripts/addons"),
        ("blender", "win32", "AppData/Roaming/Blender Foundation/Blender/5.0", "scripts/addons"),
    ],
)
def test_the_editor_s_own_folder_is_found(name: str, system: str, editor: str, scripts: str, tmp_path: Path) -> None:
    (tmp_path / editor).mkdir(parents=True)
    launcher, somebody = LAUNCHERS[name], person(tmp_path, system)
    assert installed_at(launcher, somebody) == ()
    installed = install(launcher, somebody)
    assert installed.folders == (tmp_path / editor / scripts,)
    assert all(path.is_file() and path.is_relative_to(tmp_path / editor / scripts) for path in installed.files)
    assert installed_at(launcher, somebody) == installed.folders

    assert remove(launcher, somebody) == installed.files
    assert installed_at(launcher, somebody) == ()
    assert list((tmp_path / editor / scripts).iterdir()) == []


def test_named_folders_come_before_the_usual_ones(tmp_path: Path) -> None:
    (tmp_path / "data" / "DaVinciResolve").mkdir(parents=True)
    somebody = person(tmp_path / "home", XDG_DATA_HOME=str(tmp_path / "data"))
    assert install(RESOLVE, somebody).folders[0].is_relative_to(tmp_path / "data")


def test_each_blender_that_is_new_enough_gets_the_add_on(tmp_path: Path) -> None:
    for version in ("3.3", "3.4", "3.10", "4.5", "config"):
        (tmp_path / ".config/blender" / version).mkdir(parents=True)
    folders = install(BLENDER, person(tmp_path)).folders
    assert [folder.parents[1].name for folder in folders] == ["4.5", "3.10", "3.4"]


@pytest.mark.parametrize("name", ["resolve", "resolve-python", "blender"])
def test_an_editor_that_is_not_there_is_refused_with_what_to_do(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no folder of .* --to"):
        install(LAUNCHERS[name], person(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_desktop_entry_is_for_linux(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="This is for Linux desktops"):
        install(DESKTOP, person(tmp_path, "darwin"))


def test_an_earlier_version_is_written_over_and_another_s_file_never(tmp_path: Path) -> None:
    first = install(RESOLVE, person(tmp_path), tmp_path).files
    first[0].write_text("-- sottovoce-launcher: 0.0.1\nold")
    install(RESOLVE, person(tmp_path), tmp_path)
    assert "old" not in first[0].read_text().splitlines()

    first[1].write_text("print('mine')")
    first[0].unlink()
    with pytest.raises(InputError, match="is not Sottovoce's"):
        install(RESOLVE, person(tmp_path), tmp_path)
    assert not first[0].exists()  # nothing is written before all may be
    assert remove(RESOLVE, person(tmp_path), tmp_path) == first[2:]
    assert first[1].read_text() == "print('mine')"


def test_what_python_wrote_beside_the_add_on_goes_with_it(tmp_path: Path) -> None:
    install(BLENDER, person(tmp_path), tmp_path)
    (tmp_path / "sottovoce_vse" / "__pycache__").mkdir()
    (tmp_path / "sottovoce_vse" / "__pycache__" / "cut.cpython-311.pyc").touch()
    remove(BLENDER, person(tmp_path), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_launchers_say_which_python_has_sottovoce(tmp_path: Path, home: Path) -> None:
    awkward = tmp_path / 'it\'s a "place" $HOME 100%\\x' / "python"
    for launcher in LAUNCHERS.values():
        for file in launcher.files:
            text = written(file, "1.2", awkward, tmp_path)
            assert "sottovoce-launcher: 1.2" in text.splitlines()[0]
            assert '"@' not in text
    assert (home / "exchange").is_dir() is False
    install(RESOLVE, person(tmp_path), tmp_path)
    assert (home / "exchange").is_dir()


def test_launchers_import_nothing_but_python_s_own_and_the_editor_s() -> None:
    editors = {"bpy", "DaVinciResolveScript"}
    sources = {file.source for launcher in LAUNCHERS.values() for file in launcher.files if file.source.suffix == ".py"}
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert str(node.module).split(".")[0] in sys.stdlib_module_names | editors, source
            elif isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= sys.stdlib_module_names | editors, source


def test_putting_a_launcher_there_loads_nothing_heavy() -> None:
    program = "import sys; from sottovoce.cli import run; run(['host', 'list']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert not {"numpy", "scipy", "av", "opentimelineio", "PySide6", "torch"} & set(loaded)


@pytest.mark.skipif(os.name != "posix", reason="desktops that follow freedesktop.org")
def test_the_desktop_opens_otio_files(tmp_path: Path) -> None:
    need_program("desktop-file-validate", "apt-get install desktop-file-utils")
    need_program("update-mime-database", "apt-get install shared-mime-info")
    files = install(DESKTOP, person(tmp_path)).files
    entry = next(path for path in files if path.suffix == ".desktop")
    done = subprocess.run(["desktop-file-validate", str(entry)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    data = tmp_path / ".local/share"
    types = "application/x-opentimelineio+json:*.otio"
    assert types in (data / "mime" / "globs").read_text()
    known = data / "applications/mimeinfo.cache"
    assert "application/x-opentimelineio+json=sottovoce.desktop" in known.read_text()
    remove(DESKTOP, person(tmp_path))
    assert "sottovoce" not in known.read_text()
    assert "*.otio" not in (data / "mime" / "globs").read_text()


@pytest.mark.skipif(os.name != "posix", reason="desktops that follow freedesktop.org")
def test_the_desktop_starts_python_in_an_awkward_folder(tmp_path: Path) -> None:
    """GLib takes the line apart as every desktop does."""
    program = tmp_path / 'it\'s a "place" $HOME `x` \\y' / "python"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nprintf '%s|' \"$@\" > '{tmp_path}/started'\n")
    program.chmod(0o755)
    entry = tmp_path / "sottovoce.desktop"
    entry.write_text(written(DESKTOP.files[0], "0", program, tmp_path))
    need_program("gio", "apt-get install libglib2.0-bin")
    started = tmp_path / "started"
    os.mkfifo(started)  # reading waits for the program, which gio does not
    subprocess.run(["gio", "launch", str(entry), str(tmp_path / "a film.otio")], check=True, timeout=30)
    said = subprocess.run(["timeout", "30", "cat", str(started)], capture_output=True, text=True, check=True).stdout
    assert said == f"-m|sottovoce|panel|{tmp_path}/a film.otio|"


def test_the_command_says_where_it_put_it_and_how_to_start_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["host", "install", "resolve", "--to", str(tmp_path)]) is ExitCode.DONE
    said = capsys.readouterr().out
    assert str(tmp_path / "Sottovoce" / "Render with Sottovoce.lua") in said
    assert "Workspace > Scripts > Sottovoce" in said
    assert run(["host", "remove", "resolve", "--to", str(tmp_path), "--json"]) is ExitCode.DONE
    assert len(json.loads(capsys.readouterr().out)["files"]) == 3
    assert run(["host", "remove", "resolve", "--to", str(tmp_path)]) is ExitCode.DONE
    assert "is not installed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["install", "resolv"], "Did you mean 'resolve'"),
        (["install", "resolve", "--to", "nowhere"], "'nowhere' is no folder"),
        (["result", "nowhere.otio"], "Hand it over from the editor first"),
    ],
)
def test_what_cannot_be_done_is_one_paragraph(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["host", *arguments]) is ExitCode.INPUT
    assert words in " ".join(capsys.readouterr().err.split())


def test_the_list_names_every_launcher(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["host", "list", "--json"]) is ExitCode.DONE
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == list(LAUNCHERS)
    assert run(["host", "list"]) is ExitCode.DONE
    assert "resolve-python" in capsys.readouterr().out
