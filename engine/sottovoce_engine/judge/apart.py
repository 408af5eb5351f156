"""The judge at work in a process of its own, for a program whose window must answer meanwhile.

    window, rendering  ── take, its file ──►  judge
                       ◄──── judgement ─────

Laying a line over its sound keeps Python's lock for a second at a time: a thread beside the window would hold that up.
"""

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import TracebackType
from typing import Self

from sottovoce_engine.judge.effort import NormalVoice
from sottovoce_engine.judge.judgement import Judgement
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.judge.neighbours import ProductionSound
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.take import Take

_judges: list[Judge] = []  # the one of the judging process, once that has begun


class JudgeApart(Judge):
    """A `Judge` without a recogniser. Used in a `with` block, which ends the process; that begins with the first take."""

    def __init__(self, *, thresholds_file: Path | None = None, language: str | None = None) -> None:
        """As `Judge`.

        Raises:
            InputError: The thresholds file cannot be used.
        """
        super().__init__(thresholds_file=thresholds_file, language=language)
        self._process = ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(thresholds_file, language),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.shutdown(cancel_futures=True)

    def judged_take(
        self,
        take: Take,
        path: Path,
        *,
        normal: NormalVoice | None = None,
        guide: ProductionSound | None = None,
        beside: Sound | None = None,
        production: str = "",
    ) -> Judgement:
        """As `Judge.judged_take`; here where the process was ended by somebody.

        Raises:
            InputError, RenderError: As there.
        """
        try:
            return self._process.submit(_judged, take, path, normal, guide, beside, production).result()
        except BrokenProcessPool:
            return super().judged_take(take, path, normal=normal, guide=guide, beside=beside, production=production)


def _begin(thresholds_file: Path | None, language: str | None) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _judges.append(Judge(thresholds_file=thresholds_file, language=language))


def _end_with_parent() -> None:
    """Nobody is left to judge for once the window is gone, killed or not."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "this runs in a process that was begun by another one"
    parent.join()
    os._exit(0)


def _judged(
    take: Take,
    path: Path,
    normal: NormalVoice | None,
    guide: ProductionSound | None,
    beside: Sound | None,
    production: str,
) -> Judgement:
    return _judges[0].judged_take(take, path, normal=normal, guide=guide, beside=beside, production=production)
