"""The WORLD vocoder, loaded on first use."""

import importlib.machinery
import importlib.util
import threading
from functools import cache
from typing import Any

from sottovoce_engine.errors import SetupError

_LOADING = threading.Lock()


def world() -> Any:
    """The compiled half of pyworld, whole also where several threads ask for it at once.

    WORKAROUND(https://github.com/pypa/setuptools/issues/2262): the package
    imports pkg_resources, which new setuptools no longer bring and which warns and costs 0.3 s where
    they do; remove when pyworld imports without it.

    Raises:
        SetupError: The package is missing or damaged.
    """
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Any:
    package = importlib.util.find_spec("pyworld")
    if package is None or not package.submodule_search_locations:
        raise SetupError("The package pyworld is missing; voices are analysed with it. Run: pip install pyworld")
    spec = importlib.machinery.PathFinder.find_spec("pyworld.pyworld", package.submodule_search_locations)
    if spec is None or spec.loader is None:
        raise SetupError("The package pyworld has no compiled part. Run: pip install --force-reinstall pyworld")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
