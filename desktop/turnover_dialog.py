"""What a list says of the register, to read: new, not listed, renamed, moved. Nothing is changed from here."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from desktop.pages import Desk, hint
from desktop.rows_model import RowsModel, table_view
from survey.turnover import Turnover

_HEADS = ("what", "uscc", "before", "now")


class TurnoverDialog(QDialog):
    """One row a unit; Esc closes it."""

    def __init__(self, turnover: Turnover, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self.setObjectName("turnoverDialog")
        self.setWindowTitle(texts("import.register"))
        self.setMinimumSize(760, 460)
        self.model = RowsModel([texts(f"import.register_head.{head}") for head in _HEADS])
        self.model.set_rows(_rows(turnover, desk))
        view = table_view(self.model, "turnoverRows", texts("import.register"), (130, 180, 190), 3)
        buttons = QDialogButtonBox()
        close = buttons.addButton(texts("import.close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setObjectName("close")
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(hint(texts("import.register_line")))
        column.addWidget(view, 1)
        column.addWidget(buttons)


def _rows(turnover: Turnover, desk: Desk) -> list[tuple[str, str, str, str]]:
    texts, districts = desk.texts, desk.store.scheme.districts
    what = {name: texts(f"import.register_kind.{name}") for name in ("renamed", "moved", "missing", "new")}
    rows = [(what["renamed"], was.uscc, was.name, now.name) for was, now in turnover.renamed]
    rows += [
        (what["moved"], was.uscc, districts.label(was.district, texts.lang), districts.label(now.district, texts.lang))
        for was, now in turnover.moved
    ]
    rows += [(what["missing"], one.uscc, one.name, "") for one in turnover.missing]
    return rows + [(what["new"], one.uscc, "", one.name) for one in turnover.new]
