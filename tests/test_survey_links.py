"""Ties between units, what a list says of the register, and which item a foreign column may answer."""

from __future__ import annotations

import pytest
from conftest import code_of

from survey import cells, links
from survey import store as stores
from survey.errors import SurveyError
from survey.likeness import suggest
from survey.scheme import Scheme
from survey.store import Store
from survey.turnover import Registered, compare

A, B, STRANGE = code_of(1), code_of(2), code_of(99)


def test_a_unit_may_be_tied_to_one_the_file_does_not_know(district: Store) -> None:
    unit = cells.add_unit(district, A, "甲公司", "2025")
    links.add(district, unit, "branch_of", f" {STRANGE.lower()} ", who="录入员")
    [tie] = links.of_unit(district, unit)
    assert (tie.kind, tie.other, tie.other_name, tie.who) == ("branch_of", STRANGE, "", "录入员")


def test_a_tie_is_seen_from_both_units_and_noted_once(district: Store) -> None:
    one, two = (cells.add_unit(district, code, name, "2025") for code, name in ((A, "甲公司"), (B, "乙公司")))
    links.add(district, one, "parent_of", B)
    links.add(district, one, "parent_of", B)
    assert links.of_unit(district, one) == links.of_unit(district, two)
    [tie] = links.of_unit(district, two)
    assert (tie.unit_name, tie.other_name) == ("甲公司", "乙公司")
    links.remove(district, tie)
    assert links.of_unit(district, one) == []


@pytest.mark.parametrize(
    ("kind", "other", "code"),
    [("cousin_of", B, "link_kind"), ("branch_of", "12345", "link_code"), ("branch_of", A, "link_self")],
)
def test_a_tie_that_makes_no_sense_is_refused(district: Store, kind: str, other: str, code: str) -> None:
    unit = cells.add_unit(district, A, "甲公司", "2025")
    with pytest.raises(SurveyError, match=code):
        links.add(district, unit, kind, other)
    assert links.of_unit(district, unit) == []


def test_parents_that_units_answered_are_suggested_until_they_are_tied(tmp_path, cluster: Scheme) -> None:
    store = stores.create(tmp_path / "d.census", cluster, "2025", "440305")
    parent, child = (cells.add_unit(store, code, name, "2025") for code, name in ((A, "甲公司"), (B, "乙公司")))
    orphan = cells.add_unit(store, code_of(3), "丙公司", "2025")
    for unit, other in ((child, A), (orphan, STRANGE)):
        cells.write_all(store, unit, "2025", [("parent_uscc", 0, other)])
    [tie] = links.suggested(store, "2025")
    assert (tie.unit, tie.kind, tie.other) == (A, "parent_of", B)
    links.add(store, parent, tie.kind, tie.other)
    assert links.suggested(store, "2025") == []
    store.close()


def test_a_scheme_without_parents_suggests_none(district: Store) -> None:
    assert links.suggested(district, "2025") == []


def test_a_list_says_which_units_came_went_moved_and_were_renamed() -> None:
    register = [Registered(A, "甲公司", "440305"), Registered(B, "乙公司", "440305"), Registered("C", "丙", "440305")]
    listed = [Registered(A, "甲股份公司", "440305"), Registered(B, "", "440306"), Registered("D", "丁", "")]
    found = compare(register, listed)
    assert [one.uscc for one in found.new] == ["D"]
    assert [one.uscc for one in found.missing] == ["C"]
    assert [(was.name, now.name) for was, now in found.renamed] == [("甲公司", "甲股份公司")]
    assert [(was.uscc, now.district) for was, now in found.moved] == [(B, "440306")]


def test_a_list_without_units_says_nothing_of_the_register() -> None:
    assert not compare([Registered(A, "甲公司", "")], [])


def test_columns_are_suggested_by_heading_by_likeness_and_by_content(small: Scheme) -> None:
    below = [[A, "甲公司", "南山", "12"], [B, "乙公司", "福田区", "13"]]
    found = suggest(small, ["企业编号", "单位详细名", "地方", "营业总收入"], below)
    assert found == {0: "uscc", 1: "name", 2: "district", 3: "revenue"}


def test_nothing_is_suggested_for_a_column_of_which_nothing_speaks(small: Scheme) -> None:
    assert suggest(small, ["备注", "", "x"], [["随便", "", "1"], ["写写", "", "2"]]) == {}


def test_no_item_is_suggested_twice(small: Scheme) -> None:
    found = suggest(small, ["代码", "旧代码"], [[A, B], [B, A]])
    assert list(found.values()) == ["uscc"]


def test_an_item_is_not_suggested_where_what_stands_below_cannot_answer_it(small: Scheme) -> None:
    below = [["芯片的设计与销售"], ["电子元件"]]
    assert suggest(small, ["主营业务收"], below) == {}
    assert suggest(small, ["主营业务收"], [["12"], ["1,300"]]) == {0: "main_revenue"}


def test_what_lists_call_a_unit_s_name_is_suggested(small: Scheme) -> None:
    assert suggest(small, ["公司全称"], [["甲公司"], ["乙公司"]]) == {0: "name"}
