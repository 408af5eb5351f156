"""Fetching from the Hugging Face hub, through its own client into its own cache. Only when the person says so.

Never a pickle: weights as safetensors, configs as JSON, and what tokenizers are made of. What was begun goes on
where it stopped.
"""

import logging
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sottovoce_engine.errors import InputError, SetupError, nearest
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.renderers.ltx.checkpoint import PARTS
from sottovoce_engine.renderers.ltx.needs import Role
from sottovoce_engine.renderers.ltx.sources import SUFFIX, hub_cache, hub_snapshot
from sottovoce_engine.renderers.ltx.two_stages import SUBFOLDER

_TOKENIZER_FILES = ("tokenizer.model", "merges.txt", "vocab.txt", "chat_template.jinja")
_VARIANT = re.compile(r"\.(fp\d+|bf16|int8|non_ema)[\w-]*\.safetensors(\.index\.json)?$")
_TEXT_PARTS = ("text_encoder", "tokenizer", "scheduler")
_SPARE_BYTES = 1_000_000_000  # left free on the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFile:
    """A file of a hub id."""

    name: str
    size_bytes: int
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPlan:
    """What would be fetched."""

    hub_id: str
    files: tuple[HubFile, ...]
    folder: Path  # of the hub's cache

    @property
    def missing(self) -> tuple[HubFile, ...]:
        return tuple(file for file in self.files if not file.is_here)

    @property
    def fetch_bytes(self) -> int:
        return sum(file.size_bytes for file in self.missing)


def fetch_plan(hub_id: str, file: str = "", role: Role | None = None) -> FetchPlan:
    """Asks the hub what there is to fetch. Fetches nothing.

    Args:
        hub_id: "owner/name".
        file: A single file of it; "" takes all that the role needs.
        role: What it is for; None tells by what it holds.

    Raises:
        SetupError: The hub's client is not installed, or the hub cannot be reached or refuses.
        InputError: There is nothing there that the renderer can use.
    """
    _check_client()
    from huggingface_hub import HfApi

    cache = hub_cache()
    assert cache is not None
    with _told_in_words(hub_id):
        info = HfApi().model_info(hub_id, files_metadata=True)
    sizes = {sibling.rfilename: sibling.size or 0 for sibling in info.siblings or ()}
    wanted = wanted_files(hub_id, tuple(sizes), role or _role_of(sizes), file)
    snapshot = hub_snapshot(hub_id)
    current = snapshot if snapshot is not None and snapshot.name == info.sha else None
    return FetchPlan(
        hub_id=hub_id,
        files=tuple(
            HubFile(name=name, size_bytes=sizes[name], is_here=current is not None and (current / name).is_file())
            for name in wanted
        ),
        folder=cache,
    )


def fetch(plan: FetchPlan, job: Job) -> None:
    """Fetches what is missing into the hub's cache.

    Raises:
        JobCancelled: Cancelling was asked for; what was fetched so far stays.
        SetupError: The disk is too full, or the hub cannot be reached or refuses.
    """
    _check_room(plan)
    from huggingface_hub import hf_hub_download

    stage, done, total = f"fetching {plan.hub_id.partition('/')[2]}", 0, plan.fetch_bytes
    job.step(stage, 0, total)
    for file in plan.missing:
        with _told_in_words(plan.hub_id):
            # The same revision for all, by name: so the cache notes which snapshot is the newest.
            hf_hub_download(plan.hub_id, file.name, tqdm_class=_bar(job, stage, done, total))
        done += file.size_bytes
        job.step(stage, done, total)


def wanted_files(hub_id: str, names: Sequence[str], role: Role, file: str = "") -> tuple[str, ...]:
    """Of a hub id's files those that the renderer reads.

    Raises:
        InputError: There are none, or which is meant is not said.
    """
    weights = [name for name in names if name.endswith(SUFFIX)]
    if file:
        if file not in weights:
            raise InputError(f"'{hub_id}' has no file '{file}'. {nearest(file, weights)}")
        return (file,)
    if role is Role.LORA:
        return (_only_lora(hub_id, [name for name in weights if "/" not in name]),)
    allowed = [name for name in names if _is_allowed(name) and not _VARIANT.search(name)]
    if role is Role.UPSAMPLER:
        folder = f"{SUBFOLDER}/" if any(name.startswith(f"{SUBFOLDER}/") for name in allowed) else ""
        found = [name for name in allowed if name.rpartition("/")[0] == folder.rstrip("/")]
    else:
        found = [name for name in allowed if name.partition("/")[0] in PARTS]
        if role is Role.TEXT_ENCODER:
            configs = [name for name in found if name.endswith("/config.json")]
            found = [name for name in found if name.partition("/")[0] in _TEXT_PARTS or name in configs]
    if not any(name.endswith(SUFFIX) for name in found):
        others = ", ".join(f"'{name}'" for name in list(names)[:4]) or "nothing"
        raise InputError(f"'{hub_id}' has no safetensors that serve as {role}: it holds {others}. Name another hub id.")
    return tuple(sorted(found))


def _only_lora(hub_id: str, weights: Sequence[str]) -> str:
    if len(weights) == 1:
        return weights[0]
    if not weights:
        raise InputError(f"'{hub_id}' has no .safetensors file, and nothing else is fetched. Name another hub id.")
    names = ", ".join(f"'{name}'" for name in weights)
    raise InputError(
        f"'{hub_id}' holds {len(weights)} files: {names}. Say which: sottovoce models fetch {hub_id}/{weights[0]}"
    )


def _role_of(names: Sequence[str] | dict[str, int]) -> Role:
    if any(name.startswith("transformer/") for name in names):
        return Role.CHECKPOINT
    return Role.UPSAMPLER if any(name.startswith(f"{SUBFOLDER}/") for name in names) else Role.LORA


def _is_allowed(name: str) -> bool:
    path = Path(name)
    return path.suffix in (SUFFIX, ".json") or path.name in _TOKENIZER_FILES


def _check_client() -> None:
    if find_spec("huggingface_hub") is None:
        raise SetupError("Fetching needs the Hugging Face hub's client. Install it with: pip install 'sottovoce[ltx]'")


def _check_room(plan: FetchPlan) -> None:
    folder = next((parent for parent in (plan.folder, *plan.folder.parents) if parent.exists()), Path("/"))
    free = shutil.disk_usage(folder).free
    if free < plan.fetch_bytes + _SPARE_BYTES:
        raise SetupError(
            f"'{plan.hub_id}' takes {plan.fetch_bytes / 1e9:.1f} GB, and the disk of '{plan.folder}' has {free / 1e9:.1f} GB "
            "free. Make room, or set HF_HUB_CACHE to a folder on another disk."
        )


def _bar(job: Job, stage: str, done: int, total: int) -> type[Any]:
    """The client's progress bar, drawing nothing: every update goes to `job`, which stops the work when asked to."""
    from tqdm.std import tqdm

    bars: list[Any] = []

    class Reporting(tqdm):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **{**more, "disable": True})
            self.counted = int(more.get("initial") or 0)
            bars.append(self)

        def update(self, n: float | None = 1) -> bool | None:
            self.counted += int(n or 0)
            furthest = max(bar.counted for bar in bars)  # one file may have two: bytes fetched, bytes put together
            job.step(stage, min(done + furthest, total), total)
            return None

    return Reporting


@contextmanager
def _told_in_words(hub_id: str) -> Iterator[None]:
    """What the hub's client raises depends on its version: all of it is about the network, the hub or the disk."""
    from huggingface_hub import errors

    client = logging.getLogger("huggingface_hub")
    level = client.level
    client.setLevel(logging.ERROR)  # it tells of every attempt; the outcome is told below
    try:
        yield
    except JobCancelled:
        raise
    except errors.GatedRepoError as error:
        raise SetupError(
            f"'{hub_id}' asks everyone to accept its terms first. Do so at https://huggingface.co/{hub_id}, log in with: hf "
            "auth login, and fetch it again."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise SetupError(
            f"The hub has no '{hub_id}', or hides it from who is not logged in. Check the name; log in with: hf auth login"
        ) from error
    except Exception as error:
        first = str(error).strip().partition("\n")[0].rstrip(".")
        raise SetupError(
            f"The hub cannot be reached for '{hub_id}' ({type(error).__name__}: {first}). Check the network and try again: "
            "what was fetched so far is kept."
        ) from error
    finally:
        client.setLevel(level)
