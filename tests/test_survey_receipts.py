"""Receipts: what the city says to a return, what it asks, and how the answers come back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import code_of
from hypothesis import given
from hypothesis import strategies as st
from own_workbook import packed, parts
from python_calamine import CalamineWorkbook
from senders import A, B, P, Sender, only, value

from survey import (
    cells,
    claims,
    explanations,
    queries,
    receiptbook,
    receipts,
    receipttaking,
    returns,
    slips,
    statuses,
)
from survey import merge as merging
from survey import store as stores
from survey.enclosure import EXPLANATIONS
from survey.errors import SurveyError
from survey.received import standing
from survey.review import Review
from survey.scheme import Scheme
from survey.sealing import as_kept, grouped, row_digest
from survey.standing import Standing
from survey.store import Store
from survey.texts import Texts

GOOD = "按合同进度确认收入，账表相符"
TOLD = "已到现场核实，去年底新投产一条产线"


def unit_of(store: Store, number: int) -> int:
    unit = store.find_unit(code_of(number))
    assert unit is not None
    return unit


def doubtful(sender: Sender, number: int = 1) -> None:
    """A unit whose revenue grew too much for F02, class C."""
    unit = sender.store.find_unit(code_of(number))
    if unit is None:
        unit = cells.add_unit(sender.store, code_of(number), f"演示{number}", P)
    cells.write(sender.store, unit, "2024", "revenue", 5_000)
    cells.write(sender.store, unit, P, "revenue", 90_000)
    cells.write(sender.store, unit, P, "main_revenue", 90_000)


def explain_all(store: Store, text: str = GOOD) -> int:
    count = 0
    for finding in list(Review(store, P).findings(not_evaluated=False)):
        if finding.category in ("B", "C"):
            unit = store.find_unit(finding.unit)
            assert unit is not None
            explanations.explain(store, unit, finding, text, who="张")
            count += 1
    return count


def said(city: Store) -> list[tuple[object, ...]]:
    return city.execute(
        "SELECT u.uscc, e.check_code, e.text, e.who FROM explanation e JOIN response r ON r.id = e.response"
        " JOIN unit u ON u.id = r.unit ORDER BY 1, 2"
    ).fetchall()


def left(store: Store) -> list[str]:
    """What the checks still want to be explained."""
    review = Review(store, P)
    list(review.findings())
    return [one.category for one in review.tallies.values() for _ in range(one.failed - one.answered)]


def issued(city: Store, folder: Path, texts: Texts, **more: str) -> Path:
    return receiptbook.write(city, B, folder / "receipt.xlsx", texts, who="市", **more).path


# What travels beside the answers


def test_what_a_district_has_explained_the_city_does_not_ask_again(sender: Sender, city: Store, texts: Texts) -> None:
    doubtful(sender)
    assert explain_all(sender.store) == 1
    report = only(city, returns.write(sender.store, sender.store.path.with_suffix(".xlsx"), texts).path)
    assert report.enclosed.explained == 1
    assert said(city) == [(code_of(1), "F02", GOOD, "张")]
    assert "C" not in left(city)
    assert queries.ask_all(city, queries.units_of(city), P) == 0
    merging.undo(city, standing(city, P)[B].id)
    assert said(city) == []


def test_a_dry_run_counts_what_came_beside_and_takes_nothing(sender: Sender, city: Store, texts: Texts) -> None:
    doubtful(sender)
    explain_all(sender.store)
    path = returns.write(sender.store, sender.store.path.with_suffix(".xlsx"), texts).path
    assert only(city, path, dry_run=True).enclosed.explained == 1
    assert said(city) == []
    only(city, path)
    before = said(city), city.execute("SELECT count(*) FROM change, enclosure").fetchone()
    again = only(city, path)
    assert (again.repeated, again.enclosed.explained) == (True, 0)
    assert (said(city), city.execute("SELECT count(*) FROM change, enclosure").fetchone()) == before


def test_an_explanation_that_is_withdrawn_or_changed_is_so_with_the_next_return(
    sender: Sender, city: Store, texts: Texts
) -> None:
    doubtful(sender)
    explain_all(sender.store)
    folder = sender.store.path.parent
    first = returns.write(sender.store, folder / "1.xlsx", texts)
    only(city, first.path)
    explain_all(sender.store, TOLD)
    second = returns.write(sender.store, folder / "2.xlsx", texts)
    assert second.manifest.sequence == first.manifest.sequence + 1
    only(city, second.path)
    assert said(city) == [(code_of(1), "F02", TOLD, "张")]
    sender.store.execute("DELETE FROM explanation")
    only(city, returns.write(sender.store, folder / "3.xlsx", texts).path)
    assert said(city) == []
    merging.undo(city, standing(city, P)[B].id)
    assert said(city) == [(code_of(1), "F02", TOLD, "张")]


def accepted(store: Store) -> list[str]:
    """The explanations of the findings of the first unit as a person sees them."""
    unit = store.find_unit(code_of(1))
    assert unit is not None
    known = explanations.of_unit(store, unit, P)
    found = [explanations.answer_to(one, known) for one in Standing(store, P).failures(unit)]
    return [one.text for one in found if one and one.fits]


def test_what_the_city_has_explained_itself_stands(sender: Sender, city: Store, texts: Texts) -> None:
    doubtful(sender)
    folder = sender.store.path.parent
    only(city, returns.write(sender.store, folder / "1.xlsx", texts).path)
    explain_all(city, "市里查阅年报，数据一致")
    explain_all(sender.store)
    only(city, returns.write(sender.store, folder / "2.xlsx", texts).path)
    # What the sender says about the same answers is kept beside it.
    assert ("市里查阅年报，数据一致" in accepted(city), len(said(city))) == (True, 2)
    merging.undo(city, standing(city, P)[B].id)
    assert ([row[2] for row in said(city)], len(accepted(city))) == (["市里查阅年报，数据一致"], 1)


def test_a_fresh_explanation_is_not_hidden_by_an_outdated_one_of_the_city(
    sender: Sender, city: Store, texts: Texts
) -> None:
    doubtful(sender)
    folder = sender.store.path.parent
    only(city, returns.write(sender.store, folder / "1.xlsx", texts).path)
    explain_all(city, "市里查阅年报，数据一致")
    unit = sender.store.find_unit(code_of(1))
    assert unit is not None
    cells.write(sender.store, unit, P, "revenue", 80_000)
    cells.write(sender.store, unit, P, "main_revenue", 80_000)
    explain_all(sender.store, TOLD)
    only(city, returns.write(sender.store, folder / "2.xlsx", texts).path)
    assert accepted(city) == [TOLD]
    merging.undo(city, standing(city, P)[B].id)
    assert accepted(city) == ["市里查阅年报，数据一致"]


def test_units_set_aside_and_units_that_still_owe_are_known_to_the_city(
    sender: Sender, city: Store, texts: Texts
) -> None:
    sender.says({1: 10, 2: 20})
    gone = cells.add_unit(sender.store, code_of(8), "演示8", P)
    sender.store.insert_unit(code_of(9), "演示9")
    statuses.decide(sender.store, [gone], P, "deregistered", "年初已经注销")
    statuses.decide(sender.store, [unit_of(sender.store, 2)], P, "suspended", "停产")
    folder = sender.store.path.parent
    report = only(city, returns.write(sender.store, folder / "1.xlsx", texts).path)
    assert (report.enclosed.listed, report.enclosed.aside) == (1, 2)
    assert {(row.uscc, row.status, row.district) for row in city.unit_list(P)} == {
        (code_of(1), "in_progress", B), (code_of(2), "suspended", B), (code_of(8), "deregistered", B),
        (code_of(9), "due", B),
    }  # fmt: skip
    statuses.decide(sender.store, [unit_of(sender.store, 2)], P, "due")
    cells.write(sender.store, unit_of(sender.store, 9), P, "revenue", 90)
    report = only(city, returns.write(sender.store, folder / "2.xlsx", texts).path)
    assert (report.new, report.withdrawn) == (1, 0)
    assert {row.uscc: row.status for row in city.unit_list(P)}[code_of(2)] == "in_progress"
    merging.undo(city, standing(city, P)[B].id)
    assert {row.uscc: row.status for row in city.unit_list(P)} == {
        code_of(1): "in_progress", code_of(2): "suspended", code_of(8): "deregistered", code_of(9): "due",
    }  # fmt: skip
    merging.undo(city, standing(city, P)[B].id)
    assert city.unit_list(P) == []


def test_a_unit_that_one_sender_only_names_is_whose_answers_come(
    sender: Sender, city: Store, tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    other = Sender(tmp_path / "other", small, A, texts)
    other.says({2: 20})
    other.store.insert_unit(code_of(1), "演示1")
    files = [returns.write(other.store, tmp_path / "named.xlsx", texts).path, sender.says({1: 100})]
    other.store.close()
    second = stores.create(tmp_path / "second.census", small, P, None)
    for desk, order in ((city, files), (second, files[::-1])):
        assert not [one for path in order for one in only(desk, path).contests]
        assert claims.listed(desk, P) == []
        assert (value(desk, 1), {row.uscc: row.district for row in desk.unit_list(P)}) == (
            100, {code_of(1): B, code_of(2): A},
        )  # fmt: skip
        merging.undo(desk, standing(desk, P)[B].id)
        assert {row.uscc: (row.district, row.status) for row in desk.unit_list(P)} == {
            code_of(1): (A, "due"), code_of(2): (A, "submitted"),
        }  # fmt: skip
    second.close()


def test_explanations_go_with_who_is_counted_and_stay_with_units_that_are_left_out(
    sender: Sender, city: Store, tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    other = Sender(tmp_path / "other", small, A, texts)
    for one, words in ((sender, GOOD), (other, TOLD)):
        doubtful(one)
        explain_all(one.store, words)
        only(city, returns.write(one.store, tmp_path / f"{one.store.path.stem}.xlsx", texts).path)
    other.store.close()
    assert [row[2] for row in said(city)] == [TOLD]
    claims.settle(city, [code_of(1)], B, P)
    assert [row[2] for row in said(city)] == [GOOD]
    explain_all(sender.store, "另有一份更详细的情况说明")
    later = returns.write(sender.store, tmp_path / "later.xlsx", texts).path
    only(city, later, left_out={later: [code_of(1)]})
    assert [row[2] for row in said(city)] == [GOOD]
    claims.reopen(city, [code_of(1)], P)
    assert [row[2] for row in said(city)] == [TOLD]


# The receipt


@pytest.fixture
def full(sender: Sender, city: Store, tmp_path: Path, small: Scheme, texts: Texts) -> Path:
    """A receipt with a correction, a conflict, a unit that another district returns too, and queries."""
    doubtful(sender)
    first = sender.says({1: 90_000, 2: 20, 3: 30})
    only(city, first)
    cells.write(city, unit_of(city, 2), P, "revenue", 21, who="市", reason="与企业核实")
    other = Sender(tmp_path / "other", small, A, texts)
    only(city, other.says({3: 33}))
    other.store.close()
    only(city, sender.says({1: 90_000, 2: 22, 3: 30}))
    queries.ask_all(city, queries.units_of(city), P, "市")
    queries.ask_freely(city, unit_of(city, 1), P, "请说明新增产线的投产时间", "市")
    return issued(city, tmp_path, texts, deadline="2026-03-31")


def shown(path: Path) -> list[list[str]]:
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("回执").to_python(skip_empty_area=False)
    return [[str(cell) for cell in row if cell != ""] for row in rows]


def test_a_person_reads_on_one_sheet_what_became_of_the_return(full: Path) -> None:
    rows = shown(full)
    assert rows[1][0].startswith("致：南山区")
    assert rows[2] == ["已接收（草稿，不算正式上报）"]
    flat = [" ".join(row) for row in rows]
    assert any("市里更正的数据" in line for line in flat)
    assert [code_of(2), "演示2", "T-02.301 营业收入", "22", "21"] in [row[:5] for row in rows]
    [conflict] = [row for row in rows if row and row[0] == code_of(2) and "待裁定" in row[-1]]
    assert conflict[3:5] == ["22", "21"]
    [shared] = [row for row in rows if row and row[0] == code_of(3) and "区划顺序" in row[-1]]
    assert shared[3] == "福田区"
    asked = [row for row in rows if "2026-03-31" in row]
    assert [row[2:4] for row in asked] == [["T-02.301 营业收入", "90,000"], ["2026-03-31", "请说明新增产线的投产时间"]]


def test_the_receipt_is_taken_once_and_its_queries_stand_where_queries_stand(
    full: Path, sender: Sender, city: Store
) -> None:
    report = receipttaking.take(sender.store, full, who="张")
    assert (report.unknown, report.repeated, report.gone, report.refused) == (False, False, [], [])
    waiting = [one for unit in queries.units_of(sender.store) for one in queries.of_unit(sender.store, unit, P)]
    assert report.asked == len(waiting) == len(report.receipt.asked) > 1
    assert {one.check for one in waiting} >= {"F02", ""}
    before = list(sender.store.database.conn.iterdump())
    again = receipttaking.take(sender.store, full)
    assert (again.repeated, again.asked, again.known) == (True, 0, report.asked)
    assert list(sender.store.database.conn.iterdump()) == before
    kept = receipttaking.last(sender.store)
    assert kept == report.receipt
    assert kept.corrected[0].reason == "与企业核实"


def test_answers_travel_back_close_the_queries_and_reopen_with_the_undo(
    full: Path, sender: Sender, city: Store, texts: Texts
) -> None:
    receipttaking.take(sender.store, full, who="张")
    unit = unit_of(sender.store, 1)
    for one in queries.of_unit(sender.store, unit, P):
        receipttaking.reply(sender.store, one.id, TOLD, who="张")
    assert {one.state for one in queries.of_unit(sender.store, unit, P)} == {"settled", "answered"}
    report = only(city, returns.write(sender.store, sender.store.path.with_suffix(".xlsx"), texts).path)
    assert report.enclosed.answered == 2
    asked = {one.check: one for one in queries.of_unit(city, unit_of(city, 1), P)}
    assert (asked["F02"].state, asked[""].state) == ("settled", "answered")
    assert (asked[""].answer, asked[""].answered_by, asked[""].source) == (TOLD, "张", report.file)
    assert [one.uscc for one in receipts.of_sender(city, B, texts).asked if one.uscc == code_of(1)] == []
    merging.undo(city, standing(city, P)[B].id)
    asked = {one.check: one for one in queries.of_unit(city, unit_of(city, 1), P)}
    assert {one.state for one in asked.values()} == {"open"}
    assert {one.answer for one in asked.values()} == {""}


def test_a_check_that_only_the_city_has_is_answered_in_words_and_that_explains(
    full: Path, sender: Sender, city: Store, texts: Texts
) -> None:
    """Here the finding stands at the city alone: the district has corrected last year's value meanwhile."""
    cells.write(sender.store, unit_of(sender.store, 1), "2024", "revenue", 4_999)
    receipttaking.take(sender.store, full, who="张")
    asked = queries.of_unit(sender.store, unit_of(sender.store, 1), P)
    assert {one.check for one in asked} == {""}
    assert any("营业收入" in one.question for one in asked)


def test_answers_that_are_written_on_the_receipt_are_taken_with_it(
    full: Path, sender: Sender, city: Store, tmp_path: Path
) -> None:
    done = written_on(full, tmp_path / "done.xlsx", {"请说明新增产线": "三月投产", "T-02.301": "属实"})
    report = receipttaking.take(sender.store, done, who="张")
    assert report.answered == 1
    [refused] = report.refused
    assert (refused.found, refused.error.code) == ("属实", "explanation_short")
    [free] = [one for one in queries.of_unit(sender.store, unit_of(sender.store, 1), P) if not one.check]
    assert (free.answer, free.answered_by, free.source) == ("三月投产", "张", "done.xlsx")


def written_on(path: Path, target: Path, answers: Mapping[str, str]) -> Path:
    """The receipt with answers written beside the first rows that hold some words."""
    found = parts(path)
    text = found["xl/worksheets/sheet1.xml"].decode()
    rows = re.findall(r'<row r="(\d+)".*?</row>', text)
    for words, answer in answers.items():
        number = next(
            n
            for n in rows
            if words in row_of(text, n) and f'<c r="G{n}" ' in row_of(text, n) and f'r="H{n}"' in row_of(text, n)
        )
        cell = re.search(rf'<c r="G{number}" s="(\d+)"/>', text)
        assert cell, number
        text = text.replace(cell[0], f'<c r="G{number}" s="{cell[1]}" t="inlineStr"><is><t>{answer}</t></is></c>')
    return packed(target, found | {"xl/worksheets/sheet1.xml": text.encode()})


def row_of(text: str, number: str) -> str:
    return re.search(rf'<row r="{number}".*?</row>', text)[0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("sheet", "old", "new", "where"),
    [
        ("sheet1", "与企业核实", "与企业确认", "回执 "),
        ("sheet2", "与企业核实", "与企业确认", "_receipt "),
        ("sheet2", '<row r="9".*?</row>', "", "_receipt seal"),
        ("sheet1", '(<row r="12".*?</row>)', "", "回执 12"),
    ],
)
def test_a_changed_receipt_is_refused_with_the_place(
    full: Path, sender: Sender, texts: Texts, tmp_path: Path, sheet: str, old: str, new: str, where: str
) -> None:
    found = parts(full)
    name = f"xl/worksheets/{sheet}.xml"
    changed = re.sub(old, new, found[name].decode(), count=1)
    assert changed != found[name].decode()
    path = packed(tmp_path / "changed.xlsx", found | {name: changed.encode()})
    with pytest.raises(SurveyError) as caught:
        receipttaking.take(sender.store, path)
    assert caught.value.code == "receipt.changed"
    assert where in str(caught.value.facts["lines"])
    assert sender.store.execute("SELECT count(*) FROM query").fetchone()[0] == 0


def test_a_foreign_receipt_is_refused_by_name(
    full: Path, city: Store, tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    other = stores.create(tmp_path / "a.census", small, P, A)
    later = stores.create(tmp_path / "b.census", small, "2026", B)
    for desk, code in ((other, "receipt.desk"), (later, "receipt.period"), (city, "receipt.nobody")):
        with pytest.raises(SurveyError) as caught:
            receipttaking.take(desk, full)
        assert caught.value.code == code
    with pytest.raises(SurveyError, match=r"receipt\.other"):
        receipttaking.take(other, sorted(tmp_path.glob("**/*-1.xlsx"))[0])
    other.close()
    later.close()


def test_a_rejected_return_yields_a_receipt_that_says_why(
    sender: Sender, city: Store, texts: Texts, tmp_path: Path
) -> None:
    merging.reject(city, sender.says({1: 10}), "封面未签字", who="市")
    path = issued(city, tmp_path, texts)
    rows = shown(path)
    assert rows[2] == ["退　回"]
    assert "封面未签字" in rows[3][0]
    report = receipttaking.take(sender.store, path)
    assert (report.receipt.verdict, report.receipt.reason, report.asked) == ("rejected", "封面未签字", 0)
    with pytest.raises(SurveyError, match=r"receipt\.none"):
        receipts.of_sender(city, A, texts)


def test_a_question_of_the_city_goes_through_the_district_to_its_officer_and_back(
    tmp_path: Path, small: Scheme, texts: Texts, city: Store
) -> None:
    officer, desk = Sender(tmp_path, small, B, texts, "东片"), Sender(tmp_path, small, B, texts)
    only(desk.store, officer.says({1: 10}))
    only(city, returns.write(desk.store, tmp_path / "up.xlsx", texts).path)
    queries.ask_freely(city, unit_of(city, 1), P, "请说明员工人数为何为空", "市")
    assert receipttaking.take(desk.store, issued(city, tmp_path, texts)).asked == 1
    down = receiptbook.write(desk.store, "东片", tmp_path / "down.xlsx", texts).path
    namesake = Sender(tmp_path / "other", small, A, texts, "东片")
    with pytest.raises(SurveyError, match=r"receipt\.above"):
        receipttaking.take(namesake.store, down)
    namesake.store.close()
    with pytest.raises(SurveyError, match=r"receipt\.desk"):
        receipttaking.take(desk.store, down)
    report = receipttaking.take(officer.store, down)
    assert (report.asked, report.receipt.maker) == (1, "南山区")
    [asked] = queries.of_unit(officer.store, unit_of(officer.store, 1), P)
    receipttaking.reply(officer.store, asked.id, "全部为劳务派遣人员", who="李")
    only(desk.store, returns.write(officer.store, tmp_path / "again.xlsx", texts).path)
    only(city, returns.write(desk.store, tmp_path / "up-again.xlsx", texts).path)
    [asked] = queries.of_unit(city, unit_of(city, 1), P)
    assert (asked.state, asked.answer, asked.answered_by) == ("answered", "全部为劳务派遣人员", "李")
    officer.store.close()
    desk.store.close()


def test_everybody_who_has_sent_a_return_gets_a_receipt(full: Path, city: Store, texts: Texts, tmp_path: Path) -> None:
    written = receiptbook.write_all(city, tmp_path / "all", texts)
    assert [one.sender for one in written] == [A, B]
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == [
        "440304-福田区-2025-回执.xlsx", "440305-南山区-2025-回执.xlsx",
    ]  # fmt: skip
    with pytest.raises(SurveyError, match=r"receipt\.deadline"):
        receiptbook.write(city, B, tmp_path / "x.xlsx", texts, deadline="下周")


# Changed on the way


@given(number=st.floats(-1e15, 1e15), parts=st.lists(st.decimals(0, 10**9, places=2), max_size=30))
def test_a_number_has_the_same_digest_once_a_workbook_was_written_and_read(number: float, parts: list[Decimal]) -> None:
    for one in (number, sum(map(float, parts)), 0.1 + 0.2, 1e15 / 3):
        read = float(f"{as_kept(one):.16G}")
        assert row_digest("封面", ["合计", as_kept(one)]) == row_digest("封面", ["合计", read])


def changed(path: Path, words: str, other: str) -> list[Path]:
    """The return with words changed in one sheet after the other."""
    found = parts(path)
    names = [name for name, data in found.items() if "worksheets/sheet" in name and words.encode() in data]
    return [
        packed(
            path.with_name(f"changed-{at}.xlsx"), found | {name: found[name].replace(words.encode(), other.encode())}
        )
        for at, name in enumerate(names)
    ]


def test_a_changed_explanation_is_found_and_named(sender: Sender, city: Store, texts: Texts) -> None:
    doubtful(sender)
    explain_all(sender.store)
    sent = returns.write(sender.store, sender.store.path.with_suffix(".xlsx"), texts).path
    named = []
    for path in changed(sent, GOOD, "情况特殊，已经核实无误了"):
        [report] = merging.merge(city, [path])
        assert report.error is not None
        assert report.error.code == "digest_rows"
        named.append(report.error.facts["rows"])
    assert named == ["审核情况 2", f"{EXPLANATIONS} 2"]
    assert said(city) == []


def test_a_changed_total_of_the_cover_is_found_and_named(sender: Sender, city: Store, texts: Texts) -> None:
    sent = sender.says({1: 10, 2: 20})
    found = parts(sent)
    cover = found["xl/worksheets/sheet1.xml"].decode()
    [cell] = re.findall(r'<c r="B(\d+)" s="\d+"><v>30</v>', cover)
    for other in (cover.replace("<v>30</v>", "<v>300</v>"), re.sub(rf'<row r="{cell}".*?</row>', "", cover)):
        path = packed(sent.with_name("cover.xlsx"), found | {"xl/worksheets/sheet1.xml": other.encode()})
        [report] = merging.merge(city, [path])
        assert report.error is not None
        assert f"封面 {cell}" in report.reason(texts)


def test_a_name_may_be_written_where_the_cover_is_signed(sender: Sender, city: Store) -> None:
    sent = sender.says({1: 10})
    found = parts(sent)
    cover = found["xl/worksheets/sheet1.xml"].decode()
    signed = re.sub(
        r'<c r="B(\d+)" s="(\d+)"/>', r'<c r="B\1" s="\2" t="inlineStr"><is><t>张三</t></is></c>', cover, count=1
    )
    assert signed != cover
    only(city, packed(sent.with_name("signed.xlsx"), found | {"xl/worksheets/sheet1.xml": signed.encode()}))


# The slip


def test_the_slip_names_the_file_its_hash_and_what_is_in_it(sender: Sender, city: Store, texts: Texts) -> None:
    with pytest.raises(SurveyError, match=r"slip\.none"):
        slips.of_last_return(sender.store, texts)
    sent = sender.says({1: 10, 2: 20})
    given = slips.of_last_return(sender.store, texts)
    assert (given.name, given.sequence, given.units, given.draft) == (sent.name, 1, 2, False)
    assert given.totals["T-02.301"] == 30
    only(city, sent)
    taken = slips.of_sender(city, B, texts)
    assert (taken.sha256, taken.check_code, taken.rows, taken.totals) == (
        given.sha256, given.check_code, given.rows, given.totals,
    )  # fmt: skip
    assert grouped(given.sha256).replace(" ", "") == given.sha256
    assert taken.received
