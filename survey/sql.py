"""Expressions as SQL: a bound tree becomes text that SQLite, DuckDB and Spark read alike.

SQL's own AND, OR, NOT and NULL are Kleene's logic; where an engine's arithmetic is not the
language's (1/0, 1/2, max with NULL, round), the text says it out.
"""

from __future__ import annotations

from collections.abc import Callable

from survey.expression import (
    Arithmetic,
    Call,
    Column,
    Comparison,
    If,
    Logic,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Text,
)
from survey.scalar import WHOLE_FROM

# A number too large for a reader of numbers, which is infinity to SQLite and DuckDB.
INFINITY = "9e999"

Place = Callable[[Column], str]


def quote(name: str) -> str:
    """An identifier as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def to_sql(tree: Node, place: Place, tolerance: float = 0.0) -> str:
    """The SQL of a bound tree; `place` says where an item's column is found."""
    return _Writer(place, tolerance).node(tree)


def lines_sql(column: Column, table: str, response: str) -> str:
    """What the lines of a list form come to, as a subquery: `table` holds them, `response` is the record's id."""
    assert column.lines

    def place(inner: Column) -> str:
        return f"l.{quote(inner.name)}"

    lines = column.lines
    gather = {"total": "sum", "most": "max", "least": "min"}.get(lines.function, "count")
    what = f"{gather}({to_sql(lines.argument, place) if lines.argument is not None else '*'})"
    where = f" AND {to_sql(lines.condition, place)}" if lines.condition is not None else ""
    if lines.function == "total":
        what = _finite(what)
    return f"(SELECT {what} FROM {table} l WHERE l.response = {response}{where})"


class _Writer:
    def __init__(self, place: Place, tolerance: float) -> None:
        self._place = place
        self._tolerance = tolerance

    def node(self, node: Node) -> str:  # noqa: C901, PLR0912 - one branch a kind of node
        match node:
            case Number(value):
                return repr(float(value))
            case Text(value):
                return literal(value)
            case Column(kind="number"):
                # DOUBLE is what every engine reads as 64 bits; to SQLite it is REAL.
                return f"CAST({self._place(node)} AS DOUBLE)"
            case Column():
                return self._place(node)
            case Negative(operand):
                return f"(-{self.node(operand)})"
            case Arithmetic("/", left, right):
                return _finite(f"{self.node(left)} / nullif({self.node(right)}, 0.0)")
            case Arithmetic(operator, left, right):
                return _finite(f"{self.node(left)} {operator} {self.node(right)}")
            case Comparison(operator, left, right):
                return self._compare(operator, self.node(left), self.node(right), _numeric(left))
            case Membership(operand, options):
                item, numeric = self.node(operand), _numeric(operand)
                return _join("OR", [self._compare("=", item, self.node(one), numeric) for one in options])
            case Logic(operator, parts):
                return _join(operator.upper(), [self.node(part) for part in parts])
            case Not(operand):
                return f"(NOT {self.node(operand)})"
            case If(condition, consequence):
                return f"(NOT {self.node(condition)} OR {self.node(consequence)})"
            case Call("filled", (Column() as column,)):
                return f"({self._place(column)} IS NOT NULL)"
            case Call(function, arguments):
                return _call(function, [self.node(argument) for argument in arguments], arguments)
        raise TypeError(node)

    def _compare(self, operator: str, left: str, right: str, numeric: bool) -> str:
        if not self._tolerance or not numeric:
            return f"({left} {operator} {right})"
        near = repr(self._tolerance)
        holds = {
            "=": f"abs({left} - {right}) <= {near}",
            ">=": f"{left} - {right} >= -{near}",
            "<=": f"{right} - {left} >= -{near}",
        }
        negated = {"<>": "=", "<": ">=", ">": "<="}
        return f"(NOT {holds[negated[operator]]})" if operator in negated else f"({holds[operator]})"


def _numeric(node: Node) -> bool:
    return not isinstance(node, Text) and not (isinstance(node, Column) and node.kind == "text")


def _join(operator: str, parts: list[str]) -> str:
    return "(" + f" {operator} ".join(parts) + ")"


def _finite(sql: str) -> str:
    # An overflow is missing.
    return f"nullif(nullif({sql}, {INFINITY}), -{INFINITY})"


def _call(function: str, arguments: list[str], nodes: tuple[Node, ...]) -> str:
    first = arguments[0]
    match function:
        case "filled":
            return f"({first} IS NOT NULL)"
        case "nz":
            return f"coalesce({first}, 0.0)"
        case "sum":
            return _finite(" + ".join(["0.0", *arguments]))
        case "sum0":
            return _finite(" + ".join(["0.0", *(f"coalesce({argument}, 0.0)" for argument in arguments)]))
        case "min" | "max":
            return first if len(arguments) == 1 else f"{function}({', '.join(arguments)})"
        case "starts":
            return _join("OR", [f"substr({first}, 1, length({start})) = {start}" for start in arguments[1:]])
        case "round":
            digits = nodes[1].value if len(nodes) > 1 and isinstance(nodes[1], Number) else 0.0
            return _round(first, digits)
    return f"{function}({', '.join(arguments)})"


def _round(value: str, digits: float) -> str:
    scale = repr(10.0**digits)
    away = f"CAST(CAST(abs({value}) * {scale} + 0.5 AS INTEGER) AS REAL) / {scale}"
    return (
        f"(CASE WHEN abs({value}) * {scale} >= {WHOLE_FROM!r} THEN {value}"
        f" WHEN {value} < 0 THEN -({away}) ELSE {away} END)"
    )
