"""The list of findings tells what the pass over the file told, whatever is asked for."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from test_survey_peers import CHECKS, HEAD, STRATA
from test_survey_results import change

from survey import cells, explanations
from survey import scheme as schemes
from survey import store as stores
from survey.checks import Finding
from survey.involvement import Involvement
from survey.listing import Listing, Wanted
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store


@pytest.fixture
def desk(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    """Twenty units with list forms and faults of every kind, checks that compare units, and the desk's own form."""
    head, _, own = lists.files["checks.csv"].partition("\n")
    family = head.replace("code,", "code,family,", 1) + "\n"
    told = "".join(line.replace(",", ",balance,", 1) for line in own.splitlines(keepends=True))
    assert HEAD.count(",") == family.count(",")
    files = {**lists.files, "checks.csv": family + told + CHECKS}
    files["scheme.toml"] = files["scheme.toml"].replace("\n[legal]", STRATA + "\n[legal]")
    store = stores.create(tmp_path / "desk.census", schemes.read(files), "2025", "440305")
    for number in range(1, 21):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        for period in ("2024", "2025"):
            cells.write(store, unit, period, "revenue", 1000 + 10 * number)
        cells.write(store, unit, "2025", "employees", 10)
        change(store, random.Random(number), unit)
    for name, value in {"employees": 1, "revenue": 9000, "main_revenue": 99_999}.items():
        cells.write(store, 20, "2025", name, value)
    for name, value in {"product_revenue": 4, "product_exports": 50}.items():
        cells.write(store, 19, "2025", name, value, line=1)
    cells.write(store, store.desk_unit(), "2025", "park_status", "open", line=1)
    yield store
    store.close()


def plain(finding: Finding) -> tuple[object, ...]:
    return finding.unit, finding.check, finding.line, tuple(finding.operands.items()), finding.difference


def everything(listing: Listing, size: int) -> list[Finding]:
    return [one.finding for start in range(0, len(listing), size) for one in listing.page(start, size)]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_every_page_tells_what_the_pass_told(desk: Store, size: int) -> None:
    review = Review(desk, "2025")
    told = list(review.findings(not_evaluated=False))
    review.save()
    listed = everything(Listing(desk, review.checks, Wanted()), size)
    assert {one.check for one in told} >= {"P2", "T03-01", "REQ-Q-02.01"}
    assert Counter(map(plain, listed)) == Counter(map(plain, told))
    classes = [one.category for one in listed]
    assert classes == sorted(classes)


def test_only_what_is_wanted_is_listed(desk: Store) -> None:
    review = Review(desk, "2025")
    told = list(review.findings(not_evaluated=False))
    review.save()

    def listed(wanted: Wanted) -> Counter[tuple[object, ...]]:
        return Counter(map(plain, everything(Listing(desk, review.checks, wanted), 50)))

    def those(keep: list[Finding]) -> Counter[tuple[object, ...]]:
        assert keep
        return Counter(map(plain, keep))

    assert listed(Wanted(category="A")) == those([one for one in told if one.category == "A"])
    assert listed(Wanted(family="outlier")) == those([one for one in told if one.check in ("P1", "P2")])
    assert listed(Wanted(check="P2")) == those([one for one in told if one.check == "P2"])
    assert listed(Wanted(item="T-02.302")) == those([one for one in told if "T-02.302" in one.items])
    first = told[0].unit
    assert listed(Wanted(search=first)) == those([one for one in told if one.unit == first])
    doubtful = next(one for one in told if one.category == "C")
    unit = desk.find_unit(doubtful.unit)
    assert unit
    explanations.explain(desk, unit, doubtful, "按合同进度确认收入，账表相符")
    Review(desk, "2025").run()
    assert listed(Wanted(state="answered")) == those([doubtful])
    assert listed(Wanted(state="open")) == those([one for one in told if plain(one) != plain(doubtful)])


def test_the_counts_by_unit_and_item_are_those_of_the_findings(desk: Store) -> None:
    review = Review(desk, "2025")
    told = list(review.findings(not_evaluated=False))
    gathered = Involvement(review.checks, review.failures())
    by_unit = Counter((one.unit, one.category) for one in told)
    known = desk.units_of([one.response for one in gathered.units()])
    assert {
        (known[one.response].uscc, category): count
        for one in gathered.units()
        for category, count in one.by_class.items()
    } == dict(by_unit)
    asking = [one for one in told if one.category != "D"]
    failed = Counter(key for one in asking for key in one.items)
    units = {key: len({one.unit for one in asking if key in one.items}) for key in failed}
    assert {one.key: (one.failed, one.units) for one in gathered.items()} == {
        key: (failed[key], units[key]) for key in failed
    }
    checked = len(review.statuses)
    numbers = Counter(Counter(one.unit for one in asking).values())
    assert gathered.distribution(checked) == dict(sorted({0: checked - sum(numbers.values()), **numbers}.items()))


def test_a_record_that_is_gone_since_is_told_as_gone(desk: Store) -> None:
    review = Review(desk, "2025")
    review.run()
    listing = Listing(desk, review.checks, Wanted(check="T03-01"))
    places = [(one.finding.unit, one.finding.line) for one in listing.page(0, 100)]
    assert (code_of(19), 1) in places
    cells.remove_line(desk, 19, "2025", desk.scheme.form("T-03"), 1)
    told = {(one.finding.unit, one.finding.line): one.gone for one in listing.page(0, 100)}
    assert told[code_of(19), 1]
    assert sum(told.values()) == 1
    desk.execute("DELETE FROM form_t_03 WHERE response IN (SELECT id FROM response WHERE period = '2025')")
    assert all(one.gone for one in listing.page(0, 100))


def test_a_file_without_failures_has_nothing_to_count(tmp_path: Path, lists: Scheme) -> None:
    store = stores.create(tmp_path / "empty.census", lists, "2025", "440305")
    review = Review(store, "2025")
    review.run()
    gathered = Involvement(review.checks, review.failures())
    assert gathered.units() == gathered.items() == []
    assert gathered.distribution(0) == {0: 0}
    assert len(Listing(store, review.checks, Wanted())) == 0
