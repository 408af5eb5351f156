"""A renderer for tests that does what a region's line says, in the worker's real child process."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from sottovoce_engine.errors import InputError, RenderError, SetupError
from sottovoce_engine.progress import Job
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take


def renderer(media_root: Path) -> "RendererAsTold":
    if media_root.name == "no voices":
        raise SetupError("There are no voices. Download them.")
    if media_root.name == "crash":
        ctypes.string_at(0)
    if media_root.name == "slow":
        print("loading", file=sys.stderr, flush=True)
        time.sleep(3600)
    return RendererAsTold()


def fingerprint() -> str:
    return "as told"


class RendererAsTold:
    """In order, naming no take; or, where the first look says so, from the last to the first, naming each."""

    def render(self, jobs: Sequence[RenderJob], job: Job) -> Iterator[Outcome]:
        backwards = jobs[0].region.look == "backwards"
        for index, render_job in enumerate(reversed(jobs) if backwards else jobs):
            job.step("speaking", index, len(jobs), about=render_job.key if backwards else "")
            yield answer(render_job, job)
        job.step("speaking", len(jobs), len(jobs))


def answer(render_job: RenderJob, job: Job) -> Outcome:
    match render_job.region.line:
        case "speak":
            return take_of(render_job)
        case "fail":
            return Failure(job=render_job, reason="The voice cannot say this.")
        case "wait":
            wait(job)
        case "finish when cancelled":
            return finish_when_cancelled(render_job, job)
        case "be deaf":
            be_deaf(job)
        case "start a program":
            start_a_program(job)
        case "make noise":
            return make_noise(render_job)
        case "say the line to the log":
            return say_the_line_to_the_log(render_job)
        case line:
            end(line)
    raise AssertionError("ended, yet here")


def end(line: str) -> NoReturn:
    match line:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "crash":
            ctypes.string_at(0)
        case "leave":
            print("the licence ran out", file=sys.stderr, flush=True)
            os._exit(3)
        case "run out of memory":
            raise MemoryError
        case "trip over a bug":
            raise ValueError("shapes (3,) and (4,) differ")
        case "raise input":
            raise InputError("The look is empty. Write one.")
        case "raise setup":
            raise SetupError("The model is missing. Download it.")
        case "raise render":
            raise RenderError("The model made silence. Change the seed.")
    raise AssertionError(f"survived '{line}'")


def take_of(render_job: RenderJob, *notes: str) -> Take:
    return Take(
        job=render_job,
        media="0.wav",
        length_frames=render_job.window.length,
        length_samples=render_job.length_samples,
        words=(),
        words_estimated=True,
        made="2024-01-01T00:00:00Z",
        loudness_lufs=None,
        true_peak_dbtp=-120.0,
        notes=(str(os.getpid()), *notes),
    )


def wait(job: Job) -> NoReturn:
    """Heeds a cancel."""
    count = 0
    while True:
        job.step("waiting", count, 10**9)
        time.sleep(0.005)
        count += 1


def finish_when_cancelled(render_job: RenderJob, job: Job) -> Outcome:
    job.step("nearly done", 0, 1)
    while not job.cancelled:
        time.sleep(0.005)
    return take_of(render_job)


def be_deaf(job: Job) -> NoReturn:
    """Heeds nothing, like a long call into a library."""
    job.step("deaf", 0, 1)
    time.sleep(3600)
    raise AssertionError("nobody ended this")


def make_noise(render_job: RenderJob) -> Outcome:
    """Prints in every way there is, whole lines and broken ones, also what looks like a message."""
    print('{"format": 1, "kind": "Done", "value": {"batch": 1}}')
    os.write(1, b'{"half a line')
    ctypes.CDLL(None).puts(b"from C")
    subprocess.run(["echo", "from a program"], check=True)
    read = subprocess.run(["cat"], check=True, stdout=subprocess.PIPE, stdin=None)
    return take_of(render_job, f"read {len(read.stdout)} bytes", f"stdin holds {len(sys.stdin.read())}")


def start_a_program(job: Job) -> NoReturn:
    """Tells the program's process id in the stage, then waits for it."""
    with subprocess.Popen(["sleep", "3600"]) as program:
        job.step(f"program {program.pid}", 0, 1)
        program.wait()
    raise AssertionError("nobody ended this")


def say_the_line_to_the_log(render_job: RenderJob) -> Outcome:
    print(f"speaking '{render_job.region.line}' as {render_job.caption}", file=sys.stderr, flush=True)
    return take_of(render_job)
