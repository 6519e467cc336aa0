"""What must hold of the figures whatever the units answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators import definition, measure
from indicators.catalogue import Catalogue
from indicators.example import Example, worked
from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store

Unit = Mapping[str, Any]
Figures = Mapping[str, float | None]

SEGMENTS = ("design", "manufacturing", "packaging", "materials")
DISTRICTS = ("440303", "440305", "440306", "440310", "SZDP00")
UNITS = st.lists(
    st.fixed_dictionaries(
        {"segment": st.sampled_from(SEGMENTS), "district": st.sampled_from(DISTRICTS)},
        optional={"revenue": st.integers(0, 10**9), "employees_average": st.integers(1, 10_000)},
    ),
    min_size=1,
    max_size=8,
)
AMOUNTS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 10**9), max_size=12)
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def catalogue(cluster: Scheme) -> Catalogue:
    return definition.load(cluster)


@pytest.fixture(scope="module")
def empty(cluster: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = stores.create(tmp_path_factory.mktemp("properties") / "p.census", cluster, "2025", None)
    yield store
    store.close()


def figures(store: Store, catalogue: Catalogue, units: Sequence[Unit], name: str, by: str = "") -> Figures:
    return worked(store, catalogue, Example(name, units, {}, {}, by, "2025", 0))


def near(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else one == pytest.approx(other, rel=1e-12, abs=1e-12)


@FEW
@given(units=UNITS)
def test_sums_and_counts_are_those_of_their_groups(empty: Store, catalogue: Catalogue, units: Sequence[Unit]) -> None:
    for name in ("G1-01", "G1-09", "G1-09.2"):
        whole = figures(empty, catalogue, units, name)[""]
        for by in ("segment", "district", "admin_district", "city_part", "district*segment"):
            parts = [value for value in figures(empty, catalogue, units, name, by).values() if value is not None]
            assert near(whole, sum(parts) if parts else None), (name, by)


@FEW
@given(units=UNITS, data=st.data())
def test_the_order_of_the_units_is_nothing(
    empty: Store, catalogue: Catalogue, units: Sequence[Unit], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(units))
    for name in ("G1-01", "C-01", "C-02", "C-03", "C-06", "C-07"):
        assert near(figures(empty, catalogue, units, name)[""], figures(empty, catalogue, other, name)[""]), name


@FEW
@given(units=UNITS, scale=st.integers(2, 50))
def test_shares_and_indices_do_not_depend_on_the_unit_of_money(
    empty: Store, catalogue: Catalogue, units: Sequence[Unit], scale: int
) -> None:
    larger = [{**unit, "revenue": unit["revenue"] * scale} if "revenue" in unit else unit for unit in units]
    for name, by in (("C-01", ""), ("C-02", ""), ("C-03", ""), ("G1-08", "segment"), ("C-04", "district*segment")):
        own, other = (figures(empty, catalogue, chosen, name, by) for chosen in (units, larger))
        assert own.keys() == other.keys()
        assert all(near(own[group], other[group]) for group in own), name
    grown = figures(empty, catalogue, larger, "G1-01")[""]
    before = figures(empty, catalogue, units, "G1-01")[""]
    assert near(grown, None if before is None else before * scale)


@FEW
@given(units=UNITS)
def test_concentration_keeps_to_its_bounds(empty: Store, catalogue: Catalogue, units: Sequence[Unit]) -> None:
    earning = [unit["revenue"] for unit in units if unit.get("revenue")]
    if not earning:
        assert figures(empty, catalogue, units, "C-02")[""] is None
        return
    herfindahl = figures(empty, catalogue, units, "C-02")[""]
    assert herfindahl is not None
    assert 10_000 / len(earning) * (1 - 1e-12) <= herfindahl <= 10_000 * (1 + 1e-12)
    one, four, eight = (figures(empty, catalogue, units, name)[""] for name in ("C-01.1", "C-01", "C-01.8"))
    assert one is not None
    assert four is not None
    assert eight == pytest.approx(100)
    assert one <= four * (1 + 1e-12) <= 100 * (1 + 2e-12)
    unequal = figures(empty, catalogue, units, "C-03")[""]
    answered = sum("revenue" in unit for unit in units)
    assert unequal is not None
    assert -1e-12 <= unequal <= 1 - 1 / answered + 1e-12


@given(AMOUNTS)
def test_measures_of_groups_keep_to_their_bounds(amounts: Mapping[str, int]) -> None:
    found = {code: float(value) for code, value in amounts.items()}
    if not any(found.values()):
        assert measure.hhi_of(found) is measure.gini_of(found) is measure.shannon(found) is None
        return
    several = sum(value > 0 for value in found.values())
    concentrated, unequal, diverse = measure.hhi_of(found), measure.gini_of(found), measure.shannon(found)
    assert concentrated is not None
    assert unequal is not None
    assert diverse is not None
    assert 10_000 / several * (1 - 1e-9) <= concentrated <= 10_000 * (1 + 1e-9)
    assert -1e-9 <= unequal <= 1 - 1 / len(found) + 1e-9
    # The exponential of the diversity is a number of groups, at least that of the concentration.
    assert 10_000 / concentrated <= 2.718281828459045**diverse * (1 + 1e-9) <= several * (1 + 2e-9)


@given(AMOUNTS, AMOUNTS)
def test_specialisation_is_alike_both_ways_and_at_most_two(one: Mapping[str, int], other: Mapping[str, int]) -> None:
    here, there = ({code: float(value) for code, value in amounts.items()} for amounts in (one, other))
    found = measure.krugman(here, there)
    assert near(found, measure.krugman(there, here))
    assert found is None or 0 <= found <= 2 + 1e-12
    assert not any(here.values()) or measure.krugman(here, here) == 0
