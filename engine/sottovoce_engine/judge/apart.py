"""The judge at work in a process of its own, for a program whose window must answer meanwhile.

    window, rendering  ── take, its file ──►  judge
                       ◄──── judgement ─────

Laying a line over its sound keeps Python's lock for a second at a time: a thread beside the window would hold that up.
"""

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from sottovoce_engine.errors import RenderError
from sottovoce_engine.judge.effort import NormalVoice
from sottovoce_engine.judge.heard_frames import HeardFrames
from sottovoce_engine.judge.judgement import Judgement
from sottovoce_engine.judge.kept_frames import kept_frames
from sottovoce_engine.judge.neighbours import ProductionSound
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.take_judge import fingerprint_of
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.media.kept import Array
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.standing_back import end_with_parent, stand_back
from sottovoce_engine.take import RenderJob, Take

T = TypeVar("T")

_PATIENCE_SECONDS = 0.1  # how soon a cancel is seen

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
        self._changing = threading.Lock()
        self._ended = False
        self._process = self._new_process()

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint_of(self._thresholds_file, None, self._language)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._changing:
            self._ended = True
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
        """As `TakeJudge`.

        Raises:
            InputError, RenderError: As there; also where the process ends over it.
        """
        return self._answer(Job(), _judged, take, path, normal, guide, beside, production)

    def frames(self, take: Take, path: Path, folder: Path, job: Job) -> HeardFrames:
        """What is heard in a take every 10 ms, kept in `folder`; what is not waits for takes that are judged just now.

        Raises:
            InputError: The media are missing, damaged, or hold no sound.
            RenderError: The process ends over it.
            JobCancelled: Cancelling was asked for, or this judge has ended.
        """
        asked, bars = take.job, self.register_thresholds
        return kept_frames(take, path, bars, folder, lambda: self._answer(job, _heard, asked, path))

    def _answer(self, job: Job, function: Callable[..., T], *asked: object) -> T:
        """What the process says; where it was ended by somebody, another one is asked, once."""
        broken: BrokenProcessPool | None = None
        for _ in range(2):
            process = self._working_process()
            try:
                answer = process.submit(function, *asked)
                while not wait([answer], _PATIENCE_SECONDS).done:
                    job.check()
                return answer.result()
            except BrokenProcessPool as error:
                broken = error
                self._replace(process)
            except CancelledError as error:
                raise JobCancelled from error
        raise RenderError("The process that listens to takes ends over this one. Its log may say why.") from broken

    def _working_process(self) -> ProcessPoolExecutor:
        with self._changing:
            if self._ended:
                raise JobCancelled
            return self._process

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        with self._changing:
            if self._process is broken and not self._ended:
                broken.shutdown(wait=False)
                self._process = self._new_process()

    def _new_process(self) -> ProcessPoolExecutor:
        """It begins with the first take."""
        spawned = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(
            1, mp_context=spawned, initializer=_begin, initargs=(self._thresholds_file, self._language)
        )


def _begin(thresholds_file: Path | None, language: str | None) -> None:
    end_with_parent()
    stand_back()
    from sottovoce_engine.judge.judging import Judge

    _judges.append(Judge(thresholds_file=thresholds_file, language=language))


def _judged(
    take: Take,
    path: Path,
    normal: NormalVoice | None,
    guide: ProductionSound | None,
    beside: Sound | None,
    production: str,
) -> Judgement:
    return _judges[0].judged_take(take, path, normal=normal, guide=guide, beside=beside, production=production)


def _heard(asked: RenderJob, path: Path) -> Array:
    from sottovoce_engine.judge.frame_listening import frames_heard

    return frames_heard(asked, path, _judges[0].register_thresholds, Job())
