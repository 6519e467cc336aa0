"""Types numbers into a form for ever, in a child of its own at every line it reads; for the test that kills it.

Usage: python tests/entry_writer.py FILE; each line read begins a child, whose number is printed
first, then every value once its cell has been left.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np  # noqa: F401 - loaded before the first child, so that none waits for it
from desktop_desk import look, settings_in
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop import book, paths
from desktop.window import Window
from survey.texts import load

assert book


def type_for_ever(path: Path, first: int) -> None:
    application = QApplication([])
    texts = load(paths.texts(), "zh")
    window = Window(texts, *look(application), settings_in(path.parent), lambda *_: None)
    window.show()
    window.open_file(path)
    page = window.page("units")
    page.open_unit(1)
    page.entry.go_to("revenue")
    grid = page.entry.sheet().editor
    for value in range(first, first + 1_000_000):
        page.entry.go_to("revenue")
        QTest.keyClicks(grid, str(value)[0])
        QTest.keyClicks(grid.delegate.editor, str(value)[1:])
        QTest.keyClick(grid.delegate.editor, Qt.Key.Key_Return)
        os.write(1, f"{value}\n".encode())


def main() -> None:
    path = Path(sys.argv[1])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            type_for_ever(path, int(line))
        os.write(1, f"{child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"gone\n")


if __name__ == "__main__":
    main()
