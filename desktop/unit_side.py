"""A unit as one of several side by side: what the register says of it, and its answers of the period."""

from __future__ import annotations

from desktop.side_table import Side, answers_of
from survey.store import Store, UnitRow
from survey.texts import Texts


def unit_side(store: Store, unit: UnitRow, texts: Texts, *, counts: bool = False) -> Side:
    """A unit whether it counts or not; with `counts` that is told."""
    period = store.period
    sender, kind = store.execute("SELECT sender, kind FROM unit WHERE id = ?", (unit.id,)).fetchone()
    status = store.execute("SELECT status FROM response WHERE unit = ? AND period = ?", (unit.id, period)).fetchone()
    facts = {texts("lookalike.side.status"): texts(f"status.{status[0] if status else 'due'}")}
    if store.is_city:
        label = store.scheme.districts.label(sender, texts.lang) if sender else ""
        facts[texts("lookalike.side.sender")] = label
    if counts:
        counted = "counted" if kind == "unit" else "not_counted"
        facts[texts("lookalike.side.counts")] = texts(f"lookalike.side.{counted}")
    register = {"uscc": unit.uscc, "name": unit.name, "district": unit.district}
    answers = answers_of(store, unit.id, period)
    return Side(unit.name, facts, {**answers, **{name: value for name, value in register.items() if value}})
