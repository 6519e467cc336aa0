"""Questionnaires and lists that come back: what is taken, what is held, what is refused, and undoing it all."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from conftest import code_of
from ordinary_units import amounts, desk_of
from returned_questionnaires import questionnaire, stamp_of

from survey import batches, cells, explanations, history, imports, provenance, returns, undoing
from survey import store as stores
from survey.errors import Cancelled, SurveyError
from survey.flat import Part
from survey.header import Header
from survey.importreport import FileReport, ImportReport
from survey.imports import Choices
from survey.intake import Intake
from survey.merge import merge
from survey.scheme import Scheme
from survey.store import Change, Store
from survey.tabletaking import Table, TableTaking
from survey.taking import Written
from survey.texts import Texts, load

HEAD = "统一社会信用代码,单位详细名称,营业收入,从业人员期末人数\n"


@pytest.fixture
def desk(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    """A district's file with two units nobody has answered for."""
    opened = stores.create(tmp_path / "desk.census", lists, "2025", "440305")
    for number in (1, 2):
        cells.add_unit(opened, code_of(number), f"演示{number}", "2025")
    yield opened
    opened.close()


def values(store: Store, number: int = 1) -> dict[str, Any]:
    unit = store.find_unit(code_of(number))
    assert unit is not None
    return cells.read(store, unit, "2025").values


def unit_of(store: Store, number: int = 1) -> int:
    found = store.find_unit(code_of(number))
    assert found is not None
    return found


def table(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8-sig")
    return path


def content(store: Store) -> str:
    """Everything that is answered, with where it came from."""
    tables = ["unit", "response", "change", "source", "batch", *(form.table for form in store.scheme.forms)]
    rows = [store.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def answers_only(store: Store) -> list[Any]:
    """What is answered, without what is recorded of it."""
    tables = ["unit", *(form.table for form in store.scheme.forms)]
    return [store.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables]


def test_a_full_disk_ends_the_import_of_many_files_in_plain_words(desk: Store, tmp_path: Path) -> None:
    files = [
        table(tmp_path / f"t{name}.csv", *(f"{code_of(n)},演示{n},{n},3" for n in range(first, first + 300)))
        for name, first in enumerate((10, 400, 800))
    ]
    before = content(desk)
    pages = desk.execute("PRAGMA page_count").fetchone()[0]
    desk.execute(f"PRAGMA max_page_count = {pages + 8}")
    with pytest.raises(SurveyError) as error:
        imports.import_files(desk, files)
    assert (error.value.code, error.value.facts["path"]) == ("disk_full", desk.path)
    assert content(desk) == before
    desk.execute("PRAGMA max_page_count = 1000000")
    assert imports.import_files(desk, files).new == 900


def refused(store: Store, path: Path) -> SurveyError:
    before = content(store)
    with pytest.raises(SurveyError) as error:
        imports.import_files(store, [path])
    assert content(store) == before
    return error.value


# Questionnaires


def test_a_questionnaire_is_known_by_its_stamp_whatever_its_name_and_wherever_its_cells(
    desk: Store, tmp_path: Path
) -> None:
    path = questionnaire(
        tmp_path / "新建 表格(3).xlsx", stamp_of(), {"revenue": "１２,３４５", "employees": 7}, shift=4
    )
    report = imports.import_files(desk, [path])
    assert (report.new, report.changed, report.files[0].kind, report.files[0].unit) == (
        0, 1, "questionnaire", (code_of(1), "演示1"),
    )  # fmt: skip
    assert values(desk)["revenue"] == 12_345
    assert [(one.sheet, one.cell, one.item) for one in report.fields] == [
        ("表一", "G7", "revenue"), ("表一", "G8", "employees"),
    ]  # fmt: skip


def test_the_names_alone_or_the_sheet_alone_tell_whose_it_is(desk: Store, tmp_path: Path) -> None:
    names = questionnaire(tmp_path / "a.xlsx", stamp_of(1), {"revenue": 1}, on_sheet=False)
    sheet = questionnaire(tmp_path / "b.xlsx", stamp_of(2), {"revenue": 2}, named=[])
    assert imports.import_files(desk, [names, sheet]).changed == 2
    assert [values(desk, number)["revenue"] for number in (1, 2)] == [1, 2]


def test_lines_of_a_list_form_are_read_by_their_numbers(desk: Store, tmp_path: Path) -> None:
    lines = {"T-03": {1: {"product_name": "甲", "product_revenue": 5}, 4: {"product_name": "乙"}}}
    imports.import_files(desk, [questionnaire(tmp_path / "a.xlsx", stamp_of(), {"revenue": 9}, lines)])
    found = cells.read(desk, unit_of(desk), "2025").lines["T-03"]
    assert {line: cells_.get("product_name") for line, cells_ in found.items()} == {1: "甲", 4: "乙"}
    assert values(desk)["sold"] == 5


def test_answers_in_a_row_inserted_among_the_lines_are_told(
    desk: Store, tmp_path: Path, texts: Texts, assets: Path
) -> None:
    lines = {
        "抬头": {"product_name": "产品"}, 1: {"product_name": "甲", "product_revenue": 5},
        "": {"product_name": "乙", "product_revenue": 6, "product_home": 6}, 2: {}, "合计": {"product_revenue": 11},
    }  # fmt: skip
    report = imports.import_files(desk, [questionnaire(tmp_path / "a.xlsx", stamp_of(), {}, {"T-03": lines})])
    assert [(one.sheet, one.cell, one.code) for one in report.rejections] == [
        ("T-03", "C8", "questionnaire_no_line"), ("T-03", "D8", "questionnaire_no_line"),
    ]  # fmt: skip
    for language in (texts, load(assets / "i18n", "en")):
        assert desk.scheme.item("product_revenue").label in report.rejections[1].reason(language)
    assert lines_of(desk) == {1: ("甲", 5)}


@pytest.mark.parametrize("answered", [None, code_of(1), code_of(9)])
def test_a_questionnaire_sent_before_the_code_was_corrected_is_its_unit_s(
    desk: Store, tmp_path: Path, answered: str | None
) -> None:
    unit = unit_of(desk)
    for code in (code_of(8), code_of(9)):
        cells.write(desk, unit, "2025", "uscc", code)
    for sent in ({"uscc": code_of(1)}, {}):
        answers = {"revenue": 1 + len(sent), **({"uscc": answered} if answered else {})}
        path = questionnaire(tmp_path / "a.xlsx", stamp_of(sent=sent), answers)
        report = imports.import_files(desk, [path], Choices(blanks=True))
        assert (report.new, report.changed, report.files[0].unit[0]) == (0, 1, code_of(9))
        assert [one.item for one in report.fields] == ["revenue"]
    assert (values(desk, 9)["uscc"], values(desk, 9)["revenue"]) == (code_of(9), 1)
    other = questionnaire(tmp_path / "b.xlsx", stamp_of(), {"uscc": code_of(2), "revenue": 3})
    assert refused(desk, other).code == "questionnaire_other_unit"


def test_what_the_enterprise_left_as_it_was_sent_changes_nothing(desk: Store, tmp_path: Path) -> None:
    path = questionnaire(tmp_path / "a.xlsx", stamp_of(sent={"revenue": 10, "employees": 3}), {"revenue": 10})
    cells.write(desk, unit_of(desk), "2025", "revenue", 11)
    cells.write(desk, unit_of(desk), "2025", "employees", 3)
    report = imports.import_files(desk, [path])
    assert (report.changed, report.identical, report.collisions, report.batch) == (0, 1, [], 0)
    assert values(desk)["revenue"] == 11


def test_a_cell_changed_on_both_sides_is_a_conflict_and_keeps_its_value(desk: Store, tmp_path: Path) -> None:
    path = questionnaire(tmp_path / "a.xlsx", stamp_of(sent={"revenue": 10}), {"revenue": 12, "employees": 5})
    cells.write(desk, unit_of(desk), "2025", "revenue", 11)
    report = imports.import_files(desk, [path])
    assert [(one.item, one.before, one.after, one.cell) for one in report.collisions] == [("revenue", 11, 12, "C3")]
    assert (values(desk)["revenue"], values(desk)["employees"]) == (11, 5)
    again = imports.import_files(desk, [path], Choices(settled={report.collisions[0].key}))
    assert (again.changed, again.collisions) == (1, [])
    assert values(desk)["revenue"] == 12


def test_blanks_never_overwrite_unless_asked(desk: Store, tmp_path: Path) -> None:
    for item, value in (("revenue", 10), ("employees", 3)):
        cells.write(desk, unit_of(desk), "2025", item, value)
    stamp = stamp_of(sent={"revenue": 10, "employees": 3})
    path = questionnaire(tmp_path / "a.xlsx", stamp, {"revenue": 10, "employees": ""})
    kept = imports.import_files(desk, [path])
    assert (kept.changed, kept.files[0].emptied) == (0, 1)
    report = imports.import_files(desk, [path], Choices(blanks=True))
    assert [(one.item, one.before, one.after, one.cell) for one in report.fields] == [("employees", 3, None, "C4")]
    assert "employees" not in values(desk)


def test_what_is_not_in_the_workbook_any_more_is_told_and_never_cleared(desk: Store, tmp_path: Path) -> None:
    for item, value in (("revenue", 10), ("employees", 3)):
        cells.write(desk, unit_of(desk), "2025", item, value)
    path = questionnaire(tmp_path / "a.xlsx", stamp_of(sent={"revenue": 10, "employees": 3}), {"revenue": 10})
    report = imports.import_files(desk, [path], Choices(blanks=True))
    assert (report.changed, report.files[0].missing, values(desk)["employees"]) == (0, 1, 3)


def test_what_cannot_be_read_is_told_by_sheet_and_cell_and_the_rest_is_taken(
    desk: Store, tmp_path: Path, texts: Texts
) -> None:
    path = questionnaire(
        tmp_path / "a.xlsx",
        stamp_of(),
        {"revenue": "约一千", "employees": 5, "segment": "炼钢", "sold": 3, "nothing": 1},
    )
    report = imports.import_files(desk, [path])
    assert [(one.cell, one.code) for one in report.rejections] == [
        ("C3", "value.not_a_number"), ("C5", "value.not_in_list"), ("C7", "questionnaire_cell"),
    ]  # fmt: skip
    assert values(desk)["employees"] == 5
    assert all("营业收入" in one.reason(texts) for one in report.rejections[:1])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"scheme": "other"}, "questionnaire_scheme"),
        ({"period": "2024"}, "questionnaire_period"),
        ({"desk": "440304"}, "questionnaire_desk"),
        ({"version": "9.9"}, "questionnaire_version"),
        ({"unit": code_of(9)}, "questionnaire_unit"),
    ],
)
def test_a_questionnaire_that_belongs_elsewhere_is_refused_by_name(
    desk: Store, tmp_path: Path, changed: dict[str, str], code: str
) -> None:
    error = refused(desk, questionnaire(tmp_path / "a.xlsx", stamp_of(**changed), {"revenue": 1}))
    assert error.code == code


def test_the_code_of_another_unit_in_a_questionnaire_refuses_it(desk: Store, tmp_path: Path) -> None:
    path = questionnaire(tmp_path / "a.xlsx", stamp_of(1), {"uscc": code_of(2), "revenue": 1})
    assert refused(desk, path).code == "questionnaire_other_unit"


def test_two_stamps_in_one_workbook_are_never_guessed(desk: Store, tmp_path: Path) -> None:
    mixed = questionnaire(tmp_path / "a.xlsx", stamp_of(1), {"revenue": 1}, named=[stamp_of(2)])
    assert refused(desk, mixed).code == "questionnaire_two_stamps"


def test_a_stamp_that_was_tampered_with_is_refused(desk: Store, tmp_path: Path) -> None:
    from dataclasses import replace

    sound = stamp_of(sent={"revenue": 10})

    class Spoilt(type(sound)):  # type: ignore[misc]
        def lines(self) -> list[tuple[str, ...]]:
            return [*sound.facts.items(), ("sent", "revenue", "0", "99")]

    spoilt = Spoilt(**vars(sound))
    path = questionnaire(tmp_path / "a.xlsx", spoilt, {"revenue": 1}, named=[sound])
    assert refused(desk, path).code == "questionnaire_stamp"
    assert replace(sound) == sound


def test_an_empty_questionnaire_is_told_and_not_taken(desk: Store, tmp_path: Path) -> None:
    path = questionnaire(tmp_path / "a.xlsx", stamp_of(sent={"name": "演示1"}), {"uscc": code_of(1), "name": "演示1"})
    assert refused(desk, path).code == "questionnaire_empty"


def test_a_blank_questionnaire_brings_a_unit_that_was_not_in_the_register(desk: Store, tmp_path: Path) -> None:
    blank = stamp_of(unit="", name="")
    path = questionnaire(tmp_path / "a.xlsx", blank, {"uscc": code_of(7), "name": "演示新单位", "revenue": 4})
    report = imports.import_files(desk, [path])
    assert (report.new, values(desk, 7)["revenue"]) == (1, 4)
    nobody = questionnaire(tmp_path / "b.xlsx", blank, {"name": "演示", "revenue": 4})
    assert refused(desk, nobody).code == "questionnaire_no_unit"


def test_a_questionnaire_of_an_earlier_version_is_migrated(desk: Store, tmp_path: Path) -> None:
    path = questionnaire(
        tmp_path / "a.xlsx",
        stamp_of(version="0.1"),
        {"founded": "2019-05-06", "segment": "manufacturing", "revenue": 8},
    )
    imports.import_files(desk, [path])
    found = values(desk)
    assert (found["began"], found["segment"], found["revenue"]) == ("2019-05-06", "fab", 8)


def test_two_files_of_one_unit_that_disagree_are_a_conflict_between_them(desk: Store, tmp_path: Path) -> None:
    first = questionnaire(
        tmp_path / "a.xlsx", stamp_of(unit="", name=""), {"uscc": code_of(5), "name": "甲", "revenue": 1}
    )
    second = questionnaire(tmp_path / "b.xlsx", stamp_of(unit="", name=""), {"uscc": code_of(5), "revenue": 2})
    report = imports.import_files(desk, [first, second])
    assert [(one.file, one.item, one.before, one.after) for one in report.collisions] == [("b.xlsx", "revenue", 1, 2)]
    same = table(tmp_path / "c.csv", f"{code_of(6)},丙,5,"), table(tmp_path / "d.csv", f"{code_of(6)},丙,6,8")
    report = imports.import_files(desk, same)
    assert [(one.file, one.item, one.before, one.after) for one in report.collisions] == [("d.csv", "revenue", 5, 6)]
    assert values(desk, 6)["employees"] == 8


def test_where_an_answer_stands_is_kept_with_its_source(desk: Store, tmp_path: Path) -> None:
    imports.import_files(desk, [questionnaire(tmp_path / "a.xlsx", stamp_of(), {"revenue": 1})])
    kind, places = desk.execute("SELECT kind, places FROM source").fetchone()
    assert (kind, places) == ("questionnaire", '{"表一":{"revenue":"C3"}}')


# Batches


def test_a_bad_file_among_good_ones_is_told_and_leaves_nothing(desk: Store, tmp_path: Path) -> None:
    good = [questionnaire(tmp_path / f"{n}.xlsx", stamp_of(n), {"revenue": n}) for n in (1, 2)]
    broken = tmp_path / "3.xlsx"
    broken.write_bytes(good[0].read_bytes()[:900])
    wrong = questionnaire(tmp_path / "4.xlsx", stamp_of(period="2020"), {"revenue": 1})
    report = imports.import_files(desk, [good[0], broken, wrong, good[1]])
    assert [one.state for one in report.files] == ["changed", "refused", "refused", "changed"]
    assert (report.changed, report.rejected) == (2, 2)
    assert desk.execute("SELECT count(*) FROM source").fetchone() == (2,)


def test_the_same_files_again_change_nothing_at_all(desk: Store, tmp_path: Path) -> None:
    files = [
        questionnaire(tmp_path / "a.xlsx", stamp_of(), {"revenue": 1}, {"T-03": {1: {"product_name": "甲"}}}),
        table(tmp_path / "b.csv", f"{code_of(2)},演示2,5,6", f"{code_of(3)},演示3,,0"),
    ]
    imports.import_files(desk, files)
    before = content(desk)
    report = imports.import_files(desk, files)
    assert (report.new, report.changed, report.identical, report.batch) == (0, 0, 3, 0)
    assert content(desk) == before


def test_a_dry_run_and_a_stopped_import_leave_the_file_as_it_was(desk: Store, tmp_path: Path) -> None:
    files = [questionnaire(tmp_path / f"{n}.xlsx", stamp_of(n), {"revenue": n}) for n in (1, 2)]
    before = content(desk)
    assert imports.import_files(desk, files, dry_run=True).changed == 2
    assert content(desk) == before

    def stop(done: int, _total: int, _label: str) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        imports.import_files(desk, files, progress=stop)
    assert content(desk) == before


def test_what_was_keyed_is_held_against_a_list_until_a_person_decides(desk: Store, tmp_path: Path) -> None:
    cells.write(desk, unit_of(desk), "2025", "revenue", 10)
    path = table(tmp_path / "a.csv", f"{code_of(1)},演示1,12,3")
    report = imports.import_files(desk, [path])
    assert [(one.cell, one.before, one.after) for one in report.collisions] == [("C2", 10, 12)]
    assert (values(desk)["revenue"], values(desk)["employees"]) == (10, 3)
    # What a file has brought, a later file may change.
    later = table(tmp_path / "b.csv", f"{code_of(1)},演示1,,4")
    assert imports.import_files(desk, [later]).collisions == []


def test_a_list_without_districts_offers_the_desk_s_own_only_for_units_that_are_new(
    desk: Store, tmp_path: Path
) -> None:
    cells.write(desk, unit_of(desk), "2025", "district", "440304")
    path = table(tmp_path / "a.csv", f"{code_of(1)},演示1,12,3", f"{code_of(2)},演示2,12,3", f"{code_of(3)},演示3,1,1")
    report = imports.import_files(desk, [path])
    assert (report.collisions, report.new, report.changed) == ([], 1, 2)
    assert [values(desk, number).get("district") for number in (1, 2, 3)] == ["440304", "440305", "440305"]
    blank = stamp_of(unit="", name="")
    sent = questionnaire(tmp_path / "b.xlsx", blank, {"uscc": code_of(7), "district": "福田区", "revenue": 4})
    report = imports.import_files(desk, [sent, table(tmp_path / "c.csv", f"{code_of(7)},演示7,4,3")])
    assert (report.collisions, values(desk, 7)["district"]) == ([], "440304")


def test_a_conflict_about_what_the_table_has_no_column_of_is_told_by_its_row(desk: Store, tmp_path: Path) -> None:
    report, opened = ImportReport(), Intake(desk)
    taking = Table(TableTaking(desk, report, "2025"), FileReport(tmp_path / "a.csv"), opened)
    taking.take(Header("名录", 1, {0: "uscc", 1: "revenue"}, []))
    change = Change(unit_of(desk), desk.scheme.item("district"), "2025", "440304", "440305")
    opened.outcome.written.append(Written((code_of(1), "2025"), change, 2))
    taking.take(Part("名录", [], {"uscc": [], "revenue": []}, []))
    assert [(one.item, one.cell) for one in report.fields] == [("district", "2")]


# Lines of list forms


def products(path: Path, *rows: str, head: str = "产品,收入") -> Path:
    path.write_text(f"统一社会信用代码,{head}\n" + "\n".join(rows) + "\n", encoding="utf-8-sig")
    return path


def lines_of(store: Store, number: int = 1) -> dict[int, tuple[Any, Any]]:
    found = cells.read(store, unit_of(store, number), "2025").lines.get("T-03", {})
    return {line: (own.get("product_name"), own.get("product_revenue")) for line, own in found.items()}


ONE = code_of(1)
NUMBERED = "行号,产品,收入"


def test_a_number_that_stands_twice_is_told_and_the_first_is_taken(
    desk: Store, tmp_path: Path, texts: Texts, assets: Path
) -> None:
    path = products(tmp_path / "a.csv", f"{ONE},1,甲,5", f"{ONE},1,乙,6", f"{ONE},2,丙,7", head=NUMBERED)
    report = imports.import_files(desk, [path])
    assert [(one.file, one.cell, one.code, one.whole_row) for one in report.rejections] == [
        ("a.csv", "3", "row.line_twice", True)
    ]
    assert lines_of(desk) == {1: ("甲", 5), 2: ("丙", 7)}
    for language in (texts, load(assets / "i18n", "en")):
        assert ONE in report.rejections[0].reason(language)


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "10000", "99999999999999999999", "1E30", "第一", "二"])
def test_a_line_is_a_whole_number_up_to_9999(desk: Store, tmp_path: Path, texts: Texts, number: str) -> None:
    path = products(tmp_path / "a.csv", f"{ONE},{number},甲,5", f"{ONE},9999,乙,6", head=NUMBERED)
    report = imports.import_files(desk, [path])
    assert [(one.cell, one.found, one.code) for one in report.rejections] == [("2", number, "row.line")]
    assert number in report.rejections[0].reason(texts)
    assert lines_of(desk) == {9999: ("乙", 6)}


def test_rows_without_a_number_take_what_the_sheet_leaves_free(desk: Store, tmp_path: Path) -> None:
    path = products(tmp_path / "a.csv", f"{ONE},,甲,5", f"{ONE},1,乙,6", f"{ONE},,丙,7", f"{ONE},3,丁,8", head=NUMBERED)
    assert imports.import_files(desk, [path]).rejections == []
    assert lines_of(desk) == {1: ("乙", 6), 2: ("甲", 5), 3: ("丁", 8), 4: ("丙", 7)}
    assert imports.import_files(desk, [path]).batch == 0


def test_lines_without_numbers_are_known_by_what_they_name(desk: Store, tmp_path: Path) -> None:
    imports.import_files(desk, [products(tmp_path / "a.csv", f"{ONE},甲,5", f"{ONE},乙,6")])
    imports.import_files(desk, [products(tmp_path / "b.csv", f"{ONE},丙,9", f"{ONE},乙,7")])
    assert lines_of(desk) == {1: ("甲", 5), 2: ("乙", 7), 3: ("丙", 9)}


def test_files_of_one_import_and_its_questionnaires_share_no_line(desk: Store, tmp_path: Path) -> None:
    answered = questionnaire(tmp_path / "q.xlsx", stamp_of(), {"revenue": 9}, {"T-03": {2: {"product_name": "问"}}})
    files = [
        products(tmp_path / "a.csv", f"{ONE},甲,5"), answered,
        products(tmp_path / "b.csv", f"{ONE},乙,6", f"{ONE},丙,7"),
    ]  # fmt: skip
    report = imports.import_files(desk, files)
    assert (report.collisions, report.rejections) == ([], [])
    assert lines_of(desk) == {1: ("甲", 5), 2: ("问", None), 3: ("乙", 6), 4: ("丙", 7)}


def test_the_same_lines_sorted_otherwise_change_nothing(desk: Store, tmp_path: Path) -> None:
    rows = [f"{ONE},甲,5", f"{ONE},甲,", f"{ONE},,8", f"{ONE},甲,7", f"{ONE},乙,", f"{code_of(2)},甲,5", f"{ONE},甲,5"]
    imports.import_files(desk, [products(tmp_path / "a.csv", *rows)])
    assert len(lines_of(desk)) == 6
    for order in (rows, rows[::-1], sorted(rows)):
        report = imports.import_files(desk, [products(tmp_path / "b.csv", *order)])
        assert (report.changed, report.identical, report.batch) == (0, 2, 0)
    cells.write(desk, unit_of(desk), "2025", "product_segment", "design", line=1)
    before = content(desk)
    assert imports.import_files(desk, [products(tmp_path / "b.csv", *rows[::-1])]).batch == 0
    assert content(desk) == before


def test_a_row_that_holds_nothing_but_keys_makes_no_line(desk: Store, tmp_path: Path) -> None:
    path = products(tmp_path / "a.csv", f"{ONE},1,,", f"{ONE},2,甲,5", f"{code_of(3)},3,,", head=NUMBERED)
    report = imports.import_files(desk, [path])
    assert (report.rejections, report.new, lines_of(desk)) == ([], 0, {2: ("甲", 5)})
    assert desk.find_unit(code_of(3)) is None


# Undoing


def test_an_import_is_undone_as_a_whole(desk: Store, tmp_path: Path) -> None:
    imports.import_files(desk, [table(tmp_path / "0.csv", f"{code_of(1)},演示1,10,1")])
    before = answers_only(desk)
    files = [
        questionnaire(
            tmp_path / "a.xlsx", stamp_of(1), {"revenue": 20, "name": "新名"}, {"T-03": {1: {"product_name": "甲"}}}
        ),
        table(tmp_path / "b.csv", f"{code_of(2)},演示2,5,6", f"{code_of(3)},演示3,7,0"),
    ]
    report = imports.import_files(desk, files)
    assert [line.id for line in batches.listed(desk)] == [report.batch, 1]
    tried = undoing.undo(desk, report.batch, dry_run=True)
    undone = undoing.undo(desk, report.batch, who="演示员")
    assert tried == undone
    assert (undone.units, undone.responses, undone.kept) == (1, 1, [])
    assert answers_only(desk) == before
    assert history.of_cell(desk, unit_of(desk), "2025", "revenue")[0].new == 10
    with pytest.raises(SurveyError, match="batch_undone"):
        undoing.undo(desk, report.batch)
    with pytest.raises(SurveyError, match="no_batch"):
        undoing.undo(desk, 99)


def test_what_was_changed_after_an_import_is_kept_when_it_is_undone(desk: Store, tmp_path: Path) -> None:
    files = [table(tmp_path / "b.csv", f"{code_of(1)},演示1,5,6", f"{code_of(3)},演示3,7,8")]
    report = imports.import_files(desk, files)
    cells.write(desk, unit_of(desk, 1), "2025", "revenue", 50)
    cells.write(desk, unit_of(desk, 3), "2025", "employees", 80)
    undone = undoing.undo(desk, report.batch)
    assert [(one.uscc, one.item, one.now) for one in undone.kept] == [
        (code_of(1), "revenue", 50), (code_of(3), "employees", 80),
    ]  # fmt: skip
    assert (values(desk, 1)["revenue"], values(desk, 1).get("employees")) == (50, None)
    assert (values(desk, 3).get("revenue"), values(desk, 3)["employees"]) == (None, 80)
    assert undone.units == 0


def test_an_explained_unit_is_not_forgotten_with_its_import(desk: Store, tmp_path: Path) -> None:
    report = imports.import_files(desk, [table(tmp_path / "b.csv", f"{code_of(3)},演示3,7,8")])
    response = desk.execute("SELECT max(id) FROM response").fetchone()[0]
    desk.execute(
        "INSERT INTO explanation (response, check_code, text, who, at) VALUES (?, 'X', '演示说明', '', '')", (response,)
    )
    assert undoing.undo(desk, report.batch).units == 0
    assert values(desk, 3) == {"uscc": code_of(3), "name": "演示3", "district": "440305"}
    assert explanations.EXPLAINABLE


def test_what_an_undone_import_wrote_is_nobodys_word(desk: Store, tmp_path: Path) -> None:
    wrong = imports.import_files(desk, [table(tmp_path / "a.csv", f"{code_of(1)},演示1,5,6")])
    undoing.undo(desk, wrong.batch)
    right = imports.import_files(desk, [table(tmp_path / "b.csv", f"{code_of(1)},演示1,7,6")])
    assert (right.collisions, values(desk)["revenue"]) == ([], 7)


def test_other_answers_reopen_what_was_submitted(desk: Store, tmp_path: Path) -> None:
    desk.execute("UPDATE response SET status = 'submitted'")
    imports.import_files(desk, [table(tmp_path / "a.csv", f"{code_of(1)},演示1,5,6")])
    assert dict(desk.execute("SELECT u.uscc, r.status FROM response r JOIN unit u ON u.id = r.unit")) == {
        code_of(1): "in_progress", code_of(2): "submitted",
    }  # fmt: skip


def test_a_file_of_the_version_before_takes_an_import_and_undoes_it(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "old.census"
    path.write_bytes(gzip.decompress((data / "old" / "district-1.0.census.gz").read_bytes()))
    opened = stores.open(path)
    before = answers_only(opened)
    report = imports.import_files(opened, [table(tmp_path / "a.csv", f"{code_of(1)},演示,,5", f"{code_of(2)},演示,8,")])
    assert [(one.item, one.before, one.after) for one in report.collisions] == [("revenue", 7, 8)]
    undoing.undo(opened, report.batch)
    assert answers_only(opened) == before
    opened.close()


def test_every_answer_leads_back_to_the_cell_it_came_from(desk: Store, tmp_path: Path) -> None:
    lines = {"T-03": {2: {"product_name": "甲", "product_revenue": 5}}}
    imports.import_files(desk, [questionnaire(tmp_path / "a.xlsx", stamp_of(), {"revenue": 9}, lines)])
    imports.import_files(desk, [table(tmp_path / "b.csv", f"{code_of(2)},演示2,5,6")])
    cells.write(desk, unit_of(desk, 2), "2025", "employees", 7)

    def origin(number: int, item: str, line: int = 0) -> tuple[str, str, int] | None:
        found = provenance.of_cell(desk, unit_of(desk, number), "2025", item, line)
        return (found.source, found.cell, found.row) if found else None

    assert origin(1, "revenue") == ("a.xlsx", "表一!C3", 0)
    assert origin(1, "product_revenue", 2) == ("a.xlsx", "T-03!D6", 0)
    assert origin(2, "revenue") == ("b.csv", "", 2)
    assert origin(2, "employees") is None
    assert origin(1, "main_revenue") is None


# Amounts in another unit of measure

WRONG = 7


@pytest.fixture
def crowd(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    """Sixty ordinary units, one of which has not answered this year."""
    store = desk_of(tmp_path / "crowd.census", lists)
    forget(store, WRONG)
    yield store
    store.close()


def forget(store: Store, number: int) -> None:
    unit = unit_of(store, number)
    for item in amounts(number, 2025):
        if item not in ("uscc", "name", "district"):
            cells.put(store, unit, "2025", store.scheme.item(item), None)
    store.execute(f"DELETE FROM {store.scheme.form('T-03').table} WHERE response = ?", (response_of(store, unit),))
    cells.refresh(store, unit, "2025")


def response_of(store: Store, unit: int) -> int:
    return int(store.execute("SELECT id FROM response WHERE unit = ? AND period = '2025'", (unit,)).fetchone()[0])


def tenth(tmp_path: Path) -> Path:
    """A questionnaire filled in in ten thousand yuan."""
    answers = amounts(WRONG, 2025, 0.1)
    products = {1: {"product_name": "甲", "product_revenue": answers["revenue"] // 2}, 2: {"product_name": "乙"}}
    return questionnaire(tmp_path / "a.xlsx", stamp_of(WRONG), answers, {"T-03": products})


def test_amounts_in_another_unit_are_told_and_taken_as_they_are_without_a_word(crowd: Store, tmp_path: Path) -> None:
    report = imports.import_files(crowd, [tenth(tmp_path)], Choices(settled=None, suspects=True))
    (one,) = report.suspects
    assert (one.uscc, one.factor, one.sure, report.converted) == (code_of(WRONG), 0.1, True, 0)
    assert values(crowd, WRONG)["revenue"] == amounts(WRONG, 2025, 0.1)["revenue"]
    assert report.suspects_of(report.files[0]) == [one]


def test_amounts_are_converted_on_the_officer_s_word_once_and_undone_with_the_import(
    crowd: Store, tmp_path: Path
) -> None:
    path = tenth(tmp_path)
    tried = imports.import_files(crowd, [path], Choices(settled=None, suspects=True), dry_run=True)
    before = answers_only(crowd)
    decided = Choices(settled=None, suspects=True, converted={one.key for one in tried.suspects})
    report = imports.import_files(crowd, [path], decided)
    assert (report.converted, report.suspects) == (1, [])
    assert values(crowd, WRONG)["revenue"] == pytest.approx(amounts(WRONG, 2025)["revenue"], abs=10)
    again = imports.import_files(crowd, [path], Choices(suspects=True))
    assert (again.changed, again.collisions, again.suspects, again.batch) == (0, [], [], 0)
    assert undoing.undo(crowd, report.batch).kept == []
    assert answers_only(crowd) == before


# What must not happen behind anybody's back


def test_a_conflict_between_files_stays_one_however_often_they_come(desk: Store, tmp_path: Path) -> None:
    files = [table(tmp_path / "a.csv", f"{code_of(6)},丙,5,"), table(tmp_path / "b.csv", f"{code_of(6)},丙,6,")]
    for _ in range(3):
        report = imports.import_files(desk, files)
        assert [(one.file, one.before, one.after) for one in report.collisions] == [("b.csv", 5, 6)]
        assert values(desk, 6)["revenue"] == 5


def test_two_sheets_of_one_workbook_that_disagree_are_a_conflict(desk: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, revenue in (("一月", 5), ("二月", 500)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["统一社会信用代码", "营业收入"])
        sheet.write_row(1, 0, [code_of(6), revenue])
    book.close()
    for _ in range(2):
        report = imports.import_files(desk, [path])
        assert [(one.sheet, one.before, one.after) for one in report.collisions] == [("二月", 5, 500)]
        assert values(desk, 6)["revenue"] == 5


def test_a_decision_is_about_one_value_not_about_whatever_comes_next(desk: Store, tmp_path: Path) -> None:
    cells.write(desk, unit_of(desk), "2025", "revenue", 10)
    files = [table(tmp_path / f"{n}.csv", f"{code_of(1)},演示1,{n},") for n in (12, 13)]
    tried = imports.import_files(desk, files, dry_run=True)
    assert [one.after for one in tried.collisions] == [12, 13]
    report = imports.import_files(desk, files, Choices(settled={tried.collisions[0].key}))
    assert [one.after for one in report.collisions] == [13]
    assert values(desk)["revenue"] == 12


def test_files_that_disagree_are_not_settled_by_a_word_for_all(desk: Store, tmp_path: Path) -> None:
    files = [table(tmp_path / f"{n}.csv", f"{code_of(6)},丙,{n},") for n in (5, 6)]
    report = imports.import_files(desk, files, Choices(settled=None))
    assert (len(report.collisions), values(desk, 6)["revenue"]) == (1, 5)


def test_an_old_list_does_not_take_back_what_a_later_file_has_corrected(desk: Store, tmp_path: Path) -> None:
    old = table(tmp_path / "a.csv", f"{code_of(1)},演示1,5,")
    imports.import_files(desk, [old])
    imports.import_files(desk, [table(tmp_path / "b.csv", f"{code_of(1)},演示1,6,")])
    report = imports.import_files(desk, [old])
    assert [(one.before, one.after) for one in report.collisions] == [(6, 5)]
    assert values(desk)["revenue"] == 6


def test_a_name_that_is_kept_is_kept_in_the_register_too(desk: Store, tmp_path: Path) -> None:
    cells.write(desk, unit_of(desk), "2025", "name", "正确名称")
    report = imports.import_files(desk, [table(tmp_path / "a.csv", f"{code_of(1)},错误名称,,")])
    assert [one.item for one in report.collisions] == ["name"]
    assert next(unit.name for unit in desk.unit_list("2025")) == "正确名称"


def test_a_questionnaire_of_which_nobody_knows_what_was_sent_overwrites_nothing_unseen(
    desk: Store, tmp_path: Path
) -> None:
    imports.import_files(desk, [table(tmp_path / "0.csv", f"{code_of(1)},演示1,66,")])
    names = questionnaire(tmp_path / "a.xlsx", stamp_of(1), {"revenue": 6}, on_sheet=False)
    blank = questionnaire(tmp_path / "b.xlsx", stamp_of(unit="", name=""), {"uscc": code_of(1), "revenue": 7})
    for path in (names, blank):
        report = imports.import_files(desk, [path])
        assert (report.changed, [one.before for one in report.collisions]) == (0, [66])


# Undoing one after the other


def test_imports_on_top_of_one_another_are_undone_from_the_latest(desk: Store, tmp_path: Path) -> None:
    before = answers_only(desk)
    first = imports.import_files(desk, [table(tmp_path / "a.csv", f"{code_of(1)},演示1,6,", f"{code_of(5)},丙,5,6")])
    between = answers_only(desk)
    second = imports.import_files(desk, [table(tmp_path / "b.csv", f"{code_of(1)},,7,", f"{code_of(5)},,,7")])
    with pytest.raises(SurveyError, match="batch_later"):
        undoing.undo(desk, first.batch)
    assert undoing.undo(desk, second.batch).kept == []
    assert answers_only(desk) == between
    report = undoing.undo(desk, first.batch)
    assert (report.kept, report.units) == ([], 1)
    gone = desk.execute("SELECT id FROM unit WHERE kind = 'gone'").fetchall()
    assert [row for row in answers_only(desk)[0] if row[4] == "unit"] == before[0]
    assert answers_only(desk)[1:] == before[1:]
    again = imports.import_files(desk, [table(tmp_path / "c.csv", f"{code_of(5)},丙,8,9")])
    assert (again.new, values(desk, 5)["revenue"], len(gone)) == (1, 8, 1)


def test_a_value_that_somebody_has_confirmed_is_kept(desk: Store, tmp_path: Path) -> None:
    imports.import_files(desk, [table(tmp_path / "0.csv", f"{code_of(1)},演示1,5,")])
    report = imports.import_files(desk, [table(tmp_path / "a.csv", f"{code_of(1)},演示1,6,")])
    for value in (7, 6):
        cells.write(desk, unit_of(desk), "2025", "revenue", value, reason="电话核实")
    undone = undoing.undo(desk, report.batch)
    assert ([(one.item, one.now) for one in undone.kept], values(desk)["revenue"]) == ([("revenue", 6)], 6)


def test_a_unit_that_was_set_aside_is_told_and_gets_its_status_back(desk: Store, tmp_path: Path) -> None:
    desk.execute("UPDATE response SET status = 'deregistered', reason = '已注销' WHERE unit = ?", (unit_of(desk, 1),))
    desk.execute("UPDATE response SET status = 'submitted' WHERE unit = ?", (unit_of(desk, 2),))
    rows = [f"{code_of(n)},演示{n},5," for n in (1, 2)]
    report = imports.import_files(desk, [table(tmp_path / "a.csv", *rows)])
    assert report.revived == [(code_of(1), "演示1", "deregistered")]
    undoing.undo(desk, report.batch)
    assert desk.execute("SELECT status, reason FROM response ORDER BY unit").fetchall() == [
        ("deregistered", "已注销"), ("submitted", ""),
    ]  # fmt: skip


def test_each_file_is_told_of_what_it_brought_though_others_came_after(desk: Store, tmp_path: Path) -> None:
    imports.import_files(desk, [table(tmp_path / "a.csv", f"{code_of(4)},丁,9,8", f"{code_of(6)},丙,5,6")])
    later = imports.import_files(desk, [table(tmp_path / "b.csv", f"{code_of(6)},丙,,7")])

    def origin(item: str) -> tuple[str, int] | None:
        found = provenance.of_cell(desk, unit_of(desk, 6), "2025", item)
        return (found.source, found.row) if found else None

    assert (origin("revenue"), origin("employees")) == (("a.csv", 3), ("b.csv", 2))
    undoing.undo(desk, later.batch)
    assert (origin("revenue"), origin("employees")) == (("a.csv", 3), ("a.csv", 3))


def test_the_city_keeps_what_it_has_imported_when_a_return_comes_again(
    desk: Store, tmp_path: Path, lists: Scheme, texts: Texts
) -> None:
    cells.write(desk, unit_of(desk), "2025", "revenue", 10)
    sent = tmp_path / "return.xlsx"
    returns.write(desk, sent, texts)
    city = stores.create(tmp_path / "city.census", lists, "2025", None)
    merge(city, [sent])
    imports.import_files(city, [table(tmp_path / "a.csv", f"{code_of(1)},演示1,12,777")])
    [report] = merge(city, [sent])
    assert report.conflicts == []
    assert (values(city)["revenue"], values(city)["employees"]) == (12, 777)
    cells.write(desk, unit_of(desk), "2025", "revenue", 11)
    returns.write(desk, sent, texts)
    [report] = merge(city, [sent])
    assert [(one.item, one.base, one.kept, one.offered) for one in report.conflicts] == [("revenue", 10, 12, 11)]
    assert (values(city)["revenue"], values(city)["employees"]) == (12, 777)
    city.close()
