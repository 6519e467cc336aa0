"""What an enterprise is called runs in nobody's spreadsheet, and names no file outside the folder that was chosen."""

from __future__ import annotations

import ast
import csv
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT, code_of
from lxml import etree
from test_injection_shown import sly

from desktop import paste
from desktop.case_list import call_rows, write_xlsx
from desktop.chart_view import as_text
from desktop.cli import main
from desktop.journal_words import write_csv
from indicators import definition, tables, workbook
from indicators.computation import Computation
from survey import (
    annotating,
    cells,
    csvfolder,
    journal,
    notes,
    queries,
    querybook,
    questionnairebook,
    receiptbook,
    returns,
    reviewbook,
    sqlitecopy,
)
from survey import store as stores
from survey.csvguard import guarded, pasted, unguarded
from survey.errors import SurveyError
from survey.files import UNTOLD, safe
from survey.merge import merge
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

EVIL = (
    '=HYPERLINK("http://x","y")', "+1", "@SUM(1)", "-2+3", "\t=1", "\r=1+1", "=cmd|' /C calc'!A0", "http://x.example/",
    '"=1', "'=1", "{=1}", "=" + "1+" * 140 + "1",
)  # fmt: skip
TRAVERSAL = (
    "../../x",
    "/etc/x",
    "..\\..\\x",
    "C:\\x",
    "CON",
    "nul.txt",
    "x.",
    "x ",
    "a\0b",
    "..",
    "",
    "LPT1",
    "~/x",
    "a/b\nc",
)
_FORMULA = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f"
_LINK = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}hyperlink"
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")


# What a form or a table lets in as the name of a unit.
NAMES = tuple(name for name in EVIL if name == name.strip() and len(name) < 200)


def filled(store: Store, names: tuple[str, ...]) -> None:
    for number, name in enumerate(names, 1):
        unit = cells.add_unit(store, code_of(number), name, "2025")
        cells.write(store, unit, "2025", "main_revenue", 5)
        notes.add(store, unit, "2025", name)


@pytest.fixture
def evil(tmp_path: Path, small: Scheme) -> Iterator[Store]:
    """A district whose enterprises, and whose officer, are called what a spreadsheet would run."""
    with closing(stores.create(tmp_path / "district.census", small, "2025", "440305")) as store:
        filled(store, NAMES)
        for number, name in enumerate(NAMES, 1):
            cells.write(store, number, "2025", "revenue", -number, who=name, reason=name)
        for name in EVIL:
            journal.record(store, "exported", name, what=name)
        queries.ask_all(store, _units(store), "2025")
        yield store


def formulas(path: Path) -> list[str]:
    """The formulas and links of a workbook, of every sheet."""
    found = []
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if _SHEET.fullmatch(name):
                tree = etree.fromstring(book.read(name))
                found += [cell.text or "" for cell in tree.iter(_FORMULA)]
                found += [str(link.attrib) for link in tree.iter(_LINK) if "location" not in link.attrib]
    return found


def ours(formula: str) -> bool:
    """Whether a formula is of the questionnaire itself: it names cells, and none of what an enterprise is called."""
    return not any(name.lstrip("=\t\r")[:12] in formula for name in EVIL if len(name) > 6)


def _units(store: Store) -> list[int]:
    return [row[0] for row in store.execute("SELECT id FROM unit")]


def _review(store: Store, path: Path, texts: Texts) -> None:
    review = Review(store, "2025")
    reviewbook.write(store, review, list(review.findings()), path, texts)


WRITERS: dict[str, Callable[[Store, Path, Texts], object]] = {
    "return": returns.write,
    "queries": lambda store, path, texts: querybook.write(store, _units(store), "2025", path, texts),
    "questionnaire": lambda store, path, texts: questionnairebook.write(store, 1, "2025", path, texts),
    "review": _review,
    "calls": lambda store, path, texts: write_xlsx(
        path, "名单", *call_rows(store, _units(store), "2025", texts), UNTOLD
    ),
}


@pytest.mark.parametrize("name", WRITERS)
def test_no_workbook_holds_a_formula_that_an_enterprise_wrote(
    evil: Store, tmp_path: Path, texts: Texts, name: str
) -> None:
    path = tmp_path / f"{name}.xlsx"
    try:
        WRITERS[name](evil, path, texts)
    except SurveyError as error:
        pytest.fail(str(error))
    found = formulas(path)
    assert [one for one in found if not ours(one)] == []
    if name != "questionnaire":
        assert found == []


def test_every_questionnaire_and_query_stays_in_its_folder_and_runs_nothing(
    evil: Store, tmp_path: Path, texts: Texts
) -> None:
    for folder, write in (("q", questionnairebook.write_each), ("a", querybook.write_each)):
        write(evil, _units(evil), "2025", tmp_path / folder, texts)
        found = sorted((tmp_path / folder).rglob("*"))
        assert found
        assert all(one.parent == tmp_path / folder and one.suffix == ".xlsx" for one in found)
        assert [one for path in found for one in formulas(path) if not ours(one)] == []


def test_receipts_and_annotated_copies_run_nothing(evil: Store, tmp_path: Path, small: Scheme, texts: Texts) -> None:
    sent = returns.write(evil, tmp_path / "return.xlsx", texts).path
    with closing(stores.create(tmp_path / "city.census", small, "2025", None)) as city:
        [report] = merge(city, [sent])
        assert report.error is None
        assert {unit.name for unit in city.unit_list("2025")} >= {EVIL[0], "+1", "@SUM(1)", "-2+3"}
        written = receiptbook.write(city, "440305", tmp_path / "receipt.xlsx", texts, who=EVIL[0]).path
    assert formulas(written) == []
    table = tmp_path / "list.csv"
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["uscc", "name", "district", "revenue"])
        writer.writerows([code_of(50 + number), name, "440305", "x"] for number, name in enumerate(EVIL))
    copies = annotating.write_copies(evil, [table], tmp_path / "copies", texts)
    books = list((tmp_path / "copies").glob("*.xlsx"))
    assert books, copies
    assert [one for path in books for one in formulas(path)] == []


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "@SUM(1)", "http://x.example/", "{=1}"])
def test_a_summary_runs_nothing_that_a_scheme_or_a_table_is_called(
    tmp_path: Path, data: Path, texts: Texts, name: str
) -> None:
    scheme = sly(data, name)
    with closing(stores.create(tmp_path / "city.census", scheme, "2025", None)) as store:
        filled(store, NAMES)
        workbook.write(
            tables.summary(Computation(store, definition.load(scheme)), "2025", texts),
            tmp_path / "s.xlsx",
            texts,
            UNTOLD,
        )
    with zipfile.ZipFile(tmp_path / "s.xlsx") as book:
        assert any(name.replace("'", "&apos;") in (text := book.read(part).decode()) or name in text
                   for part in book.namelist() if part.endswith(".xml"))  # fmt: skip
    assert [one for one in formulas(tmp_path / "s.xlsx") if name.lstrip("=+@{")[:6] in one and len(name) > 2] == []
    assert [one for one in formulas(tmp_path / "s.xlsx") if "http" in one] == []


def test_every_cell_of_a_csv_is_guarded_and_read_back_as_it_was(evil: Store, tmp_path: Path, texts: Texts) -> None:
    csvfolder.write(evil, tmp_path / "out", texts)
    write_csv(tmp_path / "out" / "journal.csv", journal.entries(evil, most=-1), texts, UNTOLD)
    done = CliRunner().invoke(main, ["duplicates", str(evil.path), "--csv", str(tmp_path / "out" / "pairs.csv")])
    assert done.exit_code in (0, 1), done.output
    names, cells_seen = set(), 0
    for path in (tmp_path / "out").rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                cells_seen += len(row)
                names |= {unguarded(cell) for cell in row}
                assert [cell for cell in row if runs(cell)] == [], path
    assert cells_seen > 100
    assert set(NAMES) <= names


def runs(cell: str) -> bool:
    """Whether a spreadsheet that opens the table would compute something out of a cell."""
    if re.fullmatch(r'="([^"]|"")*"', cell):
        return False
    return cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)


@pytest.mark.parametrize("text", EVIL)
def test_what_is_guarded_does_not_run_and_means_the_same(text: str) -> None:
    assert not runs(guarded(text))
    assert unguarded(guarded(text)) == text
    assert paste.rows_of(pasted(text)) == [[text.replace("\r", "\n")]]
    assert not runs(next(csv.reader([pasted(text)], dialect="excel-tab"))[0])


def test_the_clipboard_runs_nothing_and_is_pasted_back_as_it_was() -> None:
    class Table:
        def table(self) -> list[list[str]]:
            return [["指标", EVIL[0]], ["-2+3", "-5.5"], ["+1", "12%"]]

    text = as_text(Table())  # type: ignore[arg-type]
    assert not any(runs(cell) for row in text.split("\n") for cell in row.split("\t"))
    assert "\t-5.5" in text
    assert paste.rows_of(text)[1] == ["-2+3", "-5.5"]


def test_a_plain_copy_holds_what_was_said_as_texts(evil: Store, tmp_path: Path, texts: Texts) -> None:
    path = sqlitecopy.write(evil, tmp_path / "out.sqlite", texts)
    with closing(sqlite3.connect(path)) as copy:
        kinds = copy.execute("SELECT DISTINCT typeof(name) FROM unit").fetchall()
    assert kinds == [("text",)]


@pytest.mark.parametrize("name", TRAVERSAL)
def test_a_name_is_a_name_on_every_system(name: str, tmp_path: Path) -> None:
    found = safe(name)
    assert not set(found) & set('\\/:*?"<>|\0\n\r')
    assert found == found.strip(" .")
    assert found.partition(".")[0].upper() not in ("CON", "NUL", "AUX", "PRN", "LPT1")
    target = (tmp_path / f"x{found}.xlsx").resolve()
    assert target.parent == tmp_path.resolve()


def test_whatever_units_are_called_nothing_is_written_outside_the_folder(
    tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    inside = tmp_path / "inside" / "deep"
    inside.mkdir(parents=True)
    with closing(stores.create(inside / "d.census", small, "2025", "440305")) as store:
        filled(store, tuple(name for name in TRAVERSAL if name))
        for unit in _units(store):
            cells.write(store, unit, "2025", "revenue", 1)
        queries.ask_all(store, _units(store), "2025")
        before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(inside)}
        for folder, write in (("q", questionnairebook.write_each), ("a", querybook.write_each)):
            write(store, _units(store), "2025", inside / folder, texts)
            assert all(path.parent == inside / folder for path in (inside / folder).rglob("*"))
        csvfolder.write(store, inside / "csv", texts)
        assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(inside)} == before


def test_nothing_of_an_archive_is_ever_unpacked_by_its_own_name() -> None:
    """Parts are read into memory; the program has no other way with an archive."""
    for path in sources():
        called = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert not called & {"extract", "extractall", "unpack_archive"}, path


def test_nothing_foreign_is_evaluated_or_unpickled() -> None:
    for path in sources():
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__"), f"{path}:{node.lineno}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
                assert not names & {"marshal", "shelve", "dill", "joblib", "yaml"}, path
                # Between the reader and the child that it has started itself.
                assert "pickle" not in names or path == ROOT / "survey" / "reader.py", path


def sources() -> list[Path]:
    return [path for name in ("survey", "indicators", "desktop") for path in (ROOT / name).rglob("*.py")]
