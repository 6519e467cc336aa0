"""Where a workbook is to be written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.pages import Desk
from survey.envelope import SUFFIX

_EXCEL = "Excel (*.xlsx)"


def ask_workbook(desk: Desk, parent: QWidget, title: str, name: str, *, sealed: str = "") -> Path | None:
    """The path a person chooses, beginning with the folder of last time; None where they think better of it.

    `sealed` names the other kind of file there is to choose, with its ending, as `Sealed (*.sealed)`.
    """
    proposal = desk.settings.folder / f"{name}.xlsx"
    kinds = ";;".join(filter(None, (_EXCEL, sealed)))
    chosen, kind = QFileDialog.getSaveFileName(parent, title, str(proposal), kinds)
    if not chosen:
        return None
    desk.settings.folder = Path(chosen).parent
    ending = SUFFIX if sealed and (kind == sealed or chosen.endswith(SUFFIX)) else ".xlsx"
    return Path(chosen) if chosen.endswith(ending) else Path(chosen.removesuffix(".xlsx") + ending)
