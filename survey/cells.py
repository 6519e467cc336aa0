"""The answers in an open survey file: every cell that is written is on disk at once, and what it replaces is kept."""

from __future__ import annotations

from survey.errors import SurveyError
from survey.form import Form, Item
from survey.formulas import Answers
from survey.record import previous_period
from survey.scalar import Value
from survey.scheme import REGISTER_ITEMS
from survey.sql import quote
from survey.store import Change, Store


def read(store: Store, unit: int, period: str) -> Answers:
    """A unit's filled answers of a period."""
    found = Answers()
    response = _response(store, unit, period)
    if response is None:
        return found
    for form in store.scheme.forms_of(store.kind_of(unit)):
        names = [item.name for item in form.items]
        line = "line, " if form.is_list else ""
        rows = store.execute(
            f"SELECT {line}{', '.join(map(quote, names))} FROM {form.table} WHERE response = ?", (response,)
        )
        for row in rows:
            if form.is_list:
                found.lines.setdefault(form.id, {})[row[0]] = _filled(names, row[1:])
            else:
                found.values.update(_filled(names, row))
    return found


def add_unit(store: Store, uscc: str, name: str, period: str) -> int:
    """A new unit of the register, which begins its answers; raises SurveyError where the code is taken."""
    with store.atomic():
        unit = store.insert_unit(uscc, name)
        first = {"uscc": uscc, "name": name, "district": store.district}
        for item_name in REGISTER_ITEMS:
            if first[item_name] is not None:
                put(store, unit, period, store.scheme.item(item_name), first[item_name])
        refresh(store, unit, period)
    return unit


def _filled(names: list[str], values: tuple[Value, ...]) -> dict[str, Value]:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def write(
    store: Store,
    unit: int,
    period: str,
    item_name: str,
    value: Value,
    *,
    line: int = 0,
    who: str = "",
    reason: str = "",
) -> list[tuple[Item, int, Value]]:
    """One committed cell, on disk when this returns; items of a list form are written on a line.

    Gives the computed items that follow from it. Raises SurveyError `unit_exists`, `computed`.
    """
    item = store.scheme.item(item_name)
    if item.computed:
        raise SurveyError("computed", label=item.label)
    with store.atomic():
        if item_name == "uscc" and (value is None or store.find_unit(str(value)) not in (None, unit)):
            raise SurveyError("unit_exists" if value else "value.required", uscc=value, label=item.label)
        old = put(store, unit, period, item, value, line)
        if old != value:
            store.log([Change(unit, item, period, old, value, line)], who=who, reason=reason, source=None)
        return refresh(store, unit, period)


def remove_line(store: Store, unit: int, period: str, form: Form, line: int, *, who: str = "") -> None:
    """Takes a line out of a list form; what it held is kept as changes."""
    with store.atomic():
        held = read(store, unit, period).lines.get(form.id, {}).get(line, {})
        response = _begun(store, unit, period)
        store.execute(f"DELETE FROM {form.table} WHERE response = ? AND line = ?", (response, line))
        changes = [
            Change(unit, item, period, held[item.name], None, line)
            for item in form.items
            if item.name in held and not item.computed
        ]
        store.log(changes, who=who, reason="", source=None)
        refresh(store, unit, period)


def refresh(store: Store, unit: int, period: str) -> list[tuple[Item, int, Value]]:
    """Brings the computed items of a unit up to date."""
    if not store.scheme.computed:
        return []
    now, before = read(store, unit, period), read(store, unit, previous_period(period))
    changed = store.formulas.compute(now, before)
    for item, line, value in changed:
        put(store, unit, period, item, value, line)
    return changed


def refresh_all(store: Store, period: str) -> None:
    """Brings the computed items of a whole period up to date, in the open transaction."""
    for statement in store.formulas.statements(period):
        store.execute(statement)


def put(store: Store, unit: int, period: str, item: Item, value: Value, line: int = 0) -> Value:
    """Sets a cell without a word in the record of changes; gives what was there."""
    response = _begun(store, unit, period)
    form, column = store.scheme.form(item.form), quote(item.name)
    keys, where = ("response", "response = ?") if not form.is_list else ("response, line", "response = ? AND line = ?")
    place = (response, line) if form.is_list else (response,)
    row = store.execute(f"SELECT {column} FROM {form.table} WHERE {where}", place).fetchone()
    store.execute(
        f"INSERT INTO {form.table} ({keys}, {column}) VALUES ({'?, ' * len(place)}?)"
        f" ON CONFLICT ({keys}) DO UPDATE SET {column} = excluded.{column}",
        (*place, value),
    )
    if item.name in ("uscc", "name") and value is not None and period == store.period:
        store.name_unit(unit, item.name, str(value))
    return row[0] if row else None


def _response(store: Store, unit: int, period: str) -> int | None:
    row = store.execute("SELECT id FROM response WHERE period = ? AND unit = ?", (period, unit)).fetchone()
    return int(row[0]) if row else None


def _begun(store: Store, unit: int, period: str) -> int:
    """The response that a cell belongs to, begun where there was none; whoever types reopens it."""
    store.execute(
        "INSERT INTO response (unit, period, status) VALUES (?, ?, 'in_progress')"
        " ON CONFLICT (period, unit) DO UPDATE SET status = 'in_progress', reason = ''",
        (unit, period),
    )
    found = _response(store, unit, period)
    assert found is not None
    return found
