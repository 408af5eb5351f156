"""Suggesting regions in a process of its own, for a program whose window must answer meanwhile.

    window   ── scene, what is marked ──►  process
             ◄──── how far it is ────────
             ◄──── suggestions, or why there are none

Listening keeps Python's lock for long; a process can also be ended at once, wherever it is.
"""

import multiprocessing
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection

from sottovoce.reading import Reading, judge_from
from sottovoce_engine.errors import RenderError, SottovoceError
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.standing_back import end_with_parent, stand_back
from sottovoce_engine.suggestions import Suggestions

_PATIENCE_SECONDS = 0.05  # how soon a cancel, or the process's death, is seen


def suggestions_apart(scene: Scene, there: Sequence[Region], reading: Reading, job: Job) -> Suggestions:
    """As `suggestions_for`, with the judge that the settings ask for.

    Raises:
        JobCancelled: Cancelling was asked for; the process is ended at once.
        InputError, SetupError: The judge, or its recogniser, cannot be used.
        RenderError: The recogniser failed, or the process died.
    """
    job.check()
    spawned = multiprocessing.get_context("spawn")
    ours, theirs = spawned.Pipe(duplex=False)
    process = spawned.Process(target=_suggest, args=(theirs, scene, tuple(there), reading), daemon=True)
    try:
        process.start()
        theirs.close()  # or its end would not be seen
        return _answer(ours, process, job)
    finally:
        if process.pid is not None:
            process.kill()
            process.join()
        ours.close()


def _answer(connection: Connection, process: multiprocessing.process.BaseProcess, job: Job) -> Suggestions:
    while True:
        if not connection.poll(_PATIENCE_SECONDS):
            job.check()
            continue
        try:
            said = connection.recv()
        except EOFError:
            process.join()
            raise RenderError(
                f"The process that listens to the dialogue ended before it was done (code {process.exitcode}). Suggest "
                "again; if it ends again, the machine may be out of memory, and its log may say why."
            ) from None
        match said:
            case Progress():
                job.step(said.stage, said.done, said.total, about=said.about)
            case Suggestions():
                return said
            case BaseException():
                raise said


def _suggest(connection: Connection, scene: Scene, there: tuple[Region, ...], reading: Reading) -> None:
    """What the process does."""
    end_with_parent()
    stand_back()
    from sottovoce_engine.suggesting import suggestions_for  # here: loading it would hold up the window, too

    try:
        judge = judge_from(replace(reading.settings, judge=True))
        assert judge is not None, "one was asked for"
        connection.send(suggestions_for(scene, there, judge, reading.registers, Job(connection.send)))
    except SottovoceError as error:
        connection.send(error)
