"""Returns as a table: the register of all, or those of a sender; what does not fit is told below the table."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtWidgets import QTableView

from desktop.fitting import Fitting
from desktop.merge_facts import REGISTER_HEADS, register_row
from desktop.pages import Desk
from desktop.rows_model import RowsModel, fit_heads, table_view
from survey.received import REJECTED, Received

_WIDTHS = (62, 92, 48, 130, 56, 52, 52, 52, 52, 52, 124, 124, 72, 150, 108, 108, 120)
_NAME = REGISTER_HEADS.index("name")
# Digests are told in full below the list; the rest goes, the first first, where there is little room.
_NEVER = ("digest", "parent")
_SPARE = ("created", "reason", "who", "left_out", "withdrawn", "changed", "new", "at")


def register_view(desk: Desk, name: str, label: str, without: Collection[str] = ()) -> tuple[RowsModel, QTableView]:
    """An empty table of returns, and its model."""
    heads = [desk.texts(f"received.head.{head}") for head in REGISTER_HEADS]
    model = RowsModel(heads, right=(0, 2, *range(4, 10)))
    view = table_view(model, name, label, _WIDTHS, _NAME)
    fit_heads(view)
    Fitting(view, _places(_SPARE), 190, _places((*_NEVER, *without)))
    return model, view


def show_returns(model: RowsModel, found: Sequence[Received], desk: Desk) -> None:
    """Other returns; those that were rejected are coloured."""
    rows = [register_row(one, desk.store, desk.texts) for one in found]
    model.set_rows(rows, found, tones=[desk.colours.bad if one.state == REJECTED else "" for one in found])


def _places(names: Sequence[str]) -> list[int]:
    return [REGISTER_HEADS.index(name) for name in names]
