"""Expressions as formulas: LibreOffice works them out to what they mean, for invented expressions and records."""

from __future__ import annotations

import random
from pathlib import Path

import xlsxwriter
from office_conversion import convert
from questionnaire_writer import sheets
from xlsxwriter.utility import xl_rowcol_to_cell

from survey import excelformula
from survey.expression import (
    Arithmetic,
    Call,
    Column,
    Comparison,
    If,
    LineSum,
    Logic,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Text,
    write,
)
from survey.scalar import Value, compile_lines, compile_scalar

CASES = 600
NUMBERS = tuple(Column(name, at, "number") for name in "abc" for at in ("", "prev"))
TEXTS = (Column("segment", "", "text"), Column("uscc", "", "text"))
COLUMNS = (*NUMBERS, *TEXTS)
# Numbers without digits behind the fifteenth, which a spreadsheet does not tell apart.
AMOUNTS: tuple[Value, ...] = (None, None, -3, -1, 0, 0, 1, 2, 4, 8, 0.5, 2.5, -2.5, 0.25, 1000, 120_000)
WORDS: tuple[Value, ...] = (
    None, "design", "Design", "eda", "设计", "914403001922038217", "91440300192317458F", "91350100M000100Y4Z",
)  # fmt: skip
OPERATORS = ("=", "<>", "<", "<=", ">", ">=")


def number(dice: random.Random, deep: int) -> Node:
    if deep == 0 or dice.random() < 0.3:
        return dice.choice((*NUMBERS, Number(0.0), Number(1.0), Number(2.0), Number(0.5), Number(-4.0)))
    match dice.randrange(6):
        case 0 | 1:
            return Arithmetic(dice.choice("+-*/"), number(dice, deep - 1), number(dice, deep - 1))
        case 2:
            return Negative(number(dice, deep - 1))
        case 3:
            return Call(dice.choice(("abs", "nz")), (number(dice, deep - 1),))
        case 4:
            digits = (Number(float(dice.randrange(3))),) if dice.random() < 0.5 else ()
            return Call("round", (number(dice, deep - 1), *digits))
    function = dice.choice(("min", "max", "sum", "sum0"))
    return Call(function, (number(dice, deep - 1), number(dice, deep - 1)))


def condition(dice: random.Random, deep: int) -> Node:
    if deep and dice.random() < 0.6:
        match dice.randrange(3):
            case 0:
                return Not(condition(dice, deep - 1))
            case 1:
                return If(condition(dice, deep - 1), condition(dice, deep - 1))
        return Logic(dice.choice(("and", "or")), (condition(dice, deep - 1), condition(dice, deep - 1)))
    text = dice.choice(TEXTS)
    words = tuple(Text(str(word)) for word in dice.sample([one for one in WORDS if one], 2))
    match dice.randrange(8):
        case 0:
            return Comparison(dice.choice(("=", "<>")), text, dice.choice((*TEXTS, *words)))
        case 1:
            return Membership(text, words)
        case 2:
            return Membership(number(dice, 1), (number(dice, 1), Number(2.0)))
        case 3:
            return Call("filled", (dice.choice((text, number(dice, 2))),))
        case 4:
            return Call(dice.choice(("valid_uscc", "valid_orgcode")), (TEXTS[1],))
        case 5:
            return Call("starts", (text, Text(dice.choice(("d", "设", "914"))), Text("e")))
    return Comparison(dice.choice(OPERATORS), number(dice, 3), number(dice, 2))


def as_formula(tree: Node, tolerance: float, row: int) -> str:
    def place(column: Column) -> str:
        cell = xl_rowcol_to_cell(row, 1 + COLUMNS.index(column))
        return excelformula.number(cell) if column.kind == "number" else excelformula.text(cell)

    return excelformula.to_formula(tree, place, tolerance)


def test_formulas_mean_what_expressions_mean(tmp_path: Path) -> None:
    dice = random.Random(11)
    path = tmp_path / "expressions.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("cases")
    expected, shown = [], []
    for row in range(CASES):
        record = {column.key: dice.choice(AMOUNTS if column.kind == "number" else WORDS) for column in COLUMNS}
        tree, tolerance = condition(dice, 3), dice.choice((0.0, 0.0, 1.0, 0.5))
        for at, value in enumerate(record.values(), 1):
            if value is not None:
                sheet.write(row, at, value)
        sheet.write_formula(row, 0, "=" + as_formula(tree, tolerance, row), None, 9)
        found = compile_scalar(tree, tolerance)(record)
        expected.append(0.5 if found is None else float(found))
        shown.append((write(tree), tolerance, record))
    book.close()
    (made,) = convert([path], "xlsx", tmp_path)
    got = [line[0] for line in sheets(made)["cases"]]
    assert [(text, is_, want) for text, is_, want in zip(shown, got, expected, strict=True) if is_ != want] == []
    assert {0.0, 0.5, 1.0} == set(expected)


def test_formulas_of_lists_come_to_what_lines_come_to(tmp_path: Path) -> None:
    a, segment = Column("a", "", "number"), Column("segment", "", "text")
    design = Comparison("=", segment, Text("design"))
    asked = [
        LineSum("total", "L", a, None), LineSum("most", "L", a, None), LineSum("least", "L", a, None),
        LineSum("total", "L", a, design), LineSum("lines", "L", None, design),
        LineSum("total", "L", a, Membership(segment, (Text("design"), Text("eda")))),
        LineSum("lines", "L", None, Comparison("<>", segment, Text("eda"))),
        LineSum("lines", "L", None, Logic("or", (Comparison(">", a, Number(1.0)), design))),
        LineSum("lines", "L", None, Logic("and", (Call("filled", (a,)), design))),
    ]  # fmt: skip
    dice = random.Random(3)
    path = tmp_path / "lines.xlsx"
    book = xlsxwriter.Workbook(str(path))
    expected: dict[str, list[Value]] = {}
    for at in range(12):
        sheet = book.add_worksheet(f"S{at}")
        lines = [
            {"a": dice.choice((None, None, 1, 2, 5)), "segment": dice.choice((None, "design", "eda", "设计"))}
            for _ in range(dice.choice((0, 1, 4)))
        ]
        for row, line in enumerate(lines):
            sheet.write(row, 0, line["a"])
            # As where the code is worked out: no text at all is still a text.
            sheet.write_formula(row, 1, f'="{line["segment"] or ""}"')
        for row, one in enumerate(asked):
            formula = excelformula.lines_formula(one, lambda column: "$A$1:$A$6" if column == a else "$B$1:$B$6")
            sheet.write_formula(row, 3, f'=IFERROR({formula},"")', None, 99)
        expected[f"S{at}"] = [compile_lines(one)(lines) for one in asked]
    book.close()
    (made,) = convert([path], "xlsx", tmp_path)
    found = {name: [line[3] if line[3] != "" else None for line in rows] for name, rows in sheets(made).items()}
    assert found == expected
