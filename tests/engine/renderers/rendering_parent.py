"""A program for tests that renders through a worker and says on stdout what happens, one word a line.

Arguments: a file with the jobs as JSON; how it behaves: "leave it to the worker" or "be slow with takes".
"""

import json
import signal
import sys
from pathlib import Path

from sottovoce_engine.codec import from_plain
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.renderers.socket import RendererEntry
from sottovoce_engine.renderers.worker import Worker
from sottovoce_engine.take import RenderJob, Take

ENTRY = RendererEntry(name="as told", module="rendering_as_told", about="", seconds_per_second=1.0)


def say(word: object) -> None:
    print(word, flush=True)


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the shell ignores it
    jobs_file, manner = Path(sys.argv[1]), sys.argv[2]
    jobs = from_plain(json.loads(jobs_file.read_text()), tuple[RenderJob, ...], "the jobs")
    job = Job(report=lambda progress: say(f"child {worker.pid} {progress.stage}"))
    try:
        with Worker(ENTRY, jobs_file.parent) as worker:
            for outcome in worker.render(jobs, job):
                say(f"{type(outcome).__name__} {outcome.job.key}")
                if manner == "be slow with takes" and isinstance(outcome, Take):
                    signal.pause()
    except JobCancelled:
        say("cancelled" if job.cancelled else "stopped, but the job does not know")
    except KeyboardInterrupt:
        say("interrupted")


if __name__ == "__main__":
    main()
