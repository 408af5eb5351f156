"""Writes the keys into docs/panel.md, and pictures of the panel over a rendered timeline beside it.

python -m docs.panel                             the keys alone
python -m docs.panel TIMELINE SPLICED_TIMELINE   the pictures, too; the second timeline is that of the joins
"""

import os
import sys
import tempfile
from pathlib import Path

from sottovoce_engine.registers import register_table
from sottovoce_ui.commands import COMMANDS, REGISTER_KEYS, Group

PAGE = Path(__file__).with_name("panel.md")
_BEGIN, _END = "<!-- keys -->\n", "<!-- end of keys -->\n"


def keys_table() -> str:
    """A row for each command, menu by menu."""
    registers = zip(REGISTER_KEYS, register_table().names, strict=False)
    numbers = ", ".join(f"{key} {name}" for key, name in registers)
    rows = ["| menu | command | keys |", "|---|---|---|"]
    for group in Group:
        for command in COMMANDS:
            if command.group is group:
                text = command.text.replace("&", "") + (f": {command.about}" if command.about else "")
                rows.append(f"| {group} | {text} | {' '.join(f'`{key}`' for key in command.keys)} |")
    rows.append(f"| | mark the range, or change what is selected | {numbers} |")
    return "\n".join(rows) + "\n"


def page_with_keys(page: str) -> str:
    """The page with the table in its place."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{keys_table()}\n{_END}{after}"


def write_pictures(timeline: Path, spliced: Path) -> None:
    """The panel in both themes; the joins are those of `spliced`."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from sottovoce.reading import default_reading
    from sottovoce.scene_desk import SceneDesk
    from sottovoce_ui.panel import Panel
    from sottovoce_ui.theme import OutlinedStyle, palette_for
    from sottovoce_ui.viewer_foot import Shown

    application = QApplication([])
    application.setStyle(OutlinedStyle())
    reading = default_reading()

    def wait(milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def opened(panel: Panel, path: Path) -> None:
        panel.open_timeline(path)
        wait(50)
        while panel.work.is_under_way or not panel.commands["open"].isEnabled():
            wait(50)
        second = panel.editor.draft.regions[1]
        panel.editor.select((second.id,))
        panel.editor.go_to(second.span.start + 12)

    for name, theme in (("light", Qt.ColorScheme.Light), ("dark", Qt.ColorScheme.Dark)):
        application.setPalette(palette_for(theme))
        with tempfile.TemporaryDirectory() as folder:
            settings = QSettings(str(Path(folder) / "panel.ini"), QSettings.Format.IniFormat)
            panel = Panel(SceneDesk(reading), reading.registers, settings)
            panel.resize(1440, 860)
            panel.show()
            wait(200)
            panel.grab().save(str(PAGE.with_name(f"panel-first-{name}.png")))
            opened(panel, timeline)
            wait(15_000)  # takes are listened to, waveforms measured
            panel.grab().save(str(PAGE.with_name(f"panel-{name}.png")))
            panel.docks["queue"].raise_()
            panel.making.render_selected()
            wait(8_000)  # a take is rendered and judged
            panel.grab().save(str(PAGE.with_name(f"panel-queue-{name}.png")))
            opened(panel, spliced)
            panel.docks["splice"].raise_()
            wait(8_000)  # joins are listened to
            panel.viewer.change_to(Shown.SCENE)
            wait(1_000)
            panel.grab().save(str(PAGE.with_name(f"panel-splice-{name}.png")))
            panel.close()


if __name__ == "__main__":
    PAGE.write_text(page_with_keys(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    match sys.argv[1:]:
        case [timeline, spliced]:
            write_pictures(Path(timeline), Path(spliced))
        case [_, *_]:
            sys.exit(__doc__)
