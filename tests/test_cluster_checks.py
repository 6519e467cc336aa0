"""The checks of the shipped scheme: what they cover, and that each passes and fails what it should."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from survey.checks import CompiledCheck, compile_checks, sentence
from survey.expression import Column, Comparison, If, Node, Text, columns, rebuild, walk, write
from survey.form import CHECK_CLASSES, FAMILIES, Check
from survey.formulas import Answers, gathered
from survey.scalar import Value, compile_scalar
from survey.scheme import Scheme
from survey.texts import load

PERIOD = "2025"
CASES: Mapping[str, Mapping[str, list[dict[str, Any]]]] = tomllib.loads(
    (ROOT / "tests" / "data" / "check_cases.toml").read_text(encoding="utf-8")
)
EVERY = [
    pytest.param(code, verdict, case, id=f"{code}-{verdict}-{number}")
    for code, verdicts in CASES.items()
    for verdict, cases in verdicts.items()
    for number, case in enumerate(cases, 1)
]
STRICT = {">=": ">", ">": ">=", "<=": "<", "<": "<="}
RULES_107_2 = [f"R{number:02}" for number in range(1, 21)] + [f"S{number:02}" for number in range(1, 6)]


@pytest.fixture(scope="module")
def compiled(cluster: Scheme) -> dict[str, CompiledCheck]:
    return {one.check.code: one for one in compile_checks(cluster, PERIOD).compiled}


def _values(one: CompiledCheck, case: Mapping[str, Any]) -> dict[str, Value]:
    """What a check reads of a case: answers, what its lines come to, and how the unit stands among others."""
    lines = {form: dict(enumerate(rows, 1)) for form, rows in case.items() if isinstance(rows, list)}
    values = {name: value for name, value in case.items() if name not in lines and name != "peer"}
    values.update(gathered(Answers({}, lines), Answers(), one.columns))
    values.update({column.key: case.get("peer") for column in one.columns if column.peers})
    return values


@pytest.mark.parametrize(("code", "verdict", "case"), EVERY)
def test_a_check_tells_right_from_wrong(
    code: str, verdict: str, case: dict[str, Any], compiled: dict[str, CompiledCheck]
) -> None:
    one = compiled[code]
    assert one.closure(_values(one, case)) is (verdict == "pass")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_failure_can_be_said(
    lang: str, assets: Path, cluster: Scheme, compiled: dict[str, CompiledCheck]
) -> None:
    texts = load(assets / "i18n", lang)
    checks = compile_checks(cluster, PERIOD)
    for code, verdicts in CASES.items():
        one = compiled[code]
        said = sentence(checks.finding(one, _values(one, verdicts["fail"][0]), "fail"), cluster, texts)
        assert said.startswith(texts.pick(one.check.message, one.check.message_en))
        assert not re.search(r"[\[\]{}]", said)


def test_a_case_says_only_what_its_check_reads(compiled: dict[str, CompiledCheck]) -> None:
    for code, verdicts in CASES.items():
        read = {column.key for column in compiled[code].columns if column.is_cell}
        inside = {inner.name for column in compiled[code].columns for inner in column.inner}
        for case in (case for cases in verdicts.values() for case in cases):
            lines = [line for rows in case.values() if isinstance(rows, list) for line in rows]
            said = {name for name, value in case.items() if not isinstance(value, list)} - {"peer"}
            assert said <= read, code
            assert {name for line in lines for name in line} <= inside, code


def test_no_bound_can_be_moved_unnoticed(compiled: dict[str, CompiledCheck]) -> None:
    """With >= for >, or < for <=, in what must hold, some case of the check comes out otherwise."""
    for code, verdicts in CASES.items():
        one = compiled[code]
        told = [(_values(one, case), verdict == "pass") for verdict, cases in verdicts.items() for case in cases]
        held = one.check.tree.consequence if isinstance(one.check.tree, If) else one.check.tree
        for bound in (node for node in walk(held) if isinstance(node, Comparison) and node.operator in STRICT):
            moved = _moved(one.check.tree, bound)
            closure = compile_scalar(moved, one.check.tolerance)
            assert any((closure(values) is True) != passes for values, passes in told), (code, write(moved))


def _moved(node: Node, bound: Comparison) -> Node:
    """The tree with one of its inequalities strict where it was not, or the other way round."""
    if node is bound:
        return replace(bound, operator=STRICT[bound.operator])
    return rebuild(node, lambda part: _moved(part, bound))


def test_every_check_has_answers_that_pass_and_that_fail(cluster: Scheme) -> None:
    assert list(CASES) == [check.code for check in cluster.checks]
    assert all(cases.get("pass") and cases.get("fail") for cases in CASES.values())


def test_there_are_checks_of_every_family_class_and_form(cluster: Scheme) -> None:
    checks = cluster.checks
    assert len(checks) >= 150
    assert min(Counter(check.family for check in checks)[family] for family in FAMILIES) >= 4
    assert {check.category for check in checks} == set(CHECK_CLASSES)
    assert {check.scope for check in checks} == {form.id for form in cluster.forms if form.respondent != "city"}


def test_the_rules_of_form_107_2_are_all_there(cluster: Scheme) -> None:
    reasons = [check.reason for check in cluster.checks if check.scope == "IC-04"]
    cited = [rule for reason in reasons if "107-2" in reason for rule in re.findall(r"\b[RS]\d\d\b", reason)]
    assert sorted(cited) == sorted(RULES_107_2)


def test_no_two_checks_ask_the_same(cluster: Scheme) -> None:
    asked = Counter((check.scope, check.tolerance, write(check.tree)) for check in cluster.checks)
    assert max(asked.values()) == 1
    assert max(Counter(check.message for check in cluster.checks).values()) == 1
    assert max(Counter(check.message_en for check in cluster.checks).values()) == 1


def test_a_check_says_what_must_hold_and_why(cluster: Scheme) -> None:
    for check in cluster.checks:
        assert re.search(r"[\u4e00-\u9fff]", check.message), check.code
        assert re.search(r"[\u4e00-\u9fff]|GB", check.reason), check.code
        assert not re.search(r"[\u4e00-\u9fff]", check.message_en), check.code
        assert check.message_en[:1].isupper(), check.code
        assert not check.message.endswith(("。", ".")), check.code
        assert not check.message_en.endswith("."), check.code


def test_only_what_is_true_by_definition_blocks(cluster: Scheme) -> None:
    """A failure that has an innocent explanation is no class A: nothing statistical, nothing across periods."""
    doubtful = {"cross_period", "magnitude", "outlier", "duplicate", "completeness"}
    assert not [check.code for check in cluster.checks if check.category == "A" and check.family in doubtful]


def test_a_family_means_what_its_checks_do(cluster: Scheme) -> None:
    for check in cluster.checks:
        read = columns(check.tree)
        measured = {column.peers.function for column in read if column.peers}
        assert (check.family == "outlier") == bool(measured & {"hb", "mad"}), check.code
        assert "same" not in measured or check.family == "duplicate", check.code
        if check.family == "cross_period":
            assert any(column.at == "prev" for column in read), check.code
        if check.family == "cross_form":
            assert _others(check, cluster, read), check.code


def _others(check: Check, scheme: Scheme, read: tuple[Column, ...]) -> bool:
    """Whether a check reads another form than its own, be it by way of a computed item, or the register."""
    computed = [inner for column in read for inner in columns(scheme.computed.get(column.name, Text("")))]
    forms = {scheme.item(column.name).form for column in (*read, *computed)}
    return len(forms | {check.scope}) > 1 or any(column.at == "reg" for column in read)
