"""Outliers: the distance of a change by Hidiroglou and Berthelot, and of a value by its logarithm."""

from dataclasses import astuple, replace

import numpy as np
import pytest

from survey.outliers import (
    MAD_FLOOR,
    HBSettings,
    HBStandard,
    MadStandard,
    hb_distance,
    hb_standard,
    mad_distance,
    mad_standard,
)

# Nothing but the method of 1986: no least distance of our own.
PLAIN = HBSettings(spread=0.0, least=1)
BEFORE = np.array([100.0] * 7)
NOW = np.array([50.0, 80.0, 90.0, 100.0, 110.0, 125.0, 400.0])


def standard_of(now: np.ndarray, before: np.ndarray, settings: HBSettings = PLAIN) -> HBStandard:
    found = hb_standard(now, before, settings)
    assert found is not None
    return found


def test_a_stratum_s_standard_is_as_computed_by_hand() -> None:
    # r_M = 1; s = -1, -.25, -.1111, 0, .1, .25, 3; the places 2 and 6 of 7 are the quartiles at p(n + 1).
    found = standard_of(NOW, BEFORE, replace(PLAIN, exponent=0.0))
    assert astuple(found) == pytest.approx((1.0, 0.0, 0.25, 0.25, 7))


def test_size_counts_by_the_exponent() -> None:
    # s = -.25 at 100 and .25 at 125: the effects are multiplied by the larger value's root.
    found = standard_of(NOW, BEFORE, replace(PLAIN, exponent=0.5))
    assert (found.low, found.high) == pytest.approx((0.25 * 10.0, 0.25 * 125**0.5))


def test_distances_are_as_computed_by_hand() -> None:
    settings = replace(PLAIN, exponent=0.0)
    found = hb_distance(NOW, BEFORE, standard_of(NOW, BEFORE, settings), settings)
    assert found == pytest.approx([4.0, 1.0, 4 / 9, 0.0, 0.4, 1.0, 12.0])


def test_quartiles_lie_between_values_as_banff_places_them() -> None:
    # Six ratios: places 1.75 and 5.25 of the effects -1, -.5, -.25, .2, .5, 1 around r_M.
    ratios = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    settings = replace(PLAIN, exponent=0.0, floor=0.0)
    found = standard_of(ratios, np.ones(6), settings)
    effects = [1 - 3.5, 1 - 3.5 / 2, 1 - 3.5 / 3, 4 / 3.5 - 1, 5 / 3.5 - 1, 6 / 3.5 - 1]
    centre = (effects[2] + effects[3]) / 2
    assert found.ratio == pytest.approx(3.5)
    assert found.centre == pytest.approx(centre)
    assert found.low == pytest.approx(centre - (effects[0] + 0.75 * (effects[1] - effects[0])))
    assert found.high == pytest.approx(effects[4] + 0.25 * (effects[5] - effects[4]) - centre)


def test_the_floor_is_a_share_of_the_middle_effect() -> None:
    ratios = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    low = standard_of(ratios, np.ones(6), replace(PLAIN, exponent=0.0, floor=1000.0))
    assert low.low == pytest.approx(1000 * abs(low.centre))
    assert low.high == low.low


def test_doubling_is_as_far_as_halving() -> None:
    now, before = np.array([50.0, 200.0]), np.array([100.0, 100.0])
    settings = replace(PLAIN, exponent=0.0)
    found = hb_distance(now, before, HBStandard(1.0, 0.0, 0.5, 0.5, 9), settings)
    assert found == pytest.approx([2.0, 2.0])


def test_below_and_above_are_measured_each_by_its_own_side() -> None:
    found = hb_distance(
        np.array([50.0, 200.0]), np.array([100.0, 100.0]), HBStandard(1.0, 0.0, 0.25, 2.0, 9), HBSettings(exponent=0.0)
    )
    assert found == pytest.approx([4.0, 0.5])


@pytest.mark.parametrize("pair", [(np.nan, 1.0), (1.0, np.nan), (0.0, 1.0), (1.0, 0.0), (-1.0, -1.0), (np.inf, 1.0)])
def test_a_change_that_has_no_ratio_has_no_distance(pair: tuple[float, float]) -> None:
    now, before = np.array([pair[0], 100.0]), np.array([pair[1], 100.0])
    found = hb_distance(now, before, HBStandard(1.0, 0.0, 1.0, 1.0, 9), HBSettings())
    assert np.isnan(found[0])
    assert found[1] == 0.0


def test_what_has_no_ratio_does_not_count_for_the_stratum() -> None:
    now, before = np.append(NOW, [np.nan, 0.0, 5.0]), np.append(BEFORE, [1.0, 100.0, -1.0])
    assert standard_of(now, before) == standard_of(NOW, BEFORE)


def test_a_stratum_of_too_few_units_has_no_standard() -> None:
    assert hb_standard(NOW, BEFORE, HBSettings(least=8)) is None
    assert hb_standard(NOW, BEFORE, HBSettings(least=7)) is not None
    assert hb_standard(np.array([]), np.array([]), HBSettings(least=0)) is None


def test_where_most_ratios_are_equal_the_deciles_measure() -> None:
    ratios = np.array([0.5, *[1.0] * 15, 1.5, 2.0, 3.0])
    found = standard_of(ratios, np.ones(19), replace(PLAIN, exponent=0.0))
    # Places 2 and 18 of 19.
    assert (found.low, found.high) == pytest.approx((0.0, 1.0))


def test_where_all_ratios_are_equal_a_small_change_passes_and_a_large_one_does_not() -> None:
    before = np.full(30, 1000.0)
    now = before * 1.1
    settings = HBSettings()
    found = standard_of(now, before, settings)
    small, large = np.array([1100.0 * 1.15, 1100.0 * 1.4]), np.full(2, 1000.0)
    near, far = hb_distance(small, large, found, settings)
    assert near < 4 < far


def test_without_any_least_distance_what_differs_is_infinitely_far() -> None:
    found = standard_of(np.ones(20), np.ones(20))
    assert hb_distance(np.array([1.0, 1.01]), np.ones(2), found, PLAIN).tolist() == [0.0, np.inf]


@pytest.mark.parametrize("settings", [PLAIN, HBSettings()])
def test_another_unit_of_measure_changes_no_distance(settings: HBSettings) -> None:
    random = np.random.default_rng(3)
    before = np.exp(random.normal(8, 2, 200))
    now = before * np.exp(random.normal(0.1, 0.4, 200))
    here = hb_distance(now, before, standard_of(now, before, settings), settings)
    tenfold = hb_distance(10 * now, 10 * before, standard_of(10 * now, 10 * before, settings), settings)
    assert tenfold == pytest.approx(here)


def test_a_constant_growth_of_all_changes_no_distance_but_for_size() -> None:
    settings = replace(PLAIN, exponent=0.0)
    here = hb_distance(NOW, BEFORE, standard_of(NOW, BEFORE, settings), settings)
    grown = hb_distance(3 * NOW, BEFORE, standard_of(3 * NOW, BEFORE, settings), settings)
    assert grown == pytest.approx(here)


def test_a_standard_reads_back_from_its_numbers() -> None:
    found = standard_of(NOW, BEFORE)
    assert HBStandard(*astuple(found)) == found
    assert all(type(value) in (float, int) for value in astuple(found))


def test_the_deviation_of_logarithms_is_as_computed_by_hand() -> None:
    values = np.exp(np.array([0.0, 1.0, 2.0, 4.0, 9.0]))
    found = mad_standard(values, least=5)
    # The middle is 2; the deviations 2, 1, 0, 2, 7.
    assert found is not None
    assert astuple(found) == pytest.approx((2.0, 1.4826 * 2, 5))
    assert mad_distance(values, found) == pytest.approx(np.array([2, 1, 0, 2, 7]) / (1.4826 * 2))


def test_where_most_values_are_equal_a_tenth_is_the_least_deviation() -> None:
    found = mad_standard(np.full(12, 7.0))
    assert found == MadStandard(pytest.approx(np.log(7.0)), MAD_FLOOR, 12)
    assert mad_distance(np.array([7.0 * np.exp(0.1)]), found) == pytest.approx([1.0])


def test_values_not_above_zero_neither_count_nor_are_measured() -> None:
    values = np.append(np.full(10, 5.0), [0.0, -3.0, np.nan])
    found = mad_standard(values)
    assert found is not None
    assert found.count == 10
    assert np.isnan(mad_distance(values, found)[10:]).all()


def test_too_few_values_have_no_standard() -> None:
    assert mad_standard(np.full(9, 5.0)) is None
