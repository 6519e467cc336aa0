"""Ties between units: branches, parents, moves, successions; the other unit may be unknown to the file."""

from __future__ import annotations

from dataclasses import dataclass

from survey.codes import well_formed_uscc
from survey.damage import plain
from survey.errors import SurveyError
from survey.persons import permit
from survey.sql import quote
from survey.store import Store, now

# A unit is the branch of, parent of, moved from, successor of the other.
KINDS = ("branch_of", "parent_of", "moved_from", "successor_of")
PARENT_ITEM = "parent_uscc"


@dataclass(frozen=True)
class Tie:
    """`unit` is `kind` `other`, both by code; the names are '' where the file does not know them."""

    unit: str
    unit_name: str
    kind: str
    other: str
    other_name: str
    who: str = ""
    at: str = ""


def add(store: Store, unit: int, kind: str, other: str, *, who: str = "") -> None:
    """Ties a unit to another; the same tie twice is one. Raises SurveyError `link_kind`, `link_code`, `link_self`."""
    permit(store, "decide")
    code = plain(other)
    if kind not in KINDS:
        raise SurveyError("link_kind", kind=kind, known="、".join(KINDS))
    if not well_formed_uscc(code):
        raise SurveyError("link_code", found=other)
    if store.find_unit(code) == unit:
        raise SurveyError("link_self")
    with store.atomic():
        store.execute(
            "INSERT INTO unit_link (unit, kind, other, who, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (unit, kind, code, who, now()),
        )


def remove(store: Store, tie: Tie) -> None:
    """Takes a tie away."""
    permit(store, "decide")
    with store.atomic():
        store.execute(
            "DELETE FROM unit_link WHERE unit = (SELECT id FROM unit WHERE uscc = ?) AND kind = ? AND other = ?",
            (tie.unit, tie.kind, tie.other),
        )


def of_unit(store: Store, unit: int) -> list[Tie]:
    """The ties a unit has to others, then those others have to it."""
    rows = store.execute(
        "SELECT u.uscc, u.name, l.kind, l.other, coalesce(o.name, ''), l.who, l.at FROM unit_link l"
        " JOIN unit u ON u.id = l.unit LEFT JOIN unit o ON o.uscc = l.other"
        " WHERE l.unit = ? OR l.other = (SELECT uscc FROM unit WHERE id = ?)"
        " ORDER BY l.unit <> ?, l.kind, l.other",
        (unit, unit, unit),
    )
    return [Tie(*row) for row in rows]


def suggested(store: Store, period: str) -> list[Tie]:
    """Parents that units answered and that nobody has tied yet; only where the file knows the parent."""
    item = store.scheme.items.get(PARENT_ITEM)
    if item is None:
        return []
    column, table = quote(item.name), store.scheme.form(item.form).table
    rows = store.execute(
        f"SELECT p.uscc, p.name, u.uscc, u.name FROM {table} f JOIN response r ON r.id = f.response"
        f" JOIN unit u ON u.id = r.unit JOIN unit p ON p.uscc = f.{column}"
        " WHERE r.period = ? AND p.id <> u.id AND NOT EXISTS"
        " (SELECT 1 FROM unit_link l WHERE l.unit = p.id AND l.kind = 'parent_of' AND l.other = u.uscc)"
        " ORDER BY p.uscc, u.uscc",
        (period,),
    )
    return [Tie(uscc, name, "parent_of", child, child_name) for uscc, name, child, child_name in rows]
