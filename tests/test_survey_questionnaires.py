"""Questionnaire workbooks: what stands in them, what may be typed, and what they are known by."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from lxml import etree
from questionnaire_writer import MAIN, fill, locked, read, rules, sheet_xml, sheets, xml
from small_schemes import scheme_of

from survey import cells, questionnairebook
from survey import store as stores
from survey.errors import Cancelled, SurveyError
from survey.excelformula import LONGEST
from survey.progress import Progress
from survey.questionnairechecks import LiveChecks
from survey.questionnairecodes import Codes
from survey.questionnairefile import PREFIX
from survey.questionnaireplan import SPARE_LINES, Plan
from survey.record import read_value
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts, load

SKIPPED, PARENT = "IC-01", "parent_uscc"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, cluster: Scheme, texts: Texts) -> Iterator[tuple[Store, int, Path]]:
    """A unit with answers to most items of every form, last year too, and its questionnaire."""
    folder = tmp_path_factory.mktemp("full")
    store = stores.create(folder / "desk.census", cluster, "2025", "440305")
    unit = cells.add_unit(store, code_of(1), "演示数据“甲&乙”1", "2025")
    dice = random.Random(7)
    fill(store, unit, "2024", dice)
    fill(store, unit, "2025", dice)
    path = folder / "one.xlsx"
    questionnairebook.write(store, unit, "2025", path, texts)
    yield store, unit, path
    store.close()


@pytest.fixture
def two(district: Store) -> list[int]:
    return [cells.add_unit(district, code_of(at), f"演示数据{at}", "2025") for at in (1, 2)]


def cell_of(plan: Plan, name: str) -> str:
    item = plan.scheme.item(name)
    return f"D{plan.tables[item.form].rows[name] + 1}"


# What comes back


def test_every_answer_that_is_sent_is_read_back_as_it_is_stored(full: tuple[Store, int, Path]) -> None:
    store, unit, path = full
    now = cells.read(store, unit, "2025")
    _, answers = read(path)
    scheme = store.scheme
    found = {(one.item, one.line): read_value(scheme.item(one.item), one.raw, scheme.lists) for one in answers}
    wanted = {(name, 0): value for name, value in now.values.items() if not scheme.item(name).computed}
    for lines in now.lines.values():
        wanted |= {(name, at): value for at, own in lines.items() for name, value in own.items()
                   if not scheme.item(name).computed}  # fmt: skip
    assert len(wanted) > 350
    assert found == wanted


def test_the_stamp_tells_whose_it_is_and_what_was_sent(full: tuple[Store, int, Path]) -> None:
    _, _, path = full
    stamp, answers = read(path)
    assert (stamp.scheme, stamp.period, stamp.desk) == ("ic-cluster", "2025", "440305")
    assert (stamp.unit, stamp.name) == (code_of(1), "演示数据“甲&乙”1")
    assert {(one.item, one.line) for one in stamp.sent} == {(one.item, one.line) for one in answers}


def test_the_names_that_tell_it_are_hidden(full: tuple[Store, int, Path]) -> None:
    names = [one for one in xml(full[2], "xl/workbook.xml").iter(f"{MAIN}definedName")
             if one.get("name").startswith(PREFIX)]  # fmt: skip
    assert len(names) > 5
    assert {one.get("hidden") for one in names} == {"1"}


def test_no_formula_keeps_what_stands_for_a_row_or_shows_what_nobody_sees(full: tuple[Store, int, Path]) -> None:
    with zipfile.ZipFile(full[2]) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert any("COUNTIF(" in one for one in sheets)
    assert [one for one in sheets if {"\ue000", "\ue001", "\ufffd"} & set(one)] == []


def test_an_enterprise_that_nobody_knows_gets_a_blank_one(district: Store, tmp_path: Path, texts: Texts) -> None:
    path = tmp_path / "blank.xlsx"
    questionnairebook.write(district, None, "2025", path, texts)
    stamp, answers = read(path)
    assert (stamp.unit, stamp.name, stamp.sent, answers) == ("", "", (), [])


def test_what_the_register_knows_is_filled_in_where_nothing_was_answered(
    district: Store, tmp_path: Path, texts: Texts
) -> None:
    unit = district.insert_unit(code_of(3), "演示数据3")
    path = tmp_path / "one.xlsx"
    questionnairebook.write(district, unit, "2025", path, texts)
    _, answers = read(path)
    assert {one.item: one.raw for one in answers} == {"uscc": code_of(3), "name": "演示数据3", "district": "南山区"}


def test_lines_keep_their_numbers_and_have_room_below(tmp_path: Path, lists: Scheme, texts: Texts) -> None:
    store = stores.create(tmp_path / "lists.census", lists, "2025", "440305")
    unit = cells.add_unit(store, code_of(1), "演示数据1", "2025")
    cells.write_all(store, unit, "2025", [("product_revenue", 2, 5), ("product_revenue", 7, 8)])
    path = tmp_path / "one.xlsx"
    questionnairebook.write(store, unit, "2025", path, texts)
    store.close()
    _, answers = read(path)
    assert {(one.line, one.raw) for one in answers if one.item == "product_revenue"} == {(2, 5), (7, 8)}
    numbers = [row[0] for row in sheets(path)["T-03"] if isinstance(row[0], float)]
    assert numbers == [2, 7, *range(8, 8 + SPARE_LINES)]


def test_in_english_everything_is_english(district: Store, two: list[int], tmp_path: Path, assets: Path) -> None:
    path = tmp_path / "one.xlsx"
    questionnairebook.write(district, two[0], "2025", path, load(assets / "i18n", "en"))
    assert "How to fill in" in sheets(path)
    assert any("Revenue" in row for row in sheets(path)["T-02"])


# What may be changed and typed


def test_only_answers_may_be_changed(full: tuple[Store, int, Path], texts: Texts) -> None:
    store, _, path = full
    plan = Plan(store.scheme, texts)
    for form in plan.forms:
        assert sheet_xml(path, form.id).find(f"{MAIN}sheetProtection") is not None
    for name, answered in (("revenue", True), ("uscc", True), ("profit_margin", False)):
        cell = cell_of(plan, name)
        assert locked(path, store.scheme.item(name).form, cell) != answered
        assert locked(path, store.scheme.item(name).form, cell.replace("D", "E"))
        assert locked(path, store.scheme.item(name).form, cell.replace("D", "A"))


@pytest.mark.parametrize(
    ("name", "kind", "style"),
    [
        ("employees", "whole", "stop"), ("revenue", "whole", "warning"), ("ic_revenue_share", "decimal", "stop"),
        ("uscc", "textLength", "stop"), ("name", "textLength", "stop"), ("founded", "custom", "warning"),
        ("high_tech", "list", "stop"), ("segment", "list", "warning"),
    ],
)  # fmt: skip
def test_what_can_never_be_an_answer_is_stopped_and_the_rest_warned_of(
    full: tuple[Store, int, Path], texts: Texts, name: str, kind: str, style: str
) -> None:
    store, _, path = full
    cell = cell_of(Plan(store.scheme, texts), name)
    rule = dict(rules(path, store.scheme.item(name).form))[cell]
    # A rule that stops says nothing of its style.
    assert (rule.get("type"), rule.get("errorStyle", "stop"), rule.get("showErrorMessage")) == (kind, style, "1")


def test_a_long_list_lets_its_beginning_be_typed(full: tuple[Store, int, Path], texts: Texts) -> None:
    store, _, path = full
    rule = dict(rules(path, "IC-01"))[cell_of(Plan(store.scheme, texts), "industry_code")]
    assert (rule.get("type"), rule.get("showErrorMessage")) == ("list", None)
    assert "OFFSET" in rule.findtext(f"{MAIN}formula1", "")


def test_every_answer_has_a_rule_with_its_instruction(full: tuple[Store, int, Path]) -> None:
    store, _, path = full
    for form in store.scheme.forms_of("unit"):
        asked = [item for item in form.items if not item.computed]
        told = [rule for _, rule in rules(path, form.id)]
        assert len(told) == len(asked)
        assert all(rule.get("prompt") for rule in told)


def test_no_text_is_longer_than_excel_takes(full: tuple[Store, int, Path], assets: Path) -> None:
    store, _, path = full
    for form in store.scheme.forms_of("unit"):
        for _, rule in rules(path, form.id):
            assert len(rule.get("promptTitle", "")) <= 32
            assert len(rule.get("errorTitle", "")) <= 32
            assert max(len(rule.get("prompt", "")), len(rule.get("error", "")), *(len(one.text or "") for one in rule)
                       ) <= 255  # fmt: skip
    for lang in ("zh", "en"):
        live = LiveChecks(Plan(store.scheme, load(assets / "i18n", lang)), "2025")
        assert max(len(one.formula) for one in live.every) <= LONGEST


def test_what_a_list_offers_is_found_again(cluster: Scheme, assets: Path) -> None:
    for lang in ("zh", "en"):
        items = [item for form in cluster.forms_of("unit") for item in form.items]
        codes = Codes(cluster, items, load(assets / "i18n", lang))
        for name, entries in codes.entries.items():
            assert [cluster.lists[name].find(one.choice) for one in entries] == [one.code for one in entries]


def test_computed_items_are_formulas_with_what_they_come_to(full: tuple[Store, int, Path], texts: Texts) -> None:
    store, unit, path = full
    plan = Plan(store.scheme, texts)
    now = cells.read(store, unit, "2025")
    held = {cell.get("r"): cell for cell in sheet_xml(path, "IC-02").iter(f"{MAIN}c")}
    margin = held[cell_of(plan, "profit_margin")]
    assert margin.findtext(f"{MAIN}f", "").startswith("IFERROR(ROUND(")
    assert float(margin.findtext(f"{MAIN}v", "")) == pytest.approx(now.values["profit_margin"])


def test_last_year_stands_beside_this_year(full: tuple[Store, int, Path], texts: Texts) -> None:
    store, unit, path = full
    row = Plan(store.scheme, texts).tables["IC-02"].rows["total_assets"]
    assert sheets(path)["IC-02"][row][4] == cells.read(store, unit, "2024").values.get("total_assets", "")


# Checks


def test_the_sheet_of_checks_says_what_the_program_finds(full: tuple[Store, int, Path], texts: Texts) -> None:
    store, unit, path = full
    live = LiveChecks(Plan(store.scheme, texts), "2025")
    now, before = cells.read(store, unit, "2025"), cells.read(store, unit, "2024")
    failing = {one.check for one in live.checks.record(now, before, store.register(unit)) if one.verdict == "fail"}
    shown = {row[4]: row[0] for row in sheets(path)[texts("questionnaire.checks")][9:]}
    assert len(shown) > 650
    assert {code for code, result in shown.items() if result == 0} == failing & set(shown)
    assert len(failing & set(shown)) > 50


def test_an_answer_says_which_check_fails(district: Store, two: list[int], tmp_path: Path, texts: Texts) -> None:
    cells.write_all(district, two[0], "2025", [("revenue", 0, 100), ("main_revenue", 0, 200)])
    path = tmp_path / "one.xlsx"
    questionnairebook.write(district, two[0], "2025", path, texts)
    row = Plan(district.scheme, texts).tables["T-02"].rows["revenue"]
    assert sheets(path)["T-02"][row][5] == "× 营业收入不小于主营业务收入"


def test_checks_of_what_is_not_in_the_workbook_are_left_out(cluster: Scheme, texts: Texts) -> None:
    live = {one.check.check.code for one in LiveChecks(Plan(cluster, texts), "2025").every}
    assert not live & {"IC01-03", "IC01-68", "IC02-64"}
    assert {"IC02-01", "IC02-10", "IC01-01"} <= live


def test_what_no_formula_says_stands_as_it_is_and_no_check_reads_it(tmp_path: Path, texts: Texts) -> None:
    integer = 'type = "integer"'
    items = {
        "a": integer,
        "best": f'{integer}, computed = "most(x, y > 0)"',
        "more": f'{integer}, computed = "best + 1"',
    }
    scheme = scheme_of(items, ["a >= best", "a >= more", "a >= 1"], {"x": integer, "y": integer})
    store = stores.create(tmp_path / "n.census", scheme, "2025", "440305")
    unit = store.insert_unit(code_of(1), "演示数据1")
    cells.write_all(store, unit, "2025", [("a", 0, 5), ("x", 1, 7), ("y", 1, 1)])
    path = tmp_path / "one.xlsx"
    questionnairebook.write(store, unit, "2025", path, texts)
    store.close()
    plan = Plan(scheme, texts)
    assert [sheets(path)["N"][plan.tables["N"].rows[name]][3] for name in ("best", "more")] == [7, 8]
    assert [live.check.check.code for live in LiveChecks(plan, "2025").every] == ["E3"]


# On paper


@pytest.mark.parametrize(
    ("form", "orientation"), [("IC-01", "portrait"), ("IC-02", "portrait"), ("IC-06", "landscape")]
)
def test_forms_are_printed_as_wide_as_the_page_without_what_is_hidden(
    full: tuple[Store, int, Path], form: str, orientation: str
) -> None:
    _, _, path = full
    setup = sheet_xml(path, form).find(f"{MAIN}pageSetup")
    assert setup is not None
    assert (setup.get("paperSize"), setup.get("orientation"), setup.get("fitToHeight")) == ("9", orientation, "0")
    names = {one.get("name"): one.text or "" for one in xml(path, "xl/workbook.xml").iter(f"{MAIN}definedName")
             if form in (one.text or "") and one.get("name", "").startswith("_xlnm")}  # fmt: skip
    assert set(names) == {"_xlnm.Print_Area", "_xlnm.Print_Titles"}
    last = names["_xlnm.Print_Area"].split("$")[-2]
    hidden = [int(one.get("min", "0")) for one in sheet_xml(path, form).iter(f"{MAIN}col") if one.get("hidden")]
    letters = {"E": 5, "W": 23}
    assert letters[last] < min(hidden)


def test_every_part_is_sound_xml_and_no_cell_holds_an_error(full: tuple[Store, int, Path]) -> None:
    with zipfile.ZipFile(full[2]) as archive:
        for name in archive.namelist():
            root = etree.fromstring(archive.read(name))
            assert not [one for one in root.iter(f"{MAIN}c") if one.get("t") == "e"]


# Many at once


def test_each_unit_has_a_workbook_named_after_it(district: Store, two: list[int], tmp_path: Path, texts: Texts) -> None:
    made = questionnairebook.write_each(district, two, "2025", tmp_path / "out", texts)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in made)
    assert made[0].name == f"调查问卷-{code_of(1)}-2025-演示数据1.xlsx"


def test_stopped_work_leaves_nothing(district: Store, two: list[int], tmp_path: Path, texts: Texts) -> None:
    def stop(done: int, _total: int, _label: str) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        questionnairebook.write_each(district, two, "2025", tmp_path / "out", texts, stop)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("district")] == []


def test_a_place_that_cannot_be_written_is_told(district: Store, two: list[int], tmp_path: Path, texts: Texts) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(SurveyError) as caught:
        questionnairebook.write_each(district, two, "2025", tmp_path / "out", texts)
    assert caught.value.code == "cannot_write"


def test_a_scheme_that_asks_units_nothing_has_no_questionnaire(
    district: Store, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scheme, "forms_of", lambda _self, _respondent: ())
    with pytest.raises(SurveyError) as caught:
        questionnairebook.write(district, None, "2025", tmp_path / "one.xlsx", texts)
    assert caught.value.code == "questionnaire_none"


def test_progress_is_told_unit_by_unit(district: Store, two: list[int], tmp_path: Path, texts: Texts) -> None:
    told: list[tuple[int, int]] = []
    progress: Progress = lambda done, total, _label: told.append((done, total))  # noqa: E731
    questionnairebook.write_each(district, two, "2025", tmp_path / "out", texts, progress)
    assert told == [(0, 2), (1, 2)]
