"""Look-alikes: what is proposed, what is decided, and that a decision stands whatever comes in or goes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import code_of
from senders import B, C, P, Sender, only

from survey import cells, duplicates, history, links, lookalikes, returns
from survey import claims as claiming
from survey import merge as merging
from survey import scheme as schemes
from survey import store as stores
from survey.errors import Cancelled, SurveyError
from survey.expression import Column
from survey.lookalikes import Found, Group
from survey.received import standing
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

ROLES = '\n[roles]\nphones = ["segment"]\n'
TWICE = "深圳市赛意法微电子有限公司", "賽意法微電子（深圳）有限公司"


def slipped(number: int) -> str:
    """A code with one wrong digit."""
    code = code_of(number)
    return code[:12] + ("7" if code[12] != "7" else "8") + code[13:]


def put(store: Store, code: str, name: str, **answers: object) -> int:
    with store.atomic():
        unit = cells.add_unit(store, code, name, P)
        for item, value in answers.items():
            cells.write(store, unit, P, item, value)  # type: ignore[arg-type]
    return unit


def listed(store: Store) -> list[str]:
    return [row.uscc for row in store.unit_list(P)]


def only_group(found: Found) -> Group:
    [group] = found.groups
    return group


@pytest.fixture
def twice(city: Store) -> Store:
    """A city's file in which one enterprise stands twice, and another once."""
    put(city, code_of(1), TWICE[0], revenue=100, district="440304")
    put(city, slipped(1), TWICE[1], revenue=300, district="440305")
    put(city, code_of(3), "深圳市远望谷信息技术股份有限公司", revenue=7)
    return city


# What is proposed


def test_an_enterprise_that_stands_twice_is_proposed_with_what_speaks_for_it(twice: Store) -> None:
    found = lookalikes.search(twice, P)
    group = only_group(found)
    assert group.units == tuple(sorted((code_of(1), slipped(1))))
    assert (group.band, group.relation, found.units) == ("sure", "", 3)
    assert [one.part for one in group.pairs[0].reasons] == ["stem_same", "code_slip"]


def test_what_tells_units_apart_is_what_the_scheme_says(tmp_path: Path, cluster: Scheme) -> None:
    store = stores.create(tmp_path / "c.census", cluster, P, None)
    facts = {"phone": "0755-8355 0001", "address": "深圳市南山区科技园路1号2栋301室", "legal_representative": "张三"}
    put(store, code_of(1), "深圳市赛意法微电子有限公司", **facts)
    put(
        store,
        code_of(2),
        "深圳市赛意发微电子有限公司",
        **(facts | {"mobile": "83550001", "address": "科技园路1号2栋301室"}),
    )
    [pair] = only_group(lookalikes.search(store, P)).pairs
    told = [one.part for one in pair.reasons]
    assert told == ["core_near", "code_differs", "phone_same", "address_same", "person_same"]
    assert pair.band == "likely"
    store.close()


def test_a_role_must_be_an_item_of_words_that_a_unit_answers_once(small: Scheme) -> None:
    with pytest.raises(SurveyError) as trouble:
        schemes.read({**small.files, "scheme.toml": small.files["scheme.toml"] + '\n[roles]\nphones = ["revenue"]\n'})
    assert [one.code for one in trouble.value.problems] == ["unknown_item"]  # type: ignore[attr-defined]


def test_answers_of_the_year_before_stand_in_until_a_unit_has_begun(tmp_path: Path, small: Scheme) -> None:
    scheme = schemes.read({**small.files, "scheme.toml": small.files["scheme.toml"] + ROLES})
    store = stores.create(tmp_path / "c.census", scheme, "2026", None)
    for number, name in ((1, "甲乙丙电子有限公司"), (2, "甲乙丙电子有限公司")):
        unit = store.insert_unit(code_of(number), name)
        cells.write(store, unit, P, "segment", "design")
    [one, _] = lookalikes.known(store, "2026")
    assert one.phones == ()
    store.close()


def test_telephones_are_compared_however_they_are_written() -> None:
    for text in (
        "0755-8355 0001转8",
        "（0755）83550001",
        "0755-83550001-801",
        "8355-0001",
        "８３５５０００１",
        "+86 755 83550001",
    ):
        assert lookalikes.phones_of([text, ""]) == ("83550001",), text
    assert lookalikes.phones_of(["无", "110", "13800138000", "83550001"]) == ("00138000", "83550001")


def test_branches_and_parents_are_proposed_as_ties_and_two_branches_not_at_all(city: Store) -> None:
    put(city, code_of(1), "平安银行股份有限公司")
    put(city, code_of(2), "平安银行股份有限公司深圳坪山支行")
    put(city, code_of(3), "平安银行股份有限公司深圳龙城支行")
    found = lookalikes.search(city, P)
    pairs = [(pair.first, pair.relation, pair.second) for group in found.groups for pair in group.pairs]
    assert sorted(pairs) == [(code_of(2), "branch_of", code_of(1)), (code_of(3), "branch_of", code_of(1))]


def test_groups_are_no_chains_of_likenesses() -> None:
    strong = [lookalikes.Pair(f"{at:02}", f"{at + 1:02}", 20, "sure", "", ()) for at in range(30)]
    weak = lookalikes.Pair("00", "99", 4, "possible", "", ())
    groups = lookalikes.grouped([*strong, weak])
    assert max(len(group.units) for group in groups) <= lookalikes.MOST_TOGETHER
    assert groups[-1].units == ("00", "99")
    assert sum(len(group.pairs) for group in groups) == 31


def test_units_that_are_known_to_be_apart_come_into_no_group_together() -> None:
    pairs = [lookalikes.Pair(first, second, 20, "sure", "", ()) for first, second in (("A", "B"), ("B", "C"))]
    groups = lookalikes.grouped(pairs, {frozenset("AC")})
    assert [group.units for group in groups] == [("A", "B"), ("B", "C")]


def test_a_search_can_be_stopped(twice: Store) -> None:
    def stop(_done: int, _total: int, _label: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        lookalikes.search(twice, P, stop)


# What is decided


def test_of_units_that_are_one_the_kept_one_counts_alone_and_the_answers_of_both_stay(twice: Store) -> None:
    duplicates.settle(twice, [code_of(1), slipped(1)], slipped(1), who="市", reason="电话核实")
    assert listed(twice) == [slipped(1), code_of(3)]
    assert twice.counts(P)["units"] == 2
    lost = twice.find_unit(code_of(1))
    assert lost is not None
    assert cells.read(twice, lost, P).values["revenue"] == 100
    assert lookalikes.search(twice, P).groups == []
    [decision] = duplicates.decided(twice)
    assert (decision.verdict, decision.kept, decision.who, decision.reason) == ("same", slipped(1), "市", "电话核实")
    assert sorted(decision.names) == sorted(TWICE)


def test_who_said_that_a_unit_counts_no_more_stands_in_the_record_of_changes(twice: Store) -> None:
    duplicates.settle(twice, [code_of(1), slipped(1)], slipped(1), who="市", reason="电话核实")
    duplicates.undo(twice, [code_of(1), slipped(1)], who="科长")
    lost = twice.find_unit(code_of(1))
    assert lost is not None
    events = [one for one in history.of_unit(twice, lost) if one.item == duplicates.PLACE]
    assert [(one.who, one.old, one.new, one.reason) for one in events] == [
        ("科长", "duplicate", "unit", ""), ("市", "unit", "duplicate", "电话核实"),
    ]  # fmt: skip


def test_a_decision_is_taken_back_after_the_file_was_closed(twice: Store) -> None:
    duplicates.settle(twice, [code_of(1), slipped(1)], code_of(1))
    again = stores.open(twice.path)
    duplicates.undo(again, [slipped(1), code_of(1)])
    assert listed(again) == [code_of(1), slipped(1), code_of(3)]
    assert duplicates.decided(again) == []
    assert len(lookalikes.search(again, P).groups) == 1
    again.close()


def test_units_that_are_different_are_never_proposed_again(twice: Store) -> None:
    duplicates.part(twice, [code_of(1), slipped(1)], reason="同名不同户")
    assert lookalikes.search(twice, P).groups == []
    assert len(listed(twice)) == 3
    duplicates.undo(twice, [code_of(1), slipped(1)])
    assert len(lookalikes.search(twice, P).groups) == 1


def test_a_tie_lets_both_units_count_and_is_a_link_until_it_is_taken_back(twice: Store) -> None:
    duplicates.tie(twice, slipped(1), "moved_from", code_of(1), who="市")
    unit = twice.find_unit(code_of(1))
    assert unit is not None
    [tie] = links.of_unit(twice, unit)
    assert (tie.unit, tie.kind, tie.other, tie.who) == (slipped(1), "moved_from", code_of(1), "市")
    assert len(listed(twice)) == 3
    assert lookalikes.search(twice, P).groups == []
    [decision] = duplicates.decided(twice)
    assert decision.units == (slipped(1), code_of(1))
    duplicates.undo(twice, decision.units)
    assert links.of_unit(twice, unit) == []


def test_a_group_is_settled_and_taken_back_as_one_and_later_decisions_are_their_own(city: Store) -> None:
    codes = [code_of(number) for number in range(1, 5)]
    for code in codes:
        put(city, code, "演示数据公司")
    duplicates.settle(city, codes[:3], codes[0])
    duplicates.settle(city, [codes[0], codes[3]], codes[3])
    assert listed(city) == [codes[3]]
    duplicates.undo(city, [codes[0], codes[3]])
    assert listed(city) == [codes[0], codes[3]]
    duplicates.undo(city, codes[1:3])
    assert listed(city) == codes


def test_of_groups_that_share_a_unit_only_the_first_is_settled_unseen(twice: Store) -> None:
    codes = [code_of(1), slipped(1), code_of(3)]
    pairs = [lookalikes.Pair(*sides, 20, "sure", "", ()) for sides in pairwise(codes)]
    groups = [Group((pair.first, pair.second), (pair,)) for pair in pairs]
    assert duplicates.settle_sure(twice, groups) == 1
    assert listed(twice) == [code_of(1), code_of(3)]


@pytest.mark.parametrize(
    ("codes", "kept", "trouble"),
    [
        ([code_of(1)], code_of(1), "one_unit"),
        ([code_of(1), code_of(9)], code_of(1), "unknown_unit"),
        ([code_of(1), code_of(3)], slipped(1), "not_among"),
    ],
)
def test_a_decision_that_makes_no_sense_changes_nothing(
    twice: Store, codes: list[str], kept: str, trouble: str
) -> None:
    with pytest.raises(SurveyError, match=trouble):
        duplicates.settle(twice, codes, kept)
    assert duplicates.decided(twice) == []
    with pytest.raises(SurveyError, match="not_decided"):
        duplicates.undo(twice, codes)


def test_what_is_decided_is_taken_back_before_it_is_decided_otherwise(twice: Store) -> None:
    pair = [code_of(1), slipped(1)]
    duplicates.part(twice, pair)
    with pytest.raises(SurveyError, match="decided_already"):
        duplicates.settle(twice, pair, code_of(1))
    assert len(listed(twice)) == 3


# What counts


def test_a_duplicate_is_in_no_return_and_no_figure(tmp_path: Path, small: Scheme, texts: Texts) -> None:
    store = stores.create(tmp_path / "d.census", small, P, B)
    put(store, code_of(1), TWICE[0], revenue=100)
    put(store, slipped(1), TWICE[1], revenue=300)
    before = returns.write(store, tmp_path / "a.xlsx", texts).manifest
    duplicates.settle(store, [code_of(1), slipped(1)], code_of(1))
    after = returns.write(store, tmp_path / "b.xlsx", texts).manifest
    assert (before.units, after.units) == (2, 1)
    [chunk] = store.chunks((Column("revenue", "", "number"),), P)
    assert chunk.columns["revenue"].tolist() == [100]
    store.close()


def test_what_was_found_in_a_duplicate_is_found_no_more_and_again_when_it_counts(district: Store) -> None:
    put(district, code_of(1), TWICE[0], revenue=100)
    put(district, slipped(1), TWICE[1], revenue=-5)

    def found() -> set[str]:
        review = Review(district, P)
        units = {one.unit for one in review.findings() if one.verdict == "fail"}
        review.save()
        return units

    assert slipped(1) in found()
    duplicates.settle(district, [code_of(1), slipped(1)], code_of(1))
    assert slipped(1) not in found()
    duplicates.undo(district, [code_of(1), slipped(1)])
    assert slipped(1) in found()


# Returns that come and go


@pytest.fixture
def senders(tmp_path: Path, small: Scheme, texts: Texts) -> Iterator[tuple[Sender, Sender]]:
    both = Sender(tmp_path / "b", small, B, texts), Sender(tmp_path / "c", small, C, texts)
    yield both
    for one in both:
        one.store.close()


def test_a_duplicate_that_is_returned_again_stays_one_and_its_new_answers_are_kept(
    senders: tuple[Sender, Sender], city: Store
) -> None:
    only(city, senders[0].says({1: 10}))
    only(city, senders[1].says({2: 20}))
    duplicates.settle(city, [code_of(1), code_of(2)], code_of(1))
    report = only(city, senders[1].says({2: 25, 3: 30}))
    assert (report.changed, report.new) == (1, 1)
    assert listed(city) == [code_of(1), code_of(3)]
    lost = city.find_unit(code_of(2))
    assert lost is not None
    assert cells.read(city, lost, P).values["revenue"] == 25


def test_a_duplicate_that_was_withdrawn_and_returns_is_a_duplicate(senders: tuple[Sender, Sender], city: Store) -> None:
    only(city, senders[0].says({1: 10}))
    only(city, senders[1].says({2: 20, 3: 30}))
    duplicates.settle(city, [code_of(1), code_of(2)], code_of(1))
    only(city, senders[1].says({3: 30}))
    only(city, senders[1].says({2: 21, 3: 30}))
    assert listed(city) == [code_of(1), code_of(3)]
    merging.undo(city, standing(city, P)[C].id)
    merging.undo(city, standing(city, P)[C].id)
    assert listed(city) == [code_of(1), code_of(3)]
    duplicates.undo(city, [code_of(1), code_of(2)])
    assert listed(city) == [code_of(1), code_of(2), code_of(3)]


def test_where_the_kept_unit_goes_the_duplicate_counts_until_it_comes_back(
    senders: tuple[Sender, Sender], city: Store
) -> None:
    only(city, senders[1].says({2: 20}))
    only(city, senders[0].says({1: 10}))
    duplicates.settle(city, [code_of(1), code_of(2)], code_of(1))
    merging.undo(city, standing(city, P)[B].id)
    assert listed(city) == [code_of(2)]
    [decision] = duplicates.decided(city)
    assert decision.kept == code_of(1)
    only(city, senders[0].says({1: 12}))
    assert listed(city) == [code_of(1)]


def test_the_return_that_brought_a_duplicate_is_undone_and_comes_again(
    senders: tuple[Sender, Sender], city: Store
) -> None:
    only(city, senders[0].says({1: 10}))
    path = senders[1].says({2: 20})
    only(city, path)
    duplicates.settle(city, [code_of(1), code_of(2)], code_of(1))
    merging.undo(city, standing(city, P)[C].id)
    assert city.find_unit(code_of(2)) is None
    assert listed(city) == [code_of(1)]
    only(city, path)
    assert listed(city) == [code_of(1)]
    assert city.find_unit(code_of(2)) is not None


def test_a_contested_unit_that_is_a_duplicate_stays_one_whoever_is_counted(
    senders: tuple[Sender, Sender], city: Store
) -> None:
    only(city, senders[0].says({1: 10, 2: 20}))
    only(city, senders[1].says({2: 200}))
    duplicates.settle(city, [code_of(1), code_of(2)], code_of(1))
    claiming.settle(city, [code_of(2)], C, P)
    assert listed(city) == [code_of(1)]
    claiming.reopen(city, [code_of(2)], P)
    assert listed(city) == [code_of(1)]
    duplicates.undo(city, [code_of(1), code_of(2)])
    assert listed(city) == [code_of(1), code_of(2)]


def test_a_decision_goes_with_a_code_that_is_corrected(twice: Store) -> None:
    duplicates.settle(twice, [code_of(1), slipped(1)], slipped(1))
    kept = twice.find_unit(slipped(1))
    assert kept is not None
    cells.write(twice, kept, P, "uscc", code_of(8))
    [decision] = duplicates.decided(twice)
    assert decision.kept == code_of(8)
    duplicates.undo(twice, decision.units)
    assert sorted(listed(twice)) == sorted([code_of(1), code_of(8), code_of(3)])
