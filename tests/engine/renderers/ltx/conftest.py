from pathlib import Path

import pytest
from diffusers import LTX2Pipeline

from .tiny_model import save_tiny_lora, save_tiny_model


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny LTX-2.3 checkpoint."""
    return save_tiny_model(tmp_path_factory.mktemp("ltx") / "tiny-ltx-2.3")


@pytest.fixture(scope="session")
def tiny_lora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA file for the tiny model, with the card's keys."""
    return save_tiny_lora(tmp_path_factory.mktemp("ltx") / "tiny-lora.safetensors")


@pytest.fixture(scope="session")
def stock(tiny_model: Path) -> LTX2Pipeline:
    """diffusers' own pipeline, loaded from the tiny checkpoint. To be left as it is."""
    return _loaded(tiny_model)


@pytest.fixture
def own_stock(tiny_model: Path) -> LTX2Pipeline:
    """The same, of one's own to change."""
    return _loaded(tiny_model)


def _loaded(folder: Path) -> LTX2Pipeline:
    pipeline = LTX2Pipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
