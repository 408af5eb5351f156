"""The LTX renderer's door: light to import, so that a plan or a help page costs no torch."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sottovoce_engine.codec import to_plain
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.checkpoint import (
    check_packages,
    checkpoint,
    checkpoint_folder,
    file_fingerprint,
    folder_fingerprint,
)
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.take import Outcome, RenderJob

RECIPE = "1"  # raised whenever the same job would come out audibly or visibly different


def renderer(media_root: Path) -> "LtxRenderer":
    """The renderer, writing media below `media_root`. Models are loaded with the first batch."""
    return LtxRenderer(MediaFolder(media_root), ltx_settings())


class LtxRenderer:
    """LTX-2.3, stage by stage: all captions, then all windows, then all pictures and sounds."""

    def __init__(self, media: MediaFolder, settings: LtxSettings) -> None:
        self._media = media
        self._settings = settings

    def render(self, jobs: Sequence[RenderJob], job: Job) -> Iterator[Outcome]:
        """Yields a take or a failure for each job; takes come out as they are decoded.

        Raises:
            JobCancelled: Cancelling was asked for; it takes effect within one denoising step.
            SetupError: A package, the GPU, the model or the LoRA is missing.
            InputError: The LoRA or the settings do not fit the model.
        """
        check_packages()
        found = checkpoint(self._settings.model)
        from sottovoce_engine.renderers.ltx.stages import Stages

        yield from Stages(self._media, self._settings, found, fingerprints(self._settings)).outcomes(jobs, job)


def fingerprint() -> str:
    """Everything but the job that determines a take, as one line."""
    return " ".join(f"{what}={value}" for what, value in fingerprints(ltx_settings()))


def fingerprints(settings: LtxSettings) -> tuple[tuple[str, str], ...]:
    """Recipe, model, LoRA, sampling, numeric class and library versions."""
    folder = checkpoint_folder(settings.model)
    lora = Path(settings.lora) if settings.lora else None
    return (
        ("ltx", RECIPE),
        ("model", "missing" if folder is None else folder_fingerprint(folder)),
        ("lora", "none" if lora is None else file_fingerprint(lora) if lora.is_file() else "missing"),
        ("sampling", _hashed([to_plain(settings.sampling), settings.pixels, settings.text_tokens])),
        ("numeric", f"{settings.dtype}-sdpa-{'cpu' if settings.device == 'cpu' else 'cuda'}"),
        *((package, _version(package)) for package in ("torch", "diffusers", "transformers")),
    )


def _hashed(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
