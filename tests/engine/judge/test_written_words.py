"""Numerals, short forms, punctuation and other scripts."""

import pytest

from sottovoce_engine.judge.line_words import compared
from sottovoce_engine.judge.recognition import Heard, HeardWord
from sottovoce_engine.judge.written_words import written_words
from sottovoce_engine.timing import Span


def heard(text: str, language: str = "en") -> Heard:
    """`text` as if a recogniser had heard it, a tenth of a second for each word."""
    words = tuple(
        HeardWord(text=word, span=Span(4800 * place, 4800 * (place + 1)), probability=0.9)
        for place, word in enumerate(text.split())
    )
    return Heard(text=text, language=language, words=words)


SAME = [
    ("Twenty-one of them.", "21 of them."),
    ("Twenty one of them", "21 of them"),
    ("It's over.", "It is over."),
    ("It’s been years.", "It has been years."),
    ("He'd gone.", "He had gone."),
    ("I'm gonna wait.", "I am going to wait."),
    ("You can't.", "You cannot."),
    ("You can't.", "You can not."),
    ("I'd've told 'em.", "I would have told them."),
    ("The 21st of May.", "The twenty-first of May."),
    ("Since 1999.", "Since nineteen ninety-nine."),
    ("In 2005", "in two thousand and five"),
    ("In 1905", "in nineteen oh five"),
    ("In the '90s", "in the nineties"),
    ("They left at 7:45.", "They left at 745."),
    ("At 9:00.", "At nine o'clock."),
    ("At 7:05 p.m.", "At seven oh five PM"),
    ("It cost $300.", "It cost three hundred dollars."),
    ("$9.50 each", "nine dollars and fifty cents each"),
    ("$5 million", "five million dollars"),
    ("Half is 50%.", "half is fifty percent"),
    ("A hundred and one.", "101"),
    ("Room 101", "Room one oh one"),
    ("1,250 men", "one thousand two hundred and fifty men"),
    ("1/2 a mile", "one half a mile"),
    ("3.14", "three point one four"),
    ("Mr. Harris and Dr. Lee", "Mister Harris and Doctor Lee"),
    ("O.K., wait—no!", "Okay. Wait, no."),
    ("Their colour was grey.", "There color was gray"),
    ("Under the floorboards", "under the floor boards"),
    ("Goin' home", "going home"),
    ("WAIT… what?!", "wait what"),
    ("🎉 Hooray 🎉", "Hooray."),
    ("Well-known.", "well known"),
]


@pytest.mark.parametrize(("line", "other"), SAME)
def test_two_ways_to_write_what_sounds_the_same(line: str, other: str) -> None:
    for first, second in ((line, other), (other, line)):
        comparison = compared(first, heard(second), "en")
        assert comparison.cer == 0.0, [step for step in comparison.diff if step.change != "same"]
        assert all(step.change == "same" for step in comparison.diff)


@pytest.mark.parametrize(
    ("line", "other"),
    [("Since 1999", "since 1989"), ("I will", "I won't"), ("21", "22"), ("at 7:45", "at 7:15"), ("Yes.", "No.")],
)
def test_what_sounds_different_differs(line: str, other: str) -> None:
    assert compared(line, heard(other), "en").cer > 0.1


def test_words_keep_their_written_form() -> None:
    assert [word.text for word in written_words("They left at 7:45 — all   of them!", "en")] == [
        "They", "left", "at", "7:45", "all", "of", "them!",
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["", "   ", "🎉🎉", "… — !?", "'", "\u200b", '"'])
def test_a_line_that_nobody_can_say_holds_no_words(line: str) -> None:
    assert written_words(line, "en") == ()
    assert written_words(line, None) == ()


def test_other_languages_lose_case_and_punctuation_only() -> None:
    assert compared("Ça va, l'été ?", heard("ça va l’été", "fr"), "fr").cer == 0.0
    assert compared("Vingt et un", heard("21", "fr"), "fr").cer == 1.0
    assert compared("Straße", heard("STRASSE", "de"), "de").cer == 0.0


def test_a_script_without_spaces_is_compared_letter_by_letter() -> None:
    comparison = compared("日本語です。", heard("日本 語 でした", "ja"), "ja")
    assert [step.line for step in comparison.diff if step.change == "same"] == ["日", "本", "語", "で"]
    assert comparison.cer == pytest.approx(2 / 5)


def test_a_numeral_of_many_digits_is_read_digit_by_digit() -> None:
    (word,) = written_words("1" * 200, "en")
    assert word.readings == (("one",) * 200,)


def test_a_very_long_line_is_compared() -> None:
    line = "It's the 21st time I can't say it. " * 150
    assert compared(line, heard(line), "en").cer == 0.0
    assert compared(line, heard("No. " * 150), "en").cer > 0.8
