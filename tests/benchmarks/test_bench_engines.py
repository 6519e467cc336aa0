"""All figures by all dimensions, by each engine, against one full scan of the columns they read.

UNITS is how many units the file has, a sample of 2,000 repeated; ENGINE_FILE where it is kept from run to run.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest

from desktop import paths, sample
from indicators import definition
from indicators.computation import Computation
from indicators.duck import DuckEngine
from survey import store as stores
from survey.scheme import Scheme
from survey.sql import quote
from survey.store import Store

UNITS = int(os.environ.get("UNITS", "100000"))
FILE = os.environ.get("ENGINE_FILE", "")
BASE = 2_000
SEED = 3


@pytest.fixture(scope="module")
def city(cluster: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A city's file, all forms, two years."""
    path = Path(FILE) if FILE else tmp_path_factory.mktemp("engines") / "city.census"
    if not path.exists():
        wanted = sample.parameters(paths.sample_parameters("ic-cluster"))
        store = stores.create(path, cluster, "2025", None)
        sample.fill(store, sample.generate(wanted, list(cluster.districts.codes), BASE, SEED), wanted, SEED)
        with store.atomic():
            for times in range(1, UNITS // BASE):
                _repeat(store, times)
        store.close()
    opened = stores.open(path, readonly=True)
    yield opened
    opened.close()


def _repeat(store: Store, times: int) -> None:
    """The first units once more, under other numbers."""
    units, responses = times * BASE, times * BASE * 2
    store.execute(
        "INSERT INTO unit (id, uscc, name, district, kind, initials, sender)"
        f" SELECT id + {units}, printf('%s#%d', uscc, {times}), name, district, kind, initials, sender FROM unit"
        f" WHERE id <= {BASE}"
    )
    store.execute(
        "INSERT INTO response (id, unit, period, status, reason) SELECT"
        f" id + {responses}, unit + {units}, period, status, reason FROM response WHERE id <= {BASE * 2}"
    )
    for form in store.scheme.forms_of("unit"):
        names = [*(["line"] if form.is_list else []), "source", "source_row", *(item.name for item in form.items)]
        columns = ", ".join(map(quote, names))
        store.execute(
            f"INSERT INTO {form.table} (response, {columns}) SELECT response + {responses}, {columns}"
            f" FROM {form.table} WHERE response <= {BASE * 2}"
        )


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def scans(scheme: Scheme, place: str = "") -> list[str]:
    """One query a form that reads every column that any figure needs."""
    return [
        f"SELECT {', '.join(f'count({quote(name)})' for name in names)} FROM {place}{table}"
        for table, names in definition.load(scheme).tables(scheme).items()
    ]


def test_all_figures_against_one_full_scan(city: Store, cluster: Scheme) -> None:
    catalogue = definition.load(cluster)
    duck = DuckEngine(city.path, cluster)
    floor = timed(lambda: [list(duck.rows(sql)) for sql in scans(cluster, "survey.")])
    found: list[object] = []
    ours = timed(lambda: found.extend(_everything(Computation(city, catalogue, engine=duck))))
    duck.close()
    print(
        f"\n{len(catalogue.indicators)} indicators, {len(catalogue.dimensions)} dimensions, {len(found):,} figures,"
        f" {UNITS:,} units: DuckDB {ours:.2f} s, one scan {floor:.2f} s, ratio {ours / floor:.2f}"
    )
    if os.environ.get("SQLITE"):
        own_floor = timed(lambda: [city.execute(sql).fetchall() for sql in scans(cluster)])
        own = timed(lambda: _everything(Computation(city, catalogue)))
        print(f"SQLite {own:.2f} s, one scan {own_floor:.2f} s, ratio {own / own_floor:.2f}")


def _everything(computation: Computation) -> list[object]:
    return [*computation.breakdowns("2025"), *computation.figures("2025")]
