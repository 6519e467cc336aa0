"""A hundred checks over a million units against reading their columns, and what checking again costs.

The file and its scheme are made here: 33 money items, balances, parts of wholes, conditions, ratios and
changes, 2 in 100 values missing. RECORDS sets the size.
"""

from __future__ import annotations

import gc
import os
import random
import resource
from collections.abc import Callable, Iterator
from time import perf_counter

import pytest

from survey import cells
from survey import scheme as schemes
from survey import store as stores
from survey.results import Results
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store

RECORDS = int(os.environ.get("RECORDS", "1000000"))
ITEMS = 33
CHECKS = 100
HEAD = "code,family,class,scope,expression,when,tolerance,missing,valid_from,message,message_en,reason"


def checks() -> Iterator[str]:
    """Balances, inequalities, implications, ratios, changes and negations in turn."""
    chance = random.Random(1)
    for number in range(CHECKS):
        a, b, c, d = (f"i{chance.randrange(ITEMS):02}" for _ in range(4))
        text = (
            f"{a} = {b} + {c}", f"{a} >= {b} + {c} - {d}", f"if {a} > 1000 then {b} > 0", f"0.5 <= {a}/{b} <= 2",
            f"abs({a}/{a}@prev - 1) <= 0.5", f"not ({a} > 0 and {b} = 0)", f"sum({a}, {b}, {c}) >= {d}",
        )[number % 7]  # fmt: skip
        yield f'C{number:03},balance,{"ABCD"[number % 4]},M-1,"{text}",,,,,应当成立,It must hold,测试'


@pytest.fixture(scope="module")
def wide(small: Scheme) -> Scheme:
    """The small scheme with a form of 33 items and the hundred checks."""
    items = "\n".join(
        f'  {{ code = "1{at:02}", name = "i{at:02}", label = "项{at}", label_en = "Item {at}", type = "integer",'
        ' unit = "千元" },'
        for at in range(ITEMS)
    )
    form = f'id = "M-1"\ntitle = "金额"\ntitle_en = "Money"\nlayout = "table"\nitems = [\n{items}\n]\n'
    files = {**small.files, "forms/M-1.toml": form, "checks.csv": "\n".join([HEAD, *checks()]) + "\n"}
    files["scheme.toml"] = files["scheme.toml"].replace('"T-02"]', '"T-02", "M-1"]')
    return schemes.read(files)


@pytest.fixture(scope="module")
def full(wide: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = stores.create(tmp_path_factory.mktemp("checks") / "m.census", wide, "2025", None)
    chance = random.Random(2)
    names = ", ".join(f"i{at:02}" for at in range(ITEMS))

    def values() -> list[int | None]:
        return [None if chance.random() < 0.02 else chance.randrange(1, 5000) for _ in range(ITEMS)]

    pool = [values() for _ in range(5000)]
    with store.atomic():
        store.executemany(
            "INSERT INTO unit (id, uscc, name, district) VALUES (?, ?, '演示数据', '440305')",
            ((at, f"9144030000{at:08}") for at in range(1, RECORDS + 1)),
        )
        for period, first in (("2024", 0), ("2025", RECORDS)):
            store.executemany(
                f"INSERT INTO response (id, unit, period, status) VALUES (?, ?, '{period}', 'in_progress')",
                ((first + at, at) for at in range(1, RECORDS + 1)),
            )
            store.executemany(
                f"INSERT INTO form_m_1 (response, {names}) VALUES (?{', ?' * ITEMS})",
                ((first + at, *chance.choice(pool)) for at in range(1, RECORDS + 1)),
            )
    yield store
    store.close()


def took(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def test_checking_a_whole_file(full: Store, wide: Scheme) -> None:
    review = Review(full, "2025")
    columns = review.checks.columns("unit")

    def reading() -> None:
        for _ in full.chunks(columns, "2025"):
            pass

    def anew() -> None:
        with full.atomic():
            Results(full, "2025").clear()
        Review(full, "2025").run()

    reading()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rounds = [(took(anew), took(reading)) for _ in range(3)]
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    ours, floor = min(one for one, _ in rounds), min(one for _, one in rounds)
    count = sum(one.check.scope == "M-1" for one in review.checks.compiled)
    print(
        f"\n{count} checks on {RECORDS:,} units, {len(columns)} columns, found and kept: {ours:.2f} s,"
        f" reading the columns {floor:.2f} s, ratio {ours / floor:.2f}, +{held / 1024:.0f} MB"
    )
    size = full.execute("SELECT sum(length(failing)) + sum(length(open)) FROM result_check").fetchone()[0]
    tallies = Results(full, "2025").tallies(review.checks)
    failed = sum(one.failed for one in tallies.values())
    print(f"{failed:,} failures kept in {size / 1e6:.0f} MB")


def test_asking_what_was_found(full: Store) -> None:
    results, checks_ = Results(full, "2025"), Review(full, "2025").checks
    print(f"\nthe counts of every check: {took(lambda: results.tallies(checks_)) * 1000:.1f} ms")
    print(f"every failure of one check: {took(lambda: results.failures(['C003'])) * 1000:.1f} ms")
    cells.write(full, 17, "2025", "i03", 1)
    print(f"one unit changed and checked again: {took(lambda: Review(full, '2025').run()) * 1000:.0f} ms")
    print(f"nothing changed: {took(lambda: Review(full, '2025').run()) * 1000:.0f} ms")
