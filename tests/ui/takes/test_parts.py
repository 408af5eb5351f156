"""A region longer than one window: its parts' takes lie under it, and each part has its choice."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import opentimelineio as otio
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from tests.plugin.small_scene import RATE
from tests.ui.test_panel import made_panel, opened, press

from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce_engine.choices import with_chosen
from sottovoce_engine.plan import PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.timing import Span
from sottovoce_ui.panel import Panel
from sottovoce_ui.playing import take_playing
from sottovoce_ui.takes.model import HEADINGS

pytestmark = pytest.mark.xdist_group("window")

LINE = " ".join(["I told you that I would come back to you.", "I said it twice, and then I came here."] * 2)
REGION = Span(24, 510)  # 20.25 s
PART = HEADINGS.index("Part")


def write_long_scene(path: Path) -> Path:
    """One mark of 20 s, over nothing."""
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
    """Over one take of the first part, two of the second; nobody judged them."""
    source, reading = write_long_scene(tmp_path / "long.otio"), default_reading()
    desk = SceneDesk(replace(reading, settings=replace(reading.settings, judge=False)))
    draft = desk.open(source, Job()).draft
    (region,) = draft.regions
    for settings in (PlanSettings(), PlanSettings(only=(f"{region.id}-2",), again=True)):
        chosen = desk.render(draft, settings, Job(), lambda _: None)
        draft = replace(draft, choices=with_chosen(draft.choices, chosen))
    desk.save(draft)
    desk.close()
    shown = made_panel(qtbot, tmp_path)
    yield opened(qtbot, shown, source)
    shown.close()


def test_takes_of_parts_are_shown_chosen_and_counted_under_their_region(qtbot: QtBot, panel: Panel) -> None:
    (region,) = panel.editor.draft.regions
    press(panel, Qt.Key.Key_Tab)
    model, pile = panel.takes.model, panel.pile
    assert [model.index(row, PART).data() for row in range(model.rowCount())] == ["1", "2", "2"], panel.message.text()
    assert not panel.takes.table.isColumnHidden(PART)
    first, one, two = pile.of(region.id)
    assert pile.is_chosen(first)
    assert pile.is_chosen(one) != pile.is_chosen(two)
    assert pile.chosen(region.id) is None, "its parts have theirs"
    assert pile.chosen(first.take.job.region.id) == first
    qtbot.waitUntil(lambda: panel.standing.plan is not None, timeout=20_000)
    assert "no take" not in panel.standing.states.values()

    other = two if pile.is_chosen(one) else one
    panel.takes.table.selectRow(model.row_of(other.take.key))
    press(panel, Qt.Key.Key_Return, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert pile.is_chosen(other)
    assert pile.is_chosen(first), "the other part keeps its"
    assert panel.takes.take == other, "what is looked at stays so"

    press(panel, Qt.Key.Key_Delete, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert model.rowCount() == 2
    assert panel.takes.take is not None
    assert panel.takes.take != other
    qtbot.waitUntil(lambda: panel.standing.states.get(region.id) == "no take", timeout=20_000)

    panel.marking.nudge(-10)
    playing = take_playing(one, panel.editor.scene)
    assert playing.span.start == one.take.job.window.start - 10, "a part moves with its region"
