"""The records of a form with their units, as they leave the survey file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from survey.form import Form
from survey.sql import literal, quote
from survey.store import Store


def form_rows(store: Store, form: Form, period: str = "", *, own: bool = False) -> Iterator[tuple[Any, ...]]:
    """Every record of a form: uscc, name, period, its line on a list, then the items; the latest period first.

    With a period those up to it; what is `own` is of that period alone.
    """
    items = ", ".join([*(["f.line"] if form.is_list else []), *(f"f.{quote(item.name)}" for item in form.items)])
    order = ", f.line" if form.is_list else ""
    # Units that were taken out of the register may have answers still.
    where, given = [f"u.kind = {literal(form.respondent)}"], (period,) if period else ()
    if period:
        where.append(f"r.period {'=' if own else '<='} ?")
    return store.execute(
        f"SELECT u.uscc, u.name, r.period, {items} FROM response r JOIN unit u ON u.id = r.unit"
        f" JOIN {form.table} f ON f.response = r.id WHERE {' AND '.join(where)} ORDER BY r.period DESC, r.id{order}",
        given,
    )


def form_count(store: Store, form: Form) -> int:
    """How many records a form has."""
    return int(
        store.execute(
            f"SELECT count(*) FROM {form.table} f JOIN response r ON r.id = f.response JOIN unit u ON u.id = r.unit"
            f" WHERE u.kind = {literal(form.respondent)}"
        ).fetchone()[0]
    )
