"""What a person sees in a terminal: exit codes, errors as one paragraph, progress with time left.

Results go to stdout and are the commands' own; everything here goes to stderr.
"""

import shutil
import signal
import sys
import textwrap
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from types import FrameType
from typing import TextIO

from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.progress import Job, Progress

_MAX_WIDTH = 100
_BAR_CELLS = 24
_REDRAW_SECONDS = 0.1
_PATIENCE_SECONDS = 0.7  # after Ctrl-C; with the worker's own grace the terminal is back within a second
_TURNS_DIRECTION = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    DONE = 0
    BUG = 1
    INPUT = 2  # a file, a mark or a setting must be changed
    SETUP = 3  # something must be installed, downloaded or freed
    BELOW_BAR = 4  # rendered, but a region is below its bar or failed
    CANCELLED = 130


def print_error(error: BaseException | str) -> None:
    """Prints an error on stderr; wrapped where a person reads it, on one line where a program does."""
    print(printed_error(error, _width_of(sys.stderr)), file=sys.stderr)


def printed_error(error: BaseException | str, width: int | None = None) -> str:
    """An error as one paragraph, on lines of `width` characters, or on one.

    File names and lines may hold control characters, which would move the cursor or worse: they become "?".
    """
    if isinstance(error, str | SottovoceError):
        message = str(error)
    else:
        message = (
            f"Something went wrong that should not: {type(error).__name__}: {error}. This is a bug. Run the command again "
            "with --debug to see where, and report it with what `sottovoce doctor --bundle` collects."
        )
    text = f"sottovoce: {printable(message)}"
    if width is None:
        return text
    return textwrap.fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


@contextmanager
def progress_job(*, quiet: bool, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[Job]:
    """A job that shows its progress on stderr (nothing where `quiet`) and that Ctrl-C cancels.

    The first Ctrl-C asks the work to stop, so that what is being stored is stored whole; work that has not
    stopped `patience_seconds` later, or is asked again, is interrupted.
    """
    display = None if quiet else _display_for(sys.stderr)
    job = Job(report=display)
    try:
        with _interrupts_cancel(job, patience_seconds):
            yield job
    finally:
        if display is not None:
            display.close()


def _display_for(stream: TextIO) -> "BarDisplay | LineDisplay":
    width = _width_of(stream)
    return LineDisplay(stream) if width is None else BarDisplay(stream, width)


class BarDisplay:
    """One line that is drawn over and over, for terminals."""

    def __init__(self, stream: TextIO, width: int) -> None:
        self._stream, self._width = stream, width
        self._stage, self._drawn_at, self._shown = "", 0.0, 0
        self._cells = "█·" if (stream.encoding or "").lower().replace("-", "") == "utf8" else "#."

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        at_edge = progress.stage != self._stage or progress.done >= progress.total
        if at_edge or now - self._drawn_at >= _REDRAW_SECONDS:
            self._stage, self._drawn_at = progress.stage, now
            self._draw(self._line(progress))

    def close(self) -> None:
        """Leaves an empty line to write on."""
        if self._shown:
            self._draw("")

    def _line(self, progress: Progress) -> str:
        filled = round(_share(progress) * _BAR_CELLS)
        bar = self._cells[0] * filled + self._cells[1] * (_BAR_CELLS - filled)
        line = f"{printable(progress.stage):<20} {bar} {_counted(progress)}{_left(progress)}"
        return line[: self._width - 1]

    def _draw(self, line: str) -> None:
        self._stream.write(f"\r{line:<{self._shown}}\r{line}")
        self._stream.flush()
        self._shown = len(line)


class LineDisplay:
    """A line at each stage's start and at every quarter of it, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage, self._quarter = "", -1

    def __call__(self, progress: Progress) -> None:
        quarter = int(_share(progress) * 4)
        if progress.stage != self._stage or quarter > self._quarter:
            self._stage, self._quarter = progress.stage, quarter
            print(f"{printable(progress.stage)}: {_counted(progress)}{_left(progress)}", file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing to clear."""


@contextmanager
def _interrupts_cancel(job: Job, patience_seconds: float) -> Iterator[None]:
    """Ctrl-C cancels `job` first and interrupts when that is not enough, where handlers can be set."""
    in_charge = threading.current_thread() is threading.main_thread()
    if sys.platform == "win32" or not in_charge or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if job.cancelled:
            signal.default_int_handler(number, frame)
        job.cancel()
        signal.setitimer(signal.ITIMER_REAL, patience_seconds)

    previous = signal.signal(signal.SIGINT, ask), signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGINT, previous[0])
        signal.signal(signal.SIGALRM, previous[1])


def _share(progress: Progress) -> float:
    return min(max(progress.done / progress.total, 0.0), 1.0) if progress.total > 0 else 1.0


def _counted(progress: Progress) -> str:
    """`12/40` where a person would count, else per cent."""
    return f"{progress.done}/{progress.total}" if 0 < progress.total < 1000 else f"{_share(progress):.0%}"


def _left(progress: Progress) -> str:
    if progress.seconds_left is None or progress.done >= progress.total:
        return ""
    minutes, seconds = divmod(round(progress.seconds_left), 60)
    hours, minutes = divmod(minutes, 60)
    return f", {hours}:{minutes:02}:{seconds:02} left" if hours else f", {minutes}:{seconds:02} left"


def _width_of(stream: TextIO) -> int | None:
    """Columns of the terminal a stream goes to, at most 100; None where it goes elsewhere."""
    if not stream.isatty():
        return None
    return max(20, min(shutil.get_terminal_size().columns, _MAX_WIDTH))


def printable(text: str) -> str:
    """`text` on one line, without what moves the cursor or turns the reading direction."""
    return "".join(" " if char.isspace() else "?" if _is_unseen(char) else char for char in text)


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or unicodedata.bidirectional(char) in _TURNS_DIRECTION
