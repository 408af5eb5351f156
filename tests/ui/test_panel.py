"""The window over the real application: a real timeline is opened, rendered and stopped."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import MARKS, write_small_scene

from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce_engine.registers import register_table
from sottovoce_ui.panel import Panel
from sottovoce_ui.regions_model import HEADINGS

pytestmark = pytest.mark.xdist_group("window")


@pytest.fixture
def panel(qtbot: QtBot) -> Panel:
    shown = Panel(SceneDesk(default_reading()), register_table())
    qtbot.addWidget(shown)
    shown.show()
    return shown


def _wait_until_idle(qtbot: QtBot, panel: Panel) -> None:
    qtbot.waitUntil(lambda: panel.open_action.isEnabled(), timeout=60_000)


def test_an_opened_timeline_shows_its_regions(qtbot: QtBot, panel: Panel, tmp_path: Path) -> None:
    panel.open_timeline(write_small_scene(tmp_path / "scene.otio"))
    assert panel.cancel_action.isEnabled()
    _wait_until_idle(qtbot, panel)
    assert panel.model.rowCount() == len(MARKS)
    register = panel.model.index(0, HEADINGS.index("Register"))
    assert panel.model.data(register) == "W  whisper"
    assert panel.render_action.isEnabled()
    assert not panel.cancel_action.isEnabled()


def test_a_bad_timeline_is_a_message_and_the_window_stays_usable(qtbot: QtBot, panel: Panel, tmp_path: Path) -> None:
    (tmp_path / "bad.otio").write_text("not json")
    panel.open_timeline(tmp_path / "bad.otio")
    _wait_until_idle(qtbot, panel)
    assert "bad.otio" in panel.message.text()
    assert not panel.render_action.isEnabled()


def test_rendering_and_stopping(qtbot: QtBot, panel: Panel, tmp_path: Path) -> None:
    panel.open_timeline(write_small_scene(tmp_path / "scene.otio"))
    _wait_until_idle(qtbot, panel)
    panel.render_into(tmp_path / "out")
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    _wait_until_idle(qtbot, panel)
    assert "Stopped" in panel.message.text()
    assert not list((tmp_path / "out").glob("*.mov"))
    panel.render_into(tmp_path / "out")
    _wait_until_idle(qtbot, panel)
    assert (tmp_path / "out" / "scene.mov").exists(), panel.message.text()
    assert panel.show_action.isEnabled()
    state = HEADINGS.index("State")
    assert {panel.model.data(panel.model.index(row, state)) for row in range(len(MARKS))} == {"pinned"}
