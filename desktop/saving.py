"""Where a workbook is to be written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.pages import Desk


def ask_workbook(desk: Desk, parent: QWidget, title: str, name: str) -> Path | None:
    """The path a person chooses, beginning with the folder of last time; None where they think better of it."""
    proposal = desk.settings.folder / f"{name}.xlsx"
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(proposal), "Excel (*.xlsx)")
    if not chosen:
        return None
    desk.settings.folder = Path(chosen).parent
    return Path(chosen if chosen.endswith(".xlsx") else chosen + ".xlsx")
