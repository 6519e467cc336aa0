"""Conditions as linear rows: what checks ask of numbers, for programs that look for values which satisfy them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """`lower` <= sum of coefficient times item <= `upper`; `strict` leaves the bounds themselves out."""

    terms: tuple[tuple[str, float], ...]
    lower: float
    upper: float
    strict: bool = False

    def amount(self, values: Mapping[str, float]) -> float:
        """What the items come to; what has no value counts 0."""
        total = 0.0
        for key, coefficient in self.terms:
            total += coefficient * values.get(key, 0.0)
        return total

    def slack(self, values: Mapping[str, float]) -> float:
        """What rounding may take away: the amounts cannot be told apart more finely."""
        largest = max((abs(coefficient * values.get(key, 0.0)) for key, coefficient in self.terms), default=0.0)
        bounds = [abs(bound) for bound in (self.lower, self.upper) if math.isfinite(bound)]
        return 1e-11 * max(1.0, largest, *bounds)

    def holds(self, values: Mapping[str, float]) -> bool:
        """Whether values satisfy the row, but for rounding."""
        amount = self.amount(values)
        if not self.strict and self.lower <= amount <= self.upper:
            return True
        slack = -self.slack(values) if self.strict else self.slack(values)
        return self.lower - slack <= amount <= self.upper + slack

    def fixed(self, values: Mapping[str, float], free: frozenset[str]) -> Row:
        """The row over the free items alone, the others having their values."""
        known = sum(coefficient * values.get(key, 0.0) for key, coefficient in self.terms if key not in free)
        terms = tuple(term for term in self.terms if term[0] in free)
        return Row(terms, self.lower - known, self.upper - known, self.strict)


@dataclass(frozen=True)
class Filled:
    """An item is answered, or is not."""

    column: str
    truth: bool


@dataclass(frozen=True)
class Choice:
    """An item that has a code has one of some codes (`inside`), or one of the others."""

    column: str
    codes: frozenset[str]
    inside: bool


@dataclass(frozen=True)
class Opaque:
    """A condition that is no linear one, as it is written, holds or fails."""

    text: str
    truth: bool


@dataclass(frozen=True)
class All:
    """All of these hold; of none: always."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Either:
    """One of these holds at least; of none: never."""

    parts: tuple[Formula, ...]


Fact = Filled | Choice | Opaque
Formula = Row | Fact | All | Either
ALWAYS = All(())
NEVER = Either(())


def both(parts: list[Formula]) -> Formula:
    """All of the parts, what always holds left out."""
    flat: list[Formula] = []
    for part in parts:
        flat += part.parts if isinstance(part, All) else [part]
    return NEVER if NEVER in flat else (flat[0] if len(flat) == 1 else All(tuple(dict.fromkeys(flat))))


def either(parts: list[Formula]) -> Formula:
    """One of the parts, what never holds left out."""
    flat: list[Formula] = []
    for part in parts:
        flat += part.parts if isinstance(part, Either) else [part]
    return ALWAYS if ALWAYS in flat else (flat[0] if len(flat) == 1 else Either(tuple(dict.fromkeys(flat))))


def leaves(formula: Formula) -> Iterator[Row | Fact]:
    """The rows and facts of a formula."""
    if isinstance(formula, All | Either):
        for part in formula.parts:
            yield from leaves(part)
    else:
        yield formula


def keys(formula: Formula) -> frozenset[str]:
    """The items in the rows of a formula."""
    return frozenset(key for leaf in leaves(formula) if isinstance(leaf, Row) for key, _ in leaf.terms)


def names(formula: Formula) -> frozenset[str]:
    """What a formula speaks of: the items in its rows and facts, and conditions as they are written."""
    found: set[str] = set()
    for leaf in leaves(formula):
        if isinstance(leaf, Row):
            found.update(key for key, _ in leaf.terms)
        else:
            found.add(leaf.text if isinstance(leaf, Opaque) else leaf.column)
    return frozenset(found)


def normal(formula: Formula) -> Formula:
    """The same formula for conditions that differ in the order of their parts, or by a factor, alone."""
    if isinstance(formula, Row):
        factor = formula.terms[0][1]
        terms = tuple((key, round(coefficient / factor, 9)) for key, coefficient in formula.terms)
        ends = sorted((round(formula.lower / factor, 9), round(formula.upper / factor, 9)))
        return Row(terms, ends[0] + 0.0, ends[1] + 0.0, formula.strict)
    if isinstance(formula, All | Either):
        return type(formula)(tuple(sorted(set(map(normal, formula.parts)), key=repr)))
    return formula


def fix(formula: Formula, values: Mapping[str, float], free: frozenset[str]) -> Formula:
    """The formula over the free items alone; rows that hold none of them are decided."""
    if isinstance(formula, Row):
        if any(key in free for key, _ in formula.terms):
            return formula.fixed(values, free)
        return ALWAYS if formula.holds(values) else NEVER
    if isinstance(formula, All):
        return both([fix(part, values, free) for part in formula.parts])
    if isinstance(formula, Either):
        return either([fix(part, values, free) for part in formula.parts])
    return formula


class NotLinearError(Exception):
    """An expression that no linear row can stand for."""


@dataclass(frozen=True)
class Linear:
    """A sum of items with coefficients and a constant, over another such sum where there is a `divisor`.

    `needs` are the items that must be answered for it to have a value.
    """

    terms: Mapping[str, float] = field(default_factory=dict)
    constant: float = 0.0
    needs: frozenset[str] = frozenset()
    divisor: Linear | None = None

    def plus(self, other: Linear, sign: float = 1.0) -> Linear:
        """The sum, or with `sign` -1 the difference; two divisors must be the same."""
        if self.divisor != other.divisor:
            if other.divisor is None:
                return self._with(self._numerator.plus(other.over(self), sign))
            if self.divisor is None:
                return other._with(self.over(other).plus(other._numerator, sign))
            raise NotLinearError
        terms = dict(self.terms)
        for key, coefficient in other.terms.items():
            terms[key] = terms.get(key, 0.0) + sign * coefficient
        kept = {key: coefficient for key, coefficient in terms.items() if coefficient}
        return Linear(kept, self.constant + sign * other.constant, self.needs | other.needs, self.divisor)

    def times(self, factor: float) -> Linear:
        terms = {key: coefficient * factor for key, coefficient in self.terms.items() if factor}
        return Linear(terms, self.constant * factor, self.needs, self.divisor)

    def over(self, quotient: Linear) -> Linear:
        """A constant as the numerator that it is above a quotient's divisor."""
        if self.terms or quotient.divisor is None:
            raise NotLinearError
        scaled = quotient.divisor.times(self.constant)
        return Linear(scaled.terms, scaled.constant, self.needs | scaled.needs)

    def divided(self, by: Linear) -> Linear:
        """The quotient; raises NotLinearError for one of quotients."""
        if self.divisor or by.divisor:
            raise NotLinearError
        return Linear(self.terms, self.constant, self.needs | by.needs, by)

    @property
    def _numerator(self) -> Linear:
        return Linear(self.terms, self.constant, self.needs)

    def _with(self, numerator: Linear) -> Linear:
        return Linear(numerator.terms, numerator.constant, numerator.needs | self.needs, self.divisor)


def row(linear: Linear, lower: float, upper: float, strict: bool, integer: Callable[[str], bool]) -> Formula:
    """A sum without divisor between bounds; what whole numbers miss strictly they miss by one."""
    lower, upper = lower - linear.constant, upper - linear.constant
    whole = all(integer(key) and coefficient.is_integer() for key, coefficient in linear.terms.items())
    if strict and whole:
        lower, upper, strict = _next(lower), -_next(-upper), False
    if not linear.terms:
        return ALWAYS if Row((), lower, upper, strict).holds({}) else NEVER
    return Row(tuple(sorted(linear.terms.items())), lower, upper, strict)


def _next(bound: float) -> float:
    """The least whole number above a bound."""
    return math.floor(bound) + 1.0 if math.isfinite(bound) else bound
