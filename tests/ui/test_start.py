"""What a window costs before anything is open."""

import subprocess
import sys
from pathlib import Path

STARTING = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce_ui.panel import Panel
application = QApplication([])
reading = default_reading()
panel = Panel(SceneDesk(reading), reading.registers, QSettings(sys.argv[1], QSettings.Format.IniFormat))
panel.show()
application.processEvents()
heavy = {"torch", "diffusers", "transformers", "peft", "moviepy", "pydub", "opentimelineio", "onnxruntime", "pyworld"}
heavy |= {"scipy.signal", "scipy.stats", "pocketsphinx", "faster_whisper"}
print(sorted(heavy & sys.modules.keys()))
"""


def test_a_window_without_a_timeline_loads_nothing_heavy(tmp_path: Path) -> None:
    settings = str(tmp_path / "panel.ini")
    done = subprocess.run([sys.executable, "-c", STARTING, settings], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
