"""The panel over a two-hour timeline of 5,000 regions: opening, painting while it is moved about, editing, memory.

Everything runs in a process of its own on the screenless platform, which paints with the processor alone. How a painted
frame is measured, and against what, says `panel_painting.py`.
"""

import itertools
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
    from PySide6.QtCore import QSettings

WIDTH, HEIGHT = 2560, 1440
GOALS = {
    "window shown": "1.5 s",
    "timeline opened": "2 s",
    "painting, median": "8 ms",
    "painting, 99 of 100": "16 ms",
    "memory": "400 MB",
    "longest wait while rendering": "50 ms",
    "the same, first render of a session": "50 ms",
}
VOICINGS = ("whisper", "soft", "quieter", "normal", "loud", "shout")


def main() -> None:
    """Prints one table."""
    if len(sys.argv) > 2:
        print(json.dumps({"panel": measured, "rendering": waits}[sys.argv[1]](Path(sys.argv[2]))))
        return
    from bench.large_timeline import REGIONS, write_large

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.otio"
        write_large(path)
        found = {**_apart("panel", path), **_apart("rendering", Path(folder) / "six.otio")}
    print(f"| {REGIONS:,} regions, {WIDTH}×{HEIGHT} | found | goal |")
    print("|---|---|---|")
    for what, figure in found.items():
        print(f"| {what} | {figure} | {GOALS.get(what, '')} |")


def _apart(what: str, path: Path) -> dict[str, str]:
    """Figures of a process of its own."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "SOTTOVOCE_HOME": str(path.parent)}
    command = [sys.executable, "-m", "bench.panel", what, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def waits(path: Path) -> dict[str, str]:
    """The longest the window lets an event wait while it renders six regions with the scratch renderer, and again."""
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtWidgets import QApplication
    from tests.plugin.small_scene import write_small_scene

    from sottovoce.reading import default_reading
    from sottovoce.scene_desk import SceneDesk
    from sottovoce_ui.panel import Panel

    lines = ((f"Anna {voicing}: wait for me", 2 + 16 * number, 14) for number, voicing in enumerate(VOICINGS))
    write_small_scene(path, marks=tuple(lines))
    application = QApplication([])
    reading = default_reading()
    panel = Panel(SceneDesk(reading), reading.registers, _settings())
    panel.show()
    panel.open_timeline(path)
    while not panel.editor.draft.regions:
        application.processEvents()
    panel.editor.select([region.id for region in panel.editor.draft.regions])
    beats: list[float] = []
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=5)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))

    def longest() -> float:
        beats.clear()
        timer.start()
        panel.making.render_selected()
        while panel.queue.is_running or panel.reader.is_reading:
            application.processEvents()
            time.sleep(0.0005)
        timer.stop()
        return 1000 * max(later - sooner for sooner, later in itertools.pairwise(beats))

    first, then = longest(), longest()
    panel.close()
    return {
        "longest wait while rendering": f"{then:.0f} ms",
        "the same, first render of a session": f"{first:.0f} ms",
    }


def measured(path: Path) -> dict[str, str]:
    """The figures of this process."""
    began = time.perf_counter()
    from bench.panel_painting import painting
    from PySide6.QtWidgets import QApplication

    from sottovoce.reading import default_reading
    from sottovoce.scene_desk import SceneDesk
    from sottovoce_ui.panel import Panel

    application = QApplication([])
    reading = default_reading()
    settings = _settings()
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

    painted = painting(panel.timeline, panel.editor, WIDTH, HEIGHT)

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
        **painted,
        "one edit, journal included": f"{statistics.median(editing):.1f} ms",
        "memory": f"{memory:.0f} MB",
    }


def _settings() -> "QSettings":
    """Of nobody. Never a device: what is saved takes the place of the file it is saved to."""
    from PySide6.QtCore import QSettings

    return QSettings(str(Path(os.environ["SOTTOVOCE_HOME"]) / "panel.ini"), QSettings.Format.IniFormat)


def _peak_mb() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
