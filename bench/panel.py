"""The panel over a two-hour timeline of 5,000 regions: opening, painting while it is moved about, editing, memory.

Everything runs in a process of its own on the screenless platform, which paints with the processor alone. The floor of
a painted frame is filling the same picture with one colour: no view that paints all of it can be faster.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

WIDTH, HEIGHT = 2560, 1440
FRAMES = 200
GOALS = {
    "window shown": "1.5 s",
    "timeline opened": "2 s",
    "painting, median": "8 ms",
    "painting, 99 of 100": "16 ms",
    "memory": "400 MB",
}


def main() -> None:
    """Prints one table."""
    if len(sys.argv) > 1:
        print(json.dumps(measured(Path(sys.argv[1]))))
        return
    from bench.large_timeline import REGIONS, write_large

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.otio"
        write_large(path)
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "SOTTOVOCE_HOME": folder,
        }
        command = [sys.executable, "-m", "bench.panel", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    print(f"| {REGIONS:,} regions, {WIDTH}×{HEIGHT} | found | goal |")
    print("|---|---|---|")
    for what, found in json.loads(done.stdout.splitlines()[-1]).items():
        print(f"| {what} | {found} | {GOALS.get(what, '')} |")


def measured(path: Path) -> dict[str, str]:
    """The figures of this process."""
    began = time.perf_counter()
    from PySide6.QtCore import QSettings
    from PySide6.QtGui import QColor, QPainter, QPixmap
    from PySide6.QtWidgets import QApplication

    from sottovoce.reading import default_reading
    from sottovoce.scene_desk import SceneDesk
    from sottovoce_ui.panel import Panel

    application = QApplication([])
    reading = default_reading()
    settings = QSettings(os.devnull, QSettings.Format.IniFormat)
    panel = Panel(SceneDesk(reading), reading.registers, settings)
    panel.show()
    application.processEvents()
    shown = time.perf_counter() - began

    began = time.perf_counter()
    panel.open_timeline(path)
    while not panel.editor.draft.regions:
        application.processEvents()
        time.sleep(0.001)
    panel.timeline.grab()
    opened = time.perf_counter() - began

    view, picture = panel.timeline, QPixmap(WIDTH, HEIGHT)
    view.resize(WIDTH, HEIGHT)

    def frame(move: Callable[[], None]) -> float:
        move()
        start = time.perf_counter()
        view.render(picture)
        return (time.perf_counter() - start) * 1000

    def filled() -> float:
        start = time.perf_counter()
        painter = QPainter(picture)
        painter.fillRect(picture.rect(), QColor("white"))
        painter.end()
        return (time.perf_counter() - start) * 1000

    moves: list[Callable[[], None]] = [lambda: view.zoom(1 / 1.1, WIDTH / 2)] * (FRAMES // 4)
    moves += [lambda: view.scroll_by(0.05)] * (FRAMES // 2)
    moves += [lambda: view.zoom(1.1, WIDTH / 3)] * (FRAMES // 4)
    for _ in range(3):
        frame(view.zoom_to_all)
    painting = [frame(move) for move in moves]
    floor = statistics.median(filled() for _ in range(50))

    region = panel.editor.draft.regions[2500]
    panel.editor.select((region.id,))
    editing = []
    for _ in range(30):
        start = time.perf_counter()
        panel.marking.nudge(1)
        editing.append((time.perf_counter() - start) * 1000)
    memory = _peak_mb()
    panel.close()
    return {
        "window shown": f"{shown:.2f} s",
        "timeline opened": f"{opened:.2f} s",
        "painting, median": f"{statistics.median(painting):.1f} ms",
        "painting, 99 of 100": f"{sorted(painting)[int(len(painting) * 0.99) - 1]:.1f} ms",
        "filling the picture once": f"{floor:.1f} ms",
        "one edit, journal included": f"{statistics.median(editing):.1f} ms",
        "memory": f"{memory:.0f} MB",
    }


def _peak_mb() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
