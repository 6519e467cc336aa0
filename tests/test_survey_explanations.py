"""Explanations: what is taken for one, how long it fits, where it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from python_calamine import CalamineWorkbook

from survey import cells, explanations, returns
from survey.checks import Finding, compile_checks
from survey.errors import SurveyError
from survey.review import Review
from survey.store import Store
from survey.texts import Texts

GOOD = "上年底新建的生产线今年满产"


@pytest.fixture
def unit(district: Store) -> int:
    """Revenue moved far from last year, which is to be explained."""
    found = cells.add_unit(district, code_of(1), "甲公司", "2025")
    cells.write(district, found, "2024", "revenue", 2000)
    cells.write(district, found, "2025", "revenue", 9000)
    return found


def finding(store: Store, unit: int, check: str = "F02") -> Finding:
    answers, before = (cells.read(store, unit, period) for period in ("2025", "2024"))
    found = compile_checks(store.scheme, "2025").record(answers, before, store.register(unit))
    return next(one for one in found if one.check == check)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "explanation_short"),
        ("情况属实", "explanation_short"),
        ("。。。。。。。。", "explanation_short"),
        ("啊啊啊啊啊啊啊", "explanation_empty"),
        ("经核实无误情况属实", "explanation_empty"),
        ("数据属实，核实无误。", "explanation_empty"),
        ("111111111", "explanation_empty"),
    ],
)
def test_what_says_nothing_is_no_explanation(text: str, code: str) -> None:
    with pytest.raises(SurveyError) as caught:
        explanations.check_text(text)
    assert caught.value.code == code


@pytest.mark.parametrize("text", [GOOD, "新增封测业务约三千万", "Two lines opened in May"])
def test_what_gives_a_reason_is_one(text: str) -> None:
    assert explanations.check_text(f"  {text} ") == text


def test_a_mandatory_finding_cannot_be_explained(district: Store, unit: int) -> None:
    cells.write(district, unit, "2025", "main_revenue", 9999)
    with pytest.raises(SurveyError) as caught:
        explanations.explain(district, unit, finding(district, unit, "F01"), GOOD)
    assert caught.value.code == "not_explainable"


def settled(store: Store) -> str:
    """The unit's status as checking the whole file gives it."""
    review = Review(store, "2025")
    review.tally()
    (status,) = review.statuses.values()
    return status


def test_an_explained_unit_is_checked_until_its_answers_change(district: Store, unit: int) -> None:
    cells.write(district, unit, "2025", "total_profit", 1)
    assert settled(district) == "to_explain"
    explanations.explain(district, unit, finding(district, unit), GOOD, who="张")
    assert settled(district) == "checked"
    cells.write(district, unit, "2025", "revenue", 9001)
    assert settled(district) == "to_explain"
    cells.write(district, unit, "2025", "revenue", 9000)
    assert settled(district) == "checked"
    explanations.withdraw(district, unit, finding(district, unit))
    assert settled(district) == "to_explain"


def test_the_same_reason_on_several_units_is_counted(district: Store, unit: int) -> None:
    explanations.explain(district, unit, finding(district, unit), GOOD)
    other = cells.add_unit(district, code_of(2), "乙公司", "2025")
    cells.write(district, other, "2024", "revenue", 2000)
    cells.write(district, other, "2025", "revenue", 9000)
    assert explanations.uses(district, "2025", GOOD) == 1
    explanations.explain(district, other, finding(district, other), f" {GOOD}")
    assert explanations.uses(district, "2025", GOOD) == 2


def test_the_return_carries_the_explanation_beside_its_finding(
    district: Store, unit: int, texts: Texts, tmp_path: Path
) -> None:
    explanations.explain(district, unit, finding(district, unit), GOOD)
    sent = returns.write(district, tmp_path / "r.xlsx", texts)
    sheet = CalamineWorkbook.from_path(str(sent.path)).get_sheet_by_name(texts("return.findings"))
    rows = {row[3]: row[5] for row in sheet.to_python()}
    assert rows["F02"] == GOOD
