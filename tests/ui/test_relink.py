"""A timeline whose media were moved: asked about before it is shown, by real clicks."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot
from tests.plugin.moved_media import missing_in, write_moved_footage

from sottovoce_ui.dialogs.relink import RelinkDialog
from sottovoce_ui.panel import Panel

from .test_panel import made_panel, panel, wait_until_idle

__all__ = ["panel"]

pytestmark = pytest.mark.xdist_group("window")


@pytest.fixture
def media(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def timeline(tmp_path: Path, media: Path) -> Path:
    return write_moved_footage(tmp_path / "project", media)


def asked(qtbot: QtBot, panel: Panel, timeline: Path) -> RelinkDialog:
    panel.open_timeline(timeline)
    wait_until_idle(qtbot, panel)
    dialog = panel.dialogs.last
    assert isinstance(dialog, RelinkDialog)
    assert not panel.timeline.isVisible(), "it is asked before anything is shown"
    return dialog


def cells(dialog: RelinkDialog, column: int) -> list[str]:
    items = (dialog.table.item(row, column) for row in range(dialog.table.rowCount()))
    return [item.text() for item in items if item is not None]


def click_go_on(qtbot: QtBot, panel: Panel, dialog: RelinkDialog) -> None:
    QTest.mouseClick(dialog.go_on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.timeline.isVisible(), timeout=10_000)
    wait_until_idle(qtbot, panel)


def test_moved_media_are_found_in_a_folder_and_still_known_in_the_next_session(
    qtbot: QtBot, panel: Panel, timeline: Path, media: Path, tmp_path: Path
) -> None:
    dialog = asked(qtbot, panel, timeline)
    assert cells(dialog, 0) == [str(path) for path in missing_in(timeline)]
    assert cells(dialog, 1) == ["street", "kitchen", "hall", "music"]
    assert dialog.go_on.text() == "&Go on without 4"
    assert dialog.search.isDefault(), "Return searches, and does not cancel"
    with qtbot.waitSignal(dialog.idle, timeout=20_000):
        dialog.search_in(media)
        assert not dialog.go_on.isEnabled(), "while it searches"
    assert cells(dialog, 2) == [str(media / "day 1" / path.name / path.name) for path in missing_in(timeline)]
    assert dialog.go_on.text() == "&Go on"
    click_go_on(qtbot, panel, dialog)
    assert "missing" not in panel.message.text()
    panel.close()
    again = made_panel(qtbot, tmp_path)
    again.open_timeline(timeline)
    wait_until_idle(qtbot, again)
    assert again.timeline.isVisible()
    assert str(media) in again.editor.scene.pictures[0].source.path
    again.close()


def test_one_by_hand_and_on_without_the_others(qtbot: QtBot, panel: Panel, timeline: Path, media: Path) -> None:
    dialog = asked(qtbot, panel, timeline)
    hall = media / "day 1" / "hall.mov" / "hall.mov"
    with qtbot.waitSignal(dialog.idle, timeout=10_000):
        dialog.take(missing_in(timeline)[0], hall)
    assert "s long" in cells(dialog, 2)[0], "it is another file, which is told"
    assert dialog.go_on.text() == "&Go on without 3"
    click_go_on(qtbot, panel, dialog)
    assert panel.editor.scene.pictures[0].source.path == str(hall)
    assert "3 media files are missing; they are black and silent." in panel.message.text()


def test_on_without_any_and_it_is_spliced_in_black(qtbot: QtBot, panel: Panel, timeline: Path, tmp_path: Path) -> None:
    click_go_on(qtbot, panel, asked(qtbot, panel, timeline))
    panel.making.render_changed()
    wait_until_idle(qtbot, panel)
    panel.results.splice_into(tmp_path / "out")
    wait_until_idle(qtbot, panel)
    assert (tmp_path / "out" / "footage.mov").exists(), panel.message.text()


def test_a_cancelled_opening_leaves_the_first_page_and_lets_the_timeline_go(
    qtbot: QtBot, panel: Panel, timeline: Path, media: Path
) -> None:
    dialog = asked(qtbot, panel, timeline)
    cancel = dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel)
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert panel.first_page.isVisible()
    assert "Not opened" in panel.message.text()
    for path in missing_in(timeline):
        (media / "day 1" / path.name / path.name).rename(path)
    panel.open_timeline(timeline)
    wait_until_idle(qtbot, panel)
    assert panel.timeline.isVisible(), panel.message.text()


def test_a_file_that_cannot_be_played_is_refused_in_words(
    qtbot: QtBot, panel: Panel, timeline: Path, tmp_path: Path
) -> None:
    dialog = asked(qtbot, panel, timeline)
    (tmp_path / "notes.mov").write_text("no movie")
    with qtbot.waitSignal(dialog.idle, timeout=10_000):
        dialog.take(missing_in(timeline)[0], tmp_path / "notes.mov")
    assert "notes.mov" in dialog.message.text()
    assert dialog.files == {}


def test_a_window_closed_during_a_search_ends_it(qtbot: QtBot, panel: Panel, timeline: Path) -> None:
    dialog = asked(qtbot, panel, timeline)
    dialog.search_in(Path("/usr"))
    panel.close()
    assert panel.findChild(RelinkDialog) is None
