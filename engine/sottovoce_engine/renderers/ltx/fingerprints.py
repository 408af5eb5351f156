"""What determines a take beside its job: part of its key, and noted on it."""

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import SetupError
from sottovoce_engine.registers import Register
from sottovoce_engine.renderers.ltx.checkpoint import checkpoint_folder, file_fingerprint, folder_fingerprint
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.sources import lora_named, lora_path
from sottovoce_engine.renderers.ltx.two_stages import second_fingerprints

RECIPE = "1"  # raised whenever the same job would come out audibly or visibly different


def fingerprints(settings: LtxSettings, register: Register) -> tuple[tuple[str, str], ...]:
    """Recipe, model, LoRA, sampling, numeric class and library versions of a register's takes."""
    folder = checkpoint_folder(settings.model)
    return (
        ("ltx", RECIPE),
        ("model", "missing" if folder is None else folder_fingerprint(folder)),
        ("lora", _lora(lora_named(register, settings)) if register.lora else "none"),
        ("sampling", _hashed([to_plain(settings.sampling), settings.pixels, settings.text_tokens])),
        *_upscaled(settings, folder),
        ("numeric", f"{settings.dtype}-sdpa-{'cpu' if settings.device == 'cpu' else 'cuda'}"),
        *((package, _version(package)) for package in ("torch", "diffusers", "transformers")),
    )


def _upscaled(settings: LtxSettings, folder: Path | None) -> tuple[tuple[str, str], ...]:
    """What a second stage makes of a take; nothing where there is none."""
    if not settings.upscaled:
        return ()
    model = checkpoint_folder(settings.second_model) if settings.second_model else folder
    parts = [
        to_plain(settings.second_stage),
        settings.upscaled_sound,
        settings.second_lora_strength,
        "missing" if model is None else folder_fingerprint(model),
        *second_fingerprints(settings, folder),
    ]
    return (("upscaled", _hashed(parts)),)


def _lora(named: str) -> str:
    if not named:
        return "missing"
    try:
        return file_fingerprint(lora_path(named))
    except SetupError:  # the same answer as for a model that is not here: a plan does not need it
        return "missing"


def _hashed(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
