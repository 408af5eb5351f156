from pathlib import Path

import pytest
from tests.engine.splice.making import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(root=tmp_path)
