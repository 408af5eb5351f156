from sottovoce.tables import table


def test_columns_are_aligned_and_the_last_one_fits() -> None:
    shown = table(("id", "line"), [("a", "short"), ("abc", "x" * 80)], width=40).splitlines()
    assert shown[0] == "id   line"
    assert shown[1] == "a    short"
    assert shown[2] == "abc  " + "x" * 34 + "…"
    assert len(shown[2]) == 40


def test_wide_characters_take_two_cells() -> None:
    shown = table(("voice", "line"), [("安娜", "x"), ("Ben", "y")], width=40).splitlines()
    assert shown[1] == "安娜   x"
    assert shown[2] == "Ben    y"
