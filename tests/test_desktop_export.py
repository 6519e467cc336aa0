"""The command line's other doors."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from test_desktop_cli import run


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A desk of the cluster with one unit (演示数据)."""
    path, listed = tmp_path / "d.census", tmp_path / "list.csv"
    run("new", path, "--scheme", "ic-cluster", "--period", "2025", "--district", "440305")
    listed.write_text(f"uscc,name,segment,revenue\n{code_of(1)},演示数据,design,100\n", encoding="utf-8")
    assert run("import", path, listed).exit_code == 0
    return path


def test_what_becomes_of_the_answers_follows_from_the_name(desk: Path, tmp_path: Path) -> None:
    assert run("export", desk, tmp_path / "folder").exit_code == 0
    assert run("export", desk, tmp_path / "copy.db").exit_code == 0
    assert (tmp_path / "folder" / "IC-02 财务状况.csv").is_file()
    assert (tmp_path / "copy.db").read_bytes().startswith(b"SQLite format 3")


def test_the_questionnaire_leaves_as_an_xlsform(desk: Path, tmp_path: Path) -> None:
    result = run("export", desk, tmp_path / "form.xlsx", "--form", "IC-02")
    assert result.exit_code == 0
    assert "条审核关系写成了约束或提示" in result.output
    assert (tmp_path / "form.xlsx").is_file()


def test_a_folder_with_labels_is_taken_back_as_it_is(desk: Path, tmp_path: Path) -> None:
    assert run("export", desk, tmp_path / "folder", "--labels").exit_code == 0
    result = run("import", desk, *sorted((tmp_path / "folder").glob("*.csv")))
    assert "新增 0，变更 0，相同 1，退回 0" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("x.pdf",), "--to"), (("x.db", "--period", "25"), "四位年份"), (("x.db", "--form", "IC-99"), "IC-99")],
)
def test_what_cannot_be_exported_is_refused(desk: Path, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    before = set(tmp_path.iterdir())
    result = run("export", desk, tmp_path / arguments[0], *arguments[1:])
    assert result.exit_code == 2
    assert words in result.output
    assert set(tmp_path.iterdir()) == before
