"""A pane behind a tab is not to be seen, for Qt's own reckoning either: it does nothing for nobody."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tests.ui.test_panel import made_panel

pytestmark = pytest.mark.xdist_group("window")


@pytest.mark.qt_log_ignore("does not support raise", "does not support propagateSizeHints", extend=True)
def test_a_pane_behind_a_tab_is_hidden_until_its_tab_is_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    panel = made_panel(qtbot, tmp_path)
    panes = {name: panel.docks[name].widget() for name in ("takes", "queue", "splice")}
    assert [name for name, pane in panes.items() if pane.isVisible()] == ["takes"]
    size = panel.docks["takes"].size()
    for each in ("splice", "queue", "takes"):
        panel.docks[each].raise_()
        assert [name for name, pane in panes.items() if pane.isVisible()] == [each]
        qtbot.wait(1)  # the window is laid out
        assert panel.docks[each].x() >= 0
        assert panel.docks[each].size() == size, "nothing else moves"
    panel.docks["queue"].setFloating(True)
    assert [name for name, pane in panes.items() if pane.isVisible()] == ["takes", "queue"]
    panel.close()


def test_they_come_back_as_they_were_left(qtbot: QtBot, tmp_path: Path) -> None:
    panel = made_panel(qtbot, tmp_path)
    panel.docks["splice"].raise_()
    panel.close()
    again = made_panel(qtbot, tmp_path)
    qtbot.waitUntil(lambda: again.joins.pane.isVisible())
    assert not again.takes.isVisible()
    again.close()
