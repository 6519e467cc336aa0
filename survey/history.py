"""The record of changes as a person reads it: a cell's history, and what was done today, to undo it."""

from __future__ import annotations

from dataclasses import dataclass

from survey.scalar import Value
from survey.store import Store, place_of, place_text

# Reasons the program itself gives; what stands after the colon ties the cells of one step together.
UNDO, REDO, BLOCK, MAGNITUDE, QUERY, CONFLICT = "undo", "redo", "block", "magnitude", "query", "conflict"
# An import was undone.
IMPORT = "import"
_TIED = (UNDO, REDO, BLOCK, MAGNITUDE, QUERY, CONFLICT)


@dataclass(frozen=True)
class Event:
    """One change of one cell: when, by whom, from what to what, why, and the file it came from."""

    at: str
    who: str
    item: str
    line: int
    period: str
    old: Value
    new: Value
    reason: str
    source: str = ""


@dataclass(frozen=True)
class Step:
    """Cells that were changed together by a person."""

    events: tuple[Event, ...]


def of_cell(store: Store, unit: int, period: str, item: str, line: int = 0) -> list[Event]:
    """Every change of a cell, the latest first."""
    facts = (unit, period, place_text(item, line))
    return _events(store, "c.unit = ? AND c.period = ? AND c.item = ? ORDER BY c.id DESC", facts)


def of_unit(store: Store, unit: int) -> list[Event]:
    """Every change of a unit's answers, the latest first."""
    return _events(store, "c.unit = ? ORDER BY c.id DESC", (unit,))


def steps_since(store: Store, unit: int, period: str, since: str) -> tuple[list[Step], int]:
    """What people did to a unit's answers since a moment, and how many of the steps are not undone."""
    events = _events(
        store,
        "c.unit = ? AND c.period = ? AND c.form <> '' AND c.source IS NULL AND c.at >= ? ORDER BY c.id",
        (unit, period, since),
    )
    steps: list[Step] = []
    done = 0
    for together in _together(events):
        kind = together[0].reason.partition(":")[0]
        if kind == UNDO:
            done = max(done - 1, 0)
        elif kind == REDO:
            done = min(done + 1, len(steps))
        else:
            # A new step after an undo: what was undone can no longer be redone.
            steps = [*steps[:done], Step(together)]
            done += 1
    return steps, done


def _together(events: list[Event]) -> list[tuple[Event, ...]]:
    """Neighbouring events of one step."""
    groups: list[list[Event]] = []
    for event in events:
        tied = ":" in event.reason and event.reason.partition(":")[0] in _TIED
        if groups and tied and groups[-1][-1].reason == event.reason:
            groups[-1].append(event)
        else:
            groups.append([event])
    return [tuple(group) for group in groups]


def _events(store: Store, where: str, facts: tuple[object, ...]) -> list[Event]:
    rows = store.execute(
        "SELECT c.at, c.who, c.item, c.period, c.old, c.new, c.reason, coalesce(s.name, '')"
        f" FROM change c LEFT JOIN source s ON s.id = c.source WHERE {where}",
        facts,
    )
    return [
        Event(at, who, *place_of(place), period, old, new, reason, source)
        for at, who, place, period, old, new, reason, source in rows
    ]
