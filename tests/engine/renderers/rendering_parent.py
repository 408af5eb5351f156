"""A program for tests that renders through a worker and says on stdout what happens, its log included.

Arguments: a file with the jobs as JSON; the media folder; how it behaves: "leave it to the worker" or
"be slow with takes".
"""

import json
import logging
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
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="log: %(message)s")
    jobs_file, media_root, manner = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    jobs = from_plain(json.loads(jobs_file.read_text()), tuple[RenderJob, ...], "the jobs")
    job = Job(report=lambda progress: say(f"log: child {worker.pid}: {progress.stage}"))
    try:
        with Worker(ENTRY, media_root) as worker:
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
