"""The case board over a million units: how long it takes to open, to find, to jump, and what it holds."""

from __future__ import annotations

import gc
import os
import resource
from collections.abc import Callable
from time import perf_counter

import pytest
from PySide6.QtCore import Qt

from desktop.units_model import UnitsModel
from survey import store as stores
from survey.roster import Wanted
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

UNITS = int(os.environ.get("CASES", "1000000"))


@pytest.fixture(scope="module")
def million(small: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = stores.create(tmp_path_factory.mktemp("million") / "m.census", small, "2025", "440305")
    with store.atomic():
        store.executemany(
            "INSERT INTO unit (id, uscc, name, district, initials) VALUES (?, ?, ?, '440305', ?)",
            ((at, f"9144030000{at:08}", f"演示数据{at}号", f"yssj{at}h") for at in range(1, UNITS + 1)),
        )
        store.executemany(
            "INSERT INTO response (id, unit, period, status) VALUES (?, ?, '2025', ?)",
            ((at, at, ("checked", "errors", "in_progress")[at % 3]) for at in range(1, UNITS + 1, 2)),
        )
    return store


def took(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def test_a_million_units(million: Store, texts: Texts) -> None:
    model = UnitsModel(million, texts, {})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    opened = took(lambda: model.show_units("2025", Wanted()))
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    bare = took(lambda: million.execute("SELECT id FROM unit ORDER BY id").fetchall())
    print(f"\n{UNITS:,} units: open {opened:.0f} ms, +{held / 1024:.0f} MB")
    print(f"bare SELECT {bare:.0f} ms, ratio {opened / bare:.2f}")
    rows = [UNITS - 1, UNITS // 2, 7, UNITS // 3]
    jumps = [took(lambda row=row: _look(model, row)) for row in rows]
    print("jumps: " + ", ".join(f"{one:.1f}" for one in jumps) + " ms")
    for what, wanted in (
        ("status", Wanted(status="errors")), ("search", Wanted("号")), ("sort by name", Wanted(sort="name")),
        ("sort by status", Wanted(sort="status")), ("initials", Wanted(f"yssj{UNITS // 2}h")),
    ):  # fmt: skip
        print(
            f"{what}: {took(lambda wanted=wanted: model.show_units('2025', wanted)):.0f} ms, {model.rowCount():,} units"
        )


def _look(model: UnitsModel, row: int) -> None:
    """What the view asks for when it jumps: a screenful of cells."""
    for at in range(max(row - 30, 0), row + 1):
        for column in range(model.columnCount()):
            model.data(model.index(at, column), Qt.ItemDataRole.DisplayRole)
