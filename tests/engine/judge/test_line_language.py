"""English is told from other languages in Latin letters; where the letters do not say, nothing is guessed."""

import pytest

from sottovoce_engine.judge.line_language import language_of


@pytest.mark.parametrize("line", ["Close your eyes, and listen.", "Don't move.", "It’s $250.", "Kowalczyk said so."])
def test_english(line: str) -> None:
    assert language_of(line) == "en"


@pytest.mark.parametrize(
    "line",
    [
        "Je ne sais pas.",
        "Das ist gut.",
        "Wer war das?",
        "Te quiero mucho.",
        "Come va, amore mio?",
        "Ça va ?",
        "Jag vet inte.",
    ],
)
def test_other_languages_in_latin_letters_are_not_english(line: str) -> None:
    assert language_of(line) is None


@pytest.mark.parametrize(
    ("line", "language"), [("日本語です", "ja"), ("你好", "zh"), ("안녕", "ko"), ("Γεια σου", "el"), ("שלום", "he")]
)
def test_scripts_of_one_language(line: str, language: str) -> None:
    assert language_of(line) == language


@pytest.mark.parametrize("line", ["", "🎉", "1999", "Anna!", "Привет", "مرحبا"])
def test_too_little_to_tell(line: str) -> None:
    assert language_of(line) is None
