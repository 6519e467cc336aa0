"""Units among units: one measure for a whole pass and an open unit, within the stratum that is large enough."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import code_of

from survey import cells, explanations, peers
from survey import scheme as schemes
from survey import store as stores
from survey.checks import CheckSet, Finding, compile_checks, sentence
from survey.expression import Column
from survey.formulas import readable
from survey.record import previous_period
from survey.results import Results
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

HEAD = "code,family,class,scope,expression,when,tolerance,missing,valid_from,message,message_en,reason\n"
CHECKS = (
    "P1,outlier,C,T-02,hb(301) <= 4,,,,,变动应与同类单位相近,Changes should be like those of others,离群\n"
    "P2,outlier,C,T-02,mad(301/[T-02.01]) <= 5,,,,,人均收入应与同类单位相近,Revenue per head should be alike,离群\n"
    'P3,duplicate,C,T-02,"same(301, 302) = 0",,,,,收入不应与其他单位完全相同,No other unit should be equal,重复\n'
)
STRATA = '\n[checks]\nstrata = ["segment"]\nstaff = "employees"\nkey_items = ["revenue"]\n'


@pytest.fixture(scope="module")
def scheme(small: Scheme) -> Scheme:
    files = {**small.files, "checks.csv": HEAD + CHECKS}
    files["scheme.toml"] = files["scheme.toml"].replace("\n[legal]", STRATA + "\n[legal]")
    return schemes.read(files)


@pytest.fixture
def desk(tmp_path: Path, scheme: Scheme) -> Iterator[Store]:
    """Twelve designers and three makers that grow by about a tenth, one designer tenfold; two alike."""
    store = stores.create(tmp_path / "d.census", scheme, "2025", "440305")
    for number in range(1, 16):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        before = 1000 + 37 * number
        now = before * 10 if number == 5 else round(before * (1.08 + 0.004 * number))
        for period, revenue in (("2024", before), ("2025", now)):
            cells.write(store, unit, period, "revenue", revenue)
        cells.write(store, unit, "2025", "main_revenue", now - number)
        cells.write(store, unit, "2025", "employees", 10 + number % 3)
        cells.write(store, unit, "2025", "segment", "design" if number <= 12 else "eda")
    for item, value in (("revenue", 7777), ("main_revenue", 7000)):
        for number in (14, 15):
            found = store.find_unit(code_of(number))
            assert found
            cells.write(store, found, "2025", item, value)
    yield store
    store.close()


def failing(store: Store) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for one in Review(store, "2025").findings(not_evaluated=False):
        found.setdefault(one.check, []).append(one)
    return found


def test_one_change_stands_out_among_its_kind(desk: Store, texts: Texts) -> None:
    (far, *others) = [one for one in failing(desk)["P1"] if one.unit == code_of(5)]
    assert not others
    assert far.items == ("T-02.301",)
    assert float(far.operands["hb([revenue])"] or 0) > 4
    told = sentence(far, desk.scheme, texts)
    assert "营业收入（上年）(301) 1,185 千元" in told
    assert "营业收入(301) 11,850 千元" in told


def test_equal_answers_name_how_many_others_give_them(desk: Store) -> None:
    same = failing(desk)["P3"]
    assert sorted(one.unit for one in same) == [code_of(14), code_of(15)]
    assert [one.operands["same([revenue], [main_revenue])"] for one in same] == [1, 1]


def test_a_stratum_too_small_is_measured_with_all(desk: Store, scheme: Scheme) -> None:
    checks = compile_checks(scheme, "2025")
    among = peers.take(desk, checks, "unit")
    assert sorted(among.standards["hb([revenue])"]) == ["", "design"]
    assert among.standards["hb([revenue])"]["design"].count == 12
    assert among.standards["hb([revenue])"][""].count == 15


def test_an_open_unit_is_measured_as_the_whole_file_was(desk: Store, scheme: Scheme) -> None:
    Review(desk, "2025").run()
    checks = compile_checks(scheme, "2025")
    (kept,) = desk.execute("SELECT standards FROM result WHERE period = '2025'").fetchone()
    among = peers.stored(checks, "unit", json.loads(kept)["unit"])
    whole = {one.unit: one for one in Review(desk, "2025").findings() if one.check == "P1"}
    for number in range(1, 16):
        alone = measured(desk, checks, among, number)
        finding = whole.get(code_of(number))
        verdicts = [one for one in checks.record(*alone[:2], alone[2]) if one.check == "P1"]
        assert [one.operands for one in verdicts] == ([finding.operands] if finding else [])


def measured(store: Store, checks: CheckSet, among: peers.Peers, number: int):  # type: ignore[no-untyped-def]
    unit = store.find_unit(code_of(number))
    assert unit
    now, before = cells.read(store, unit, "2025"), cells.read(store, unit, previous_period("2025"))
    (response,) = store.execute("SELECT id FROM response WHERE unit = ? AND period = '2025'", (unit,)).fetchone()
    values = {**readable(now, before, checks.columns("unit")), **store.register(unit)}
    return now, before, store.register(unit) | among.of(values, response)


def test_a_check_of_one_unit_again_keeps_the_standards(desk: Store) -> None:
    Review(desk, "2025").run()
    standards, failing_before = Results(desk, "2025").standards, who_fails(desk)
    unit = desk.find_unit(code_of(7))
    assert unit
    cells.write(desk, unit, "2025", "revenue", 90_000)
    Review(desk, "2025").run()
    (response,) = desk.execute("SELECT id FROM response WHERE unit = ? AND period = '2025'", (unit,)).fetchone()
    assert Results(desk, "2025").standards == standards
    assert who_fails(desk) == {*failing_before, response} != failing_before


def who_fails(desk: Store) -> set[int]:
    return set(Results(desk, "2025").failures(["P1"]).responses.tolist())


def test_what_is_missing_cannot_be_measured() -> None:
    measure = Column("a", "", "number")
    found = peers._values(Column("a", "", "number", peers=peers_measure(measure)), {"a": np.array([1.0, np.nan, 1.0])})
    assert found[0] == found[2] != 0
    assert found[1] == 0


def peers_measure(column: Column):  # type: ignore[no-untyped-def]
    from survey.expression import PeerMeasure

    return PeerMeasure("same", (column,))


def test_answers_shared_with_others_are_compared_anew_when_little_has_changed(desk: Store) -> None:
    def sharing() -> set[str]:
        found = Results(desk, "2025").failures(["P3"]).responses.tolist()
        return {unit.uscc for unit in desk.units_of(found).values()}

    Review(desk, "2025").run()
    assert sharing() == {code_of(14), code_of(15)}
    for number, revenue in ((14, 7778), (1, 4000), (2, 4000)):
        unit = desk.find_unit(code_of(number))
        assert unit
        cells.write(desk, unit, "2025", "revenue", revenue)
        cells.write(desk, unit, "2025", "main_revenue", 3000)
    Review(desk, "2025").run()
    assert sharing() == {code_of(1), code_of(2)}


def test_an_explanation_outlives_a_change_of_other_units(desk: Store) -> None:
    (finding,) = [one for one in failing(desk)["P1"] if one.unit == code_of(5)]
    unit = desk.find_unit(code_of(5))
    assert unit
    explanations.explain(desk, unit, finding, "承接新项目，收入按进度确认")
    for number in (1, 2, 3):
        other = desk.find_unit(code_of(number))
        assert other
        cells.write(desk, other, "2025", "revenue", 1500 + number)
    Review(desk, "2025").run(anew=True)
    (again,) = [one for one in failing(desk)["P1"] if one.unit == code_of(5)]
    assert again.operands["hb([revenue])"] != finding.operands["hb([revenue])"]
    found = Results(desk, "2025").failures(["P1"])
    at = [unit.uscc for unit in desk.units_of(found.responses.tolist()).values()].index(code_of(5))
    assert found.answered[at]
