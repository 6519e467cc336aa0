"""How often the first entry was wrong: per operator and per form, with how sure the figure is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from survey.store import Store

# The 97.5 % quantile of the normal distribution: two-sided 95 %.
Z = 1.959963984540054


@dataclass(frozen=True)
class Rate:
    """Errors in compared cells, of an operator or a form; the bounds are per 1,000 cells as is the rate."""

    name: str
    cells: int
    errors: int

    @property
    def per_thousand(self) -> float | None:
        """Errors per 1,000 cells; None where no cell was compared."""
        return 1000 * self.errors / self.cells if self.cells else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The 95 % interval per 1,000 cells."""
        if not self.cells:
            return None
        low, high = wilson(self.errors, self.cells)
        return 1000 * low, 1000 * high


@dataclass(frozen=True)
class Statistics:
    """What double entry found in a period.

    `cells` were compared, `differing` of them differed, `open` are not settled. An error of the first
    entry is a difference that was settled for the second entry or for a third value; one of the second
    entry was settled for the first entry or a third value. Open cells count in no rate.
    """

    cells: int
    differing: int
    open: int
    total: Rate
    operators: tuple[Rate, ...]
    forms: tuple[Rate, ...]
    second: tuple[Rate, ...]


def wilson(errors: int, cells: int, z: float = Z) -> tuple[float, float]:
    """The Wilson score interval of a share k ÷ n (Wilson 1927, JASA 22: 209-212).

    (k + z²/2 ± z·√(k(n - k)/n + z²/4)) ÷ (n + z²). It holds for few errors and for none, where the
    usual interval collapses; it takes the cells as independent.
    """
    middle = errors + z * z / 2
    spread = z * math.sqrt(errors * (cells - errors) / cells + z * z / 4)
    return max(0.0, (middle - spread) / (cells + z * z)), min(1.0, (middle + spread) / (cells + z * z))


def statistics(store: Store, period: str) -> Statistics:
    """The figures of a period over all units whose second entry is finished."""
    row = store.execute(
        "SELECT count(*), total(outcome <> 'same'), total(outcome = 'open') FROM second_cell WHERE period = ?",
        (period,),
    ).fetchone()
    first = ("second", "other")
    total = _rates(store, period, "''", first)
    return Statistics(
        int(row[0]),
        int(row[1]),
        int(row[2]),
        total[0] if total else Rate("", 0, 0),
        tuple(_rates(store, period, "first_who", first)),
        tuple(_rates(store, period, "form", first)),
        tuple(_rates(store, period, "second_who", ("first", "other"))),
    )


def _rates(store: Store, period: str, by: str, wrong: Sequence[str]) -> list[Rate]:
    rows = store.execute(
        f"SELECT {by}, count(*), total(outcome IN (?, ?)) FROM second_cell"
        f" WHERE period = ? AND outcome <> 'open' GROUP BY {by} ORDER BY {by}",
        (*wrong, period),
    )
    return [Rate(str(name), int(cells), int(errors)) for name, cells, errors in rows]
