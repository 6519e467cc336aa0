"""Expressions as Excel formulas: what is written, and what no workbook can say; their meaning is for tests/office."""

from __future__ import annotations

import re

import pytest

from survey import excelformula
from survey.excelformula import DEEPEST, LONGEST, UnwritableError, to_formula
from survey.expression import Arithmetic, Call, Column, Comparison, LineSum, Logic, Membership, Node, Not, Number, Text

A, B = Column("a", "", "number"), Column("b", "", "number")
SEGMENT = Column("segment", "", "text")
# What Excel 2007 knows; a later function would show as #NAME? there.
KNOWN = {
    "IF", "IFERROR", "ISNUMBER", "ISERROR", "NA", "MIN", "MAX", "ABS", "ROUND", "EXACT", "NOT", "AND", "SUMPRODUCT",
    "LEFT", "RIGHT", "MID", "FIND", "LEN", "MOD", "SUM", "COUNT",
}  # fmt: skip


def place(column: Column) -> str:
    return {"a": excelformula.number("A1"), "b": excelformula.number("B1"), "segment": excelformula.text("C1")}[
        column.name
    ]


def cells(column: Column) -> str:
    return {"a": "$A$1:$A$9", "b": "$B$1:$B$9", "segment": "$C$1:$C$9"}[column.name]


@pytest.mark.parametrize(
    ("tree", "tolerance", "formula"),
    [
        (Comparison(">=", A, Number(2.0)), 0, "IFERROR(IF(IF(ISNUMBER(A1),A1,NA())>=2,1,0),0.5)"),
        (Comparison("=", A, Number(2.0)), 1.0, "IFERROR(IF(ABS(IF(ISNUMBER(A1),A1,NA())-2)<=1,1,0),0.5)"),
        (Comparison("=", SEGMENT, Text('a"b')), 0, 'IFERROR(IF(EXACT(IF(C1="",NA(),C1),"a""b"),1,0),0.5)'),
        (Call("filled", (A,)), 0, "IF(ISERROR(IF(ISNUMBER(A1),A1,NA())),0,1)"),
        (Not(Call("filled", (SEGMENT,))), 0, '(1-IF(ISERROR(IF(C1="",NA(),C1)),0,1))'),
        (Membership(SEGMENT, (Text("x"), Text("y"))), 0,
         'IFERROR(IF(SUMPRODUCT(--EXACT(IF(C1="",NA(),C1),{"x","y"}))>0,1,0),0.5)'),
        (Arithmetic("-", Number(1.0), Number(-2.5)), 0, "(1-(-2.5))"),
    ],
)  # fmt: skip
def test_a_formula_is_written_as_it_is_meant(tree: Node, tolerance: float, formula: str) -> None:
    assert to_formula(tree, place, tolerance) == formula


def test_only_functions_of_excel_2007_are_used() -> None:
    functions = [Call(name, (A, B)) for name in ("min", "max", "sum", "sum0", "round")]
    functions += [Call(name, (A,)) for name in ("abs", "nz")]
    functions += [Call(name, (SEGMENT,)) for name in ("valid_uscc", "valid_orgcode", "filled")]
    functions.append(Call("starts", (SEGMENT, Text("d"))))
    for tree in functions:
        assert set(re.findall(r"([A-Z]+)\(", to_formula(tree, place))) <= KNOWN
    assert "SUM(" in excelformula.lines_formula(LineSum("total", "L", A, None), cells)


@pytest.mark.parametrize(
    "tree",
    [
        Comparison("=", SEGMENT, Text("x" * 256)),
        Logic("and", tuple(Comparison("=", A, Number(float(at))) for at in range(LONGEST // 30))),
        Membership(SEGMENT, (SEGMENT, Text("x"))),
        Call("unknown", (A,)),
    ],
    ids=["a long text", "a long formula", "a choice that is no text", "a function nobody knows"],
)
def test_what_no_workbook_can_say_is_refused(tree: Node) -> None:
    with pytest.raises(UnwritableError):
        to_formula(tree, place)


def test_a_formula_nested_too_deep_is_refused() -> None:
    tree: Node = A
    for _ in range(DEEPEST):
        tree = Call("abs", (tree,))
    with pytest.raises(UnwritableError):
        to_formula(Comparison(">", tree, B), place)


def test_more_parts_than_a_function_takes_are_put_together_in_groups() -> None:
    formula = to_formula(Logic("or", tuple(Comparison("=", Number(1.0), Number(2.0)) for _ in range(251))), place)
    assert formula.startswith("MAX(MAX(")


def test_lists_are_summed_where_a_condition_holds() -> None:
    lines = LineSum("total", "L", A, Comparison("=", SEGMENT, Text("x")))
    held = 'EXACT($C$1:$C$9,"x")'
    formula = f"IF(SUMPRODUCT({held}*ISNUMBER($A$1:$A$9))=0,NA(),SUMPRODUCT({held}*1,$A$1:$A$9))"
    assert excelformula.lines_formula(lines, cells) == formula


def test_a_choice_named_twice_counts_once() -> None:
    lines = LineSum("lines", "L", None, Membership(SEGMENT, (Text("x"), Text("y"), Text("x"))))
    formula = excelformula.lines_formula(lines, cells)
    assert formula.count(',"x")') == formula.count(',"y")') == 1


@pytest.mark.parametrize(
    "lines",
    [
        LineSum("total", "L", Arithmetic("+", A, B), None),
        LineSum("most", "L", A, Comparison("=", SEGMENT, Text("x"))),
        LineSum("lines", "L", None, Comparison("=", A, B)),
    ],
    ids=["a sum of two columns", "the most under a condition", "two columns compared"],
)
def test_what_lines_come_to_is_left_out_where_it_cannot_be_said(lines: LineSum) -> None:
    with pytest.raises(UnwritableError):
        excelformula.lines_formula(lines, cells)
