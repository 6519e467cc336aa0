"""Expressions for one unit: a bound tree becomes a Python closure over its answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from survey.codes import valid_orgcode, valid_uscc
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
)

Value = int | float | str | None
Values = Mapping[str, Value]
Closure = Callable[[Values], Any]

# From here on a float has no fractional digits left to round.
WHOLE_FROM = 2.0**52


def compile_scalar(
    tree: Node, tolerance: float = 0.0, functions: Mapping[str, Callable[..., Any]] | None = None
) -> Closure:
    """A function of one unit's values: a number, a text, True, False, or None for missing and unknown.

    `values` maps `Column.key` to a value; what is not in it is missing. `functions` adds to the
    language's own; they are not called when an argument is missing.
    """
    return _Compiler(tolerance, {**_FUNCTIONS, **(functions or {})}).node(tree)


@lru_cache(maxsize=4096)
def compile_lines(lines: LineSum) -> Callable[[Sequence[Values]], Value]:
    """A function of a unit's lines of a list form, each by item name; see `LineSum`."""
    condition = compile_scalar(lines.condition) if lines.condition is not None else None
    argument = compile_scalar(lines.argument) if lines.argument is not None else None
    gather = _GATHER.get(lines.function)

    def come_to(every: Sequence[Values]) -> Value:
        taken = [line for line in every if condition is None or condition(line)]
        if argument is None or gather is None:
            return len(taken)
        found = [value for line in taken if (value := argument(line)) is not None]
        return _finite(float(gather(found))) if found else None

    return come_to


_GATHER: Mapping[str, Callable[[list[float]], float]] = {"total": sum, "most": max, "least": min}


def round_half_away(value: float, digits: float = 0) -> float:
    """Rounds half away from zero, as a statistics bureau does."""
    scale = 10.0**digits
    scaled = abs(value) * scale
    if not scaled < WHOLE_FROM:
        return value
    return math.copysign(math.floor(scaled + 0.5) / scale, value)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "round": round_half_away,
    "valid_uscc": valid_uscc,
    "valid_orgcode": valid_orgcode,
    "starts": lambda text, *starts: text.startswith(starts),
}


class _Compiler:
    def __init__(self, tolerance: float, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._tolerance = tolerance
        self._functions = functions

    def node(self, node: Node) -> Closure:
        match node:
            case Number(value) | Text(value):
                return lambda _values: value
            case Column():
                return _column(node.key)
            case Negative(operand):
                return _negative(self.node(operand))
            case Arithmetic(operator, left, right):
                return _ARITHMETIC[operator](self.node(left), self.node(right))
            case Comparison(operator, left, right):
                return self._comparison(operator, self.node(left), self.node(right))
            case Membership(operand, options):
                equal = [self._comparison("=", self.node(operand), self.node(option)) for option in options]
                return _any(equal)
            case Logic(operator, parts):
                compiled = [self.node(part) for part in parts]
                return _any(compiled) if operator == "or" else _all(compiled)
            case Not(operand):
                return _negated(self.node(operand))
            case If(condition, consequence):
                return _any([_negated(self.node(condition)), self.node(consequence)])
            case Call(function, arguments):
                return self._call(function, [self.node(argument) for argument in arguments])
        raise TypeError(node)

    def _comparison(self, operator: str, left: Closure, right: Closure) -> Closure:
        holds = _compare(operator, self._tolerance)

        def compare(values: Values) -> bool | None:
            a, b = left(values), right(values)
            return None if a is None or b is None else holds(a, b)

        return compare

    def _call(self, function: str, arguments: list[Closure]) -> Closure:
        match function:
            case "filled":
                return lambda values: arguments[0](values) is not None
            case "nz":
                return lambda values: 0.0 if (value := arguments[0](values)) is None else value
            case "sum":
                return _sum(arguments)
            case "sum0":
                return lambda values: _finite(
                    sum(value for argument in arguments if (value := argument(values)) is not None)
                )
        return _function(self._functions[function], arguments)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _column(key: str) -> Closure:
    return lambda values: values.get(key)


def _negative(operand: Closure) -> Closure:
    return lambda values: None if (value := operand(values)) is None else -value


def _binary(operate: Callable[[float, float], float | None]) -> Callable[[Closure, Closure], Closure]:
    def build(left: Closure, right: Closure) -> Closure:
        def compute(values: Values) -> float | None:
            a, b = left(values), right(values)
            return None if a is None or b is None else operate(float(a), float(b))

        return compute

    return build


_ARITHMETIC = {
    "+": _binary(lambda a, b: _finite(a + b)),
    "-": _binary(lambda a, b: _finite(a - b)),
    "*": _binary(lambda a, b: _finite(a * b)),
    "/": _binary(lambda a, b: _finite(a / b) if b else None),
}


def _compare(operator: str, tolerance: float) -> Callable[[Any, Any], bool]:
    def equal(a: Any, b: Any) -> bool:
        return bool(a == b) if not tolerance or isinstance(a, str) else bool(abs(a - b) <= tolerance)

    def at_least(a: Any, b: Any) -> bool:
        return bool(a >= b) if not tolerance or isinstance(a, str) else bool(a - b >= -tolerance)

    return {
        "=": equal,
        "<>": lambda a, b: not equal(a, b),
        ">=": at_least,
        "<": lambda a, b: not at_least(a, b),
        "<=": lambda a, b: at_least(b, a),
        ">": lambda a, b: not at_least(b, a),
    }[operator]


def _negated(operand: Closure) -> Closure:
    return lambda values: None if (truth := operand(values)) is None else not truth


def _any(parts: list[Closure]) -> Closure:
    def decide(values: Values) -> bool | None:
        unknown = False
        for part in parts:
            truth = part(values)
            if truth:
                return True
            unknown = unknown or truth is None
        return None if unknown else False

    return decide


def _all(parts: list[Closure]) -> Closure:
    def decide(values: Values) -> bool | None:
        unknown = False
        for part in parts:
            truth = part(values)
            if truth is False:
                return False
            unknown = unknown or truth is None
        return None if unknown else True

    return decide


def _sum(arguments: list[Closure]) -> Closure:
    def total(values: Values) -> float | None:
        result = 0.0
        for argument in arguments:
            value = argument(values)
            if value is None:
                return None
            result += value
        return _finite(result)

    return total


def _function(function: Callable[..., Any], arguments: list[Closure]) -> Closure:
    def call(values: Values) -> Any:
        found = [argument(values) for argument in arguments]
        return None if any(value is None for value in found) else function(*found)

    return call
