from collections.abc import Iterator
from pathlib import Path

import pytest

from sottovoce.logs import stop_logging
from sottovoce_engine.renderers.ltx.settings import OVER_VARIABLE, VARIABLE


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings, caches and logs of a person who has just installed; never those of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SOTTOVOCE_HOME", str(folder))
    yield folder
    stop_logging()


@pytest.fixture(autouse=True)
def _no_ltx_settings_of_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, OVER_VARIABLE):
        monkeypatch.delenv(name, raising=False)
