"""Queries: what is asked, the list as it is sent, and what comes of the answers."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, code_of
from query_writer import asked, filled, keys, restamped, save, sheets_of

from survey import cells, control, explanations, history, queries, querybook, querysheet, statuses
from survey import store as stores
from survey.errors import Cancelled, SurveyError, sentence
from survey.queries import Query
from survey.queryanswers import take
from survey.queryfile import CODES, SHEET
from survey.querytaking import AnswerReport
from survey.review import Review
from survey.scheme import Scheme
from survey.standing import Standing
from survey.store import Store
from survey.texts import Texts, load

GOOD = "上年底新建的生产线今年满产"


def unit_of(store: Store, number: int, **answers: object) -> int:
    """A unit that passes every check but those its answers are given to fail."""
    found = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
    sound: dict[str, object] = {"revenue": 2000, "main_revenue": 1000, "district": "440305"}
    cells.write(store, found, "2024", "revenue", 2000)
    for name, value in {**sound, **answers}.items():
        cells.write(store, found, "2025", name, value)  # type: ignore[arg-type]
    return found


@pytest.fixture
def unit(district: Store) -> int:
    """Main revenue above revenue (F01, class A), and revenue far from last year (F02, class C)."""
    return unit_of(district, 1, revenue=9000, main_revenue=9500)


def state(store: Store, unit: int) -> dict[str, str]:
    return {one.check: one.state for one in queries.of_unit(store, unit, "2025")}


def value(store: Store, unit: int, name: str = "revenue") -> object:
    return cells.read(store, unit, "2025").values.get(name)


def key_of(path: Path, item: str, nth: int = 0) -> str:
    """The row that asks about an item, the `nth` of them."""
    return [key for key, name in keys(path) if name == item][nth]


def refusal(work: Callable[[], object]) -> SurveyError:
    with pytest.raises(SurveyError) as caught:
        work()
    return caught.value


def came(report: AnswerReport) -> tuple[int, int, int, int, int, int, int]:
    """Explained, kept, corrected, conflicts, rejected, unchanged, waiting."""
    lists = (report.explained, report.kept, report.corrected, report.conflicts, report.rejected)
    return (*map(len, lists), report.unchanged, report.waiting)  # type: ignore[return-value]


# Asking


def test_all_that_a_unit_still_has_to_answer_is_asked_once(district: Store, unit: int) -> None:
    assert queries.ask_all(district, [unit], "2025", "李") == 2
    assert queries.ask_all(district, [unit], "2025", "王") == 0
    assert state(district, unit) == {"F01": "open", "F02": "open"}
    assert {one.who for one in queries.of_unit(district, unit, "2025")} == {"李"}


def test_what_is_only_shown_is_explained_or_exempted_is_not_asked(city: Store) -> None:
    unit = unit_of(city, 1, revenue=9000, main_revenue=9500, segment="design", rd_expenditure=0)
    city.execute("UPDATE unit SET district = '440305'")
    control.exempt(city, code_of(1), "F01", "2025", official="王", reason=GOOD)
    finding = next(one for one in Standing(city, "2025").failures(unit) if one.check == "F02")
    assert "F04" in {one.check for one in Standing(city, "2025").failures(unit)}
    explanations.explain(city, unit, finding, GOOD)
    assert queries.ask_all(city, [unit], "2025") == 0


def test_one_finding_is_asked_once_until_its_answers_change(district: Store, unit: int) -> None:
    def first() -> int:
        return queries.ask(district, unit, Standing(district, "2025").open(unit)[0])

    assert first() == first()
    cells.write(district, unit, "2025", "main_revenue", 9600)
    assert state(district, unit) == {"F01": "outdated"}
    first()
    assert [one.state for one in queries.of_unit(district, unit, "2025")] == ["outdated", "open"]
    cells.write(district, unit, "2025", "main_revenue", 1)
    assert state(district, unit) == {"F01": "settled"}


def test_a_free_question_is_asked_in_the_officers_words(district: Store, unit: int) -> None:
    first = queries.ask_freely(district, unit, "2025", " 新址在 哪里？ ", "李")
    assert queries.ask_freely(district, unit, "2025", "新址在 哪里？") == first
    [only] = queries.of_unit(district, unit, "2025")
    assert (only.question, only.check, only.state) == ("新址在 哪里？", "", "open")
    assert refusal(lambda: queries.ask_freely(district, unit, "2025", "  ")).code == "query_empty"


def test_who_has_not_begun_cannot_be_asked(district: Store) -> None:
    unit = district.insert_unit(code_of(7), "演示数据七")
    assert refusal(lambda: queries.ask_freely(district, unit, "2025", "在吗？")).code == "query_not_begun"
    assert queries.ask_all(district, [unit], "2025") == 0


def test_a_unit_that_was_only_asked_can_be_set_back_to_due(district: Store) -> None:
    unit = district.insert_unit(code_of(7), "演示数据七")
    statuses.decide(district, [unit], "2025", "unreachable", "电话打不通")
    queries.ask_freely(district, unit, "2025", "是否仍在经营？")
    statuses.restore(district, {unit: ("due", "")}, "2025")
    assert queries.of_unit(district, unit, "2025") == []


def test_cancelling_leaves_nothing_asked(district: Store, unit: int) -> None:
    other = unit_of(district, 2, revenue=9000, main_revenue=9500)

    def stop(done: int, total: int, label: str) -> None:
        if done:
            raise Cancelled

    refusal(lambda: queries.ask_all(district, [unit, other], "2025", progress=stop))
    assert queries.of_unit(district, unit, "2025") == []


# The workbook


def test_the_list_shows_questions_with_their_cells_and_keeps_codes_as_text(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    rows = sheets_of(path)["查询单"]
    assert rows[0][0] == "查询单"
    assert code_of(1) in rows[1][0]
    assert rows[3][0] == district.scheme.legal.confidential
    assert rows[5][:10] == texts("query.heads").split("|")
    first, second = rows[7], rows[8]
    assert first[:7] == ["1", "T-02", "301", "营业收入", 9000.0, 2000.0, "千元"]
    assert second[1:5] == ["T-02", "302", "主营业务收入", 9500.0]
    assert first[7].startswith("须改正：营业收入不小于主营业务收入")
    assert any(row[7].startswith("请核实，改正或说明：营业收入与上年相差过大") for row in rows)
    assert any("单位负责人：" in row for row in rows)


def test_only_the_answers_can_be_typed_and_it_prints_one_page_wide(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        book = archive.read("xl/workbook.xml").decode()
    assert "<sheetProtection" in sheet
    assert 'password="' not in sheet
    assert 'fitToHeight="0"' in sheet
    assert 'orientation="landscape"' in sheet
    assert "'查询单'!$6:$6" in book or "查询单!$6:$6" in book
    assert book.count('state="veryHidden"') == len(sheets_of(path)) - 1


def test_codes_are_chosen_from_their_labels(district: Store, texts: Texts, tmp_path: Path) -> None:
    unit = unit_of(district, 1, district="440306")
    path = asked(district, tmp_path, texts, unit)
    labels = [row[0] for row in sheets_of(path)[CODES]]
    assert "南山区" in labels
    done = filled(path, tmp_path / "done.xlsx", {key_of(path, "district"): ("南山区", "")})
    assert came(take(district, [done]))[2] == 1
    assert value(district, unit, "district") == "440305"


@pytest.mark.parametrize(("most", "rules"), [(60_000, 4), (3, 3)])
def test_rules_of_what_may_be_typed_stop_where_a_sheet_is_full(
    district: Store, unit: int, texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, rules: int
) -> None:
    monkeypatch.setattr(querysheet, "_MOST_RULES", most)
    other = unit_of(district, 2, revenue=8000)
    with zipfile.ZipFile(asked(district, tmp_path, texts, unit, other)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<dataValidation ") == rules


def test_the_list_of_a_district_names_each_unit(district: Store, unit: int, texts: Texts, tmp_path: Path) -> None:
    other = unit_of(district, 2, revenue=8000)
    path = asked(district, tmp_path, texts, unit, other)
    bands = [row[0] for row in sheets_of(path)["查询单"] if row[0] and "演示数据" in str(row[0])]
    assert [code_of(1) in bands[0], code_of(2) in bands[1]] == [True, True]
    done = filled(path, tmp_path / "done.xlsx", {key_of(path, "revenue", 2): ("", GOOD)})
    report = take(district, [done])
    assert [one.whose.uscc for one in report.explained] == [code_of(2)]


def test_a_list_is_written_in_english_too(district: Store, unit: int, tmp_path: Path) -> None:
    path = asked(district, tmp_path, load(ROOT / "assets" / "i18n", "en"), unit)
    rows = sheets_of(path)["Query list"]
    assert rows[7][7].startswith("To be corrected: Revenue is at least main revenue")
    assert rows[7][6] == "thousand yuan"


def test_lines_of_a_list_form_are_named_and_corrected(tmp_path: Path, lists: Scheme, texts: Texts) -> None:
    store = stores.create(tmp_path / "d.census", lists, "2025", "440305")
    unit = unit_of(store, 1, revenue=9)
    for name, number in (("product_name", "晶圆"), ("product_revenue", 5), ("product_exports", 8)):
        cells.write(store, unit, "2025", name, number, line=3)  # type: ignore[arg-type]
    path = asked(store, tmp_path, texts, unit)
    assert any(row[3] == "收入（第 3 行）" for row in sheets_of(path)["查询单"])
    key = next(key for key, name in keys(path) if name == "product_exports")
    assert came(take(store, [filled(path, tmp_path / "f.xlsx", {key: (4, "")})]))[2] == 1
    assert cells.read(store, unit, "2025").lines["T-03"][3]["product_exports"] == 4
    store.close()


def test_one_file_a_unit_is_written_and_units_without_questions_get_none(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    sound = unit_of(district, 2)
    queries.ask_all(district, [unit, sound], "2025")
    made = querybook.write_each(district, [unit, sound], "2025", tmp_path / "out", texts)
    assert (made.units, made.count) == (1, 2)
    assert [path.name for path in made.paths] == [f"查询单-{code_of(1)}-2025-演示数据1.xlsx"]
    assert list((tmp_path / "out").iterdir()) == list(made.paths)
    assert refusal(lambda: querybook.write(district, [sound], "2025", tmp_path / "n.xlsx", texts)).code == "query_none"


def test_a_batch_that_is_stopped_leaves_no_file(district: Store, unit: int, texts: Texts, tmp_path: Path) -> None:
    other = unit_of(district, 2, revenue=8000)
    queries.ask_all(district, [unit, other], "2025")
    before = sorted(tmp_path.iterdir())

    def stop(done: int, total: int, label: str) -> None:
        if done:
            raise Cancelled

    refusal(lambda: querybook.write_each(district, [unit, other], "2025", tmp_path / "out", texts, stop))
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["=1+1有限公司", "{=1+1}", "http://a.example/甲"])
def test_names_and_questions_are_never_taken_for_formulas(
    district: Store, unit: int, texts: Texts, tmp_path: Path, name: str
) -> None:
    cells.write(district, unit, "2025", "name", name)
    queries.ask_freely(district, unit, "2025", name)
    other = unit_of(district, 2, revenue=8000)
    path = asked(district, tmp_path, texts, unit, other)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    cells_of = [str(cell) for row in sheets_of(path)["查询单"] for cell in row]
    assert name in cells_of


# The answers


def test_an_explanation_settles_its_finding_and_the_same_file_again_does_nothing(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    done = filled(path, tmp_path / "回执.xlsx", {key_of(path, "revenue", 1): ("", GOOD)}, by="赵")
    assert came(take(district, [done], who="李")) == (1, 0, 0, 0, 0, 0, 1)
    assert state(district, unit) == {"F01": "open", "F02": "settled"}
    answered = next(one for one in queries.of_unit(district, unit, "2025") if one.check == "F02")
    assert (answered.answer, answered.answered_by, answered.source) == (GOOD, "赵", "回执.xlsx")
    assert came(take(district, [done], who="李")) == (0, 0, 0, 0, 0, 1, 1)
    assert district.execute("SELECT count(*) FROM source WHERE kind = 'answers'").fetchone()[0] == 1


def test_what_is_said_to_a_mandatory_finding_is_kept_but_settles_nothing(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    done = filled(path, tmp_path / "done.xlsx", {"1-1": ("", GOOD)})
    report = take(district, [done])
    assert [one.why for one in report.kept] == ["A"]
    assert state(district, unit)["F01"] == "open"
    assert "F01" in {one.check for one in Standing(district, "2025").open(unit)}
    (asked_again,) = queries.open_queries(district, [unit], "2025")
    assert "F01" in {block.query.check for block in asked_again.blocks}
    assert [row[1] for row in queries.answers_to(district, unit, "2025", "F01")] == [GOOD]


def test_what_is_only_shown_is_asked_where_an_officer_wants_to_know(
    district: Store, texts: Texts, tmp_path: Path
) -> None:
    unit = unit_of(district, 1, segment="design", rd_expenditure=0)
    assert queries.ask_all(district, [unit], "2025") == 0
    [shown] = Standing(district, "2025").open(unit, shown=True)
    queries.ask(district, unit, shown)
    path = asked(district, tmp_path, texts, unit)
    assert any(str(row[7]).startswith("请核实：设计企业") for row in sheets_of(path)["查询单"])
    report = take(district, [filled(path, tmp_path / "done.xlsx", {"1-1": ("", GOOD)})])
    assert [one.why for one in report.kept] == ["D"]
    assert state(district, unit) == {"F04": "answered"}


def test_the_kept_outcome_of_a_check_tells_whom_to_ask_and_an_old_one_does_not(district: Store, unit: int) -> None:
    sound = unit_of(district, 2)
    assert Standing(district, "2025").asking([unit, sound]) == [unit, sound]
    Review(district, "2025").run()
    assert Standing(district, "2025").asking([unit, sound]) == [unit]
    assert queries.ask_all(district, [unit, sound], "2025") == 2
    cells.write(district, sound, "2025", "revenue", 9000)
    assert queries.ask_all(district, [unit, sound], "2025") == 1
    Review(district, "2025").run()
    finding = next(one for one in Standing(district, "2025").open(sound) if one.check == "F02")
    explanations.explain(district, sound, finding, GOOD)
    Review(district, "2025").run()
    assert Standing(district, "2025").asking([sound]) == []


def test_the_answer_to_a_free_question_is_kept(district: Store, unit: int, texts: Texts, tmp_path: Path) -> None:
    queries.ask_freely(district, unit, "2025", "新址在哪里？")
    path = asked(district, tmp_path, texts, unit)
    report = take(district, [filled(path, tmp_path / "done.xlsx", {key_of(path, ""): ("", "粤海街道")})])
    assert [(one.why, one.text) for one in report.kept] == [("free", "粤海街道")]
    assert state(district, unit)[""] == "answered"


@pytest.mark.parametrize(("text", "code"), [("属实", "explanation_short"), ("经核实无误情况属实", "explanation_empty")])
def test_an_answer_that_says_nothing_is_named_by_sheet_and_cell(
    district: Store, unit: int, texts: Texts, tmp_path: Path, text: str, code: str
) -> None:
    path = asked(district, tmp_path, texts, unit)
    [told] = take(district, [filled(path, tmp_path / "done.xlsx", {"2-1": ("", text)})]).rejected
    assert (told.code, told.whose.place, told.found) == (code, ("done.xlsx", "查询单", "J10"), text)
    assert told.reason(texts)
    assert state(district, unit)["F02"] == "open"


def test_a_corrected_value_is_shown_first_then_written_and_undone_as_one_step(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    done = filled(path, tmp_path / "done.xlsx", {"1-1": ("２，１００", ""), "1-2": (1900, "")})
    tried = take(district, [done], dry_run=True)
    assert [(one.item, one.before, one.after) for one in tried.corrected] == [
        ("revenue", 9000, 2100), ("main_revenue", 9500, 1900),
    ]  # fmt: skip
    assert value(district, unit) == 9000
    assert came(take(district, [done], who="李")) == came(tried)
    assert (value(district, unit), value(district, unit, "main_revenue")) == (2100, 1900)
    assert state(district, unit) == {"F01": "settled", "F02": "settled"}
    steps, count = history.steps_since(district, unit, "2025", "2000")
    assert len(steps[count - 1].events) == 2
    reason = steps[count - 1].events[0].reason
    assert reason.startswith("query:")
    assert "done.xlsx" in reason
    assert came(take(district, [done]))[2:6] == (0, 0, 0, 2)


def test_a_value_that_is_no_number_is_named_by_sheet_and_cell(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    report = take(district, [filled(path, tmp_path / "done.xlsx", {"1-1": ("两千", ""), "1-2": (1900, "")})])
    assert [(one.code, one.whose.place[2]) for one in report.rejected] == [("value.not_a_number", "I8")]
    assert value(district, unit, "main_revenue") == 1900


def test_two_corrections_of_one_cell_must_agree(district: Store, unit: int, texts: Texts, tmp_path: Path) -> None:
    path = asked(district, tmp_path, texts, unit)
    first, second = key_of(path, "revenue", 0), key_of(path, "revenue", 1)
    report = take(district, [filled(path, tmp_path / "d.xlsx", {first: (2100, ""), second: (2200, "")})])
    assert [one.code for one in report.rejected] == ["query_twice"]
    assert value(district, unit) == 2100


def test_a_cell_that_has_changed_since_it_was_asked_about_keeps_its_value(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    cells.write(district, unit, "2025", "revenue", 9100)
    report = take(district, [filled(path, tmp_path / "done.xlsx", {"1-1": (2100, "")})])
    [found] = report.conflicts
    assert (found.sent, found.before, found.after) == (9000, 9100, 2100)
    assert not report.changes
    assert value(district, unit) == 9100


def test_an_explanation_of_answers_that_have_changed_is_not_taken(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    cells.write(district, unit, "2025", "revenue", 9900)
    report = take(district, [filled(path, tmp_path / "done.xlsx", {"2-1": ("", GOOD)})])
    assert [one.code for one in report.rejected] == ["query_outdated"]
    assert state(district, unit)["F02"] == "outdated"


def test_what_is_said_to_a_finding_that_is_gone_is_kept(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    cells.write(district, unit, "2025", "revenue", 2000)
    report = take(district, [filled(path, tmp_path / "done.xlsx", {"2-1": ("", GOOD)})])
    assert [one.why for one in report.kept] == ["settled"]
    assert explanations.of_unit(district, unit, "2025") == {}


def test_a_remark_beside_a_correction_explains_what_is_left(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    done = filled(path, tmp_path / "done.xlsx", {key_of(path, "revenue", 1): (9700, GOOD)})
    assert came(take(district, [done]))[:3] == (1, 0, 1)
    assert {one.check for one in Standing(district, "2025").open(unit)} == set()
    assert came(take(district, [done]))[:6] == (0, 0, 0, 0, 0, 2)


def test_rows_that_were_moved_are_still_known(district: Store, unit: int, texts: Texts, tmp_path: Path) -> None:
    path = asked(district, tmp_path, texts, unit)
    done = filled(path, tmp_path / "done.xlsx", {"1-2": (1900, "")})
    sheets = sheets_of(done)
    rows = sheets["查询单"]
    rows[7], rows[8] = rows[8], rows[7]
    rows.insert(7, ["企业自己加的一行"])
    assert came(take(district, [save(tmp_path / "改名.xlsx", sheets)]))[2] == 1
    assert value(district, unit, "main_revenue") == 1900


def test_an_answer_on_a_row_that_was_never_sent_is_told(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    sheets = sheets_of(path)
    sheets["查询单"].append(["", *[""] * 7, 5, "加的", "9-1"])
    [told] = take(district, [save(tmp_path / "more.xlsx", sheets)]).rejected
    assert (told.code, told.whose.place[2]) == ("query_row", f"J{len(sheets['查询单'])}")


# What is refused


def test_a_workbook_without_a_stamp_is_refused_by_name(district: Store, tmp_path: Path, texts: Texts) -> None:
    path = save(tmp_path / "名录.xlsx", {"Sheet1": [["a"]]})
    error = refusal(lambda: take(district, [path]))
    assert error.code == "not_a_query"
    assert error.facts["path"] == path


def changed(key: str, value: str) -> Callable[[list[list[Any]]], None]:
    def change(rows: list[list[Any]]) -> None:
        next(row for row in rows if row[0] == key)[1] = value

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (changed("period", "2024"), "query_stamp"),
        (changed("digest", "0"), "query_stamp"),
        (changed("format_version", "2"), "query_newer"),
        (lambda rows: rows.pop(), "query_stamp"),
        (lambda rows: rows.pop(-2), "query_stamp"),
        (changed("row", "5-5"), "query_stamp"),
    ],
)
def test_a_stamp_that_was_changed_is_refused(
    district: Store, unit: int, texts: Texts, tmp_path: Path, change: Callable[[list[list[Any]]], None], code: str
) -> None:
    path = restamped(asked(district, tmp_path, texts, unit), change)
    assert refusal(lambda: take(district, [path])).code == code


def test_a_list_whose_hidden_names_are_gone_is_refused(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    sheets = sheets_of(asked(district, tmp_path, texts, unit))
    del sheets["查询单"][6]
    assert refusal(lambda: take(district, [save(tmp_path / "x.xlsx", sheets)])).code == "query_stamp"


@pytest.mark.parametrize(
    ("scheme", "period", "place", "code"),
    [
        ("cluster", "2025", "440305", "query_scheme"),
        ("lists", "2025", "440305", "query_file"),
        ("small", "2024", "440305", "query_period"),
        ("small", "2025", None, "query_desk"),
        ("small", "2025", "440305", "query_file"),
    ],
)
def test_a_list_of_another_scheme_period_desk_or_file_is_refused(
    district: Store,
    unit: int,
    texts: Texts,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    scheme: str,
    period: str,
    place: str | None,
    code: str,
) -> None:
    path = asked(district, tmp_path, texts, unit)
    other = stores.create(tmp_path / "other.census", request.getfixturevalue(scheme), period, place)
    error = refusal(lambda: take(other, [path]))
    assert error.code == code
    told = sentence(error, texts)
    assert "sent.xlsx" in told
    assert "CITY" not in told
    other.close()


def test_a_question_that_the_file_has_lost_is_told_even_where_its_number_was_given_again(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    district.execute("DELETE FROM query")
    for number in range(3):
        queries.ask_freely(district, unit, "2025", f"另一个问题 {number}")
    report = take(district, [filled(path, tmp_path / "done.xlsx", {"1-1": (2100, ""), "2-1": ("", GOOD)})])
    assert [one.code for one in report.rejected] == ["query_gone"] * 2
    assert value(district, unit) == 9000


def test_a_list_written_in_another_thread_is_known(district: Store, unit: int, texts: Texts, tmp_path: Path) -> None:
    other = stores.open(district.path)
    path = asked(other, tmp_path, texts, unit)
    other.close()
    again = tmp_path / "again.xlsx"
    querybook.write(district, [unit], "2025", again, texts)
    for sent in (path, again):
        assert came(take(district, [filled(sent, tmp_path / "done.xlsx", {"1-1": (2100, "")})], dry_run=True))[2] == 1


def test_one_wrong_file_among_many_leaves_everything_as_it_was(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    path = asked(district, tmp_path, texts, unit)
    done = filled(path, tmp_path / "done.xlsx", {"1-1": (2100, "")})
    wrong = save(tmp_path / "wrong.xlsx", {"Sheet1": [["a"]]})
    refusal(lambda: take(district, [done, wrong]))
    assert value(district, unit) == 9000


def test_every_way_an_answer_is_kept_has_its_words(assets: Path) -> None:
    for lang in ("zh", "en"):
        catalogue = load(assets / "i18n", lang)
        assert all(catalogue.has(f"query.kept.{why}") for why in ("free", "settled", "A", "D"))
        assert all(catalogue.has(f"query.wanted.{one}") for one in "ABCD")
        assert all(catalogue.has(f"query.state.{one}") for one in ("open", "answered", "settled", "outdated"))


def test_a_finding_that_is_gone_is_told_by_its_check(small: Scheme, texts: Texts) -> None:
    assert Query(1, 1, "2025", "F02", "", "", "", "").text(small, texts) == "F02"


def test_a_list_holds_no_more_than_its_own_sheets(district: Store, unit: int, texts: Texts, tmp_path: Path) -> None:
    assert list(sheets_of(asked(district, tmp_path, texts, unit))) == ["查询单", SHEET]
