"""What checking finds is kept; checking again what has changed gives what checking everything gives."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from conftest import code_of

from survey import cells, explanations, statuses, upgrade
from survey import scheme as schemes
from survey import store as stores
from survey.errors import Cancelled, SurveyError
from survey.results import Results
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store

WHY = "按合同进度确认收入，账表相符"


@pytest.fixture
def desk(tmp_path: Path, lists: Scheme) -> Store:
    """Twelve units of the scheme with list forms, with some faults."""
    store = stores.create(tmp_path / "desk.census", lists, "2025", "440305")
    for number in range(1, 13):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        change(store, random.Random(number), unit)
    return store


def change(store: Store, chance: random.Random, unit: int) -> None:
    """Some answers of a unit, in one of two years."""
    for _ in range(chance.randint(1, 4)):
        what = chance.randrange(5)
        period = chance.choice(("2024", "2025", "2025"))
        if what == 0:
            cells.write(store, unit, period, "revenue", chance.choice((None, 10, 900, 5000)))
        elif what == 1:
            cells.write(store, unit, period, "main_revenue", chance.choice((None, 5, 950)))
        elif what == 2:
            line = chance.randint(1, 3)
            cells.write(store, unit, period, "product_revenue", chance.choice((None, -3, 40)), line=line)
        elif what == 3:
            cells.write(store, unit, period, "segment", chance.choice((None, "design", "eda")))
        else:
            status = chance.choice(("refused", "in_progress"))
            statuses.decide(store, [unit], "2025", status, "电话拒绝填报")


def outcome(store: Store) -> dict[str, object]:
    """All that is kept of a period, as plain values."""
    review = Review(store, "2025")
    results = Results(store, "2025")
    failures = results.failures([one.check.code for one in review.checks.compiled])
    columns = (failures.checks, failures.responses, failures.lines, failures.answered)
    return {
        "tallies": {code: vars(tally) for code, tally in results.tallies(review.checks).items()},
        "failures": list(zip(*(column.tolist() for column in columns), strict=True)),
        "records": results.records(),
        "statuses": store.execute("SELECT id, status FROM response WHERE period = '2025' ORDER BY id").fetchall(),
    }


def forgotten(store: Store) -> None:
    with store.atomic():
        Results(store, "2025").clear()


@pytest.mark.parametrize("seed", range(6))
def test_checking_what_changed_gives_what_checking_all_gives(desk: Store, seed: int) -> None:
    chance = random.Random(seed)
    Review(desk, "2025").run()
    for step in range(5):
        units = [row.id for row in desk.unit_list("2025")]
        change(desk, chance, chance.choice(units))
        if step == 2:
            cells.add_unit(desk, code_of(100 + seed), "演示数据新增", "2025")
        if step == 3:
            desk.execute("UPDATE unit SET district = '440304' WHERE id = ?", (chance.choice(units),))
        Review(desk, "2025").run()
        again = outcome(desk)
        forgotten(desk)
        Review(desk, "2025").run()
        assert outcome(desk) == again


def test_the_kept_tallies_are_those_of_the_findings(desk: Store) -> None:
    review = Review(desk, "2025")
    findings = list(review.findings())
    Review(desk, "2025").run()
    kept = Results(desk, "2025").tallies(review.checks)
    assert {code: vars(one) for code, one in kept.items()} == {code: vars(one) for code, one in review.tallies.items()}
    assert sum(one.failed for one in kept.values()) == sum(one.verdict == "fail" for one in findings) > 0
    assert sum(one.not_evaluated for one in kept.values()) == sum(one.verdict != "fail" for one in findings) > 0


def test_only_what_changed_is_read_again(desk: Store) -> None:
    Review(desk, "2025").run()
    assert not len(Results(desk, "2025").touched())
    unit = desk.find_unit(code_of(3))
    assert unit
    cells.write(desk, unit, "2024", "revenue", 77)
    (response,) = desk.execute("SELECT id FROM response WHERE unit = ? AND period = '2025'", (unit,)).fetchone()
    assert Results(desk, "2025").touched().tolist() == [response]
    seen: list[int] = []
    Review(desk, "2025", lambda done, _total, _label: seen.append(done)).run()
    assert max(seen) == 1
    assert not len(Results(desk, "2025").touched())


def test_a_stopped_check_leaves_what_was_kept(desk: Store) -> None:
    def stop(_done: int, _total: int, _label: str) -> None:
        raise Cancelled

    Review(desk, "2025").run()
    before = outcome(desk)
    cells.write(desk, 1, "2025", "revenue", 12345)
    statuses_now = desk.execute("SELECT id, status FROM response ORDER BY id").fetchall()
    with pytest.raises(Cancelled):
        Review(desk, "2025", stop).run()
    assert outcome(desk)["failures"] == before["failures"]
    assert desk.execute("SELECT id, status FROM response ORDER BY id").fetchall() == statuses_now
    assert len(Results(desk, "2025").touched())


def test_an_explanation_settles_the_kept_outcome(desk: Store) -> None:
    unit = desk.find_unit(code_of(1))
    assert unit
    cells.write(desk, unit, "2024", "revenue", 2000)
    cells.write(desk, unit, "2025", "revenue", 9000)
    Review(desk, "2025").run()
    review = Review(desk, "2025")
    assert Results(desk, "2025").tallies(review.checks)["F02"].answered == 0
    finding = next(one for one in review.findings() if one.check == "F02" and one.unit == code_of(1))
    explanations.explain(desk, unit, finding, WHY)
    Review(desk, "2025").run()
    tally = Results(desk, "2025").tallies(review.checks)["F02"]
    assert tally.answered == 1
    failures = Results(desk, "2025").failures(["F02"])
    assert failures.answered.sum() == 1


def test_other_rules_check_everything_anew(desk: Store) -> None:
    Review(desk, "2025").run()
    before = Results(desk, "2025").rules
    desk.scheme = schemes.read(
        {**desk.scheme.files, "checks.csv": desk.scheme.files["checks.csv"].replace("F04,D", "F04,C")}
    )
    seen: list[int] = []
    Review(desk, "2025", lambda done, _total, _label: seen.append(done)).run()
    assert max(seen) == 12
    assert Results(desk, "2025").rules != before


def test_an_upgraded_file_still_notes_its_changes(tmp_path: Path, small: Scheme, lists: Scheme) -> None:
    store = stores.create(tmp_path / "old.census", small, "2025", "440305")
    unit = cells.add_unit(store, code_of(1), "演示数据", "2025")
    Review(store, "2025").run()
    upgrade.upgrade(store, lists)
    store.close()
    again = stores.open(tmp_path / "old.census")
    Review(again, "2025").run()
    assert not len(Results(again, "2025").touched())
    cells.write(again, unit, "2025", "revenue", 5)
    assert len(Results(again, "2025").touched()) == 1


def test_a_file_opened_for_reading_is_checked_without_keeping(desk: Store) -> None:
    desk.close()
    closed = stores.open(desk.path, readonly=True)
    assert list(Review(closed, "2025").findings())
    with pytest.raises(SurveyError) as caught:
        Review(closed, "2025").run()
    assert caught.value.code == "read_only"


def failing(store: Store, check: str) -> set[int]:
    """The units whose kept outcome fails a check."""
    found = Results(store, "2025").failures([check]).responses.tolist()
    return {unit.id for unit in store.units_of(found).values()}


def test_what_changes_while_the_file_is_first_checked_is_looked_at_next_time(desk: Store) -> None:
    other = stores.open(desk.path)
    written: list[int] = []

    def meanwhile(_done: int, _total: int, _label: str) -> None:
        if not written:
            written.append(1)
            cells.write(other, 1, "2025", "revenue", 10)
            cells.write(other, 1, "2025", "main_revenue", 99_999)

    Review(desk, "2025", meanwhile).run()
    other.close()
    assert written
    assert len(Results(desk, "2025").touched())
    Review(desk, "2025").run()
    assert 1 in failing(desk, "F01")


def test_what_changes_between_the_mark_and_the_reading_is_not_lost(desk: Store) -> None:
    Review(desk, "2025").run()
    cells.write(desk, 2, "2025", "revenue", 4321)
    review = Review(desk, "2025")
    review.watch()
    cells.write(desk, 1, "2025", "revenue", 10)
    cells.write(desk, 1, "2025", "main_revenue", 99_999)
    review._again()
    Review(desk, "2025").run()
    assert 1 in failing(desk, "F01")


def test_what_was_submitted_stays_so_until_it_is_changed(desk: Store) -> None:
    for number in range(1, 13):
        statuses.decide(desk, [number], "2025", "in_progress")
    Review(desk, "2025").run()
    desk.execute("UPDATE response SET status = 'submitted' WHERE period = '2025'")
    Review(desk, "2025").run(anew=True)
    assert desk.counts("2025")["submitted"] == 12
    cells.write(desk, 3, "2025", "revenue", 5)
    Review(desk, "2025").run()
    assert desk.counts("2025")["submitted"] == 11


def test_a_unit_that_is_opened_again_is_graded_again(desk: Store) -> None:
    cells.write(desk, 1, "2025", "revenue", 10)
    cells.write(desk, 1, "2025", "main_revenue", 99_999)
    Review(desk, "2025").run()
    for status in ("accepted", "in_progress"):
        statuses.decide(desk, [1], "2025", status)
    Review(desk, "2025").run()
    assert desk.execute("SELECT status FROM response WHERE unit = 1 AND period = '2025'").fetchone() == ("errors",)
