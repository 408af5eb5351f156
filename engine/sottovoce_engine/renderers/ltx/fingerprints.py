"""What determines a take beside its job: part of its key, and noted on it."""

import hashlib
import json
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import SetupError
from sottovoce_engine.registers import Register
from sottovoce_engine.renderers.ltx.checkpoint import checkpoint_fingerprint, checkpoint_folder, file_fingerprint
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.sources import lora_named, lora_path
from sottovoce_engine.renderers.ltx.two_stages import second_fingerprints

RECIPE = "1"  # raised whenever the same job would come out audibly or visibly different


def fingerprints(settings: LtxSettings, register: Register) -> tuple[tuple[str, str], ...]:
    """Recipe, model, LoRA, sampling, numeric class and library versions of a register's takes."""
    return (
        ("ltx", RECIPE),
        ("model", _model(settings)),
        ("lora", _lora(register, settings)),
        ("sampling", _sampling(settings)),
        *_upscaled(settings),
        ("numeric", _numeric_class(settings)),
        *((package, _version(package)) for package in ("torch", "diffusers", "transformers")),
    )


def _sampling(settings: LtxSettings) -> str:
    size = settings.raster or settings.pixels
    return _hashed([to_plain(settings.sampling), size, settings.text_tokens, settings.lock])


def _model(settings: LtxSettings) -> str:
    return (
        f"random-{settings.random_size}"
        if settings.random_weights
        else checkpoint_fingerprint(settings.model, settings.text_model)
    )


def _numeric_class(settings: LtxSettings) -> str:
    """Number type, layers held more coarsely, attention backend, compiler and kind of device, as one word.

    Other settings of `memory` change where weights lie and no bit of them; fp8 is never entered without being asked.
    """
    parts = [
        settings.dtype,
        *(["fp8"] if settings.memory == "fp8" else []),
        "sdpa",
        *(["compiled"] if settings.compiled else []),
    ]
    return "-".join([*parts, "cpu" if settings.device == "cpu" else "cuda"])


def _upscaled(settings: LtxSettings) -> tuple[tuple[str, str], ...]:
    """What a second stage makes of a take; nothing where there is none."""
    if not settings.upscaled:
        return ()
    folder = checkpoint_folder(settings.model) or checkpoint_folder(settings.text_model)
    parts = [
        to_plain(settings.second_stage),
        settings.upscaled_sound,
        settings.second_lora_strength,
        checkpoint_fingerprint(settings.second_model, settings.text_model)
        if settings.second_model
        else _model(settings),
        *second_fingerprints(settings, folder),
    ]
    return (("upscaled", _hashed(parts)),)


def _lora(register: Register, settings: LtxSettings) -> str:
    if not register.lora:
        return "none"
    if settings.random_weights and not register.lora_file:
        return "random"
    named = lora_named(register, settings)
    if not named:
        return "missing"
    try:
        return file_fingerprint(lora_path(named))
    except SetupError:  # the same answer as for a model that is not here: a plan does not need it
        return "missing"


def _hashed(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


@lru_cache(maxsize=8)
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
