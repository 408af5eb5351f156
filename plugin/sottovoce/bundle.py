"""`doctor --bundle`: a zip for a bug report, with what helps and nothing that is the person's own.

The zip stays on this machine; the person reads it and decides.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from sottovoce.doctor import Finding
from sottovoce.folders import log_folder
from sottovoce.logs import LOG_NAME, level_of
from sottovoce.scrubbing import PrivateWords, private_words, scrubbed_line, scrubbed_text
from sottovoce.settings import load_settings
from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.names import versioned

FILE_NAME = "sottovoce-doctor.zip"

_LAST_LOG_LINES = 2_000  # of each file
_ABOUT = """\
This zip was made by `sottovoce doctor --bundle` for a bug report. Look into it before you send it.

about.txt       this text
findings.json   what the doctor found
packages.txt    installed Python packages and their versions
settings.json   the settings in force
logs/           the last lines of each log, without debug records

Left out: lines of dialogue, captions, media and their names. In the logs, whatever stands in quotes is replaced
by …, places by <path>, file names by <file>; everywhere your home folder by ~, your user name by <user>, this
computer's name by <host>, the folders Sottovoce is installed in by <installed>.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A written zip."""

    path: Path
    contents: tuple[str, ...]  # the names inside


def write_bundle(folder: Path, findings: Sequence[Finding]) -> Bundle:
    """Writes the zip into `folder`, under a name that was free.

    Raises:
        InputError: The folder cannot be written to.
        SetupError: The disk is full.
    """
    contents = _contents(findings, private_words())
    path = _written(folder, _zipped(contents))
    return Bundle(path=path, contents=tuple(contents))


def _contents(findings: Sequence[Finding], private: PrivateWords) -> dict[str, str]:
    """The texts by their names in the zip. Remedies are left out: they may quote what the person wrote."""
    found = [
        {"name": finding.name, "state": finding.state, "found": scrubbed_text(finding.found, private)}
        for finding in findings
    ]
    packages = sorted({f"{each.name}=={each.version}" for each in metadata.distributions()}, key=str.casefold)
    contents = {
        "about.txt": _ABOUT,
        "findings.json": _as_json(found),
        "packages.txt": "\n".join(packages) + "\n",
        "settings.json": _as_json(_settings()),
    }
    for log in sorted(log_folder().glob(f"{LOG_NAME}*")):
        contents[f"logs/{log.name}"] = "".join(f"{line}\n" for line in _scrubbed_log(log, private))
    return contents


def _settings() -> dict[str, object]:
    try:
        settings = load_settings()
    except InputError:
        return {"settings": "cannot be used"}
    named = {name: bool(getattr(settings, name)) for name in ("registers_file", "thresholds_file", "speech_model")}
    return asdict(settings) | named


def _scrubbed_log(log: Path, private: PrivateWords) -> Iterator[str]:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        yield f"cannot be read: {error.strerror}"
        return
    kept = False  # what follows a record on lines of its own belongs to it
    for line in lines[-_LAST_LOG_LINES:]:
        level = level_of(line)
        kept = level != "DEBUG" if level else kept
        if kept:
            yield scrubbed_line(line, private)


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _zipped(contents: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in contents.items():
            zipped.writestr(name, text.encode("utf-8", "backslashreplace"))
    return buffer.getvalue()


def _written(folder: Path, data: bytes) -> Path:
    while True:
        path = versioned(folder / FILE_NAME)
        try:
            file = path.open("xb")
        except FileExistsError:  # somebody was faster
            continue
        except OSError as error:
            raise InputError(
                f"The zip '{path}' cannot be made: {error.strerror}. Name another folder with -o."
            ) from error
        try:
            with file:
                file.write(data)
            return path
        except OSError as error:
            path.unlink(missing_ok=True)
            raise SetupError(f"The zip '{path}' cannot be written: {error.strerror}. Free space.") from error
