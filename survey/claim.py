"""What a return says of a unit that counts elsewhere, or nowhere: kept with the return, as it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from survey import responses
from survey.form import Form
from survey.scalar import Value
from survey.sql import quote
from survey.store import Store, place_text
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
