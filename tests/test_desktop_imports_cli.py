"""Importing from the command line: folders, conflicts, numbers of imports, undoing one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import code_of
from desktop_desk import file_of, stored
from returned_questionnaires import questionnaire, stamp_of

from desktop.cli import main
from survey.scheme import Scheme

UNITS = {code_of(n): {"name": f"演示{n}", "revenue": 10 * n} for n in (1, 2)}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def file(tmp_path: Path, small: Scheme) -> Path:
    return file_of(tmp_path, small, UNITS)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An answer, a conflict, rubbish, what an open workbook leaves beside itself, and something that is no table."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    for number, sent, answer in ((1, 10, 11), (2, 19, 21)):
        stamp = stamp_of(number, sent={"revenue": sent}, version="0.1")
        questionnaire(folder / f"{number}.xlsx", stamp, {"revenue": answer})
    (folder / "bad.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (folder / "~$1.xlsx").write_bytes(b"lock")
    (folder / "说明.docx").write_bytes(b"text")
    return folder


def facts(file: Path, *arguments: object) -> tuple[int, dict[str, Any], str]:
    json_path = file.with_suffix(".json")
    result = run("import", file, *arguments, "--json", json_path)
    return result.exit_code, json.loads(json_path.read_text(encoding="utf-8")), result.output


def test_a_folder_is_imported_and_every_file_is_told(file: Path, inbox: Path) -> None:
    code, found, told = facts(file, inbox)
    assert (code, found["changed"], found["identical"], found["conflicts"], found["batch"]) == (1, 1, 1, 1, 1)
    assert {one["file"]: (one["kind"], one["state"]) for one in found["files"]} == {
        "1.xlsx": ("questionnaire", "changed"), "2.xlsx": ("questionnaire", "collision"), "bad.xlsx": ("", "refused"),
    }  # fmt: skip
    assert [(one["item"], one["cell"], one["before"], one["after"], one["taken"]) for one in found["fields"]] == [
        ("revenue", "C3", 10, 11, True), ("revenue", "C3", 20, 21, False),
    ]  # fmt: skip
    assert "保留“20”，文件中是“21”" in told
    assert "没有读取 bad.xlsx" in told
    assert [stored(file, code_of(n))["revenue"] for n in (1, 2)] == [11, 20]


def test_the_files_are_right_where_the_officer_says_so(file: Path, inbox: Path) -> None:
    code, found, _ = facts(file, inbox, "--take-conflicts")
    assert (code, found["conflicts"]) == (1, 0)
    assert stored(file, code_of(2))["revenue"] == 21


def test_an_import_is_listed_and_undone_by_its_number(file: Path, inbox: Path) -> None:
    facts(file, inbox, "--who", "演示员")
    listed = run("imports", file)
    assert (listed.exit_code, "1.xlsx" in listed.output, "演示员" in listed.output) == (0, True, True)
    tried = run("imports", file, "--undo", 1, "--dry-run")
    assert (tried.exit_code, "恢复 1 个单元格" in tried.output) == (0, True)
    assert stored(file, code_of(1))["revenue"] == 11
    assert run("imports", file, "--undo", 1).exit_code == 0
    assert stored(file, code_of(1))["revenue"] == 10
    assert run("imports", file, "--undo", 1).exit_code == 2
    assert "撤销" in run("imports", file).output


def test_a_folder_without_any_table_is_refused(file: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("import", file, empty)
    assert (result.exit_code, "没有可以导入的表格" in result.output) == (2, True)


def test_where_nothing_could_be_read_the_exit_code_is_two(file: Path, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 no workbook")
    assert run("import", file, tmp_path / "a.xlsx", tmp_path / "b.xlsx").exit_code == 2
