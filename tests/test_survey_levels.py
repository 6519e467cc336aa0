"""The level of a record: by which power of ten its amounts are off."""

from __future__ import annotations

import numpy as np
import pytest

from survey.levels import Amounts, Levels, logs, measure, weighted_median
from survey.usual import LEAST, Tally

ITEMS = 6
USUAL = np.array([3.0, 2.8, 2.5, 2.0, 2.2, 1.5])
# How a record of no mistake differs from what is usual, and how it has grown, item by item.
OWN_WAY = np.array([0.2, 0.1, -0.3, 0.4, 0.0, 0.15])
GROWTH = np.array([0.05, 0.02, 0.1, -0.03, 0.04, 0.06])


def record(
    now: float = 0, before: float | None = 0, staff: float = 100, staff_before: float = 100, growth: float = 0.0
) -> Levels:
    """One record whose amounts are off by so many digits now and last year."""
    size = USUAL + OWN_WAY + np.log10(100)
    last = np.full(ITEMS, np.nan) if before is None else size + before
    return measure(
        Amounts(
            (size + GROWTH + growth + now)[None], last[None], logs(np.array([staff])), logs(np.array([staff_before])),
            USUAL[None], np.ones(ITEMS),
        )
    )  # fmt: skip


def told(levels: Levels) -> float:
    return float(levels.exponent[0])


@pytest.mark.parametrize("digits", [1, -1, 3, -3, 4, -4, 5, -5, 6, -6])
def test_a_record_in_another_unit_of_measure_is_told_with_its_factor(digits: int) -> None:
    assert told(record(digits)) == digits


def test_an_ordinary_record_is_left_alone() -> None:
    assert told(record()) == 0


@pytest.mark.parametrize("growth", [0.3, 0.6, -0.6])
def test_growth_of_a_few_times_is_left_alone(growth: float) -> None:
    assert told(record(growth=growth)) == 0


def test_a_tenfold_merger_with_its_staff_is_left_alone() -> None:
    assert told(record(1, staff=1000)) == 0


def test_last_year_in_a_wrong_unit_is_no_mistake_of_this_year() -> None:
    assert told(record(0, -3)) == 0
    assert told(record(0, -1)) == 0


def test_both_years_in_the_wrong_unit_are_told_by_others_alone() -> None:
    found = record(-3, -3)
    assert told(found) == -3
    assert found.by_peers[0]


def test_a_record_without_last_year_is_told_by_others_but_never_for_ten() -> None:
    assert told(record(3, None)) == 3
    assert told(record(1, None)) == 0


def test_staff_that_was_misreported_does_not_make_the_money_wrong() -> None:
    assert told(record(0, 0, staff=100, staff_before=100_000)) == 0
    assert told(record(0, 0, staff=100_000)) == 0


def test_without_staff_last_year_alone_tells() -> None:
    assert told(record(3, 0, staff=np.nan, staff_before=np.nan)) == 3


def test_amounts_that_do_not_share_a_factor_are_left_alone() -> None:
    size = (USUAL + OWN_WAY + 2)[None]
    off = np.array([-4.5, -5.2, -1.1, 0.3, 0.8, 1.5])
    staff = np.array([2.0])
    assert told(measure(Amounts(size + off, size * np.nan, staff, staff, USUAL[None], np.ones(ITEMS)))) == 0


def test_too_few_amounts_tell_nothing() -> None:
    size = (USUAL + OWN_WAY + 2)[None]
    now = size + 3
    now[0, 2:] = np.nan
    staff = np.array([2.0])
    assert told(measure(Amounts(now, size, staff, staff, USUAL[None], np.ones(ITEMS)))) == 0


def test_the_weighted_median_leaves_out_what_is_missing() -> None:
    values = np.array([[1.0, np.nan, 3.0], [5.0, 1.0, 2.0], [np.nan, np.nan, np.nan]])
    assert weighted_median(values, np.ones(3)) == pytest.approx([2.0, 2.0, np.nan], nan_ok=True)
    assert weighted_median(values, np.array([5.0, 1.0, 1.0]))[1] == 5.0


def test_logarithms_are_of_size_and_of_nothing_missing() -> None:
    assert logs(np.array([1000.0, -100.0, 0.0, np.nan])) == pytest.approx([3.0, 2.0, np.nan, np.nan], nan_ok=True)


def test_what_is_usual_is_the_median_of_the_stratum() -> None:
    tally = Tally(1)
    random = np.random.default_rng(2)
    low, high = random.normal(2, 0.3, (500, 1)), random.normal(4, 0.3, (300, 1))
    tally.add(["a"] * 500, low)
    tally.add(["b"] * 300, high)
    found = tally.usual().of(["a", "b", "unknown"])[:, 0]
    assert found[:2] == pytest.approx([np.median(low), np.median(high)], abs=0.03)
    assert found[2] == pytest.approx(np.median([*low, *high]), abs=0.03)


def test_a_stratum_of_too_few_is_measured_by_all() -> None:
    tally = Tally(1)
    tally.add(["a"] * 100, np.full((100, 1), 2.0))
    tally.add(["b"] * (LEAST - 1), np.full((LEAST - 1, 1), 5.0))
    assert tally.usual().of(["b"])[0, 0] == pytest.approx(2.0, abs=0.03)


def test_an_item_nobody_reports_has_nothing_usual() -> None:
    tally = Tally(2)
    tally.add(["a"] * 50, np.column_stack([np.full(50, 2.0), np.full(50, np.nan)]))
    assert np.isnan(tally.usual().of(["a"])[0, 1])


def test_items_in_which_units_are_alike_weigh_more() -> None:
    tally = Tally(2)
    random = np.random.default_rng(5)
    tally.add(["a"] * 500, np.column_stack([random.normal(2, 0.2, 500), random.normal(2, 0.8, 500)]))
    tight, wide = tally.usual().weights
    assert tight > 3 * wide
