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
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sottovoce_engine.judge.effort import NormalVoice
from sottovoce_engine.judge.judgement import Judgement
from sottovoce_engine.judge.neighbours import ProductionSound
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.take_judge import fingerprint_of
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.take import Take

if TYPE_CHECKING:
    from sottovoce_engine.judge.judging import Judge

_judges: "list[Judge]" = []  # the one of the judging process, once that has begun


class JudgeApart:
    """A `TakeJudge` without a recogniser. Used in a `with` block, which ends the process; that begins with the first take.

    Here nothing is imported that measures sound: doing so would hold up the window, too.
    """

    def __init__(self, *, thresholds_file: Path | None = None, language: str | None = None) -> None:
        """As `Judge`.

        Raises:
            InputError: The thresholds file cannot be used.
        """
        self.register_thresholds = thresholds_of("register", RegisterThresholds, thresholds_file)
        self._thresholds_file, self._language = thresholds_file, language
        self._process = ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(thresholds_file, language),
        )

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint_of(self._thresholds_file, None, self._language)

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
        """As `TakeJudge`; here where the process was ended by somebody.

        Raises:
            InputError, RenderError: As there.
        """
        try:
            return self._process.submit(_judged, take, path, normal, guide, beside, production).result()
        except BrokenProcessPool:
            here = _judge(self._thresholds_file, self._language)
            return here.judged_take(take, path, normal=normal, guide=guide, beside=beside, production=production)


def _begin(thresholds_file: Path | None, language: str | None) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _judges.append(_judge(thresholds_file, language))


def _judge(thresholds_file: Path | None, language: str | None) -> "Judge":
    from sottovoce_engine.judge.judging import Judge

    return Judge(thresholds_file=thresholds_file, language=language)


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
