"""Work beside the window, and what becomes of it when the window closes."""

import threading

from pytestqt.qtbot import QtBot

from sottovoce_engine.progress import Job
from sottovoce_ui.work import Work


def test_what_is_asked_for_meanwhile_comes_after_it(qtbot: QtBot) -> None:
    work, done, go = Work(), list[int](), threading.Event()

    def first(_: Job) -> int:
        go.wait(10)
        return 1

    work.start(first, done.append)
    work.start(lambda _: 2, done.append)
    assert work.is_under_way
    go.set()
    qtbot.waitUntil(lambda: not work.is_under_way, timeout=10_000)
    assert done == [1, 2]


def test_nothing_is_done_with_a_result_that_is_on_its_way_when_it_is_stopped(qtbot: QtBot) -> None:
    work, done = Work(), list[int]()
    work.start(lambda _: 1, done.append)
    operation = work._operation
    assert operation is not None
    assert operation.wait(10_000), "its result waits to be delivered now"
    work.stop()
    qtbot.waitUntil(lambda: not work.is_under_way, timeout=10_000)
    assert done == []


def test_nothing_begins_once_it_is_stopped(qtbot: QtBot) -> None:
    """As where the window is come back to, and the timeline looked at, while closing waits for something."""
    work, begun = Work(), threading.Event()
    work.stop()
    work.start(lambda _: begun.set(), lambda _: None)
    assert not work.is_under_way
    qtbot.wait(20)
    assert not begun.is_set()
