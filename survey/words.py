"""The last word of each sender on the cells that this desk holds: the base of the three-way merge.

Where nobody here has touched a cell, what stands is what was sent. Elsewhere the record of changes tells what came
last from a return, and the record of conflicts what a later one said that was not taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from survey.scalar import Value
from survey.store import Store

RETURN = "return"
# Kinds of conflicts: the two sides differ; they came to say the same.
HELD, AGREED = "city_edit", "agreed"

_UNDONE = "(SELECT s.id FROM source s JOIN batch b ON b.id = s.batch WHERE b.undone <> '')"
_RETURNS = f"(SELECT id FROM source WHERE kind = '{RETURN}')"


@dataclass(frozen=True)
class Before:
    """A cell, and the conflict about it with the last change that was on record when it arose."""

    unit: int
    period: str
    place: str
    conflict: int
    seen: int


class Words:
    """What the senders of returns last said of cells that somebody here has written.

    With `at` only of one cell, and only what they had said before a conflict about it.
    """

    def __init__(self, store: Store, at: Before | None = None) -> None:
        self._store = store
        self._at = at

    @property
    def any(self) -> bool:
        """Whether this desk holds any cell at all."""
        return bool(self._by_response or self._imports)

    def of(self, unit: int, period: str) -> Mapping[str, Value]:
        """The sender's last word on the cells that somebody here has written, by place: `revenue`, `product[2]`."""
        return self._by_response.get((unit, period), {})

    def imported(self, source: int | None) -> bool:
        """Whether a row came with a file that somebody here has taken in, so that no sender has spoken of it."""
        return source is not None and source in self._imports

    @cached_property
    def _imports(self) -> frozenset[int]:
        rows = self._store.execute(
            "SELECT s.id FROM source s JOIN batch b ON b.id = s.batch WHERE b.undone = '' AND s.kind <> ?", (RETURN,)
        )
        return frozenset(row[0] for row in rows)

    @cached_property
    def _by_response(self) -> dict[tuple[int, str], dict[str, Value]]:
        words: dict[tuple[int, str], dict[str, tuple[int, Value]]] = {}
        for unit, period, place, returned, old, new, number in self._written():
            cells = words.setdefault((unit, period), {})
            if returned:
                cells[place] = number, new
            else:
                # Before anybody here wrote it, the cell held what had been sent.
                cells.setdefault(place, (number, old))
        for unit, period, place, offered, seen in self._offered():
            cells = words.setdefault((unit, period), {})
            if place not in cells or seen >= cells[place][0]:
                cells[place] = seen, offered
        return {key: {place: word for place, (_, word) in cells.items()} for key, cells in words.items()}

    def _written(self) -> list[tuple[int, str, str, int, Value, Value, int]]:
        """The changes of the cells that somebody here has written, in order; what was undone never was."""
        written = f"(c.source IS NULL OR c.source NOT IN {_RETURNS})"
        stands = f"(c.source IS NULL OR c.source NOT IN {_UNDONE})"
        facts: tuple[object, ...] = ()
        if self._at:
            stands += " AND c.unit = ?1 AND c.period = ?2 AND c.item = ?3 AND c.id <= ?4"
            facts = (self._at.unit, self._at.period, self._at.place, self._at.seen)
        return self._store.execute(
            f"SELECT c.unit, c.period, c.item, c.source IS NOT NULL AND c.source IN {_RETURNS}, c.old, c.new, c.id"
            " FROM change c JOIN (SELECT DISTINCT c.unit, c.period, c.item FROM change c"
            f" WHERE c.form <> '' AND {stands} AND {written}) h"
            f" ON h.unit = c.unit AND h.period = c.period AND h.item = c.item WHERE {stands} ORDER BY c.id",
            facts,
        ).fetchall()

    def _offered(self) -> list[tuple[int, str, str, Value, int]]:
        """What returns that stand have said of cells that were held, in order."""
        where = ""
        facts: tuple[object, ...] = ()
        if self._at:
            where = " AND u.id = ? AND c.period = ? AND c.item = ? AND c.id < ?"
            facts = (self._at.unit, self._at.period, self._at.place, self._at.conflict)
        return self._store.execute(
            "SELECT u.id, c.period, c.item, c.offered, c.seen FROM conflict c JOIN unit u ON u.uscc = c.uscc"
            f" JOIN merge m ON m.id = c.merge WHERE c.kind IN ('{HELD}', '{AGREED}') AND m.state = 'accepted'"
            f"{where} ORDER BY c.id",
            facts,
        ).fetchall()
