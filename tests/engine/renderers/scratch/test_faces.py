from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageFont
from PIL.ImageFont import Layout
from tests.programs import lacking

from sottovoce_engine.renderers.scratch.faces import can_turn_text, face_for, reads_leftwards, turned


def test_plain_english_uses_the_face_inside_pillow() -> None:
    assert face_for("Close your eyes.").path == ""


def test_what_no_face_can_draw_is_described_and_never_drawn_as_boxes() -> None:
    face = face_for("\U00012000\U00012001\U00012002")  # cuneiform
    if face.path == "":
        assert face.text == "(3 characters, Cuneiform: no typeface here has them)"


def test_single_missing_characters_are_left_out() -> None:
    face = face_for("Hello \U0010fffd\x07there\ufe0f")
    assert face.text == "Hello there"


@pytest.mark.parametrize(
    ("text", "leftwards"), [("Hello", False), ("שלום", True), ("«سلام»", True), ("42", False), ("", False)]
)
def test_the_first_strong_letter_decides_the_direction(text: str, leftwards: bool) -> None:
    assert reads_leftwards(text) == leftwards


@pytest.mark.skipif(not can_turn_text(), reason="this Pillow has no Raqm or FriBiDi to compare with")
@pytest.mark.parametrize("line", ["שלום עולם!", "הגעתי ב 10:30 (שוב)", "הוא אמר Hello there ויצא"])
def test_without_bidi_a_line_is_turned_as_bidi_would(line: str) -> None:
    """Ink lies where Raqm lays it, and not where the untouched line would."""
    path = face_for(line).path
    if not path:
        lacking("no face with Hebrew letters: apt-get install fonts-dejavu-core")
    basic = ImageFont.truetype(path, 32, layout_engine=Layout.BASIC)
    wanted = ink(ImageFont.truetype(path, 32, layout_engine=Layout.RAQM).getmask(line, direction="rtl"))
    ours, untouched = (np.corrcoef(wanted, ink(basic.getmask(text)))[0, 1] for text in (turned(line), line))
    assert ours > 0.75
    assert ours > untouched + 0.2


def ink(mask: Any) -> NDArray[np.float64]:
    """Ink by column, over 200 columns whatever the width."""
    width, height = mask.size
    columns = np.frombuffer(bytes(mask), np.uint8).reshape(height, width).sum(axis=0)
    return np.asarray(
        np.interp(np.linspace(0, width - 1, 200), np.arange(width), np.convolve(columns, np.ones(3), "same"))
    )
