"""Slow work away from the window's thread, and when its outcome arrives."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.worker import Worker


def test_work_that_is_done_at_once_is_delivered_after_start_has_returned(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = QObject()
    worker = Worker(parent)
    done: Future[Any] = Future()
    done.set_result("done")
    monkeypatch.setattr(worker._pool, "submit", lambda *_: done)
    outcomes: list[str] = []
    worker.start(lambda _progress: "", outcomes.append, lambda error: outcomes.append(str(error)))
    assert (outcomes, worker.busy) == ([], True)
    qtbot.waitUntil(lambda: outcomes == ["done"])
    assert not worker.busy
    worker.close()
