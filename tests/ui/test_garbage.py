"""Garbage is found by the window's thread, whichever thread made it."""

import gc
import threading
import weakref

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from sottovoce_ui.garbage import Garbage


class Knot:
    """Garbage that only a look finds: it holds itself."""

    def __init__(self) -> None:
        self.itself = self


def test_no_thread_but_the_windows_destroys_anything(qtbot: QtBot) -> None:
    owner = QObject()
    Garbage(owner)
    destroyed_in: list[int] = []
    knot = Knot()
    weakref.finalize(knot, lambda: destroyed_in.append(threading.get_ident()))
    del knot
    kept: list[list[int]] = []
    worker = threading.Thread(target=lambda: kept.extend([number] for number in range(50_000)))
    worker.start()
    worker.join()
    assert not destroyed_in
    qtbot.waitUntil(lambda: bool(destroyed_in), timeout=10_000)
    assert destroyed_in == [threading.get_ident()]
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert gc.isenabled(), "what comes after the window is as it was"
