import threading

import pytest

from sottovoce_engine.progress import Job, JobCancelled, Progress


def test_steps_are_reported() -> None:
    heard: list[Progress] = []
    job = Job(heard.append)
    job.step("render", 0, 3)
    job.step("render", 1, 3)
    job.step("splice", 0, 1)
    assert [(progress.stage, progress.done, progress.total) for progress in heard] == [
        ("render", 0, 3),
        ("render", 1, 3),
        ("splice", 0, 1),
    ]


def test_the_time_left_is_guessed_from_what_this_stage_has_done() -> None:
    heard: list[Progress] = []
    job = Job(heard.append)
    for done in (4, 5, 6, 8):  # four were finished before this run
        job.step("render", done, 8)
    left = [progress.seconds_left for progress in heard]
    assert left[0] is None
    assert all(seconds is not None and seconds >= 0 for seconds in left[1:])
    assert left[-1] == 0


def test_a_stage_that_starts_anew_forgets_its_old_pace() -> None:
    heard: list[Progress] = []
    job = Job(heard.append)
    for stage, done in (("render", 0), ("render", 3), ("splice", 3), ("splice", 5), ("splice", 4), ("splice", 5)):
        job.step(stage, done, 6)
    assert [progress.seconds_left is None for progress in heard] == [True, False, True, False, True, False]


def test_a_cancelled_job_stops_at_its_next_step() -> None:
    heard: list[Progress] = []
    job = Job(heard.append)
    job.check()
    assert not job.cancelled
    job.cancel()
    assert job.cancelled
    with pytest.raises(JobCancelled):
        job.step("render", 0, 1)
    with pytest.raises(JobCancelled):
        job.check()
    assert heard == []


def test_a_job_is_cancelled_from_another_thread() -> None:
    begun, finished = threading.Event(), threading.Event()
    job = Job(lambda _: begun.set())

    def work() -> None:
        done = 0
        try:
            while True:
                job.step("render", done, done + 1)
                done += 1
        except JobCancelled:
            finished.set()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    assert begun.wait(10)
    job.cancel()
    assert finished.wait(10)
    worker.join(10)


def test_a_job_nobody_listens_to_still_works() -> None:
    job = Job()
    job.step("render", 1, 2)
    assert not job.cancelled
