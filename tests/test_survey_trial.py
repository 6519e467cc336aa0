"""A check tried on the whole file before it is in force, and how every check of a file stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from conftest import code_of

from survey import cells, control, controlfile, localchecks, statuses
from survey.checks import sentence
from survey.errors import Cancelled
from survey.form import Check
from survey.review import Review
from survey.rulelist import rules
from survey.scalar import Value
from survey.store import Store
from survey.texts import Texts
from survey.trial import EXAMPLES, Trial, trial

WHY = "该单位集团内结算，口径经核实不同"
SOUND: Mapping[str, Value] = {"district": "440305", "segment": "design", "backbone": 1, "revenue": 100,
                              "main_revenue": 90, "total_profit": 10, "rd_expenditure": 5, "employees": 3}  # fmt: skip
OWN = {"class": "A", "scope": "T-02", "expression": "301 >= #10 * 327", "message": "利润率不超过一成"}


def fill(store: Store, *units: Mapping[str, Value]) -> None:
    for at, answers in enumerate(units, 1):
        unit = cells.add_unit(store, code_of(at), f"演示数据{at}", "2025")
        store.execute("UPDATE unit SET district = '440305' WHERE id = ?", (unit,))
        for name, value in {**SOUND, **answers}.items():
            if value is not None:
                cells.write(store, unit, "2025", name, value)


def own(store: Store, **changes: str) -> Check:
    return localchecks.read(store, {**OWN, **changes})


def counts(found: Trial) -> tuple[int, int, int, int]:
    return found.passed, found.failed, found.not_evaluated, found.units


@pytest.fixture
def desk(city: Store) -> Store:
    """Sound; too much profit; no profit told; a part above its whole."""
    fill(city, {}, {"total_profit": 20}, {"total_profit": None}, {"main_revenue": 101})
    return city


def test_a_new_check_is_counted_and_nothing_is_kept(desk: Store) -> None:
    before = list(desk.database.conn.iterdump())
    found = trial(desk, own(desk), "2025")
    assert counts(found) == (2, 1, 1, 1)
    assert (found.newly, found.no_longer) == (None, None)
    assert list(desk.database.conn.iterdump()) == before


def test_the_examples_are_findings_in_words(desk: Store, texts: Texts) -> None:
    found = trial(desk, own(desk), "2025")
    [example] = found.examples
    assert (example.unit, example.name) == (code_of(2), "演示数据2")
    assert sentence(example, found.scheme, texts).startswith("利润率不超过一成：营业收入(301) 100 千元")


def test_a_changed_check_is_compared_with_the_one_in_force(desk: Store) -> None:
    localchecks.save(desk, OWN)
    strict = trial(desk, replace(own(desk, expression="301 > #10 * 327"), code="L-001"), "2025")
    assert (strict.failed, strict.newly, strict.no_longer) == (3, 2, 0)
    assert [one.unit for one in strict.examples] == [code_of(1), code_of(4), code_of(2)]
    lax = trial(desk, replace(own(desk, expression="301 >= 327"), code="L-001"), "2025")
    assert (lax.failed, lax.newly, lax.no_longer) == (0, 0, 1)


def test_another_class_says_whom_it_frees_and_whom_it_would_block(desk: Store) -> None:
    Review(desk, "2025").run()
    f01 = desk.scheme.check("F01")
    softer = trial(desk, replace(f01, category="C"), "2025")
    assert (softer.newly, softer.freed, softer.blocked, softer.would_block) == (0, 1, 0, 1)
    assert softer.left == 1
    harder = trial(desk, replace(desk.scheme.check("F04"), category="A"), "2025")
    assert (harder.failed, harder.blocked) == (0, 0)


def test_a_unit_that_is_held_back_already_is_not_counted_again(desk: Store) -> None:
    everyone = own(desk, expression="301 > #100")
    assert trial(desk, everyone, "2025").blocked == 4
    assert not trial(desk, everyone, "2025").others
    Review(desk, "2025").run()
    found = trial(desk, everyone, "2025")
    assert found.others
    assert (found.units, found.blocked, found.would_block) == (4, 3, 3)


def test_an_exempted_unit_is_not_blocked(desk: Store) -> None:
    localchecks.save(desk, OWN)
    control.exempt(desk, code_of(2), "L-001", "2025", official="王", reason=WHY)
    found = trial(desk, replace(own(desk), code="L-001", category="A"), "2025")
    assert (found.failed, found.left, found.blocked) == (1, 0, 0)


def test_a_unit_whose_status_people_have_decided_is_not_blocked(desk: Store) -> None:
    unit = desk.find_unit(code_of(2))
    assert unit is not None
    statuses.decide(desk, [unit], "2025", "deregistered", "已注销")
    found = trial(desk, own(desk), "2025")
    assert (found.units, found.blocked) == (1, 0)


def test_a_check_that_was_switched_off_has_nothing_to_be_compared_with(desk: Store) -> None:
    control.rule(desk, "F01", "off", "2020-01-01", official="王", reason=WHY)
    found = trial(desk, desk.scheme.check("F01"), "2025")
    assert (found.failed, found.newly) == (1, None)


def test_a_check_of_a_later_period_can_be_tried_now(desk: Store) -> None:
    assert trial(desk, own(desk, valid_from="2030"), "2025").failed == 1


def test_a_check_among_units_is_tried_with_their_standards(city: Store) -> None:
    fill(city, {}, {}, {"revenue": 777})
    found = trial(city, own(city, expression="same(301) = 0"), "2025")
    assert (found.failed, [one.unit for one in found.examples]) == (2, [code_of(1), code_of(2)])


def test_examples_are_a_few_and_what_fails_newly_comes_first(city: Store) -> None:
    fill(city, *({"total_profit": 20} for _ in range(EXAMPLES + 2)), {"total_profit": 10})
    localchecks.save(city, OWN)
    found = trial(city, replace(own(city, expression="301 > #10 * 327"), code="L-001"), "2025")
    assert found.failed == EXAMPLES + 3
    assert len(found.examples) == EXAMPLES
    assert found.examples[0].unit == code_of(EXAMPLES + 3)


def test_a_trial_can_be_stopped(desk: Store) -> None:
    def stop(_done: int, _total: int, _label: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        trial(desk, own(desk), "2025", stop)


def test_a_trial_tells_how_far_it_is(desk: Store) -> None:
    told: list[tuple[int, int]] = []
    localchecks.save(desk, OWN)
    trial(desk, replace(own(desk), code="L-001"), "2025", lambda done, total, _label: told.append((done, total)))
    assert told[-1] == (8, 8)


# How checks stand


def test_every_check_is_listed_with_where_it_is_from(city: Store) -> None:
    localchecks.save(city, OWN)
    found = {one.check.code: one for one in rules(city, "2025")}
    assert (found["F01"].origin, found["REQ-T-02.301"].origin, found["L-001"].origin) == ("scheme", "item", "local")
    assert all(one.in_force for one in found.values())


def test_rulings_are_told_those_of_later_days_too(city: Store) -> None:
    control.rule(city, "F01", "off", "2020-01-01", official="王", reason=WHY)
    control.rule(city, "F02", "B", "2020-01-01", official="王", reason=WHY)
    control.rule(city, "F02", "off", "2999-01-01", official="王", reason=WHY)
    found = {one.check.code: one for one in rules(city, "2025")}
    assert (found["F01"].off, found["F01"].category) == (True, "A")
    assert (found["F02"].off, found["F02"].category, found["F02"].in_force) == (False, "B", True)
    assert [one.valid_from for one in found["F02"].coming] == ["2999-01-01"]


def test_a_check_of_a_later_period_is_listed_once_and_not_in_force(city: Store) -> None:
    localchecks.save(city, {**OWN, "valid_from": "2030"})
    [later] = [one for one in rules(city, "2025") if one.check.code == "L-001"]
    assert not later.in_force


def test_a_check_is_copied_as_it_is_written(city: Store, texts: Texts) -> None:
    copied = localchecks.row_of(city, city.scheme.check("F02"))
    assert (copied["expression"], copied["when"]) == ("0.5 <= 301/301@prev <= 2", "301@prev >= 1000")
    implied = next(one.check for one in rules(city, "2025") if one.check.code == "REQ-T-02.301")
    row = localchecks.row_of(city, implied)
    assert localchecks.read(city, {**row, "message": "应填"}).tree == implied.tree
    localchecks.save(city, OWN)
    assert localchecks.row_of(city, city.scheme.check("L-001"))["expression"] == OWN["expression"]


def test_what_a_control_list_would_change_is_told_before(city: Store) -> None:
    control.rule(city, "F01", "off", "2020-01-01", official="王", reason=WHY)
    [ruling] = control.rulings(city)
    other = replace(ruling, check="F02")
    found = control.changes(city, controlfile.ControlList(city.scheme.id, 1, "王", "2025-01-01", (other,), ()))
    assert (found.new_rulings, found.gone_rulings) == ((other,), (ruling,))
    assert found.new_exemptions == found.gone_exemptions == ()
