"""The other doors: the answers as CSV files that come back the same, and as a plain SQLite file."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from conftest import code_of
from hypothesis import given
from hypothesis import strategies as st

from survey import cells, csvfolder, imports, sqlitecopy
from survey import store as stores
from survey.csvguard import guarded, unguarded
from survey.errors import SurveyError
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts, load

TRICKY = '=HYPERLINK("http://x","y")'


@pytest.fixture
def desk(tmp_path: Path, lists: Scheme) -> Store:
    """Two units of two years, with lines, blanks, zeros and names that a spreadsheet would spoil (演示数据)."""
    store = stores.create(tmp_path / "desk.census", lists, "2025", "440305")
    for number, name in enumerate((TRICKY, "演示数据2"), 1):
        unit = cells.add_unit(store, code_of(number), name, "2025")
        for year, revenue in (("2024", 0), ("2025", 1234567)):
            answers = {"uscc": code_of(number), "name": name, "district": "440305", "began": "2018-05",
                       "backbone": 0, "revenue": revenue, "share": 0.1 + number}  # fmt: skip
            for item, value in answers.items():
                cells.write(store, unit, year, item, value)
        cells.write(store, unit, "2025", "segment", "design")
        for line in (1, 2):
            cells.write(store, unit, "2025", "product_name", f"-{line}", line=line)
            cells.write(store, unit, "2025", "product_revenue", line - 1, line=line)
    return store


def again(tmp_path: Path, store: Store) -> Store:
    return stores.create(tmp_path / "again.census", store.scheme, "2025", "440305")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_csv_folder_comes_back_to_the_same_answers(
    desk: Store, tmp_path: Path, assets: Path, lang: str, labels: bool
) -> None:
    texts = load(assets / "i18n", lang)
    csvfolder.write(desk, tmp_path / "a", texts, labels=labels)
    fresh = again(tmp_path, desk)
    report = imports.import_files(fresh, sorted((tmp_path / "a").glob("*.csv")))
    assert (report.rejections, report.unknown_columns, report.skipped) == ([], [], [])
    csvfolder.write(fresh, tmp_path / "b", texts, labels=labels)
    assert contents(tmp_path / "b") == contents(tmp_path / "a")
    assert len(contents(tmp_path / "a")) == 8


def test_a_csv_folder_taken_into_its_own_file_changes_nothing(desk: Store, tmp_path: Path, texts: Texts) -> None:
    csvfolder.write(desk, tmp_path / "a", texts)
    report = imports.import_files(desk, sorted((tmp_path / "a").glob("*.csv")))
    assert (report.new, report.changed, report.identical, report.rejected) == (0, 0, 4, 0)


def test_blank_and_zero_stay_apart(desk: Store, tmp_path: Path, texts: Texts) -> None:
    csvfolder.write(desk, tmp_path / "a", texts)
    head, *rows = table(next((tmp_path / "a").glob("T-02*")))
    found = [dict(zip(head, row, strict=True)) for row in rows]
    assert {(one["period"], one["revenue"], one["main_revenue"]) for one in found} == {
        ("2024", "0", ""), ("2025", "1234567", ""),
    }  # fmt: skip


def test_files_open_in_excel_as_utf_8_with_its_line_ends_and_unspoilt_codes(
    desk: Store, tmp_path: Path, texts: Texts
) -> None:
    csvfolder.write(desk, tmp_path / "a", texts)
    data = next((tmp_path / "a").glob("T-01*")).read_bytes()
    assert data.startswith(b"\xef\xbb\xbfuscc,period,name")
    assert data.count(b"\r\n") == data.count(b"\n") == 5
    assert f'"=""{code_of(1)}""",2025,"=""=HYPERLINK(""""http://x"""",""""y"""")"""'.encode() in data
    assert b'"=""2018-05"""' in data


def test_the_dictionary_tells_every_item(desk: Store, tmp_path: Path, texts: Texts) -> None:
    csvfolder.write(desk, tmp_path / "a", texts)
    head, *rows = table(tmp_path / "a" / "_说明" / "字段说明.csv")
    assert [unguarded(row[3]) for row in rows] == list(desk.scheme.items)
    assert dict(zip(head, rows[2], strict=True))["代码表"] == "district"


def test_one_form_of_one_period_is_exported_alone(desk: Store, tmp_path: Path, texts: Texts) -> None:
    csvfolder.write(desk, tmp_path / "a", texts, period="2024", form="T-02")
    files = list((tmp_path / "a").glob("*.csv"))
    assert [path.name for path in files] == ["T-02 财务与人员.csv"]
    assert {row[1] for row in table(files[0])[1:]} == {"2024"}


def test_a_form_that_is_not_there_is_refused(desk: Store, tmp_path: Path, texts: Texts) -> None:
    with pytest.raises(SurveyError) as caught:
        csvfolder.write(desk, tmp_path / "a", texts, form="T-99")
    assert caught.value.code == "no_such_form"
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "text",
    ["440305198001010000", "007", "2018-05", "1E5", "-5", "+86", "@x", "=1+1", "\tx", "TRUE", "5月1日", "￥5", "MAR1",
     '="7"', "'=1", "=" + "x" * 300],
)  # fmt: skip
def test_what_a_spreadsheet_would_spoil_or_run_is_guarded_and_comes_back(text: str) -> None:
    assert guarded(text) != text
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["深圳市南山区科技园1号", "design", "演示数据（1）", "", "x" * 300 + "1", "'quoted'"])
def test_what_no_spreadsheet_spoils_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


@given(st.text(st.sampled_from("='\"+-@\t\r1a月.,"), max_size=12) | st.text(max_size=300))
def test_every_text_comes_back_and_none_is_run(text: str) -> None:
    told = guarded(text)
    assert unguarded(told) == text
    assert not told.startswith(("+", "-", "@", "\t", "\r"))
    assert not told.startswith("=") or told[1:2] == told[-1:] == '"'


def test_the_sqlite_copy_is_read_without_knowing_the_program(desk: Store, tmp_path: Path, texts: Texts) -> None:
    path = sqlitecopy.write(desk, tmp_path / "answers.sqlite", texts)
    with closing(sqlite3.connect(path)) as found:
        asked = 'SELECT "单位详细名称", "所在区（代码）", "所在区", "骨干企业标志" FROM "T-01 单位基本情况"'
        assert found.execute(asked).fetchone() == (TRICKY, "440305", desk.scheme.districts.label("440305"), "否")
        money = 'SELECT "单位详细名称", "报告期", "营业收入（千元）", "主营业务收入（千元）" FROM "T-02 财务与人员"'
        assert ("演示数据2", "2024", 0, None) in found.execute(money).fetchall()
        assert found.execute("SELECT count(*), sum(product_revenue) FROM form_t_03").fetchone() == (4, 2)
        tables = {row[0] for row in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    forms = {form.table for form in desk.scheme.forms}
    assert tables == {"about", "code", "item", "unit", "response", *forms}


def test_every_form_of_the_cluster_has_a_view_with_titles_of_its_own(
    tmp_path: Path, cluster: Scheme, assets: Path
) -> None:
    store = stores.create(tmp_path / "c.census", cluster, "2025", "440305")
    for lang in ("zh", "en"):
        path = sqlitecopy.write(store, tmp_path / f"{lang}.db", load(assets / "i18n", lang))
        with closing(sqlite3.connect(path)) as found:
            views = [row[0] for row in found.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
            assert len(views) == len(cluster.forms)
            for view in views:
                heads = [one[0] for one in found.execute(f'SELECT * FROM "{view}"').description]
                assert len({head.casefold() for head in heads}) == len(heads)


def test_a_copy_that_cannot_be_made_leaves_the_earlier_one(desk: Store, tmp_path: Path, texts: Texts) -> None:
    path = tmp_path / "answers.db"
    path.write_bytes(b"earlier")
    with pytest.raises(SurveyError):
        sqlitecopy.write(desk, path, texts, form="T-99")
    assert path.read_bytes() == b"earlier"
