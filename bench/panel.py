"""The panel over a two-hour timeline of 5,000 regions: opening, painting while it is moved about, editing, memory.

Everything runs in a process of its own on the screenless platform, which paints with the processor alone. How a painted
frame is measured, and against what, says `panel_painting.py`.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sottovoce_ui.panel import Panel

WIDTH, HEIGHT = 2560, 1440
GOALS = {
    "window shown": "1.5 s",
    "timeline opened": "2 s",
    "painting, median": "8 ms",
    "painting, 99 of 100": "16 ms",
    "memory": "400 MB",
    "first render of a session": "50 ms",
    "another one, takes on top": "50 ms",
    "another one, queue on top": "50 ms",
    "another one, splice on top": "50 ms",
    "selecting a region": "30 ms",
}


def main() -> None:
    """Prints one table."""
    if len(sys.argv) > 2:
        from bench.panel_waits import waits

        print(json.dumps({"opened": opened, "panel": measured, "rendering": waits}[sys.argv[1]](Path(sys.argv[2]))))
        return
    from bench.large_timeline import REGIONS, write_large

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.otio"
        write_large(path)
        figures_apart("opened", path)  # an installed program has its bytecode
        found = {**figures_apart("panel", path), **figures_apart("rendering", Path(folder) / "six.otio")}
    print(f"| {REGIONS:,} regions, {WIDTH}×{HEIGHT} | found | goal |")
    print("|---|---|---|")
    for what, figure in found.items():
        print(f"| {what} | {figure} | {GOALS.get(what, '')} |")


def figures_apart(what: str, path: Path) -> dict[str, str]:
    """Figures of a process of its own."""
    own = {"QT_QPA_PLATFORM": "offscreen", "SOTTOVOCE_HOME": str(path.parent)}
    bytecode = {"PYTHONPYCACHEPREFIX": str(path.parent / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    environment = {**os.environ, **own, **bytecode}
    command = [sys.executable, "-m", "bench.panel", what, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def opened(path: Path) -> dict[str, str]:
    """Of a window that is shown and opens a timeline."""
    figures, panel = _opened(path)
    panel.close()
    return figures


def _opened(path: Path) -> "tuple[dict[str, str], Panel]":
    told = _Watch()
    from sottovoce.app import shown_panel
    from sottovoce.reading import default_reading

    application, panel = shown_panel(default_reading())
    shown = told.so_far()
    told = _Watch()
    panel.open_timeline(path)
    while not panel.editor.draft.regions:
        application.processEvents()
        time.sleep(0.001)
    panel.timeline.grab()
    return {"window shown": shown, "timeline opened": told.so_far()}, panel


def measured(path: Path) -> dict[str, str]:
    """The figures of this process."""
    figures, panel = _opened(path)
    from bench.panel_painting import painting, painting_finely

    painted = painting(panel.timeline, panel.editor, WIDTH, HEIGHT)

    region = panel.editor.draft.regions[2500]
    panel.editor.select((region.id,))
    editing = []
    for _ in range(30):
        start, worked = time.perf_counter(), time.thread_time()
        panel.marking.nudge(1)
        editing.append((1000 * (time.perf_counter() - start), 1000 * (time.thread_time() - worked)))
    memory = _peak_mb()
    painted |= painting_finely(panel.timeline)
    panel.close()
    edit, own = (statistics.median(each) for each in zip(*editing, strict=True))
    return {
        **figures,
        **painted,
        "one edit, journal included": f"{edit:.1f} ms; {own:.1f} ms of the window's own work",
        "memory": f"{memory:.0f} MB",
    }


class _Watch:
    """Time since it was made, and how much of a processor: on a busy machine the one says little without the other."""

    def __init__(self) -> None:
        self._began, self._worked = time.perf_counter(), time.process_time()

    def so_far(self) -> str:
        took, worked = time.perf_counter() - self._began, time.process_time() - self._worked
        return f"{took:.2f} s; {worked:.2f} s of a processor"


def _peak_mb() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
