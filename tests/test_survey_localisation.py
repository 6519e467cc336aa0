"""Where the error of a record may be: the fewest cells, exactly."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import combinations, product

import pytest
from small_schemes import scheme_of

from desktop import paths, sample
from desktop.sample_details import Details
from survey.checks import compile_checks
from survey.formulas import Formulas, readable
from survey.localisation import Localisation, Localiser, localise
from survey.scheme import Scheme

WHOLE = 'type = "integer", minimum = 0'
MONEY = 'type = "decimal"'


def found(
    items: Mapping[str, str],
    checks: Sequence[str | Sequence[str]],
    weights: Mapping[str, float] | None = None,
    **values: float | str | None,
) -> Localisation:
    return localise(compile_checks(scheme_of(items, checks), "2025"), values, weights=weights)


def sets(result: Localisation) -> set[frozenset[str]]:
    return {frozenset(one.cells) for one in result.proposals}


ABC = dict.fromkeys("abc", WHOLE)


def test_a_record_that_passes_has_no_error() -> None:
    result = found(ABC, ["a = b + c"], a=3, b=1, c=2)
    assert result == Localisation()


def test_any_one_cell_of_a_broken_balance_may_be_wrong() -> None:
    result = found(ABC, ["a = b + c"], a=10, b=1, c=2)
    assert sets(result) == {frozenset("a"), frozenset("b"), frozenset("c")}
    assert result.cost == 1
    assert result.proven
    assert result.complete
    assert [one.evidence for one in result.proposals] == [{"a": 3}, {"b": 8}, {"c": 9}]


def test_the_cell_that_two_broken_checks_share_is_named_alone() -> None:
    result = found(dict.fromkeys("abcd", WHOLE), ["a >= b", "a >= c", "d >= a"], a=1, b=5, c=7, d=9)
    assert sets(result) == {frozenset("a")}
    assert (result.proposals[0].least, result.proposals[0].most) == (7, 9)


def test_a_least_value_narrows_what_may_be_wrong() -> None:
    result = found(ABC, ["a = b + c"], a=1, b=3, c=0)
    assert sets(result) == {frozenset("a"), frozenset("b")}


def test_a_negative_value_is_always_among_the_cells() -> None:
    result = found(ABC, ["a = b + c"], a=1, b=-3, c=4)
    assert sets(result) == {frozenset("ab"), frozenset("bc")}


def test_weights_say_which_cells_are_trusted() -> None:
    result = found(ABC, ["a = b + c"], {"a": 3.0, "b": 1.5, "c": 2.0}, a=10, b=1, c=2)
    assert sets(result) == {frozenset("b")}
    assert result.cost == 1.5


def test_a_strict_bound_of_whole_numbers_is_missed_by_one() -> None:
    result = found(dict.fromkeys("ab", WHOLE), ["a > b", ("A", "b >= #20")], a=5, b=25)
    only = {one.cells: (one.least, one.most) for one in result.proposals}
    assert only == {("a",): (26, float("inf"))}


def test_evidence_and_bounds_of_whole_numbers_are_whole() -> None:
    result = found(dict.fromkeys("ab", WHOLE), ["3 * a >= b", "2 * a <= b", "b >= #50"], a=1, b=50)
    by_cell = {one.cells: one for one in result.proposals}
    assert (by_cell["a",].evidence, by_cell["a",].least, by_cell["a",].most) == ({"a": 17}, 17, 25)
    several = found(ABC, ["3 * a >= b", "4 * c >= b", "b >= #50", "b <= #50"], a=1, b=50, c=1)
    assert [one.evidence for one in several.proposals] == [{"a": 17, "c": 13}]


def test_a_strict_bound_of_decimals_is_missed_by_a_little() -> None:
    result = found(dict.fromkeys("ab", MONEY), ["a < b"], a=5, b=5)
    assert sets(result) == {frozenset("a"), frozenset("b")}
    assert 4.9 < result.proposals[0].evidence["a"] < 5


def test_the_tolerance_of_a_check_is_kept() -> None:
    loose = found(ABC, [("A", "a = b + c", "", "2")], a=5, b=1, c=2)
    tight = found(ABC, [("A", "a = b + c", "", "1")], a=5, b=1, c=2)
    assert not loose.proposals
    assert sets(tight) == {frozenset("a"), frozenset("b"), frozenset("c")}


def test_a_ratio_is_held_without_dividing() -> None:
    result = found(dict.fromkeys("ab", WHOLE), ["2 <= a / b <= 4", "b <= #10"], a=100, b=10)
    assert {one.cells: (one.least, one.most) for one in result.proposals} == {("a",): (20, 40)}


def test_a_divisor_is_not_proposed_to_be_nothing() -> None:
    result = found(dict.fromkeys("ab", WHOLE), ["a / b >= 2", "a <= #10"], a=4, b=5)
    by_cell = {one.cells: one for one in result.proposals}
    assert set(by_cell) == {("a",), ("b",)}
    assert by_cell["b",].evidence["b"] > 0


def test_a_quotient_by_nothing_is_no_error() -> None:
    result = found(ABC, ["a / b >= 2", "a >= c"], a=1, b=0, c=3)
    assert sets(result) == {frozenset("a"), frozenset("c")}


def test_a_condition_on_cells_may_be_what_is_wrong() -> None:
    result = found(ABC, [("A", "b > 0", "a > 0"), "b <= c"], a=5, b=0, c=0)
    assert sets(result) == {frozenset("a")}
    assert result.proposals[0].evidence == {"a": 0}


def test_a_condition_that_cannot_change_is_taken_as_it_is() -> None:
    items = {**ABC, "f": 'type = "flag"', "s": 'type = "code", list = "segment"'}
    checks = [("A", "a >= b", "f = 1 and s = 'design' and filled(c)")]
    assert sets(found(items, checks, a=1, b=2, c=1, f=1, s="design")) == {frozenset("a"), frozenset("b")}
    assert not found(items, checks, a=1, b=2, c=1, f=0, s="design").failed


def test_last_year_is_not_proposed() -> None:
    values = {"a": 5000, "a@prev": 10}
    result = found(ABC, ["a / a@prev <= 2"], **values)  # type: ignore[arg-type]
    assert {one.cells: one.most for one in result.proposals} == {("a",): 20}


def test_a_blank_cell_of_a_balance_is_looked_at_besides_and_costs_nothing() -> None:
    result = found(dict.fromkeys("abcd", WHOLE), ["a = b + c", "a >= d"], a=5, b=1, c=None, d=9)
    assert result.missing == ("c",)
    assert sets(result) == {frozenset("a"), frozenset("d")}
    assert result.cost == 1


def test_a_blank_part_counts_as_nothing_where_the_check_says_so() -> None:
    result = found(ABC, [("A", "a = b + c", "", "", "zero")], a=5, b=1, c=None)
    assert result.missing == ()
    assert sets(result) == {frozenset("a"), frozenset("b"), frozenset("c")}


def test_a_blank_cell_that_is_owed_is_told() -> None:
    result = found({"a": 'type = "integer", required = true'}, [], a=None)
    assert result.missing == ("a",)
    assert not result.not_covered


def test_what_no_filling_of_a_blank_cell_can_satisfy_is_wrong_too() -> None:
    result = found(ABC, ["a <= b", "b <= #10", "c <= 5"], a=20, b=None, c=6)
    assert sets(result) == {frozenset("ac")}


def test_a_cell_that_is_to_stay_blank_accuses_no_other() -> None:
    items = {**ABC, "b": f'{WHOLE}, skip = "c > 5"'}
    result = found(items, ["a <= b", "b <= #10", "c <= #10"], a=20, b=None, c=11)
    assert sets(result) == {frozenset("c")}


def test_a_cell_that_is_to_stay_blank_is_not_proposed_and_holds_nothing_back() -> None:
    items = {**ABC, "b": f'{WHOLE}, skip = "c > 5"'}
    counted = found(items, [("A", "a = b + c", "", "", "zero"), ("A", "c >= 6")], a=20, b=None, c=9)
    assert sets(counted) == {frozenset("a"), frozenset("c")}
    silent = found(items, ["a <= b", "a >= 7", "c >= 6"], a=3, b=None, c=9)
    assert {one.cells: one.evidence for one in silent.proposals} == {("a",): {"a": 7}}


def test_a_blank_part_of_a_computed_item_is_free() -> None:
    items = {**ABC, "t": 'type = "integer", computed = "a + b"'}
    result = found(items, ["t <= c", "c >= 2", "a <= 9000"], a=5, b=None, c=1, t=None)
    assert sets(result) == {frozenset("c")}
    assert result.missing == ("b",)


def test_either_branch_of_a_difference_is_tried() -> None:
    result = found(ABC, ["a <> b", "a <= 5", "a >= 5", "b >= 5"], a=5, b=5, c=0)
    assert {one.cells: one.evidence for one in result.proposals} == {("b",): {"b": 6}}


def test_a_gap_written_with_abs_is_linear() -> None:
    result = found(ABC, ["abs(a - b) <= 2"], a=9, b=1, c=0)
    assert {one.cells: (one.least, one.most) for one in result.proposals} == {("a",): (0, 3), ("b",): (7, 11)}


def test_the_largest_and_the_smallest_of_some_items_are_linear() -> None:
    most = found(ABC, [("A", "a >= max(b, c)", "", "", "zero")], a=3, b=5, c=7)
    assert {one.cells: (one.least, one.most) for one in most.proposals} == {("a",): (7, float("inf"))}
    one_of = found(ABC, [("A", "a >= min(b, c)", "", "", "zero")], a=3, b=5, c=7)
    assert sets(one_of) == {frozenset("a"), frozenset("b"), frozenset("c")}
    assert most.not_covered == one_of.not_covered == ()


def test_what_is_not_linear_is_told_and_left_out() -> None:
    result = found(ABC, ["a * b = c", "a >= b"], a=1, b=2, c=9)
    assert result.not_covered == ("E1",)
    assert sets(result) == {frozenset("a"), frozenset("b")}


def test_a_check_that_the_unit_is_exempt_from_need_not_hold() -> None:
    checks = compile_checks(scheme_of(ABC, ["a >= b", "b >= c"]), "2025")
    values = {"a": 1, "b": 5, "c": 9}
    assert localise(checks, values).cost == 2
    assert sets(localise(checks, values, exempt=["E2"])) == {frozenset("a"), frozenset("b")}


def test_checks_that_no_values_satisfy_are_told() -> None:
    result = found(ABC, ["a >= b + 1", "b >= a"], a=1, b=2, c=0)
    assert result.proposals == ()
    assert result.conflict == ("E1", "E2")


def test_a_computed_item_stands_for_its_parts() -> None:
    items = {**ABC, "t": 'type = "integer", computed = "a + b"'}
    result = found(items, ["t <= c", "a <= 3"], a=3, b=9, c=5, t=12)
    assert sets(result) == {frozenset("b"), frozenset("c")}


def test_a_shift_of_the_unit_of_measure_beside_a_gap_of_one_is_told_apart() -> None:
    items = dict.fromkeys("abcdefg", WHOLE)
    checks = ["a = b + c", "d = e + f", "e <= #50", "f <= #50", "d <= #100", "g >= d"]
    result = found(items, checks, a=4_000_000_000, b=1_000_000, c=3_000_000, d=101, e=50, f=50, g=100)
    assert sets(result) == {frozenset((x, "d")) for x in "abc"}


def test_many_errors_at_once_are_found_at_least_cost() -> None:
    items = {f"{letter}{at}": WHOLE for at in range(9) for letter in "abc"}
    checks = [f"a{at} = b{at} + c{at}" for at in range(9)]
    values = dict.fromkeys(items, 5)
    result = found(items, checks, **values)
    assert result.cost == 9
    assert result.proven
    assert not result.complete
    for one in result.proposals:
        assert not localise(compile_checks(scheme_of(items, checks), "2025"), {**values, **one.evidence}).failed


def test_a_search_that_runs_out_of_time_says_so() -> None:
    checks = compile_checks(scheme_of(ABC, ["a = b + c"]), "2025")
    result = localise(checks, {"a": 9, "b": 1, "c": 1}, seconds=0.0)
    assert not result.proven
    assert not result.complete
    assert result.failed == ("E1",)


def test_a_line_of_a_list_form_is_a_record_of_its_own(lists: Scheme) -> None:
    checks = compile_checks(lists, "2025")
    for base in checks.by_base:
        own = {item.name for form in lists.forms if (form.id if form.is_list else form.respondent) == base
               for item in form.items}  # fmt: skip
        assert set(Localiser(checks, base).items) <= own


def test_what_is_given_as_evidence_passes_every_hard_check_but_those_that_ask_for_an_answer(cluster: Scheme) -> None:
    """Sample units (演示数据), each with an amount a thousand times too large."""
    wanted = sample.parameters(paths.sample_parameters("ic-cluster"))
    checks, details, dice = compile_checks(cluster, "2025"), Details(wanted, cluster, 7), random.Random(7)
    plan, tried = Localiser(checks), 0
    for unit in sample.generate(wanted, list(cluster.districts.codes), 40, 7):
        earlier, later = details.unit(unit, "2025")
        Formulas(cluster).compute(later, earlier)
        name = dice.choice([name for name in plan.items if later.values.get(name)])
        later.values[name] = later.values[name] * 1000  # type: ignore[operator]
        values = {**readable(later, earlier, checks.columns("unit")), "district@reg": later.values["district"]}
        for one in plan.localise(values).proposals:
            again = plan.localise({**values, **one.evidence})
            left = set(again.failed) - set(again.not_covered)
            assert all(code.startswith("REQ-") for code in left), (unit, one, left)
            tried += 1
    assert tried > 20


CHECKS = (
    ["a = b + c", "b >= d", "c <= 4"],
    ["a = b + c", "c = d + e", "a <= 5", ("A", "e > 0", "b > 2")],
    ["a >= b", "b >= c", "c > d", "a <> e", "d + e <= 6"],
    ["a = sum(b, c, d)", "2 * b <= a", "a - e <= 1", ("A", "c = 0", "d = 0")],
)


@pytest.mark.parametrize("checks", CHECKS)
def test_small_records_agree_with_trying_every_value(checks: Sequence[str | Sequence[str]]) -> None:
    names, top = "abcde", 6
    rows = [*checks, *(f"{name} <= {top}" for name in names)]
    compiled = compile_checks(scheme_of(dict.fromkeys(names, WHOLE), rows), "2025")
    plan, rng = Localiser(compiled), random.Random(1)
    passing = [
        values
        for values in product(range(top + 1), repeat=len(names))
        if all(one.closure(dict(zip(names, values, strict=True))) for one in compiled.compiled)
    ]
    for _ in range(40):
        record = [rng.randrange(top + 1) for _ in names]
        wanted = _cheapest(record, passing)
        result = plan.localise(dict(zip(names, record, strict=True)))
        got = {frozenset(names.index(name) for name in one.cells) for one in result.proposals} or {frozenset()}
        assert got == wanted


def _cheapest(record: Sequence[int], passing: Sequence[Sequence[int]]) -> set[frozenset[int]]:
    """The smallest sets of positions whose change makes a record one of those that pass."""
    for size in range(len(record) + 1):
        found = {
            frozenset(free)
            for free in combinations(range(len(record)), size)
            if any(all(at in free or good[at] == record[at] for at in range(len(record))) for good in passing)
        }
        if found:
            return found
    return set()
