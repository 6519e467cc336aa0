"""Python's collector rests while the worker works: widgets belong to the window's thread."""

from __future__ import annotations

import gc
from threading import Event

from pytestqt.qtbot import QtBot

from desktop.worker import Worker


def test_the_collector_rests_while_a_worker_works(qtbot: QtBot) -> None:
    seen: list[bool] = []
    begun, go_on = Event(), Event()

    def work(_progress: object) -> bool:
        begun.set()
        go_on.wait(10)
        return gc.isenabled()

    worker = Worker()
    worker.start(work, seen.append, lambda _error: seen.append(True))
    begun.wait(10)
    assert not gc.isenabled()
    go_on.set()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [False]
    qtbot.waitUntil(gc.isenabled)
    worker.close()
