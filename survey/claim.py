"""What a return says of a unit that counts elsewhere, or nowhere: kept with the return, as it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from survey import responses
from survey.form import Form
from survey.received import ACCEPTED
from survey.scalar import Value
from survey.sql import quote
from survey.store import Store, place_of, place_text
from survey.words import Words

# A row of a claim: form, period, line, row of the return's sheet, values in the order of the form's items.
ClaimRow: TypeAlias = tuple[str, str, int, int, Sequence[Value]]
# What a unit is that its sender no longer returns.
WITHDRAWN = "withdrawn"
# What a unit is that lends its place to a claim while the scheme is changed.
_LENT = "claim"


def read(store: Store, merge: int, uscc: str) -> tuple[str, list[ClaimRow]]:
    """What a return says of a unit of which a claim is kept: the name, and the rows."""
    name, body = store.execute("SELECT name, body FROM claim WHERE merge = ? AND uscc = ?", (merge, uscc)).fetchone()
    return str(name), [tuple(row) for row in json.loads(body)]


def write(store: Store, merge: int, uscc: str, name: str, rows: Sequence[ClaimRow]) -> None:
    """Keeps what a return says of a unit."""
    store.execute(
        "INSERT OR REPLACE INTO claim (merge, uscc, name, body) VALUES (?, ?, ?, ?)",
        (merge, uscc, name, json.dumps(rows, ensure_ascii=False, separators=(",", ":"))),
    )


def of_present(store: Store, words: Words, uscc: str) -> tuple[str, list[ClaimRow]]:
    """What the present sender of a unit says of it, as it was sent: its name, and the rows."""
    unit, name = store.execute("SELECT id, name FROM unit WHERE uscc = ?", (uscc,)).fetchone()
    begun = responses.of_unit(store, unit)
    said = {period: words.of(unit, period) for period in begun}
    return str(name), _rows(store, begun, said)


def write_earlier(store: Store, merge: int, uscc: str, name: str, rows: Sequence[ClaimRow]) -> None:
    """Keeps also what the sender's returns before had said of a unit, whose present `rows` stand in return `merge`.

    A unit that nobody else returned was only in the forms until now; each of these returns may stand again.
    """
    before = store.execute(
        "SELECT m.id, m.batch FROM merge m JOIN merge n ON n.district = m.district AND n.period = m.period"
        f" WHERE n.id = ? AND m.id <= n.id AND m.state = '{ACCEPTED}' ORDER BY m.id DESC",
        (merge,),
    ).fetchall()
    for (later, batch), (earlier, _) in pairwise(before):
        if batch is None:
            return
        rows = _undone(store, uscc, batch, rows)
        told = store.execute("SELECT 1 FROM merge_member WHERE merge = ? AND uscc = ?", (earlier, uscc)).fetchone()
        known = store.execute("SELECT 1 FROM claim WHERE merge = ? AND uscc = ?", (earlier, uscc)).fetchone()
        if told and not known and later != earlier:
            write(store, earlier, uscc, name, rows)


def _undone(store: Store, uscc: str, batch: int, rows: Sequence[ClaimRow]) -> list[ClaimRow]:
    """Rows as they were before a return had changed them."""
    forms = {form.id: form for form in store.scheme.forms_of("unit")}
    begun = {
        row[0]
        for row in store.execute(
            "SELECT r.period FROM response r JOIN unit u ON u.id = r.unit JOIN batch b ON b.id = ?"
            " WHERE u.uscc = ? AND r.id BETWEEN b.first_response AND b.last_response",
            (batch, uscc),
        )
    }
    cells: dict[tuple[str, str, int], dict[str, Value]] = {}
    numbers: dict[tuple[str, str, int], int] = {}
    for form_id, period, line, number, values in rows:
        if period not in begun:
            names = (item.name for item in forms[form_id].items)
            cells[form_id, period, line] = dict(zip(names, values, strict=True))
            numbers[form_id, period, line] = number
    changes = store.execute(
        "SELECT c.period, c.item, c.old FROM change c JOIN unit u ON u.id = c.unit WHERE u.uscc = ?"
        " AND c.form <> '' AND c.source IN (SELECT id FROM source WHERE batch = ?) ORDER BY c.id DESC",
        (uscc, batch),
    )
    for period, place, old in changes.fetchall():
        name, line = place_of(place)
        cells.setdefault((store.scheme.item(name).form, period, line), {})[name] = old
    return [
        (form_id, period, line, numbers.get((form_id, period, line), 0), [found.get(item.name) for item in items])
        for (form_id, period, line), found in cells.items()
        for items in [forms[form_id].items]
        if any(found.get(item.name) is not None for item in items if not item.computed)
    ]


def _rows(store: Store, begun: Mapping[str, int], said: Mapping[str, Mapping[str, Value]]) -> list[ClaimRow]:
    """The rows of a unit's responses by period, with what was `said` of some of their cells instead."""
    rows: list[ClaimRow] = []
    for form in store.scheme.forms_of("unit"):
        line = "line" if form.is_list else "0"
        names = ", ".join(quote(item.name) for item in form.items)
        sql = f"SELECT {line}, coalesce(source_row, 0), {names} FROM {form.table} WHERE response = ? ORDER BY 1"
        for period, response in begun.items():
            for at, number, *values in store.execute(sql, (response,)).fetchall():
                sent = [
                    said[period].get(place_text(item.name, at), value)
                    for item, value in zip(form.items, values, strict=True)
                ]
                rows.append((form.id, period, at, number, sent))
    return rows


# Claims under a later version of the scheme


def lend(store: Store) -> list[tuple[int, str, str, dict[str, int]]]:
    """Puts all claims into the forms' tables as responses of their own, so that an upgrade carries them along.

    Gives the return, the unit's code and name, and the response by period, for `take_up`.
    """
    lent = []
    for merge, uscc in store.execute("SELECT merge, uscc FROM claim ORDER BY merge, uscc").fetchall():
        name, rows = read(store, merge, uscc)
        unit = store.execute(
            "INSERT INTO unit (uscc, name, district, kind) VALUES (?, ?, '', ?)", (f"{uscc}#{merge}", name, _LENT)
        ).lastrowid
        begun: dict[str, int] = {}
        for form_id, period, line, number, values in rows:
            if period not in begun:
                response = store.execute(
                    "INSERT INTO response (unit, period, status) VALUES (?, ?, 'in_progress')", (unit, period)
                ).lastrowid
                assert response is not None
                begun[period] = response
            _insert(store, store.scheme.form(form_id), begun[period], line, number, values)
        lent.append((merge, uscc, name, begun))
    return lent


def _insert(store: Store, form: Form, response: int, line: int, number: int, values: Sequence[Value]) -> None:
    place: Mapping[str, int] = {"response": response} | ({"line": line} if form.is_list else {})
    names = ", ".join([*place, "source_row", *(quote(item.name) for item in form.items)])
    facts = (*place.values(), number, *values)
    store.execute(f"INSERT INTO {form.table} ({names}) VALUES ({', '.join('?' * len(facts))})", facts)


def take_up(store: Store, lent: Iterable[tuple[int, str, str, Mapping[str, int]]]) -> None:
    """Keeps the claims again as the new version of the scheme has them; the lent responses are gone."""
    for merge, uscc, name, begun in lent:
        write(store, merge, uscc, name, _rows(store, begun, {period: {} for period in begun}))
        for response in begun.values():
            for form in store.scheme.forms:
                store.execute(f"DELETE FROM {form.table} WHERE response = ?", (response,))
            store.execute("DELETE FROM response WHERE id = ?", (response,))
            store.execute("DELETE FROM touched WHERE response = ?", (response,))
    store.execute("DELETE FROM unit WHERE kind = ?", (_LENT,))
