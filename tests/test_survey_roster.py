"""The roster: units found, filtered, sorted; decisions about them, recorded and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of

from survey import cells, history, roster, statuses
from survey import scheme as schemes
from survey.errors import Cancelled, SurveyError
from survey.review import Review
from survey.roster import Wanted
from survey.scheme import Scheme
from survey.store import Store

NAMES = ("深圳晶澜半导体", "重庆银河芯片", "苏州甲微电子", "深圳乙科技")
SEGMENTS = ("design", "manufacturing", "design", None)


@pytest.fixture
def units(district: Store) -> list[int]:
    found = []
    for at, (name, segment) in enumerate(zip(NAMES, SEGMENTS, strict=True)):
        unit = cells.add_unit(district, code_of(at), name, "2025")
        cells.write(district, unit, "2025", "segment", segment)
        found.append(unit)
    return found


def names(store: Store, wanted: Wanted) -> list[str]:
    found = roster.ids(store, "2025", wanted)
    rows = roster.rows(store, "2025", found)
    return [rows[unit].name for unit in found]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("晶澜", [0]), ("cqyh", [1]), ("szyj", []), ("szyk", [3]), ("sz", [0, 2, 3]), (code_of(2).lower(), [2]),
        ("", [0, 1, 2, 3]),
    ],
)  # fmt: skip
def test_units_are_found_by_name_code_and_initials(
    district: Store, units: list[int], search: str, expected: list[int]
) -> None:
    assert names(district, Wanted(search)) == [NAMES[at] for at in expected]


def test_filters_go_together_and_the_order_is_kept(district: Store, units: list[int]) -> None:
    statuses.decide(district, [units[2]], "2025", "unreachable", "电话停机")
    assert names(district, Wanted(codes={"segment": "design"})) == [NAMES[0], NAMES[2]]
    assert names(district, Wanted(codes={"segment": "design"}, status="disposed")) == [NAMES[2]]
    assert names(district, Wanted(status="open", sort="uscc", descending=True)) == sorted(
        (NAMES[at] for at in (0, 1, 3)), key=lambda name: code_of(NAMES.index(name)), reverse=True
    )
    assert names(district, Wanted(sort="reason", descending=True))[0] == NAMES[2]


def test_a_unit_without_any_answer_can_be_disposed_of(district: Store) -> None:
    unit = district.insert_unit(code_of(9), "某公司")
    statuses.decide(district, [unit], "2025", "deregistered", "已注销，见工商公示", who="张")
    assert district.counts("2025") == {"units": 1, "due": 0, "deregistered": 1}
    (event,) = history.of_unit(district, unit)
    assert (event.item, event.old, event.new, event.who, event.reason) == (
        statuses.PLACE, "due", "deregistered", "张", "已注销，见工商公示",
    )  # fmt: skip


def test_a_unit_that_never_answered_owes_its_return_again(district: Store) -> None:
    unit = district.insert_unit(code_of(9), "某公司")
    former = statuses.decide(district, [unit], "2025", "unreachable", "电话停机")
    statuses.restore(district, former, "2025")
    assert district.counts("2025") == {"units": 1, "due": 1}
    assert district.response_count("2025") == 0


@pytest.mark.parametrize("status", [*statuses.DISPOSALS, "returned"])
def test_a_decision_without_a_reason_is_refused_and_nothing_changes(
    district: Store, units: list[int], status: str
) -> None:
    with pytest.raises(SurveyError) as caught:
        statuses.decide(district, units, "2025", status, " 无 ")
    assert caught.value.code == "reason_missing"
    assert district.counts("2025")["in_progress"] == 4


def test_what_was_decided_for_many_is_taken_back_at_once(district: Store, units: list[int]) -> None:
    statuses.decide(district, units[:1], "2025", "refused", "书面拒报")
    former = statuses.decide(district, units, "2025", "suspended", "园区停产通知")
    statuses.restore(district, former, "2025")
    rows = roster.rows(district, "2025", units)
    assert [(rows[unit].status, rows[unit].reason) for unit in units] == [
        ("refused", "书面拒报"), *[("in_progress", "")] * 3,
    ]  # fmt: skip


def test_checking_leaves_alone_what_people_decided(district: Store, units: list[int]) -> None:
    statuses.decide(district, units[:2], "2025", "suspended", "园区停产通知")
    statuses.decide(district, units[2:3], "2025", "returned", "主营收入请核实")
    review = Review(district, "2025")
    review.tally()
    district.set_statuses("2025", review.statuses)
    rows = roster.rows(district, "2025", units)
    assert [rows[unit].status for unit in units] == ["suspended", "suspended", "returned", "errors"]
    cells.write(district, units[2], "2025", "revenue", 5)
    assert roster.rows(district, "2025", units)[units[2]].status == "in_progress"


def test_the_rate_counts_those_that_owe_a_return(district: Store, units: list[int]) -> None:
    statuses.decide(district, units[:1], "2025", "deregistered", "已注销")
    statuses.decide(district, units[1:2], "2025", "refused", "书面拒报")
    statuses.restore(district, {units[2]: ("checked", "")}, "2025")
    (whole,) = roster.progress(district, "2025", None)
    assert (whole.units, whole.due, whole.reported, whole.rate) == (4, 3, 1, 1 / 3)
    by = {one.code: one.rate for one in roster.progress(district, "2025", district.scheme.item("segment"))}
    assert by == {"design": 1.0, "manufacturing": 0.0, "": 0.0}


def test_a_unit_that_has_not_begun_stands_where_it_stood_last_year(district: Store, units: list[int]) -> None:
    unit = cells.add_unit(district, code_of(9), "演示数据九", "2024")
    cells.write(district, unit, "2024", "segment", "design")
    by = {one.code: one.units for one in roster.progress(district, "2025", district.scheme.item("segment"))}
    assert by == {"design": 3, "manufacturing": 1, "": 1}
    assert "演示数据九" in names(district, Wanted(codes={"segment": "design"}))
    # What is answered this year counts, also where it was taken back.
    cells.write(district, unit, "2025", "segment", "manufacturing")
    assert "演示数据九" not in names(district, Wanted(codes={"segment": "design"}))


def test_who_is_set_aside_before_answering_is_neither_checked_nor_added_up(district: Store, units: list[int]) -> None:
    silent, told = cells.add_unit(district, code_of(9), "演示数据九", "2024"), units[0]
    before = Review(district, "2025").tally()
    statuses.decide(district, [silent], "2025", "unreachable", "电话停机")
    statuses.decide(district, [told], "2025", "deregistered", "已注销")
    after = Review(district, "2025")
    assert after.tally() == before
    assert len(after.statuses) == len(units)


def test_a_decision_that_is_stopped_changes_nothing(district: Store, units: list[int]) -> None:
    def stop(_done: int, _total: int, _label: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        statuses.decide(district, units, "2025", "suspended", "园区停产通知", progress=stop)
    assert {row.status for row in roster.rows(district, "2025", units).values()} == {"in_progress"}


def test_a_decision_is_no_step_of_entry(district: Store, units: list[int]) -> None:
    statuses.decide(district, units[:1], "2025", "refused", "书面拒报")
    steps, _ = history.steps_since(district, units[0], "2025", "2000")
    assert all(event.item != statuses.PLACE for step in steps for event in step.events)


def test_units_are_grouped_by_what_the_scheme_narrows_requires_or_derives(cluster: Scheme, data: Path) -> None:
    assert [item.name for item in roster.groups(cluster, city=False)] == ["street", "segment", "size_class"]
    assert roster.groups(schemes.load(data / "scheme2"), city=False)[0].name == "street"
