"""Linear programs: the nearest values, or the rows that rule one another out."""

from __future__ import annotations

import math

import pytest

from survey.linear import Row
from survey.solver import Programs

INF = math.inf


def row(lower: float, upper: float, *, strict: bool = False, **terms: float) -> Row:
    return Row(tuple(sorted(terms.items())), lower, upper, strict)


@pytest.fixture
def programs() -> Programs:
    return Programs()


def test_values_change_as_little_as_rows_allow(programs: Programs) -> None:
    rows = [row(0, 0, a=1, b=-1, c=-1), row(0, 4, b=1), row(0, INF, c=1)]
    found = programs.nearest(rows, {"a": 10, "b": 4, "c": 5})
    assert found == {"a": 9, "b": 4, "c": 5} or found == {"a": 10, "b": 4, "c": 6}


def test_rows_that_rule_one_another_out_are_named_without_the_others(programs: Programs) -> None:
    rows = [row(0, INF, c=1), row(1, INF, a=1, b=-1), row(5, 9, d=1), row(0, INF, a=-1, b=1)]
    assert programs.nearest(rows, {"a": 0, "b": 0, "c": 1, "d": 6}) == [1, 3]


def test_a_gap_of_one_beside_a_billion_is_seen(programs: Programs) -> None:
    apart = [row(0, 0, a=1, b=-1), row(1e9, 1e9, a=1), row(5, 5, c=1, d=-1), row(6, 6, c=1, d=-1)]
    assert programs.nearest(apart, {}) == [2, 3]
    together = [*apart[:3], row(6, 6, c=1, d=-2)]
    found = programs.nearest(together, {})
    assert isinstance(found, dict)
    assert all(one.holds(found) for one in together)


def test_a_single_item_is_settled_without_a_solver(programs: Programs) -> None:
    assert programs.nearest([row(3, INF, a=1), row(-INF, 14, a=2)], {"a": 100}) == {"a": 7}
    assert programs.nearest([row(8, INF, a=1), row(-INF, 14, a=2)], {"a": 1}) == [0, 1]
    assert programs.nearest([row(3, INF, a=1, strict=True), row(-INF, 3, a=1)], {"a": 1}) == [0, 1]
    assert "_solver" not in vars(programs)


def test_a_strict_row_is_not_met_on_its_bound(programs: Programs) -> None:
    found = programs.nearest([row(0, INF, a=1, b=-1, strict=True)], {"a": 5, "b": 5})
    assert isinstance(found, dict)
    assert 0 < found["a"] - found["b"] < 0.01


def test_an_item_spans_what_the_others_leave_it(programs: Programs) -> None:
    rows = [row(0, 0, a=1, b=-1, c=-1), row(0, 4, b=1), row(1, 3, c=1)]
    assert programs.span(rows, "a", {"a": 3, "b": 2, "c": 1}) == pytest.approx((1, 7))
    assert programs.span(rows[:2], "a", {"a": 3, "b": 2, "c": 1}) == (-INF, INF)


def test_the_cheapest_set_hits_every_cut(programs: Programs) -> None:
    cuts = [frozenset("ab"), frozenset("bc"), frozenset("cd")]
    assert programs.cover(cuts, {"b": 5.0}) == frozenset("ac")
    assert programs.cover(cuts, {"a": 9.0, "c": 9.0}) == frozenset("bd")


def test_nothing_is_printed(programs: Programs, capfd: pytest.CaptureFixture[str]) -> None:
    programs.nearest([row(1, 1, a=1, b=1)], {})
    assert capfd.readouterr() == ("", "")
