"""Work that keeps its order, with a real thread."""

import threading
import time
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_ui.in_order import InOrder


def failing() -> None:
    raise InputError("the disk is full")


def test_every_piece_is_done_in_order_in_one_other_thread(qtbot: QtBot) -> None:
    in_order = InOrder()
    done: list[tuple[int, int]] = []
    shown: list[int] = []

    def piece(number: int) -> int:
        done.append((number, threading.get_ident()))
        return number

    for number in range(50):
        in_order.do(partial(piece, number), shown.append)
    qtbot.waitUntil(lambda: in_order.is_idle)
    assert [number for number, _ in done] == list(range(50))
    assert {thread for _, thread in done}.isdisjoint({threading.get_ident()})
    assert len({thread for _, thread in done}) == 1
    assert shown == list(range(50))
    in_order.stop()


def test_a_piece_that_fails_is_told_and_those_after_it_are_done(qtbot: QtBot) -> None:
    in_order = InOrder()
    shown: list[object] = []
    with qtbot.waitSignal(in_order.failed) as told:
        failed = in_order.do(failing, shown.append)
        in_order.do(lambda: "after", shown.append)
    assert told.args == ["the disk is full"]
    qtbot.waitUntil(lambda: in_order.is_idle)
    assert shown == ["after"]
    with pytest.raises(InputError, match="full"):
        failed.wait(Job())
    in_order.stop()


def test_quick_work_is_done_when_asking_returns_and_slow_work_is_not_waited_for(qtbot: QtBot) -> None:
    in_order = InOrder()
    gate = threading.Event()
    assert in_order.do(lambda: None, within=5.0).has_ended
    slow = in_order.do(gate.wait, within=0.001)
    assert not slow.has_ended
    began = time.monotonic()
    behind = in_order.do(lambda: None, within=60.0)
    assert time.monotonic() - began < 30, "what waits behind others is not waited for"
    assert not behind.has_ended
    gate.set()
    behind.wait(Job())
    qtbot.waitUntil(lambda: in_order.is_idle)
    in_order.stop()


def test_waiting_is_cancelled_and_the_work_is_not(qtbot: QtBot) -> None:
    in_order = InOrder()
    gate = threading.Event()
    turn = in_order.do(gate.wait)
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        turn.wait(job)
    gate.set()
    qtbot.waitUntil(lambda: in_order.is_idle)
    assert turn.has_ended
    in_order.stop()
