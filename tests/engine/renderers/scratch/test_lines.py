import pytest

from sottovoce_engine.renderers.scratch.lines import ENGLISH, can_be_said, reading_of


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Close your eyes.", ENGLISH),
        ("42", ENGLISH),
        ("Привет, мир", "ru"),
        ("Привіт, світе, її", "uk"),
        ("שלום עולם", "he"),
        ("مرحبا بالعالم", "ar"),
        ("چشم‌هایت را ببند", "fa"),
        ("你好世界", "cmn"),
        ("こんにちは、世界", "ja"),
        ("안녕하세요", "ko"),
        ("नमस्ते दुनिया", "hi"),
        ("Καλημέρα", "el"),
        ("สวัสดี", "th"),
        ("Ｈｅｌｌｏ", ENGLISH),
        ("Он сказал OK", "ru"),
    ],
)
def test_the_script_decides_the_language(line: str, language: str) -> None:
    reading = reading_of(line)
    assert reading.language == language
    assert can_be_said(reading.text)


def test_emoji_inside_a_line_are_skipped_with_a_note() -> None:
    reading = reading_of("Hello 👋🏽 my 👨‍👩‍👧 friend ❤️!")
    assert reading.text == "Hello my friend !"
    assert reading.notes == ("emoji are not spoken",)


def test_a_line_of_emoji_alone_is_left_to_the_program_that_names_them() -> None:
    assert reading_of("😀🎉").text == "😀🎉"
    assert not can_be_said(reading_of("😀🎉").text)


def test_words_of_another_script_are_left_out_of_an_english_line_and_named() -> None:
    reading = reading_of("He said Привет to all of us")
    assert reading.text == "He said to all of us"
    assert reading.notes == ("words in another script are not spoken (cyrillic)",)


def test_accents_are_read_as_english_and_say_so() -> None:
    assert reading_of("Ça va, Zoë?").notes == ("read as English",)
    assert reading_of("Is it fine?").notes == ()


def test_control_characters_and_line_breaks_are_no_speech() -> None:
    assert reading_of("one\x07\u202e two\n\tthree").text == "one two three"
