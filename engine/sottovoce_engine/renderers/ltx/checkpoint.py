"""Finding a checkpoint on this machine, and what tells it from another. Fetches nothing, imports no torch."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.content_hashes import ContentHashes
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3, ModelLayout, layout_from_config
from sottovoce_engine.renderers.ltx.settings import DEFAULT_MODEL
from sottovoce_engine.renderers.ltx.single_file_keys import FILE_PARTS, file_version, is_quantised, part_tensor
from sottovoce_engine.renderers.ltx.sources import found_at, hub_name
from sottovoce_engine.renderers.ltx.tensor_file import tensor_file

PACKAGES = ("torch", "diffusers", "transformers", "safetensors", "accelerate")
PARTS = ("transformer", "text_encoder", "tokenizer", "connectors", "vae", "audio_vae", "vocoder", "scheduler")
WEIGHT_PARTS = tuple(part for part in PARTS if part not in ("tokenizer", "scheduler"))
_INSTEAD = "Or render with --renderer scratch, which needs neither."


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint that is whole, as far as its files' names and headers tell."""

    folder: Path  # in diffusers' layout
    layout: ModelLayout
    fingerprint: str
    file: Path | None = None  # a single file that the weights of `FILE_PARTS` are in; the folder has the rest


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


def checkpoint(model: str, text_model: str = DEFAULT_MODEL) -> Checkpoint:
    """The checkpoint of that folder, single file or hub id.

    Args:
        model: What names it.
        text_model: Beside a single file: what names the folder that has the parts the file lacks.

    Raises:
        SetupError: It is not on this machine, or parts of it are missing.
        InputError: It is the checkpoint of another model, or damaged.
    """
    found = found_at(model)
    if found is None:
        raise SetupError(_not_here("model", model, "model"))
    if found.is_file():
        return _beside(found, text_model)
    _check_parts(found, weights_in=WEIGHT_PARTS)
    return Checkpoint(folder=found, layout=_layout(found), fingerprint=folder_fingerprint(found))


def checkpoint_folder(model: str) -> Path | None:
    """Where the checkpoint lies, if it is on this machine: the folder itself, or the hub cache's newest snapshot."""
    found = found_at(model)
    return found if found is not None and found.is_dir() else None


def checkpoint_fingerprint(model: str, text_model: str = DEFAULT_MODEL) -> str:
    """What tells one checkpoint from another; "missing" where it is not on this machine."""
    found = found_at(model)
    if found is None:
        return "missing"
    if found.is_dir():
        return folder_fingerprint(found)
    beside = checkpoint_folder(text_model)
    return "missing" if beside is None else _both(found, beside)


def _beside(file: Path, text_model: str) -> Checkpoint:
    """A single file, and the folder that has what it lacks."""
    keys = tensor_file(file).entries.keys()
    version = file_version(keys)
    if not version:
        raise InputError(
            f"'{file}' is no LTX-2 checkpoint: it holds no transformer with picture and sound. Name an LTX-2.3 checkpoint "
            "as `model` in the LTX settings, such as ltx-2.3-22b-dev.safetensors of Lightricks/LTX-2.3."
        )
    _check_version(file, version)
    if is_quantised(keys):
        raise InputError(
            f"'{file}' holds quantised weights, which are not understood. Name the bf16 checkpoint as `model`; with memory "
            "= 'fp8' it is made smaller while it is loaded."
        )
    parts = {tensor.part for tensor in map(part_tensor, keys) if tensor is not None}
    lacking = [part for part in FILE_PARTS if part not in parts]
    if lacking:
        raise SetupError(f"The checkpoint '{file}' lacks {', '.join(lacking)}. Fetch it again, whole. {_INSTEAD}")
    folder = checkpoint_folder(text_model)
    if folder is None:
        raise SetupError(
            f"'{file}' holds no text encoder. " + _not_here("checkpoint with one", text_model, "text_model")
        )
    _check_parts(folder, weights_in=tuple(part for part in WEIGHT_PARTS if part not in FILE_PARTS))
    return Checkpoint(folder=folder, layout=_layout(folder), fingerprint=_both(file, folder), file=file)


def _not_here(what: str, named: str, setting: str) -> str:
    hub_id, _ = hub_name(named)
    fetch = f"fetch it with: sottovoce models fetch {named}. Or name" if hub_id else "name"
    return (
        f"The {what} '{named}' is not on this machine: it is no path, and the hub's cache does not hold it. To have it, "
        f"{fetch} the folder of an LTX-2.3 checkpoint in diffusers' layout as `{setting}` in the LTX settings. {_INSTEAD}"
    )


def _check_parts(folder: Path, *, weights_in: Sequence[str]) -> None:
    """Every part is there with its config, and the weights' files are whole safetensors by their headers."""
    missing = [part for part in PARTS if not any((folder / part).glob("*.json"))]
    if missing:
        raise SetupError(f"The checkpoint '{folder}' lacks {', '.join(missing)}. Fetch it again, whole. {_INSTEAD}")
    for part in weights_in:
        files = part_files(folder / part)
        absent = [file.name for file in files if not file.exists()]
        if absent or not files:
            lack = f"its {part} lacks {', '.join(absent)}" if absent else f"its {part} has no .safetensors file"
            raise SetupError(f"The checkpoint '{folder}' cannot be loaded: {lack}. Fetch it again, as safetensors.")
        for file in files:
            tensor_file(file)


def part_files(folder: Path) -> tuple[Path, ...]:
    """The files a part's weights are in: all its index names, there or not, else every `.safetensors` file.

    Raises:
        SetupError: The index cannot be read.
    """
    for index in sorted(folder.glob("*.safetensors.index.json")):
        try:
            names = set(json.loads(index.read_bytes())["weight_map"].values())
            return tuple(folder / name for name in sorted(names))
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise SetupError(f"'{index}' cannot be read ({type(error).__name__}). Fetch it again.") from error
    return tuple(sorted(folder.glob("*.safetensors")))


def _layout(folder: Path) -> ModelLayout:
    try:
        config = json.loads((folder / "transformer" / "config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise SetupError(f"'{folder}/transformer/config.json' cannot be read: {error}. Fetch it again.") from error
    layout = layout_from_config(config if isinstance(config, dict) else {})
    _check_version(folder, layout.version)
    return layout


def _check_version(path: Path, version: str) -> None:
    if version != LTX_2_3.version:
        raise InputError(
            f"The checkpoint '{path}' is LTX-{version}; the LoRA and this renderer are made for LTX-2.3. Name an LTX-2.3 "
            "checkpoint as `model` in the LTX settings."
        )


def _both(file: Path, folder: Path) -> str:
    told = hashlib.sha256(f"{file_fingerprint(file)} {folder_fingerprint(folder)}".encode())
    return told.hexdigest()[:16]


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
    """The hash of a file's content; read once for a path, size and time, a large file once for all processes.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return _hashes().of(path)
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror}. Check the path.") from error


@lru_cache(maxsize=1)
def _hashes() -> ContentHashes:
    from platformdirs import user_cache_path

    return ContentHashes(file=user_cache_path("sottovoce", appauthor=False) / "hashes.json")
