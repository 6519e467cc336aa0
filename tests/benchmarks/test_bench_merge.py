"""Eleven returns merged, against bare calamine over the same files plus executemany of the same rows.

UNITS is how many units the returns have in all, RETURNS_FOLDER where they are kept from run to run: writing
returns of 110,000 units takes a quarter of an hour. SCRIPT=1 also measures a script that only concatenates.
"""

from __future__ import annotations

import gc
import os
import resource
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
from python_calamine import CalamineWorkbook

from desktop import paths, sample
from survey import returns
from survey import store as stores
from survey.merge import merge
from survey.scheme import Scheme
from survey.texts import Texts

UNITS = int(os.environ.get("UNITS", "11000"))
FOLDER = os.environ.get("RETURNS_FOLDER", "")
HEAD = 7


@pytest.fixture(scope="module")
def sent(cluster: Scheme, texts: Texts, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The returns of all districts, all forms filled, two years."""
    folder = Path(FOLDER) if FOLDER else tmp_path_factory.mktemp("returns")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sample.parameters(paths.sample_parameters("ic-cluster"))
    codes = [code for code in cluster.districts.codes if not (folder / f"{code}.xlsx").exists()]
    units = sample.generate(wanted, list(cluster.districts.codes), UNITS, 1) if codes else []
    for code in codes:
        desk = stores.create(folder / f"{code}.census", cluster, "2025", code)
        sample.fill(desk, [replace(unit, error="") for unit in units if unit.district == code], wanted, 1)
        returns.write(desk, folder / f"{code}.xlsx", texts)
        desk.close()
        (folder / f"{code}.census").unlink()
    return sorted(folder.glob("*.xlsx"))


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def bare(sent: list[Path], target: Path, cluster: Scheme) -> None:
    """What cannot be avoided: the sheets read, their rows put into one file in one transaction."""
    target.unlink(missing_ok=True)
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN")
    for path in sent:
        book = CalamineWorkbook.from_path(str(path))
        for form in cluster.forms:
            rows = list(book.get_sheet_by_name(form.id).iter_rows())[HEAD:]
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                names = ", ".join(f"c{at}" for at in range(len(rows[0])))
                connection.execute(f"CREATE TABLE IF NOT EXISTS {form.table} ({names})")
                connection.executemany(f"INSERT INTO {form.table} VALUES ({marks})", rows)
    connection.execute("COMMIT")
    connection.close()


def script(sent: list[Path], cluster: Scheme) -> None:
    """What people write to put workbooks one below the other."""
    import pandas as pd

    for form in cluster.forms:
        pd.concat([pd.read_excel(path, sheet_name=form.id, header=HEAD - 1, engine="openpyxl") for path in sent])


def test_merging_returns_against_calamine_and_executemany(sent: list[Path], cluster: Scheme, tmp_path: Path) -> None:
    def ours() -> None:
        target = tmp_path / "city.census"
        for one in tmp_path.glob("city.census*"):
            one.unlink()
        city = stores.create(target, cluster, "2025", None)
        reports = merge(city, sent)
        assert all(report.accepted for report in reports), [report.error for report in reports]
        city.close()

    times = [(timed(ours), timed(lambda: bare(sent, tmp_path / "bare.db", cluster))) for _ in range(3)]
    best, floor = (min(side) for side in zip(*times, strict=True))
    size = sum(path.stat().st_size for path in sent) >> 20
    peak = [resource.getrusage(who).ru_maxrss >> 10 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"\n{len(sent)} returns, {size} MB: {best:.2f} s, floor {floor:.2f} s, ratio {best / floor:.2f}")
    print(f"peak memory here {peak[0]} MB, in a reading process {peak[1]} MB")
    if os.environ.get("SCRIPT"):
        slow = timed(lambda: script(sent[:1], cluster))
        again = timed(lambda: merge_one(sent[0], tmp_path / "one.census", cluster))
        print(f"pandas and openpyxl, one return only concatenated: {slow:.2f} s, merged {again:.2f} s")


def merge_one(path: Path, target: Path, cluster: Scheme) -> None:
    target.unlink(missing_ok=True)
    city = stores.create(target, cluster, "2025", None)
    merge(city, [path])
    city.close()
