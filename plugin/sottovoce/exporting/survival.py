"""What survives in which format, as measured: `survival.toml`, which `docs/formats.py` writes.

[fcp7]
rate = "kept"
"marker: colour" = "partly"
"""

import tomllib
from functools import cache
from importlib import resources

from sottovoce.exporting.values import Format, Kept, Survival, Trait


def survival_of(format_name: str) -> Survival:
    """What was measured of a format; empty where nothing was."""
    return {Trait(trait): Kept(kept) for trait, kept in _measured().get(format_name, {}).items()}


def losses(written: Format) -> tuple[str, ...]:
    """At most three sentences: what is lost, what comes through in part, and what programs drop besides."""
    lost = [str(trait) for trait, kept in written.survives.items() if kept is Kept.NONE]
    partly = [str(trait) for trait, kept in written.survives.items() if kept is Kept.PARTLY]
    sentences = []
    if lost:
        sentences.append(f"will not survive there: {', '.join(lost)}")
    if partly:
        sentences.append(f"survives in part: {', '.join(partly)}")
    if written.hosts_drop:
        sentences.append(written.hosts_drop)
    return tuple(sentences)


@cache
def _measured() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("sottovoce.exporting").joinpath("survival.toml").read_text(encoding="utf-8"))
