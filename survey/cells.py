"""The answers in an open survey file: every cell that is written is on disk at once, and what it replaces is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from survey.errors import SurveyError
from survey.form import Form, Item
from survey.formulas import Answers
from survey.persons import permit
from survey.record import next_period, previous_period
from survey.responses import NEXT, blank_row
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
    permit(store, "edit")
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
) -> None:
    """One committed cell, on disk when this returns; items of a list form are written on a line.

    Raises SurveyError `unit_exists`, `computed`.
    """
    write_all(store, unit, period, [(item_name, line, value)], who=who, reason=reason)


def write_all(
    store: Store,
    unit: int,
    period: str,
    written: Sequence[tuple[str, int, Value]],
    *,
    who: str = "",
    reason: str = "",
    source: int | None = None,
) -> None:
    """Some cells (item name, line, value), all or none; the computed items follow.

    A line of a list form whose cells are all blank is gone. They are a person's word, or with `source` that of a file.
    Raises SurveyError `unit_exists`, `computed`, `uscc_of_sender`.
    """
    permit(store, "edit")
    with store.atomic():
        changes = []
        for name, line, value in written:
            item = store.scheme.item(name)
            if item.computed:
                raise SurveyError("computed", label=item.label, label_en=item.label_en)
            if name == "uscc" and (value is None or store.find_unit(str(value)) not in (None, unit)):
                raise SurveyError(
                    "unit_exists" if value else "value.required", uscc=value, label=item.label, label_en=item.label_en
                )
            if name == "uscc":
                _own_code(store, unit, item, value)
            old = put(store, unit, period, item, value, line)
            if old != value:
                changes.append(Change(unit, item, period, old, value, line))
        store.log(changes, who=who, reason=reason, source=source)
        for form_id in {change.item.form for change in changes if change.line and change.new is None}:
            _drop_blank_lines(store, store.scheme.form(form_id), unit, period)
        refresh(store, unit, period)
        if store.formulas.reads_before and _response(store, unit, next_period(period)) is not None:
            refresh(store, unit, next_period(period))


def _own_code(store: Store, unit: int, item: Item, value: Value) -> None:
    """The code of a unit that somebody returns is known by is theirs to correct."""
    uscc, sender = store.execute("SELECT uscc, sender FROM unit WHERE id = ?", (unit,)).fetchone()
    if sender and value != uscc:
        called = store.scheme.districts.label(sender) if sender in store.scheme.districts.codes else sender
        raise SurveyError("uscc_of_sender", label=item.label, label_en=item.label_en, sender=called)


def remove_line(
    store: Store, unit: int, period: str, form: Form, line: int, *, who: str = "", reason: str = ""
) -> None:
    """Takes a line out of a list form; what it held is kept as changes."""
    permit(store, "edit")
    blank = [(item.name, line, None) for item in form.items if not item.computed]
    write_all(store, unit, period, blank, who=who, reason=reason)


def _drop_blank_lines(store: Store, form: Form, unit: int, period: str) -> None:
    response = _response(store, unit, period)
    store.execute(f"DELETE FROM {form.table} WHERE response = ? AND {blank_row(form)}", (response,))


def refresh(store: Store, unit: int, period: str) -> None:
    """Brings the computed items of a unit up to date."""
    if not store.scheme.computed:
        return
    now, before = read(store, unit, period), read(store, unit, previous_period(period))
    for item, line, value in store.formulas.compute(now, before, store.kind_of(unit)):
        put(store, unit, period, item, value, line)


def refresh_all(store: Store, periods: Collection[str], written: Collection[str] | None = None) -> None:
    """Brings computed items of whole periods up to date, in the open transaction.

    With `written` only those that follow from these items.
    """
    touched = set(periods)
    if store.formulas.reads_before:
        touched |= {period for period in store.periods() if previous_period(period) in touched}
    for period in sorted(touched):
        for statement in store.formulas.statements(period, written):
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
        f"INSERT INTO response (id, unit, period, status) VALUES ({NEXT}, ?, ?, 'in_progress')"
        " ON CONFLICT (period, unit) DO UPDATE SET status = 'in_progress', reason = ''",
        (unit, period),
    )
    found = _response(store, unit, period)
    assert found is not None
    return found
