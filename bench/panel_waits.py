"""How long the panel's window lets an event wait while it renders: a beat every 5 ms, and the longest time between two.

What the window's thread waits for a processor that other programs have is told apart, where the system tells it (Linux):
it is no fault of the panel's, and on a busy machine most of it.

beats     |   |   |   |              |   |
                      |-- a wait ----|
                      |~~|              another program had the processor
                         |-- held ---|  the window worked, or waited for Python's lock
"""

import itertools
import time
from pathlib import Path

VOICINGS = ("whisper", "soft", "quieter", "normal", "loud", "shout")
_BEAT_MS = 5
_DELAYS = Path("/proc/thread-self/schedstat")


def waits(path: Path) -> dict[str, str]:
    """Six regions are rendered with the scratch renderer, and again, by the real window."""
    from PySide6.QtCore import Qt, QTimer
    from tests.plugin.small_scene import write_small_scene

    from sottovoce.app import shown_panel
    from sottovoce.reading import default_reading

    lines = ((f"Anna {voicing}: wait for me", 2 + 16 * number, 14) for number, voicing in enumerate(VOICINGS))
    write_small_scene(path, marks=tuple(lines))
    application, panel = shown_panel(default_reading())
    panel.open_timeline(path)
    while not panel.editor.draft.regions or panel.work.is_under_way:
        application.processEvents()
    panel.editor.select([region.id for region in panel.editor.draft.regions])
    beats: list[tuple[float, float]] = []
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=_BEAT_MS)
    timer.timeout.connect(lambda: beats.append((time.perf_counter(), _delayed_s())))

    def longest() -> str:
        beats.clear()
        timer.start()
        panel.making.render_selected()
        while panel.queue.is_running or panel.reader.is_reading:
            application.processEvents()
            time.sleep(0.0005)
        timer.stop()
        both = [(then[0] - now[0], then[1] - now[1]) for now, then in itertools.pairwise(beats)]
        held = 1000 * max(wait - delay for wait, delay in both)
        return f"{held:.0f} ms; {1000 * max(wait for wait, _ in both):.0f} ms with waiting for a processor"

    first, then = longest(), longest()
    panel.close()
    return {"longest wait while rendering": then, "the same, first render of a session": first}


def _delayed_s() -> float:
    """How long this thread has waited for a processor so far; 0 where the system does not tell."""
    try:
        return int(_DELAYS.read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:
        return 0.0
