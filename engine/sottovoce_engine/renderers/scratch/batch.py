"""A batch of scratch takes: two at a time, each whole from line to file."""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import numpy as np

from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.renderers.finish import finished_take
from sottovoce_engine.renderers.scratch import hibari_voice
from sottovoce_engine.renderers.scratch.card_frames import card_frames
from sottovoce_engine.renderers.scratch.renderer import fingerprints
from sottovoce_engine.renderers.scratch.speech import speech_for
from sottovoce_engine.renderers.scratch.utterance import Check
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take

_AT_ONCE = 2  # takes; the vocoder and the encoder leave Python's lock alone
_POLL_SECONDS = 0.05
_LOG = logging.getLogger(__name__)


class ScratchRenderer:
    """Synthetic speech and storyboard cards. Takes come out as they finish, each the same on every run."""

    def __init__(self, media: MediaFolder) -> None:
        self._media = media

    def render(self, jobs: Sequence[RenderJob], job: Job) -> Iterator[Outcome]:
        """Yields a take or a failure for each job.

        Raises:
            JobCancelled: Cancelling was asked for; takes finished by then are yielded first.
            SetupError: The embedded voice cannot be loaded.
        """
        stopped = threading.Event()

        def check() -> None:
            job.check()
            if stopped.is_set():
                raise JobCancelled

        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="scratch")
        try:
            _load_voices(pool, job)
            yield from self._outcomes(pool, jobs, job, check)
        finally:  # also where the caller stops listening
            stopped.set()
            pool.shutdown(wait=not job.cancelled, cancel_futures=True)

    def _outcomes(
        self, pool: ThreadPoolExecutor, jobs: Sequence[RenderJob], job: Job, check: Check
    ) -> Iterator[Outcome]:
        waiting, done = deque(jobs), 0
        working: dict[Future[Outcome], RenderJob] = {}
        while waiting or working:
            while waiting and len(working) < _AT_ONCE and not job.cancelled:
                asked = waiting.popleft()
                working[pool.submit(self._outcome, asked, check)] = asked
            finished, _ = wait(working, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in [future for future in working if future in finished]:
                del working[future]
                if future.exception() is None:
                    done += 1
                    yield future.result()
                elif not job.cancelled:
                    future.result()
            if job.cancelled and not working:
                raise JobCancelled
            if working and not job.cancelled:
                job.step("takes", done, len(jobs), about=next(iter(working.values())).key)
        job.step("takes", done, len(jobs))

    def _outcome(self, job: RenderJob, check: Check) -> Outcome:
        """The take, or why there is none. A defect costs this take and leaves its traceback in the log."""
        try:
            return self._take(job, check)
        except SottovoceError as error:
            return Failure(job=job, reason=str(error))
        except JobCancelled:
            raise
        except Exception as error:
            _LOG.exception("The scratch take of '%s' failed", job.region.line[:60])
            return Failure(
                job=job,
                reason=f"The scratch renderer failed on '{job.region.line[:60]}' ({type(error).__name__}: {error}). "
                "This is a defect; the log holds the details. Change the line a little to get round it.",
            )

    def _take(self, job: RenderJob, check: Check) -> Take:
        check()
        speech = speech_for(job, check)
        locked = job.picture is PictureMode.LOCK
        return finished_take(
            job,
            self._media,
            sound=np.stack((speech.sound, speech.sound)),
            frames=None if locked else card_frames(job, speech.sound, check),
            words=speech.words,
            words_estimated=speech.words_estimated,
            fingerprints=(*fingerprints(), ("voice", speech.voice)),
            notes=speech.notes,
        )


def _load_voices(pool: ThreadPoolExecutor, job: Job) -> None:
    job.step("voices", 0, 1)
    loading = pool.submit(hibari_voice.load)
    while not loading.done():
        wait([loading], timeout=_POLL_SECONDS)
        job.check()
    loading.result()
    job.step("voices", 1, 1)
