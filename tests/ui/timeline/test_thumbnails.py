"""The first pictures of clips: asked for by what is on the screen, made elsewhere, drawn where their clips begin."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft

from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import MediaRange, PicturePiece
from sottovoce_engine.timing import Span
from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.rows import RowKind
from sottovoce_ui.timeline.thumbnails import Thumbnails
from sottovoce_ui.timeline.view import TimelineView


class Studio:
    """Pictures as red as the second they are taken at is late."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Fraction]] = []

    def __call__(self, path: Path, at: Fraction, _: Job) -> NDArray[np.uint8]:
        self.taken.append((path.name, at))
        if path.name == "broken.mov":
            raise InputError("damaged")
        picture = np.zeros((72, 128, 3), np.uint8)
        picture[:, :, 0] = int(at) * 10
        return picture


def piece(start: int, end: int, path: str, second: int) -> PicturePiece:
    return PicturePiece(span=Span(start, end), source=MediaRange(path=path, start=Fraction(second)), clip="a")


def test_each_clip_begins_with_its_own_first_picture(qtbot: QtBot, qapp: QApplication) -> None:
    assert qapp is not None
    bare = draft()
    pictures = (
        piece(0, 80, "/a.mov", 5),
        piece(80, 160, "/broken.mov", 0),
        piece(160, 162, "/a.mov", 7),
        piece(162, 200, "", 0),
        piece(200, 240, "/a.mov", 20),
    )
    view = TimelineView(Editor(replace(bare, scene=replace(bare.scene, pictures=pictures))), register_table())
    qtbot.addWidget(view)
    view.resize(1000, 200)
    studio = Studio()
    thumbnails = Thumbnails(studio, view)
    thumbnails.made.connect(view.update)
    view.set_pictures(thumbnails)
    view.show()
    qtbot.waitUntil(lambda: thumbnails.made_pictures == 3)
    picture = view.grab().toImage()
    expected = [("a.mov", Fraction(5)), ("a.mov", Fraction(20)), ("broken.mov", Fraction(0))]
    assert sorted(studio.taken) == expected, "once each, and none without room"
    row = next(row for row in view.rows if row.kind is RowKind.PICTURES)

    def colour_at(frame: float) -> tuple[int, int, int]:
        colour = picture.pixelColor(round(view.scale.x(frame)), (row.top + row.bottom) // 2)
        return colour.red(), colour.green(), colour.blue()

    assert colour_at(6) == (50, 0, 0)
    assert colour_at(206) == (200, 0, 0)
    assert colour_at(95) == colour_at(170), "clips without one are plain"
    thumbnails.stop()
