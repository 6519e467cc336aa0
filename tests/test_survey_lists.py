"""List forms, district forms, computed and derived values, from the cell to the city's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of

from survey import cells, imports, returns
from survey import scheme as schemes
from survey import store as stores
from survey.checks import Finding, compile_checks, sentence
from survey.errors import SurveyError
from survey.formulas import Answers
from survey.imports import Choices
from survey.merge import merge
from survey.review import Review
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts


@pytest.fixture
def desk(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    opened = stores.create(tmp_path / "desk.census", lists, "2025", "440305")
    yield opened
    opened.close()


def unit_in(store: Store, number: int = 1) -> int:
    return cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")


def fill(store: Store, unit: int, form: str, *lines: dict[str, Value]) -> None:
    for number, line in enumerate(lines, 1):
        for name, value in line.items():
            cells.write(store, unit, "2025", name, value, line=number)
    assert store.scheme.form(form).is_list


def products(*revenues: int) -> list[dict[str, Value]]:
    return [{"product_name": f"产品{at}", "product_revenue": one} for at, one in enumerate(revenues, 1)]


def test_lines_are_kept_one_by_one_and_what_is_computed_follows(desk: Store) -> None:
    unit = unit_in(desk)
    fill(desk, unit, "T-03", *products(100, 40))
    cells.write(desk, unit, "2025", "product_exports", 30, line=1)
    cells.write(desk, unit, "2025", "revenue", 200)
    cells.write(desk, unit, "2025", "total_profit", 50)
    found = cells.read(desk, unit, "2025")
    assert found.lines["T-03"][1]["product_home"] == 70
    assert "product_home" not in found.lines["T-03"][2]
    assert (found.values["sold"], found.values["other_revenue"], found.values["profit_rate"]) == (140, 60, 25.0)
    cells.remove_line(desk, unit, "2025", desk.scheme.form("T-03"), 1)
    found = cells.read(desk, unit, "2025")
    assert list(found.lines["T-03"]) == [2]
    assert found.values["other_revenue"] == 160


def test_a_changed_line_is_in_the_record_of_changes_with_its_number(desk: Store) -> None:
    unit = unit_in(desk)
    fill(desk, unit, "T-03", *products(100))
    cells.write(desk, unit, "2025", "product_revenue", 90, line=1)
    changes = desk.execute("SELECT item, old, new FROM change ORDER BY id").fetchall()
    assert changes[-1] == ("product_revenue[1]", 100, 90)
    assert not any("sold" in change[0] for change in changes)


def test_a_computed_item_cannot_be_typed(desk: Store) -> None:
    with pytest.raises(SurveyError) as caught:
        cells.write(desk, unit_in(desk), "2025", "sold", 1)
    assert caught.value.code == "computed"


def test_the_whole_file_computes_what_a_unit_computes(desk: Store) -> None:
    for number in range(1, 6):
        unit = unit_in(desk, number)
        fill(desk, unit, "T-03", *products(100 * number, number))
        cells.write(desk, unit, "2025", "revenue", 1000)
        cells.write(desk, unit, "2025", "total_profit", 7 * number)
    query = "SELECT response, sold, other_revenue, profit_rate FROM form_t_02"
    one_by_one = desk.execute(query).fetchall()
    desk.execute("UPDATE form_t_02 SET sold = NULL, other_revenue = 5, profit_rate = 5.0")
    desk.execute("UPDATE form_t_03 SET product_home = 5")
    cells.refresh_all(desk, ["2025"])
    assert desk.execute(query).fetchall() == one_by_one
    assert desk.execute("SELECT count(product_home) FROM form_t_03").fetchone() == (0,)


def test_the_district_answers_its_own_forms(desk: Store) -> None:
    unit_in(desk)
    own = desk.desk_unit()
    assert desk.desk_unit() == own
    fill(desk, own, "Q-02", {"park_name": "甲", "park_status": "open"}, {"park_name": "乙", "park_status": "planned"})
    assert cells.read(desk, own, "2025").values == {"parks": 1}
    assert desk.counts("2025")["units"] == 1
    assert [unit.uscc for unit in desk.unit_list("2025")] == [code_of(1)]
    assert desk.register(own)["uscc@reg"] == "440305"


def findings_of(store: Store, unit: int) -> list[Finding]:
    checks = compile_checks(store.scheme, "2025")
    now = cells.read(store, unit, "2025")
    return checks.record(now, Answers(), store.register(unit), store.kind_of(unit))


def failed(store: Store, unit: int) -> set[tuple[str, int]]:
    return {(one.check, one.line) for one in findings_of(store, unit) if one.verdict == "fail"}


def test_lines_are_checked_one_by_one_and_together(desk: Store, texts: Texts) -> None:
    unit = unit_in(desk)
    fill(desk, unit, "T-03", *products(100, 40))
    cells.write(desk, unit, "2025", "product_exports", 50, line=2)
    cells.write(desk, unit, "2025", "product_revenue", -1, line=1)
    cells.write(desk, unit, "2025", "product_name", None, line=1)
    cells.write(desk, unit, "2025", "revenue", 20)
    found = failed(desk, unit)
    assert {("T03-01", 2), ("MIN-T-03.03", 1), ("REQ-T-03.01", 1), ("T02-90", 0)} <= found
    assert ("REQ-T-03.01", 2) not in found
    told = [sentence(one, desk.scheme, texts) for one in findings_of(desk, unit) if one.check == "T02-90"]
    assert told == ["营业收入应不小于产品收入合计：营业收入(301) 20 千元，产品收入“收入”合计 39"]


def test_the_whole_file_finds_what_a_unit_finds(desk: Store) -> None:
    for number in (1, 2):
        unit = unit_in(desk, number)
        fill(desk, unit, "T-03", *products(100, -40 * number))
        cells.write(desk, unit, "2025", "revenue", 10)
        cells.write(desk, unit, "2025", "segment", "eda" if number == 1 else "design")
        cells.write(desk, unit, "2025", "backbone", 1 if number == 1 else None)
    own = desk.desk_unit()
    fill(desk, own, "Q-02", {"park_status": "open"})
    whole = {(one.unit, one.check, one.line, one.verdict) for one in Review(desk, "2025").findings(not_evaluated=True)}
    single = set()
    for uscc, unit in desk.execute("SELECT uscc, id FROM unit").fetchall():
        single |= {(uscc, one.check, one.line, one.verdict) for one in findings_of(desk, unit)}
    assert whole == single
    assert (code_of(1), "SKIP-T-01.105", 0, "fail") in whole
    assert (code_of(2), "REQ-T-01.105", 0, "fail") in whole
    assert ("440305", "REQ-Q-02.01", 1, "fail") in whole


def test_a_code_belongs_to_the_code_it_is_listed_under(desk: Store) -> None:
    unit = unit_in(desk)
    cells.write(desk, unit, "2025", "street", "440304001")
    assert ("IN-T-01.107", 0) in failed(desk, unit)
    cells.write(desk, unit, "2025", "street", "440305001")
    assert ("IN-T-01.107", 0) not in failed(desk, unit)


@pytest.mark.parametrize(
    ("revenue", "employees", "period", "expected"),
    [
        (400_000, 1000, "2025", "large"),
        (400_000, 999, "2025", "small"),
        (399_999, 1000, "2025", "small"),
        (300_000, 1, "2016", "large"),
        (400_000, None, "2025", None),
    ],
)
def test_a_derived_value_follows_the_standard_of_its_time(
    desk: Store, revenue: int, employees: int | None, period: str, expected: str | None
) -> None:
    answers = Answers({"revenue": revenue, "employees": employees})
    assert desk.formulas.derive(answers, Answers(), period).get("size_class") == expected


def test_what_is_reported_otherwise_than_derived_is_to_be_explained(desk: Store) -> None:
    unit = unit_in(desk)
    cells.write(desk, unit, "2025", "revenue", 400_000)
    cells.write(desk, unit, "2025", "employees", 1000)
    cells.write(desk, unit, "2025", "size_class", "small")
    assert ("DER-T-01.108", 0) in failed(desk, unit)
    cells.write(desk, unit, "2025", "size_class", "large")
    assert ("DER-T-01.108", 0) not in failed(desk, unit)


def test_a_sheet_of_lines_is_known_by_its_columns(desk: Store, tmp_path: Path) -> None:
    unit = unit_in(desk)
    fill(desk, unit, "T-03", *products(1, 2, 3))
    path = tmp_path / "lines.csv"
    path.write_text(
        f"统一社会信用代码,行号,产品,product_revenue,内销\n{code_of(1)},2,改名,20,7\n{code_of(1)},4,新增,5,7\n"
        f"{code_of(2)},,另一家,8,7\n",
        encoding="utf-8-sig",
    )
    held = imports.import_files(desk, [path], dry_run=True)
    assert [(one.item, one.line, one.before, one.after) for one in held.collisions] == [
        ("product_name", 2, "产品2", "改名"),
        ("product_revenue", 2, 2, 20),
    ]
    report = imports.import_files(desk, [path], Choices(settled=None))
    assert (report.new, report.changed, report.rejected) == (1, 1, 0)
    lines = cells.read(desk, unit, "2025").lines["T-03"]
    assert [lines[at].get("product_revenue") for at in (1, 2, 3, 4)] == [1, 20, 3, 5]
    assert lines[2]["product_name"] == "改名"
    assert "product_home" not in lines[2]
    assert cells.read(desk, unit, "2025").values["sold"] == 29
    again = imports.import_files(desk, [path])
    assert (again.new, again.changed, again.identical) == (0, 0, 2)


@pytest.fixture
def town(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    opened = stores.create(tmp_path / "town.census", lists, "2025", None)
    yield opened
    opened.close()


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All answers by form, whatever their ids."""
    found = {}
    for form in store.scheme.forms:
        line = "f.line, " if form.is_list else ""
        names = ", ".join(f'f."{item.name}"' for item in form.items)
        found[form.id] = sorted(
            store.execute(
                f"SELECT u.uscc, u.kind, r.period, {line}{names} FROM {form.table} f"
                " JOIN response r ON r.id = f.response JOIN unit u ON u.id = r.unit"
            ).fetchall(),
            key=repr,
        )
    return found


def test_lines_and_district_forms_reach_the_city_and_follow_corrections(
    desk: Store, town: Store, texts: Texts, tmp_path: Path
) -> None:
    unit = unit_in(desk)
    fill(desk, unit, "T-03", *products(100, 40, 7))
    fill(desk, desk.desk_unit(), "Q-02", {"park_name": "甲", "park_status": "open"})
    first = returns.write(desk, tmp_path / "first.xlsx", texts)
    assert first.manifest.rows["T-03"] == 3
    assert [one.accepted for one in merge(town, [first.path])] == [True]
    assert everything(town) == everything(desk)
    cells.remove_line(desk, unit, "2025", desk.scheme.form("T-03"), 2)
    cells.write(desk, unit, "2025", "product_revenue", 101, line=1)
    cells.write(desk, unit, "2025", "product_name", "新", line=4)
    second = returns.write(desk, tmp_path / "second.xlsx", texts)
    (report,) = merge(town, [second.path])
    assert (report.accepted, report.new, report.changed, report.conflicts) == (True, 0, 1, [])
    assert everything(town) == everything(desk)


def test_a_line_the_city_corrected_is_held(desk: Store, town: Store, texts: Texts, tmp_path: Path) -> None:
    unit = unit_in(desk)
    fill(desk, unit, "T-03", *products(100, 40))
    merge(town, [returns.write(desk, tmp_path / "first.xlsx", texts).path])
    here = town.find_unit(code_of(1))
    assert here
    cells.write(town, here, "2025", "product_revenue", 999, line=2, who="市", reason="与企业核实")
    cells.write(desk, unit, "2025", "product_revenue", 41, line=2)
    (report,) = merge(town, [returns.write(desk, tmp_path / "second.xlsx", texts).path])
    assert [(one.item, one.line, one.kept, one.offered) for one in report.conflicts] == [
        ("product_revenue", 2, 999, 41)
    ]
    assert cells.read(town, here, "2025").values["sold"] == 1099


def test_what_follows_from_last_year_follows_its_correction(tmp_path: Path, data: Path) -> None:
    files = schemes.read_files(data / "scheme2")
    form = files["forms/T-02.toml"]
    files["forms/T-02.toml"] = form.replace("327 / 301 * #100", "#100 * 301 / 301@prev")
    opened = stores.create(tmp_path / "growth.census", schemes.read(files), "2025", "440305")
    unit = unit_in(opened)
    cells.write(opened, unit, "2024", "revenue", 100)
    cells.write(opened, unit, "2025", "revenue", 150)
    assert cells.read(opened, unit, "2025").values["profit_rate"] == 150
    cells.write(opened, unit, "2024", "revenue", 300, reason="上年漏报分公司")
    assert cells.read(opened, unit, "2025").values["profit_rate"] == 50
    opened.close()
