"""The worker: the socket, with the renderer in a child process that stays warm between calls.

jobs      1   2   3   4   5
child A   ok  ok  †                 the take being made becomes a Failure, with its reason
child B               ok  ok        the rest goes on
"""

import itertools
import logging
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from sottovoce_engine.errors import SetupError
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.renderers.socket import RendererEntry, renderer_entry
from sottovoce_engine.renderers.spawned import Gone, SpawnedChild
from sottovoce_engine.renderers.wire import Begun, Cancel, Crashed, Done, Failed, Finished, Raised, Ready, Render, Step
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take

GRACE_SECONDS = 0.3  # for a child that was told to cancel, before it is killed
_POLL_SECONDS = 0.05  # how soon a cancel from another thread is seen
_MOST_FRUITLESS = 3  # children in a row that ended before they answered anything

_LOG = logging.getLogger(__name__)


class Worker:
    """Fits the socket. One batch at a time; leaving the `with` block ends the child."""

    def __init__(self, renderer: str | RendererEntry, media_root: Path, *, stands_back: bool = False) -> None:
        """Starts nothing yet: the child is started by the first batch.

        Args:
            renderer: The renderer's name, or the entry itself.
            media_root: The media folder the takes' files go to.
            stands_back: The child leaves the processor to other programs: a window that is to answer.

        Raises:
            InputError: No renderer has that name.
        """
        self._entry = renderer_entry(renderer) if isinstance(renderer, str) else renderer
        self._media_root = media_root
        self._stands_back = stands_back
        self._child: SpawnedChild | None = None
        self._batches = itertools.count(1)
        self._rendering = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id while there is one."""
        return self._child.pid if self._child is not None else None

    def close(self) -> None:
        """Ends the child, if there is one."""
        if self._child is not None:
            child, self._child = self._child, None
            child.kill()

    def render(self, jobs: Sequence[RenderJob], job: Job) -> Iterator[Outcome]:
        """Yields one take or failure for each of `jobs`, as soon as it is finished.

        Ctrl-C counts as a cancel. What the child had finished by then is still yielded.

        Raises:
            JobCancelled: Cancelling was asked for; the child has stopped, or was killed after 0.3 s.
            SetupError: The renderer cannot be loaded, or says that it cannot work on this machine.
            InputError, RenderError: The renderer raised it.
        """
        if self._rendering:
            raise RuntimeError("this worker is rendering another batch")
        waiting = {render_job.key: render_job for render_job in jobs}
        if len(waiting) != len(jobs):
            raise ValueError("two jobs have the same key")
        self._rendering = True
        try:
            yield from self._rendered(waiting, job)
        finally:
            self._rendering = False

    def _rendered(self, waiting: dict[str, RenderJob], job: Job) -> Iterator[Outcome]:
        """Serves children with what is waiting until nothing is, or nothing helps."""
        fruitless = 0
        made: dict[str, Take] = {}
        while waiting:
            waiting.update(_following(waiting.values(), made))
            unanswered = len(waiting)
            child = self._ready_child(job)
            batch = _Batch(number=next(self._batches), waiting=waiting, made=made)
            match (yield from self._served(child, batch, job)):
                case Raised() as told:
                    raise told.error()
                case Done():
                    yield from _given_up(waiting, f"The renderer '{self._entry.name}' gave no answer for this take.")
                    return
                case Crashed(reason=why):
                    self.close()
                case Gone():
                    why = child.why_ended()
                    self.close()
            fruitless = fruitless + 1 if len(waiting) == unanswered else 0
            _LOG.warning("The renderer's process ended with %d jobs to go", len(waiting))
            reason = f"The renderer '{self._entry.name}' stopped while it made this take: {why}."
            if batch.begun:
                yield Failure(job=waiting.pop(batch.in_hand), reason=f"{reason} {_ADVICE}")
            if fruitless == _MOST_FRUITLESS:
                yield from _given_up(waiting, f"{reason} It had stopped {fruitless} times in a row.")

    def _ready_child(self, job: Job) -> SpawnedChild:
        """The warm child, or a new one once it has loaded its renderer.

        Raises:
            JobCancelled: Cancelling was asked for meanwhile.
            SetupError: The renderer cannot be loaded.
        """
        if self._child is not None:
            return self._child
        started = time.monotonic()
        child = self._child = SpawnedChild(self._entry, self._media_root, stands_back=self._stands_back)
        try:
            while True:
                job.check()
                match child.receive(_POLL_SECONDS):
                    case Ready():
                        _LOG.info("The renderer '%s' was ready in %.2f s", self._entry.name, time.monotonic() - started)
                        return child
                    case Raised() as told:
                        raise told.error()
                    case Gone():
                        raise SetupError(
                            f"The renderer '{self._entry.name}' cannot be loaded: {child.why_ended()}. {_ADVICE}"
                        )
        except KeyboardInterrupt:
            job.cancel()
            self.close()
            raise JobCancelled from None
        except BaseException:
            self.close()
            raise

    def _served(
        self, child: SpawnedChild, batch: "_Batch", job: Job
    ) -> Generator[Outcome, None, Raised | Done | Crashed | Gone]:
        """Yields a batch's outcomes; returns what ended it."""
        child.send(Render(batch=batch.number, jobs=tuple(batch.waiting.values())))
        try:
            while True:
                job.check()
                match child.receive(_POLL_SECONDS):
                    case Begun():
                        batch.begun = True
                    case Step() as step:
                        batch.about = step.about
                        job.step(step.stage, step.done, step.total, about=step.about)
                    case Finished() | Failed() as answer:
                        yield from batch.taken(answer)
                    case Raised() | Done() | Crashed() | Gone() as end:
                        return end
        except (JobCancelled, KeyboardInterrupt):
            job.cancel()
            for answer in self._stopped(child, batch):
                yield from batch.taken(answer)
            raise JobCancelled from None
        except BaseException:  # the caller has gone away, or its report failed
            self._stopped(child, batch)
            raise

    def _stopped(self, child: SpawnedChild, batch: "_Batch") -> list[Finished | Failed]:
        """Stops a batch: a child that heeds the cancel stays warm, another is killed. Returns its last answers."""
        answers: list[Finished | Failed] = []
        deadline = time.monotonic() + GRACE_SECONDS
        try:
            child.send(Cancel(batch=batch.number))
            while (left := deadline - time.monotonic()) > 0:
                match child.receive(left):
                    case Finished() | Failed() as answer:
                        answers.append(answer)
                    case Raised() | Done():
                        return answers
                    case Crashed() | Gone():
                        break
        except KeyboardInterrupt:
            pass  # asked twice: do not wait
        self.close()
        return answers


class _Batch:
    """What one child was asked, and what of it is still unanswered."""

    def __init__(self, *, number: int, waiting: dict[str, RenderJob], made: dict[str, Take]) -> None:
        self.number = number
        self.waiting = waiting  # by key, in order; shared by the children of one call
        self.made = made  # takes by key; shared as well
        self.begun = False
        self.about = ""  # key of the take the renderer says it is making

    @property
    def in_hand(self) -> str:
        """The key of the take being made: what the renderer says, else the first unanswered."""
        return self.about if self.about in self.waiting else next(iter(self.waiting))

    def taken(self, answer: Finished | Failed) -> Iterator[Outcome]:
        outcome: Outcome = answer.take if isinstance(answer, Finished) else answer.failure
        if self.waiting.pop(outcome.job.key, None) is None:
            _LOG.warning("The renderer answered a job that is not waiting: %s", outcome.job.key)
        else:
            if isinstance(outcome, Take):
                self.made[outcome.key] = outcome
            yield outcome


_ADVICE = "Render again; if it stops again, `sottovoce doctor --bundle` collects what a bug report needs."


def _following(jobs: Iterable[RenderJob], made: Mapping[str, Take]) -> dict[str, RenderJob]:
    """The jobs, by key, that need takes made by an earlier child, which the next one can only know from disk."""
    found: dict[str, RenderJob] = {}
    for job in jobs:
        if job.from_take is not None and job.continues in made:
            found[job.key] = replace(job, from_take=replace(job.from_take, media=made[job.continues].media))
        if job.on_shot is not None and job.on_shot.shot in made:
            shot = made[job.on_shot.shot]
            found[job.key] = replace(job, on_shot=replace(job.on_shot, media=shot.media, latents=shot.latents))
    return found


def _given_up(waiting: dict[str, RenderJob], reason: str) -> Iterator[Failure]:
    while waiting:
        yield Failure(job=waiting.pop(next(iter(waiting))), reason=f"{reason} {_ADVICE}")
