"""Questionnaires in LibreOffice: live results are the program's own, and what it saves is still known."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from conftest import code_of
from office_conversion import convert
from questionnaire_writer import fill, read, sheets

from survey import cells, questionnairebook, questionnairelist, questionnairerules, questionnairesheet
from survey import store as stores
from survey.form import Item
from survey.questionnairechecks import LiveChecks
from survey.questionnairecodes import FIRST, Codes
from survey.questionnairefilled import filled
from survey.questionnaireplan import L_FIRST, MEANS, NOW, Plan
from survey.questionnairesheet import CHECKS_FIRST, SAYS, Pen
from survey.record import read_value
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

UNITS = 5
_WRONG = 77


@dataclass(frozen=True)
class Desk:
    """A file with invented answers, some units with few or none, and their questionnaires."""

    store: Store
    units: list[int]
    sent: list[Path]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, cluster: Scheme, texts: Texts) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    store = stores.create(folder / "desk.census", cluster, "2025", "440305")
    dice = random.Random(5)
    units = [cells.add_unit(store, code_of(at), f"演示数据{at}", "2025") for at in range(1, UNITS + 1)]
    for at, unit in enumerate(units):
        share = (0.8, 0.5, 0.2, 0.95, 0.0)[at % 5]
        fill(store, unit, "2024", dice, share)
        fill(store, unit, "2025", dice, share, lines=at % 4)
    sent = questionnairebook.write_each(store, units, "2025", folder / "sent", texts)
    yield Desk(store, units, list(sent))
    store.close()


def test_live_results_are_what_the_program_finds(
    desk: Desk, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The formulas are written with wrong results, so that only what is worked out anew can be right."""
    honest = Pen.formula

    def wrong(self: Pen, sheet: Any, place: tuple[int, int], formula: str, look: str, _value: object) -> None:
        honest(self, sheet, place, formula, look, _WRONG)

    monkeypatch.setattr(Pen, "formula", wrong)
    sent = questionnairebook.write_each(desk.store, desk.units, "2025", tmp_path, texts)
    plan = Plan(desk.store.scheme, texts)
    live = LiveChecks(plan, "2025")
    seen: set[float | str] = set()
    for unit, path, right in zip(desk.units, convert(sent, "xlsx", tmp_path), desk.sent, strict=True):
        whose = filled(desk.store, unit, "2025", live)
        shown, meant = sheets(path), sheets(right)
        results = [row[0] for row in shown[texts("questionnaire.checks")][CHECKS_FIRST:]]
        codes = [one.check.check.code for one in live.every]
        assert dict(zip(codes, results, strict=True)) == dict(zip(codes, whose.verdicts, strict=True))
        seen |= set(results)
        for form in plan.forms:
            column = plan.lists[form.id].says if form.is_list else SAYS
            assert [row[column] for row in shown[form.id]] == [row[column] for row in meant[form.id]]
        for name, grid in plan.tables.items():
            for item in grid.form.items:
                if item.computed:
                    found = shown[name][grid.rows[item.name]][NOW]
                    value = whose.answers.values.get(item.name)
                    # A spreadsheet rounds what stands in fifteen digits, the program what stands in all.
                    assert (found or 0) == pytest.approx(value or 0, abs=0.0101), item.key
                    assert (found == "") == (value is None), item.key
    assert seen == {0.0, 0.5, 1.0, ""}


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_what_another_program_saves_is_still_known_with_its_answers(desk: Desk, tmp_path: Path, kind: str) -> None:
    lists, items = desk.store.scheme.lists, desk.store.scheme.items
    for before, after in zip(desk.sent[:3], convert(desk.sent[:3], kind, tmp_path), strict=True):
        (sent, answers), (stamp, found) = read(before), read(after)
        assert stamp == sent
        values = [
            {(one.item, one.line): read_value(items[one.item], one.raw, lists) for one in some}
            for some in (answers, found)
        ]
        assert values[0] == values[1]


def typed(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Iterator[str]]) -> None:
    """From here on cells hold what a person has typed into them, by item name."""
    held = questionnairerules.shown

    def shown(item: Item, *rest: Any) -> object:
        return next(answers[item.name]) if item.name in answers else held(item, *rest)

    monkeypatch.setattr(questionnairesheet, "shown", shown)
    monkeypatch.setattr(questionnairelist, "shown", shown)


def test_dates_mean_the_same_however_they_are_written(
    district: Store, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = ["2015-3-1", "2015/03/01", "2015年3月1日", "2015.3", "2015-03", "2015", "20150301", "201503", "明年"]
    meant = ["2015-03-01", "2015-03-01", "2015-03-01", "2015-03", "2015-03", "2015", "2015-03-01", "2015-03"]
    units = [cells.add_unit(district, code_of(at), f"演示数据{at}", "2025") for at in range(len(written))]
    # This year's and last year's cell are asked for in turn.
    typed(monkeypatch, {"founded": iter([one for text in written for one in (text, "")])})
    sent = questionnairebook.write_each(district, units, "2025", tmp_path, texts)
    row = Plan(district.scheme, texts).tables["T-01"].rows["founded"]
    rows = [sheets(path)["T-01"][row] for path in convert(sent, "xlsx", tmp_path)]
    assert [one[NOW] for one in rows] == written
    assert [one[MEANS] for one in rows][:-1] == meant
    assert (rows[-1][MEANS], rows[-1][SAYS]) == ("", "× 应为日期，写成 2015-03-01")


def test_what_is_no_answer_is_told_beside_it(
    tmp_path: Path, lists: Scheme, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stores.create(tmp_path / "lists.census", lists, "2025", "440305")
    unit = cells.add_unit(store, code_of(1), "演示数据1", "2025")
    cells.write_all(store, unit, "2025", [("product_revenue", 1, 5)])
    wrong = {"revenue": "很多", "segment": "没有", "backbone": "也许", "uscc": "123", "product_revenue": "五"}
    typed(monkeypatch, {name: repeat(text) for name, text in wrong.items()})
    path = tmp_path / "wrong.xlsx"
    questionnairebook.write(store, unit, "2025", path, texts)
    store.close()
    plan = Plan(lists, texts)
    shown = sheets(convert([path], "xlsx", tmp_path)[0])
    said = {
        name: shown[lists.item(name).form][plan.tables[lists.item(name).form].rows[name]][SAYS]
        for name in ("revenue", "segment", "backbone", "uscc")
    }
    assert said == {
        "revenue": "× 应填数字",
        "segment": "× 应从列表中选择",
        "backbone": "× 应填“是”或“否”",
        "uscc": "× 应为 18 位代码",
    }
    assert shown["T-03"][L_FIRST][plan.lists["T-03"].says] == f"× {texts('questionnaire.no_answer')}"


def test_it_is_printed_a_page_a_short_form(district: Store, tmp_path: Path, texts: Texts) -> None:
    path = tmp_path / "blank.xlsx"
    questionnairebook.write(district, None, "2025", path, texts)
    (made,) = convert([path], "pdf", tmp_path)
    # How to fill in, two forms, the checks.
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made.read_bytes())) == 4


# Item, what its cell holds, the code that narrows it, and how the first choice begins.
NARROWED = (
    ("industry_code", "397", "", "397"), ("industry_code", "3973", "", "3973 集成电路制造"),
    ("industry_code", "", "", "0111"), ("industry_code", "没有", "", "0111"), ("street", "", "440304", "南园街道"),
)  # fmt: skip


def test_a_long_list_narrows_to_what_is_typed(cluster: Scheme, texts: Texts, tmp_path: Path) -> None:
    codes = Codes(cluster, [cluster.item("industry_code"), cluster.item("street")], texts)
    book = xlsxwriter.Workbook(str(tmp_path / "list.xlsx"))
    sheet, page = book.add_worksheet("form"), book.add_worksheet(codes.sheet)
    for row, (name, text, outer, _) in enumerate(NARROWED):
        source = codes.source(cluster.item(name), f"$A${row + 1}", f"$B${row + 1}" if outer else "").removeprefix("=")
        sheet.write(row, 0, text)
        sheet.write_string(row, 1, outer)
        sheet.write_formula(row, 2, f"=INDEX({source},1)")
        sheet.write_formula(row, 3, f"=ROWS({source})")
    every = [one for _, entries in codes.long_lists for one in entries]
    for row, one in enumerate(every, FIRST):
        for column, text in enumerate((one.outer_label, one.code, one.label, one.choice, one.outer), 1):
            page.write_string(row, column, text)
    book.close()
    (made,) = convert([tmp_path / "list.xlsx"], "xlsx", tmp_path)
    for (name, text, outer, begins), row in zip(NARROWED, sheets(made)["form"], strict=True):
        entries = codes.entries[cluster.item(name).list]
        wanted = [one.choice for one in entries if (one.outer == outer if outer else one.code.startswith(text))]
        wanted = wanted or [one.choice for one in entries]
        assert row[2:4] == [wanted[0], len(wanted)]
        assert wanted[0].startswith(begins)
