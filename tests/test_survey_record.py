"""What a person types or a cell holds, as a stored value."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from survey.errors import sentence
from survey.rawcell import Unreadable
from survey.record import ValueProblem, previous_period, read_column, read_value, show_value, valid_period
from survey.scheme import Scheme
from survey.texts import Texts


@pytest.mark.parametrize(
    ("item", "raw", "value"),
    [
        ("revenue", "1,234", 1234),
        ("revenue", " １２３４ ", 1234),
        ("revenue", 1234.0, 1234),
        ("revenue", "1234.5", 1235),
        ("revenue", -1234.5, -1235),
        ("revenue", "(500)", -500),
        ("revenue", "0", 0),
        ("revenue", "１，２３４", 1234),
        ("revenue", "1 234 567", 1234567),
        ("revenue", "\u00a012\u200b34\u3000", 1234),
        ("revenue", "'1234", 1234),
        ("revenue", "−5", -5),
        ("revenue", "1,234千元", 1234),
        ("share", "12.5%", 12.5),
        ("name", "演\u200b示", "演示"),
        ("name", True, "TRUE"),
        ("revenue", "", None),
        ("revenue", "   ", None),
        ("revenue", None, None),
        ("share", "12.5", 12.5),
        ("backbone", "是", 1),
        ("backbone", 0.0, 0),
        ("segment", "设计", "design"),
        ("segment", "IC设计", "design"),
        ("district", 440305.0, "440305"),
        ("district", "南山", "440305"),
        ("founded", "2015年3月", "2015-03"),
        ("founded", datetime(2015, 3, 1), "2015-03-01"),
        ("founded", date(2015, 3, 1), "2015-03-01"),
        ("founded", "2015/3/1", "2015-03-01"),
        ("uscc", " 91440300-192317458f ", "91440300192317458F"),
        ("name", "  演示  数据 ", "演示 数据"),
    ],
)
def test_it_is_understood(small: Scheme, item: str, raw: object, value: object) -> None:
    read = read_value(small.item(item), raw, small.lists)
    assert read == value
    assert type(read) is type(value)
    column, problems = read_column(small.item(item), [raw, raw], small.lists)
    assert (column, problems) == ([value, value], [])


@pytest.mark.parametrize(
    ("item", "raw", "reason"),
    [
        ("revenue", "abc", "not_a_number"),
        ("revenue", "12a", "not_a_number"),
        ("revenue", 1e300, "too_large"),
        ("revenue", float("nan"), "too_large"),
        ("employees", 12.5, "not_whole"),
        ("segment", "设计公司", "not_in_list"),
        ("backbone", "2", "not_yes_no"),
        ("founded", "2015-13-01", "not_a_date"),
        ("uscc", 9.14403001922038e17, "code_as_number"),
        ("uscc", "9.14403E+17", "code_as_number"),
        ("uscc", "914403001922", "not_a_code"),
        ("name", "长" * 61, "too_long"),
        ("name", 9.14403001922038e17, "digits_lost"),
        ("revenue", datetime(2025, 1, 2), "date_for_number"),
        ("revenue", time(1, 2), "date_for_number"),
        ("revenue", timedelta(hours=30), "date_for_number"),
        ("revenue", True, "not_a_number"),
        ("revenue", "1,23", "not_a_number"),
        ("revenue", "100万美元", "not_a_number"),
        ("founded", 45657.0, "serial_date"),
        ("revenue", Unreadable("error", "#REF!"), "cell_error"),
        ("name", Unreadable("error", "#N/A"), "cell_error"),
        ("segment", Unreadable("formula", "=B3+B4"), "cell_formula"),
        ("founded", Unreadable("formula", "=NOW()"), "cell_formula"),
        ("uscc", Unreadable("formula", "=A1"), "cell_formula"),
    ],
)
def test_it_is_refused_with_its_reason(small: Scheme, item: str, raw: object, reason: str) -> None:
    with pytest.raises(ValueProblem) as caught:
        read_value(small.item(item), raw, small.lists)
    assert caught.value.reason == reason
    column, problems = read_column(small.item(item), ["", raw], small.lists)
    assert column == [None, None]
    assert [(at, problem.reason) for at, problem in problems] == [(1, reason)]


@pytest.mark.parametrize(
    ("item", "raw", "likely"),
    [
        ("revenue", "1,234万元", "12340 千元"),
        ("revenue", "1.5亿", "150000 千元"),
        ("revenue", "￥1,000", "1 千元"),
        ("revenue", "1 234,5", "1234.5 千元"),
        ("revenue", "1,2345", "12345 千元"),
        ("revenue", "1.234.567", "1234567 千元"),
        ("revenue", "1 2 3", "123 千元"),
        ("employees", "约1000人", "1000 人"),
        ("employees", "3万人", "30000 人"),
        ("share", "12。5", "12.5 %"),
    ],
)
def test_a_number_that_is_only_likely_is_proposed_and_not_taken(
    small: Scheme, texts: Texts, item: str, raw: str, likely: str
) -> None:
    with pytest.raises(ValueProblem) as caught:
        read_value(small.item(item), raw, small.lists)
    assert (caught.value.reason, caught.value.facts["likely"]) == ("number_likely", likely)
    assert likely in sentence(caught.value, texts)


def test_values_are_shown_as_officers_read_them(small: Scheme) -> None:
    shown = [
        show_value(small.item(item), value, small.lists)
        for item, value in (("revenue", 1234567), ("segment", "design"), ("backbone", 1), ("revenue", None))
    ]
    assert shown == ["1,234,567", "设计", "是", ""]


def test_periods() -> None:
    assert previous_period("2025") == "2024"
    assert previous_period("2025Q3") == "2024Q3"
    assert [valid_period(text) for text in ("2025", "2025Q4", "25", "2025Q5", "")] == [True, True, False, False, False]
