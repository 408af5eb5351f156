"""How long the panel's window lets an event wait while it renders: a beat every 5 ms, and the longest time between two.

What the window's thread waits for a processor is told apart, where the system tells it (Linux): another program has it, or
the host that this machine is lent by. It is no fault of the panel's, and on a busy machine most of it.

beats     |   |   |   |              |   |
                      |-- a wait ----|
                      |~~|              another program had the processor, or the host
                         |-- held ---|  the window worked, or waited for Python's lock

`python -m bench.panel_waits 8` opens eight windows, one after the other, and prints the least, the middle and the longest;
`python -m bench.panel_waits names` says of one window which events and which slots the longest waits were.
"""

import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.panel_names import Names
    from PySide6.QtWidgets import QApplication

    from sottovoce_ui.panel import Panel

VOICINGS = ("whisper", "soft", "quieter", "normal", "loud", "shout")
_BEAT_MS = 5
_NAMED_MS = 15  # waits below are not worth a word
_SETTLED_S = 0.25  # after a region is selected
_DELAYS, _DELAYED = Path("/proc/thread-self/schedstat"), 1  # the column of what the thread waited, in ns
_PROCESSORS, _STOLEN = Path("/proc/stat"), 8  # of what the host took from all processors
_TICKS = 100  # a second, by which that is counted


def main() -> None:
    """Prints a table of several windows, or the names of one."""
    if sys.argv[1:] == ["names"]:
        with _own_folder() as folder:
            waits(folder / "six.otio", names=True)
        return
    from bench.panel import figures_apart

    rounds: dict[str, list[float]] = {}
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 8):
        with _own_folder() as folder:
            for what, told in figures_apart("rendering", folder / "six.otio").items():
                held, worked = (float(figure.split()[0]) for figure in told.split(";")[:2])
                rounds.setdefault(what, []).append(held)
                rounds.setdefault(f"own work, {what}", []).append(worked)
                print(f"load {os.getloadavg()[0]:.1f}: {what}: {told}", file=sys.stderr)
    print(f"| held, ms; load {os.getloadavg()[1]:.1f} | least | middle | longest |\n|---|---|---|---|")
    for what, found in rounds.items():
        print(f"| {what} | {min(found):.0f} | {statistics.median(found):.0f} | {max(found):.0f} |")


@contextmanager
def _own_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QT_QPA_PLATFORM": "offscreen", "SOTTOVOCE_HOME": folder}
        yield Path(folder)


def waits(path: Path, *, names: bool = False) -> dict[str, str]:
    """Six regions are rendered with the scratch renderer by the real window, then again with each pane on top.

    Args:
        path: Where the timeline is written.
        names: Prints the longest waits with the events in them; that costs time of its own.
    """
    application, panel = _opened(path)
    watch = _Watch(application, names=names)
    regions = [region.id for region in panel.editor.draft.regions]

    def selecting() -> None:
        for region_id in regions:
            panel.editor.select([region_id])
            watch.settle()

    def rendering() -> None:
        panel.editor.select(regions)
        panel.making.render_selected()
        watch.go_on(lambda: panel.queue.is_running or panel.reader.is_reading)

    found = {"first render of a session": watch.longest("first render", rendering)}
    for name in ("takes", "queue", "splice"):
        panel.docks[name].raise_()
        found[f"another one, {name} on top"] = watch.longest(f"{name} on top", rendering)
    panel.docks["takes"].raise_()
    watch.settle()
    found["selecting a region"] = watch.longest("selecting", selecting)
    panel.close()
    return found


def _opened(path: Path) -> "tuple[QApplication, Panel]":
    from tests.plugin.small_scene import write_small_scene

    from sottovoce.app import shown_panel
    from sottovoce.reading import default_reading

    lines = ((f"Anna {voicing}: wait for me", 2 + 16 * number, 14) for number, voicing in enumerate(VOICINGS))
    write_small_scene(path, marks=tuple(lines))
    application, panel = shown_panel(default_reading())
    panel.open_timeline(path)
    while not panel.editor.draft.regions or panel.work.is_under_way:
        application.processEvents()
    return application, panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """When it came, and how long the window's thread had waited for a processor by then; all in seconds."""

    at: float
    delayed: float
    stolen: float  # how long the host had taken a processor, any of them; in steps of 10 ms
    worked: float  # and how long the thread had worked itself


class _Watch:
    """The beats of one window."""

    def __init__(self, application: "QApplication", *, names: bool) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._application = application
        self._beats: list[Beat] = []
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=_BEAT_MS)
        self._timer.timeout.connect(lambda: self._beats.append(_beat()))
        self._names: Names | None = _named(application) if names else None

    def go_on(self, while_: Callable[[], bool]) -> None:
        """Answers events as long as that is so."""
        while while_():
            self._application.processEvents()
            time.sleep(0.0005)

    def settle(self) -> None:
        """Answers events until what was done lately is shown."""
        until = time.monotonic() + _SETTLED_S
        self.go_on(lambda: time.monotonic() < until)

    def longest(self, what: str, act: Callable[[], None]) -> str:
        """The longest wait, held and with what was waited for a processor."""
        self._beats.clear()
        self._timer.start()
        act()
        self._timer.stop()
        pairs = list(itertools.pairwise(self._beats))
        held = 1000 * max(_held(*pair) for pair in pairs)
        if self._names is not None:
            print(f"{what}: {held:.0f} ms")
            for one, other in pairs:
                if 1000 * _held(one, other) > _NAMED_MS:
                    print(f"  {1000 * _held(one, other):.0f} ms: {self._names.between(one.at, other.at)}")
            self._names.forget()
        worked = 1000 * max(other.worked - one.worked for one, other in pairs)
        whole = 1000 * max(other.at - one.at for one, other in pairs)
        stolen = 1000 * max(other.stolen - one.stolen for one, other in pairs)
        return (
            f"{held:.0f} ms; {worked:.0f} ms of work at most; {whole:.0f} ms with waiting for a processor, "
            f"{stolen:.0f} ms for the host at most"
        )


def _named(application: "QApplication") -> "Names":
    from bench.panel_names import Names

    return Names(application)


def _beat() -> Beat:
    delayed, stolen = _told(_DELAYS, _DELAYED) / 1e9, _told(_PROCESSORS, _STOLEN) / _TICKS
    return Beat(at=time.perf_counter(), delayed=delayed, stolen=stolen, worked=time.thread_time())


def _held(one: Beat, other: Beat) -> float:
    return (other.at - one.at) - (other.delayed - one.delayed) - (other.stolen - one.stolen)


def _told(path: Path, column: int) -> int:
    """What the system tells there; 0 where it does not."""
    try:
        return int(path.read_text(encoding="ascii").split()[column])
    except OSError:
        return 0


if __name__ == "__main__":
    main()
