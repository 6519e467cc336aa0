"""What a published figure tells of the sums behind it: one of them, the ratio of two, or something else of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from indicators.catalogue import YEAR, Aggregate, Catalogue, Indicator
from survey.expression import Arithmetic, Call, Column, Logic, Negative, Node, Number

# Aggregates that are sums of what each record brings.
SUMS = frozenset({"total", "count", "units"})


@dataclass(frozen=True)
class Sum:
    """A sum over records: which, of whom, and where it is taken from ('' here, `prev`, `all`, or a dimension)."""

    aggregate: Aggregate
    scope: Node | None
    needs: tuple[Column, ...]
    at: str = ""

    @property
    def squared(self) -> Node | None:
        """What is squared, where each record brings a square."""
        match self.aggregate.arguments:
            case (Arithmetic("*", left, right), *_) if left == right:
                return left
        return None

    @property
    def counts(self) -> bool:
        """Whether each record brings 1."""
        return self.aggregate.function in ("count", "units")


@dataclass(frozen=True)
class Affine:
    """Coefficients times sums, and a constant."""

    terms: Mapping[Sum, float] = field(default_factory=dict)
    constant: float = 0.0


@dataclass(frozen=True)
class Quotient:
    """`scale` * numerator / denominator + `offset`, of two sums."""

    numerator: Sum
    denominator: Sum
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Mixed:
    """Something else that is made of sums, or of the records themselves (`ordered`: largest values, medians)."""

    sums: frozenset[Sum]
    ordered: bool = False


Shape = Affine | Quotient | Mixed


def shape_of(catalogue: Catalogue, indicator: Indicator) -> Shape:
    """The shape of an indicator's figure."""
    return _Shapes(catalogue).of(indicator)


class _Shapes:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def of(self, indicator: Indicator) -> Shape:
        return self._node(indicator.formula, indicator)

    def _node(self, node: Node, indicator: Indicator) -> Shape:
        match node:
            case Number(value):
                return Affine(constant=value)
            case Column():
                return self._column(node, indicator)
            case Negative(operand):
                return _times(self._node(operand, indicator), -1.0)
            case Arithmetic(operator, left, right):
                return _combined(operator, self._node(left, indicator), self._node(right, indicator))
            case Call(function="path"):
                # The plan's own numbers, which are public.
                return Affine()
            case Call(arguments=arguments):
                return _mixed(*(self._node(one, indicator) for one in arguments))
        return _mixed()

    def _column(self, column: Column, indicator: Indicator) -> Shape:
        if column.name == YEAR:
            return Affine()
        if column.key in indicator.aggregates:
            return self._aggregate(indicator.aggregates[column.key], indicator)
        if column.key in indicator.measures:
            measure = indicator.measures[column.key]
            read = (self._catalogue.indicators[name] for name in (measure.indicator, *measure.more))
            return replace(_mixed(*map(self.of, read)), ordered=True)
        return _taken(self.of(self._catalogue.indicators[column.name]), column.at)

    def _aggregate(self, aggregate: Aggregate, indicator: Indicator) -> Shape:
        if aggregate.function in SUMS:
            return Affine({Sum(aggregate, indicator.scope, indicator.needs): 1.0})
        summed = replace(aggregate, function="total", arguments=aggregate.arguments[:1])
        own = Sum(summed, indicator.scope, indicator.needs)
        if aggregate.function == "mean":
            whole = replace(own, aggregate=replace(aggregate, function="total"))
            filled = Call("filled", aggregate.arguments[:1])
            return Quotient(whole, replace(own, aggregate=replace(aggregate, function="count", arguments=(filled,))))
        if aggregate.function == "distinct":
            # As few as have a value at all, where the condition holds, may be behind it.
            value, *condition = aggregate.arguments
            there = Logic("and", (Call("filled", (value,)), *condition))
            return Mixed(frozenset({replace(own, aggregate=replace(aggregate, function="count", arguments=(there,)))}))
        return Mixed(frozenset({own}), ordered=True)


def _taken(shape: Shape, at: str) -> Shape:
    """The shape with its sums taken from elsewhere; what is taken from elsewhere already is something else."""
    if not at:
        return shape
    sums = _sums(shape)
    if any(one.at for one in sums):
        return Mixed(frozenset(replace(one, at=at) for one in sums))
    match shape:
        case Affine(terms, constant):
            return Affine({replace(one, at=at): factor for one, factor in terms.items()}, constant)
        case Quotient():
            return replace(
                shape, numerator=replace(shape.numerator, at=at), denominator=replace(shape.denominator, at=at)
            )
        case Mixed():
            return replace(shape, sums=frozenset(replace(one, at=at) for one in sums))


def _combined(operator: str, left: Shape, right: Shape) -> Shape:
    constant = right.constant if isinstance(right, Affine) and not right.terms else None
    if operator in "+-":
        sign = 1.0 if operator == "+" else -1.0
        if isinstance(left, Affine) and isinstance(right, Affine):
            terms = dict(left.terms)
            for one, factor in right.terms.items():
                terms[one] = terms.get(one, 0.0) + sign * factor
            return Affine({one: f for one, f in terms.items() if f}, left.constant + sign * right.constant)
        if isinstance(left, Quotient) and constant is not None:
            return replace(left, offset=left.offset + sign * constant)
    elif operator == "*":
        if constant is not None:
            return _times(left, constant)
        if isinstance(left, Affine) and not left.terms:
            return _times(right, left.constant)
    elif operator == "/":
        if constant:
            return _times(left, 1.0 / constant)
        first, second = _single(left), _single(right)
        if first and second:
            return Quotient(first[0], second[0], first[1] / second[1])
    return _mixed(left, right)


def _times(shape: Shape, factor: float) -> Shape:
    match shape:
        case Affine(terms, constant):
            return Affine({one: value * factor for one, value in terms.items()}, constant * factor)
        case Quotient(scale=scale, offset=offset):
            return replace(shape, scale=scale * factor, offset=offset * factor)
    return shape


def _single(shape: Shape) -> tuple[Sum, float] | None:
    """The one sum that a figure is a multiple of."""
    if isinstance(shape, Affine) and len(shape.terms) == 1 and not shape.constant:
        return next(iter(shape.terms.items()))
    return None


def _sums(shape: Shape) -> frozenset[Sum]:
    match shape:
        case Affine(terms):
            return frozenset(terms)
        case Quotient(numerator, denominator):
            return frozenset({numerator, denominator})
        case Mixed(sums):
            return sums


def _mixed(*shapes: Shape) -> Mixed:
    ordered = any(isinstance(one, Mixed) and one.ordered for one in shapes)
    return Mixed(frozenset().union(*(_sums(one) for one in shapes)), ordered)
