"""Indicators by hand: small files whose figures can be counted on one's fingers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from conftest import code_of

from indicators import computation, definition, goal, goalwords, growth, tables
from indicators.catalogue import Catalogue, Target
from indicators.computation import IndicatorValue
from survey import cells
from survey import scheme as schemes
from survey import store as stores
from survey.errors import SchemeError, SurveyError
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts


@pytest.fixture
def catalogue(cluster: Scheme) -> Catalogue:
    return definition.load(cluster)


@pytest.fixture
def desk(tmp_path: Path, cluster: Scheme) -> Iterator[Store]:
    """Five units in two districts; money in thousand yuan."""
    store = stores.create(tmp_path / "c.census", cluster, "2025", None)
    units: list[Mapping[str, object]] = [
        {"district": "440305", "segment": "design", "backbone": 1, "revenue": 10_000_000, "rd_expenditure": 2_000_000,
         "employees": 1000, "rd_personnel": 600, "employees_average": 900, "invention_patents": 50},
        {"district": "440305", "segment": "design", "backbone": 1, "revenue": 10_000_001, "rd_expenditure": 900_000,
         "employees": 500, "rd_personnel": 200, "employees_average": 500, "invention_patents": 10},
        {"district": "440306", "segment": "manufacturing", "business_model": "idm", "revenue": 2_000_001,
         "employees": 800, "employees_average": 700},
        {"district": "440306", "segment": "manufacturing", "business_model": "other", "revenue": 9_000_000},
        {"district": "440306", "segment": "design", "operating_status": "2", "revenue": 50_000_000},
    ]  # fmt: skip
    for number, answers in enumerate(units):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        for name, value in answers.items():
            cells.write(store, unit, "2025", name, value)  # type: ignore[arg-type]
    first = store.find_unit(code_of(0))
    assert first is not None
    cells.write(store, first, "2024", "revenue", 8_000_000)
    yield store
    store.close()


def figures(desk: Store, catalogue: Catalogue, by: str | None = None) -> dict[tuple[str, str | None], IndicatorValue]:
    return {(one.id, one.by): one for one in computation.compute(desk, catalogue, "2025", by)}


def test_sums_counts_and_ratios_are_what_one_counts_by_hand(desk: Store, catalogue: Catalogue) -> None:
    found = figures(desk, catalogue)
    value = {key[0]: one.value for key, one in found.items() if key[1] is None}
    revenue = 10_000_000 + 10_000_001 + 2_000_001 + 9_000_000
    assert value["G1-01"] == pytest.approx(revenue / 100_000)
    assert value["G1-03"] == pytest.approx(25)
    assert value["G1-04"] == pytest.approx(revenue / 100_000 / 2500 * 100)
    assert value["G1-04.2"] == pytest.approx(revenue / 100_000 - 2500)
    assert value["G1-05"] == 1
    assert value["G1-06"] == 2
    assert value["G1-07"] == 1
    assert value["G1-09"] == 4
    assert value["G2-01"] == pytest.approx(2_900_000 / 20_000_001 * 100)
    assert value["G2-02"] == pytest.approx(50)
    assert value["G2-04"] == pytest.approx(800 / 1500 * 100)
    assert value["G2-06"] == pytest.approx(60 / 1500 * 10_000)
    assert value["C-01"] == pytest.approx(100)
    assert value["C-01.1"] == pytest.approx(10_000_001 / revenue * 100)
    assert value["C-02"] == pytest.approx(
        sum(one**2 for one in (10_000_000, 10_000_001, 2_000_001, 9_000_000)) / revenue**2 * 10_000
    )
    assert value["C-07"] == pytest.approx((10_000_000 + 10_000_001 + 2_000_001) / 2100 / 10)
    assert value["S-03"] == pytest.approx(100)
    assert value["G1-03.3"] == pytest.approx(((revenue / 100_000 / 1100) ** 0.25 - 1) * 100)


def test_who_was_used_and_who_was_due_is_said(desk: Store, catalogue: Catalogue) -> None:
    found = figures(desk, catalogue)
    assert (found["G2-04", None].units_used, found["G2-04", None].units_due) == (2, 4)
    assert (found["G1-05", None].units_used, found["G1-05", None].units_due) == (2, 2)


def test_nobody_answered_is_no_zero(desk: Store, catalogue: Catalogue) -> None:
    found = figures(desk, catalogue)
    assert found["G1-09.3", None].value is None
    assert figures(desk, catalogue, "segment")["G2-03", "manufacturing"].value is None
    assert figures(desk, catalogue, "segment")["G1-05", "manufacturing"].value == 0


def test_groups_add_up_and_shares_refer_to_the_whole(desk: Store, catalogue: Catalogue) -> None:
    for by in ("district", "segment", "size"):
        found = figures(desk, catalogue, by)
        parts = [one.value for key, one in found.items() if key[0] == "G1-08" and key[1] is not None]
        assert sum(part for part in parts if part) == pytest.approx(100 if by != "size" else 70.967754)
    assert figures(desk, catalogue)["G1-08", "design"].value == pytest.approx(20_000_001 / 31_000_002 * 100)


def test_size_classes_want_both_limits(desk: Store, catalogue: Catalogue) -> None:
    sizes = {one.by: one.value for one in computation.compute(desk, catalogue, "2025", "size") if one.id == "G1-09"}
    assert sizes == {None: 4, "large": 2, "medium": 1}


def test_a_figure_lists_the_units_behind_it(desk: Store, catalogue: Catalogue) -> None:
    [big] = computation.units(desk, catalogue, "G1-05", "2025").units
    assert (big.uscc, big.values["revenue"]) == (code_of(1), 10_000_001)
    behind = computation.units(desk, catalogue, "G1-04", "2025")
    assert [one.uscc for one in behind.units] == [code_of(1), code_of(0), code_of(3), code_of(2)]
    first = computation.units(desk, catalogue, "G1-04", "2025", most=2)
    assert (first.count, list(first.units)) == (4, list(behind.units[:2]))
    assert computation.units(desk, catalogue, "G1-04", "2020").count == 0
    of_district = computation.units(desk, catalogue, "G1-01", "2025", "district", "440306")
    assert [one.uscc for one in of_district.units] == [code_of(3), code_of(2)]
    with pytest.raises(SurveyError, match="no_indicator"):
        computation.units(desk, catalogue, "G9-99", "2025")


@pytest.mark.parametrize(
    ("operator", "value", "period", "state"),
    [
        (">", 2500.0, "2025", "behind"),
        (">", 2500.1, "2025", "met"),
        (">=", 2500.0, "2025", "met"),
        (">", 2036.2, "2024", "on_track"),
        (">", 2036.0, "2024", "behind"),
        (">", None, "2025", "no_data"),
    ],
)
def test_at_least_includes_the_number_and_above_does_not(
    operator: str, value: float | None, period: str, state: str
) -> None:
    target = Target("X", "", "2025", operator, 2500, base=1100, base_year="2021")
    assert growth.status(target, value, period) == state


def test_a_target_without_a_number_stays_qualitative() -> None:
    assert growth.status(Target("X", "一批", "2025"), 20, "2025") == "qualitative"


def test_the_growth_that_the_plan_needs() -> None:
    assert growth.cagr(2500, 1100, 4) == pytest.approx(22.78, abs=0.01)
    assert growth.cagr(2500, 0, 4) is None
    assert growth.path(1100, 2021, 2500, 2025, 2023) == pytest.approx(1658.3, abs=0.05)


def test_an_empty_file_has_no_figures_and_no_crash(tmp_path: Path, cluster: Scheme, catalogue: Catalogue) -> None:
    store = stores.create(tmp_path / "e.census", cluster, "2025", None)
    found = figures(store, catalogue)
    assert found["G1-01", None].value is None
    assert found["G1-09", None].value in (0, None)
    store.close()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("total(revenue) / 100000", "total(revenues) / 100000", "expression.unknown_item"),
        ("total(revenue) / 100000", "[G1-01] + 1", "circle"),
        ("digits = 2", "digit = 2", "unknown_key"),
        ('needs = ["revenue"]', 'needs = ["revenu"]', "unknown_key"),
        ('item = "segment"', 'list = "sgment"', "unknown_list"),
    ],
)
def test_a_definition_that_cannot_be_is_named(data: Path, old: str, new: str, code: str) -> None:
    files = schemes.read_files(data / "scheme")
    assert old in files["indicators.toml"]
    files["indicators.toml"] = files["indicators.toml"].replace(old, new)
    with pytest.raises(SchemeError) as caught:
        definition.load(schemes.read(files))
    assert code in [problem.code for problem in caught.value.problems]


def test_the_summary_shows_targets_figures_and_groups(desk: Store, catalogue: Catalogue, texts: Texts) -> None:
    summary = tables.summary(computation.Computation(desk, catalogue), "2025", texts)
    named = {table.title: table for table in summary.tables}
    board = {row.key: row for row in named["目标进度"].rows}
    assert [cell if isinstance(cell, str) else cell.text() for cell in board["G1-05"].cells][2:] == [
        "≥ 3 家", "1 家", "33.3", "滞后",
    ]  # fmt: skip
    districts = named["分区主要指标"]
    assert [row.cells[0] for row in districts.rows] == ["合计", "南山区", "宝安区"]
    assert len(board) == len(catalogue.targets) == 16


def test_figures_are_rounded_half_away_from_zero_only_when_shown() -> None:
    assert tables.Figure(2.345, 2).text() == "2.35"
    assert tables.Figure(-1234.5).text() == "-1,235"
    assert tables.Figure(None).text() == "—"


def test_before_anybody_has_answered_a_count_is_unknown_and_not_behind(
    tmp_path: Path, cluster: Scheme, texts: Texts
) -> None:
    store = stores.create(tmp_path / "b.census", cluster, "2025", None)
    catalogue = definition.load(cluster)
    [*goals] = goal.stated(computation.Computation(store, catalogue), "2025")
    parks = next(one for one in goals if one.target.indicator == "G4-01")
    assert {(one.value, one.status) for one in goals} == {(None, "no_data"), (None, "qualitative")}
    assert [goalwords.cells(parks, catalogue, texts)[name] for name in ("value", "share", "gap", "status")] == [
        "—", "—", "—", "无数据",
    ]  # fmt: skip
    # An enterprise that answers says nothing of parks; a district that does, and lists none, has none.
    unit = cells.add_unit(store, code_of(1), "演示数据", "2025")
    cells.write(store, unit, "2025", "revenue", 1)
    counted = [one.value for one in goal.stated(computation.Computation(store, catalogue), "2025")]
    assert (counted[1], counted[6]) == (0, None)
    cells.write(store, store.insert_unit("440305", "南山区", "district"), "2025", "land_prepared_plots", 1)
    [*goals] = goal.stated(computation.Computation(store, catalogue), "2025")
    assert (goals[6].value, goals[6].status) == (0, "behind")
    store.close()


def test_what_a_figure_hangs_on_is_said(desk: Store, catalogue: Catalogue) -> None:
    found = figures(desk, catalogue)
    # Two designers stand at the threshold of ten billion, one of them exactly.
    assert (found["G1-05", None].near, found["G1-06", None].near, found["G1-01", None].near) == (2, 0, None)
    assert found["G1-01", None].largest == pytest.approx(10_000_001 / 31_000_002 * 100)
    of_district = figures(desk, catalogue, "district")
    assert of_district["G1-01", "440306"].largest == pytest.approx(9_000_000 / 11_000_001 * 100)
