"""Checks as a set: contradictions, repetitions, and what never comes to anything."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest
from small_schemes import scheme_of

from survey.checks import compile_checks
from survey.rulelint import lint_check, lint_rules
from survey.scheme import Scheme
from survey.texts import Texts

OPERATORS = ("<=", ">=", "<", ">", "=", "<>")
WHOLE = 'type = "integer"'
ABC = dict.fromkeys("abc", WHOLE)
OWED = dict.fromkeys("abc", f"{WHOLE}, required = true")
CODED = {**ABC, "s": 'type = "code", list = "segment"', "f": 'type = "flag"'}


def told(items: Mapping[str, str], checks: Sequence[str | Sequence[str]]) -> list[tuple[object, ...]]:
    """Code, the check, the others."""
    return [
        (problem.code, problem.facts["found"], problem.facts["others"])
        for problem in lint_rules(scheme_of(items, checks))
    ]


def test_checks_that_have_to_do_with_one_another_are_no_problem() -> None:
    assert told(ABC, ["a >= b", "b >= c", ("C", "a <= 2 * b", "b > 0"), "a = b + c"]) == []


def test_two_checks_that_no_answers_pass_contradict() -> None:
    assert told(ABC, ["a > b", "b >= c", "b > a"]) == [("rules_contradict", "E1", "E3")]


def test_only_the_checks_that_contradict_are_named() -> None:
    checks = ["a >= b + 1", "a <= 9000", "b >= c + 1", "c >= a + 1", "b <= 8000"]
    assert told(ABC, checks) == [("rules_contradict", "E1", "E3, E4")]


def test_whole_numbers_leave_no_room_between_two_bounds() -> None:
    assert told(ABC, ["a > 3", "a < 4"]) == [("rules_contradict", "E1", "E2")]
    assert told(dict.fromkeys("abc", 'type = "decimal"'), ["a > 3", "a < 4"]) == []


def test_a_doubtful_check_that_hard_ones_exclude_is_a_fault() -> None:
    assert told(ABC, ["a >= b", ("D", "a < b")]) == [("rules_contradict", "E2", "E1")]


def test_two_doubtful_checks_may_disagree() -> None:
    assert told(ABC, [("C", "a >= b"), ("D", "a < b")]) == []


def test_checks_of_different_cases_do_not_contradict() -> None:
    checks = [("A", "a > b", "s = 'design'"), ("A", "a < b", "s = 'manufacturing'")]
    assert told(CODED, checks) == []
    both_cases = [("A", "a > b", "s = 'design'"), ("A", "a < b", "s in {'design', 'manufacturing'}")]
    assert ("rules_contradict", "E1", "E2") in told(CODED, both_cases)


def test_a_check_against_the_least_value_of_its_item_is_a_fault() -> None:
    items = {**ABC, "a": f"{WHOLE}, minimum = 0"}
    assert told(items, ["a < 0"]) == [("check_against_items", "E1", "MIN-N.101")]


def test_a_check_of_what_its_item_says_to_leave_out_is_a_fault() -> None:
    items = {**CODED, "a": f"{WHOLE}, skip = \"s = 'design'\""}
    assert told(items, [("A", "a > 0", "s = 'design'")]) == [("check_against_items", "E1", "SKIP-N.101")]
    assert told(items, [("A", "a > 0", "s = 'manufacturing'")]) == []


def test_a_check_that_never_holds_is_a_fault() -> None:
    assert told(ABC, ["a > a + 1"]) == [("check_never_holds", "E1", "")]


def test_a_check_that_always_holds_is_a_hint() -> None:
    assert told(ABC, ["a <= a + 1"]) == [("check_always_holds", "E1", "")]


def test_a_condition_that_never_holds_is_a_fault() -> None:
    assert told(CODED, [("A", "a > 0", "s = 'design' and s = 'manufacturing'")]) == [("condition_never", "E1", "")]


def test_a_condition_that_hard_checks_exclude_is_a_fault() -> None:
    assert told(ABC, ["a <= 5", ("B", "b > 0", "a > 6")]) == [("condition_excluded", "E2", "E1")]
    assert told(ABC, ["a <= 5", ("B", "b > 0", "a > 4")]) == []


def test_a_check_that_follows_from_others_is_a_hint() -> None:
    assert told(OWED, ["a >= b", "b >= c", "a >= c"]) == [("check_follows", "E3", "E1, E2, REQ-N.102")]


def test_a_check_does_not_follow_where_a_blank_between_keeps_the_others_silent() -> None:
    assert told(ABC, ["a >= b", "b >= c", "a >= c"]) == []


def test_a_check_that_is_a_little_stronger_does_not_follow() -> None:
    assert told(OWED, ["a >= b", "b >= c", "a >= c + 1"]) == []


def test_a_looser_bound_follows_from_a_tighter_one() -> None:
    assert told(ABC, ["a <= 5", "a <= 6"]) == [("check_follows", "E2", "E1")]
    assert told(ABC, [("A", "a = b", "", "5"), ("A", "a <= b + 4")]) == []
    assert told(ABC, [("A", "a = b", "", "5"), ("A", "a <= b + 5")]) == [("check_follows", "E2", "E1")]


def test_a_hard_check_does_not_follow_from_a_doubtful_one() -> None:
    assert told(ABC, [("C", "a <= 5"), ("A", "a <= 6")]) == []


def test_a_condition_makes_a_check_weaker_not_superfluous() -> None:
    assert told(CODED, [("A", "a > b"), ("A", "a > b", "s = 'design'")]) == [("check_follows", "E2", "E1")]
    assert told(CODED, [("A", "a > b", "s = 'design'"), ("A", "a > b", "s = 'manufacturing'")]) == []


def test_a_ratio_follows_from_a_tighter_one() -> None:
    assert told(ABC, ["1 <= a / b <= 2", "0.5 <= a / b <= 3"]) == [("check_follows", "E2", "E1")]
    assert told(ABC, ["1 <= a / b <= 2", "1.5 <= a / b <= 3"]) == []


def test_what_its_item_says_already_need_not_be_checked() -> None:
    items = {**ABC, "a": f"{WHOLE}, minimum = 0"}
    assert told(items, ["a >= -1"]) == [("check_follows", "E1", "MIN-N.101")]


def test_the_same_check_written_twice_is_a_hint_once() -> None:
    assert told(ABC, ["a = b + c", "2 * c = 2 * a - 2 * b"]) == [("check_twice", "E1", "E2")]
    assert told(ABC, ["a = b + c", "2 * c = 2 * a - b"]) == []


@pytest.mark.parametrize(("check", "refused"), [("a >= 0", True), ("a >= b", False)])
def test_an_instruction_that_asks_for_a_minus_sign_is_not_refused_by_checks(check: str, refused: bool) -> None:
    items = {**ABC, "a": f'{WHOLE}, note = "亏损以“-”号记。", note_en = "A loss carries a minus sign."'}
    assert told(items, [check]) == ([("minus_refused", "N.101", "E1")] if refused else [])


@pytest.mark.parametrize(("check", "refused"), [("a > 0", True), ("a >= 0", False)])
def test_an_instruction_that_asks_for_a_nought_is_not_refused_by_checks(check: str, refused: bool) -> None:
    items = {**ABC, "a": f'{WHOLE}, note = "没有的填 0。", note_en = "0 where there is none."'}
    assert told(items, [check]) == ([("zero_refused", "N.101", "E1")] if refused else [])


def test_a_new_check_is_read_beside_those_there_are() -> None:
    scheme = scheme_of(ABC, ["a >= b", "b >= a + 1"])
    first, second = scheme.checks
    alone = replace(scheme, checks=(first,))
    [problem] = lint_check(alone, second)
    assert (problem.code, problem.facts, problem.hint) == ("rules_contradict", {"found": "E2", "others": "E1"}, False)
    assert lint_check(alone, scheme_of(ABC, ["a >= b", "b <= a + 1"]).checks[1])[0].hint


def test_a_changed_check_is_not_held_against_what_it_was() -> None:
    scheme = scheme_of(ABC, ["a >= b"])
    assert lint_check(scheme, scheme_of(ABC, ["b > a"]).checks[0]) == []


@pytest.mark.parametrize("seed", range(40))
def test_what_is_told_of_random_checks_agrees_with_trying_every_record(seed: int) -> None:
    rng = random.Random(seed)
    checks = [
        f"{a} {rng.choice(OPERATORS)} {b} + {rng.randint(0, 3)}" for a, b in (rng.sample("abc", 2) for _ in "1234")
    ]
    bounds = [f"{name} {bound}" for name in "abc" for bound in (">= 0", "<= 3")]
    scheme = scheme_of(ABC, [*checks, *bounds])
    compiled = compile_checks(scheme, "2025").compiled
    records = [dict(zip("abc", values, strict=True)) for values in product([None, 0, 1, 2, 3], repeat=3)]
    verdicts = [{one.check.code: one.closure(record) for one in compiled} for record in records]
    by_check = {code: [row[code] for row in verdicts] for code in verdicts[0]}
    problems = [problem for problem in lint_rules(scheme) if str(problem.facts["found"]) in ("E1", "E2", "E3", "E4")]
    for problem in problems:
        found, others = str(problem.facts["found"]), str(problem.facts["others"]).split(", ")
        if problem.code == "check_follows":
            assert all(any(row[of] is False for of in others) for row in verdicts if row[found] is False)
        elif problem.code == "rules_contradict":
            whole = [row for row, record in zip(verdicts, records, strict=True) if None not in record.values()]
            assert not any(all(row[of] for of in (found, *others)) for row in whole)
    if not any(not problem.hint for problem in problems):
        told_of = {str(problem.facts["found"]) for problem in problems}
        for code in ("E1", "E2", "E3", "E4"):
            rest = [of for of in by_check if of != code]
            follows = all(any(row[of] is False for of in rest) for row in verdicts if row[code] is False)
            assert not follows or code in told_of or any(code in str(one.facts["others"]) for one in problems)


def test_every_problem_has_its_sentence(texts: Texts) -> None:
    [problem] = lint_rules(scheme_of(ABC, ["a <= 5", "a <= 6"]))
    assert problem.text(texts) == "checks.csv:3  提示：审核“E2”已包含在 E1 之中：它不通过时，这些审核必有一条不通过。"


def test_the_checks_that_are_shipped_do_not_contradict_one_another(cluster: Scheme) -> None:
    assert [problem for problem in lint_rules(cluster) if not problem.hint] == []
