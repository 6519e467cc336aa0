"""Checks read back in words, and what is said of a check that is still being written."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.binding import bind
from survey.checks import every_check
from survey.errors import SurveyError
from survey.grammar import parse
from survey.ruledraft import Draft, draft, lint, told
from survey.ruletext import readback
from survey.scheme import ItemNames, Scheme
from survey.texts import LANGUAGES, Texts, load

OWN = {"class": "B", "scope": "T-02", "expression": "301 >= 327", "message": "收入不小于利润"}


def said(text: str, scheme: Scheme, texts: Texts, scope: str = "T-02") -> str:
    tree = bind(parse(text), ItemNames(scheme.forms, scheme.form(scope)), text, want="truth", peers=True)
    return readback(tree, scheme, texts, scope)


@pytest.fixture(scope="session")
def english(assets: Path) -> Texts:
    return load(assets / "i18n", "en")


def test_a_check_is_read_with_the_titles_of_its_rows(small: Scheme, texts: Texts, english: Texts) -> None:
    written = "若 301 > 0 则 301 >= 302"
    assert said(written, small, texts) == "若 [营业收入] > 0 则 [营业收入] ≥ [主营业务收入]"
    assert said(written, small, english) == "if [Revenue] > 0 then [Revenue] ≥ [Main revenue]"


def test_last_year_the_register_and_other_forms_are_told(small: Scheme, texts: Texts) -> None:
    assert said("301 <= 2 * 301@prev", small, texts) == "[营业收入] ≤ 2 × [营业收入]（上年）"
    read = said("district = district@reg or revenue > 0", small, texts, "T-01")
    assert read == "[所在区] = [所在区]（名录） 或 [T-02 营业收入] > 0"


def test_brackets_stand_where_the_order_would_change(small: Scheme, texts: Texts) -> None:
    assert said("301 - (302 - 327) = (301 + 302) * 2", small, texts) == (
        "[营业收入] − （[主营业务收入] − [利润总额]） = （[营业收入] + [主营业务收入]） × 2"
    )
    assert said("301 > 0 and 302 > 0 or not (327 > 0 and 90 > 1)", small, texts) == (
        "（[营业收入] > 0 且 [主营业务收入] > 0） 或 非 （[利润总额] > 0 且 [收入占比] > 1）"
    )


def test_bounds_on_both_sides_are_read_as_one(small: Scheme, texts: Texts) -> None:
    assert said("0.5 <= 301 / 302 <= #20", small, texts) == "0.5 ≤ [营业收入] ÷ [主营业务收入] ≤ 20"


def test_codes_and_flags_are_read_under_their_labels(small: Scheme, texts: Texts, english: Texts) -> None:
    written = "segment in {'design', 'manufacturing'} and backbone = 1"
    assert said(written, small, texts, "T-01").endswith("且 [骨干企业标志] = 是")
    assert "“设计”" in said(written, small, texts, "T-01")
    assert "“Design”" in said(written, small, english, "T-01")


def test_functions_are_read_in_words(small: Scheme, texts: Texts) -> None:
    assert said("filled(301) and sum(302, 327) <= 301", small, texts) == (
        "[营业收入] 已填 且 [主营业务收入] + [利润总额] ≤ [营业收入]"
    )
    assert said("starts(uscc, '91', '92')", small, texts, "T-01").endswith("开头")


def test_lines_and_peers_are_called_as_findings_call_them(lists: Scheme, texts: Texts) -> None:
    plain = said("301 >= total(product_revenue)", lists, texts)
    assert plain.startswith("[营业收入] ≥ ")
    assert plain.endswith("“收入”合计")
    some = said("301 >= total(product_revenue, product_exports > 0)", lists, texts)
    assert some == f"{plain}（只计 [出口] > 0）"
    assert said("hb(301) <= 4", lists, texts) == "“营业收入”的增减偏离同类单位的倍数 ≤ 4"
    assert said("same(301, 302) = 0", lists, texts) == "“营业收入”“主营业务收入”与之相同的其他单位数 = 0"
    assert "（[营业收入] ÷ [主营业务收入]）" in said("mad(301 / 302) <= 4", lists, texts)


def test_a_check_that_counts_blanks_as_zero_says_so_once(small: Scheme, texts: Texts) -> None:
    read = draft(small, "L-001", {**OWN, "missing": "zero"}, texts)
    assert read.reading == "[营业收入] ≥ [利润总额]（空白按 0 计）"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_check_that_is_shipped_can_be_read_back(cluster: Scheme, assets: Path, lang: str) -> None:
    catalogue = load(assets / "i18n", lang)
    for check in every_check(cluster, "2025"):
        read = readback(check.tree, cluster, catalogue, check.scope)
        assert "[" in read or "“" in read
        assert "@" not in read


# A check that is being written


def wrong(scheme: Scheme, texts: Texts, **row: str) -> tuple[str, int, int]:
    read = draft(scheme, "L-001", {**OWN, **row}, texts)
    assert read.check is None
    [fault] = read.faults
    return fault.field, fault.column, fault.length


def test_a_fault_is_placed_under_its_character(small: Scheme, texts: Texts) -> None:
    assert wrong(small, texts, expression="301 >= 9999x") == ("expression", 12, 1)
    assert wrong(small, texts, expression="301 >= profitt") == ("expression", 8, 7)
    assert wrong(small, texts, expression="301 >= [profitt] + 1") == ("expression", 8, 9)
    assert wrong(small, texts, expression="301 >= 10") == ("expression", 8, 2)
    assert wrong(small, texts, expression="301 >=") == ("expression", 7, 0)


def test_a_fault_is_placed_in_the_field_it_is_in(small: Scheme, texts: Texts) -> None:
    assert wrong(small, texts, when="301 > nobody") == ("when", 7, 6)
    assert wrong(small, texts, when="301 >") == ("when", 6, 0)
    assert wrong(small, texts, when="301 > 0", expression="nobody > 1") == ("expression", 1, 6)
    assert wrong(small, texts, when="301 > 0", expression="301 >= 302 +") == ("expression", 13, 0)
    assert wrong(small, texts, when="301", expression="301 >= 302") == ("when", 0, 0)
    assert wrong(small, texts, when="301 > 0", expression="302") == ("expression", 0, 0)


def test_a_name_that_is_nearly_right_is_offered(small: Scheme, texts: Texts) -> None:
    [near] = draft(small, "L-001", {**OWN, "expression": "301 >= total_profitt"}, texts).faults
    assert "是不是“total_profit”" in near.text
    [far] = draft(small, "L-001", {**OWN, "expression": "301 >= xyzzy"}, texts).faults
    assert "是不是" not in far.text
    [number] = draft(small, "L-001", {**OWN, "expression": "301 >= 10"}, texts).faults
    assert "如果是数，请写 #10" in number.text


def test_a_check_without_a_message_can_be_tried_but_not_saved(small: Scheme, texts: Texts) -> None:
    read = draft(small, "L-001", {**OWN, "message": " "}, texts)
    assert read.check is not None
    assert read.check.message == read.reading == "[营业收入] ≥ [利润总额]"
    assert not read.complete
    assert [fault.field for fault in read.faults] == ["message"]
    assert draft(small, "L-001", OWN, texts).complete


def test_an_unreadable_check_is_refused_with_everything_that_is_wrong(small: Scheme, texts: Texts) -> None:
    read: Draft = draft(small, "L-001", {"scope": "T-02", "tolerance": "x"}, texts)
    with pytest.raises(SurveyError) as caught:
        read.readable(texts)
    assert caught.value.code == "own_check"
    assert str(caught.value.facts["faults"]).count("\n") == len(read.faults) - 1 >= 1


def test_contradictions_come_before_hints_and_units_are_looked_at(small: Scheme, texts: Texts) -> None:
    def found(expression: str) -> list[tuple[str, bool]]:
        check = draft(small, "L-001", {**OWN, "class": "A", "expression": expression}, texts).readable(texts)
        return [(problem.code, problem.hint) for problem in lint(small, check, "2025")]

    assert found("301 < 302") == [("rules_contradict", False)]
    assert found("301 + 1 >= 302") == [("check_follows", True)]
    assert found("301 > 01")[0] == ("units_differ", False)
    assert found("327 <= 301") == []


def test_a_problem_of_one_check_is_told_without_a_file(small: Scheme, texts: Texts) -> None:
    check = draft(small, "L-001", {**OWN, "expression": "301 + 1 >= 302"}, texts).readable(texts)
    [problem] = lint(small, check, "2025")
    assert told(problem, texts).startswith("提示：审核“L-001”")
