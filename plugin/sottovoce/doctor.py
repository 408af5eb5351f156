"""What this machine has and lacks, and what to do about it. Looks only; changes nothing but a probe file.

Every check answers with a finding, also one that meets something unexpected: a doctor that falls over
helps nobody. Nothing heavy is imported before its check runs, and torch not even then.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from sottovoce.folders import cache_folder, log_folder, settings_folder
from sottovoce.settings import load_settings, settings_path
from sottovoce_engine.errors import InputError

_MIN_PYTHON = (3, 11)
_ENCODERS = ("dnxhd", "prores_ks", "libx264", "aac", "pcm_s24le")
_DECODERS = ("dnxhd", "prores", "h264", "hevc", "aac", "mp3", "pcm_s16le", "pcm_s24le")
# A minute of a scene at 768x512 is about 100 MB of takes, the movie and its stems.
_LOW_BYTES, _NO_BYTES = 5_000_000_000, 500_000_000


class State(StrEnum):
    """How a finding bears on the work."""

    OK = "ok"
    WARN = "warn"  # everything works, but for what is named
    FAIL = "fail"  # something every render needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    name: str
    state: State
    found: str
    remedy: str = ""  # empty where nothing is to be done


def doctor() -> tuple[Finding, ...]:
    """All findings, in the order a person would look."""
    return tuple(_looked(name, check) for name, check in _CHECKS.items())


def _looked(name: str, check: Callable[[str], Finding]) -> Finding:
    try:
        return check(name)
    except Exception as error:  # whatever a broken installation raises is the finding
        return Finding(
            name=name,
            state=State.FAIL,
            found=f"{type(error).__name__}: {error}",
            remedy=f"Install Sottovoce again: {_pip('--force-reinstall sottovoce')}",
        )


def _python(name: str) -> Finding:
    found = f"{platform.python_version()} ({platform.python_implementation()}, {platform.platform()})"
    if sys.version_info < _MIN_PYTHON:
        return Finding(name=name, state=State.FAIL, found=found, remedy="Install Python 3.11 or newer.")
    return Finding(name=name, state=State.OK, found=found)


def _packages(name: str) -> Finding:
    """The packages the base install asks for, with the least versions it asks for."""
    try:
        version, required = metadata.version("sottovoce"), metadata.requires("sottovoce") or []
    except metadata.PackageNotFoundError:
        return Finding(
            name=name, state=State.WARN, found="Sottovoce runs without being installed", remedy=_pip("sottovoce")
        )
    wrong, versions = [], {"sottovoce": version}
    for asked in _base_requirements(required):
        there = _version(asked.name)
        versions[asked.name] = there or "missing"
        if there is None or not asked.specifier.contains(there, prereleases=True):
            wrong.append(f"'{asked.name}{asked.specifier}'" if asked.specifier else asked.name)
    found = ", ".join(f"{package} {version}" for package, version in versions.items())
    if wrong:
        return Finding(name=name, state=State.FAIL, found=found, remedy=_pip(" ".join(wrong)))
    return Finding(name=name, state=State.OK, found=found)


def _codecs(name: str) -> Finding:
    import av
    from av.codec import Codec

    def has(codec: str, mode: str) -> bool:
        try:
            Codec(codec, mode)  # type: ignore[arg-type]
        except (ValueError, av.error.FFmpegError):
            return False
        return True

    missing = [f"{codec} (write)" for codec in _ENCODERS if not has(codec, "w")]
    missing += [f"{codec} (read)" for codec in _DECODERS if not has(codec, "r")]
    libraries = ", ".join(
        f"{library} {'.'.join(map(str, version))}" for library, version in av.library_versions.items()
    )
    if missing:
        return Finding(
            name=name,
            state=State.FAIL,
            found=f"without {', '.join(missing)}; {libraries}",
            remedy=f"Install PyAV's own build, which has them: {_pip('--force-reinstall --only-binary av av')}",
        )
    return Finding(name=name, state=State.OK, found=f"{', '.join(_ENCODERS)}; {libraries}")


def _voice(name: str) -> Finding:
    """Loads the embedded voice and lets it say a word."""
    from hibari import Hibari

    voice = Hibari()
    spoken = voice("Testing.")
    seconds = len(spoken) / voice.sample_rate
    if not abs(spoken).max() > 0:
        return Finding(
            name=name, state=State.FAIL, found="it is silent", remedy=_pip("--force-reinstall hibari-tts onnxruntime")
        )
    return Finding(name=name, state=State.OK, found=f"'{voice.voice}' speaks ({seconds:.1f} s)")


def _espeak(name: str) -> Finding:
    if shutil.which("espeak-ng") is None:
        return Finding(
            name=name,
            state=State.WARN,
            found="not found",
            remedy="Lines the embedded voice cannot read (other scripts than Latin) need it: apt install espeak-ng, "
            "brew install espeak-ng, or winget install eSpeak-NG.eSpeak-NG.",
        )
    return Finding(name=name, state=State.OK, found=_first_line("espeak-ng", "--version"))


def _folders(name: str) -> Finding:
    refused = []
    folders = (settings_folder(), cache_folder(), log_folder())
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(b"probe")
        except OSError as error:
            refused.append(f"{folder} ({error.strerror})")
    if refused:
        return Finding(
            name=name,
            state=State.FAIL,
            found=f"cannot be written to: {', '.join(refused)}",
            remedy="Change their permissions, or name another place in the environment variable SOTTOVOCE_HOME.",
        )
    return Finding(name=name, state=State.OK, found=", ".join(map(str, folders)))


def _disk(name: str) -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    found = f"{free / 1e9:.1f} GB free in the current folder"
    if free >= _LOW_BYTES:
        return Finding(name=name, state=State.OK, found=found)
    state = State.WARN if free >= _NO_BYTES else State.FAIL
    return Finding(
        name=name, state=state, found=found, remedy="Free space, or work on another disk; `sottovoce clean` may help."
    )


def _settings(name: str) -> Finding:
    from sottovoce_engine.registers import register_table

    path = settings_path()
    try:
        settings = load_settings()
        own = len(register_table(settings.registers_file).registers) - len(register_table().registers)
    except InputError as error:
        return Finding(name=name, state=State.FAIL, found=f"{path} cannot be used", remedy=str(error))
    if not path.exists():
        return Finding(name=name, state=State.OK, found=f"{path} does not exist; the defaults hold")
    registers = f", {own} registers of your own" if own else ""
    return Finding(name=name, state=State.OK, found=f"{path}{registers}")


def _gpu(name: str) -> Finding:
    """The graphics card by its driver's tool, torch by its package's record: importing it would take seconds."""
    from sottovoce_engine.renderers.ltx.machine_memory import graphics_card

    torch = _version("torch")
    installed = f"torch {torch}" if torch else "no torch"
    if shutil.which("nvidia-smi") is None:
        return Finding(name=name, state=State.OK, found=f"no NVIDIA driver, {installed}; scratch needs neither")
    card = graphics_card()
    if card is None:
        return Finding(
            name=name,
            state=State.WARN,
            found=f"nvidia-smi names no card, {installed}; scratch needs none",
            remedy="Start nvidia-smi by hand: what it says tells why. Often the driver has to be installed again.",
        )
    found = f"{card.name}, {card.total_bytes / 1e9:.1f} GB, driver {card.driver}, {installed}"
    if torch is None:
        return Finding(name=name, state=State.WARN, found=found, remedy="To use it: " + _pip("'sottovoce[ltx]'"))
    return Finding(name=name, state=State.OK, found=found)


def _ltx_memory(name: str) -> Finding:
    """Where LTX-2.3's weights would lie on this machine, for a region of four seconds."""
    from sottovoce_engine.renderers.ltx.memory_report import memory_report
    from sottovoce_engine.renderers.ltx.settings import ltx_settings

    try:
        report = memory_report(ltx_settings())
    except InputError as error:
        return Finding(name=name, state=State.WARN, found="the LTX settings cannot be used", remedy=str(error))
    if report.placement is not None or not report.has_device:
        return Finding(name=name, state=State.OK, found=f"{report.machine}. {report.told}")
    return Finding(name=name, state=State.WARN, found=report.machine, remedy=report.told)


def _players(name: str) -> Finding:
    """Programs that open what we export; nice to have."""
    there = [program for program in ("melt", "ges-launch-1.0") if shutil.which(program)]
    return Finding(name=name, state=State.OK, found=", ".join(there) or "none of melt and ges-launch-1.0; not needed")


def _hosts(name: str) -> Finding:
    """Editors, and whether they have their launcher; nice to have."""
    from sottovoce.hosts.installing import editors_found, installed_at
    from sottovoce.hosts.launchers import LAUNCHERS
    from sottovoce.hosts.places import Person

    person = Person.here()
    here = [launcher for launcher in LAUNCHERS.values() if editors_found(launcher, person)]
    told = [
        f"{launcher.name} ({'installed' if installed_at(launcher, person) else 'without the launcher'})"
        for launcher in here
    ]
    return Finding(
        name=name,
        state=State.OK,
        found=f"{', '.join(told) or 'no editor found'}; sottovoce host install NAME puts a launcher there",
    )


_CHECKS: dict[str, Callable[[str], Finding]] = {
    "Python": _python,
    "packages": _packages,
    "codecs": _codecs,
    "voice": _voice,
    "espeak-ng": _espeak,
    "folders": _folders,
    "disk": _disk,
    "settings": _settings,
    "GPU": _gpu,
    "LTX-2.3": _ltx_memory,
    "players": _players,
    "hosts": _hosts,
}


def _base_requirements(required: list[str]) -> list[Requirement]:
    """What this Python on this system needs, without what extras add."""
    asked = [Requirement(text) for text in required]
    return [each for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=20, check=False)
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0].strip() if lines else f"{command[0]} says nothing (code {done.returncode})"


def _pip(arguments: str) -> str:
    return f"{Path(sys.executable).name} -m pip install {arguments}"
