import io
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sottovoce.terminal import BarDisplay, ExitCode, LineDisplay, print_error, printed_error, progress_job
from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job, Progress

FAR_SECONDS = 60.0  # a test that waits this long has failed; none does when all is well


def progress(done: int, total: int, *, stage: str = "speaking", left: float | None = None) -> Progress:
    return Progress(stage=stage, done=done, total=total, seconds_left=left)


def test_exit_codes_are_the_documented_ones() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "BUG": 1,
        "INPUT": 2,
        "SETUP": 3,
        "BELOW_BAR": 4,
        "CANCELLED": 130,
    }


def test_an_error_is_one_paragraph_that_breaks_no_path() -> None:
    path = "/a-long/" + "folder-name/" * 12 + "scene.otio"
    shown = printed_error(InputError(f"The timeline '{path}' does not exist. Check the path."), width=60)
    assert shown.startswith("sottovoce: The timeline")
    assert f"'{path}'" in shown
    assert all(len(line) <= 60 for line in shown.splitlines() if path not in line)
    assert "" not in shown.splitlines()


def test_where_no_person_reads_an_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_error("The line\n'close your eyes' " + "is long " * 40)
    assert capsys.readouterr().err.count("\n") == 1


def test_what_would_move_the_cursor_or_turn_the_text_is_shown_harmless() -> None:
    shown = printed_error("a\x1b[2Jb\x07c\u202ed\ud83de \U0001f92b مرحبا\u2028f\tg")
    assert shown == "sottovoce: a?[2Jb?c?d?e \U0001f92b مرحبا f g"


def test_a_bug_is_called_one() -> None:
    shown = printed_error(ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError: division by zero. This is a bug." in shown
    assert "--debug" in shown


def test_lines_are_sparse() -> None:
    stream = io.StringIO()
    display = LineDisplay(stream)
    for done in range(101):
        display(progress(done, 100, left=float(100 - done)))
    display(progress(0, 4000, stage="mixing"))
    assert stream.getvalue().splitlines() == [
        "speaking: 0/100, 1:40 left",
        "speaking: 25/100, 1:15 left",
        "speaking: 50/100, 0:50 left",
        "speaking: 75/100, 0:25 left",
        "speaking: 100/100",
        "mixing: 0%",
    ]


@pytest.mark.parametrize("total", [0, -1, 1])
def test_any_total_can_be_shown(total: int) -> None:
    stream = io.StringIO()
    LineDisplay(stream)(progress(5, total))
    BarDisplay(stream, 80)(progress(5, total))
    assert stream.getvalue()


def test_a_bar_draws_over_itself_and_leaves_nothing() -> None:
    stream = io.StringIO()
    display = BarDisplay(stream, 80)
    display(progress(0, 12_000, stage="a long stage", left=7384.0))
    display(progress(12_000, 12_000, stage="b"))
    display.close()
    screen = shown_on_a_terminal(stream.getvalue())
    assert screen[0] == f"{'a long stage':<20} {'.' * 24} 0%, 2:03:04 left"
    assert screen[1] == f"{'b':<20} {'#' * 24} 100%"
    assert screen[-1] == ""
    assert "\n" not in stream.getvalue()


def test_a_bar_is_never_wider_than_the_terminal() -> None:
    stream = io.StringIO()
    BarDisplay(stream, 30)(progress(1, 2, stage="a stage with a long name", left=10.0))
    assert max(map(len, shown_on_a_terminal(stream.getvalue()))) < 30


def shown_on_a_terminal(written: str) -> list[str]:
    """What the line reads each time the cursor comes back to its start."""
    line, screens = "", []
    for part in written.split("\r"):
        line = part + line[len(part) :]
        screens.append(line.rstrip())
    return [screen for before, screen in zip(["", *screens], screens, strict=False) if screen != before]


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_job(quiet=True) as job:
        job.step("speaking", 1, 2)
    with progress_job(quiet=False) as job:
        job.step("speaking", 1, 2)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "speaking: 1/2\n")


@contextmanager
def terminal_of(program: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A program whose stderr is a real terminal; its end that a person looks at."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        try:
            yield process, ours
        finally:
            process.kill()
            os.close(ours)


def test_a_terminal_gets_a_bar() -> None:
    with terminal_of(
        "from sottovoce.terminal import progress_job\nwith progress_job(quiet=False) as job: job.step('speaking', 1, 2)"
    ) as (process, screen):
        assert process.wait(FAR_SECONDS) == 0
        shown = os.read(screen, 10_000).decode()
    assert "\rspeaking" in shown
    assert "1/2" in shown


CANCELLED = """
import signal, sys, time
from sottovoce.terminal import progress_job
from sottovoce_engine.progress import JobCancelled
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    with progress_job(quiet=True) as job:
        print("ready", flush=True)
        {work}
except JobCancelled:
    print("cancelled")
except KeyboardInterrupt:
    print("interrupted", job.cancelled)
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.parametrize(
    ("work", "said"),
    [
        ("while True: job.step('speaking', 0, 1)", "cancelled\nTrue\n"),
        ("time.sleep(3600)", "interrupted True\nTrue\n"),
    ],
)
def test_ctrl_c_asks_first_and_interrupts_what_does_not_heed_it(work: str, said: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CANCELLED.format(work=work)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=FAR_SECONDS)
    assert rest == said


def test_a_job_elsewhere_than_in_the_main_thread_leaves_ctrl_c_alone() -> None:
    from concurrent.futures import ThreadPoolExecutor

    def handler_inside() -> object:
        with progress_job(quiet=True) as job:
            assert isinstance(job, Job)
            return signal.getsignal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(handler_inside).result() is before
