"""The board of a file of a million units, its cells and their units. RECORDS sets the size."""

from __future__ import annotations

from datetime import date
from time import perf_counter

from test_bench_checks import RECORDS, full, wide  # noqa: F401 - fixtures

from survey import unsettled
from survey.board import board
from survey.review import Review
from survey.store import Store

P = "2025"


def shared_out(store: Store) -> None:
    """The units given to all districts in turn, each with a return that stands; of every hundredth two claims."""
    districts = list(store.scheme.districts.codes)
    with store.atomic():
        store.executemany(
            "UPDATE unit SET sender = ?, district = ? WHERE id % ? = ?",
            [(code, code, len(districts), at) for at, code in enumerate(districts)],
        )
        for at, code in enumerate(districts, 1):
            store.add_source(f"{code}.xlsx", "return", f"{at:064}")
            store.execute(
                "INSERT INTO merge (id, source, district, period, sequence, digest, parent, at, new, changed,"
                " identical, conflicts) VALUES (?, ?, ?, ?, 1, ?, '', '2026-01-01', 0, 0, 0, 0)",
                (at, at, code, P, f"{at:064}"),
            )
            store.execute("INSERT INTO merge_form VALUES (?, 'M-1', ?)", (at, RECORDS // len(districts)))
        for merge in (1, 2):
            store.execute("INSERT INTO claim SELECT ?, uscc, name, '[]' FROM unit WHERE id % 100 = 0", (merge,))


def test_the_board_of_a_million_units(full: Store) -> None:
    shared_out(full)
    Review(full, P).run()
    for _ in range(2):
        start = perf_counter()
        shown = board(full, date(2026, 1, 1))
        facts = perf_counter() - start
        start = perf_counter()
        found = unsettled.count(full, P)
        counted = perf_counter() - start
        start = perf_counter()
        rows, of = unsettled.units(full, P, shown.lines[0].sender, "M-1", 1000)
        print(
            f"\n{shown.counted:,} units: board {facts:.2f} s, what checks left open {counted:.2f} s"
            f" ({sum(one.errors for one in found.open.values()):,} errors),"
            f" {len(rows):,} of {of:,} units of a cell {perf_counter() - start:.2f} s"
        )
    assert shown.counted == RECORDS
    assert shown.contested == RECORDS // 100
