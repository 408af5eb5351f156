"""The user's settings: a TOML file, read once into a value.

renderer = "scratch"
takes = 2
registers_file = "my-registers.toml"    # beside the settings file, or an absolute path
"""

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sottovoce.folders import settings_folder
from sottovoce_engine.errors import InputError, nearest

FORMAT = 1
_KINDS = {"text": str, "a whole number": int, "a number": int | float, "true or false": bool}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds where the command line and the panel say nothing else."""

    renderer: str = "scratch"
    takes: int = 1
    seed: int = 1
    handle_frames: int = 24
    overlap_frames: int = 17
    context_seconds: float = 0.0  # of dialogue on either side of a region that LTX takes are held to
    fade_in_ms: float = 80.0
    fade_out_ms: float = 80.0
    registers_file: Path | None = None  # absolute; registers of the user's own
    thresholds_file: Path | None = None  # absolute; the judge's thresholds, as `sottovoce calibrate` writes them
    judge: bool = True  # measure every take, and choose by it
    strict: bool = False  # half-whispered and doubtful takes do not pass
    speech_model: str = ""  # a Whisper model that listens for the lines: a folder, or a name in the hub's cache


_FIELD_KINDS = {
    "renderer": "text",
    "takes": "a whole number",
    "seed": "a whole number",
    "handle_frames": "a whole number",
    "overlap_frames": "a whole number",
    "context_seconds": "a number",
    "fade_in_ms": "a number",
    "fade_out_ms": "a number",
    "registers_file": "text",
    "thresholds_file": "text",
    "judge": "true or false",
    "strict": "true or false",
    "speech_model": "text",
}
_FILES = ("registers_file", "thresholds_file")


def settings_path() -> Path:
    """The settings file, which need not exist."""
    return settings_folder() / "settings.toml"


def load_settings(path: Path | None = None) -> Settings:
    """The settings in `path`; without one, those of the user, or the defaults where there is no file.

    Raises:
        InputError: The file cannot be read, or holds an unknown key or a value that cannot be.
    """
    place = settings_path() if path is None else path
    try:
        text = place.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if path is None:
            return Settings()
        raise InputError(f"The settings file '{place}' does not exist. Check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The settings file '{place}' cannot be read: {error}. Mend or remove it.") from error
    try:
        return _checked(_settings_in(text, place.absolute().parent))
    except InputError as error:
        raise InputError(f"In the settings file '{place}': {error}") from error


def _settings_in(text: str, folder: Path) -> Settings:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is not valid TOML: {error}. Mend that line.") from error
    found = document.pop("format", FORMAT)
    if found != FORMAT:
        raise InputError(f"format = {found!r}; this version reads format {FORMAT}. Update Sottovoce.")
    names = [field.name for field in fields(Settings)]
    for name, value in document.items():
        if name not in names:
            raise InputError(f"'{name}' is no setting. {nearest(name, names)}")
        kind = _FIELD_KINDS[name]
        if isinstance(value, bool) is not (kind == "true or false") or not isinstance(value, _KINDS[kind]):
            raise InputError(f"{name} = {value!r}; it must be {kind}.")
    return replace(Settings(), **_typed(document, folder))


def _typed(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in document.items():
        if name in _FILES:
            typed[name] = folder / Path(value).expanduser()
        else:
            typed[name] = float(value) if _FIELD_KINDS[name] == "a number" else value
    return typed


def _checked(settings: Settings) -> Settings:
    """`settings`, once everything they are for has accepted them.

    Raises:
        InputError: A value is out of range.
    """
    from sottovoce_engine.plan import PlanSettings
    from sottovoce_engine.renderers.socket import renderer_entry
    from sottovoce_engine.splice.values import SpliceSettings

    renderer_entry(settings.renderer)
    PlanSettings(
        takes=settings.takes,
        seed=settings.seed,
        handle_frames=settings.handle_frames,
        overlap_frames=settings.overlap_frames,
        context_seconds=settings.context_seconds,
    )
    SpliceSettings(fade_in_ms=settings.fade_in_ms, fade_out_ms=settings.fade_out_ms)
    return settings
