"""Spoilt codes: the evidence, the proposals, and that none is taken by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from hypothesis import given
from hypothesis import strategies as st

from survey import cells, sheets
from survey.repairs import Repairs
from survey.store import Store

CODE = "91440300MA5DQXB29L"
DIGITS = "914403001922038216"


def proposed(found: str, name: str = "") -> list[tuple[str, str]]:
    repairs = Repairs([(DIGITS, "演示数据甲", ""), (CODE, "演示数据乙", ""), ("91440300192203821X", "演示数据丙", "")])
    return [(one.code, one.evidence) for one in repairs.propose(found, name)]


@pytest.mark.parametrize(
    ("found", "name", "expected"),
    [
        ("914403001922038000", "", [DIGITS, "91440300192203821X"]),
        ("914403001922038000.0", "", [DIGITS, "91440300192203821X"]),
        ("9.14403001922038E+17", "", [DIGITS, "91440300192203821X"]),
        ("9.14E+17", "", []),
        ("9.14E+17", "演示数据甲", [DIGITS]),
        (DIGITS[:-1], "演示数据甲", [DIGITS]),
        (" 91440300 1922 0382-16 ", "", []),
        ("完全不是代码", "演示数据甲", []),
        ("", "演示数据甲", []),
    ],
)
def test_a_spoilt_code_is_traced_to_what_it_may_have_been(found: str, name: str, expected: list[str]) -> None:
    assert [code for code, _ in proposed(found, name)] == expected


def test_mistaken_letters_are_put_right_where_both_check_digits_then_fit() -> None:
    code = code_of(10)
    assert "0" in code
    assert Repairs([]).propose(code.replace("0", "O"))[0].code == code
    assert Repairs([]).propose(code.replace("0", "O")[:-1] + ("A" if code[-1] != "A" else "B")) == []


@given(st.text(max_size=24), st.text(max_size=8))
def test_whatever_is_found_gives_proposals_or_none(found: str, name: str) -> None:
    assert all(len(code) == 18 for code, _ in proposed(found, name))


def table(folder: Path, *rows: tuple[str, str, int]) -> Path:
    path = folder / "list.csv"
    lines = ["统一社会信用代码,单位详细名称,营业收入", *(f"{code},{name},{value}" for code, name, value in rows)]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def test_nothing_is_repaired_before_somebody_accepts_it(district: Store, tmp_path: Path) -> None:
    unit = cells.add_unit(district, code_of(1), "演示数据甲", "2025")
    spoilt = code_of(1)[:-1]
    path = table(tmp_path, (spoilt, "演示数据甲", 7), (code_of(2), "演示数据乙", 8))
    report = sheets.import_files(district, [path])
    assert (report.new, report.changed, report.rejected) == (1, 0, 1)
    assert report.repairs == {("list.csv", "list", "A2", spoilt): code_of(1)}
    assert "revenue" not in cells.read(district, unit, "2025").values
    accepted = sheets.import_files(district, [path], repairs=report.repairs)
    assert (accepted.changed, accepted.rejected) == (1, 0)
    assert cells.read(district, unit, "2025").values["revenue"] == 7


def test_a_code_that_may_have_been_several_is_left_to_a_person(district: Store, tmp_path: Path) -> None:
    for code in ("914403001922038216", "91440300192203821X"):
        cells.add_unit(district, code, f"演示数据{code[-1]}", "2025")
    report = sheets.import_files(district, [table(tmp_path, ("9.14403001922038E+17", "某公司", 7))], dry_run=True)
    [rejection] = report.rejections
    assert len(rejection.proposals) == 2
    assert report.repairs == {}
