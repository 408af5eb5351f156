from pathlib import Path

import pytest

from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.training.values import Dataset

from .clips import dataset, settings_for


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Four clips to learn from, one held out."""
    return dataset(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="session")
def settings(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> LtxSettings:
    """The tiny model, with one cache for all tests."""
    return settings_for(tiny_model, tmp_path_factory.mktemp("encoded"))
