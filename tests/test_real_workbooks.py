"""Workbooks from the test suites of other readers, and two real Chinese ones: each is read, or refused in words.

They are not part of the program: CENSUS_REAL_DATA names their folder, else it is looked for beside the checkout.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from foreign_files import taken

from survey import reader
from survey.book import Book
from survey.errors import SurveyError, in_words
from survey.rawcell import Unreadable
from survey.reader import Reader
from survey.texts import LANGUAGES, load

REAL = Path(os.environ.get("CENSUS_REAL_DATA") or Path(__file__).parents[2] / "shared" / "data" / "real")
CORPUS = REAL / "excel_corpus"
CHINESE = REAL / "excel_real_chinese"
# Parts of these have the wrong checksum, or stand twice: readers that do not look take what they find.
DAMAGED = {
    "poi__clusterfuzz-testcase-minimized-POIXSSFFuzzer-5265527465181184.xlsx",
    "poi__clusterfuzz-testcase-minimized-POIXSSFFuzzer-5937385319563264.xlsx",
    "poi__duplicate-filename-case-insensitive.xlsx",
}

pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the real workbooks are not there"),
]


def count(book: Book) -> Iterator[int]:
    """The cells that hold a value, and the most memory the child has had."""
    yield sum(
        cell != "" and not isinstance(cell, Unreadable)
        for sheet in book.sheets
        for row in book.rows(sheet)
        for cell in row
    )
    status = Path("/proc/self/status").read_text(encoding="ascii")
    yield int(status.partition("VmHWM:")[2].split()[0]) * 1024


def rows(book: Book) -> Iterator[tuple[str, list[list[Any]]]]:
    for sheet in book.sheets:
        yield sheet, list(book.rows(sheet))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[int] | SurveyError]:
    """What every workbook of the corpus comes to, read by one child after another."""
    with Reader() as one:
        files = sorted((CORPUS / "files").iterdir())
        return {path.name: taken(parts) for path, parts in one.read_many(files, count)}


@pytest.fixture(scope="module")
def manifest() -> dict[str, dict[str, str]]:
    with (CORPUS / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def test_every_workbook_has_an_outcome(
    outcomes: dict[str, list[int] | SurveyError], manifest: dict[str, dict[str, str]]
) -> None:
    assert sorted(outcomes) == sorted(manifest)
    assert sum(not isinstance(outcome, SurveyError) for outcome in outcomes.values()) >= 425


def test_where_other_readers_agree_the_same_cells_are_read(
    outcomes: dict[str, list[int] | SurveyError], manifest: dict[str, dict[str, str]]
) -> None:
    agreed = {name for name, row in manifest.items() if row["readers_verdict"] == "agree"}
    found = {name: outcomes[name] for name in agreed}
    differing = {
        name: (outcome, manifest[name]["calamine_nonempty_cells"])
        for name, outcome in found.items()
        if isinstance(outcome, SurveyError) or outcome[0] != int(manifest[name]["calamine_nonempty_cells"])
    }
    assert differing == {}


def test_only_what_is_damaged_is_refused_where_calamine_reads(
    outcomes: dict[str, list[int] | SurveyError], manifest: dict[str, dict[str, str]]
) -> None:
    read = {name for name, row in manifest.items() if row["calamine_nonempty_cells"]}
    assert {name for name in read if isinstance(outcomes[name], SurveyError)} == DAMAGED


def test_a_workbook_that_is_refused_is_refused_in_both_languages(
    outcomes: dict[str, list[int] | SurveyError], assets: Path
) -> None:
    catalogues = [load(assets / "i18n", lang) for lang in LANGUAGES]
    for outcome in outcomes.values():
        if isinstance(outcome, SurveyError):
            assert all(in_words(outcome.code, outcome.facts, texts) for texts in catalogues)


def test_a_workbook_with_a_password_says_so(
    outcomes: dict[str, list[int] | SurveyError], manifest: dict[str, dict[str, str]]
) -> None:
    locked = {name for name, row in manifest.items() if row["password"]}
    refused = {name for name, outcome in outcomes.items() if isinstance(outcome, SurveyError)}
    told = {name for name in refused if getattr(outcomes[name], "code", "") == "password"}
    assert locked & refused <= told
    assert len(told) >= 20


def test_no_workbook_takes_more_memory_than_allowed(outcomes: dict[str, list[int] | SurveyError]) -> None:
    assert max(outcome[1] for outcome in outcomes.values() if isinstance(outcome, list)) < reader.MEMORY_LIMIT


def test_the_list_of_an_exchange_is_read_as_it_stands() -> None:
    with Reader() as one, one.read(CHINESE / "szse_A+B股列表.xlsx", rows) as parts:
        [(_, lines)] = list(parts)
    assert len(lines) == 35
    assert [lines[0][at] for at in (0, 4, 7)] == ["板块", "A股代码", "A股总股本"]
    assert [lines[1][at] for at in (0, 4, 7)] == ["主板", "000011", "528,373,849"]


def test_eight_sheets_below_titles_are_read_as_they_stand() -> None:
    with Reader() as one, one.read(CHINESE / "7城上市公司精选.xlsx", rows) as parts:
        found = dict(parts)
    assert list(found) == ["汇总", "深圳", "广州", "佛山", "珠海", "福州", "厦门", "长沙"]
    assert [len(lines) for lines in found.values()] == [15, *[34] * 7]
    assert found["深圳"][3][:3] == ["序号", "证券代码", "公司名称"]
    assert found["深圳"][5][:3] == [2.0, "002594", "比亚迪"]
