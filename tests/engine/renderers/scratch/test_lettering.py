import pytest

from sottovoce_engine.renderers.scratch.lettering import Box, one_line, set_in

BOX = Box(left=10, top=5, right=410, bottom=205)
LINE = "It must have come in by the cat flap"


def test_a_short_line_is_as_large_as_allowed() -> None:
    lettering = set_in("Run!", BOX, 60, 9)
    assert lettering is not None
    assert lettering.size == 60
    assert lettering.lines == ("Run!",)


@pytest.mark.parametrize("repeats", [1, 3, 8, 20])
def test_a_line_shrinks_until_all_of_it_fits(repeats: int) -> None:
    lettering = set_in(" ".join([LINE] * repeats), BOX, 60, 9)
    assert lettering is not None
    assert " ".join(lettering.lines) == " ".join([LINE] * repeats)
    assert lettering.height <= BOX.height
    font = lettering.face.at(lettering.size)
    assert max(font.getlength(line) for line in lettering.lines) <= BOX.width


def test_what_the_smallest_type_does_not_hold_ends_in_an_ellipsis() -> None:
    lettering = set_in(" ".join([LINE] * 200), BOX, 60, 9)
    assert lettering is not None
    assert lettering.size == 9
    assert lettering.lines[-1].endswith("...")
    assert lettering.height <= BOX.height + 1
    assert lettering.face.at(9).getlength(lettering.lines[-1]) > 0.8 * BOX.width


def test_two_lines_are_about_equally_long() -> None:
    lettering = set_in(LINE, Box(left=0, top=0, right=560, bottom=200), 40, 40)
    assert lettering is not None
    first, second = (lettering.face.at(40).getlength(line) for line in lettering.lines)
    assert second > 0.6 * first


def test_words_stay_whole_where_they_can() -> None:
    lettering = set_in("Extraordinarily", Box(left=0, top=0, right=150, bottom=200), 60, 9)
    assert lettering is not None
    assert lettering.lines == ("Extraordinarily",)


def test_an_endless_word_is_broken() -> None:
    lettering = set_in("a" * 200, BOX, 40, 9)
    assert lettering is not None
    assert "".join(lettering.lines) == "a" * 200
    assert len(lettering.lines) > 1


def test_no_line_of_a_broken_word_begins_with_a_comma() -> None:
    for width in range(100, 300, 7):
        lettering = set_in("abcdef,ghijkl,mnopqr,stuvwx.yz" * 2, Box(left=0, top=0, right=width, bottom=400), 20, 20)
        assert lettering is not None
        assert "".join(lettering.lines) == "abcdef,ghijkl,mnopqr,stuvwx.yz" * 2
        assert not any(line[0] in ",." for line in lettering.lines)


def test_no_room_is_no_lettering() -> None:
    assert set_in("Run!", Box(left=0, top=0, right=4, bottom=200), 60, 9) is None
    assert set_in("Run!", Box(left=0, top=0, right=400, bottom=5), 60, 9) is None
    assert set_in(" ", BOX, 60, 9) is None


def test_one_line_is_cut_to_its_width() -> None:
    lettering = one_line("Dr. Benjamin Featherstonehaugh-Cholmondeley", 150, 14)
    assert lettering is not None
    assert len(lettering.lines) == 1
    assert lettering.face.at(14).getlength(lettering.lines[0]) <= 150
