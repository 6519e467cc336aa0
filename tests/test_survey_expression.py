"""The language of checks: what it reads, what it means, and that the three emitters agree."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey import codes
from survey.binding import FUNCTIONS, LINE_FUNCTIONS, bind, blank_as_zero
from survey.expression import (
    Arithmetic,
    Call,
    Column,
    Comparison,
    ExpressionError,
    If,
    LineSum,
    Logic,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Reference,
    Span,
    Text,
    columns,
    depth,
    names_read,
    write,
)
from survey.grammar import DEEPEST, parse
from survey.scalar import Value, compile_lines, compile_scalar
from survey.scheme import ItemNames, Scheme
from survey.sql import lines_sql, quote, to_sql
from survey.vector import Evaluator

TEXT_ITEMS = ("segment", "uscc")


class AnyItem:
    """Knows every name; rows of a span count upwards; names with `line_` are on a list form."""

    line_form = ""

    def list_form(self, column: Column) -> str:
        return column.name.split("_")[1] if column.name.startswith("line_") else ""

    def find(self, reference: Reference) -> Column:
        if reference.text.startswith("no_"):
            raise KeyError("near")
        return Column(reference.text, reference.at, "text" if reference.text in TEXT_ITEMS else "number")

    def span(self, span: Span) -> Sequence[Column]:
        first, last = int(span.first.text), int(span.last.text)
        return [Column(f"{row:02}", "", "number") for row in range(first, last + 1)]


def read(text: str) -> Node:
    return bind(parse(text), AnyItem(), text, want="truth")


def verdict(text: str, tolerance: float = 0.0, **values: Value) -> object:
    named = {key.lstrip("r").replace("_prev", "@prev"): value for key, value in values.items()}
    return compile_scalar(read(text), tolerance)(named)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("01 >= 02 + 03", "[01] >= ([02] + [03])"),
        ("sum(02..04) = 10", "sum([02], [03], [04]) = [10]"),
        ("若 12 > 0 则 13 > 0", "if ([12] > 0) then ([13] > 0)"),
        ("if 12 > 0 then 13 > 0", "if ([12] > 0) then ([13] > 0)"),
        ("0.5 <= 301/301@prev <= 2", "(0.5 <= ([301] / [301@prev])) and (([301] / [301@prev]) <= 2)"),
        ("[IC-02.301] = [IC-05.total]", "[IC-02.301] = [IC-05.total]"),
        ("01 ≥ 02 且 非 03 ≠ 04", "([01] >= [02]) and (not ([03] <> [04]))"),
        ("（01＋02）×２＝03", "(([01] + [02]) * 2) = [03]"),
        ("07 in {1, 2, 3}", "[07] in {1, 2, 3}"),
        ("segment = 'design' or 11 <= #100", "([segment] = 'design') or ([11] <= #100)"),
        ("- 01 < 1000", "(-[01]) < 1000"),
        ("01 >= total(line_a_x, line_a_y > 0)", "[01] >= total([line_a_x], [line_a_y] > 0)"),
        ("lines(line_a_y@prev > 0) = 0", "lines([line_a_y@prev] > 0) = 0"),
        ("starts(segment, 'de', 'e')", "starts([segment], 'de', 'e')"),
    ],
)
def test_it_reads_what_statisticians_write_and_prints_it_bracketed(written: str, canonical: str) -> None:
    assert write(read(written)) == canonical
    assert read(canonical) == read(written)


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("01 = 02 03", "expression.syntax", 9),
        ("01 >", "expression.syntax", 5),
        ("(01 = 02", "expression.syntax", 9),
        ("01 ? 2", "expression.syntax", 4),
        ("01 + no_such = 3", "expression.unknown_item", 6),
        ("01 = mean(02)", "expression.unknown_function", 6),
        ("segment + 1 = 2", "expression.kind", 1),
        ("segment = 2", "expression.kind", 1),
        ("01 + 02", "expression.kind", 1),
        ("round(01, 1, 2) = 1", "expression.arguments", 1),
    ],
)
def test_a_text_that_cannot_be_read_says_where(text: str, code: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert (caught.value.code, caught.value.facts["column"]) == (code, column)


@pytest.mark.parametrize(
    "text",
    ["+".join(["01"] * 488) + " > 1", "not " * 1000 + "01 = 1", "-" * 3000 + "01 > 1", "abs(" * 500 + "01" + ")" * 500,
     "若 01 = 1 则 " * 1000 + "02 = 1", "(" * 5000 + "-" * 5000 + "01" + ")" * 5000],
    ids=["sum", "not", "minus", "calls", "if", "brackets"],
)  # fmt: skip
def test_an_expression_nested_or_chained_too_deep_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert (caught.value.code, caught.value.facts["most"]) == ("expression.too_deep", DEEPEST)


@pytest.mark.parametrize(
    "text",
    ["+".join(["01"] * 98) + " > 1", "not " * 97 + "01 = 1", "-" * 97 + "01 > 1",
     "abs(" * 97 + "01" + ")" * 97 + " > 1", "若 01 = 1 则 " * 97 + "02 = 1"],
    ids=["sum", "not", "minus", "calls", "if"],
)  # fmt: skip
def test_the_deepest_expression_can_be_worked_with(text: str) -> None:
    tree = read(text)
    assert depth(tree) >= DEEPEST - 1
    assert to_sql(blank_as_zero(tree), lambda column: column.name)
    assert read(write(tree)) == tree
    assert compile_scalar(tree)({"01": 1.0, "02": 1.0}) in (True, False)


def test_a_syntax_error_says_what_was_expected() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("01 = 02 03")
    assert caught.value.facts["found"] == "03"
    assert "+ -" in str(caught.value.facts["expected"])


def test_missing_makes_a_comparison_unknown_and_zero_does_not() -> None:
    assert verdict("01 >= 02", r01=1, r02=None) is None
    assert verdict("01 >= 02", r01=1, r02=0) is True
    assert verdict("filled(01)", r01=None) is False


def test_division_by_zero_is_missing_and_integers_divide_exactly() -> None:
    assert verdict("01 / 02 > 0", r01=1, r02=0) is None
    assert verdict("01 / 02 = 0.5", r01=1, r02=2) is True


def test_logic_is_kleenes() -> None:
    assert verdict("01 > 0 or 02 > 0", r01=None, r02=1) is True
    assert verdict("01 > 0 and 02 > 0", r01=None, r02=0) is False
    assert verdict("01 > 0 and 02 > 0", r01=None, r02=1) is None
    assert verdict("if 01 > 0 then 02 > 0", r01=None, r02=1) is True
    assert verdict("if 01 > 0 then 02 > 0", r01=1, r02=None) is None


def test_strict_comparisons_are_the_exact_negations_within_the_tolerance() -> None:
    assert verdict("01 = 02", 1, r01=10, r02=11) is True
    assert verdict("01 <> 02", 1, r01=10, r02=11) is False
    assert verdict("01 < 02", 1, r01=10, r02=11) is False
    assert verdict("01 < 02", 1, r01=10, r02=12) is True


def test_blank_parts_of_a_balance_may_be_read_as_zero() -> None:
    assert verdict("10 = sum(02..04)", r10=5, r02=2, r03=3, r04=None) is None
    assert verdict("10 = sum0(02..04)", r10=5, r02=2, r03=3, r04=None) is True
    zero = compile_scalar(blank_as_zero(read("10 = sum(02..04)")))
    assert zero({"10": 5, "02": 2, "03": 3}) is True
    assert compile_scalar(blank_as_zero(read("filled(02)")))({}) is False


def test_round_is_half_away_from_zero() -> None:
    for value, expected in ((2.5, 3), (-2.5, -3), (0.125, 0), (1e300, 1e300)):
        assert verdict("round(01) = 02", r01=value, r02=expected) is True
    assert verdict("round(01, 2) = 02", r01=0.125, r02=0.13) is True


NUMBERS = st.one_of(
    st.none(),
    st.integers(-10, 10),
    st.integers(-(10**15), 10**15),
    st.sampled_from([0.5, 2.5, -2.5, 0.1, 1e300, -1e300]),
)
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["design", "eda", "设计", "", "91440300192317458F", "914403001922038217", "91350100M000100Y4Z"]),
)
NUMBER_COLUMNS = [Column(name, at, "number") for name in ("a", "b", "c") for at in ("", "prev")]
TEXT_COLUMNS = [Column("segment", "", "text"), Column("uscc", "", "text")]
OPERATORS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


def numbers() -> st.SearchStrategy[Node]:
    leaves = st.one_of(
        st.sampled_from(NUMBER_COLUMNS), st.sampled_from([0.0, 1.0, 2.0, 0.5, 100.0, 1000.0]).map(Number)
    )
    return st.recursive(
        leaves,
        lambda deeper: st.one_of(
            st.builds(Arithmetic, st.sampled_from("+-*/"), deeper, deeper),
            st.builds(Negative, deeper),
            st.builds(Call, st.sampled_from(["abs", "nz"]), st.tuples(deeper)),
            st.builds(Call, st.sampled_from(["min", "max", "sum", "sum0"]), st.tuples(deeper, deeper)),
            st.builds(Call, st.just("round"), st.tuples(deeper)),
            st.builds(Call, st.just("round"), st.tuples(deeper, st.sampled_from([0.0, 1.0, 2.0]).map(Number))),
        ),
        max_leaves=8,
    )


_STARTS = st.sampled_from(["d", "des", "设", "", "914"]).map(Text)


def conditions() -> st.SearchStrategy[Node]:
    text = st.one_of(st.sampled_from(TEXT_COLUMNS), st.sampled_from(["design", "设计", "b"]).map(Text))
    leaves = st.one_of(
        st.builds(Comparison, OPERATORS, numbers(), numbers()),
        st.builds(Comparison, OPERATORS, st.sampled_from(TEXT_COLUMNS), text),
        st.builds(Membership, numbers(), st.tuples(numbers(), numbers())),
        st.builds(Membership, st.sampled_from(TEXT_COLUMNS), st.tuples(text, text)),
        st.builds(Call, st.just("filled"), st.tuples(st.one_of(numbers(), st.sampled_from(TEXT_COLUMNS)))),
        st.builds(Call, st.sampled_from(["valid_uscc", "valid_orgcode"]), st.tuples(st.sampled_from(TEXT_COLUMNS))),
        st.builds(Call, st.just("starts"), st.tuples(st.sampled_from(TEXT_COLUMNS), *[_STARTS] * 2)),
    )
    return st.recursive(
        leaves,
        lambda deeper: st.one_of(
            st.builds(Logic, st.sampled_from(["and", "or"]), st.tuples(deeper, deeper)),
            st.builds(Not, deeper),
            st.builds(If, deeper, deeper),
        ),
        max_leaves=5,
    )


RECORDS = st.lists(
    st.fixed_dictionaries(
        {column.key: NUMBERS for column in NUMBER_COLUMNS} | {column.key: TEXTS for column in TEXT_COLUMNS}
    ),
    min_size=1,
    max_size=6,
)


def with_numpy(tree: Node, tolerance: float, records: list[dict[str, Value]]) -> list[bool | None]:
    chunk = {
        column.key: np.array(
            [np.nan if record[column.key] is None else record[column.key] for record in records], float
        )
        for column in NUMBER_COLUMNS
    } | {column.key: np.array([record[column.key] for record in records], object) for column in TEXT_COLUMNS}
    truth = Evaluator(chunk, len(records)).truth(tree, tolerance)
    pairs = zip(np.broadcast_to(truth.true, len(records)), np.broadcast_to(truth.false, len(records)), strict=True)
    return [True if true else False if false else None for true, false in pairs]


def with_sqlite(tree: Node, tolerance: float, records: list[dict[str, Value]]) -> list[bool | None]:
    connection = sqlite3.connect(":memory:")
    connection.create_function("valid_uscc", 1, lambda text: None if text is None else codes.valid_uscc(text))
    connection.create_function("valid_orgcode", 1, lambda text: None if text is None else codes.valid_orgcode(text))
    every = [*NUMBER_COLUMNS, *TEXT_COLUMNS]
    connection.execute(f"CREATE TABLE record (n INTEGER, {', '.join(quote(column.key) for column in every)})")
    connection.executemany(
        f"INSERT INTO record VALUES (?{', ?' * len(every)})",
        [(n, *(record[column.key] for column in every)) for n, record in enumerate(records)],
    )
    sql = to_sql(tree, lambda column: quote(column.key), tolerance)
    found = [row[0] for row in connection.execute(f"SELECT {sql} FROM record ORDER BY n")]
    connection.close()
    return [None if truth is None else bool(truth) for truth in found]


@settings(max_examples=400, deadline=None)
@given(tree=conditions(), records=RECORDS, tolerance=st.sampled_from([0.0, 0.0, 1.0, 0.5]))
def test_closure_numpy_and_sqlite_agree_exactly(tree: Node, records: list[dict[str, Value]], tolerance: float) -> None:
    closure = compile_scalar(tree, tolerance)
    one_by_one = [closure(record) for record in records]
    assert with_numpy(tree, tolerance, records) == one_by_one
    assert with_sqlite(tree, tolerance, records) == one_by_one


@settings(max_examples=200, deadline=None)
@given(tree=conditions())
def test_what_is_printed_reads_back_to_the_same_tree(tree: Node) -> None:
    assert bind(parse(write(tree)), AnyOf(columns(tree)), write(tree)) == tree


LINES = st.lists(
    st.fixed_dictionaries({"a": NUMBERS, "b": NUMBERS, "c": NUMBERS, "segment": TEXTS, "uscc": TEXTS}), max_size=5
)


def of_one_line(tree: Node) -> bool:
    return not any(column.at for column in columns(tree))


@settings(max_examples=200, deadline=None)
@given(
    function=st.sampled_from(sorted(LINE_FUNCTIONS)),
    argument=numbers().filter(of_one_line),
    condition=conditions().filter(of_one_line),
    lines=LINES,
)
def test_closure_and_sqlite_agree_on_what_lines_come_to(
    function: str, argument: Node, condition: Node, lines: list[dict[str, Value]]
) -> None:
    come_to = LineSum(function, "L", None if function == "lines" else argument, condition)
    connection = sqlite3.connect(":memory:")
    for name, test in (("valid_uscc", codes.valid_uscc), ("valid_orgcode", codes.valid_orgcode)):
        connection.create_function(name, 1, lambda text, test=test: None if text is None else test(text))
    connection.execute("CREATE TABLE line (response, a, b, c, segment, uscc)")
    connection.executemany("INSERT INTO line VALUES (7, :a, :b, :c, :segment, :uscc)", lines)
    (found,) = connection.execute(f"SELECT {lines_sql(Column('a', '', 'number', come_to), 'line', '7')}").fetchone()
    connection.close()
    expected = compile_lines(come_to)(lines)
    assert found == expected or found == pytest.approx(expected)


def test_an_item_of_a_list_form_is_only_read_through_its_lines() -> None:
    with pytest.raises(ExpressionError) as caught:
        read("01 >= line_a_x")
    assert caught.value.code == "expression.needs_total"
    with pytest.raises(ExpressionError) as caught:
        read("01 >= total(line_a_x, line_b_y > 0)")
    assert caught.value.code == "expression.one_list"


class AnyOf(AnyItem):
    def __init__(self, known: Sequence[Column]) -> None:
        self._known = {(column.name, column.at): column for column in known}

    def find(self, reference: Reference) -> Column:
        return self._known[reference.text, reference.at]


def test_every_function_of_the_language_is_generated_above() -> None:
    generated = {"abs", "nz", "min", "max", "sum", "sum0", "round", "filled", "valid_uscc", "valid_orgcode", "starts"}
    assert generated == set(FUNCTIONS)


def test_a_measure_among_units_is_one_value_under_its_own_name(small: Scheme) -> None:
    names = ItemNames(small.forms, small.form("T-02"))
    tree = bind(parse("hb(301) <= 4 且 mad(301/[T-02.302]) < 5"), names, "", peers=True)
    first, second = columns(tree)
    assert [first.key, second.key] == ["hb([revenue])", "mad([revenue] / [main_revenue])"]
    assert [one.key for one in first.inner] == ["revenue", "revenue@prev"]
    assert [one.key for one in second.inner] == ["revenue", "main_revenue"]
    assert not first.is_cell
    assert bind(parse(write(tree)), names, "", peers=True) == tree
    assert names_read(tree) == {"revenue", "main_revenue"}


@pytest.mark.parametrize("text", ["hb(301 + 302) > 1", "same(301, 302@prev) = 0", "mad(5) < 3", "hb(301@prev) < 3"])
def test_a_measure_among_units_takes_items_of_the_period(small: Scheme, text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        bind(parse(text), ItemNames(small.forms, small.form("T-02")), text, peers=True)
    assert caught.value.code == "expression.peers"


def test_only_checks_measure_a_unit_among_others(small: Scheme) -> None:
    with pytest.raises(ExpressionError) as caught:
        bind(parse("hb(301) > 1"), ItemNames(small.forms, small.form("T-02")), "hb(301) > 1")
    assert caught.value.code == "expression.unknown_function"
