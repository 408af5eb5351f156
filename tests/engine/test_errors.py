import pytest

from sottovoce_engine.errors import InputError, RenderError, SetupError, SottovoceError, nearest

REGISTERS = ("whisper", "soft", "quieter", "Normal")


@pytest.mark.parametrize("kind", [InputError, SetupError, RenderError])
def test_whoever_must_act_one_handler_is_enough(kind: type[SottovoceError]) -> None:
    with pytest.raises(SottovoceError, match=r"^what it says$"):
        raise kind("what it says")


@pytest.mark.parametrize(
    ("value", "meant"),
    [("whispr", "whisper"), ("WHISPER", "whisper"), ("normall", "Normal"), ("quiet", "quieter"), ("Soft", "soft")],
)
def test_the_nearest_name_is_offered(value: str, meant: str) -> None:
    assert nearest(value, REGISTERS) == f"Did you mean '{meant}'? Known: whisper, soft, quieter, Normal."


@pytest.mark.parametrize("value", ["", "xyz", "囁き", "w" * 10_000])
def test_nothing_is_offered_where_nothing_is_near(value: str) -> None:
    assert nearest(value, REGISTERS) == "Known: whisper, soft, quieter, Normal."


def test_any_iterable_of_names_will_do() -> None:
    assert nearest("b", iter(["aa", "b"])) == "Did you mean 'b'? Known: aa, b."


def test_no_names_at_all() -> None:
    assert nearest("b", []) == "Known: none."
