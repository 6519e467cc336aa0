"""The whole catalogue by every dimension, by each engine, against one full scan of the columns that it reads.

UNITS is how many units the city's file has, a sample of 2,000 repeated; ENGINE_FILE where it is kept from run to run;
SQLITE=1 computes it by SQLite too.
"""

from __future__ import annotations

import gc
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest

from desktop import paths, sample
from indicators import definition, outlook
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
# A large district.
DISTRICT, ITS_UNITS = "440305", 650


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


def test_all_figures_of_a_city_against_one_full_scan(city: Store, cluster: Scheme) -> None:
    catalogue = definition.load(cluster)
    duck = DuckEngine(city.path, cluster)
    floor = timed(lambda: [list(duck.rows(sql)) for sql in scans(cluster, "survey.")])
    found: list[object] = []
    ours = timed(lambda: found.extend(_everything(Computation(city, catalogue, engine=duck))))
    duck.close()
    print(
        f"\n{len(catalogue.indicators)} indicators, {len(catalogue.dimensions)} dimensions, {len(found):,} figures,"
        f" {UNITS:,} units: DuckDB {ours:.2f} s, one scan {floor:.2f} s, ratio {ours / floor:.2f},"
        f" at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB of memory"
    )
    if os.environ.get("SQLITE"):
        own_floor = timed(lambda: [city.execute(sql).fetchall() for sql in scans(cluster)])
        own = timed(lambda: _everything(Computation(city, catalogue)))
        print(f"SQLite {own:.2f} s, one scan {own_floor:.2f} s, ratio {own / own_floor:.2f}")


def test_what_a_district_waits_for(cluster: Scheme, tmp_path: Path) -> None:
    wanted = sample.parameters(paths.sample_parameters("ic-cluster"))
    store = stores.create(tmp_path / "district.census", cluster, "2025", DISTRICT)
    sample.fill(store, sample.generate(wanted, [DISTRICT], ITS_UNITS, SEED), wanted, SEED)
    catalogue = definition.load(cluster)
    floor = timed(lambda: [store.execute(sql).fetchall() for sql in scans(cluster)])
    asked: dict[str, Callable[[Computation], object]] = {
        "the wholes": lambda one: one.figures("2025"),
        "one breakdown": lambda one: one.figures("2025", "segment"),
        "the page": lambda one: outlook.look(one, "2025"),
        "everything": _everything,
    }
    times = {name: timed(lambda work=work: work(Computation(store, catalogue))) for name, work in asked.items()}
    told = ", ".join(f"{name} {took:.2f} s ({took / floor:.0f})" for name, took in times.items())
    print(f"\n{ITS_UNITS} units by SQLite, one scan {floor * 1000:.0f} ms: {told}")
    store.close()


def _everything(computation: Computation) -> list[object]:
    return [*computation.breakdowns("2025"), *computation.figures("2025")]
