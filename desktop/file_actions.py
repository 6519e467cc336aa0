"""What a person does with a file that is named on the screen: open its folder, copy its path."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication


def open_folder(path: str) -> None:
    """The folder of a file, in the program that shows folders."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))


def copy_path(path: str) -> None:
    """The full path, to paste it elsewhere."""
    QGuiApplication.clipboard().setText(path)
