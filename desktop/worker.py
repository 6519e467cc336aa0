"""Slow work, done away from the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from survey.errors import Cancelled
from survey.progress import Progress

T = TypeVar("T")
_REPORT_EVERY = 0.05


class Worker(QObject):
    """Does one piece of work at a time and hands its outcome to the window.

    The work runs in another thread: it must touch no widget, and it opens its own store. It is
    given a `progress` to call, which raises Cancelled once the person has stopped it.
    """

    progressed = Signal(int, int, str)
    started = Signal()
    finished = Signal()
    _settled = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._cancelled = threading.Event()
        self._last_report = 0.0
        self._running = 0
        self._closed = False
        # Work that is done before `start` returns is delivered no sooner than any other.
        self._settled.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return self._running > 0

    def start(
        self, work: Callable[[Progress], T], done: Callable[[T], None], failed: Callable[[BaseException], None]
    ) -> None:
        """Begins; `done` or `failed` is called in the window's thread."""
        self._cancelled.clear()
        self._running += 1
        self.started.emit()
        future = self._pool.submit(work, self._progress)
        future.add_done_callback(lambda settled: self._settled.emit((settled, done, failed)))

    def cancel(self) -> None:
        """Asks the work to stop at its next report."""
        self._cancelled.set()

    def close(self) -> None:
        """Stops what is running and waits for it; its outcome reaches nobody."""
        self._closed = True
        self.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _progress(self, done: int, total: int, label: str) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        if done >= total or monotonic() - self._last_report > _REPORT_EVERY:
            self._last_report = monotonic()
            self.progressed.emit(done, total, label)

    @Slot(object)
    def _deliver(self, settled: tuple[Future[Any], Callable[[Any], None], Callable[[BaseException], None]]) -> None:
        future, done, failed = settled
        if self._closed:
            return
        self._running -= 1
        self.finished.emit()
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            done(future.result())
        else:
            failed(error)
