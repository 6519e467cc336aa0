"""Which amounts of which records look wrong by a factor or a sign: whole records, whole forms, single cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from survey.expression import Column, LineSum, names_read
from survey.expression import columns as read_by
from survey.form import HARD, MONEY_UNIT, Check, Item
from survey.levels import CHOICES, NEAR, NEAR_TEN, Amounts, Levels, logs, measure
from survey.scheme import Scheme
from survey.usual import Tally, Usual
from survey.vector import Evaluator

Array = NDArray[Any]
Extent = Literal["record", "form", "cell", "sign"]

# An amount that has kept its size against last year, within a sixth of the factor's digits, is left alone.
_KEPT = 1 / 6
# Where the nearest factor becomes another one.
_BETWEEN = (CHOICES[1:] + CHOICES[:-1]) / 2
# How near to last year's size, or to the usual one per head, an amount of the wrong sign must be.
SAME_SIZE, _USUAL_SIZE = 0.5, 1.0


@dataclass(frozen=True)
class Suspicion:
    """Amounts of one record (`row` of its chunk) that look too large by `factor`, -1 for the wrong sign.

    `items` are places in the plan's items; `level` holds the facts of `Levels` for what was looked at.
    """

    row: int
    extent: Extent
    factor: float
    items: tuple[int, ...]
    level: Mapping[str, float]


@dataclass(frozen=True)
class Plan:
    """What is read of each unit: its amounts of money, its staff, and the codes that say who is comparable.

    Amounts on the lines of a list form are looked at by their total.
    """

    scheme: Scheme

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The amounts that units fill in, in the order of the forms."""
        forms = self.scheme.forms_of("unit")
        return tuple(item for form in forms for item in form.items if item.unit == MONEY_UNIT and not item.computed)

    @cached_property
    def amounts(self) -> tuple[Column, ...]:
        """The columns of the items."""
        return tuple(self._column(item) for item in self.items)

    @cached_property
    def strata(self) -> tuple[Column, ...]:
        """The scheme's strata, but for those that follow from amounts: a wrong unit would choose its own peers."""
        return tuple(Column(name, "", "text") for name in self.scheme.checking.strata if not self._of_money(name))

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Everything that is read, last year's amounts and staff included."""
        before = (replace(column, at="prev") for column in (*self.amounts, *self._staff))
        return (*self.now, *before)

    @cached_property
    def now(self) -> tuple[Column, ...]:
        """What is read of this period."""
        return (*self.peer_columns, *self.amounts)

    @cached_property
    def peer_columns(self) -> tuple[Column, ...]:
        """What says who is comparable, and the unit's staff."""
        return (*self.strata, *self._staff)

    @cached_property
    def forms(self) -> tuple[Array, ...]:
        """The places of the items, form by form."""
        names = [item.form for item in self.items]
        return tuple(np.flatnonzero(np.array(names) == form) for form in dict.fromkeys(names))

    @cached_property
    def unsigned(self) -> Array:
        """Which items can never be below 0."""
        return np.array([item.minimum is not None and item.minimum >= 0 for item in self.items], dtype=np.bool_)

    @cached_property
    def balances(self) -> tuple[tuple[Check, Array], ...]:
        """The hard checks among amounts alone, with the places of the items in them."""
        place = {column: at for at, column in enumerate(self.amounts)}
        return tuple(
            (check, np.array([place[column] for column in read_by(check.tree)]))
            for check in self.scheme.checks
            if check.category in HARD and all(column in place for column in read_by(check.tree))
        )

    def unbalanced(self, found: Mapping[str, Array]) -> Array:
        """Which amounts of a chunk stand in a failed balance, (n, c)."""
        length = len(next(iter(found.values())))
        evaluator, broken = Evaluator(found, length), np.zeros((length, len(self.items)), dtype=np.bool_)
        for check, places in self.balances:
            false = np.broadcast_to(evaluator.truth(check.tree, check.tolerance).false, (length,))
            broken[np.ix_(false, places)] = True
        return broken

    def values(self, found: Mapping[str, Array], at: str = "") -> Array:
        """The amounts of a chunk as they stand, (n, c)."""
        return np.column_stack([found[replace(column, at=at).key] for column in self.amounts])

    def staff(self, columns: Mapping[str, Array], at: str = "") -> Array:
        """The logarithm of each unit's staff, (n,); NaN where the scheme does not ask."""
        if not self._staff:
            return np.full(len(next(iter(columns.values()))), np.nan)
        return logs(columns[replace(self._staff[0], at=at).key])

    def strata_of(self, columns: Mapping[str, Array]) -> list[str]:
        """Who is comparable to each unit, as a text."""
        if not self.strata:
            return [""] * len(next(iter(columns.values())))
        codes = zip(*(columns[column.key] for column in self.strata), strict=True)
        return ["/".join(code or "" for code in one) for one in codes]

    def tally(self) -> Tally:
        """An empty count of what is usual."""
        return Tally(len(self.items))

    def count(self, tally: Tally, columns: Mapping[str, Array]) -> None:
        """Adds a chunk to what is usual."""
        tally.add(self.strata_of(columns), logs(self.values(columns)) - self.staff(columns)[:, None])

    def measured(self, columns: Mapping[str, Array], usual: Usual) -> Amounts:
        """The amounts of a chunk as logarithms."""
        return Amounts(
            logs(self.values(columns)), logs(self.values(columns, "prev")), self.staff(columns),
            self.staff(columns, "prev"), usual.of(self.strata_of(columns)), usual.weights,
        )  # fmt: skip

    @cached_property
    def _staff(self) -> tuple[Column, ...]:
        name = self.scheme.checking.staff
        return (Column(name, "", "number"),) if name else ()

    def _column(self, item: Item) -> Column:
        plain = Column(item.name, "", item.kind)
        if not self.scheme.form(item.form).is_list:
            return plain
        return replace(plain, lines=LineSum("total", item.form, plain, None))

    def _of_money(self, name: str) -> bool:
        trees = [one.tree for one in self.scheme.derived if one.item == name]
        trees += [self.scheme.computed[name]] if name in self.scheme.computed else []
        read = {one for tree in trees for one in names_read(tree)}
        return any(self.scheme.item(one).unit == MONEY_UNIT for one in read)


def suspicions(plan: Plan, columns: Mapping[str, Array], usual: Usual) -> Iterator[Suspicion]:
    """What looks wrong in a chunk: a record as a whole, else its forms, else its cells; then signs."""
    amounts = plan.measured(columns, usual)
    whole = measure(amounts)
    everything = np.arange(len(plan.items))
    open_ = np.ones(amounts.now.shape, dtype=np.bool_)
    yield from _groups(amounts, whole, "record", everything, open_)
    if len(plan.forms) > 1:
        for places in plan.forms:
            yield from _groups(amounts, measure(amounts.part(places)), "form", places, open_)
    now, before = plan.values(columns), plan.values(columns, "prev")
    yield from _cells(amounts, whole, open_ & (now * before > 0))
    unbalanced = plan.unbalanced(columns)
    yield from _cells_by_balance(amounts, whole, open_ & unbalanced & np.isnan(amounts.change))
    can_turn = np.where(plan.unsigned, now < 0, (now * before < 0) & unbalanced)
    yield from _signs(amounts, whole, can_turn, plan.unsigned)


def _groups(amounts: Amounts, levels: Levels, extent: Extent, places: Array, open_: Array) -> Iterator[Suspicion]:
    """Records that share a factor in these items; what they are suspected of is no longer `open_`."""
    for row in np.flatnonzero(levels.exponent).tolist():
        if extent == "form" and not (_alone(levels, row) and open_[row, places].all()):
            continue
        exponent, change = levels.exponent[row], amounts.change[row, places]
        kept = (np.abs(change) < abs(exponent) * _KEPT) & ~levels.by_peers[row]
        taken = places[~np.isnan(amounts.now[row, places]) & ~kept]
        open_[row, places] = False
        yield Suspicion(row, extent, float(10.0**exponent), tuple(taken.tolist()), levels.at(row))


def _alone(levels: Levels, row: int) -> bool:
    """Whether a form by itself says enough: against last year, and of ten more exactly.

    Its items are often parts of one quantity, so that they bear witness once.
    """
    exponent = levels.exponent[row]
    exact = abs(exponent) > 1 or _off_own(levels, row) <= NEAR_TEN / 2
    return bool(exact and not levels.by_peers[row])


def _off_own(levels: Levels, row: int) -> float:
    return float(
        np.fmin(abs(levels.own[row] - levels.exponent[row]), abs(levels.own_per_head[row] - levels.exponent[row]))
    )


def _cells(amounts: Amounts, levels: Levels, open_: Array) -> Iterator[Suspicion]:
    """Single amounts among the `open_` wrong by a thousand or more, where the record as a whole is not.

    Ten is not looked for: a single amount may well grow so much.
    """
    change, gaps = amounts.change, amounts.against_peers
    own = np.where(np.abs(levels.own) <= NEAR, levels.own, 0.0)
    nearest = CHOICES[np.searchsorted(_BETWEEN, np.nan_to_num(change))]
    fits = np.abs(change - own[:, None] - nearest) <= NEAR
    better = np.isnan(gaps) | (np.abs(gaps - nearest) < np.abs(gaps))
    found = open_ & fits & better & (np.abs(nearest) > 1) & ~levels.by_peers[:, None]
    for row, place in np.argwhere(found):
        facts = _of_cell(amounts, levels, int(row), int(place), float(nearest[row, place]))
        yield Suspicion(int(row), "cell", float(10.0 ** nearest[row, place]), (int(place),), facts)


def _cells_by_balance(amounts: Amounts, levels: Levels, open_: Array) -> Iterator[Suspicion]:
    """Single amounts without last year that stand in a failed balance, by the factor that others per head tell.

    Whether one of them is right is for the balance to say.
    """
    gaps = amounts.against_peers
    nearest = CHOICES[np.searchsorted(_BETWEEN, np.nan_to_num(gaps))]
    for row, place in np.argwhere(open_ & (np.abs(nearest) > 1)):
        facts = _of_cell(amounts, levels, int(row), int(place), float(nearest[row, place]))
        yield Suspicion(int(row), "cell", float(10.0 ** nearest[row, place]), (int(place),), facts)


def _of_cell(amounts: Amounts, levels: Levels, row: int, place: int, exponent: float) -> dict[str, float]:
    """The facts of one amount, in place of those of its record."""
    own, peers = float(amounts.change[row, place]), float(amounts.against_peers[row, place])
    return {**levels.at(row), "exponent": exponent, "own": own, "peers": peers, "cells": 1.0, "share": 1.0}


def _signs(amounts: Amounts, levels: Levels, can_turn: Array, unsigned: Array) -> Iterator[Suspicion]:
    """Single amounts whose negative is of last year's size, or of the usual one where none can be below 0."""
    same = np.abs(amounts.change) <= SAME_SIZE
    usual = np.abs(amounts.against_peers) <= _USUAL_SIZE
    fits = same | (unsigned & (usual | np.isnan(amounts.change)))
    for row, place in np.argwhere(can_turn & fits):
        facts = _of_cell(amounts, levels, int(row), int(place), 0.0)
        yield Suspicion(int(row), "sign", -1.0, (int(place),), facts)


def single(values: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, Array]:
    """One unit's values as a chunk of one record."""
    return {
        column.key: np.array([values.get(column.key)], dtype=object if column.kind == "text" else np.float64)
        for column in columns
    }
