"""A block from a spreadsheet: which cell each of its values lands in, and what is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desktop.cell_model import Cell, CellModel
from desktop.form_model import NOW, FormModel
from desktop.list_model import NUMBER, ListModel
from desktop.session import CellChange
from survey.codes import fold
from survey.csvguard import unguarded
from survey.errors import SurveyError, sentence
from survey.form import Item
from survey.record import expand, read_value
from survey.scalar import Value
from survey.texts import Texts

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Landing:
    """One value of the block: the cell it lands in (None where there is none), and why it is refused."""

    text: str
    cell: Cell | None
    old: Value = None
    new: Value = None
    problem: str = ""

    @property
    def taken(self) -> bool:
        """Whether it would change something."""
        return self.cell is not None and not self.problem and self.old != self.new

    def change(self) -> CellChange:
        assert self.cell
        return CellChange(self.cell.item.name, self.cell.line, self.old, self.new)


def rows_of(text: str) -> list[list[str]]:
    """The cells of a copied block; a cell that holds a line end or a tab is quoted, as spreadsheets do."""
    # Whatever ends its lines, and with a quotation mark that nothing closes: then it quotes nothing.
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        rows = [list(row) for row in csv.reader(io.StringIO(lines), dialect="excel-tab", strict=True)]
    except csv.Error:
        rows = [line.split("\t") for line in lines.split("\n")]
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return [[unguarded(cell) for cell in row] for row in rows]


def landings(model: CellModel, row: int, column: int, rows: Rows, texts: Texts) -> list[Landing]:
    """Where a block lands that is pasted at a row and column of a form's table.

    In an item table a block that holds row codes or titles goes by them; otherwise its values go
    down from the cursor, headings passed over.
    """
    if isinstance(model, FormModel):
        pairs = list(_by_code(model, rows)) or list(_downwards(model, row, rows))
    else:
        assert isinstance(model, ListModel)
        pairs = list(_across(model, row, column, rows))
    return [_landing(model, cell, text, texts) for cell, text in pairs]


def _by_code(model: FormModel, rows: Rows) -> Iterator[tuple[Cell | None, str]]:
    """Values beside row codes or titles: the first number to the right of the code."""
    known: dict[str, Item] = {}
    for item in model.form.items:
        for spelling in (item.code, item.label, item.label_en, item.name):
            if spelling:
                known.setdefault(fold(spelling), item)
    found = [(_named(row, known), row) for row in rows]
    if sum(1 for place, _ in found if place) * 2 < len(rows) or max((len(row) for row in rows), default=0) < 2:
        return
    for place, row in found:
        if place:
            at, item = place
            behind = [text for text in row[at + 1 :] if text.strip()]
            yield Cell(item), behind[0] if behind else ""
        elif any(text.strip() for text in row):
            yield None, " ".join(text for text in row if text.strip())


def _named(row: Sequence[str], known: dict[str, Item]) -> tuple[int, Item] | None:
    """The last cell of a row that names an item: the code stands right of the title."""
    places = [(at, known[fold(text)]) for at, text in enumerate(row) if text.strip() and fold(text) in known]
    return places[-1] if places and places[-1][0] + 1 < len(row) else None


def _downwards(model: FormModel, row: int, rows: Rows) -> Iterator[tuple[Cell | None, str]]:
    for cells in rows:
        while row < model.rowCount() and model.is_section(row):
            row += 1
        text = cells[0] if cells else ""
        yield (model.place(model.index(row, NOW)) if row < model.rowCount() else None), text
        row += 1
        for beyond in cells[1:]:
            if beyond.strip():
                yield None, beyond


def _across(model: ListModel, row: int, column: int, rows: Rows) -> Iterator[tuple[Cell | None, str]]:
    items = model.form.items
    first = model.line(row)
    known = [model.line(at) for at in range(row, model.rowCount() - 2)]
    for down, cells in enumerate(rows):
        line = known[down] if down < len(known) else (known[-1] + 1 + down - len(known) if known else first + down)
        for right, text in enumerate(cells):
            at = column - 1 - NUMBER + right
            yield (Cell(items[at], line) if 0 <= at < len(items) else None), text


def _landing(model: CellModel, cell: Cell | None, text: str, texts: Texts) -> Landing:
    if cell is None:
        return Landing(text, None, problem=texts("paste.nowhere") if text.strip() else "")
    session = model.session
    old = session.value(cell.item.name, cell.line)
    try:
        new = read_value(cell.item, expand(cell.item, text) or text, session.store.scheme.lists)
    except SurveyError as error:
        return Landing(text, cell, old, None, sentence(error, texts))
    if new is None:
        # A blank in a block never empties a cell.
        return Landing(text, cell, old, old)
    if cell.item.computed:
        return Landing(text, cell, old, old if new == old else new, "" if new == old else texts("paste.computed"))
    return Landing(text, cell, old, new)
