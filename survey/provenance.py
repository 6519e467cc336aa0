"""Where an answer came from: the file, and the cell or row it stands in there."""

from __future__ import annotations

import json
from dataclasses import dataclass

from survey import history
from survey.form import Form, Item
from survey.history import Event
from survey.manifest import cell_of
from survey.scalar import Value
from survey.sql import quote
from survey.store import Store, place_text
from survey.words import RETURN


@dataclass(frozen=True)
class Origin:
    """A file that brought an answer, when it came in, and where it stands there: `cell` as `sheet!C3`, or a `row`.

    Of a return also who sent it, and its number.
    """

    source: str
    at: str
    cell: str = ""
    row: int = 0
    sender: str = ""
    sequence: int = 0


@dataclass(frozen=True)
class Trail:
    """An answer, the file that brought it, and every change of it, the latest first."""

    item: str
    line: int
    period: str
    value: Value
    origin: Origin | None
    events: list[Event]


def trails(store: Store, unit: int, period: str, item: Item) -> list[Trail]:
    """The trail of an item of a unit; of one in a list form, of every line that has it."""
    form = store.scheme.form(item.form)
    rows = store.execute(
        f"SELECT {'f.line' if form.is_list else '0'}, f.{quote(item.name)} FROM {form.table} f"
        " JOIN response r ON r.id = f.response WHERE r.unit = ? AND r.period = ? ORDER BY 1",
        (unit, period),
    ).fetchall()
    return [
        Trail(
            item.name, line, period, value, of_cell(store, unit, period, item.name, line),
            history.of_cell(store, unit, period, item.name, line),
        )
        for line, value in rows if value is not None or not form.is_list
    ]  # fmt: skip


def of_cell(store: Store, unit: int, period: str, item: str, line: int = 0) -> Origin | None:
    """Where the present answer of a cell came from; None where a person keyed it, or nobody answered."""
    place, form = place_text(item, line), store.scheme.form_of(item)
    row = _row(store, form, unit, period, line, f" AND f.{quote(item)} IS NOT NULL")
    if row is None:
        return None
    earlier = _earlier(store, form.id, row[0], line)
    # What an undone import wrote never was.
    changed = store.execute(
        "SELECT source FROM change WHERE unit = ? AND period = ? AND item = ? AND (source IS NULL OR source NOT IN"
        " (SELECT s.id FROM source s JOIN batch b ON b.id = s.batch WHERE b.undone <> '')) ORDER BY id DESC LIMIT 1",
        (unit, period, place),
    ).fetchone()
    came = [*earlier, (row[1], row[2])]
    source = changed[0] if changed else came[0][0]
    if source is None:
        return None
    return _origin(store, source, form, item, place, next((number or 0 for one, number in came if one == source), 0))


def returned_in(store: Store, unit: int, period: str, item: str, line: int = 0) -> Origin | None:
    """Where a cell stands in the last return that brought its row, whatever was written since; None without one."""
    form = store.scheme.form_of(item)
    row = _row(store, form, unit, period, line, f" AND f.source IN (SELECT id FROM source WHERE kind = '{RETURN}')")
    return _origin(store, row[1], form, item, place_text(item, line), row[2] or 0) if row else None


def _row(
    store: Store, form: Form, unit: int, period: str, line: int, where: str
) -> tuple[int, int | None, int | None] | None:
    """A row of a form: its response, its source, and the number it had there."""
    found: tuple[int, int | None, int | None] | None = store.execute(
        f"SELECT f.response, f.source, f.source_row FROM {form.table} f JOIN response r ON r.id = f.response"
        f" WHERE r.unit = ? AND r.period = ?{where}{f' AND f.line = {line}' if line else ''}",
        (unit, period),
    ).fetchone()
    return found


def _origin(store: Store, source: int | None, form: Form, item: str, place: str, row: int) -> Origin:
    name, at, places, kind = store.execute(
        "SELECT name, at, places, kind FROM source WHERE id = ?", (source,)
    ).fetchone()
    if places:
        return Origin(name, at, cell=_cell(places, place))
    if kind == RETURN and row:
        sent = store.execute("SELECT district, sequence FROM merge WHERE source = ?", (source,)).fetchone()
        return Origin(name, at, cell_of(form, item, row), row, *(sent or ()))
    return Origin(name, at, row=row)


def _earlier(store: Store, form: str, response: int, line: int) -> list[tuple[int | None, int | None]]:
    """The sources and row numbers that a row had before imports changed it, the first one first."""
    return store.execute(
        "SELECT source, source_row FROM batch_row WHERE form = ? AND response = ? AND line = ? AND inserted = 0"
        " AND batch NOT IN (SELECT id FROM batch WHERE undone <> '') ORDER BY batch",
        (form, response, line),
    ).fetchall()


def _cell(places: str, place: str) -> str:
    by_sheet: dict[str, dict[str, str]] = json.loads(places)
    return next((f"{sheet}!{cells[place]}" for sheet, cells in by_sheet.items() if place in cells), "")
