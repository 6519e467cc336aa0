"""Expressions as the XPath of electronic questionnaires (ODK, Kobo), as far as it can say them.

XPath knows no missing value: a blank is '' or not a number, and every comparison with it is false. So a condition
is written twice, as what holds where it is true for certain and what holds where it is false for certain; where
neither holds it is unknown, as in the language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from survey.binding import FUNCTIONS, kind
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

# Where an item is found; None for what the questionnaire does not hold.
Place = Callable[[Column], str | None]

_NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MISSING = "number('')"


class _InexpressibleError(Exception):
    """XPath has no words for it."""


def true_when(tree: Node, place: Place, tolerance: float = 0.0) -> str | None:
    """What holds where a condition is true for certain; None where XPath cannot say it."""
    return _tried(lambda: _Writer(place, tolerance).truth(tree, wanted=True))


def false_when(tree: Node, place: Place, tolerance: float = 0.0) -> str | None:
    """What holds where a condition is false for certain; None where XPath cannot say it."""
    return _tried(lambda: _Writer(place, tolerance).truth(tree, wanted=False))


def value_of(tree: Node, place: Place) -> str | None:
    """A number, not a number where it is missing; None where XPath cannot say it."""
    return _tried(lambda: _Writer(place, 0.0).value(tree))


def literal(text: str) -> str:
    """A text as XPath writes it, which has no way to write both kinds of quotes."""
    if "'" in text and '"' in text:
        raise _InexpressibleError
    return f'"{text}"' if "'" in text else f"'{text}'"


def _tried(write: Callable[[], str]) -> str | None:
    try:
        return write()
    except _InexpressibleError:
        return None


class _Writer:
    def __init__(self, place: Place, tolerance: float) -> None:
        self._place = place
        self._tolerance = tolerance

    def truth(self, node: Node, *, wanted: bool) -> str:
        match node:
            case Comparison(operator, left, right):
                return self._comparison(operator if wanted else _NEGATED[operator], left, right)
            case Membership(operand, options):
                equal = [self._comparison("=" if wanted else "<>", operand, option) for option in options]
                return _joined("or" if wanted else "and", equal)
            case Logic(operator, parts):
                written = [self.truth(part, wanted=wanted) for part in parts]
                return _joined(operator if wanted else {"and": "or", "or": "and"}[operator], written)
            case Not(operand):
                return self.truth(operand, wanted=not wanted)
            case If(condition, consequence):
                both = [self.truth(condition, wanted=not wanted), self.truth(consequence, wanted=wanted)]
                return _joined("or" if wanted else "and", both)
            case Call("filled", (argument,)):
                filled = self._filled(argument)
                return filled if wanted else f"not({filled})"
            case Call("starts", (text, *starts)):
                found = self._text(text)
                begins = _joined("or", [f"starts-with({found}, {self._text(start)})" for start in starts])
                return f"({found} != '' and {begins if wanted else f'not({begins})'})"
        raise _InexpressibleError

    def value(self, node: Node) -> str:
        match node:
            case Number(value):
                return _number(value)
            case Column():
                return self._column(node)
            case Negative(operand):
                return f"(-({self.value(operand)}))"
            case Arithmetic("/", left, right):
                return f"({self.value(left)} div {self._divisor(right)})"
            case Arithmetic(operator, left, right):
                return f"({self.value(left)} {operator} {self.value(right)})"
            case Call(function, arguments):
                return self._call(function, arguments)
        raise _InexpressibleError

    def _comparison(self, operator: str, left: Node, right: Node) -> str:
        if kind(left, FUNCTIONS) == "text":
            return self._text_comparison(operator, left, right)
        a, b, tolerance = self.value(left), self.value(right), _number(self._tolerance)
        if not self._tolerance:
            equal = f"(number({a}) = number({b}))"
            return {"=": equal, "<>": f"({a} < {b} or {a} > {b})"}.get(operator, f"({a} {operator} {b})")
        apart = f"({a} - {b})"
        return {
            "=": f"(abs({apart}) <= {tolerance})",
            "<>": f"(abs({apart}) > {tolerance})",
            ">=": f"({apart} >= -{tolerance})",
            "<": f"({apart} < -{tolerance})",
            "<=": f"({apart} <= {tolerance})",
            ">": f"({apart} > {tolerance})",
        }[operator]

    def _text_comparison(self, operator: str, left: Node, right: Node) -> str:
        if operator not in ("=", "<>"):
            raise _InexpressibleError
        a, b = self._text(left), self._text(right)
        filled = [f"{text} != ''" for node, text in ((left, a), (right, b)) if not isinstance(node, Text)]
        return _joined("and", [*filled, f"{a} {'=' if operator == '=' else '!='} {b}"])

    def _text(self, node: Node) -> str:
        match node:
            case Text(value) if value:
                return literal(value)
            case Column():
                return self._column(node)
        raise _InexpressibleError

    def _column(self, column: Column) -> str:
        found = self._place(column) if column.is_cell else None
        if found is None:
            raise _InexpressibleError
        return found

    def _filled(self, node: Node) -> str:
        if isinstance(node, Column):
            return f"({self._column(node)} != '')"
        value = self.value(node)
        return f"(number({value}) = number({value}))"

    def _divisor(self, node: Node) -> str:
        value = self.value(node)
        if isinstance(node, Number) and node.value:
            return value
        return f"if(number({value}) = 0, {_MISSING}, {value})"

    def _call(self, function: str, arguments: Sequence[Node]) -> str:
        values = [self.value(argument) for argument in arguments]
        match function, values:
            case "abs", [value]:
                return f"abs({value})"
            case "round", [value]:
                return f"round({value}, 0)"
            case "round", [value, digits] if isinstance(arguments[1], Number):
                return f"round({value}, {digits})"
            case "sum", _:
                return f"({' + '.join(values)})" if len(values) > 1 else values[0]
            case "nz", [_]:
                return self._or_zero(arguments[0])
            case "sum0", _:
                return f"({' + '.join(map(self._or_zero, arguments))})"
            case (("min" | "max"), [value]):
                return value
            case (("min" | "max"), _):
                # The sum tells whether one of them is missing.
                total = f"number({' + '.join(values)})"
                return f"if({total} = {total}, {function}({', '.join(values)}), {_MISSING})"
        raise _InexpressibleError

    def _or_zero(self, node: Node) -> str:
        value = self.value(node)
        return f"if({self._filled(node)}, {value}, 0)"


def _joined(word: str, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({f' {word} '.join(parts)})"


def _number(value: float) -> str:
    """A number without an exponent, which XPath does not read."""
    return format(Decimal(repr(value)).normalize(), "f")
