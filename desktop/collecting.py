"""Python's collector of cycles, kept out of threads that are not the window's."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_resting = 0


@contextmanager
def uncollected() -> Iterator[None]:
    """The collector rests while other threads run: widgets that it would take apart there belong to the window's."""
    global _resting  # noqa: PLW0603 - there is one collector
    with _lock:
        _resting += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _resting -= 1
            if not _resting:
                gc.enable()
