"""What is missing, added or wrong, by name and by place."""

from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.judge.line_words import compared
from sottovoce_engine.judge.pronouncing import sound_alike
from sottovoce_engine.judge.word_diff import Change, character_error_rate, word_steps
from sottovoce_engine.timing import Span

from .test_written_words import heard


def changes(line: str, text: str) -> list[tuple[str, str, str]]:
    return [(s.change, s.line, s.heard) for s in compared(line, heard(text), "en").diff if s.change is not Change.SAME]


def test_each_change_is_named() -> None:
    assert changes("I will not go there.", "I will know there now.") == [
        ("wrong", "not", "know"),
        ("missing", "go", ""),
        ("added", "", "now."),
    ]


def test_a_dropped_negation_is_named_though_the_rate_is_small() -> None:
    comparison = compared("I did not tell anybody about the money.", heard("I did tell anybody about the money."), "en")
    assert comparison.cer < 0.25
    assert [(s.change, s.line) for s in comparison.diff if s.change is not Change.SAME] == [("missing", "not")]


def test_a_missing_word_lies_between_its_neighbours() -> None:
    (missing,) = [s for s in compared("one two three", heard("one three"), "en").diff if s.change is Change.MISSING]
    assert missing.span == Span(4800, 4800)


def test_times_of_the_lines_words_are_those_of_what_was_heard() -> None:
    words = compared("At 7:45, he left.", heard("At 745 he left"), "en").words
    assert [(word.text, word.span.start // 4800) for word in words] == [
        ("At", 0),
        ("7:45,", 1),
        ("he", 2),
        ("left.", 3),
    ]


def test_one_part_of_a_numeral_can_be_wrong() -> None:
    assert changes("twenty-one men", "22 men") == [("wrong", "one", "22")]


def test_an_amount_keeps_both_its_words() -> None:
    assert changes("$5 million", "$6 million") == [("wrong", "five", "$6 million")]


words = st.lists(st.sampled_from(["a", "lie", "alive", "their", "there", "boat", "no", "know", "now"]), max_size=9)


@given(words, words)
def test_steps_take_every_word_once_and_in_order(line: list[str], other: list[str]) -> None:
    steps = word_steps(line, other, sound_alike)
    assert [place for step in steps for place in range(step.line_start, step.line_end)] == list(range(len(line)))
    assert [place for step in steps for place in range(step.heard_start, step.heard_end)] == list(range(len(other)))
    rate = character_error_rate(line, other, steps)
    assert (rate == 0.0) == all(step.change is Change.SAME for step in steps)
