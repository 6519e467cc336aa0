"""Sixty ordinary units in two years, no two alike, in a file of the small scheme that compares units."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from conftest import code_of

from survey import cells
from survey import scheme as schemes
from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store

UNITS = 60


def comparing(scheme: Scheme) -> Scheme:
    """The scheme with what it takes to compare units."""
    table = '\n[checks]\nstrata = ["segment"]\nstaff = "employees"\nkey_items = ["revenue", "rd_expenditure"]\n'
    return schemes.read({**scheme.files, "scheme.toml": scheme.files["scheme.toml"] + table})


def amounts(number: int, year: int, factor: float = 1) -> dict[str, int]:
    """What a unit of ordinary size reports; this year a twentieth more than last."""
    random = np.random.default_rng([number, year])
    staff = 40 + 7 * number
    level = 900 * float(np.exp(0.3 * np.random.default_rng(number).normal()))
    grown = 1.05 if year == 2025 else 1.0
    revenue = round(staff * level * grown * float(np.exp(0.05 * random.normal())) * factor)
    return {
        "revenue": revenue, "main_revenue": round(revenue * 0.97), "total_profit": round(revenue * 0.08),
        "rd_expenditure": round(revenue * 0.06), "employees": staff,
    }  # fmt: skip


def write(store: Store, unit: int, year: int, values: Mapping[str, int | None]) -> None:
    """A unit's answers, with two products."""
    revenue = abs(values["revenue"] or 0)
    products: list[tuple[str, int, str | int | None]] = [
        ("product_name", 1, "甲"), ("product_revenue", 1, revenue // 2), ("product_exports", 1, revenue // 5),
        ("product_name", 2, "乙"), ("product_revenue", 2, revenue // 3),
    ]  # fmt: skip
    cells.write_all(store, unit, str(year), [*((name, 0, value) for name, value in values.items()), *products])


def put(store: Store, unit: int, **values: int | None) -> None:
    """Some of a unit's answers of this year."""
    cells.write_all(store, unit, "2025", [(name, 0, value) for name, value in values.items()])


def desk_of(path: Path, scheme: Scheme) -> Store:
    """The file; the unit of number n has the id n + 1."""
    store = stores.create(path, comparing(scheme), "2025", "440305")
    with store.atomic():
        for number in range(UNITS):
            unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
            for year in (2024, 2025):
                write(store, unit, year, amounts(number, year))
    return store
