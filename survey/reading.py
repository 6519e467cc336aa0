"""Check trees read as linear conditions: on one record, whose facts are decided, or in general."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

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
    columns,
)
from survey.linear import ALWAYS, NEVER, Formula, Linear, NotLinearError, both, either, row
from survey.scalar import Value, Values, compile_scalar

_NEGATED = {"=": "<>", "<>": "=", ">=": "<", "<": ">=", "<=": ">", ">": "<="}


class Reading(Protocol):
    """How the items and facts of a condition are taken."""

    @property
    def formulas(self) -> Mapping[str, Node]:
        """The trees of computed items, by item name."""

    def number(self, node: Node) -> Linear | None:
        """An item or a number that is no sum of others, None where it has no value; raises NotLinearError."""

    def fact(self, node: Node, truth: bool, lax: bool) -> Formula:
        """A condition that compares no sums; raises NotLinearError."""

    def answered(self, needs: frozenset[str], truth: bool) -> Formula:
        """All of some items are answered; with `truth` False one of them is not."""

    def empty_divisor(self, divisor: Linear) -> bool:
        """Whether a divisor may come to 0, so that a quotient has no value."""

    def integer(self, key: str) -> bool:
        """Whether an item is a whole number."""


@dataclass(frozen=True)
class Cells:
    """The numbers that may take other values: whether they are whole, and what is computed from them."""

    integer: Mapping[str, bool]
    formulas: Mapping[str, Node]

    def read_by(self, tree: Node) -> Iterator[str]:
        """The cells that a tree reads, directly or through what is computed."""
        for column in columns(tree):
            if column.key in self.integer:
                yield column.key
            elif column.key in self.formulas:
                yield from self.read_by(self.formulas[column.key])


@dataclass(frozen=True)
class RecordReading:
    """A record's conditions over its cells; facts, codes, other years and lines are as they are.

    Cells that are `left_blank` are not to be answered: they have no value, whatever else changes.
    """

    cells: Cells
    values: Values
    left_blank: frozenset[str] = frozenset()

    @property
    def formulas(self) -> Mapping[str, Node]:
        return self.cells.formulas

    def number(self, node: Node) -> Linear | None:
        if isinstance(node, Number):
            return Linear(constant=node.value)
        if isinstance(node, Column) and node.key in self.cells.integer:
            if node.key in self.left_blank:
                return None
            return Linear({node.key: 1.0}, needs=frozenset({node.key}))
        value = self._value(node)
        return None if value is None else Linear(constant=float(value))

    def fact(self, node: Node, truth: bool, lax: bool) -> Formula:
        verdict = self._value(node)
        return ALWAYS if (lax if verdict is None else verdict == truth) else NEVER

    def _value(self, node: Node) -> Value:
        if not (isinstance(node, Call) and node.function == "filled") and any(self.cells.read_by(node)):
            raise NotLinearError
        return compile_scalar(node)(self.values)  # type: ignore[no-any-return]

    def answered(self, _needs: frozenset[str], truth: bool) -> Formula:
        return ALWAYS if truth else NEVER

    def empty_divisor(self, divisor: Linear) -> bool:
        return not divisor.constant + sum(
            coefficient * float(self.values.get(key) or 0) for key, coefficient in divisor.terms.items()
        )

    def integer(self, key: str) -> bool:
        return self.cells.integer[key]


def holds(tree: Node, reading: Reading, tolerance: float = 0.0) -> Formula:
    """When a condition holds; raises NotLinearError."""
    return _Translator(reading, tolerance).condition(tree, truth=True, lax=False)


def does_not_fail(tree: Node, reading: Reading, tolerance: float = 0.0) -> Formula:
    """When a condition holds or cannot be evaluated; raises NotLinearError."""
    return _Translator(reading, tolerance).condition(tree, truth=True, lax=True)


def fails(tree: Node, reading: Reading, tolerance: float = 0.0) -> Formula:
    """When a condition fails; raises NotLinearError."""
    return _Translator(reading, tolerance).condition(tree, truth=False, lax=False)


@dataclass(frozen=True)
class _Translator:
    """`truth` is the verdict wanted, which `lax` widens by "unknown"."""

    reading: Reading
    tolerance: float

    def condition(self, node: Node, truth: bool, lax: bool) -> Formula:
        match node:
            case Not(operand):
                return self.condition(operand, not truth, lax)
            case If(condition, consequence):
                return self._any([Not(condition), consequence], truth, lax)
            case Logic(operator, parts):
                return self._any(parts, truth, lax) if operator == "or" else self._all(parts, truth, lax)
            case Membership(operand, options) if not isinstance(options[0], Text):
                return self._any([Comparison("=", operand, option) for option in options], truth, lax)
            case Comparison() if columns(node) and all(column.kind == "number" for column in columns(node)):
                return self._compared(node, truth, lax)
        return self.reading.fact(node, truth, lax)

    def _any(self, parts: Iterable[Node], truth: bool, lax: bool) -> Formula:
        return self._join(parts, truth, lax, either if truth else both)

    def _all(self, parts: Iterable[Node], truth: bool, lax: bool) -> Formula:
        return self._join(parts, truth, lax, both if truth else either)

    def _join(self, parts: Iterable[Node], truth: bool, lax: bool, join: Callable[[list[Formula]], Formula]) -> Formula:
        """The parts together; one that is not linear does no harm where the others decide."""
        found: list[Formula] = []
        error: NotLinearError | None = None
        for part in parts:
            try:
                found.append(self.condition(part, truth, lax))
            except NotLinearError as raised:
                error = raised
        joined = join(found)
        if error and joined != (ALWAYS if join is either else NEVER):
            raise error
        return joined

    def _compared(self, node: Comparison, truth: bool, lax: bool) -> Formula:
        if opened := _opened(node):
            return self.condition(opened, truth, lax)
        try:
            left, right = self.linear(node.left), self.linear(node.right)
            if left is None or right is None:
                return ALWAYS if lax else NEVER
            gap = left.plus(right, -1.0)
        except NotLinearError:
            return self.reading.fact(node, truth, lax)
        operator = node.operator if truth else _NEGATED[node.operator]
        fits = either([self._between(gap, *bounds) for bounds in _bounds(operator, self.tolerance)])
        if not lax:
            return both([fits, self.reading.answered(gap.needs, True)])
        ways = [self.reading.answered(gap.needs, False), fits]
        if gap.divisor and self.reading.empty_divisor(gap.divisor):
            ways.append(self._row(gap.divisor, 0.0, 0.0, False))
        return either(ways)

    def _between(self, gap: Linear, lower: float, upper: float, strict: bool) -> Formula:
        """A sum between bounds; a quotient is, where its divisor is above 0 and where it is below."""
        if gap.divisor is None:
            return self._row(gap, lower, upper, strict)
        top, divisor = Linear(gap.terms, gap.constant), Linear(gap.divisor.terms, gap.divisor.constant)
        ways = []
        for sign in (1.0, -1.0):
            parts = [self._row(divisor.times(sign), 0.0, math.inf, True)]
            if math.isfinite(lower):
                parts.append(self._row(top.plus(divisor.times(lower), -1.0).times(sign), 0.0, math.inf, strict))
            if math.isfinite(upper):
                parts.append(self._row(top.plus(divisor.times(upper), -1.0).times(sign), -math.inf, 0.0, strict))
            ways.append(both(parts))
        return either(ways)

    def _row(self, linear: Linear, lower: float, upper: float, strict: bool) -> Formula:
        return row(linear, lower, upper, strict, self.reading.integer)

    def linear(self, node: Node) -> Linear | None:
        """A numeric expression as a sum; None where it has no value."""
        if isinstance(node, Column) and node.key in self.reading.formulas:
            try:
                return self.linear(self.reading.formulas[node.key])
            except NotLinearError:
                pass
        match node:
            case Negative(operand):
                return None if (found := self.linear(operand)) is None else found.times(-1.0)
            case Arithmetic(operator, left, right):
                a, b = self.linear(left), self.linear(right)
                return None if a is None or b is None else _ARITHMETIC[operator](a, b)
            case Call("sum", arguments):
                return self._sum(arguments, self.linear)
            case Call("sum0", arguments):
                return self._sum(arguments, self._blank_as_zero)
            case Call("nz", (argument,)):
                return self._blank_as_zero(argument)
        return self.reading.number(node)

    def _sum(self, arguments: tuple[Node, ...], read: Callable[[Node], Linear | None]) -> Linear | None:
        total = Linear()
        for argument in arguments:
            part = read(argument)
            if part is None:
                return None
            total = total.plus(part)
        return total

    def _blank_as_zero(self, node: Node) -> Linear:
        found = self.linear(node)
        if found is None:
            return Linear()
        if found.needs and (len(found.terms) > 1 or found.constant or found.divisor):
            raise NotLinearError
        return Linear(found.terms, found.constant, frozenset(), found.divisor)


_FLIPPED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}


def _opened(node: Comparison) -> Node | None:
    """|a| <= b as a <= b and -a <= b, a >= max(b, c) as a >= b and a >= c, and the like; None for other comparisons.

    A `max` or `min` of which a part may be blank has no value then, which its parts do not tell: it stays.
    """
    left, operator, right = node.left, node.operator, node.right
    if isinstance(right, Call) and right.function in ("abs", "max", "min"):
        left, right, operator = right, left, _FLIPPED.get(operator, operator)
    if not isinstance(left, Call) or operator not in _FLIPPED:
        return None
    sides: tuple[Node, ...]
    if left.function == "abs":
        sides = (left.arguments[0], Negative(left.arguments[0]))
    elif left.function in ("max", "min") and all(map(_never_blank, left.arguments)):
        sides = left.arguments
    else:
        return None
    every = (operator in ("<=", "<")) == (left.function != "min")
    return Logic("and" if every else "or", tuple(Comparison(operator, side, right) for side in sides))


def _never_blank(node: Node) -> bool:
    return isinstance(node, Number) or (isinstance(node, Call) and node.function == "nz")


def _bounds(operator: str, tolerance: float) -> list[tuple[float, float, bool]]:
    """What the gap between two sides must lie between: lower, upper, without the bounds."""
    inf = math.inf
    return {
        "=": [(-tolerance, tolerance, False)],
        ">=": [(-tolerance, inf, False)],
        "<=": [(-inf, tolerance, False)],
        "<": [(-inf, -tolerance, True)],
        ">": [(tolerance, inf, True)],
        "<>": [(-inf, -tolerance, True), (tolerance, inf, True)],
    }[operator]


def _product(a: Linear, b: Linear) -> Linear:
    if a.terms and b.terms:
        raise NotLinearError
    scaled = a.times(b.constant) if a.terms else b.times(a.constant)
    if (a.divisor and b.divisor) or ((other := b if a.terms else a).divisor):
        raise NotLinearError
    return Linear(scaled.terms, scaled.constant, a.needs | other.needs | b.needs, scaled.divisor)


def _quotient(a: Linear, b: Linear) -> Linear | None:
    if not b.terms and b.divisor is None:
        return a.times(1.0 / b.constant) if b.constant else None
    return a.divided(b)


_ARITHMETIC: Mapping[str, Callable[[Linear, Linear], Linear | None]] = {
    "+": lambda a, b: a.plus(b),
    "-": lambda a, b: a.plus(b, -1.0),
    "*": _product,
    "/": _quotient,
}
