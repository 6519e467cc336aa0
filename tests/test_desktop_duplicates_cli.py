"""Look-alikes on the command line: listed with their reasons, decided, taken back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import code_of
from test_survey_lookalikes import TWICE, put, slipped

from desktop.cli import main
from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store


@pytest.fixture
def path(tmp_path: Path, small: Scheme) -> Path:
    store = stores.create(tmp_path / "city.census", small, "2025", None)
    put(store, code_of(1), TWICE[0], district="440304")
    put(store, slipped(1), TWICE[1], district="440305")
    store.execute("UPDATE unit SET district = '440304' WHERE uscc = ?", (code_of(1),))
    put(store, code_of(3), "平安银行股份有限公司")
    put(store, code_of(4), "平安银行股份有限公司深圳坪山支行")
    store.close()
    return tmp_path / "city.census"


def run(path: Path, *options: str, lang: str = "zh") -> Result:
    return CliRunner().invoke(main, ["--lang", lang, "duplicates", str(path), *options])


def counted(path: Path) -> int:
    store: Store = stores.open(path)
    try:
        return store.counts("2025")["units"]
    finally:
        store.close()


def test_look_alikes_are_listed_with_what_speaks_for_them(path: Path) -> None:
    result = run(path)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert "确定" in lines[0]
    assert "代码只差一位、字号、行业相同" in lines[0]
    assert TWICE[0] in result.output
    assert "平安银行股份有限公司深圳坪山支行 可能是 平安银行股份有限公司 的分支机构，不是重复" in result.output
    assert lines[-1].startswith("共 1 组疑似重复（确定 1、很可能 0、可能 0），1 组疑似分支、迁移或更名")


def test_one_unit_is_kept_and_the_decision_listed_and_taken_back(path: Path) -> None:
    result = run(path, "--same", code_of(1), slipped(1), "--keep", code_of(1), "--who", "张三", "--reason", "电话核实")
    assert result.exit_code == 0, result.output
    assert (
        result.output
        == f"已合并为一个单位，保留 {code_of(1)}，由“福田区”计入；其余 1 个单位不再计入，答案仍留在文件中。\n"
    )
    assert counted(path) == 3
    told = run(path, "--decided").output
    assert "同一单位" in told
    assert f"{code_of(1)} {TWICE[0]}*" in told
    assert told.rstrip().endswith("张三　电话核实")
    assert run(path, "--undo", slipped(1), code_of(1)).output == "已撤销 1 项判断。\n"
    assert counted(path) == 4


def test_all_that_is_sure_is_settled_at_once_and_ties_are_left(path: Path) -> None:
    result = run(path, "--all-sure")
    assert result.exit_code == 1
    assert "已合并确定的 1 组" in result.output
    assert counted(path) == 3
    assert run(path, "--tie", code_of(4), "branch_of", code_of(3)).exit_code == 0
    result = run(path)
    assert (result.exit_code, result.output) == (0, "比对了 3 家单位，没有发现疑似重复。\n")
    assert counted(path) == 3


def test_what_is_different_is_not_listed_again(path: Path) -> None:
    assert run(path, "--different", code_of(1), slipped(1)).output == "已记为不同单位，不再提示。\n"
    assert "共 0 组疑似重复" in run(path).output


def test_the_pairs_are_written_for_excel_with_codes_unspoilt(path: Path, tmp_path: Path) -> None:
    run(path, "--csv", str(tmp_path / "pairs.csv"), "--json", str(tmp_path / "pairs.json"), lang="en")
    with (tmp_path / "pairs.csv").open(encoding="utf-8-sig", newline="") as file:
        head, first, second = csv.reader(file)
    assert head[:4] == ["Group", "Band", "Score", "Code 1"]
    assert first[3] == f'="{code_of(1)}"'
    assert first[-1] == "codes one character apart, same trade name and business"
    assert second[1] == "tie"
    facts = json.loads((tmp_path / "pairs.json").read_text(encoding="utf-8"))
    assert facts[0]["pairs"][0]["band"] == "sure"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--same", code_of(1), code_of(9), "--keep", code_of(1)], "名录里没有代码为"),
        (["--undo", code_of(1), code_of(3)], "没有可撤销的判断"),
        (["--different", code_of(1), code_of(1)], "只有一个单位"),
        (["--same", code_of(1), slipped(1)], "--keep 与 --same 同用"),
        (["--all-sure", "--undo", code_of(1), slipped(1)], "只能用一个"),
        (["--tie", code_of(1), "cousin_of", code_of(3)], "没有“cousin_of”这种关系"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(path: Path, options: list[str], words: str) -> None:
    result = run(path, *options)
    assert result.exit_code == 2
    assert words in result.output
    assert counted(path) == 4
    assert run(path, "--decided").output == ""
