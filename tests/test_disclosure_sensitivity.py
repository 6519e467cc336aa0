"""Primary rules on the numbers of the Handbook on Statistical Disclosure Control, chapter 4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.sensitivity import Primary, Share, holdings, primary, together
from survey.form import Disclosure

NONE = Disclosure(threshold=0, counts=0, percent=0)


def cell(*values: float) -> dict[str, float]:
    return holdings(Share(f"u{at}", value) for at, value in enumerate(values))


def rules(**given: object) -> Disclosure:
    return Disclosure(**{"threshold": 0, "counts": 0, "percent": 0.0, **given})  # type: ignore[arg-type]


def test_fewer_than_three_contributors_are_too_few() -> None:
    assert primary(cell(5, 6), rules(threshold=3)) == Primary("threshold", 2, 1.0)
    assert primary(cell(5, 6, 7), rules(threshold=3)) is None


def test_example_1_the_largest_of_two_is_safe_by_dominance_of_one_alone_but_not_by_percent() -> None:
    values = cell(50_000, 49_000, 1_000)
    assert primary(values, rules(dominance=((1, 90.0),))) is None
    found = primary(values, rules(percent=10.0))
    assert found is not None
    assert (found.rule, found.protection) == ("percent", pytest.approx(4_000))


def test_example_2_dominance_of_two_protects_what_percent_need_not() -> None:
    values = cell(52_000, 50_000, 8_000)
    assert primary(values, rules(percent=10.0)) is None
    assert primary(values, rules(percent=15.3)) is None
    assert primary(values, rules(percent=15.5)) is not None
    assert primary(values, rules(dominance=((2, 100 * 100 / 110),))) is not None


def test_example_4_a_feasible_maximum_must_reach_352_94() -> None:
    found = primary(cell(300, 20, 10), rules(dominance=((1, 85.0),)))
    assert found == Primary("dominance", 3, pytest.approx(352.94 - 330, abs=0.002))


def test_example_5_the_upper_protection_of_percent_is_what_keeps_the_second_largest_out() -> None:
    values = cell(100, 60, 5)
    found = primary(values, rules(percent=20.0))
    assert found == Primary("percent", 3, pytest.approx(20 - 5))
    assert 165 + found.protection - 60 == pytest.approx(1.2 * 100)


def test_prior_knowledge_counts_as_its_ratio() -> None:
    values = cell(100, 60, 18)
    assert primary(values, rules(prior=(15.0, 100.0))) is None
    found = primary(values, rules(prior=(10.0, 50.0)))
    assert found is not None
    assert (found.rule, found.protection) == ("prior", pytest.approx(2.0))
    same = primary(values, rules(percent=20.0))
    assert same is not None
    assert same.protection == pytest.approx(found.protection)


def test_a_holding_is_one_contributor() -> None:
    shares = [Share("a", 40, "H"), Share("b", 30, "H"), Share("c", 20), Share("d", 10)]
    assert holdings(shares) == {"H": 70, "c": 20, "d": 10}
    assert primary(holdings(shares), rules(threshold=4)) is not None
    assert primary(holdings(shares), rules(percent=15.0)) == Primary("percent", 3, 1.0)


def test_what_brings_nothing_is_no_contributor() -> None:
    assert primary(cell(5, 0, 0, 0), Disclosure()) is not None
    assert primary(cell(0, 0), Disclosure()) is None
    assert holdings([Share("a", 5, "H"), Share("b", -5, "H")]) == {}


def test_negative_contributions_count_by_their_size_with_a_smaller_percent() -> None:
    assert primary(cell(-1000, 10, 20, 100), rules(percent=15.0)) is not None
    assert primary(cell(-1000, 10, 20, 100), rules(percent=15.0, negative=5.0)) is None
    # (1, 90) of X = 1000 becomes (1, 95) where the factor is 2.
    assert primary(cell(940, -40, 20), rules(dominance=((1, 90.0),), negative=2.0)) is None
    assert primary(cell(940, 40, 20), rules(dominance=((1, 90.0),), negative=2.0)) is not None


def test_counts_know_the_minimum_frequency_alone() -> None:
    ones = cell(1, 1, 1)
    assert primary(ones, Disclosure(), "count") is None
    assert primary(cell(1, 1), Disclosure(), "count") == Primary("threshold", 2, 1.0)
    assert primary(cell(1, 1), Disclosure(counts=0), "count") is None


def test_towards_one_who_knows_his_own_only_what_he_can_learn_counts() -> None:
    values = cell(100, 90)
    assert primary(values, Disclosure(), knower="u1") == Primary("threshold", 2, pytest.approx(15))
    assert primary(values, Disclosure(), knower="nobody of them") is None
    alone = cell(100)
    assert primary(alone, Disclosure(), knower="nobody of them") == Primary("threshold", 1, pytest.approx(15))
    assert primary(alone, Disclosure(), knower="u0") is None


VALUES = st.lists(st.integers(1, 10_000), min_size=1, max_size=8)


@given(VALUES, st.integers(5, 60))
def test_safe_by_dominance_of_two_is_safe_by_the_percent_that_corresponds(values: list[int], p: int) -> None:
    """Handbook, A): with k = 100 * 100/(100 + p)."""
    if primary(cell(*values), rules(dominance=((2, 100 * 100 / (100 + p)),))) is None:
        assert primary(cell(*values), rules(percent=float(p))) is None


@given(VALUES, VALUES)
def test_two_safe_figures_are_safe_together(first: list[int], second: list[int]) -> None:
    """Cox 1981: the measure is subadditive, also where respondents are in both."""
    one, other = cell(*first), cell(*second)
    if primary(one, Disclosure()) is None and primary(other, Disclosure()) is None:
        assert primary(together([one, other]), Disclosure()) is None


@given(VALUES, st.randoms())
def test_the_order_of_contributions_does_not_matter(values: list[int], dice: object) -> None:
    shares = [Share(f"u{at}", value) for at, value in enumerate(values)]
    mixed = list(shares)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert primary(holdings(shares), Disclosure()) == primary(holdings(mixed), Disclosure())
