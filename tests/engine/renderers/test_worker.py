import json
import logging
import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError, RenderError, SetupError
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.socket import RendererEntry
from sottovoce_engine.renderers.wire import Garbled, Ready, Start, line_for, message_in
from sottovoce_engine.renderers.worker import Worker
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import Failure, Outcome, RenderJob, ShotFrames, Take, TakeFrames, Window
from sottovoce_engine.timing import Span

HERE = Path(__file__).parent
ENTRY = RendererEntry(name="as told", module="rendering_as_told", about="", seconds_per_second=1.0)
FAR_SECONDS = 60.0  # a test that waits this long has failed; none does when all is well


@pytest.fixture(autouse=True)
def _the_child_finds_the_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    with Worker(ENTRY, tmp_path) as made:
        yield made


def jobs_of(*lines: str, look: str = "") -> tuple[RenderJob, ...]:
    return tuple(job_of(line, number, look) for number, line in enumerate(lines))


def job_of(line: str, number: int, look: str) -> RenderJob:
    voice = Voice(name="Anna", gender=Gender.WOMAN)
    return RenderJob(
        key=f"key {number}",
        content="",
        region=Region(id=f"{number:08x}", span=Span(0, 60), register="whisper", voice=voice.name, line=line, look=look),
        voice=voice,
        register=register_table().get("whisper"),
        caption=f'(woman, whispering): "{line}"',
        window=Window(start=-24, model_frames=113),
        rate=Fraction(24_000, 1001),
        start_frame=86_400,
        drop_frame=False,
        raster=Raster(width=640, height=360),
        picture=PictureMode.LOCK,
        seed=number,
        renderer="as told",
    )


def told(outcomes: list[Outcome]) -> list[str]:
    return [f"{type(outcome).__name__} {outcome.job.region.line}" for outcome in outcomes]


def pids(outcomes: list[Outcome]) -> list[str]:
    return [outcome.notes[0] for outcome in outcomes if isinstance(outcome, Take)]


def assert_ends(pid: int) -> None:
    """Waits for the end of any process, also one that is nobody's child here."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ready, _, _ = select.select([handle], [], [], FAR_SECONDS)
        assert ready, f"process {pid} lives on"
    finally:
        os.close(handle)


def test_takes_come_in_order_as_values_equal_to_what_was_sent(worker: Worker) -> None:
    jobs = jobs_of("speak", "fail", "speak")
    outcomes = list(worker.render(jobs, Job()))
    assert told(outcomes) == ["Take speak", "Failure fail", "Take speak"]
    assert tuple(outcome.job for outcome in outcomes) == jobs


def test_a_take_is_there_before_the_next_one_is_made(worker: Worker) -> None:
    outcomes = worker.render(jobs_of("speak", "wait"), Job())
    assert isinstance(next(outcomes), Take)


def test_the_child_is_another_process_and_stays_warm(worker: Worker) -> None:
    first = list(worker.render(jobs_of("speak", "speak"), Job()))
    second = list(worker.render(jobs_of("speak"), Job()))
    assert set(pids(first)) == set(pids(second)) == {str(worker.pid)}
    assert worker.pid != os.getpid()


def test_leaving_the_block_ends_the_child(tmp_path: Path) -> None:
    with Worker(ENTRY, tmp_path) as worker:
        list(worker.render(jobs_of("speak"), Job()))
        assert worker.pid is not None
        pid = worker.pid
    assert_ends(pid)


def test_no_jobs_start_no_child(worker: Worker) -> None:
    assert list(worker.render((), Job())) == []
    assert worker.pid is None


def test_progress_comes_back(worker: Worker) -> None:
    seen: list[Progress] = []
    list(worker.render(jobs_of("speak", "speak"), Job(report=seen.append)))
    assert [(progress.stage, progress.done, progress.total) for progress in (seen[0], seen[-1])] == [
        ("speaking", 0, 2),
        ("speaking", 2, 2),
    ]


def test_a_thousand_jobs_stream(worker: Worker) -> None:
    jobs = jobs_of(*["speak"] * 1000)
    assert [outcome.job for outcome in worker.render(jobs, Job())] == list(jobs)


def test_after_a_crash_takes_that_continue_are_told_where_the_one_before_lies(worker: Worker) -> None:
    first, crash, *rest = jobs_of("speak", "kill", "speak", "speak")
    from_take = TakeFrames(first=20, frames=17)
    after = [
        replace(job, continues=key, from_take=from_take) for job, key in zip(rest, ("key 0", "key 2"), strict=True)
    ]
    outcomes = list(worker.render((first, crash, *after), Job()))
    assert told(outcomes) == ["Take speak", "Failure kill", "Take speak", "Take speak"]
    assert isinstance(outcomes[0], Take)
    assert outcomes[2].job.from_take == replace(from_take, media=outcomes[0].media)
    assert outcomes[3].job.from_take == from_take, "made by the same child"


def test_text_that_no_encoding_likes_survives(worker: Worker) -> None:
    (plain,) = jobs_of("speak")
    job = replace(plain, caption='a "quoted"\nline\u2028with \U0001f92b and \ud83d, \x00 and مرحبا')
    (outcome,) = worker.render((job,), Job())
    assert outcome.job == job


def test_what_a_library_prints_or_reads_does_not_reach_the_messages(worker: Worker) -> None:
    outcomes = list(worker.render(jobs_of("make noise", "speak"), Job()))
    assert told(outcomes) == ["Take make noise", "Take speak"]
    assert isinstance(outcomes[0], Take)
    assert outcomes[0].notes[1:] == ("read 0 bytes", "stdin holds 0")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("kill", "SIGKILL (the system was out of memory, or somebody ended it)"),
        ("crash", "SIGSEGV (a library crashed)"),
        ("leave", 'it ended by itself with code 3; its last words: "the licence ran out"'),
        ("run out of memory", "out of memory"),
        ("trip over a bug", "ValueError: shapes (3,) and (4,) differ"),
    ],
)
def test_a_child_that_ends_costs_one_take(worker: Worker, line: str, reason: str) -> None:
    outcomes = list(worker.render(jobs_of("speak", line, "speak", "speak"), Job()))
    assert told(outcomes) == ["Take speak", f"Failure {line}", "Take speak", "Take speak"]
    assert isinstance(outcomes[1], Failure)
    assert reason in outcomes[1].reason
    before, after, last = pids(outcomes)
    assert before != after == last


def test_after_a_crash_sounds_over_a_shot_are_told_where_it_lies(worker: Worker) -> None:
    shot, killing, sound, other = jobs_of("speak", "kill", "speak", "speak")
    shot, over = replace(shot, is_shot=True), ShotFrames(shot=shot.key, first=8)
    jobs = (shot, killing, replace(sound, on_shot=over), replace(other, on_shot=replace(over, shot="gone")))
    outcomes = list(worker.render(jobs, Job()))
    assert isinstance(outcomes[0], Take)
    assert outcomes[2].job.on_shot == replace(over, media=outcomes[0].media, latents=outcomes[0].latents)
    assert outcomes[2].job.on_shot != over
    assert outcomes[3].job.on_shot == replace(over, shot="gone")


def test_a_child_killed_from_outside_costs_the_take_it_was_making(worker: Worker) -> None:
    killed: list[int] = []

    def kill_once(progress: Progress) -> None:
        if progress.stage == "deaf" and not killed:
            assert worker.pid is not None
            killed.append(worker.pid)
            os.kill(worker.pid, signal.SIGKILL)

    outcomes = list(worker.render(jobs_of("speak", "be deaf", "speak"), Job(report=kill_once)))
    assert told(outcomes) == ["Take speak", "Failure be deaf", "Take speak"]


def test_a_renderer_that_names_its_take_loses_that_one(worker: Worker) -> None:
    outcomes = list(worker.render(jobs_of("speak", "kill", "fail", "speak", look="backwards"), Job()))
    assert told(outcomes) == ["Take speak", "Failure fail", "Failure kill", "Take speak"]


def test_a_child_killed_while_idle_costs_nothing(worker: Worker) -> None:
    first = list(worker.render(jobs_of("speak"), Job()))
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    assert_ends(worker.pid)
    second = list(worker.render(jobs_of("speak"), Job()))
    assert told(second) == ["Take speak"]
    assert pids(first) != pids(second)


def test_a_renderer_that_always_crashes_is_given_up(worker: Worker) -> None:
    outcomes = list(worker.render(jobs_of(*["kill"] * 50), Job()))
    assert len(outcomes) == 50
    assert all(isinstance(outcome, Failure) for outcome in outcomes)
    assert isinstance(outcomes[-1], Failure)
    assert "3 times in a row" in outcomes[-1].reason


def test_crashes_between_takes_do_not_give_up(worker: Worker) -> None:
    outcomes = list(worker.render(jobs_of(*["speak", "kill"] * 5), Job()))
    assert told(outcomes) == ["Take speak", "Failure kill"] * 5


@pytest.mark.parametrize(
    ("line", "error"), [("raise input", InputError), ("raise setup", SetupError), ("raise render", RenderError)]
)
def test_an_error_keeps_its_class_and_the_child_stays(worker: Worker, line: str, error: type[Exception]) -> None:
    outcomes = worker.render(jobs_of("speak", line), Job())
    (pid,) = pids([next(outcomes)])
    with pytest.raises(error, match=r"\. (Write|Download|Change)"):
        next(outcomes)
    assert pids(list(worker.render(jobs_of("speak"), Job()))) == [pid]


def test_a_renderer_that_cannot_be_imported_is_a_matter_of_set_up(tmp_path: Path) -> None:
    entry = replace(ENTRY, module="renderer_that_is_not_installed")
    with Worker(entry, tmp_path) as worker:
        with pytest.raises(SetupError, match="No module named 'renderer_that_is_not_installed'"):
            next(worker.render(jobs_of("speak"), Job()))
        assert worker.pid is None


def test_what_a_renderer_lacks_is_said_in_its_own_words(tmp_path: Path) -> None:
    with Worker(ENTRY, tmp_path / "no voices") as worker, pytest.raises(SetupError, match=r"^There are no voices\."):
        next(worker.render(jobs_of("speak"), Job()))


def test_a_renderer_that_crashes_while_loading_is_a_matter_of_set_up(tmp_path: Path) -> None:
    with Worker(ENTRY, tmp_path / "crash") as worker, pytest.raises(SetupError, match="SIGSEGV"):
        next(worker.render(jobs_of("speak"), Job()))


def test_an_unknown_renderer_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'scratch'"):
        Worker("scrach", tmp_path)


def test_cancel_stops_a_child_that_heeds_it_and_keeps_it_warm(worker: Worker) -> None:
    def cancel_at_once(progress: Progress) -> None:
        if progress.stage == "waiting":
            job.cancel()

    job = Job(report=cancel_at_once)
    outcomes = worker.render(jobs_of("speak", "wait"), job)
    first = next(outcomes)
    with pytest.raises(JobCancelled):
        next(outcomes)
    assert pids(list(worker.render(jobs_of("speak"), Job()))) == pids([first])


def test_cancel_from_another_thread_kills_a_child_that_does_not_heed_it(worker: Worker) -> None:
    cancellers: list[threading.Thread] = []

    def cancel_elsewhere(progress: Progress) -> None:
        if progress.stage == "deaf":
            cancellers.append(threading.Thread(target=job.cancel))
            cancellers[0].start()

    job = Job(report=cancel_elsewhere)
    outcomes = worker.render(jobs_of("speak", "be deaf"), job)
    first = next(outcomes)
    with pytest.raises(JobCancelled):
        next(outcomes)
    cancellers[0].join()
    (pid,) = pids([first])
    assert_ends(int(pid))
    assert worker.pid is None


def test_cancel_while_the_renderer_loads(tmp_path: Path) -> None:
    job = Job()

    class CancelOnceItLoads(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "loading" in record.getMessage():
                job.cancel()

    logger = logging.getLogger("sottovoce_engine")
    handler = CancelOnceItLoads()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        with Worker(ENTRY, tmp_path / "slow") as worker:
            with pytest.raises(JobCancelled):
                next(worker.render(jobs_of("speak"), job))
            assert worker.pid is None
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


def test_a_take_finished_while_cancelling_is_still_yielded(worker: Worker) -> None:
    def cancel_at_once(progress: Progress) -> None:
        if progress.stage == "nearly done":
            job.cancel()

    job = Job(report=cancel_at_once)
    found: list[Outcome] = []
    with pytest.raises(JobCancelled):
        found.extend(worker.render(jobs_of("speak", "finish when cancelled", "speak"), job))
    assert told(found) == ["Take speak", "Take finish when cancelled"]


def test_a_caller_that_goes_away_leaves_nothing_running(worker: Worker) -> None:
    outcomes = worker.render(jobs_of("speak", "wait"), Job())
    (pid,) = pids([next(outcomes)])
    del outcomes
    assert pids(list(worker.render(jobs_of("speak"), Job()))) == [pid]


def test_a_killed_child_takes_its_programs_along(worker: Worker) -> None:
    programs: list[int] = []

    def stop(progress: Progress) -> None:
        if progress.stage.startswith("program"):
            programs.append(int(progress.stage.split()[1]))
            job.cancel()

    job = Job(report=stop)
    with pytest.raises(JobCancelled):
        list(worker.render(jobs_of("start a program"), job))
    assert_ends(programs[0])


def test_the_log_has_what_the_child_says_without_lines_and_captions(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    list(worker.render(jobs_of("say the line to the log"), Job()))
    worker.close()
    assert "speaking '…' as …" in caplog.text
    assert "say the line" not in caplog.text


def test_one_batch_at_a_time(worker: Worker) -> None:
    outcomes = worker.render(jobs_of("speak", "speak"), Job())
    next(outcomes)
    with pytest.raises(RuntimeError, match="another batch"):
        next(worker.render(jobs_of("speak"), Job()))


def test_the_worker_starts_without_what_only_rendering_needs() -> None:
    program = "import sys, sottovoce_engine.renderers.worker, sottovoce_engine.renderers.serving; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert not {"numpy", "scipy", "av", "hibari", "torch"} & set(loaded)


@pytest.mark.parametrize(
    "line",
    [
        b"hello\n",
        b"[]\n",
        b"1\n",
        b'{"format": 1, "kind": "Ready"}\n',
        b'{"format": 1, "kind": "Nonsense", "value": {}}\n',
        b'{"format": 2, "kind": "Ready", "value": {}}\n',
        b'{"format": 1, "kind": "Done", "value": {"batch": "1"}}\n',
        b'{"format": 1, "kind": ["Ready"], "value": {}}\n',
        b"\xff\n",
    ],
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(Garbled):
        message_in(line)


class Parent:
    """A real parent process that renders."""

    def __init__(
        self, folder: Path, *lines: str, manner: str = "leave it to the worker", media_root: str = "media"
    ) -> None:
        jobs_file = folder / "jobs.json"
        jobs_file.write_text(json.dumps(to_plain(jobs_of(*lines))))
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "rendering_parent.py"), str(jobs_file), str(folder / media_root), manner],
            stdout=subprocess.PIPE,
            text=True,
        )

    def said_up_to(self, word: str) -> list[str]:
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line.strip())
            if word in line:
                return said
        raise AssertionError(f"never said {word}: {said}")

    def said_until_the_end(self) -> list[str]:
        said, _ = self.process.communicate(timeout=FAR_SECONDS)
        return [line for line in said.splitlines() if not line.startswith("log: ")]


def child_pid(said: list[str]) -> int:
    return next(int(found[1]) for line in said if (found := re.search(r"child (\d+)", line)))


@pytest.mark.parametrize("line", ["wait", "be deaf"])
def test_a_parent_killed_outright_takes_the_child_along(tmp_path: Path, line: str) -> None:
    parent = Parent(tmp_path, "speak", line)
    said = parent.said_up_to("waiting" if line == "wait" else "deaf")
    parent.process.kill()
    parent.said_until_the_end()
    assert_ends(child_pid(said))


CHILD = (sys.executable, "-P", "-m", "sottovoce_engine.renderers.child")
START = line_for(Start(entry=ENTRY, media_root="/nowhere"))


def test_the_end_of_its_stdin_ends_the_child() -> None:
    with subprocess.Popen(CHILD, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(START)
        child.stdin.flush()
        assert message_in(child.stdout.readline()) == Ready()
        child.stdin.close()
        child.wait(timeout=FAR_SECONDS)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_the_end_of_its_parent_ends_the_child_though_stdin_stays_open() -> None:
    program = f"import subprocess; child = subprocess.Popen({CHILD!r}); print(child.pid, flush=True); child.wait()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.stdin.write(START)
        assert message_in(parent.stdout.readline()) == Ready()
        parent.kill()
        assert_ends(pid)


@pytest.mark.parametrize(("line", "stage"), [("wait", "waiting"), ("be deaf", "deaf")])
def test_ctrl_c_keeps_the_takes_and_leaves_no_orphan(tmp_path: Path, line: str, stage: str) -> None:
    parent = Parent(tmp_path, "speak", line, "speak")
    said = parent.said_up_to(stage)
    parent.process.send_signal(signal.SIGINT)
    assert "Take key 0" in said
    assert parent.said_until_the_end() == ["cancelled"]
    assert parent.process.returncode == 0
    assert_ends(child_pid(said))


def test_ctrl_c_while_the_renderer_loads_leaves_no_orphan(tmp_path: Path) -> None:
    parent = Parent(tmp_path, "speak", media_root="slow")
    said = parent.said_up_to("loading")
    parent.process.send_signal(signal.SIGINT)
    assert parent.said_until_the_end() == ["cancelled"]
    assert_ends(child_pid(said))


def test_ctrl_c_while_a_take_is_being_stored_leaves_no_orphan(tmp_path: Path) -> None:
    parent = Parent(tmp_path, "speak", "be deaf", manner="be slow with takes")
    said = parent.said_up_to("Take")
    parent.process.send_signal(signal.SIGINT)
    assert parent.said_until_the_end() == ["interrupted"]
    assert_ends(child_pid(said))
