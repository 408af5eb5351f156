import getpass
import json
import logging
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sottovoce.bundle import write_bundle
from sottovoce.doctor import Finding, State, doctor
from sottovoce.hosts.installing import install
from sottovoce.hosts.launchers import LAUNCHERS
from sottovoce.hosts.places import Person
from sottovoce.logs import start_logging, stop_logging
from sottovoce.settings import settings_path
from sottovoce_engine.errors import InputError

FINDINGS = (Finding(name="Python", state=State.OK, found=f"{Path.home()}/bin/python of {getpass.getuser()}"),)


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOTTOVOCE_HOME", str(tmp_path_factory.mktemp("home")))
        return {finding.name: finding for finding in doctor()}


def settings(text: str) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(text, encoding="utf-8")


def finding(name: str) -> Finding:
    return next(finding for finding in doctor() if finding.name == name)


def test_this_machine_renders(findings: dict[str, Finding]) -> None:
    assert [name for name, finding in findings.items() if finding.state is State.FAIL] == []


def test_what_is_wrong_has_a_remedy_and_what_is_right_has_none(findings: dict[str, Finding]) -> None:
    for found in findings.values():
        assert found.found
        assert bool(found.remedy) is (found.state is not State.OK)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Python", "CPython"),
        ("packages", "opentimelineio 0."),
        ("codecs", "dnxhd"),
        ("voice", "speaks"),
        ("disk", "GB free"),
        ("settings", "the defaults hold"),
    ],
)
def test_each_check_says_what_it_found(findings: dict[str, Finding], name: str, said: str) -> None:
    assert said in findings[name].found


def test_nothing_heavy_is_imported_before_it_is_asked() -> None:
    program = "import sys, sottovoce.doctor, sottovoce.bundle, sottovoce.terminal, sottovoce.logs; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert not {"numpy", "scipy", "av", "hibari", "torch", "PySide6", "opentimelineio", "cattrs"} & set(loaded)


def test_the_doctor_does_not_import_torch() -> None:
    program = "import sys; from sottovoce.doctor import doctor; doctor(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


def test_settings_that_cannot_be_used_fail_with_the_reason() -> None:
    settings("take = 2")
    found = finding("settings")
    assert found.state is State.FAIL
    assert "Did you mean 'takes'" in found.remedy


def test_a_registers_file_is_looked_into() -> None:
    settings('registers_file = "own.toml"')
    assert "own.toml" in finding("settings").remedy


@pytest.mark.skipif(os.name != "posix", reason="programs are found by other rules")
def test_programs_that_are_not_there_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {finding.name: finding for finding in doctor()}
    assert found["espeak-ng"].state is State.WARN
    assert "apt install espeak-ng" in found["espeak-ng"].remedy
    assert found["GPU"].state is State.OK
    assert found["players"].state is State.OK


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")
def test_a_graphics_card_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'Some Card, 24564, 24100, 550.1'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert "Some Card, 25.8 GB, driver 550.1" in finding("GPU").found


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other places")
def test_editors_are_named_with_what_they_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "config/blender/4.5/scripts/addons").mkdir(parents=True)
    assert "blender (without the launcher)" in finding("hosts").found
    assert "resolve" not in finding("hosts").found
    install(LAUNCHERS["blender"], Person.here())
    assert "blender (installed)" in finding("hosts").found


def test_a_folder_that_cannot_be_written_to_is_named(home: Path) -> None:
    (home / "cache").write_text("a file where the folder should be")
    found = finding("folders")
    assert found.state is State.FAIL
    assert str(home / "cache") in found.found


def test_a_broken_package_is_a_finding_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "hibari.py").write_text("raise OSError('libonnxruntime.so: cannot open shared object file')")
    program = "from sottovoce.doctor import doctor; print({f.name: (f.state, f.found) for f in doctor()}['voice'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert "fail" in done.stdout
    assert "libonnxruntime.so" in done.stdout


def bundled(folder: Path) -> dict[str, str]:
    bundle = write_bundle(folder, FINDINGS)
    with zipfile.ZipFile(bundle.path) as zipped:
        assert tuple(zipped.namelist()) == bundle.contents
        return {name: zipped.read(name).decode() for name in bundle.contents}


def test_a_bundle_lists_what_is_in_it(tmp_path: Path) -> None:
    texts = bundled(tmp_path)
    assert set(texts) == {"about.txt", "findings.json", "packages.txt", "settings.json"}
    assert all(name in texts["about.txt"] for name in texts)
    assert json.loads(texts["settings.json"])["takes"] == 1
    assert "av==" in texts["packages.txt"]


def test_a_bundle_never_overwrites(tmp_path: Path) -> None:
    first = write_bundle(tmp_path, FINDINGS).path
    content = first.read_bytes()
    second = write_bundle(tmp_path, FINDINGS).path
    assert (first.name, second.name) == ("sottovoce-doctor.zip", "sottovoce-doctor_v002.zip")
    assert first.read_bytes() == content


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="-o"):
        write_bundle(tmp_path / "none", FINDINGS)


def test_a_bundle_holds_no_lines_media_folders_or_names(tmp_path: Path) -> None:
    settings(
        'registers_file = "annas-registers.toml"\nthresholds_file = "annas-judge.toml"\nspeech_model = "annas-model"'
    )
    start_logging(debug=True)
    log = logging.getLogger("sottovoce.test")
    log.debug("the caption: a cellar at night\nwith more of it")
    log.warning("The region 'don't look back' of \"ANNA\" failed")
    log.warning("child 12: said `wake the baby and never finished")
    log.warning("child 12: /mnt/film/scene one.otio is gone, C:\\Users\\anna\\take.wav, and secret.mov")
    log.warning("child 12: on %s as %s in %s/film", socket.gethostname(), getpass.getuser(), Path.home())
    log.warning("The renderer's process ended with 3 jobs to go")
    stop_logging()
    text = "\n".join(text for name, text in bundled(tmp_path).items() if name != "packages.txt")
    for private in ("cellar", "more of it", "look back", "ANNA", "baby", "finished", "scene", "film", "take.wav"):
        assert private not in text
    for private in ("annas-", "secret", str(Path.home()), socket.gethostname()):
        assert private not in text
    assert getpass.getuser() not in text.replace("<user>", "")
    assert "child 12: said …" in text
    assert '"found": "~/bin/python of <user>"' in text


def test_a_bundle_keeps_where_a_bug_was_met(tmp_path: Path) -> None:
    start_logging()
    try:
        write_bundle(tmp_path / "none", FINDINGS)
    except InputError:
        logging.getLogger("sottovoce.test").exception("No bundle")
    stop_logging()
    log = bundled(tmp_path)["logs/sottovoce.log"]
    assert 'File "<installed>/sottovoce/bundle.py", line ' in log
    assert "sottovoce_engine.errors.InputError" in log
