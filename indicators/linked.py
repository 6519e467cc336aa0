"""Figures of all tables of a publication as one system: what is the same is one variable, what adds up is a row.

For whoever attacks the publication a figure is a variable about which he knows an interval: a narrow one where it
is published, and what everybody knows beforehand where it is withheld. Everything is measured from the true values,
which satisfy all rows, so that the rows are homogeneous.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from indicators.sensitivity import Kind, Primary, Share, holdings
from survey.errors import SurveyError
from survey.form import Disclosure
from survey.scalar import round_half_away

# Whether a figure's status is to be decided, or is settled: `kept` must be published, `withheld` must not be,
# `unshown` stands in no table and only ties others together.
Standing = Literal["open", "kept", "withheld", "unshown"]
# Sums of figures may miss their total by this part of them.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Cell:
    """A figure of the tables; cells of one id are the same figure, in however many tables it stands.

    `shares` is what each respondent brings; a cell without any is taken as safe by itself. `step` is the
    difference that tells two values apart. Published it is rounded to multiples of `rounding` (0: exact).
    `weight` is the loss where it is withheld, None for what `loss` makes of its size. `lower` and `upper` are
    what everybody knows beforehand, None for what the scheme's rules say. `asked` is the protection of a figure that
    was found sensitive when its contributors were known.
    """

    id: str
    value: float
    shares: tuple[Share, ...] = ()
    kind: Kind = "magnitude"
    step: float = 1.0
    rounding: float = 0.0
    weight: float | None = None
    standing: Standing = "open"
    lower: float | None = None
    upper: float | None = None
    asked: Primary | None = None

    @cached_property
    def contributors(self) -> Mapping[str, float]:
        """What each contributor brings, a holding being one."""
        return holdings(self.shares)

    @property
    def alone(self) -> str:
        """The only contributor of a sum, who knows it exactly; '' where there are others, or nobody."""
        return next(iter(self.contributors)) if self.kind != "count" and len(self.contributors) == 1 else ""

    @property
    def noise(self) -> float:
        """What is behind the figure regardless of signs."""
        return math.fsum(abs(share.value) for share in self.shares) or abs(self.value)

    def known(self, rules: Disclosure) -> tuple[float, float]:
        """What everybody knows beforehand: to so many per cent, and that it is not below 0 where nothing behind it is.

        The Handbook supposes that values are known not to be negative, or some other bound where they may be.
        """
        around = rules.known / 100 * self.noise
        least = self.value - around
        if self.value >= 0 and all(share.value >= 0 for share in self.shares):
            least = max(0.0, least)
        lower = least if self.lower is None else self.lower
        upper = self.value + around if self.upper is None else self.upper
        return min(lower, self.value), max(upper, self.value)


@dataclass(frozen=True)
class Relation:
    """Coefficients times figures come to 0."""

    id: str
    terms: tuple[tuple[str, float], ...]

    @classmethod
    def total(cls, relation_id: str, whole: str, parts: Iterable[str]) -> Relation:
        """The parts add up to the whole."""
        return cls(relation_id, ((whole, -1.0), *((part, 1.0) for part in parts)))


@dataclass(frozen=True)
class Ratio:
    """A figure that is another over a third: `value` = `scale` * numerator / denominator + `offset`.

    Growth in per cent has scale 100 and offset -100. Where the ratio is published, rounded to `rounding`, it ties
    its two figures by linear inequalities; where one of these is sensitive it is withheld with it.
    """

    id: str
    numerator: str
    denominator: str
    rounding: float
    scale: float = 1.0
    offset: float = 0.0
    weight: float = 1.0
    standing: Standing = "open"


def loss(cell: Cell) -> float:
    """What withholding a cell loses where nothing else is said: the digits of its value, and the cell itself."""
    return 1.0 + math.log10(1.0 + abs(cell.value) / cell.step) if cell.weight is None else cell.weight


def rounded(value: float, unit: float) -> tuple[float, float]:
    """Between what the value lies where it is published in multiples of a unit (0: exactly)."""
    if not unit:
        return value, value
    shown = round_half_away(value / unit, 0) * unit
    return min(value, shown - unit / 2), max(value, shown + unit / 2)


class System:
    """All figures and what ties them.

    `figures` are cells and ratios by their number; `cells` the cells by id; `column` the variable of a cell by id.
    Arrays over the variables: `owner` the figure it belongs to, `inside` and `outside` 2 × n the deviations below
    and above 0 that are possible while its figure is published, and while it is withheld; `reach` is how
    much further the latter go.
    """

    def __init__(
        self, cells: Iterable[Cell], relations: Sequence[Relation], ratios: Sequence[Ratio], rules: Disclosure
    ) -> None:
        """Raises SurveyError where figures of one id differ, are unknown, or do not add up."""
        self.rules = rules
        self.cells = _merged(cells)
        self.relations = tuple(relations)
        self.ratios = {ratio.id: ratio for ratio in ratios}
        self.ids = (*self.cells, *self.ratios)
        self.number = {name: at for at, name in enumerate(self.ids)}
        self.column = {name: at for at, name in enumerate(self.cells)}
        self._owners = list(range(len(self.cells)))
        self._inside = [self._published(cell) for cell in self.cells.values()]
        self._outside = [self._before(cell) for cell in self.cells.values()]
        self.rows: list[list[tuple[int, float]]] = [self._row(relation) for relation in relations]
        for ratio in ratios:
            self._tie(ratio)
        self.owner = np.array(self._owners, np.int64)
        self.inside = np.array(self._inside, float).reshape(-1, 2).T
        self.outside = np.array(self._outside, float).reshape(-1, 2).T
        # What withholding adds; of two infinite ends nothing.
        same = self.inside == self.outside
        self.reach = np.where(same, 0.0, self.outside) - np.where(same, 0.0, self.inside)

    @cached_property
    def weights(self) -> Any:
        """What is lost where each figure is withheld."""
        return np.array([*map(loss, self.cells.values()), *(ratio.weight for ratio in self.ratios.values())])

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        return tuple(self.figure(name).standing for name in self.ids)

    def figure(self, name: str) -> Cell | Ratio:
        return self.cells[name] if name in self.cells else self.ratios[name]

    def bounds(self, pattern: Any) -> tuple[Any, Any]:
        """The least and greatest deviation of each variable; `pattern` is 1 for figures withheld, 0 for published.

        Between 0 and 1 it is so much of the way, as linear programs over patterns need.
        """
        part = np.asarray(pattern, float)[self.owner]
        lower, upper = self.inside + np.where(part > 0, np.where(part > 0, part, 1.0) * self.reach, 0.0)
        return lower, upper

    def _before(self, cell: Cell) -> tuple[float, float]:
        lower, upper = cell.known(self.rules)
        return lower - cell.value, upper - cell.value

    def _published(self, cell: Cell) -> tuple[float, float]:
        (lower, upper), (least, most) = self._before(cell), rounded(cell.value, cell.rounding)
        return max(lower, least - cell.value), min(upper, most - cell.value)

    def _find(self, name: str, where: str) -> Cell:
        if name not in self.cells:
            raise SurveyError("disclosure_unknown", id=name, where=where)
        return self.cells[name]

    def _row(self, relation: Relation) -> list[tuple[int, float]]:
        parts = [coefficient * self._find(name, relation.id).value for name, coefficient in relation.terms]
        steps = max((self.cells[name].step for name, _ in relation.terms), default=1.0)
        gap = math.fsum(parts)
        if abs(gap) > max(_ROUNDING * math.fsum(map(abs, parts)), _ROUNDING * steps):
            raise SurveyError("disclosure_additive", where=relation.id, gap=f"{gap:,.6g}")
        # Two groups of the lines of the same unit may be one figure, which then counts twice.
        found: dict[int, float] = {}
        for name, coefficient in relation.terms:
            found[self.column[name]] = found.get(self.column[name], 0.0) + coefficient
        return [(column, coefficient) for column, coefficient in found.items() if coefficient]

    def _tie(self, ratio: Ratio) -> None:
        """Two variables that a published ratio bounds: what the numerator is above the least, below the greatest.

        scale * a / b + offset between l and u, with b > 0: a - (u - offset) / scale * b <= 0, and so for l.
        """
        above, below = (self._find(name, ratio.id) for name in (ratio.numerator, ratio.denominator))
        if below.value <= 0 or below.known(self.rules)[0] < 0 or ratio.scale <= 0:
            raise SurveyError("disclosure_ratio", id=ratio.id, denominator=ratio.denominator)
        exact = ratio.scale * above.value / below.value + ratio.offset
        for at, end in enumerate(rounded(exact, ratio.rounding)):
            slope = (end - ratio.offset) / ratio.scale
            gap = slope * below.value - above.value
            self._owners.append(self.number[ratio.id])
            self._inside.append((min(gap, 0.0), math.inf) if at == 0 else (-math.inf, max(gap, 0.0)))
            self._outside.append((-math.inf, math.inf))
            here = len(self._owners) - 1
            self.rows.append([(self.column[above.id], 1.0), (self.column[below.id], -slope), (here, -1.0)])


def _merged(cells: Iterable[Cell]) -> dict[str, Cell]:
    """The cells by id; of one that stands in several tables the strictest standing and the finest rounding count."""
    found: dict[str, Cell] = {}
    for cell in cells:
        known = found.get(cell.id)
        found[cell.id] = cell if known is None else _same(known, cell)
    return found


def _same(one: Cell, other: Cell) -> Cell:
    if abs(one.value - other.value) > _ROUNDING * max(abs(one.value), one.step):
        raise SurveyError("disclosure_differs", id=one.id, first=f"{one.value:,.6g}", second=f"{other.value:,.6g}")
    shares = one.shares or other.shares
    standings = [cell.standing for cell in (one, other)]
    if {"kept", "withheld"} <= set(standings):
        raise SurveyError("disclosure_both", id=one.id)
    settled: Sequence[Standing] = ("kept", "withheld", "open", "unshown")
    return replace(
        one, shares=shares, standing=min(standings, key=settled.index), rounding=min(one.rounding, other.rounding)
    )
