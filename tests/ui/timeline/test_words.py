"""What is left of a text where there is no room for all of it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from sottovoce_ui.timeline.canvas import pixels_of
from sottovoce_ui.timeline.words import Words

WHITE = QColor("white")


def written(words: Words, text: str, room: int, width: int = 400) -> NDArray[np.bool_]:
    """`[height, width]`: where a text shows, its room beginning at the left edge."""
    image = QImage(width, words.height, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    words.draw(painter, 0, 0, room, text, WHITE)
    painter.end()
    return np.asarray((pixels_of(image) & 0xFFFFFF) != 0).copy()


@pytest.fixture(params=[1.0, 1.25, 2.0])
def words(request: pytest.FixtureRequest, qapp: QApplication) -> Words:
    assert qapp is not None
    return Words(QFont(), float(request.param))


def test_what_fits_is_shown_whole_and_what_does_not_stays_in_its_room(words: Words) -> None:
    whole = written(words, "come closer", 400)
    used = int(np.flatnonzero(whole.any(axis=0))[-1]) + 1
    for room in range(used):
        assert not written(words, "come closer", room)[:, room:].any()
    assert (written(words, "come closer", used + 3) == whole).all()


def test_no_letter_is_cut_in_two(words: Words) -> None:
    whole = written(words, "iiiiiiiiii", 400)
    columns: NDArray[np.bool_] = np.max(whole, axis=0)
    begun = columns & ~np.roll(columns, 1)
    assert np.count_nonzero(begun) == 10, "each letter is a stem of its own"
    ends = set()
    for room in range(int(np.flatnonzero(columns)[-1])):
        shown = written(words, "iiiiiiiiii", room)
        if shown.any():
            first = int(np.argmax(np.max(shown != whole, axis=0)))
            assert not columns[first] or begun[first], "the first difference is no part of a letter that was begun"
            ends.add(int(np.count_nonzero(begun[:first])))
    assert len(ends) > 3


def test_a_script_that_reads_from_the_right_keeps_its_beginning(words: Words) -> None:
    text = "אבגדהוז חטיכל"
    whole, cut = written(words, text, 400), written(words, text, 70)
    kept = np.flatnonzero(cut.any(axis=0))[-1]
    end = np.flatnonzero(whole.any(axis=0))[-1]
    assert (cut[:, kept - 10 : kept + 1] == whole[:, end - 10 : end + 1]).all()


def test_two_lines_part_a_text_between_words(words: Words) -> None:
    text = "ill ill ill ill"
    gap = 2 * words.height
    seen = set()
    for room in range(20, 160):
        image = QImage(400, gap + words.height, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        words.draw_in_two(painter, 0, (0, gap), room, text, WHITE)
        painter.end()
        shown = np.asarray((pixels_of(image) & 0xFFFFFF) != 0)
        assert not shown[:, room:].any()
        first, second = (np.max(part, axis=0) for part in (shown[: words.height], shown[gap:]))
        stems = tuple(int(np.count_nonzero(line & ~np.roll(line, 1))) for line in (first, second))
        seen.add(stems)
    assert (6, 6) in seen, "two words in each line"
    assert (12, 0) in seen, "one line is enough"
    assert all(one % 3 == 0 for one, other in seen if other), "no word is parted"


def test_dots_alone_are_not_shown(words: Words) -> None:
    assert not written(words, "WWWWWWWW", 12).any()
