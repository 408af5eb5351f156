"""A region longer than one window: its parts' takes lie under it, and each part has its choice."""

from collections.abc import Iterator
from pathlib import Path

import opentimelineio as otio
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import RATE
from tests.ui.test_panel import made_panel, opened, press, wait_until_idle

from sottovoce_engine.timing import Span
from sottovoce_ui.panel import Panel
from sottovoce_ui.playing import take_playing
from sottovoce_ui.takes.model import HEADINGS

pytestmark = pytest.mark.xdist_group("window")

LINE = " ".join(["I told you that I would come back to you.", "I said it twice, and then I came here."] * 4)
REGION = Span(24, 552)  # 22 s
PART = HEADINGS.index("Part")


def write_long_scene(path: Path) -> Path:
    """One mark of 22 s, over nothing."""
    timeline = otio.schema.Timeline(path.stem)
    timeline.metadata["sottovoce"] = {"raster": "64x48"}
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Gap(source_range=_range(0, 576)))
    timeline.tracks.append(track)
    marked = _range(REGION.start, REGION.length)
    timeline.tracks.markers.append(otio.schema.Marker(name=f"Anna soft: {LINE}", marked_range=marked))
    otio.adapters.write_to_file(timeline, str(path))
    return path


def _range(start: int, length: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, RATE), otio.opentime.RationalTime(length, RATE))


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path) -> Iterator[Panel]:
    shown = made_panel(qtbot, tmp_path)
    yield opened(qtbot, shown, write_long_scene(tmp_path / "long.otio"))
    shown.close()


def render_again(qtbot: QtBot, panel: Panel) -> None:
    press(panel, Qt.Key.Key_R, modifiers=Qt.KeyboardModifier.ControlModifier)
    wait_until_idle(qtbot, panel)


def test_takes_of_parts_are_shown_chosen_and_counted_under_their_region(qtbot: QtBot, panel: Panel) -> None:
    (region,) = panel.editor.draft.regions
    press(panel, Qt.Key.Key_Tab)
    render_again(qtbot, panel)
    model = panel.takes.model
    assert [model.index(row, PART).data() for row in range(model.rowCount())] == ["1", "2"], panel.message.text()
    assert not panel.takes.table.isColumnHidden(PART)
    first, second = panel.pile.of(region.id)
    assert panel.pile.is_chosen(first)
    assert panel.pile.is_chosen(second)
    assert panel.pile.chosen(region.id) is None
    assert panel.pile.chosen(second.take.job.region.id) == second
    qtbot.waitUntil(lambda: panel.standing.plan is not None, timeout=10_000)
    qtbot.waitUntil(lambda: "no take" not in panel.standing.states.values(), timeout=10_000)

    render_again(qtbot, panel)
    parts = [facts.take.job.region.id.rpartition("-")[2] for facts in panel.pile.of(region.id)]
    assert parts == ["1", "1", "2", "2"]
    _, _, third, fourth = panel.pile.of(region.id)
    other = fourth if panel.pile.is_chosen(third) else third
    before = [panel.pile.is_chosen(facts) for facts in panel.pile.of(region.id)[:2]]
    panel.takes.table.selectRow(model.row_of(other.take.key))
    press(panel, Qt.Key.Key_Return, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert panel.pile.is_chosen(other)
    assert [panel.pile.is_chosen(facts) for facts in panel.pile.of(region.id)[:2]] == before, "the other part keeps its"
    assert panel.takes.take == other, "what is looked at stays so"

    press(panel, Qt.Key.Key_Delete, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert model.rowCount() == 3
    assert panel.takes.take is not None
    assert panel.takes.take != other
    qtbot.waitUntil(lambda: panel.standing.states.get(region.id) == "no take", timeout=10_000)

    panel.marking.nudge(-10)
    part = next(facts for facts in panel.pile.of(region.id) if facts.take.job.region.id.endswith("-2"))
    playing = take_playing(part, panel.editor.scene)
    assert playing.span.start == part.take.job.window.start - 10, "a part moves with its region"
