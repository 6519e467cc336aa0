"""Whom to ask first: doubt times what the answer moves in the totals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from ordinary_units import UNITS, amounts, desk_of, put, write

from survey import cells, explanations, magnitude
from survey.checks import Finding
from survey.priority import DOUBT, MISSING, SURE, Part, Priority, priorities
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store

SMALL, LARGE = 3, 58


@pytest.fixture
def desk(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    """Sixty ordinary units in two years; the larger the number, the larger the unit."""
    store = desk_of(tmp_path / "desk.census", lists)
    yield store
    store.close()


def findings(store: Store) -> list[Finding]:
    return [one for one in Review(store, "2025").findings() if one.verdict == "fail"]


def ordered(store: Store) -> list[Priority]:
    return priorities(store, "2025", findings(store))


def of(found: list[Priority], number: int) -> Priority:
    return next(one for one in found if one.uscc == code_of(number))


def part(found: list[Priority], number: int, item: str = "revenue") -> Part:
    return next(one for one in of(found, number).parts if one.item == item)


def changed(store: Store, number: int, factor: float) -> None:
    """Revenue moves so far that the check of change (class C) fails."""
    revenue = round(amounts(number, 2024)["revenue"] * factor)
    put(store, number + 1, revenue=revenue, main_revenue=round(revenue / 2))


def test_a_file_without_failed_checks_asks_nobody(desk: Store) -> None:
    assert ordered(desk) == []


def test_one_large_change_comes_before_many_small_ones(desk: Store) -> None:
    for number in range(10):
        changed(desk, number, 2.3)
    changed(desk, LARGE, 2.3)
    found = ordered(desk)
    assert found[0].uscc == code_of(LARGE)
    assert len(found) == 11
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_a_part_is_doubt_times_the_gap_as_a_share_of_the_total(desk: Store) -> None:
    changed(desk, LARGE, 3)
    one = part(ordered(desk), LARGE)
    total = sum(cells.read(desk, unit, "2025").values["revenue"] for unit in range(1, UNITS + 1))  # type: ignore[misc]
    last = amounts(LARGE, 2024)["revenue"]
    assert (one.value, one.basis) == (last * 3, "last_year")
    # The units grew by a twentieth.
    assert one.expected == pytest.approx(last * 1.05, rel=0.05)
    assert one.suspicion == pytest.approx(DOUBT["C"])
    assert one.share == pytest.approx((last * 3 - one.expected) / float(total))
    assert one.score == pytest.approx(one.suspicion * one.share)
    assert of(ordered(desk), LARGE).checks == ("F02",)


def test_the_score_is_the_sum_of_its_parts(desk: Store) -> None:
    changed(desk, LARGE, 3)
    put(desk, LARGE + 1, rd_expenditure=None)
    one = of(ordered(desk), LARGE)
    assert {part.item for part in one.parts} == {"revenue", "rd_expenditure"}
    assert one.score == pytest.approx(sum(part.score for part in one.parts))


def test_a_graver_check_and_a_second_one_cast_more_doubt(desk: Store) -> None:
    changed(desk, SMALL, 3)
    changed(desk, LARGE, 3)
    put(desk, LARGE + 1, main_revenue=amounts(LARGE, 2024)["revenue"] * 4)
    found = ordered(desk)
    both = 1 - (1 - DOUBT["A"]) * (1 - DOUBT["C"])
    assert part(found, SMALL).suspicion == pytest.approx(DOUBT["C"])
    assert part(found, LARGE).suspicion == pytest.approx(both)


def test_an_explained_finding_drops_out(desk: Store) -> None:
    changed(desk, SMALL, 3)
    changed(desk, LARGE, 3)
    finding = next(one for one in findings(desk) if one.unit == code_of(LARGE))
    explanations.explain(desk, LARGE + 1, finding, "新增两条封装生产线投产", who="张")
    assert [one.uscc for one in ordered(desk)] == [code_of(SMALL)]


def test_an_explanation_of_other_answers_does_not_count(desk: Store) -> None:
    changed(desk, LARGE, 3)
    explanations.explain(desk, LARGE + 1, findings(desk)[0], "新增两条封装生产线投产", who="张")
    changed(desk, LARGE, 4)
    assert [one.uscc for one in ordered(desk)] == [code_of(LARGE)]


def test_an_exempted_unit_drops_out(desk: Store) -> None:
    changed(desk, LARGE, 3)
    names = [row[1] for row in desk.execute("PRAGMA table_info(exemption)")]
    facts = {"uscc": code_of(LARGE), "check_code": "F02", "period": "2025"}
    desk.execute(
        f"INSERT INTO exemption ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [facts.get(name, "演示") for name in names],
    )
    assert ordered(desk) == []


def test_a_missing_item_of_a_large_unit_counts_by_what_is_expected(desk: Store) -> None:
    put(desk, LARGE + 1, rd_expenditure=None)
    put(desk, SMALL + 1, rd_expenditure=None)
    found = ordered(desk)
    assert [one.uscc for one in found] == [code_of(LARGE), code_of(SMALL)]
    one = part(found, LARGE, "rd_expenditure")
    assert (one.value, one.suspicion) == (None, MISSING)
    assert one.expected == pytest.approx(amounts(LARGE, 2024)["rd_expenditure"] * 1.05, rel=0.05)


def test_without_last_year_the_stratum_per_head_is_expected(desk: Store) -> None:
    unit = cells.add_unit(desk, code_of(900), "演示数据新", "2025")
    write(desk, unit, 2025, amounts(50, 2025))
    put(desk, unit, main_revenue=amounts(50, 2025)["revenue"] * 2)
    one = part(ordered(desk), 900)
    assert one.basis == "peers"
    heads = sorted(amounts(number, 2025)["revenue"] / amounts(number, 2025)["employees"] for number in range(UNITS))
    assert one.expected == pytest.approx(heads[UNITS // 2] * amounts(50, 2025)["employees"], rel=0.05)


def test_with_nothing_to_go_by_the_whole_value_counts(desk: Store) -> None:
    unit = cells.add_unit(desk, code_of(900), "演示数据新", "2025")
    write(desk, unit, 2025, amounts(50, 2025) | {"employees": None})  # type: ignore[dict-item]
    put(desk, unit, main_revenue=amounts(50, 2025)["revenue"] * 2)
    one = part(ordered(desk), 900)
    assert (one.basis, one.expected) == ("", 0.0)
    assert one.value == amounts(50, 2025)["revenue"]


def test_a_wrong_unit_of_measure_weighs_most_and_does_not_hide_the_others(desk: Store) -> None:
    changed(desk, LARGE, 3)
    alone = part(ordered(desk), LARGE).share
    write(desk, SMALL + 1, 2025, amounts(SMALL, 2025, 1000))
    proposals = magnitude.detect(desk, "2025")
    found = priorities(desk, "2025", findings(desk), proposals)
    assert found[0].uscc == code_of(SMALL)
    assert part(found, SMALL).suspicion > SURE - 0.01
    # The total is that of the amount put right.
    assert part(found, LARGE).share == pytest.approx(alone, rel=0.01)


def test_a_check_of_other_items_does_not_count(desk: Store) -> None:
    lines = [("product_exports", 1, 10**9)]
    cells.write_all(desk, LARGE + 1, "2025", lines)
    assert [one.check for one in findings(desk)] == ["T03-01"]
    assert ordered(desk) == []


def test_what_could_not_be_evaluated_does_not_count(desk: Store) -> None:
    put(desk, LARGE + 1, main_revenue=None)
    every = list(Review(desk, "2025").findings())
    assert {one.verdict for one in every if one.unit == code_of(LARGE)} >= {"not evaluated"}
    assert priorities(desk, "2025", every) == []


def test_a_scheme_without_key_items_asks_nobody(tmp_path: Path, lists: Scheme) -> None:
    from survey import store as stores

    store = stores.create(tmp_path / "plain.census", lists, "2025", "440305")
    assert priorities(store, "2025", []) == []
    store.close()


def test_progress_is_told(desk: Store) -> None:
    told: list[tuple[int, int, str]] = []
    priorities(desk, "2025", [], progress=lambda *facts: told.append(facts))
    assert told == [(UNITS, UNITS, "progress.priority")]
