"""Wrong units of measure and signs in a survey file: found, judged by the checks, put right in one step."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from firm_years import PERIODS, Figures, Year, filled, thousands, times
from ordinary_units import UNITS, amounts, desk_of, put, write

from survey import cells, history, magnitude
from survey.errors import SurveyError
from survey.proposal import Proposal
from survey.scheme import Scheme
from survey.store import Store

# A bank earns far more per head than others: without last year, and without other banks, four amounts do not tell.
UNDECIDABLE = ("601997", "2021")
WRONG = 7


@pytest.fixture
def desk(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    """Sixty ordinary units in two years."""
    store = desk_of(tmp_path / "desk.census", lists)
    yield store
    store.close()


def found(store: Store) -> list[Proposal]:
    return magnitude.detect(store, "2025")


def test_a_clean_file_has_no_proposals(desk: Store) -> None:
    assert found(desk) == []


@pytest.mark.parametrize(("factor", "text"), [(1000, "1000"), (10, "10"), (0.1, "1/10"), (10_000, "10000")])
def test_a_return_in_another_unit_is_proposed_as_a_whole(desk: Store, factor: float, text: str) -> None:
    write(desk, WRONG, 2025, amounts(WRONG - 1, 2025, factor))
    (one,) = found(desk)
    assert (one.unit, one.uscc, one.name, one.extent, magnitude.factor_text(one.factor)) == (
        WRONG, code_of(WRONG - 1), f"演示数据{WRONG - 1}", "record", text,
    )  # fmt: skip
    assert one.sure, one.doubts
    assert {cell.item for cell in one.cells} == {
        "revenue", "main_revenue", "total_profit", "rd_expenditure", "product_revenue", "product_exports",
    }  # fmt: skip
    assert all(cell.new == pytest.approx(float(cell.old) / factor, abs=0.5) for cell in one.cells)


def test_every_line_of_a_list_is_put_right(desk: Store) -> None:
    write(desk, WRONG, 2025, amounts(WRONG - 1, 2025, 1000))
    (one,) = found(desk)
    assert [(cell.item, cell.line) for cell in one.cells if cell.line] == [
        ("product_revenue", 1), ("product_revenue", 2), ("product_exports", 1),
    ]  # fmt: skip


def test_a_cell_names_what_it_was_compared_with(desk: Store) -> None:
    write(desk, WRONG, 2025, amounts(WRONG - 1, 2025, 1000))
    (one,) = found(desk)
    cell = next(cell for cell in one.cells if cell.item == "revenue")
    assert (cell.reference, cell.source) == (amounts(WRONG - 1, 2024)["revenue"], "last_year")
    assert one.evidence.own == pytest.approx(3, abs=0.2)
    assert one.evidence.share == 1


def test_computed_items_are_not_proposed(desk: Store) -> None:
    write(desk, WRONG, 2025, amounts(WRONG - 1, 2025, 1000))
    (one,) = found(desk)
    assert not {"sold", "other_revenue", "product_home"} & {cell.item for cell in one.cells}


def test_an_amount_that_was_right_stays(desk: Store) -> None:
    wrong = amounts(WRONG - 1, 2025, 1000) | {"rd_expenditure": amounts(WRONG - 1, 2025)["rd_expenditure"]}
    write(desk, WRONG, 2025, wrong)
    (one,) = found(desk)
    assert "rd_expenditure" not in {cell.item for cell in one.cells}
    assert "revenue" in {cell.item for cell in one.cells}


def test_a_firm_that_grew_fourfold_is_not_proposed(desk: Store) -> None:
    write(desk, WRONG, 2025, amounts(WRONG - 1, 2025, 4))
    assert found(desk) == []


def test_a_firm_that_grew_tenfold_with_its_staff_is_not_proposed(desk: Store) -> None:
    grown = amounts(WRONG - 1, 2025, 10)
    write(desk, WRONG, 2025, grown | {"employees": grown["employees"] * 10})
    assert found(desk) == []


def test_a_small_firm_is_not_proposed(desk: Store) -> None:
    for year in (2024, 2025):
        small = amounts(WRONG - 1, year, 0.001)
        write(desk, WRONG, year, small | {"employees": 1})
    # Sixty people's trade at a thousandth, done by one person: a sixteenth of what is usual per head.
    assert found(desk) == []


def test_both_years_in_the_wrong_unit_are_in_doubt(desk: Store) -> None:
    for year in (2024, 2025):
        write(desk, WRONG, year, amounts(WRONG - 1, year, 1000))
    (one,) = found(desk)
    assert one.factor == 1000
    assert one.doubts == ("last_year_too",)


def test_a_first_return_in_the_wrong_unit_is_in_doubt(desk: Store) -> None:
    unit = cells.add_unit(desk, code_of(900), "演示数据新", "2025")
    write(desk, unit, 2025, amounts(30, 2025, 1000))
    proposals = found(desk)
    assert [(one.unit, one.factor, "no_last_year" in one.doubts) for one in proposals] == [(unit, 1000, True)]


def test_without_staff_a_proposal_is_in_doubt(desk: Store) -> None:
    put(desk, WRONG, employees=None)
    write(desk, WRONG, 2025, {**amounts(WRONG - 1, 2025, 1000), "employees": None})
    (one,) = found(desk)
    assert one.doubts == ("no_peers",)


def test_a_single_amount_is_proposed_alone_and_in_doubt(desk: Store) -> None:
    right = amounts(WRONG - 1, 2025)["rd_expenditure"]
    put(desk, WRONG, rd_expenditure=right * 1000)
    (one,) = found(desk)
    assert (one.extent, one.factor, one.doubts) == ("cell", 1000, ("one_cell",))
    assert [(cell.item, cell.new) for cell in one.cells] == [("rd_expenditure", right)]


def test_amounts_wrong_by_one_factor_are_put_right_together(desk: Store) -> None:
    right = {name: amounts(WRONG - 1, 2025)[name] for name in ("revenue", "main_revenue")}
    put(desk, WRONG, **{name: value * 1000 for name, value in right.items()})
    (one,) = found(desk)
    assert {cell.item: cell.new for cell in one.cells} == right
    assert (one.extent, one.factor, one.doubts) == ("cell", 1000, ("some_cells",))
    assert one.failed_after == ()


def test_a_single_amount_without_last_year_is_told_by_the_balance_that_it_repairs(desk: Store) -> None:
    unit = cells.add_unit(desk, code_of(900), "演示数据新", "2025")
    values = amounts(30, 2025)
    write(desk, unit, 2025, values | {"main_revenue": values["main_revenue"] * 1000})
    (one,) = found(desk)
    assert (one.unit, one.extent, one.factor) == (unit, "cell", 1000)
    assert one.doubts == ("one_cell", "no_last_year")
    assert [(cell.item, cell.new, cell.source) for cell in one.cells] == [
        ("main_revenue", values["main_revenue"], "peers")
    ]


def test_a_single_amount_without_last_year_and_without_a_failed_balance_is_left_alone(desk: Store) -> None:
    unit = cells.add_unit(desk, code_of(900), "演示数据新", "2025")
    values = amounts(30, 2025)
    write(desk, unit, 2025, values | {"rd_expenditure": values["rd_expenditure"] * 1000})
    assert found(desk) == []


def test_a_single_amount_is_not_proposed_where_that_breaks_a_check(desk: Store) -> None:
    # Revenue at a thousandth stands beside main revenue at a thousandth of last year: both or none.
    now = amounts(WRONG - 1, 2025)
    put(desk, WRONG, main_revenue=round(now["main_revenue"] / 1000), revenue=round(now["main_revenue"] / 1000))
    assert not [one for one in found(desk) if [cell.item for cell in one.cells] == ["main_revenue"]]


def test_checks_before_and_after_are_told(desk: Store) -> None:
    put(desk, WRONG, main_revenue=amounts(WRONG - 1, 2025)["main_revenue"] * 1000)
    (one,) = found(desk)
    assert "F01" in one.failed_before
    assert "F01" not in one.failed_after


def test_a_proposal_that_would_break_a_check_is_in_doubt(desk: Store) -> None:
    # The products were reported in the right unit by another hand: their total exceeds the revenue put right.
    values = amounts(WRONG - 1, 2025, 1000)
    write(desk, WRONG, 2025, values)
    products = [("product_revenue", line, values["revenue"] // 1700) for line in (1, 2)]
    cells.write_all(desk, WRONG, "2025", products)
    one = next(one for one in found(desk) if one.extent == "record")
    assert "T02-90" in one.failed_after
    assert "breaks" in one.doubts


def test_a_wrong_sign_is_proposed_where_it_repairs_a_check(desk: Store) -> None:
    right = amounts(WRONG - 1, 2025)["revenue"]
    cells.write_all(desk, WRONG, "2025", [("revenue", 0, -right)])
    (one,) = found(desk)
    assert (one.extent, one.factor, one.sure) == ("sign", -1, True)
    assert [(cell.item, cell.old, cell.new) for cell in one.cells] == [("revenue", -right, right)]
    assert set(one.failed_before) > set(one.failed_after)


def test_a_loss_after_a_profit_is_no_wrong_sign(desk: Store) -> None:
    put(desk, WRONG, total_profit=-amounts(WRONG - 1, 2025)["total_profit"])
    assert found(desk) == []


def test_one_open_unit_is_proposed_what_the_whole_file_is(desk: Store) -> None:
    write(desk, WRONG, 2025, amounts(WRONG - 1, 2025, 1000))
    usual = magnitude.usual_of(desk, "2025")
    assert magnitude.detect_unit(desk, WRONG, "2025", usual) == found(desk)
    assert magnitude.detect_unit(desk, WRONG + 1, "2025", usual) == []


def test_progress_is_told_of_both_passes(desk: Store) -> None:
    told: list[tuple[int, int, str]] = []
    magnitude.detect(desk, "2025", lambda *facts: told.append(facts))
    assert told == [(UNITS, UNITS, "progress.usual"), (UNITS, UNITS, "progress.magnitude")]


def test_an_accepted_proposal_is_written_and_not_proposed_again(desk: Store) -> None:
    write(desk, WRONG, 2025, amounts(WRONG - 1, 2025, 1000))
    (one,) = found(desk)
    magnitude.accept(desk, one, "张")
    assert cells.read(desk, WRONG, "2025").values["revenue"] == amounts(WRONG - 1, 2025)["revenue"]
    assert found(desk) == []


def test_an_accepted_proposal_is_one_step_of_the_record_of_changes(desk: Store) -> None:
    write(desk, WRONG, 2025, amounts(WRONG - 1, 2025, 1000))
    (one,) = found(desk)
    magnitude.accept(desk, one, "张")
    steps, done = history.steps_since(desk, WRONG, "2025", "")
    last = steps[-1].events
    assert done == len(steps)
    assert {(event.item, event.line, event.old, event.new) for event in last} == {
        (cell.item, cell.line, cell.old, cell.new) for cell in one.cells
    }
    assert {event.who for event in last} == {"张"}
    assert all(event.reason.startswith("magnitude:1000:") for event in last)


def test_two_accepted_proposals_of_a_unit_are_two_steps(desk: Store) -> None:
    put(desk, WRONG, rd_expenditure=amounts(WRONG - 1, 2025)["rd_expenditure"] * 1000)
    (first,) = found(desk)
    magnitude.accept(desk, first, "张")
    put(desk, WRONG, rd_expenditure=amounts(WRONG - 1, 2025)["rd_expenditure"] * 1000)
    (second,) = found(desk)
    magnitude.accept(desk, second, "张")
    steps, _ = history.steps_since(desk, WRONG, "2025", "")
    named = [step for step in steps if step.events[0].reason.startswith("magnitude:")]
    assert [len(step.events) for step in named] == [1, 1]


def test_a_proposal_is_refused_once_a_cell_has_changed(desk: Store) -> None:
    write(desk, WRONG, 2025, amounts(WRONG - 1, 2025, 1000))
    (one,) = found(desk)
    put(desk, WRONG, total_profit=5)
    before = cells.read(desk, WRONG, "2025")
    with pytest.raises(SurveyError, match="magnitude_changed"):
        magnitude.accept(desk, one, "张")
    assert cells.read(desk, WRONG, "2025") == before


def test_strata_that_follow_from_money_do_not_choose_the_peers(cluster: Scheme) -> None:
    from survey.suspicion import Plan

    assert [column.name for column in Plan(cluster).strata] == ["segment"]


# Real enterprises


@pytest.fixture(scope="module")
def published(data: Path) -> tuple[Figures, dict[Year, int]]:
    """Published figures, and what is known of their unit of measure."""
    with (data / "unit_of_measure.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {(row["code"], row["year"]): int(row["factor"]) for row in rows if row["factor"]}
    return {(row["code"], row["year"]): thousands(row) for row in rows}, known


@pytest.fixture(scope="module")
def real(
    tmp_path_factory: pytest.TempPathFactory, cluster: Scheme, published: tuple[Figures, dict[Year, int]]
) -> dict[Year, Proposal]:
    """What is proposed for whole records of the published figures."""
    store = filled(tmp_path_factory.mktemp("firms") / "real.census", cluster, published[0])
    proposals = [one for period in PERIODS for one in magnitude.detect(store, period) if one.extent == "record"]
    store.close()
    return {(one.uscc, one.period): one for one in proposals}


def test_published_figures_in_another_unit_are_found_with_their_factor(
    real: dict[Year, Proposal], published: tuple[Figures, dict[Year, int]]
) -> None:
    wrong = {year: factor for year, factor in published[1].items() if factor != 1 and year != UNDECIDABLE}
    assert len(wrong) == 17
    assert {year: round(1 / real[year].factor) for year in wrong if year in real} == wrong


def test_a_genuinely_tiny_enterprise_is_not_proposed(
    real: dict[Year, Proposal], published: tuple[Figures, dict[Year, int]]
) -> None:
    tiny = [year for year, factor in published[1].items() if factor == 1]
    assert tiny
    assert not set(tiny) & set(real)


def test_nothing_else_of_the_published_figures_is_sure(
    real: dict[Year, Proposal], published: tuple[Figures, dict[Year, int]]
) -> None:
    assert [year for year, one in real.items() if one.sure and year not in published[1]] == []
    # A firm's other years may share its mistake; two more firms report thousands or millions as well.
    firms = {firm for firm, _ in published[1]}
    assert {firm for firm, _ in real} - firms <= {"600941", "601766"}


@pytest.mark.parametrize("factor", [1000.0, 0.001, 10.0, 0.1])
def test_a_factor_put_into_published_figures_is_found(
    tmp_path: Path, cluster: Scheme, published: tuple[Figures, dict[Year, int]], factor: float
) -> None:
    figures, known = published
    firms = {firm for firm, _ in known}
    both = [firm for firm, year in figures if year == "2021" and firm not in firms and (firm, "2020") in figures]
    chosen = {(firm, "2021") for firm in both[::6]}
    changed = {year: times(values, factor) if year in chosen else values for year, values in figures.items()}
    store = filled(tmp_path / "changed.census", cluster, changed, ("2020", "2021"))
    proposals = {(one.uscc, one.period): one for one in magnitude.detect(store, "2021") if one.extent == "record"}
    store.close()
    right = [year for year in chosen if year in proposals and proposals[year].factor == pytest.approx(factor)]
    assert len(right) / len(chosen) >= (0.9 if factor in (1000.0, 0.001) else 0.7)
    others = {firm for (firm, _), one in proposals.items() if one.sure} - {firm for firm, _ in chosen} - firms
    assert others == set()


@pytest.mark.parametrize(("factor", "proposed"), [(1000, True), (10, False)])
def test_a_form_alone_in_another_unit_is_in_doubt_and_ten_is_not_told_from_a_bad_year(
    tmp_path: Path, cluster: Scheme, published: tuple[Figures, dict[Year, int]], factor: int, proposed: bool
) -> None:
    figures, known = published
    firms = {firm for firm, _ in known}
    store = filled(tmp_path / "form.census", cluster, figures, ("2020", "2021"))
    parts = {
        "rd_labour": 0.5,
        "rd_direct_input": 0.4,
        "rd_other_costs": 0.1,
        "rd_funds_own": 0.9,
        "rd_funds_government": 0.1,
    }
    shares = ", ".join(f"{name} = CAST(rd_expenditure * {share} AS INTEGER)" for name, share in parts.items())
    store.execute(f"UPDATE form_ic_04 SET {shares}")
    firm = next(firm for (firm, year), values in figures.items()
                if year == "2021" and firm not in firms and values.get("rd_expenditure", 0) > 10**5
                and "rd_expenditure" in figures.get((firm, "2020"), {}))  # fmt: skip
    wrong = ", ".join(f"{name} = {name} / {factor}" for name in ("rd_expenditure", *parts))
    store.execute(
        f"UPDATE form_ic_04 SET {wrong} WHERE response = (SELECT r.id FROM response r JOIN unit u ON u.id = r.unit"
        " WHERE u.uscc = ? AND r.period = '2021')",
        (firm,),
    )
    told = [one for one in magnitude.detect(store, "2021") if one.uscc == firm]
    store.close()
    assert [(one.extent, round(1 / one.factor)) for one in told] == [("form", factor)] * proposed
    assert all("one_form" in one.doubts for one in told)
