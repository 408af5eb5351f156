"""How long renders took on this machine, so that the next one can be told about before it begins.

<cache>/render-times.json    the last batches of each renderer: seconds of window made, and seconds that took
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sottovoce.folders import cache_folder
from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.errors import InputError
from sottovoce_engine.estimating import RenderRate, window_seconds
from sottovoce_engine.media.durable import staged_path
from sottovoce_engine.plan import Plan
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.socket import Renderer, renderer_entry
from sottovoce_engine.store import Store
from sottovoce_engine.take import Outcome, Take

if TYPE_CHECKING:
    from sottovoce_engine.judged_takes import JudgedTakes
    from sottovoce_engine.session import Rendered

NAME = "render-times.json"
FORMAT = 1

_MOST_KEPT = 20  # batches of a renderer: machines and settings change


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedBatch:
    """One batch that was rendered to its end."""

    renderer: str
    window_s: float  # of all its takes, in seconds of window with picture
    seconds: float  # that it took, loading included


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderTimes:
    """The last ones, the oldest first."""

    batches: tuple[TimedBatch, ...] = ()

    def rate(self, renderer: str) -> RenderRate:
        """What a renderer needs for a second of window: over all its batches, where there are any."""
        own = [batch for batch in self.batches if batch.renderer == renderer]
        made = sum(batch.window_s for batch in own)
        if not made:
            return RenderRate(seconds=renderer_entry(renderer).seconds_per_second, measured=False)
        return RenderRate(seconds=sum(batch.seconds for batch in own) / made, measured=True)

    def with_batch(self, batch: TimedBatch) -> "RenderTimes":
        own = [each for each in self.batches if each.renderer == batch.renderer]
        dropped = own[: max(0, len(own) + 1 - _MOST_KEPT)]
        return RenderTimes(batches=(*(each for each in self.batches if each not in dropped), batch))


def render_times() -> RenderTimes:
    """Those of this machine; none where the record is missing or damaged."""
    path = cache_folder() / NAME
    try:
        return from_json(path.read_bytes(), RenderTimes, format_version=FORMAT, source=f"'{path}'")
    except (OSError, InputError):
        return RenderTimes()


def render_timed(
    plan: Plan,
    renderer: Renderer,
    store: Store,
    job: Job,
    on_outcome: Callable[[Outcome], None] | None = None,
    judged: "JudgedTakes | None" = None,
) -> "Rendered":
    """As `session.render`, and remembers how long it took."""
    from sottovoce_engine import session

    began = time.monotonic()
    rendered = session.render(plan, renderer, store, job, on_outcome, judged)
    _remember(plan.settings.renderer, rendered.takes, time.monotonic() - began)
    return rendered


def _remember(renderer: str, takes: Sequence[Take], seconds: float) -> None:
    """A cache that cannot be written costs a better estimate, and nothing else."""
    if not takes:
        return
    batch = TimedBatch(renderer=renderer, window_s=sum(window_seconds(take.job) for take in takes), seconds=seconds)
    folder = cache_folder()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        staged = staged_path(folder, "json")
        staged.write_text(to_json(render_times().with_batch(batch), format_version=FORMAT), encoding="utf-8")
        staged.replace(folder / NAME)
