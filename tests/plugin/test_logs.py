import logging
from pathlib import Path

import pytest

from sottovoce.logs import level_of, log_path, start_logging, stop_logging

LOG = logging.getLogger("sottovoce.test")
LINE = "close your eyes"


def logged() -> str:
    stop_logging()
    return log_path().read_text(encoding="utf-8")


def test_records_go_to_the_file_with_time_level_and_name() -> None:
    start_logging()
    LOG.info("ready in %.1f s", 0.5)
    line = logged().strip()
    assert line.endswith("sottovoce.test: ready in 0.5 s")
    assert level_of(line) == "INFO"


def test_debug_records_are_written_only_when_asked_for() -> None:
    start_logging()
    LOG.debug(LINE)
    assert logged() == ""
    start_logging(debug=True)
    LOG.debug(LINE)
    assert LINE in logged()


def test_an_exception_is_logged_by_place_and_kind_without_what_it_says() -> None:
    start_logging()
    try:
        try:
            raise KeyError(LINE)
        except KeyError as error:
            raise ValueError(f"the line\n{LINE}") from error
    except ValueError:
        LOG.exception("A region failed")
    text = logged()
    assert LINE not in text
    assert text.index("builtins.KeyError") < text.index("builtins.ValueError")
    assert "in test_an_exception_is_logged_by_place_and_kind_without_what_it_says" in text


def test_an_exception_at_debug_level_is_logged_whole() -> None:
    start_logging(debug=True)
    try:
        raise ValueError(LINE)
    except ValueError:
        LOG.debug("A region failed", exc_info=True)
    assert f"ValueError: {LINE}" in logged()


def test_an_error_of_the_system_keeps_its_number() -> None:
    start_logging()
    try:
        Path("/nowhere/at/all").read_bytes()
    except OSError:
        LOG.exception("Nothing to read")
    assert "builtins.FileNotFoundError (errno 2)" in logged()


def test_what_belongs_to_a_record_is_indented() -> None:
    start_logging()
    LOG.warning("first\nsecond\r2026-01-01 00:00:00.000Z INFO     1 x: forged")
    lines = logged().splitlines()
    assert [level_of(line) for line in lines] == ["WARNING", None, None]


def test_text_that_no_encoding_likes_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest's own record of the log cannot be passed between its processes with such text in it.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    start_logging()
    LOG.warning("a lone \ud83d surrogate")
    assert "a lone \\ud83d surrogate" in logged()


def test_files_rotate(home: Path) -> None:
    start_logging()
    for _ in range(30):
        LOG.info("x" * 100_000)
    stop_logging()
    files = sorted(path.name for path in (home / "logs").iterdir())
    assert files == ["sottovoce.log", "sottovoce.log.1", "sottovoce.log.2", "sottovoce.log.3"]
    assert all(path.stat().st_size <= 1_000_000 for path in (home / "logs").iterdir())


def test_starting_again_does_not_write_twice() -> None:
    start_logging()
    start_logging()
    LOG.info("once")
    assert logged().count("once") == 1


def test_a_folder_that_cannot_be_made_costs_the_log_only(home: Path) -> None:
    (home / "logs").write_text("a file where the folder should be")
    start_logging()
    LOG.error("nobody hears this")
    stop_logging()
    assert (home / "logs").read_text() == "a file where the folder should be"
