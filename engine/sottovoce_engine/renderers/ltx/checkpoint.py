"""Finding a checkpoint on this machine, and what tells it from another. Fetches nothing, imports no torch."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout, layout_from_config
from sottovoce_engine.renderers.ltx.sources import found_at

PACKAGES = ("torch", "diffusers", "transformers", "safetensors")
PARTS = ("transformer", "text_encoder", "tokenizer", "connectors", "vae", "audio_vae", "vocoder", "scheduler")
_INSTEAD = "Or render with --renderer scratch, which needs neither."


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint that is whole, as far as its files' names tell."""

    folder: Path
    layout: ModelLayout
    fingerprint: str


def missing_packages() -> tuple[str, ...]:
    """What has to be installed before anything can be rendered."""
    return tuple(name for name in PACKAGES if find_spec(name) is None)


def check_packages() -> None:
    """Makes sure that what the renderer imports is there.

    Raises:
        SetupError: Something is not installed.
    """
    missing = missing_packages()
    if missing:
        raise SetupError(
            f"The LTX renderer needs {', '.join(missing)}. Install it with: pip install 'sottovoce[ltx]'. {_INSTEAD}"
        )


def checkpoint(model: str) -> Checkpoint:
    """The checkpoint of that folder or hub id.

    Raises:
        SetupError: It is not on this machine, or parts of it are missing.
        InputError: It is the checkpoint of another model.
    """
    folder = checkpoint_folder(model)
    if folder is None:
        raise SetupError(
            f"The model '{model}' is not on this machine: it is no folder, and the hub's cache does not hold it. Name the "
            f"folder of an LTX-2.3 checkpoint in diffusers' layout as `model` in the LTX settings. {_INSTEAD}"
        )
    missing = [part for part in PARTS if not any((folder / part).glob("*.json"))]
    if missing:
        raise SetupError(f"The checkpoint '{folder}' lacks {', '.join(missing)}. Fetch it again, whole. {_INSTEAD}")
    try:
        config = json.loads((folder / "transformer" / "config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise SetupError(f"'{folder}/transformer/config.json' cannot be read: {error}. Fetch it again.") from error
    layout = layout_from_config(config if isinstance(config, dict) else {})
    if layout.version != "2.3":
        raise InputError(
            f"The checkpoint '{folder}' is LTX-{layout.version}; the LoRA and this renderer are made for LTX-2.3. Name an "
            "LTX-2.3 checkpoint as `model` in the LTX settings."
        )
    return Checkpoint(folder=folder, layout=layout, fingerprint=folder_fingerprint(folder))


def checkpoint_folder(model: str) -> Path | None:
    """Where the checkpoint lies, if it is on this machine: the folder itself, or the hub cache's newest snapshot."""
    found = found_at(model)
    return found if found is not None and found.is_dir() else None


def folder_fingerprint(folder: Path) -> str:
    """What tells one checkpoint from another without reading it.

    In the hub's cache files are links to blobs named by their content; elsewhere size and time must do.
    """
    told = hashlib.sha256()
    for path in sorted(folder.glob("*/*")):
        if path.suffix not in (".safetensors", ".json") or not path.is_file():
            continue
        real = path.resolve()
        state = path.stat()
        content = real.name if real.parent.name == "blobs" else f"{state.st_size} {state.st_mtime_ns}"
        told.update(f"{path.relative_to(folder)} {content}\n".encode())
    return told.hexdigest()[:16]


def file_fingerprint(path: Path) -> str:
    """The hash of a file's content; read once for a path, size and time.

    Raises:
        InputError: It cannot be read.
    """
    try:
        state = path.stat()
        return _content_hash(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror}. Check the path.") from error


@lru_cache(maxsize=64)
def _content_hash(path: Path, _size: int, _time: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
