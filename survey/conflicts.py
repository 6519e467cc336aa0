"""Cells about which this desk and a sender say different things: kept with both values until a person decides."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from survey import cells
from survey.errors import SurveyError
from survey.history import CONFLICT
from survey.persons import permit
from survey.progress import Progress
from survey.record import read_value
from survey.scalar import Value
from survey.sql import quote
from survey.store import Store, now, place_of, place_text
from survey.taking import Outcome
from survey.words import AGREED, HELD, Before, Words

OPEN, REPLACED, VOID = "open", "replaced", "void"
# What a person decides: the sender is right, this desk is, or neither.
Choice = Literal["district", "city", "value"]
CHOICES: tuple[Choice, ...] = ("district", "city", "value")

# Nobody need decide about units that count for nothing; should they count again, their conflicts wait again.
COUNTS = "u.kind NOT IN ('withdrawn', 'duplicate')"

_COLUMNS = (
    "c.id, c.uscc, coalesce(u.name, ''), c.period, c.item, c.district, c.kept, c.offered, s.name, c.source_row, m.at,"
    " c.state, c.value, c.who, c.at, c.reason"
)
_FROM = "conflict c JOIN merge m ON m.id = c.merge JOIN source s ON s.id = m.source LEFT JOIN unit u ON u.uscc = c.uscc"


@dataclass(frozen=True)
class OpenConflict:
    """A conflict as it is shown: what this desk keeps, what the sender offers, in which file and row, since when.

    `state` is `open`, or a choice, after which `value`, `who`, `decided` and `reason` tell what was decided.
    """

    id: int
    uscc: str
    name: str
    period: str
    item: str
    line: int
    sender: str
    kept: Value
    offered: Value
    file: str
    row: int
    at: str
    state: str
    value: Value
    who: str
    decided: str
    reason: str


@dataclass(frozen=True)
class Writer:
    """Who wrote a cell here, when and why."""

    who: str
    at: str
    reason: str


def keep(store: Store, merge: int, outcome: Outcome) -> int:
    """Records what a return says of cells that this desk holds; gives how many of them wait for a decision.

    What waited about the same cell before is replaced.
    """
    seen = store.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0]
    district = store.execute("SELECT district FROM merge WHERE id = ?", (merge,)).fetchone()[0]
    for kind, state, found in ((HELD, OPEN, outcome.collisions), (AGREED, AGREED, outcome.agreed)):
        for one in found:
            place = place_text(one.item, one.line)
            store.execute(
                "UPDATE conflict SET state = ?, replaced_by = ? WHERE uscc = ? AND period = ? AND item = ?"
                " AND state = ?",
                (REPLACED, merge, *one.key, place, OPEN),
            )
            store.execute(
                "INSERT INTO conflict (merge, uscc, period, kind, item, district, kept, offered, source_row, seen,"
                " state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (merge, *one.key, kind, place, district, one.kept, one.offered, one.row, seen, state),
            )
    return len(outcome.collisions)


def void(store: Store, merge: int) -> None:
    """A return was undone: what it said is not in conflict with anything, and what it replaced waits again."""
    store.execute("UPDATE conflict SET state = ? WHERE merge = ? AND state IN (?, ?)", (VOID, merge, OPEN, AGREED))
    store.execute("UPDATE conflict SET state = ?, replaced_by = NULL WHERE replaced_by = ?", (OPEN, merge))


def listed(store: Store, *, settled: bool = False) -> list[OpenConflict]:
    """The conflicts of units that count which wait for a decision, or all that were decided, the latest first."""
    states = CHOICES if settled else (OPEN,)
    counts = "" if settled else f" AND {COUNTS}"
    order = "c.at DESC, c.id DESC" if settled else "c.district, c.uscc, c.id"
    rows = store.execute(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.kind = ? AND c.state IN ({', '.join('?' * len(states))}){counts}"
        f" ORDER BY {order}",
        (HELD, *states),
    )
    return _conflicts(rows)


def _conflicts(rows: Iterable[tuple[Any, ...]]) -> list[OpenConflict]:
    return [
        OpenConflict(number, uscc, name, period, *place_of(place), *facts)
        for number, uscc, name, period, place, *facts in rows
    ]


def of_cell(store: Store, unit: int, period: str, item: str, line: int = 0) -> list[OpenConflict]:
    """What senders said of a cell against what is kept here, open or decided, the latest first."""
    states = (OPEN, *CHOICES)
    rows = store.execute(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.kind = ? AND u.id = ? AND c.period = ? AND c.item = ?"
        f" AND c.state IN ({', '.join('?' * len(states))}) ORDER BY c.id DESC",
        (HELD, unit, period, place_text(item, line), *states),
    )
    return _conflicts(rows)


def writer(store: Store, conflict: OpenConflict) -> Writer | None:
    """Who wrote what this desk keeps; None where the record does not tell."""
    row = store.execute(
        "SELECT c.who, c.at, c.reason FROM change c JOIN unit u ON u.id = c.unit WHERE u.uscc = ? AND c.period = ?"
        " AND c.item = ? AND c.new IS ? ORDER BY c.id DESC LIMIT 1",
        (conflict.uscc, conflict.period, place_text(conflict.item, conflict.line), conflict.kept),
    ).fetchone()
    return Writer(*row) if row else None


def base(store: Store, conflict: OpenConflict) -> Value:
    """What the sender had said of the cell before the return that is in conflict."""
    unit, seen = store.execute(
        "SELECT u.id, c.seen FROM conflict c JOIN unit u ON u.uscc = c.uscc WHERE c.id = ?", (conflict.id,)
    ).fetchone()
    place = place_text(conflict.item, conflict.line)
    words = Words(store, Before(unit, conflict.period, place, conflict.id, seen))
    return words.of(unit, conflict.period).get(place)


def typed(store: Store, found: Sequence[OpenConflict], text: str) -> Value:
    """What a person gives as the right value of some conflicts of one item; blank is None.

    Raises SurveyError `nothing_chosen`, `conflict_items`, and ValueProblem where it is no answer to the item.
    """
    if not found:
        raise SurveyError("nothing_chosen")
    if len({one.item for one in found}) > 1:
        raise SurveyError("conflict_items")
    return read_value(store.scheme.item(found[0].item), text, store.scheme.lists)


def settle(
    store: Store,
    ids: Sequence[int],
    choice: Choice,
    *,
    value: Value = None,
    who: str = "",
    reason: str = "",
    progress: Progress | None = None,
) -> int:
    """Decides conflicts, all or none; gives how many were open. With `value` as the choice that value is written.

    Raises Cancelled, after which nothing is decided.
    """
    permit(store, "merge")
    together = f"{CONFLICT}:{uuid.uuid4().hex[:8]}"
    with store.atomic():
        waiting = _waiting(store, ids)
        for at, one in enumerate(waiting):
            if progress:
                progress(at, len(waiting), "progress.conflicts")
            present = _present(store, one)
            chosen = {"district": one.offered, "city": present, "value": value}[choice]
            if chosen != present:
                _write(store, one, chosen, who, together)
            store.execute(
                "UPDATE conflict SET state = ?, kept = ?, value = ?, who = ?, at = ?, reason = ? WHERE id = ?",
                (choice, present, chosen, who, now(), reason, one.id),
            )
    return len(waiting)


def reopen(store: Store, ids: Sequence[int], *, who: str = "") -> int:
    """Takes decisions back, all or none; gives how many. A cell that was written since is left as it is.

    What a return had said that was undone since is in conflict with nothing any more.
    """
    permit(store, "merge")
    together = f"{CONFLICT}:{uuid.uuid4().hex[:8]}"
    with store.atomic():
        found = [one for one in _by_id(store, ids) if one.state in CHOICES]
        for one in found:
            if one.kept != one.value == _present(store, one):
                _write(store, one, one.kept, who, together)
            store.execute(
                "UPDATE conflict SET state = CASE (SELECT state FROM merge WHERE id = conflict.merge)"
                " WHEN 'accepted' THEN ? ELSE ? END, value = NULL, who = '', at = '', reason = '' WHERE id = ?",
                (OPEN, VOID, one.id),
            )
    return len(found)


def _present(store: Store, one: OpenConflict) -> Value:
    form = store.scheme.form_of(one.item)
    row = store.execute(
        f"SELECT f.{quote(one.item)} FROM {form.table} f JOIN response r ON r.id = f.response"
        " JOIN unit u ON u.id = r.unit"
        f" WHERE u.uscc = ? AND r.period = ?{f' AND f.line = {one.line}' if one.line else ''}",
        (one.uscc, one.period),
    ).fetchone()
    value: Value = row[0] if row else None
    return value


def _write(store: Store, one: OpenConflict, value: Value, who: str, reason: str) -> None:
    """Puts a value in place of what the cell holds; whether the unit has been submitted stays as it is."""
    unit = store.find_unit(one.uscc)
    assert unit is not None
    status = store.execute(
        "SELECT status, reason FROM response WHERE unit = ? AND period = ?", (unit, one.period)
    ).fetchone()
    cells.write(store, unit, one.period, one.item, value, line=one.line, who=who, reason=reason)
    if status:
        store.execute(
            "UPDATE response SET status = ?, reason = ? WHERE unit = ? AND period = ?", (*status, unit, one.period)
        )


def _waiting(store: Store, ids: Sequence[int]) -> list[OpenConflict]:
    return [one for one in _by_id(store, ids) if one.state == OPEN]


def _by_id(store: Store, ids: Sequence[int]) -> list[OpenConflict]:
    found: Mapping[int, OpenConflict] = {one.id: one for one in (*listed(store), *listed(store, settled=True))}
    return [found[one] for one in ids if one in found]
