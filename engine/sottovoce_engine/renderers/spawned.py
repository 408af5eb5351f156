"""One child process as the worker sees it: messages out, messages in, and why it ended."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from queue import Empty, SimpleQueue

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.child import STANDING_BACK
from sottovoce_engine.renderers.discretion import Discretion
from sottovoce_engine.renderers.socket import RendererEntry
from sottovoce_engine.renderers.wire import FromChild, Garbled, Render, Start, ToChild, line_for, message_in

_LOG = logging.getLogger(__name__)
_COMMAND = (sys.executable, "-P", "-X", "utf8", "-m", "sottovoce_engine.renderers.child")
_LAST_LINES = 40
_END_SECONDS = 0.2


class Gone:
    """Takes a message's place once the child has ended and all it said has been received."""


class SpawnedChild:
    """A running child. Three threads serve it: one starts and reads it, one writes, one keeps its log.

    The thread that starts it stays until the child has ended, because Linux tells a child that its parent
    died as soon as the *thread* ends that started it. It is also never interrupted by Ctrl-C.
    """

    def __init__(self, entry: RendererEntry, media_root: Path, *, stands_back: bool = False) -> None:
        """`stands_back`: it leaves the processor to other programs."""
        self._command = (*_COMMAND, STANDING_BACK) if stands_back else _COMMAND
        self._inbox: SimpleQueue[FromChild | Gone] = SimpleQueue()
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._discretion = Discretion()
        self._garbled = ""
        self._group_killed = False
        started: SimpleQueue[subprocess.Popen[bytes] | OSError] = SimpleQueue()
        self._life = threading.Thread(target=self._live, args=(started,), name="renderer's child", daemon=True)
        self._life.start()
        process = started.get()
        if isinstance(process, OSError):
            raise SetupError(
                f"The renderer's process cannot be started with '{sys.executable}': {process.strerror}. Free memory, or "
                "end other programs."
            ) from process
        self._process = process
        self._log = threading.Thread(target=self._keep_log, name="renderer's log", daemon=True)
        self._log.start()
        threading.Thread(target=self._write, name="messages to the renderer", daemon=True).start()
        self.send(Start(entry=entry, media_root=str(media_root.absolute())))

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: ToChild) -> None:
        """Hands a message over; never waits for the child. To a child that has ended it goes nowhere."""
        if isinstance(message, Render):
            jobs = message.jobs
            self._discretion = Discretion(
                text for job in jobs for text in (job.caption, job.region.line, job.region.look)
            )
        self._outbox.put(line_for(message))

    def receive(self, timeout: float) -> FromChild | Gone | None:
        """The next message, or None when none came within `timeout` seconds. `Gone` comes again and again."""
        try:
            message = self._inbox.get(timeout=timeout)
        except Empty:
            if self._process.poll() is not None:
                self._kill_group()  # a program it started may still hold the pipes open
            return None
        if isinstance(message, Gone):
            self._inbox.put(message)
        return message

    def kill(self) -> None:
        """Ends the child and the programs it started, at once. What it said before can still be received."""
        self._kill_group()
        self._life.join(timeout=_END_SECONDS)
        self._log.join(timeout=_END_SECONDS)

    def why_ended(self) -> str:
        """A clause on how the child ended, for the middle of a message. Call it after `Gone`."""
        self.kill()
        said = f'; its last words: "{words}"' if (words := _telling_line(self._last_lines)) else ""
        return f"{self._garbled or _ending(self._process.returncode)}{said}"

    def _live(self, started: "SimpleQueue[subprocess.Popen[bytes] | OSError]") -> None:
        """Starts the child, receives what it says, and collects it when it has ended."""
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C in the terminal goes to the parent alone
            )
        except OSError as error:
            started.put(error)
            return
        started.put(process)
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                try:
                    self._inbox.put(message_in(line))  # type: ignore[arg-type]
                except Garbled as error:
                    if line.endswith(b"\n"):  # else: cut off by the child's end
                        self._garbled = f"it said something that is no message ({error})"
                    process.kill()
                    break
        process.wait()
        self._outbox.put(None)
        self._inbox.put(Gone())

    def _write(self) -> None:
        assert self._process.stdin is not None
        try:
            with self._process.stdin as pipe:
                while (line := self._outbox.get()) is not None:
                    pipe.write(line)
                    pipe.flush()
        except OSError:
            pass  # the child has ended; the reading thread says so

    def _keep_log(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                text = self._discretion.applied_to(line.decode("utf-8", "replace").rstrip())
                self._last_lines.append(text)
                _LOG.info("child %d: %s", self.pid, text)

    def _kill_group(self) -> None:
        """Once only: the number may belong to somebody else later."""
        if self._group_killed:
            return
        self._group_killed = True
        if sys.platform == "win32":
            self._process.kill()
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left
            os.killpg(self.pid, signal.SIGKILL)


def _telling_line(lines: "deque[str]") -> str:
    """The line that says most about an end: the interpreter's own word, else the last one."""
    spoken = [line.strip() for line in lines if line.strip()]
    fatal = [line for line in spoken if line.startswith("Fatal Python error")]
    return (fatal or spoken or [""])[-1][:200]


def _ending(returncode: int | None) -> str:
    if returncode is None:
        return "it does not answer"
    if returncode >= 0:
        return f"it ended by itself with code {returncode}"
    try:
        name = signal.Signals(-returncode).name
    except ValueError:
        name = f"signal {-returncode}"
    hint = {
        "SIGKILL": " (the system was out of memory, or somebody ended it)",
        "SIGTERM": " (somebody ended it)",
        "SIGSEGV": " (a library crashed)",
        "SIGABRT": " (a library gave up)",
        "SIGBUS": " (a file or the disk went away under it)",
        "SIGILL": " (a library was built for another processor)",
    }.get(name, "")
    return f"it was ended by {name}{hint}"
