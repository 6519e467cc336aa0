"""The checks of a file and the city's control of them on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of

from desktop.cli import main
from survey import cells
from survey import store as stores
from survey.scheme import Scheme

WHY = ("--official", "王", "--reason", "该单位集团内结算，口径经核实不同")
OWN = ("--scope", "T-02", "--class", "B", "--message", "收入不小于利润")


@pytest.fixture
def file(tmp_path: Path, small: Scheme) -> Iterator[Path]:
    """The city's file with a unit that fails F01."""
    path = tmp_path / "city.census"
    store = stores.create(path, small, "2025", None)
    unit = cells.add_unit(store, code_of(1), "演示数据一", "2025")
    for name, value in {"revenue": 5, "main_revenue": 9, "total_profit": 1}.items():
        cells.write(store, unit, "2025", name, value)
    store.close()
    return path


def call(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def line(told: str, begins: str) -> str:
    return next((one for one in told.splitlines() if one.startswith(begins)), "")


def test_a_check_is_switched_off_and_the_list_of_checks_says_so(file: Path) -> None:
    told = call("control", file, "off", "F01", "--from", "2020-01-01", *WHY)
    assert "F01：停用，自 2020-01-01 起" in told
    assert line(call("rules", file, "list"), "F01").endswith("[停用]")
    call("control", file, "lift", "F01", "2020-01-01")
    assert line(call("rules", file, "list"), "F01") == "F01  A  营业收入不小于主营业务收入"


def test_a_check_takes_another_class(file: Path) -> None:
    call("control", file, "class", "F01", "C", *WHY)
    assert line(call("rules", file, "list"), "F01").startswith("F01  C  ")


def test_exemptions_are_given_and_taken_back(file: Path) -> None:
    assert f"F01：豁免 {code_of(1)}，2025 年" in call("control", file, "exempt", code_of(1), "F01", *WHY)
    assert code_of(1) not in call("control", file, "unexempt", code_of(1), "F01")


def test_a_list_is_signed_and_adopted(file: Path, tmp_path: Path, small: Scheme) -> None:
    call("control", file, "off", "F01", *WHY)
    call("control", file, "sign", tmp_path / "list.json", "--official", "王处长")
    district = tmp_path / "d.census"
    stores.create(district, small, "2025", "440305").close()
    assert "F01：停用" in call("control", district, "adopt", tmp_path / "list.json", "--dry-run")
    assert "没有采用" in call("control", district, "list")
    call("control", district, "adopt", tmp_path / "list.json")
    assert "执行市级第 1 号控制清单（王处长，" in call("control", district, "list")


def test_refusals_are_said_in_plain_words(file: Path) -> None:
    assert "没有编号为“F99”的审核关系" in call("control", file, "off", "F99", *WHY, code=2)
    assert "没有编号为“F99”的审核关系" in call("rules", file, "try", "F99", code=2)
    assert "不能在本地修改或删除" in call("rules", file, "remove", "F01", code=2)
    told = call("rules", file, "try", *OWN, "--expression", "301 >= total_profitt", code=2)
    assert "则（应当成立）：第 8 个字符处的“total_profitt”" in told


def test_an_own_check_is_added_changed_tried_and_removed(file: Path) -> None:
    assert "已保存本地审核 L-001" in call("rules", file, "add", *OWN, "--expression", "301 >= 327")
    call("rules", file, "add", "--code", "L-001", *OWN, "--expression", "301 >= 327 + 1")
    told = call("rules", file, "try", "L-001", "--expression", "301 > 6 * 327", code=1)
    assert "[营业收入] > 6 × [利润总额]" in told
    assert "通过 0，未通过 1，未能审 0；涉及 1 个单位。" in told
    assert "新增未通过 1 个单位" in told
    assert "通过 1，未通过 0" in call("rules", file, "try", "L-001")
    call("rules", file, "remove", "L-001")
    assert line(call("rules", file, "list"), "L-001") == ""


def test_a_contradiction_is_told_with_exit_code_1(file: Path) -> None:
    told = call("rules", file, "add", *OWN, "--expression", "301 < 302", code=1)
    assert "审核“L-001”与 F01 互相矛盾" in told
