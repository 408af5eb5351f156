import itertools
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.programs import need_program

from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.renderers.scratch.renderer import fingerprints, renderer
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take
from sottovoce_engine.timing import Span

from .scratch_jobs import scratch_job

JOBS = (
    scratch_job("Close your eyes.", "whisper", key="a", look="dim bedroom", seconds=1.2),
    scratch_job("I told you to go!", "shout", "man", key="b", seconds=1.2),
    scratch_job("Only the sound is new.", "soft", key="c", seconds=1.5, picture=PictureMode.LOCK),
)


def rendered(jobs: Sequence[RenderJob], root: Path, job: Job | None = None) -> dict[str, Outcome]:
    return {outcome.job.key: outcome for outcome in renderer(root).render(jobs, job or Job())}


def test_a_batch_becomes_takes_whose_media_lie_in_the_folder(tmp_path: Path) -> None:
    steps: list[Progress] = []
    takes = rendered(JOBS, tmp_path, Job(steps.append))
    assert sorted(takes) == ["a", "b", "c"]
    for key, take in takes.items():
        assert isinstance(take, Take), take
        info = probe(MediaFolder(tmp_path).path(take.media))
        assert (info.picture is None) == (key == "c") == (not take.has_picture)
        if info.picture is not None:
            assert info.picture.frames == take.job.window.length
        with SoundReader(MediaFolder(tmp_path).path(take.media)) as reader:
            assert reader.length_samples == take.job.length_samples
            sound = reader.read(Span(0, reader.length_samples))
        assert np.array_equal(sound[0], sound[1])
        assert take.loudness_lufs is not None
        assert take.true_peak_dbtp < -3.0
        assert [word.text for word in take.words] == take.job.region.line.split()
    assert {step.stage for step in steps} == {"voices", "takes"}
    assert steps[-1].done == steps[-1].total == 3
    assert {step.about for step in steps if step.about} <= {"a", "b", "c"}
    assert not list(tmp_path.glob(".staged*"))


def test_the_same_jobs_come_out_the_same_byte_for_byte(tmp_path: Path) -> None:
    once, again = rendered(JOBS, tmp_path / "1"), rendered(tuple(reversed(JOBS)), tmp_path / "2")
    for key, take in once.items():
        other = again[key]
        assert isinstance(take, Take)
        assert isinstance(other, Take)
        assert take.media == other.media
        assert take.words == other.words


def test_one_bad_job_is_a_failure_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = scratch_job("word " * 300, key="bad", seconds=0.5)
    outcomes = rendered((bad, *JOBS), tmp_path)
    assert isinstance(outcomes["bad"], Failure)
    assert "Lengthen the region" in outcomes["bad"].reason
    assert all(isinstance(outcomes[key], Take) for key in "abc")


def test_a_folder_that_cannot_be_written_costs_takes_not_the_batch(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    outcomes = rendered(JOBS, tmp_path / "file" / "media")
    assert all(isinstance(outcome, Failure) and str(tmp_path) in outcome.reason for outcome in outcomes.values())


def test_a_cancelled_batch_ends_with_the_takes_that_were_finished(tmp_path: Path) -> None:
    job = Job()
    jobs = [scratch_job("Close your eyes, and listen.", key=str(n), seconds=2.0, seed=n) for n in range(30)]
    outcomes = renderer(tmp_path).render(jobs, job)
    first = next(outcomes)
    assert isinstance(first, Take)
    job.cancel()
    rest: list[Outcome] = []
    with pytest.raises(JobCancelled):
        rest.extend(outcomes)
    assert len(rest) <= 2
    names = {take.media for take in (first, *rest) if isinstance(take, Take)}
    assert set(MediaFolder(tmp_path).names()) == names
    assert not list(tmp_path.glob(".staged*"))


def test_a_caller_who_stops_listening_stops_the_work(tmp_path: Path) -> None:
    jobs = [scratch_job("Close your eyes.", key=str(n), seconds=1.0, seed=n) for n in range(30)]
    outcomes = renderer(tmp_path).render(jobs, Job())
    assert len(list(itertools.islice(outcomes, 1))) == 1
    outcomes.close()  # type: ignore[attr-defined]
    assert len(MediaFolder(tmp_path).names()) < 5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("scratch")]


def test_an_empty_batch_is_done_at_once(tmp_path: Path) -> None:
    assert rendered((), tmp_path) == {}


def test_the_door_costs_no_voice() -> None:
    """A plan asks for the fingerprint: nothing heavy may come with it."""
    code = (
        "import sys; from sottovoce_engine.renderers.scratch.renderer import fingerprints; fingerprints(); "
        "print([name for name in ('numpy', 'av', 'scipy', 'hibari', 'onnxruntime', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert dict(fingerprints())["hibari-tts"].startswith("0")


def test_a_take_says_which_voice_made_it(tmp_path: Path) -> None:
    need_program("espeak-ng", "apt-get install espeak-ng")
    jobs = (scratch_job("Close your eyes.", key="en"), scratch_job("Закрой глаза.", key="ru"))
    voices = {
        key: dict(take.fingerprints)["voice"]
        for key, take in rendered(jobs, tmp_path).items()
        if isinstance(take, Take)
    }
    assert voices == {"en": "hibari", "ru": "espeak-ng"}
