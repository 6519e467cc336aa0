"""Ratios against a floor measured in the same run: what the program adds to the work that cannot be avoided.

Run with `make bench`. UNITS sets the size; the machine's speed cancels out of every ratio.
"""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from desktop import paths, sample
from desktop.sample_units import Answers
from indicators import computation, definition
from survey import imports, returns, texts
from survey import scheme as schemes
from survey import store as stores
from survey.intake import Intake
from survey.merge import merge
from survey.review import Review
from survey.scheme import Scheme
from survey.sql import quote
from survey.store import Store
from survey.taking import Rows

UNITS = int(os.environ.get("UNITS", "100000"))
ROWS = UNITS // 2
ROUNDS = 3


@pytest.fixture(scope="module")
def cluster() -> Scheme:
    return schemes.load(paths.scheme_folder("ic-cluster"))


@pytest.fixture(scope="module")
def answers(cluster: Scheme) -> list[Answers]:
    wanted = sample.parameters(paths.sample_parameters("ic-cluster"))
    return [unit.years[1] for unit in sample.generate(wanted, list(cluster.districts.codes), UNITS, 1)]


def file_of(path: Path, cluster: Scheme, answers: list[Answers], district: str | None) -> Store:
    path.unlink(missing_ok=True)
    store = stores.create(path, cluster, "2025", district)
    with store.atomic():
        intake = Intake(store)
        intake.begin(store.add_source("演示数据", "sample", ""))
        for start in range(0, len(answers), 20_000):
            part = answers[start : start + 20_000]
            names = [name for name in cluster.items if name in part[0]]
            intake.take(
                Rows(
                    [(str(one["uscc"]), "2025") for one in part],
                    list(range(len(part))),
                    {name: [one[name] for one in part] for name in names},
                    names=[one["name"] for one in part],
                )
            )
    return store


@pytest.fixture(scope="module")
def big(cluster: Scheme, answers: list[Answers], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = file_of(tmp_path_factory.mktemp("big") / "big.census", cluster, answers, None)
    yield store
    store.close()


def best(*works: Callable[[], object]) -> list[float]:
    """The shortest time of each piece of work, taken in turn."""
    times = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for at, work in enumerate(works):
            gc.collect()
            start = perf_counter()
            work()
            times[at] = min(times[at], perf_counter() - start)
    return times


def say(what: str, ours: float, floor: float, floor_is: str) -> None:
    print(f"\n{what}: {ours:.2f} s, floor {floor:.2f} s ({floor_is}), ratio {ours / floor:.2f}")
    assert ours < 6 * floor


def bare_load(path: Path, target: Path, sheets_: list[str], first: int) -> None:
    """What cannot be avoided: reading the workbook, and executemany of its rows."""
    target.unlink(missing_ok=True)
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN")
    book = CalamineWorkbook.from_path(str(path))
    for at, name in enumerate(sheets_ or book.sheet_names):
        rows = list(book.get_sheet_by_name(name).iter_rows())[first:]
        if not rows:
            continue
        width = len(rows[0])
        connection.execute(f"CREATE TABLE t{at} ({', '.join(f'c{column}' for column in range(width))})")
        connection.executemany(f"INSERT INTO t{at} VALUES ({', '.join('?' * width)})", rows)
    connection.execute("COMMIT")
    connection.close()


def test_import_against_calamine_and_executemany(cluster: Scheme, answers: list[Answers], tmp_path: Path) -> None:
    table = tmp_path / "list.xlsx"
    names = [name for name in cluster.items if name in answers[0]]
    book = xlsxwriter.Workbook(str(table), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, names)
    for at, one in enumerate(answers[:ROWS], 1):
        sheet.write_row(at, 0, [one[name] for name in names])
    book.close()

    def ours() -> None:
        target = tmp_path / "ours.census"
        target.unlink(missing_ok=True)
        store = stores.create(target, cluster, "2025", None)
        assert imports.import_files(store, [table]).new == ROWS
        store.close()

    times = best(ours, lambda: bare_load(table, tmp_path / "bare.db", [], 1))
    say(f"import, {ROWS:,} rows × {len(names)}", *times, "calamine + executemany")


def test_merge_against_calamine_and_executemany(cluster: Scheme, answers: list[Answers], tmp_path: Path) -> None:
    zh = texts.load(paths.texts(), "zh")
    sent = []
    for district in ("440305", "440304"):
        own = [{**one, "district": district} for one in answers[: ROWS // 2]]
        for one in own:
            one["uscc"] = str(one["uscc"]) if district == "440305" else str(one["uscc"])[:-1] + "X"
        desk = file_of(tmp_path / f"{district}.census", cluster, own, district)
        sent.append(tmp_path / f"{district}.xlsx")
        returns.write(desk, sent[-1], zh)
        desk.close()
    forms = [form.id for form in cluster.forms]

    def ours() -> None:
        target = tmp_path / "city.census"
        target.unlink(missing_ok=True)
        city = stores.create(target, cluster, "2025", None)
        reports = merge(city, sent)
        assert all(report.accepted for report in reports), reports[0].error
        city.close()

    def bare() -> None:
        for path in sent:
            bare_load(path, tmp_path / "bare.db", forms, 7)

    say(f"merge, 2 returns of {ROWS // 2:,} units", *best(ours, bare), "calamine + executemany")


def test_checks_against_reading_their_columns(big: Store) -> None:
    checks = Review(big, "2025").checks
    columns = checks.columns("unit")
    count = len(checks.by_base["unit"])

    def ours() -> None:
        Review(big, "2025").tally()

    def reading() -> None:
        for _ in big.chunks(columns, "2025"):
            pass

    say(f"{count} checks on {UNITS:,} units, {len(columns)} columns", *best(ours, reading), "reading the columns")


def test_indicators_against_one_full_scan(big: Store, cluster: Scheme) -> None:
    catalogue = definition.load(cluster)
    items = dict.fromkeys(
        column.name for one in catalogue.indicators.values() for column in one.columns if column.at == ""
    )
    wanted = list(items)

    def ours() -> None:
        computation.compute(big, catalogue, "2025")

    def scan() -> None:
        forms = {cluster.form_of(name).table for name in wanted}
        joins = " ".join(f"JOIN {table} ON {table}.response = r.id" for table in sorted(forms))
        selected = ", ".join(quote(name) for name in wanted)
        for _ in big.execute(f"SELECT {selected} FROM response r {joins} WHERE r.period = '2025'"):
            pass

    say(f"{len(catalogue.indicators)} indicators on {UNITS:,} units", *best(ours, scan), "one scan of their columns")


def test_export_against_bare_xlsxwriter(cluster: Scheme, answers: list[Answers], tmp_path: Path) -> None:
    zh = texts.load(paths.texts(), "zh")
    own = [{**one, "district": "440305"} for one in answers[: ROWS // 2]]
    desk = file_of(tmp_path / "desk.census", cluster, own, "440305")
    target = tmp_path / "r.xlsx"

    def bare() -> None:
        book = xlsxwriter.Workbook(str(tmp_path / "bare.xlsx"), {"constant_memory": True})
        for form in cluster.forms:
            sheet = book.add_worksheet(form.id)
            items = ", ".join(f"f.{quote(item.name)}" for item in form.items)
            rows = desk.execute(
                f"SELECT u.uscc, u.name, r.period, {items} FROM response r JOIN unit u ON u.id = r.unit"
                f" JOIN {form.table} f ON f.response = r.id"
            )
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(at, column, value)
                    elif value is not None:
                        sheet.write_number(at, column, value)
        book.close()

    times = best(lambda: returns.write(desk, target, zh), bare)
    desk.close()
    say(f"return of {ROWS // 2:,} units, checks included", *times, "xlsxwriter, the same cells")
