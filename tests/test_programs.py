import pytest
from tests.programs import need_program

_SKIPPED, _FAILED = pytest.skip.Exception, pytest.fail.Exception


def test_a_missing_program_skips_with_the_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(_SKIPPED, match="apt-get install nosuch"):
        need_program("nosuch", "apt-get install nosuch")


def test_a_missing_program_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(_FAILED, match="apt-get install nosuch"):
        need_program("nosuch", "apt-get install nosuch")


def test_a_program_that_is_there_is_no_reason_to_skip() -> None:
    need_program("python3", "apt-get install python3")
