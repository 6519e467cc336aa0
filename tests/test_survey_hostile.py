"""The hostile files: each comes to what expected.toml says, and nothing of what is refused stays behind."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from foreign_files import taken

from survey import imports, reader
from survey import store as stores
from survey.book import Book
from survey.errors import SurveyError, in_words
from survey.importreport import ImportReport
from survey.reader import Reader
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import LANGUAGES, Texts, load

HOSTILE = Path(__file__).parent / "data" / "hostile"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((HOSTILE / "expected.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every hostile file by its name."""
    spec = importlib.util.spec_from_file_location("make", HOSTILE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {path.name: path for path in module.make(tmp_path_factory.mktemp("hostile"))}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, small: Scheme) -> Iterator[Store]:
    """One district for all files: a dry run leaves it as it was."""
    opened = stores.create(tmp_path_factory.mktemp("desk") / "district.census", small, "2025", "440305")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def catalogues() -> list[Texts]:
    return [load(HOSTILE.parents[2] / "assets" / "i18n", lang) for lang in LANGUAGES]


def outcome(report: ImportReport) -> dict[str, Any]:
    """What an import came to, as expected.toml has it; what is empty is left out."""
    found = {
        "new": report.new,
        "rejected": report.rejected,
        "troubles": [f"{one.sheet}!{one.cell} {one.code}" for one in report.rejections],
        "damage": [f"{one.cell} {one.kind}" for one in report.damage],
        "mended": dict(report.mended),
        "skipped": [sheet for _, sheet in report.skipped],
        "hidden": [sheet for _, sheet in report.hidden],
        "totals": [f"{sheet} {row}" for _, sheet, row in report.totals],
        "units": [f"{one.column} {one.unit} {one.factor}" for one in report.units_differ],
        "unknown": len(report.unknown_columns),
    }
    return {name: value for name, value in found.items() if value}


def state(store: Store) -> list[Any]:
    tables = ("unit", "source", "change", "form_t_01", "form_t_02", "mapping")
    return [store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def test_every_file_has_its_outcome_and_every_outcome_its_file(files: dict[str, Path]) -> None:
    assert sorted(files) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_file_comes_to_what_is_expected_of_it(
    desk: Store, files: dict[str, Path], catalogues: list[Texts], name: str
) -> None:
    before = state(desk)
    error = EXPECTED[name].get("error")
    if error:
        with pytest.raises(SurveyError) as caught:
            imports.import_files(desk, [files[name]])
        assert caught.value.code == error
        assert all(in_words(error, caught.value.facts, texts) for texts in catalogues)
    else:
        report = imports.import_files(desk, [files[name]], dry_run=True)
        assert outcome(report) == EXPECTED[name]
        assert all(one.reason(texts) for one in report.rejections for texts in catalogues)
    assert state(desk) == before


@pytest.mark.parametrize("name", [name for name, one in EXPECTED.items() if one.get("troubles")])
def test_what_is_taken_for_good_is_what_the_dry_run_said(district: Store, files: dict[str, Path], name: str) -> None:
    assert outcome(imports.import_files(district, [files[name]])) == EXPECTED[name]
    assert district.counts("2025")["units"] == EXPECTED[name]["new"]


def test_a_good_file_behind_hostile_ones_is_read_and_none_of_them_takes_more_memory_than_allowed(
    files: dict[str, Path],
) -> None:
    paths = [*files.values(), files["good.xlsx"]]
    with Reader() as one:
        outcomes = [taken(parts) for _, parts in one.read_many(paths, every_cell)]
    peaks = [found[-1] for found in outcomes if not isinstance(found, SurveyError)]
    assert outcomes[-1] == [15, peaks[-1]]
    assert max(peaks) < reader.MEMORY_LIMIT


@pytest.mark.parametrize(("name", "count"), [("days_1900.xlsx", 3), ("days_1904.xlsx", 1)])
def test_a_day_is_the_same_day_whatever_it_is_counted_from(
    district: Store, files: dict[str, Path], name: str, count: int
) -> None:
    imports.import_files(district, [files[name]])
    assert district.execute("SELECT founded FROM form_t_01").fetchall() == [("2024-12-31",)] * count


def test_what_a_text_is_made_of_does_not_show(district: Store, files: dict[str, Path]) -> None:
    for name in ("inline.xlsx", "rich_shared.xlsx"):
        assert imports.import_files(district, [files[name]]).rejections == []
        assert [unit.name for unit in district.unit_list("2025")] == ["演示数据1"]


def every_cell(book: Book) -> Iterator[int]:
    """How many cells hold something, and the most memory the child has had."""
    yield sum(cell != "" for sheet in book.sheets for row in book.rows(sheet) for cell in row)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    yield int(status.partition("VmHWM:")[2].split()[0]) * 1024
