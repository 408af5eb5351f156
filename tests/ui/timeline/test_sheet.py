"""Scrolling copies what stays on the screen: the picture is the one that would be drawn from nothing."""

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import MediaRange, PicturePiece, Region, SoundPiece
from sottovoce_engine.timing import Span
from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.canvas import pixels_of
from sottovoce_ui.timeline.look import Look
from sottovoce_ui.timeline.sheet import Sheet
from sottovoce_ui.timeline.view import TimelineView

LENGTH = 2000
NAMES = register_table().names


class Beat:
    """A sound that is another one at every place."""

    measured_files = 1

    def at(self, path: str, starts: NDArray[np.float64], seconds: float) -> NDArray[np.float32]:
        loud = np.abs(np.sin(np.round(starts, 6) * 3 + len(path)) * min(1.0, seconds * 10)).astype(np.float32)
        return np.stack([-loud, loud], axis=1)


def crowded(seed: int) -> Draft:
    """Regions, cuts and dissolves of all lengths, a bed of music under all of it."""
    dice, at = random.Random(seed), 0
    regions: list[Region] = []
    pictures: list[PicturePiece] = []
    sounds: list[SoundPiece] = []
    while at < LENGTH - 120:
        length = dice.choice([1, 2, 5, 12, 30, 60, 110])
        words = dice.choice(["", "come closer, please", "wait", "I never said that, not once, to anybody"])
        voice = dice.choice(["ANNA", "BEN"])
        one = region(len(regions) + 1, at, at + length, voice=voice, line=words)
        regions.append(replace(one, register=dice.choice(NAMES)))
        at += length + dice.choice([0, 0, 1, 7, 40])
    at = 0
    while at < LENGTH:
        end = min(LENGTH, at + dice.choice([3, 20, 90, 400]))
        source = MediaRange(path=f"/{dice.randint(1, 2)}.mov", start=Fraction(at, 24))
        dissolve = Span(at, end) if dice.random() < 0.3 else None
        pictures.append(PicturePiece(span=Span(at, end), source=source, clip=f"clip {at}", dissolve=dissolve))
        sounds.append(SoundPiece(span=Span(at, end), source=source, track="A1", clip=f"clip {at}", dialogue=True))
        at = end
    music = MediaRange(path="/music.wav", start=Fraction(0))
    sounds.append(SoundPiece(span=Span(0, LENGTH), source=music, track="A2", clip="music", dialogue=False))
    bare = draft()
    scene = replace(bare.scene, length_frames=LENGTH, pictures=tuple(pictures), sounds=tuple(sounds))
    return replace(bare, scene=scene.with_regions(tuple(regions)))


def picture_of(sheet: Sheet, look: Look) -> NDArray[np.uint32]:
    image = sheet.shown(look)
    return pixels_of(image).copy()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_scrolled_picture_is_as_one_drawn_from_nothing(
    qtbot: QtBot, qapp: QApplication, seed: int, ratio: float
) -> None:
    assert qapp is not None
    view = TimelineView(Editor(crowded(seed)), register_table())
    qtbot.addWidget(view)
    view.resize(420, 300)
    view.set_peaks(Beat())
    view.set_states({f"{number:08x}": "no take" for number in range(1, 40, 3)})
    dice, sheet = random.Random(seed), Sheet()
    for _ in range(6):
        view.zoom(dice.choice([0.6, 0.8, 1.3]), dice.uniform(0, 420))
        for _ in range(8):
            by = dice.choice([-200, -41, -3, 1, 8, 64, 190]) * 4 / 5
            view.scroll_by(by / 420)
            look = view.look(ratio)
            scrolled, fresh = picture_of(sheet, look), picture_of(Sheet(), look)
            assert (scrolled == fresh).all(), np.argwhere(scrolled != fresh)[0]


def test_what_stays_on_the_screen_is_not_drawn_anew(qtbot: QtBot, qapp: QApplication) -> None:
    assert qapp is not None
    many = draft(*(region(number, number * 2, number * 2 + 2) for number in range(120)))
    view = TimelineView(Editor(many), register_table())
    qtbot.addWidget(view)
    view.resize(1000, 300)
    view.zoom(0.5, 0)
    view.grab()
    all_of_them = view.drawn.regions
    assert all_of_them >= 90
    view.scroll_by(0.1)
    view.grab()
    assert 10 <= view.drawn.regions <= 14
    view.zoom(0.9)
    view.grab()
    assert view.drawn.regions > 80
