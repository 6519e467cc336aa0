"""A unit's response of a period as a whole: its number, whether anything is in it, and how it is taken out."""

from __future__ import annotations

from collections.abc import Collection

from survey.form import Form
from survey.record import DISPOSALS
from survey.sql import quote
from survey.store import Store

# The number of the next response. One that was taken out does not come again: what imports brought is told by numbers.
NEXT = (
    "(SELECT 1 + max(coalesce((SELECT max(id) FROM response), 0), coalesce((SELECT max(last_response) FROM batch), 0)))"
)
# Rows of these tables tell that somebody has worked on a response.
WORKED_ON = ("explanation", "query")


def blank_row(form: Form) -> str:
    """The condition that a row of a form holds nothing but what is computed."""
    return " AND ".join(f"{quote(item.name)} IS NULL" for item in form.items if not item.computed)


def of_unit(store: Store, unit: int) -> dict[str, int]:
    """A unit's responses by period, the earliest first."""
    # By period and unit there is an index, by the unit alone there is none.
    return {
        period: int(found[0])
        for period in reversed(store.periods())
        if (found := store.execute("SELECT id FROM response WHERE period = ? AND unit = ?", (period, unit)).fetchone())
    }


def is_empty(store: Store, response: int) -> bool:
    """Whether a response has no answer, explanation or query."""
    conditions: Collection[str] = [
        *(f"SELECT 1 FROM {table} WHERE response = ?1" for table in WORKED_ON),
        *(f"SELECT 1 FROM {form.table} WHERE response = ?1 AND NOT ({blank_row(form)})" for form in store.scheme.forms),
    ]
    return not any(store.execute(f"{one} LIMIT 1", (response,)).fetchone() for one in conditions)


def forget(store: Store, response: int) -> bool:
    """Takes out a response of which nothing is left, so that its unit has not begun; gives whether it was.

    One that this desk has set aside itself stays.
    """
    row = store.execute(
        "SELECT r.status, a.response IS NOT NULL FROM response r LEFT JOIN aside a ON a.response = r.id WHERE r.id = ?",
        (response,),
    ).fetchone()
    if row is None or (row[0] in DISPOSALS and not row[1]) or not is_empty(store, response):
        return False
    drop(store, response)
    return True


def drop(store: Store, response: int) -> None:
    """Takes a response out with its rows; its unit has not begun."""
    for form in store.scheme.forms:
        store.execute(f"DELETE FROM {form.table} WHERE response = ?", (response,))
    store.execute("DELETE FROM aside WHERE response = ?", (response,))
    store.execute("DELETE FROM response WHERE id = ?", (response,))
