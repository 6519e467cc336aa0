"""Notes on a unit or one of its items, with references to papers that are kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from survey.persons import permit
from survey.store import Store, now, place_of


@dataclass(frozen=True)
class Note:
    """What somebody wrote; `item` is '' for the unit as a whole, `attachment` says where a paper is."""

    id: int
    item: str
    line: int
    text: str
    attachment: str
    who: str
    at: str


def add(
    store: Store,
    unit: int,
    period: str,
    text: str,
    *,
    item: str = "",
    line: int = 0,
    attachment: str = "",
    who: str = "",
) -> None:
    """Writes a note."""
    permit(store, "decide")
    place = f"{item}[{line}]" if line else item
    with store.atomic():
        store.execute(
            "INSERT INTO note (unit, period, item, text, attachment, who, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (unit, period, place, text.strip(), attachment.strip(), who, now()),
        )


def remove(store: Store, note: Note) -> None:
    """Takes a note away."""
    permit(store, "decide")
    with store.atomic():
        store.execute("DELETE FROM note WHERE id = ?", (note.id,))


def of_unit(store: Store, unit: int, period: str) -> list[Note]:
    """A unit's notes of a period, the earliest first."""
    rows = store.execute(
        "SELECT id, item, text, attachment, who, at FROM note WHERE unit = ? AND period = ? ORDER BY id",
        (unit, period),
    )
    return [Note(row[0], *place_of(row[1]), *row[2:]) for row in rows]
