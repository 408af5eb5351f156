"""The scratch renderer's door: light to import, so that a plan costs no voice."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sottovoce_engine.registers import Register
from sottovoce_engine.renderers.socket import Renderer

RECIPE = "1"  # raised whenever the same job would come out audibly or visibly different


def renderer(media_root: Path) -> Renderer:
    """The renderer, writing media below `media_root`. Voices are loaded with the first batch."""
    from sottovoce_engine.media.folder import MediaFolder
    from sottovoce_engine.renderers.scratch.batch import ScratchRenderer

    return ScratchRenderer(MediaFolder(media_root))


def fingerprint(_register: Register) -> str:
    """Everything but the job that determines a take, as one line."""
    return " ".join(f"{what}={value}" for what, value in fingerprints())


def fingerprints() -> tuple[tuple[str, str], ...]:
    """The recipe, the voice and the vocoder with their versions."""
    return (("scratch", RECIPE), ("hibari-tts", _version("hibari-tts")), ("pyworld", _version("pyworld")))


@cache  # a look through all packages, for every region of a plan
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
