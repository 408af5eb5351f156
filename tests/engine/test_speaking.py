import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.speaking import MIN_SECONDS, line_in_two, parts_of_line, speaking_seconds

a_line = st.lists(st.text(st.sampled_from("abeo1,.!?日я"), min_size=1, max_size=9), min_size=1, max_size=40).map(
    " ".join
)


@pytest.mark.parametrize(
    ("line", "lowest", "highest"),
    [
        ("no", 0.4, 0.4),
        ("close your eyes and listen", 1.2, 2.4),
        ("I've been thinking about this all day", 1.6, 2.8),
        ("That will be 1250", 1.9, 3.2),
        ("我一直在想这件事", 1.2, 2.8),  # 8 syllables
        ("здравствуйте", 0.8, 1.8),  # 4 syllables
        ("ฉันคิดเรื่องนี้มาทั้งวัน", 1.2, 3.5),  # 8 syllables, written without spaces
        ("🙂", 0.4, 0.4),
        ("", 0.4, 0.4),
    ],
)
def test_a_line_takes_about_as_long_as_people_do(line: str, lowest: float, highest: float) -> None:
    assert lowest <= speaking_seconds(line) <= highest


def test_a_pause_inside_the_line_takes_time_and_one_at_its_end_does_not() -> None:
    plain = speaking_seconds("wait come over here")
    assert speaking_seconds("wait, come over here") == pytest.approx(plain + 0.25)
    assert speaking_seconds("wait come over here...") == plain


@given(line=a_line, more=a_line)
def test_more_words_never_take_less_time(line: str, more: str) -> None:
    assert MIN_SECONDS <= speaking_seconds(line) <= speaking_seconds(f"{line} {more}")


@given(line=a_line, share=st.floats(0, 1))
def test_parts_keep_every_word_in_order(line: str, share: float) -> None:
    words = line.split()
    count = 1 + int(share * (len(words) - 1))
    parts = parts_of_line(line, count)
    assert len(parts) == count
    assert all(parts)
    assert " ".join(parts).split() == words


def test_parts_are_cut_after_punctuation_where_near() -> None:
    line = "I told you that I would come back, and I came back as soon as I could"
    assert parts_of_line(line, 2) == ("I told you that I would come back,", "and I came back as soon as I could")


def test_parts_take_about_the_same_time() -> None:
    parts = parts_of_line(" ".join(["extraordinary", *["a"] * 24, "unbelievable"]), 4)
    seconds = [speaking_seconds(part) for part in parts]
    assert max(seconds) - min(seconds) < 1.0


@pytest.mark.parametrize("count", [0, 4])
def test_there_cannot_be_more_parts_than_words(count: int) -> None:
    with pytest.raises(ValueError, match="3 words cannot make"):
        parts_of_line("one two three", count)


@pytest.mark.parametrize(
    ("line", "share", "parts"),
    [
        ("come closer, please, and whisper", 0.4, ("come closer,", "please, and whisper")),
        ("one two three four", 0.0, ("one", "two three four")),
        ("one two three four", 1.0, ("one two three", "four")),
        (" hello ", 0.2, ("hello", "")),
        ("", 0.5, ("", "")),
    ],
)
def test_a_line_is_cut_in_two_at_a_share_of_its_time(line: str, share: float, parts: tuple[str, str]) -> None:
    assert line_in_two(line, share) == parts
