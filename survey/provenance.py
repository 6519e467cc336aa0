"""Where an answer came from: the file, and the cell or row it stands in there."""

from __future__ import annotations

import json
from dataclasses import dataclass

from survey.sql import quote
from survey.store import Store, place_text


@dataclass(frozen=True)
class Origin:
    """A file that brought an answer, when it came in, and where it stands there: `cell` as `sheet!C3`, or a `row`."""

    source: str
    at: str
    cell: str = ""
    row: int = 0


def of_cell(store: Store, unit: int, period: str, item: str, line: int = 0) -> Origin | None:
    """Where the present answer of a cell came from; None where a person keyed it, or nobody answered."""
    place = place_text(item, line)
    changed = store.execute(
        "SELECT source FROM change WHERE unit = ? AND period = ? AND item = ? ORDER BY id DESC LIMIT 1",
        (unit, period, place),
    ).fetchone()
    if changed and changed[0] is None:
        return None
    form = store.scheme.form_of(item)
    at_line = f" AND f.line = {int(line)}" if line else ""
    row = store.execute(
        f"SELECT f.source, f.source_row FROM {form.table} f JOIN response r ON r.id = f.response"
        f" WHERE r.unit = ? AND r.period = ? AND f.{quote(item)} IS NOT NULL{at_line}",
        (unit, period),
    ).fetchone()
    if row is None or (changed or row)[0] is None:
        return None
    name, at, places = store.execute(
        "SELECT name, at, places FROM source WHERE id = ?", ((changed or row)[0],)
    ).fetchone()
    if places:
        return Origin(name, at, cell=_cell(places, place))
    return Origin(name, at, row=row[1] or 0)


def _cell(places: str, place: str) -> str:
    by_sheet: dict[str, dict[str, str]] = json.loads(places)
    return next((f"{sheet}!{cells[place]}" for sheet, cells in by_sheet.items() if place in cells), "")
