import pytest

from sottovoce_engine.renderers.discretion import Discretion

LINE = "I never told anyone about the cellar door, you know"
DISCRETION = Discretion([LINE, "Stop", "No.", "don't go", "你从来没有告诉过任何人", ""])


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (f"speaking '{LINE}' now", "speaking '…' now"),
        ("ValueError: cannot say 'I never told anyone abo…'", "ValueError: cannot say '… abo…'"),
        ("tokens: about  THE\tcellar", "tokens: …"),
        ("[never told anyone] and [the cellar door]", "[…] and […]"),
        ("told anyone about, then anyone about the", "…, then …"),
        ("Stop said twice: stop", "… said twice: …"),
        ("stopped: No module named numpy", "stopped: No module named numpy"),
        ("she says don't go.", "she says …."),
        ("cannot say 你从来没有告诉过任何人!", "cannot say …!"),
        ("you know", "you know"),
        ("", ""),
    ],
)
def test_three_words_in_a_row_are_hidden(said: str, logged: str) -> None:
    assert DISCRETION.applied_to(said) == logged


def test_nothing_private_hides_nothing() -> None:
    assert Discretion().applied_to(LINE) == LINE
