"""Inside the child process: reads what the worker asks, renders it, sends every outcome at once."""

import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from typing import NoReturn

from sottovoce_engine.errors import SetupError, SottovoceError
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.renderers.socket import Renderer, load_renderer
from sottovoce_engine.renderers.wire import (
    Begun,
    Cancel,
    Crashed,
    Done,
    Failed,
    Finished,
    FromChild,
    Garbled,
    Ready,
    Render,
    Start,
    Step,
    line_for,
    message_in,
    raised,
)
from sottovoce_engine.take import Take

_STEP_SECONDS = 0.05  # progress travels at most this often, unless the stage or the take changes
_LOG = logging.getLogger(__name__)


def serve(incoming: int, outgoing: int) -> NoReturn:
    """Loads the renderer the first message names, then serves batches until the worker goes.

    Args:
        incoming: File descriptor the worker's messages come from.
        outgoing: File descriptor of the answers.
    """
    faulthandler.enable()  # a crash in a library leaves its stack in the log
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    link = _Link(incoming, outgoing)
    start = link.receive()
    assert isinstance(start, Start)
    renderer = _loaded(start, link)
    link.send(Ready())
    while True:
        asked = link.receive()
        assert isinstance(asked, Render)
        _render(asked, renderer, link)


def _loaded(start: Start, link: "_Link") -> Renderer:
    told: SottovoceError
    try:
        return load_renderer(start.entry, Path(start.media_root))
    except SottovoceError as error:
        told = error
    except Exception as error:  # a driver or a shared library may raise anything while it loads
        _LOG.exception("The renderer cannot be loaded")
        told = SetupError(
            f"The renderer '{start.entry.name}' cannot be loaded: {_described(error)}. Install what is missing; "
            "`sottovoce doctor` lists what this machine has."
        )
    link.send(raised(told))
    raise SystemExit(1)


def _render(asked: Render, renderer: Renderer, link: "_Link") -> None:
    link.send(Begun(batch=asked.batch))
    try:
        for outcome in renderer.render(asked.jobs, link.job_for(asked.batch)):
            if isinstance(outcome, Take):
                link.send(Finished(batch=asked.batch, take=outcome))
            else:
                link.send(Failed(batch=asked.batch, failure=outcome))
    except JobCancelled:
        pass
    except SottovoceError as error:
        link.send(raised(error))
        return
    except BaseException as error:  # out of memory or a bug: nobody knows what state the renderer is in
        _LOG.exception("The renderer stopped")
        link.send(Crashed(reason=_described(error)))
        _end_with_all_below()
    link.send(Done(batch=asked.batch))


class _Link:
    """The child's end of the pipes. A thread reads, so that a cancel and the worker's end are seen at once."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._inbox: SimpleQueue[Start | Render] = SimpleQueue()
        self._jobs = threading.Lock()
        self._job, self._batch, self._cancelled_batch = Job(), 0, 0
        self._sending = threading.Lock()
        threading.Thread(target=self._listen, name="messages of the worker", daemon=True).start()

    def receive(self) -> Start | Render:
        return self._inbox.get()

    def send(self, message: FromChild) -> None:
        """Sends a message whole; a renderer may report from several threads."""
        line = memoryview(line_for(message))
        with self._sending:
            while line:
                line = line[os.write(self._outgoing, line) :]

    def job_for(self, batch: int) -> Job:
        """The job of a batch, which a cancel stops: also one that came before the batch was begun."""
        job = Job(report=_Reporter(self, batch))
        with self._jobs:
            self._job, self._batch = job, batch
            if self._cancelled_batch == batch:
                job.cancel()
        return job

    def _listen(self) -> None:
        try:
            with os.fdopen(self._incoming, "rb") as lines:
                for line in lines:
                    match message_in(line):
                        case Cancel(batch=batch):
                            self._cancel(batch)
                        case Start() | Render() as message:
                            self._inbox.put(message)
        except Garbled:
            _LOG.exception("A message cannot be read")
            self.send(raised(SetupError("Sottovoce was changed on disk while it runs. Start it again.")))
        finally:  # the worker is gone, or has closed the pipe
            _end_with_all_below()

    def _cancel(self, batch: int) -> None:
        with self._jobs:
            self._cancelled_batch = batch
            if self._batch == batch:
                self._job.cancel()


class _Reporter:
    """Sends a job's progress over the link, thinned out."""

    def __init__(self, link: _Link, batch: int) -> None:
        self._link, self._batch = link, batch
        self._last, self._sent = ("", ""), 0.0

    def __call__(self, progress: Progress) -> None:
        now, what = time.monotonic(), (progress.stage, progress.about)
        if what == self._last and progress.done < progress.total and now - self._sent < _STEP_SECONDS:
            return
        self._last, self._sent = what, now
        self._link.send(
            Step(
                batch=self._batch,
                stage=progress.stage,
                done=progress.done,
                total=progress.total,
                about=progress.about,
            )
        )


def _described(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "out of memory"
    return f"{type(error).__name__}: {error}".rstrip(": .")


def _end_with_all_below() -> NoReturn:
    """Ends this process at once, and the programs it started, which share its process group."""
    sys.stderr.flush()
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
