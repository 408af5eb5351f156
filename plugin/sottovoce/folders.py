"""Where settings, caches and logs lie: where the system wants them, or all below SOTTOVOCE_HOME."""

import os
from pathlib import Path

HOME_VARIABLE = "SOTTOVOCE_HOME"
_NAME = "sottovoce"


def settings_folder() -> Path:
    """Holds `settings.toml`."""
    from platformdirs import user_config_path

    return _below_home("settings") or user_config_path(_NAME, appauthor=False)


def cache_folder() -> Path:
    """Holds what can be made or downloaded again."""
    from platformdirs import user_cache_path

    return _below_home("cache") or user_cache_path(_NAME, appauthor=False)


def log_folder() -> Path:
    """Holds `sottovoce.log` and the ones before it."""
    from platformdirs import user_log_path

    return _below_home("logs") or user_log_path(_NAME, appauthor=False)


def exchange_folder() -> Path:
    """Holds the timelines that editors without a project file of their own hand over."""
    from platformdirs import user_videos_path

    return _below_home("exchange") or user_videos_path() / "Sottovoce"


def _below_home(name: str) -> Path | None:
    home = os.environ.get(HOME_VARIABLE)
    return Path(home).expanduser().absolute() / name if home else None
