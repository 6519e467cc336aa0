"""What can be worked out from a public edition beside its sums: matched growth, few units counted, squares, spreads."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from conftest import code_of
from hypothesis import given
from hypothesis import strategies as st

from indicators import definition, edition
from indicators.computation import Computation
from indicators.concentration import bounded
from indicators.edition import Edition
from survey import cells
from survey import scheme as schemes
from survey import store as stores
from survey.errors import SurveyError, sentence
from survey.form import Disclosure
from survey.store import Store
from survey.texts import Texts

INDICATOR = """
[[indicator]]
id = "{id}"
label = "{id}"
label_en = "{id}"
unit = "亿元"
unit_en = "100m yuan"
digits = 2
scope = "{scope}"
needs = {needs}
formula = "{formula}"
"""
TABLE = """
[[table]]
id = "1"
kind = "breakdown"
by = "segment"
title = "分环节"
columns = {columns}
compare = ["now", "before"]
"""
# Segment, district, and revenue in thousand yuan of 2025 and 2024 (演示数据); None: not there in that year.
Unit: TypeAlias = tuple[str, str, int, int | None]
Freeze: TypeAlias = Callable[..., Edition]
GROWTH = ("(total(revenue) / total(revenue@prev) - 1) * #100", "revenue@prev > 0", '["revenue", "revenue@prev"]')
MANY: Sequence[Unit] = [("fab", "440304", 900_000 + 100 * at, 800_000 + 90 * at) for at in range(12)]


@pytest.fixture
def opened() -> Iterator[list[Store]]:
    found: list[Store] = []
    yield found
    for store in found:
        store.close()


@pytest.fixture
def freeze(tmp_path: Path, data: Path, opened: list[Store]) -> Freeze:
    def public(units: Sequence[Unit], columns: Sequence[str], **indicators: tuple[str, str, str]) -> Edition:
        files = schemes.read_files(data / "scheme2")
        for name, (formula, scope, needs) in indicators.items():
            facts = {"id": name.replace("_", "-"), "formula": formula, "scope": scope, "needs": needs}
            files["indicators.toml"] += INDICATOR.format(**facts)
        files["tables.toml"], files["targets.toml"] = TABLE.format(columns=list(columns)), ""
        store = stores.create(tmp_path / f"{len(opened)}.census", schemes.read(files), "2025", None)
        opened.append(store)
        for number, (segment, district, now, before) in enumerate(units):
            unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
            for period, amount in (("2025", now), ("2024", before)):
                if amount is None:
                    continue
                facts = {"uscc": code_of(number), "district": district, "segment": segment, "revenue": amount}
                for name, value in facts.items():
                    cells.write(store, unit, period, name, value)  # type: ignore[arg-type]
        return again(store)

    return public


def again(store: Store) -> Edition:
    return edition.freeze(Computation(store, definition.load(store.scheme)), "public", "0.1.0")


def told(one: Edition, *keys: tuple[str, str, str]) -> list[bool]:
    return [one.figures.get(key) is not None for key in keys]


@pytest.mark.parametrize("place", [("", ""), ("segment", "design")])
def test_the_only_new_unit_is_not_the_rest_beside_the_growth_of_the_others(
    freeze: Freeze, place: tuple[str, str]
) -> None:
    """This year's sum less last year's times matched growth is what the unit has that was not there last year."""
    design: list[Unit] = [("design", "440305", 500_000 + 7 * at, 400_000 + 5 * at) for at in range(6)]
    new: Unit = ("design", "440305", 51_014, None)
    one = freeze([*MANY, *design, new], ["G1-01", "R-01"], R_01=GROWTH)
    keys = [("G1-01", *place), ("G1-01@prev", *place), ("R-01", *place)]
    assert sum(told(one, *keys)) < 3
    assert any(told(one, *keys))


def test_what_is_the_rest_of_two_figures_is_called_by_these(freeze: Freeze, opened: list[Store], texts: Texts) -> None:
    """An edition that had told all three cannot be followed by another; whoever reads why sees no formula."""
    design: list[Unit] = [("design", "440305", 500_000 + 7 * at, 400_000 + 5 * at) for at in range(6)]
    new: Unit = ("design", "440305", 51_014, None)
    one = freeze([*MANY, *design, new], ["G1-01", "R-01"], R_01=GROWTH)
    told_before = {**one.figures, **{key: found.value for key, found in one.withheld.items()}}
    body = json.dumps([[*key, value] for key, value in told_before.items()])
    opened[-1].execute("UPDATE edition SET figures = ?, withheld = '[]'", (body,))
    with pytest.raises(SurveyError, match="disclosure_p") as caught:
        again(opened[-1])
    assert "G1-01 营业收入" in sentence(caught.value, texts)
    assert "total(" not in sentence(caught.value, texts)


def test_a_number_of_different_units_that_is_too_small_is_withheld(freeze: Freeze) -> None:
    """Many units in the segment; but the two that the figure is about are too few to be told."""
    rich: list[Unit] = [("design", "440305", 2_000_000 + at, 400_000) for at in range(2)]
    others: list[Unit] = [("design", "440305", 500_000 + at, 400_000) for at in range(12)]
    one = freeze(
        [*MANY, *rich, *others], ["D-01"], D_01=("distinct(uscc, revenue > 1000000)", "revenue >= 0", '["revenue"]')
    )
    assert told(one, ("D-01", "segment", "design"), ("D-01", "segment", "fab")) == [False, True]
    assert one.withheld["D-01", "segment", "design"].reason.rule == "threshold"


def test_an_index_of_spread_is_withheld_with_any_group_it_is_made_of(freeze: Freeze) -> None:
    """Two districts are withheld, whose sum is known: the index beside it would give either."""
    spread: list[Unit] = [("design", "440305", 500_000, 400_000), *[("design", "SZDP00", 40_000, 30_000)] * 4]
    index = ("gini_of([G1-01], 'district')", "revenue >= 0", "[]")
    one = freeze([*MANY, *spread], ["G1-01"], I_01=index)
    assert told(one, ("I-01", "", "")) == [False]
    safe: list[Unit] = [("design", "440305", 500_000 + at, 400_000) for at in range(12)]
    assert told(freeze([*MANY, *safe], ["G1-01"], I_01=index), ("I-01", "", "")) == [True]


def test_an_index_of_agglomeration_does_not_tell_the_herfindahl_index(freeze: Freeze) -> None:
    """Over the whole city it is -H / (1 - H)."""
    largest: list[Unit] = [("fab", "440304", 6_000_000, 5_000_000)]
    squares = ("total(revenue * revenue) / (total(revenue) * total(revenue)) * 10000", "revenue > 0", '["revenue"]')
    index = ("ellison_glaeser([G1-01], 'district', [H-01])", "revenue > 0", "[]")
    one = freeze([*MANY, *largest], ["G1-01"], H_01=squares, E_01=index)
    assert told(one, ("G1-01", "", ""), ("H-01", "", ""), ("E-01", "", "")) == [True, False, False]


# Squares

RULES = Disclosure(percent=15)


def possible(sizes: Sequence[float], top: int, first: float) -> float:
    """The sum of squares if the largest were `first`, with the second known and the rest of the top, and all, equal."""
    rest = sum(sizes[:top]) - first - sizes[1]
    others = sum(sizes[top:])
    return first**2 + sizes[1] ** 2 + rest**2 / (top - 2) + others**2 / max(1, len(sizes) - top)


def test_an_index_that_bounds_the_largest_is_sensitive() -> None:
    """By the sum alone the largest could be a half more; beside its square there is no room for it."""
    sizes = [364.5, 163.4, 73.9, 51.6, *[25.0] * 60]
    alone = bounded(sizes, [], RULES)
    assert alone is not None
    assert alone.protection == pytest.approx((1.15**2 - 1) * 364.5**2)


def test_the_sums_of_the_largest_narrow_what_an_index_leaves_open() -> None:
    sizes = [100.0, 90.0, 80.0, 10.0, *[5.0] * 40]
    assert bounded(sizes, [], RULES) is None
    assert bounded(sizes, [4], RULES) is None
    assert bounded(sizes, [3], RULES) is not None


@given(
    st.lists(st.floats(1, 1000), min_size=6, max_size=30).map(lambda found: sorted(found, reverse=True)),
    st.integers(3, 5),
)
def test_where_an_index_may_be_told_the_largest_could_be_so_much_more(sizes: list[float], top: int) -> None:
    if bounded(sizes, [top], RULES) is None:
        assert possible(sizes, top, 1.15 * sizes[0]) <= math.fsum(size**2 for size in sizes) * (1 + 1e-9)
