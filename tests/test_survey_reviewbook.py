"""The report of a review: nothing left out, every figure what the findings add up to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import code_of
from python_calamine import CalamineWorkbook

from survey import cells, explanations, reviewbook
from survey.checks import compile_checks
from survey.files import UNTOLD
from survey.involvement import Involvement, causes
from survey.plainbook import plain_book
from survey.results import Failures
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

REASON = "按合同进度确认收入，账表相符"


@pytest.fixture
def faulty(district: Store) -> Store:
    """Three units: one without fault, one with two faults in one cell, one with a doubtful change that is explained."""
    for number, facts in enumerate((
        {"revenue": 1000, "main_revenue": 900},
        {"revenue": 1000, "main_revenue": 2000},
        {"revenue": 99_000, "main_revenue": 900},
    )):  # fmt: skip
        unit = cells.add_unit(district, code_of(number), f"演示数据{number}", "2025")
        for name, value in {"district": "440305", "segment": "design", "backbone": 0, **facts}.items():
            cells.write(district, unit, "2025", name, value)
    cells.write(district, unit, "2024", "revenue", 30_000)
    return district


def report(store: Store, path: Path, texts: Texts) -> dict[str, list[list[object]]]:
    review = Review(store, "2025")
    reviewbook.write(store, review, review.findings(not_evaluated=False), path, texts)
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_every_check_and_every_finding_is_there(faulty: Store, tmp_path: Path, texts: Texts) -> None:
    sheets = report(faulty, tmp_path / "report.xlsx", texts)
    assert list(sheets) == ["按审核关系", "按指标", "按单位", "分布", "审核明细"]
    tallies = Review(faulty, "2025").tally()
    by_check = {row[0]: row[5:9] for row in sheets["按审核关系"][1:]}
    assert by_check == {
        code: [one.passed, one.failed, one.answered, one.not_evaluated] for code, one in tallies.items()
    }
    failed = list(Review(faulty, "2025").findings(not_evaluated=False))
    assert failed
    assert sorted(row[1:4:2] for row in sheets["审核明细"][1:]) == sorted([one.unit, one.check] for one in failed)
    units = sheets["按单位"][1:]
    assert sum(sum(row[3:7]) for row in units) == len(failed)  # type: ignore[arg-type, misc]
    assert sum(row[0] * row[1] for row in sheets["分布"][1:]) == sum(one.category != "D" for one in failed)  # type: ignore[operator]
    assert sum(row[1] for row in sheets["分布"][1:]) == 3  # type: ignore[misc]


def test_what_is_explained_is_said_and_no_longer_asked_for(faulty: Store, tmp_path: Path, texts: Texts) -> None:
    doubtful = [one for one in Review(faulty, "2025").findings(not_evaluated=False) if one.category in ("B", "C")]
    before = {row[1]: row[7] for row in report(faulty, tmp_path / "before.xlsx", texts)["按单位"][1:]}
    assert before[doubtful[0].unit] == sum(one.unit == doubtful[0].unit for one in doubtful)
    unit = faulty.find_unit(doubtful[0].unit)
    assert unit
    explanations.explain(faulty, unit, doubtful[0], REASON)
    sheets = report(faulty, tmp_path / "after.xlsx", texts)
    after = {row[1]: row[7] for row in sheets["按单位"][1:]}
    assert after[doubtful[0].unit] == before[doubtful[0].unit] - 1  # type: ignore[operator]
    assert [row[3] for row in sheets["审核明细"] if row[5] == REASON] == [doubtful[0].check]


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        ([], ()),
        ([("a", "b")], ("a",)),
        ([("b", "a")], ("b",)),
        ([("a", "b"), ("b", "c")], ("b",)),
        ([("a", "b"), ("c", "d"), ("d", "e")], ("d", "a")),
        ([(), ("z",)], ("z",)),
    ],
)
def test_the_likely_cause_stands_in_most_failed_checks(
    failed: list[tuple[str, ...]], expected: tuple[str, ...]
) -> None:
    assert causes(failed) == expected


@pytest.mark.parametrize(
    ("check", "cause"),
    [("DER-IC-01.135", "IC-01.135"), ("IC04-57", "IC-04.36")],
)
def test_of_the_items_of_one_check_the_cause_is_the_one_it_is_about(cluster: Scheme, check: str, cause: str) -> None:
    checks = compile_checks(cluster, "2025")
    assert min(checks.by_code[check].items) != cause
    one = np.ones(1, dtype=np.int64)
    failures = Failures((check,), np.zeros(1, dtype=np.int32), one, 0 * one, np.zeros(1, dtype=np.bool_))
    ((unit, _),) = Involvement(checks, failures).by_unit
    assert unit.causes == (cause,)


def test_a_table_goes_on_where_a_sheet_is_full(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    with plain_book(path, UNTOLD) as book:
        table = book.table("明细", ["甲", "乙"], (10, 10), room=4)
        for number in range(10):
            table.add((f"0{number}", number))
    read = CalamineWorkbook.from_path(str(path))
    assert read.sheet_names == ["明细", "明细 2", "明细 3"]
    found = [read.get_sheet_by_name(name).to_python() for name in read.sheet_names]
    assert [rows[0] for rows in found] == [["甲", "乙"]] * 3
    assert [row for rows in found for row in rows[1:]] == [[f"0{number}", float(number)] for number in range(10)]


def test_a_report_that_is_stopped_leaves_the_old_one(faulty: Store, tmp_path: Path, texts: Texts) -> None:
    path = tmp_path / "report.xlsx"
    report(faulty, path, texts)
    old = path.read_bytes()

    def stop(_done: int, _total: int, _label: str) -> None:
        raise KeyboardInterrupt

    review = Review(faulty, "2025", stop)
    with pytest.raises(KeyboardInterrupt):
        reviewbook.write(faulty, review, review.findings(), path, texts)
    assert path.read_bytes() == old
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".xlsx"] == ["report.xlsx"]


def test_what_the_city_has_decided_stands_in_the_report(faulty: Store, tmp_path: Path, texts: Texts) -> None:
    assert "审核控制与豁免" not in report(faulty, tmp_path / "none.xlsx", texts)
    faulty.execute("INSERT INTO ruling VALUES ('F02', 'D', '2025-01-01', '王', '波动由退税引起', '2025-01-01')")
    faulty.execute(
        "INSERT INTO exemption VALUES (?, 'F01', '2025', '王', '集团内结算口径不同', '2025-02-01T09:00:00')",
        (code_of(1),),
    )
    faulty.reload_rules()
    sheets = report(faulty, tmp_path / "some.xlsx", texts)
    assert [row[:4] for row in sheets["审核控制与豁免"][1:]] == [
        ["", "F02", "改为提示性", "2025-01-01"],
        [code_of(1), "F01", "豁免", "2025-02-01"],
    ]
    said = {(row[1], row[3]): row[5] for row in sheets["审核明细"][1:]}
    assert said[code_of(1), "F01"] == "市级豁免（王，2025-02-01）：集团内结算口径不同"
    (doubtful,) = [row for row in sheets["按审核关系"][1:] if row[0] == "F02"]
    assert str(doubtful[1]).startswith("D")


def test_a_file_without_units_or_failures_has_its_report_too(district: Store, tmp_path: Path, texts: Texts) -> None:
    sheets = report(district, tmp_path / "empty.xlsx", texts)
    assert sheets["分布"][1:] == [[0, 0]]
    assert len(sheets["审核明细"]) == len(sheets["按单位"]) == 1
