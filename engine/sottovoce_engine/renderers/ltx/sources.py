"""Where a model that a setting names lies on this machine: a path, or an id of the Hugging Face hub. Fetches nothing.

/models/LTX-2.3-Diffusers                         a folder
/models/whisper.safetensors                       a file
diffusers/LTX-2.3-Diffusers                       a hub id: the newest snapshot in the hub's cache
Lightricks/LTX-2.3/ltx-2.3-22b-dev.safetensors    one file of a hub id
"""

import re
from importlib.util import find_spec
from pathlib import Path

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.registers import Register
from sottovoce_engine.renderers.ltx.settings import LtxSettings

SUFFIX = ".safetensors"

_HUB_ID = re.compile(r"(?P<id>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:/(?P<file>[\w./ -]+\.safetensors))?")
_INSTEAD = "Or render with --renderer scratch, which needs none."


def lora_named(register: Register, settings: LtxSettings) -> str:
    """What names the LoRA of a register; "" where nothing does, or the register has it off."""
    return (register.lora_file or settings.lora) if register.lora else ""


def lora_path(named: str) -> Path:
    """The LoRA's file: the one named, or the only `.safetensors` file of the folder or hub id named.

    Raises:
        SetupError: It is not on this machine.
        InputError: There are several, and which is meant is not said.
    """
    found = found_at(named)
    if found is None:
        raise SetupError(_not_here("LoRA", named))
    if found.is_file():
        return found
    files = sorted(found.glob(f"*{SUFFIX}"))
    if not files:
        raise SetupError(
            f"The LoRA '{named}' has no {SUFFIX} file in '{found}'. Fetch it again: sottovoce models fetch"
        )
    if len(files) > 1:
        names = ", ".join(f"'{file.name}'" for file in files)
        raise InputError(
            f"'{named}' holds {len(files)} LoRAs: {names}. Name the one that is meant: {named}/{files[0].name}"
        )
    return files[0]


def found_at(named: str) -> Path | None:
    """The file or folder that is named, if it is on this machine."""
    path = Path(named).expanduser()
    if path.exists():
        return path
    hub_id, file = hub_name(named)
    snapshot = hub_snapshot(hub_id)
    if snapshot is None:
        return None
    there = snapshot / file if file else snapshot
    return there if there.exists() else None


def hub_name(named: str) -> tuple[str, str]:
    """(id, file in it) of what is named; ("", "") where it can only be a path, ("owner/name", "") without a file."""
    match = _HUB_ID.fullmatch(named)
    if match is None or match["id"].endswith(SUFFIX):
        return "", ""
    return match["id"], match["file"] or ""


def hub_cache() -> Path | None:
    """Where the hub's client keeps what it fetched; None where the client is not installed."""
    if find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def hub_snapshot(hub_id: str) -> Path | None:
    """The newest snapshot of a hub id in the hub's cache, whole or not."""
    cache = hub_cache()
    if not hub_id or cache is None:
        return None
    kept = cache / f"models--{hub_id.replace('/', '--')}"
    try:
        snapshot = kept / "snapshots" / (kept / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return snapshot if snapshot.is_dir() else None


def _not_here(what: str, named: str) -> str:
    hub_id, _ = hub_name(named)
    if hub_id:
        return (
            f"The {what} '{named}' is not on this machine: it is no path, and the hub's cache does not hold it. Fetch it "
            f"with: sottovoce models fetch {named}. {_INSTEAD}"
        )
    return f"The {what} '{named}' is not on this machine. Check the path in the LTX settings. {_INSTEAD}"
