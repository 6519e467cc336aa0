"""Choosing what to withhold in tables of districts, segments and sizes, beside auditing the same cells once."""

from __future__ import annotations

from time import perf_counter

import pytest
from disclosure_tables import Tables, invented

from indicators.attack import Attacker
from indicators.demands import Watch
from indicators.disclosure import Protected, protect
from indicators.linked import System
from indicators.suppression import Limits, settled
from survey.form import Disclosure

RULES = Disclosure()


def audited(tables: Tables, found: Protected) -> float:
    """Seconds of two linear programs for each withheld cell."""
    system = System(*tables, [], RULES)
    hidden = [name for name, status in found.statuses.items() if status != "published"]
    pattern = settled(system, Watch(system))[0]
    pattern[[system.number[name] for name in hidden]] = True
    start = perf_counter()
    attacker = Attacker(system, pattern, narrow=True)
    for name in hidden:
        attacker.interval(name, max(1.0, system.cells[name].value))
    return perf_counter() - start


@pytest.mark.parametrize(
    ("shape", "units", "method"),
    [((11, 9), 600, "exact"), ((11, 9), 600, "sequential"), ((11, 9, 3), 650, "sequential")],
)
def test_suppression_beside_a_plain_audit_of_its_cells(shape: tuple[int, ...], units: int, method: str) -> None:
    tables = invented(shape, units, 1)
    start = perf_counter()
    found = protect(*tables, RULES, limits=Limits(figures=1000 if method == "exact" else 0))
    took, floor = perf_counter() - start, audited(tables, found)
    sensitive, more = (sum(one == wanted for one in found.statuses.values()) for wanted in ("primary", "complementary"))
    print(
        f"\n{len(tables[0])} cells, {sensitive} sensitive, {method}: {more} more withheld, loss {found.loss:.0f},"
        f" {took:.1f} s; a plain audit {floor:.2f} s: {took / floor:.0f} times"
    )
    assert found.publishable
    assert found.method == method
