"""The LTX renderer's door: light to import, so that a plan or a help page costs no torch."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import Register
from sottovoce_engine.renderers.ltx.checkpoint import check_packages, checkpoint
from sottovoce_engine.renderers.ltx.fingerprints import fingerprints
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.take import Outcome, RenderJob

if TYPE_CHECKING:
    from sottovoce_engine.renderers.ltx.stages import Stages


def renderer(media_root: Path) -> "LtxRenderer":
    """The renderer, writing media below `media_root`. Models are loaded with the first batch."""
    return LtxRenderer(MediaFolder(media_root), ltx_settings())


class LtxRenderer:
    """LTX-2.3, stage by stage: all captions, then all windows, then all pictures and sounds.

    What is loaded stays for the next batch, as far as the placement allows. Settings and checkpoint are those of the
    first batch: other ones need another renderer.
    """

    def __init__(self, media: MediaFolder, settings: LtxSettings) -> None:
        self._media = media
        self._settings = settings
        self._stages: Stages | None = None

    def render(self, jobs: Sequence[RenderJob], job: Job) -> Iterator[Outcome]:
        """Yields a take or a failure for each job; takes come out as they are decoded.

        Raises:
            JobCancelled: Cancelling was asked for; it takes effect within one denoising step.
            SetupError: A package, the GPU, the model or the LoRA is missing.
            InputError: The LoRA or the settings do not fit the model.
        """
        if self._stages is None:
            self._stages = self._loaded_stages()
        yield from self._stages.outcomes(jobs, job)

    def _loaded_stages(self) -> "Stages":
        check_packages()
        if self._settings.random_weights:
            from sottovoce_engine.renderers.ltx.random_stages import random_stages

            return random_stages(self._media, self._settings)
        found = checkpoint(self._settings.model, self._settings.text_model)
        from sottovoce_engine.renderers.ltx.stages import stages_for

        return stages_for(self._media, self._settings, found)


def fingerprint(register: Register) -> str:
    """Everything but the job that determines a take of that register, as one line."""
    return " ".join(f"{what}={value}" for what, value in fingerprints(ltx_settings(), register))
