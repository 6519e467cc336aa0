"""Submissions of field programs: ODK Central's CSV files and KoboToolbox's workbook come in like any other table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from conftest import ROOT, code_of
from python_calamine import CalamineWorkbook

from survey import imports, xlsform
from survey import store as stores
from survey.files import UNTOLD
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import LANGUAGES, load

META = ["SubmissionDate", "meta-instanceID", "meta-instanceName"]
TAIL = ["KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState",
        "DeviceID", "Edits", "FormVersion"]  # fmt: skip
NAMES = ["uscc", "name", "district", "segment", "revenue", "main_revenue"]
CENTRAL = [*META, "period", "t_01-t_01_s1-uscc", "t_01-t_01_s1-name", "t_01-t_01_s1-district", "t_01-t_01_s1-segment",
           "t_02-revenue", "t_02-main_revenue", "t_02-note_f01", *TAIL]  # fmt: skip
CENTRAL_LINES = ["t_03_line-product_name", "t_03_line-product_revenue", "PARENT_KEY", "KEY"]


@pytest.fixture
def desk(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    store = stores.create(tmp_path / "desk.census", lists, "2025", "440305")
    yield store
    store.close()


def central(number: int, review: str = "") -> list[object]:
    key = f"uuid:{number}"
    facts = ["2026-01-05T08:00:00Z", key, code_of(number), "2025", code_of(number), f"演示数据{number}", "440305"]
    return [*facts, "design", 1000 + number, 0, "", key, 7, "张", 0, 0, "", review, "", 0, "1"]


def line(number: int, at: int) -> list[object]:
    return [f"产品{at}", 10 * at, f"uuid:{number}", f"uuid:{number}/t_03/t_03_lines[{at}]"]


def text_table(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def workbook(path: Path, tables: dict[str, Sequence[Sequence[object]]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in tables.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    book.close()
    return path


def answers(store: Store) -> list[tuple[object, ...]]:
    return store.execute(
        "SELECT u.uscc, u.name, r.period, m.revenue, m.main_revenue FROM form_t_02 m"
        " JOIN response r ON r.id = m.response JOIN unit u ON u.id = r.unit ORDER BY 1"
    ).fetchall()


def lines_of(store: Store) -> list[tuple[object, ...]]:
    return store.execute(
        "SELECT u.uscc, p.line, p.product_name, p.product_revenue FROM form_t_03 p"
        " JOIN response r ON r.id = p.response JOIN unit u ON u.id = r.unit ORDER BY 1, 2"
    ).fetchall()


def test_the_files_of_odk_central_come_in_whatever_their_order(desk: Store, tmp_path: Path) -> None:
    lines = text_table(tmp_path / "census-t_03_lines.csv", [CENTRAL_LINES, line(1, 1), line(2, 1), line(1, 2)])
    main = text_table(tmp_path / "census.csv", [CENTRAL, central(1), central(2)])
    report = imports.import_files(desk, [lines, main])
    assert (report.rejections, report.unknown_columns, report.skipped) == ([], [], [])
    assert answers(desk) == [(code_of(n), f"演示数据{n}", "2025", 1000 + n, 0) for n in (1, 2)]
    assert lines_of(desk) == [
        (code_of(1), 1, "产品1", 10), (code_of(1), 2, "产品2", 20), (code_of(2), 1, "产品1", 10),
    ]  # fmt: skip


def test_a_submission_that_was_turned_down_stays_out_with_its_lines_and_moves_no_row(
    desk: Store, tmp_path: Path
) -> None:
    wrong = central(3)
    wrong[CENTRAL.index("t_01-t_01_s1-segment")] = "nowhere"
    main = text_table(tmp_path / "census.csv", [CENTRAL, central(1, "rejected"), central(2, "approved"), wrong])
    report = imports.import_files(desk, [main])
    assert [row[0] for row in answers(desk)] == [code_of(2), code_of(3)]
    assert [one.cell for one in report.rejections] == ["H4"]


def test_lines_without_their_submission_are_refused_by_their_rows(desk: Store, tmp_path: Path) -> None:
    lines = text_table(tmp_path / "census-t_03_lines.csv", [CENTRAL_LINES, line(9, 1)])
    report = imports.import_files(desk, [lines])
    assert [(one.cell, one.whole_row) for one in report.rejections] == [("E2", True)]
    assert lines_of(desk) == []


def test_a_workbook_of_kobotoolbox_comes_in_with_its_repeats(desk: Store, tmp_path: Path) -> None:
    groups = ["t_01/t_01_s1/uscc", "t_01/t_01_s1/name", "t_01/t_01_s1/district", "t_01/t_01_s1/segment",
              "t_02/revenue", "t_02/main_revenue"]  # fmt: skip
    tail = ["_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "__version__", "_index"]
    main = [["start", "end", "period", *groups, "meta/instanceID", *tail]]
    main += [
        ["t", "t", "2025", code_of(number), f"演示数据{number}", "440305", "design", 1000 + number, 0,
         f"uuid:{number}", number, f"u{number}", "t", "", "", "", "v1", number]
        for number in (1, 2)
    ]  # fmt: skip
    repeat = [["t_03/t_03_lines/t_03_line/product_name", "t_03/t_03_lines/t_03_line/product_revenue", "_index",
               "_parent_table_name", "_parent_index"],
              ["产品1", 10, 1, "census", 2], ["产品2", 20, 2, "census", 2]]  # fmt: skip
    report = imports.import_files(desk, [workbook(tmp_path / "kobo.xlsx", {"census": main, "t_03_lines": repeat})])
    assert (report.rejections, report.unknown_columns, report.skipped) == ([], [], [])
    assert [row[3] for row in answers(desk)] == [1001, 1002]
    assert lines_of(desk) == [(code_of(2), 1, "产品1", 10), (code_of(2), 2, "产品2", 20)]


def test_a_question_the_scheme_does_not_know_is_told_under_its_full_name(desk: Store, tmp_path: Path) -> None:
    main = text_table(tmp_path / "census.csv", [[*CENTRAL, "t_02-unheard"], [*central(1), "x"]])
    report = imports.import_files(desk, [main])
    assert report.unknown_columns == [("census.csv", "census", "t_02-unheard")]


def test_a_table_with_a_column_of_that_name_is_no_submission(desk: Store, tmp_path: Path) -> None:
    table = text_table(
        tmp_path / "list.csv", [[*NAMES, "ReviewState"], [code_of(1), "演示", "440305", "design", 5, 1, "rejected"]]
    )
    report = imports.import_files(desk, [table])
    assert report.unknown_columns == [("list.csv", "list", "ReviewState")]
    assert [row[3] for row in answers(desk)] == [5]


def exported(scheme: Scheme, folder: Path) -> tuple[list[str], dict[str, list[str]]]:
    """The columns that ODK Central gives the scheme's own questionnaire: of the submissions, and of each repeat."""
    spoken = {lang: load(ROOT / "assets" / "i18n", lang) for lang in LANGUAGES}
    path = xlsform.write(scheme, folder / "form.xlsx", spoken, "2025", UNTOLD).path
    main: list[str] = []
    repeats: dict[str, list[str]] = {}
    open_groups: list[tuple[str, str]] = []
    for kind, name, *_ in CalamineWorkbook.from_path(str(path)).get_sheet_by_name("survey").to_python()[1:]:
        if str(kind).startswith("begin_"):
            open_groups.append((str(kind), str(name)))
        elif str(kind).startswith("end_"):
            open_groups.pop()
        else:
            inside = [at for at, (one, _) in enumerate(open_groups) if one == "begin_repeat"]
            outer = open_groups[inside[-1] + 1 :] if inside else open_groups
            columns = repeats.setdefault(open_groups[inside[-1]][1], []) if inside else main
            columns.append("-".join([*(group for _, group in outer), str(name)]))
    return main, repeats


def names_of(columns: list[str]) -> list[str]:
    return [column.rpartition("-")[2] for column in columns]


def test_every_question_of_the_shipped_questionnaire_comes_back_to_its_item(tmp_path: Path, cluster: Scheme) -> None:
    store = stores.create(tmp_path / "c.census", cluster, "2025", "440305")
    main, repeats = exported(cluster, tmp_path)
    answers = {"period": "2025", "uscc": code_of(1), "name": "演示数据", "segment": "design", "revenue": 5}
    row = [answers.get(column.rpartition("-")[2], "") for column in main]
    files = [text_table(tmp_path / "census.csv", [[*META, *main, *TAIL], ["t", "uuid:1", "x", *row, "uuid:1"]])]
    for name, columns in repeats.items():
        asked = next(
            name
            for name in names_of(columns)
            if (item := cluster.items.get(name)) and item.type == "integer" and not item.computed
        )
        cells = ["7" if name == asked else "" for name in names_of(columns)]
        lines = [[*columns, "PARENT_KEY", "KEY"], [*cells, "uuid:1", f"uuid:1/{name}[1]"]]
        files.append(text_table(tmp_path / f"census-{name}.csv", lines))
    report = imports.import_files(store, files)
    assert (report.new, report.rejections, report.unknown_columns, report.skipped) == (1, [], [], [])
    assert len(files) == 1 + sum(form.is_list for form in cluster.forms_of("unit"))
    for form in cluster.forms_of("unit"):
        assert store.execute(f"SELECT count(*) FROM {form.table}").fetchone() == (1,)
    store.close()
