"""The renderer's settings, from a TOML file that the environment variable SOTTOVOCE_LTX names.

    format = 1
    preset = "fast"                       # "best": dev with full guidance; "fast": distilled, 8 steps
    model  = "/models/LTX-2.3-Diffusers"  # a folder, or a hub id that was fetched before
    lora   = "/models/whisper.safetensors"

    [sampling]                            # laid over the preset
    steps = 20
    audio.caption = 5.0

An environment variable reaches the worker's child process and every plan alike, so both see one fingerprint.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.renderers.ltx.sampling_settings import BEST, FAST, Guidance, SamplingSettings

VARIABLE = "SOTTOVOCE_LTX"
FORMAT = 1
DEFAULT_MODEL = "diffusers/LTX-2.3-Diffusers"

_PRESETS = {"best": BEST, "fast": FAST}
_CHOICES = {
    "preset": tuple(_PRESETS),
    "device": ("auto", "cuda", "cpu"),
    "dtype": ("bfloat16", "float32"),
    "passes": ("together", "apart"),
    "memory": ("auto", "resident", "transformer", "streamed", "fp8"),
    "upscaled_sound": ("first", "second"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LtxSettings:
    """What a person may decide about rendering with LTX-2.3."""

    preset: str = "best"
    model: str = DEFAULT_MODEL  # folder of a checkpoint in diffusers' layout, or its hub id
    lora: str = ""  # path of a .safetensors file; needed as soon as a register asks for it
    device: str = "auto"  # "auto": the GPU, and nothing else
    dtype: str = "bfloat16"
    passes: str = "together"  # guidance passes as one forward; "apart" needs less memory
    memory: str = "auto"  # where weights lie; "auto": planned from what is free
    compiled: bool = False  # blocks through torch.compile: faster steps after a wait for each new shape
    random_weights: bool = False  # the full-size model without a checkpoint, for benchmarks: noise comes out
    upscaled: bool = False  # sample at half the size, then at twice that
    upsampler: str = ""  # the latent upsampler: a folder or a hub id; "" is the model's own folder
    upscaled_sound: str = "first"  # keep the first stage's sound, or sample it again in the "second"
    raster: str = ""  # of the model's picture, such as "768x512"; "" follows `pixels` and the scene's shape
    pixels: int = 768 * 512  # about how many the model's picture has
    takes_at_once: int = 1  # of one shape and LoRA state
    text_tokens: int = 1024
    cache: str = ""  # folder for encoded captions; "" is the user's cache folder
    sampling: SamplingSettings = BEST

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                raise InputError(f"{name} = '{value}' is not known to the LTX renderer. {nearest(str(value), choices)}")
        for name, low, high in (("pixels", 4_096, 4_000_000), ("takes_at_once", 1, 64), ("text_tokens", 128, 4_096)):
            if not low <= getattr(self, name) <= high:
                raise InputError(f"{name} = {getattr(self, name)} in the LTX settings. Give {low:,} to {high:,}.")
        if self.text_tokens % 128:
            raise InputError(f"text_tokens = {self.text_tokens} in the LTX settings. Give a multiple of 128.")


def ltx_settings(environment: Mapping[str, str] = os.environ) -> LtxSettings:
    """The settings in force: those of the file, or the defaults where no file is named.

    Raises:
        InputError: The file cannot be read, or holds an unknown key or a value of the wrong kind.
    """
    path = environment.get(VARIABLE, "")
    return settings_from(Path(path)) if path else LtxSettings()


def settings_from(path: Path) -> LtxSettings:
    """The settings a file holds.

    Raises:
        InputError: See `ltx_settings`.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"The LTX settings '{path}' cannot be read: {error}. Mend the file or {VARIABLE}.") from error
    version = given.pop("format", FORMAT)
    if version != FORMAT:
        raise InputError(f"'{path}' has format = {version!r}; this version reads format {FORMAT}. Update Sottovoce.")
    laid_over = given.pop("sampling", {})
    plain = _checked(given, LtxSettings(), path, skip=("sampling",))
    preset = plain.get("preset", "best")
    sampling = _PRESETS.get(preset, BEST) if isinstance(preset, str) else BEST
    return replace(LtxSettings(), **plain, sampling=_sampling(laid_over, sampling, path))


def _sampling(given: Any, preset: SamplingSettings, path: Path) -> SamplingSettings:
    if not isinstance(given, dict):
        raise InputError(f"'{path}' has sampling = {given!r}. Write a table: [sampling].")
    changes = dict(given)
    for part in ("video", "audio"):
        if part in changes:
            changes[part] = _guidance(changes[part], getattr(preset, part), path)
    for name in ("sigmas", "perturbed_blocks"):
        if isinstance(changes.get(name), list):
            changes[name] = tuple(changes[name])
    plain = _checked(changes, preset, path, skip=())
    if "steps" in plain and "sigmas" not in plain:
        plain["sigmas"] = ()  # a number of steps asks for levels of its own
    return replace(preset, **plain)


def _guidance(given: Any, preset: Guidance, path: Path) -> Guidance:
    if not isinstance(given, dict):
        raise InputError(f"'{path}' has guidance {given!r}. Write numbers such as audio.caption = 5.0.")
    return replace(preset, **_checked(given, preset, path, skip=()))


def _checked(given: dict[str, Any], like: object, path: Path, *, skip: tuple[str, ...]) -> dict[str, Any]:
    """`given`, each value of the kind that `like` has there; whole numbers pass as numbers."""
    names = [field.name for field in fields(like) if field.name not in skip]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in names:
            raise InputError(f"'{path}' has the unknown key '{name}'. {nearest(name, names)}")
        expected = getattr(like, name)
        if isinstance(expected, float) and type(value) is int:
            value = float(value)
        if type(value) is not type(expected) or (isinstance(value, tuple) and not _numbers(name, value)):
            raise InputError(f"'{path}' has {name} = {value!r}. Write it as {expected!r} is written.")
        values[name] = value
    return values


def _numbers(name: str, values: tuple[Any, ...]) -> bool:
    kinds = (int,) if name == "perturbed_blocks" else (int, float)
    return all(type(value) in kinds for value in values)
