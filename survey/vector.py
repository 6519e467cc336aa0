"""Expressions for a whole file: a bound tree evaluated over chunks of columns with numpy.

A number column is a float array with NaN for missing, a text column an object array with None.
A truth is a pair of masks (true, false); where neither is set it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey.codes import valid_orgcode, valid_uscc
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
from survey.scalar import WHOLE_FROM, Value

Array = NDArray[Any]
Mask = NDArray[np.bool_]


class Truth(NamedTuple):
    """Where a condition holds and where it fails."""

    true: Mask
    false: Mask

    @property
    def unknown(self) -> Mask:
        return ~(self.true | self.false)


def held(value: Any) -> Value:
    """A value of a column as the store holds it: NaN is missing, a whole float an integer."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    if number != number:
        return None
    return int(number) if number.is_integer() else number


class Evaluator:
    """Evaluates bound trees over one chunk; what two trees share is computed once."""

    def __init__(self, columns: Mapping[str, Array], length: int) -> None:
        self._columns = columns
        self._length = length
        self._done: dict[tuple[Node, float], Any] = {}

    def truth(self, tree: Node, tolerance: float = 0.0) -> Truth:
        """The verdict of a condition for every unit of the chunk."""
        with np.errstate(all="ignore"):
            return self._node(tree, tolerance)  # type: ignore[no-any-return]

    def numbers(self, tree: Node, tolerance: float = 0.0) -> Array:
        """The value of a numeric expression for every unit of the chunk, NaN where missing."""
        with np.errstate(all="ignore"):
            return np.broadcast_to(self._node(tree, tolerance), (self._length,))

    def _node(self, node: Node, tolerance: float) -> Any:
        key = (node, tolerance)
        if key not in self._done:
            self._done[key] = self._compute(node, tolerance)
        return self._done[key]

    def _compute(self, node: Node, tolerance: float) -> Any:
        match node:
            case Number(value) | Text(value):
                return value
            case Column():
                return self._column(node)
            case Negative(operand):
                return -self._node(operand, tolerance)
            case Arithmetic(operator, left, right):
                return _ARITHMETIC[operator](self._node(left, tolerance), self._node(right, tolerance))
            case Comparison(operator, left, right):
                return self._compare(operator, left, right, tolerance)
            case Membership(operand, options) if all(isinstance(option, Text) for option in options):
                wanted = frozenset(option.value for option in options if isinstance(option, Text))
                return self._texts_hold(wanted.__contains__, self._node(operand, tolerance))
            case Membership(operand, options):
                return _any([self._compare("=", operand, option, tolerance) for option in options])
            case Logic("or", parts):
                return _any([self._node(part, tolerance) for part in parts])
            case Logic(_, parts):
                return _all([self._node(part, tolerance) for part in parts])
            case Not(operand):
                return _negated(self._node(operand, tolerance))
            case If(condition, consequence):
                return _any([_negated(self._node(condition, tolerance)), self._node(consequence, tolerance)])
            case Call(function, arguments):
                return self._call(function, [self._node(argument, tolerance) for argument in arguments])
        raise TypeError(node)

    def _column(self, column: Column) -> Array:
        found = self._columns.get(column.key)
        if found is not None:
            return found
        text = column.kind == "text"
        return np.full(self._length, None if text else np.nan, dtype=object if text else np.float64)

    def _compare(self, operator: str, left: Node, right: Node, tolerance: float) -> Truth:
        a, b = self._node(left, tolerance), self._node(right, tolerance)
        known = np.broadcast_to(is_known(a) & is_known(b), (self._length,))
        if operator in ("=", "<>"):
            holds = _equal(a, b, tolerance, known)
        elif operator in (">=", "<"):
            holds = _at_least(a, b, tolerance, known)
        else:
            holds = _at_least(b, a, tolerance, known)
        truth = Truth(known & holds, known & ~holds)
        return _negated(truth) if operator in ("<>", "<", ">") else truth

    def _call(self, function: str, arguments: list[Any]) -> Any:
        first = arguments[0]
        match function:
            case "filled":
                known = np.broadcast_to(is_known(first), (self._length,))
                return Truth(known, ~known)
            case "nz":
                return np.where(np.isnan(first), 0.0, first)
            case "sum" | "sum0":
                total: Any = 0.0
                for argument in arguments:
                    total = total + (np.where(np.isnan(argument), 0.0, argument) if function == "sum0" else argument)
                return _finite(total)
            case "abs":
                return np.abs(first)
            case "min" | "max":
                return _extreme(np.minimum if function == "min" else np.maximum, arguments)
            case "round":
                return _round(first, arguments[1] if len(arguments) > 1 else 0.0)
            case "valid_uscc" | "valid_orgcode":
                return self._texts_hold(valid_uscc if function == "valid_uscc" else valid_orgcode, first)
            case "starts":
                starts = tuple(arguments[1:])
                return self._texts_hold(lambda text: text.startswith(starts), first)
        raise KeyError(function)

    def _texts_hold(self, test: Callable[[str], bool], texts: Any) -> Truth:
        found = np.broadcast_to(np.asarray(texts, dtype=object), (self._length,))
        known = is_known(found)
        # Codes repeat: each is looked at once.
        answers = {text: test(text) for text in set(found.tolist()) if text is not None}
        holds = np.array([answers.get(text, False) for text in found.tolist()], np.bool_)
        return Truth(holds, known & ~holds)


def is_known(value: Any) -> Any:
    """Where a value is not missing: a mask of an array's shape, or a truth for a single value."""
    if not isinstance(value, np.ndarray):
        return np.bool_(isinstance(value, str) or value == value)
    if value.dtype == object:
        return np.asarray(value != np.array(None), dtype=np.bool_)
    return ~np.isnan(value)


def _finite(value: Any) -> Any:
    return np.where(np.isfinite(value), value, np.nan)


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: _finite(a + b),
    "-": lambda a, b: _finite(a - b),
    "*": lambda a, b: _finite(a * b),
    "/": lambda a, b: _finite(np.divide(a, b)),
}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype == object)


def _equal(a: Any, b: Any, tolerance: float, known: Mask) -> Any:
    if _is_text(a) or not tolerance:
        return np.asarray(np.equal(a, b), dtype=np.bool_) & known
    return np.abs(a - b) <= tolerance


def _at_least(a: Any, b: Any, tolerance: float, known: Mask) -> Any:
    if _is_text(a):
        # None has no order: compare only where both are known.
        left, right = (np.broadcast_to(np.asarray(side, dtype=object), known.shape) for side in (a, b))
        holds = np.zeros(known.shape, dtype=np.bool_)
        holds[known] = np.greater_equal(left[known], right[known])
        return holds
    return np.asarray(a >= b if not tolerance else a - b >= -tolerance)


def _negated(truth: Truth) -> Truth:
    return Truth(truth.false, truth.true)


def _any(parts: list[Truth]) -> Truth:
    true, false = parts[0]
    for part in parts[1:]:
        true, false = true | part.true, false & part.false
    return Truth(true, false)


def _all(parts: list[Truth]) -> Truth:
    return _negated(_any([_negated(part) for part in parts]))


def _extreme(pick: Callable[[Any, Any], Any], arguments: list[Any]) -> Any:
    result = arguments[0]
    for argument in arguments[1:]:
        result = pick(result, argument)
    return result


def _round(value: Any, digits: Any) -> Any:
    scale = 10.0**digits
    scaled = np.abs(value) * scale
    rounded = np.copysign(np.floor(scaled + 0.5) / scale, value)
    return np.where(scaled < WHOLE_FROM, rounded, value)
