import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# A window without a screen, unless a screen is asked for by name.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and caches of a person who has just installed."""
    monkeypatch.setenv("SOTTOVOCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def _garbage_is_looked_for_in_this_thread() -> Iterator[None]:
    """As the program does: a widget that is found to be garbage by another thread is destroyed there, and Qt falls over.

    What was there before is not looked through: with all that other tests have loaded, that takes most of a second.
    """
    gc.disable()
    gc.freeze()
    yield
    gc.collect()
    gc.unfreeze()
    gc.enable()
