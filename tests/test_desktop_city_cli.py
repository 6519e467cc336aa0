"""The command line of the city's desk: board, register, merging in part, undoing, rejecting, conflicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import code_of
from senders import B, P, Sender, value, written

from desktop.cli import main
from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def path(city: Store) -> Path:
    return city.path


def test_units_that_are_left_out_stay_and_a_mistyped_code_takes_nothing(
    path: Path, sender: Sender, city: Store
) -> None:
    assert run("merge", path, sender.says({1: 10, 2: 20})).exit_code == 0
    later = sender.says({1: 11, 2: 21})
    wrong = run("merge", path, later, "--leave-out", "91440300MA9000010X")
    assert wrong.exit_code == 2
    assert "没有并入任何上报表" in wrong.output
    assert value(city, 1) == 10
    result = run("merge", path, later, "--leave-out", code_of(2))
    assert "没有收 1 家单位" in result.output
    assert (value(city, 1), value(city, 2)) == (11, 20)


def test_a_return_is_undone_and_said_what_is_kept(path: Path, sender: Sender, city: Store) -> None:
    run("merge", path, sender.says({1: 10, 2: 20}))
    run("merge", path, sender.says({1: 11, 2: 21}))
    written(city, 1, 99)
    tried = run("merge", path, "--undo", 2, "--dry-run")
    assert "试撤销（文件未改动）" in tried.output
    assert value(city, 2) == 21
    done = run("merge", path, "--undo", 2)
    assert done.exit_code == 1
    assert "撤销南山区第 2 次上报" in done.output
    assert f"{code_of(1)} 演示1  T-02.301 营业收入  99" in done.output
    assert (value(city, 1), value(city, 2)) == (99, 20)
    register = run("returns", path).output
    assert "第 2 号  南山区 第 2 次  已撤销" in register
    assert "第 1 号  南山区 第 1 次  已并入" in register


def test_a_return_is_rejected_with_a_reason_that_stands_in_the_register(path: Path, sender: Sender) -> None:
    sent = sender.says({1: 10})
    assert run("merge", path, "--reject", sent).exit_code == 2
    assert run("merge", path, "--reject", sent, "--reason", "封面未签字", "--who", "张三").exit_code == 0
    result = run("returns", path, "--json", path.parent / "r.json")
    assert "已退回" in result.output
    assert "原因：封面未签字" in result.output
    [one] = json.loads((path.parent / "r.json").read_text(encoding="utf-8"))
    assert (one["state"], one["who"], one["path"]) == ("rejected", "张三", str(sent.resolve()))


@pytest.mark.parametrize("arguments", [(), ("a.xlsx", "--undo", "1"), ("--undo", "1", "--reject", "a.xlsx")])
def test_one_thing_at_a_time(path: Path, arguments: tuple[str, ...]) -> None:
    result = run("merge", path, *arguments)
    assert result.exit_code == 2
    assert "三者选一" in result.output


def test_the_board_tells_who_has_sent_and_what_is_open(path: Path, sender: Sender) -> None:
    run("merge", path, sender.says({1: 10, 2: 20}, main_revenue=15))
    unchecked = run("board", path, "--due", "2000-01-01")
    assert "共 3 个：已收 0，草稿 1，未报 2。截止日期：2000-01-01" in unchecked.output
    assert "还没有审核过" in unchecked.output
    run("check", path)
    result = run("board", path, "--json", path.parent / "b.json")
    assert "南山区  草稿  2 家单位" in result.output
    assert "福田区  逾期未报" in result.output
    assert "T-02  错误 1　待说明 0　冲突 0" in result.output
    facts = json.loads((path.parent / "b.json").read_text(encoding="utf-8"))
    [mine] = [one for one in facts["senders"] if one["sender"] == B]
    assert (mine["state"], mine["overdue"], mine["forms"]["T-02"]["errors"]) == ("draft", True, 1)
    assert run("board", path, "--due", "三月底").exit_code == 2


def test_conflicts_are_listed_decided_and_taken_back(path: Path, sender: Sender, city: Store) -> None:
    run("merge", path, sender.says({1: 10, 2: 20}))
    written(city, 1, 11)
    written(city, 2, 21)
    run("merge", path, sender.says({1: 12, 2: 22}))
    listed = run("conflicts", path)
    assert listed.exit_code == 1
    assert "市里 11  南山区报 12" in listed.output
    assert "T-02!D8" in listed.output
    assert run("conflicts", path, "--settle", "district").exit_code == 2
    one = run("conflicts", path, "--settle", "value", "--value", "15", "--id", "1", "--reason", "已核对")
    assert "已处理 1 处冲突" in one.output
    assert "待处理的冲突：1 处" in one.output
    assert value(city, 1) == 15
    assert run("conflicts", path, "--settle", "district", "--sender", B).exit_code == 0
    assert value(city, 2) == 22
    back = run("conflicts", path, "--reopen", "--item", "revenue")
    assert "已撤回 2 个决定" in back.output
    assert (value(city, 1), value(city, 2)) == (11, 21)


def test_who_is_expected_is_kept_and_stands_on_the_board(tmp_path: Path, small: Scheme) -> None:
    desk = tmp_path / "district.census"
    stores.create(desk, small, P, B).close()
    told = run("board", desk, "--expect", "东片", "--expect", "西片")
    assert "共 2 个：已收 0，草稿 0，未报 2" in told.output
    assert "西片  未报" in told.output
    assert "共 1 个" in run("board", desk, "--expect-no-more", "西片").output
    refused = run("board", desk, "--expect", "南片", "--expect", "东片")
    assert refused.exit_code == 2
    assert "共 1 个" in run("board", desk).output


def test_an_officer_s_part_takes_no_returns(tmp_path: Path, small: Scheme) -> None:
    part = tmp_path / "part.census"
    stores.create(part, small, P, B, part="东片").close()
    assert run("board", part).exit_code == 2
