"""Python's collector of cycles, run in the window's thread alone."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY = 1000
"""Milliseconds between two looks at what has piled up."""


class Collecting(QObject):
    """Takes the collector out of the other threads: widgets that it would take apart there belong to the window's.

    Made in the window's thread. From then on nothing is collected by itself; a timer asks once a second which
    generations are full by Python's own thresholds.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(_EVERY)

    def collect(self) -> None:
        """The oldest generation that is full, with all that are younger."""
        full = [
            at for at, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most
        ]
        if full:
            gc.collect(full[-1])
