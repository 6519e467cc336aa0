"""Python's collector works in the window's thread alone: widgets belong to it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from threading import Thread, get_ident
from weakref import ref

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.collecting import Collecting


class Ring:
    """What only the collector can take apart."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def automatic() -> Iterator[None]:
    """The collector as Python starts it."""
    before = gc.isenabled()
    gc.enable()
    yield
    if not before:
        gc.disable()


@pytest.mark.usefixtures("automatic")
def test_cycles_are_taken_apart_in_the_windows_thread(qtbot: QtBot) -> None:
    seen: list[int] = []
    owner = QObject()

    def watch(phase: str, _info: object) -> None:
        seen.append(get_ident())

    collecting = Collecting(owner)
    gc.callbacks.append(watch)
    try:
        ring = ref(Ring())
        other = Thread(target=lambda: [Ring() for _ in range(10 * gc.get_threshold()[0])])
        other.start()
        other.join()
        assert not seen, "nothing is collected where the objects are made"
        assert ring() is not None
        collecting.collect()
        qtbot.waitUntil(lambda: ring() is None)
    finally:
        gc.callbacks.remove(watch)
        owner.deleteLater()
    assert set(seen) == {get_ident()}
