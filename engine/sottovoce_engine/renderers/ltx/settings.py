"""The renderer's settings: a TOML file that SOTTOVOCE_LTX names, with the lines of SOTTOVOCE_LTX_OVER laid over it.

    format = 1
    preset = "best"                       # "best": dev with full guidance; "fast": distilled, 8 steps
    model  = "/models/LTX-2.3-Diffusers"  # a folder, a single .safetensors file, or a hub id that was fetched
    lora   = "whisper.safetensors"        # a file, from this file on, or a hub id

    [sampling]                            # laid over the preset
    steps = 20
    audio.caption = 5.0

    [second_stage]                        # of upscaled = true
    sigmas = [0.725, 0.421875]

    [fast]                                # holds where the preset is "fast"
    model = "diffusers/LTX-2.3-Distilled-Diffusers"

Environment variables reach the worker's child process and every plan alike, so both see one fingerprint.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.places import place_from
from sottovoce_engine.renderers.ltx.latent_shape import PIXELS_PER_LATENT, UPSCALED_SIDE, model_raster
from sottovoce_engine.renderers.ltx.sampling_settings import BEST, FAST, SECOND_STAGE, Guidance, SamplingSettings
from sottovoce_engine.scene import Raster

VARIABLE = "SOTTOVOCE_LTX"
OVER_VARIABLE = "SOTTOVOCE_LTX_OVER"
FORMAT = 1
# Both mirrored under the diffusers organisation. Source: https://github.com/huggingface/diffusers/pull/13788
DEFAULT_MODEL = "diffusers/LTX-2.3-Diffusers"
DISTILLED_MODEL = "diffusers/LTX-2.3-Distilled-Diffusers"
DEFAULT_LORA = "MLXBits/ltx2.3-whisper-softly-spoken"  # Source: its model card

PRESETS = {"best": BEST, "fast": FAST}
_MODELS = {"best": DEFAULT_MODEL, "fast": DISTILLED_MODEL}
_PLACES = ("model", "text_model", "lora", "upsampler", "second_model", "second_lora")  # what may be a path or a hub id
_KEY = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_RASTER = re.compile(r"(\d{1,5})x(\d{1,5})")
_CHOICES = {
    "preset": tuple(PRESETS),
    "device": ("auto", "cuda", "cpu"),
    "dtype": ("bfloat16", "float32"),
    "passes": ("together", "apart"),
    "memory": ("auto", "resident", "transformer", "streamed", "fp8"),
    "random_size": ("full", "tiny"),
    "upscaled_sound": ("first", "second"),
    "lock": ("fast", "exact", "off"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LtxSettings:
    """What a person may decide about rendering with LTX-2.3."""

    preset: str = "best"
    model: str = DEFAULT_MODEL  # folder of a checkpoint in diffusers' layout, a single file, or a hub id
    text_model: str = DEFAULT_MODEL  # beside a single file: a checkpoint's folder or hub id, for what the file lacks
    lora: str = DEFAULT_LORA  # a .safetensors file or a hub id; needed as soon as a register asks for it
    device: str = "auto"  # "auto": the GPU, and nothing else
    dtype: str = "bfloat16"
    passes: str = "together"  # guidance passes as one forward; "apart" needs less memory
    memory: str = "auto"  # where weights lie; "auto": planned from what is free
    compiled: bool = False  # blocks through torch.compile: faster steps after a wait for each new shape
    random_weights: bool = False  # the model without a checkpoint, for benchmarks: noise comes out
    random_size: str = "full"  # of it; "tiny" runs on a CPU
    upscaled: bool = False  # sample at half the size, then at twice that
    upsampler: str = ""  # the latent upsampler: a folder, a .safetensors file or a hub id; "": in the model's folder
    second_model: str = ""  # the second stage's checkpoint, a distilled one; "" is `model`
    second_lora: str = ""  # or Lightricks' distilled LoRA, which makes dev's weights distilled for the second stage
    second_lora_strength: float = 1.0
    upscaled_sound: str = "first"  # keep the first stage's sound, or sample it again in the "second"
    lock: str = "fast"  # over a locked picture that does not listen; "exact": it does; "off": over one of its own
    raster: str = ""  # of the model's picture, such as "768x512"; "" follows `pixels` and the scene's shape
    pixels: int = 768 * 512  # about how many the model's picture has
    takes_at_once: int = 1  # of one shape and LoRA state
    text_tokens: int = 1024
    cache: str = ""  # folder for encoded captions; "" is the user's cache folder
    sampling: SamplingSettings = BEST
    second_stage: SamplingSettings = SECOND_STAGE

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
        if self.raster:
            _checked_raster(self.raster, self.side)
        if not self.second_stage.sigmas or self.second_stage.sigmas[0] >= 1.0:
            raise InputError(
                "The second stage begins at noise level 1 in the LTX settings, which leaves nothing of the first. Give it "
                "`sigmas` that begin below 1, such as [0.909375, 0.725, 0.421875]."
            )
        if not 0.0 < self.second_lora_strength <= 2.0:
            raise InputError(f"second_lora_strength = {self.second_lora_strength:g} in the LTX settings. Give up to 2.")

    @property
    def side(self) -> int:
        """What the sides of the model's picture are multiples of."""
        return UPSCALED_SIDE if self.upscaled else PIXELS_PER_LATENT

    def raster_for(self, scene: Raster) -> Raster:
        """The model's raster for a scene: the one given, or one of about its shape."""
        if self.raster:
            return _checked_raster(self.raster, self.side)
        return model_raster(scene, self.pixels, side=self.side)


def ltx_settings(environment: Mapping[str, str] = os.environ) -> LtxSettings:
    """The settings in force: those of the file, if one is named, with what the command line says over them.

    Raises:
        InputError: The file cannot be read, or holds an unknown key or a value of the wrong kind.
    """
    path, lines = environment.get(VARIABLE, ""), environment.get(OVER_VARIABLE, "")
    document = _document(Path(path)) if path else {}
    settings = _settings_of(document, {}, f"'{path}'")
    return _settings_of(document, _over(lines), "--ltx") if lines else settings


def over_line(given: str) -> str:
    """One line for SOTTOVOCE_LTX_OVER from KEY=VALUE as a person writes it: text needs no quotes.

    Raises:
        InputError: There is no key, or the value cannot be read.
    """
    key, equals, value = (part.strip() for part in given.partition("="))
    if not equals or not value or not value.isprintable() or not _KEY.fullmatch(key):
        raise InputError(
            f"--ltx '{given}' cannot be read. Write KEY=VALUE, such as pixels=200000 or sampling.audio.caption=5."
        )
    try:
        tomllib.loads(f"{key} = {value}")
    except ValueError:
        return f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return f"{key} = {value}"


def _document(path: Path) -> dict[str, Any]:
    """What a file holds, its places taken from its own folder."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"The LTX settings '{path}' cannot be read: {error}. Mend the file or {VARIABLE}.") from error
    version = given.pop("format", FORMAT)
    if version != FORMAT:
        raise InputError(f"'{path}' has format = {version!r}; this version reads format {FORMAT}. Update Sottovoce.")
    for table in (given, *(given.get(preset) for preset in PRESETS)):
        if isinstance(table, dict):
            named = {name: table[name] for name in _PLACES if isinstance(table.get(name), str)}
            table.update({name: place_from(path.parent, value) for name, value in named.items()})
    return given


def _over(lines: str) -> dict[str, Any]:
    """The lines laid over the file, the last one winning."""
    laid: dict[str, Any] = {}
    for line in lines.splitlines():
        try:
            laid = _merged(laid, tomllib.loads(line))
        except ValueError as error:
            raise InputError(
                f"{OVER_VARIABLE} has the line '{line}': {error}. Write KEY = VALUE as in TOML."
            ) from error
    return laid


def _settings_of(document: Mapping[str, Any], over: Mapping[str, Any], where: str) -> LtxSettings:
    """The settings, from a file's tables and those laid over it; `where` is named in errors.

    The table of the preset that is not chosen is checked, too.
    """
    preset = over.get("preset", document.get("preset", "best"))
    others = [name for name in PRESETS if name != preset and name in {**document, **over}]
    for name in (*others, preset):
        layers = (layer for given in (document, over) for layer in (_shared(given), _table(given, name, where)))
        merged: dict[str, Any] = {}
        for layer in layers:
            merged = _merged(merged, layer)
        settings = _settings({**merged, "preset": name}, where)
    return settings


def _shared(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in PRESETS}


def _table(given: Mapping[str, Any], preset: Any, where: str) -> dict[str, Any]:
    table = given.get(preset, {}) if isinstance(preset, str) else {}
    if not isinstance(table, dict):
        raise InputError(f"{where} has {preset} = {table!r}. Write a table: [{preset}].")
    return table


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` laid over `below`, table by table. A number of steps takes the place of fixed levels."""
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        merged[key] = _merged(lower, value) if isinstance(lower, dict) and isinstance(value, dict) else value
    if "steps" in above and "sigmas" not in above:
        merged.pop("sigmas", None)
    return merged


def _settings(given: Mapping[str, Any], where: str) -> LtxSettings:
    document = dict(given)
    laid_over, second = document.pop("sampling", {}), document.pop("second_stage", {})
    plain = _checked(document, LtxSettings(), where, skip=("sampling", "second_stage"))
    preset = plain["preset"]
    plain.setdefault("model", _MODELS.get(preset, DEFAULT_MODEL))
    return replace(
        LtxSettings(),
        **plain,
        sampling=_sampling("sampling", laid_over, PRESETS.get(preset, BEST), where),
        second_stage=_sampling("second_stage", second, SECOND_STAGE, where),
    )


def _checked_raster(text: str, side: int) -> Raster:
    match = _RASTER.fullmatch(text)
    if match is None:
        raise InputError(f"raster = '{text}' in the LTX settings. Write width and height, such as '768x512'.")
    width, height = int(match[1]), int(match[2])
    near = [min(max(round(length / side), 1) * side, 4096) for length in (width, height)]
    if near != [width, height]:
        raise InputError(
            f"raster = '{text}' in the LTX settings: the model's pictures have sides in multiples of {side}"
            f"{' where they are upscaled' if side == UPSCALED_SIDE else ''}, up to 4096. The nearest is '{near[0]}x{near[1]}'."
        )
    return Raster(width=width, height=height)


def _sampling(table: str, given: Any, preset: SamplingSettings, where: str) -> SamplingSettings:
    if not isinstance(given, dict):
        raise InputError(f"{where} has {table} = {given!r}. Write a table: [{table}].")
    changes = dict(given)
    for part in ("video", "audio"):
        if part in changes:
            changes[part] = _guidance(changes[part], getattr(preset, part), where)
    for name in ("sigmas", "perturbed_blocks"):
        if isinstance(changes.get(name), list):
            changes[name] = tuple(changes[name])
    plain = _checked(changes, preset, where, skip=())
    if "steps" in plain and "sigmas" not in plain:
        plain["sigmas"] = ()  # a number of steps asks for levels of its own
    return replace(preset, **plain)


def _guidance(given: Any, preset: Guidance, where: str) -> Guidance:
    if not isinstance(given, dict):
        raise InputError(f"{where} has guidance {given!r}. Write numbers such as audio.caption = 5.0.")
    return replace(preset, **_checked(given, preset, where, skip=()))


def _checked(given: dict[str, Any], like: object, where: str, *, skip: tuple[str, ...]) -> dict[str, Any]:
    """`given`, each value of the kind that `like` has there; whole numbers pass as numbers."""
    names = [field.name for field in fields(like) if field.name not in skip]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in names:
            raise InputError(f"{where} has the unknown key '{name}'. {nearest(name, names)}")
        expected = getattr(like, name)
        if isinstance(expected, float) and type(value) is int:
            value = float(value)
        if type(value) is not type(expected) or (isinstance(value, tuple) and not _numbers(name, value)):
            raise InputError(f"{where} has {name} = {value!r}. Write it as {expected!r} is written.")
        values[name] = value
    return values


def _numbers(name: str, values: tuple[Any, ...]) -> bool:
    kinds = (int,) if name == "perturbed_blocks" else (int, float)
    return all(type(value) in kinds for value in values)
