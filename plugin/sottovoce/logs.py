"""Rotating log files. Lines of dialogue and captions are written at DEBUG only, which is off by default.

Whoever logs keeps to that for what they write; this module keeps to it for what an exception says, because
messages name the line they are about.
"""

import logging
import re
import sys
import time
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path

from sottovoce.folders import log_folder

LOG_NAME = "sottovoce.log"
_MAX_BYTES = 1_000_000
_KEPT = 5
_RECORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z ([A-Z]+)")
_FORMAT = "%(asctime)s %(levelname)-8s %(process)d %(name)s: %(message)s"


def log_path() -> Path:
    """The file that is written now; older ones are `sottovoce.log.1` and so on."""
    return log_folder() / LOG_NAME


def start_logging(*, debug: bool = False) -> None:
    """Sends everything logged in this process to the log file. A second call takes the first one's place.

    A folder that cannot be written to costs the log, never the work: `sottovoce doctor` says so.
    """
    stop_logging()
    handler: logging.Handler
    try:
        log_folder().mkdir(parents=True, exist_ok=True)
        handler = _LogFile(log_path(), maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    handler.set_name(LOG_NAME)
    handler.setFormatter(_Formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.INFO)


def stop_logging() -> None:
    """Closes the log file, if one is open."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.get_name() == LOG_NAME]:
        root.removeHandler(handler)
        handler.close()


def level_of(line: str) -> str | None:
    """The level of the record that begins on this line of a log; None where none begins."""
    match = _RECORD.match(line)
    return match[1] if match else None


class _LogFile(RotatingFileHandler):
    """A full disk costs the log, and must not print into the middle of a progress bar."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the base class names it)
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


class _Formatter(logging.Formatter):
    """One record a line, in UTC; what belongs to the same record is indented."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(_FORMAT)
        self.default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        own = logging.makeLogRecord(record.__dict__)
        if own.levelno > logging.DEBUG:
            own.exc_text = _without_messages(own.exc_info[1]) if own.exc_info and own.exc_info[1] else None
            own.exc_info = None
        text = super().format(own)
        return "\n    ".join(text.encode("utf-8", "backslashreplace").decode().splitlines())


def _without_messages(error: BaseException | None) -> str:
    """The traceback of an exception and its causes: where and what kind, not what it says."""
    parts: list[str] = []
    while error is not None:
        kind = type(error)
        number = f" (errno {error.errno})" if isinstance(error, OSError) else ""
        parts.append(
            f"{''.join(traceback.format_tb(error.__traceback__))}{kind.__module__}.{kind.__qualname__}{number}"
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(parts))
