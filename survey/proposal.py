"""A proposal to put amounts right: what looks wrong, tried on the unit's answers and judged by the hard checks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean
from typing import Any, Literal

from survey import cells
from survey.checks import CheckSet, Finding, compile_checks
from survey.explanations import code_of
from survey.form import HARD, Item
from survey.formulas import Answers, fitted, readable
from survey.record import previous_period
from survey.scalar import Value
from survey.store import Store
from survey.suspicion import SAME_SIZE, Extent, Plan, Suspicion, single
from survey.usual import Usual

Source = Literal["last_year", "peers", ""]
# Unit, period, factor, first item and line.
ProposalKey = tuple[str, str, float, str, int]

# After the correction a record may lie this far from what is usual per head, in digits.
_USUAL = 1.0
# Items that agree, below which not all of them do.
_ALL = 0.8
# What a factor of ten must improve against what is usual, in digits, to be told from size.
_TEN_BETTER = 0.5


@dataclass(frozen=True)
class ProposedCell:
    """One cell with what it would become, and what it was compared with; `line` counts on list forms."""

    item: str
    line: int
    old: Value
    new: Value
    reference: float | None
    source: Source


@dataclass(frozen=True)
class Evidence:
    """What a proposal rests on, in digits (base-10 logarithms): 3 means a thousand times too large.

    `own` is the level against last year, `own_per_head` the same per head of staff, `peers` against
    comparable units per head, `peers_before` that of last year; None where it cannot be told. `cells`
    amounts bear witness, of which the share `share` agrees.
    """

    own: float | None
    own_per_head: float | None
    peers: float | None
    peers_before: float | None
    cells: int
    share: float


@dataclass(frozen=True)
class Proposal:
    """Amounts of a unit that are too large by `factor` (1/1000: too small, -1: of the wrong sign).

    `doubts` says by code why a person must look (`magnitude.doubt` in the texts); without any the
    proposal is sure. `failed_before` and `failed_after` are the hard checks that fail as it stands
    and as proposed.
    """

    unit: int
    uscc: str
    name: str
    period: str
    extent: Extent
    factor: float
    cells: tuple[ProposedCell, ...]
    evidence: Evidence
    doubts: tuple[str, ...]
    failed_before: tuple[str, ...]
    failed_after: tuple[str, ...]

    @property
    def key(self) -> ProposalKey:
        """What tells it from every other proposal of a file."""
        return self.uscc, self.period, self.factor, self.cells[0].item, self.cells[0].line

    @property
    def sure(self) -> bool:
        return not self.doubts


@dataclass(frozen=True)
class Judge:
    """Judges what looks wrong by the checks of the period."""

    store: Store
    period: str
    plan: Plan

    @cached_property
    def _checks(self) -> CheckSet:
        return compile_checks(self.store.scheme, self.period)

    def proposals(
        self, unit: int, suspected: Sequence[Suspicion], uscc: str, name: str, usual: Usual
    ) -> Iterator[Proposal]:
        """The proposals of one unit that stand."""
        if not suspected:
            return
        record = _Record(self, unit, usual)
        for found in record.proposals(suspected):
            yield replace(found, uscc=uscc, name=name)

    def failed(self, now: Answers, before: Answers, unit: int) -> Mapping[str, Finding]:
        """The hard checks that fail, by code."""
        findings = self._checks.record(now, before, self.store.register(unit))
        return {code_of(one): one for one in findings if one.verdict == "fail" and one.category in HARD}


@dataclass(frozen=True)
class _Record:
    """One unit's answers, on which a suspicion is tried."""

    judge: Judge
    unit: int
    usual: Usual

    @cached_property
    def now(self) -> Answers:
        return cells.read(self.judge.store, self.unit, self.judge.period)

    @cached_property
    def before(self) -> Answers:
        return cells.read(self.judge.store, self.unit, previous_period(self.judge.period))

    @cached_property
    def failed(self) -> Mapping[str, Finding]:
        return self.judge.failed(self.now, self.before, self.unit)

    @cached_property
    def _typical(self) -> Mapping[str, float]:
        """What is usual for a unit of this kind and staff, by item name."""
        plan = self.judge.plan
        columns = single(readable(self.now, self.before, plan.now), plan.now)
        logs = self.usual.of(plan.strata_of(columns))[0] + plan.staff(columns)[0]
        return {item.name: 10.0**log for item, log in zip(plan.items, logs, strict=True) if log == log}

    def proposals(self, suspected: Sequence[Suspicion]) -> Iterator[Proposal]:
        """What stands; amounts wrong by one factor are judged together, and each alone where that breaks a check."""
        for alike in _alike(suspected):
            together = self.proposal(_joined(alike)) if len(alike) > 1 else None
            if together is not None and set(together.failed_after) <= set(together.failed_before):
                yield together
            else:
                yield from (found for found in map(self.proposal, alike) if found is not None)

    def proposal(self, one: Suspicion) -> Proposal | None:
        """The suspicion as a proposal, with what speaks against it.

        None where it cannot stand without repairing a check, and repairs none.
        """
        proposed = tuple(cell for place in one.items for cell in self._cells(self.judge.plan.items[place], one.factor))
        after = self._failed_after(proposed)
        repaired = set(self.failed) - set(after)
        broken = [after[code] for code in after if code not in self.failed]
        if not proposed or (not repaired and _must_repair(one, broken)):
            return None
        doubts = [*(_sign_doubts(one) if one.extent == "sign" else _doubts(one)), *_broken(broken, one.factor)]
        return Proposal(
            self.unit, "", "", self.judge.period, one.extent, one.factor, proposed, _evidence(one.level),
            tuple(doubts), tuple(self.failed), tuple(after),
        )  # fmt: skip

    def _cells(self, item: Item, factor: float) -> Iterator[ProposedCell]:
        form = self.judge.store.scheme.form(item.form)
        lines = sorted(self.now.lines.get(form.id, {})) if form.is_list else [0]
        for line in lines:
            old = self.now.get(item.name, line, form.id)
            # On lines only what stands below 0 has the wrong sign.
            turned = factor < 0 < line and isinstance(old, int | float) and old > 0
            if isinstance(old, int | float) and old and not turned:
                yield ProposedCell(item.name, line, old, _corrected(item, old, factor), *self._reference(item, line))

    def _reference(self, item: Item, line: int) -> tuple[float | None, Source]:
        """What a cell is compared with; lines of one year are not those of the other."""
        last = None if line else self.before.values.get(item.name)
        if isinstance(last, int | float) and last:
            return float(last), "last_year"
        typical = None if line else self._typical.get(item.name)
        return typical, "peers" if typical is not None else ""

    def _failed_after(self, proposed: Sequence[ProposedCell]) -> Mapping[str, Finding]:
        scheme, tried = self.judge.store.scheme, deepcopy(self.now)
        for cell in proposed:
            tried.put(cell.item, cell.new, cell.line, scheme.item(cell.item).form)
        self.judge.store.formulas.compute(tried, self.before)
        return self.judge.failed(tried, self.before, self.unit)


def _alike(suspected: Sequence[Suspicion]) -> Iterable[Sequence[Suspicion]]:
    """Single amounts that have last year to compare with, by their factor; everything else by itself."""
    found: dict[object, list[Suspicion]] = {}
    for at, one in enumerate(suspected):
        alone = one.extent != "cell" or math.isnan(one.level["own"])
        found.setdefault(("alone", at) if alone else one.factor, []).append(one)
    return found.values()


def _joined(alike: Sequence[Suspicion]) -> Suspicion:
    """Single amounts of one factor as one suspicion, with what they show on average."""
    average = {key: fmean(one.level[key] for one in alike) for key in ("own", "peers")}
    items = tuple(place for one in alike for place in one.items)
    return replace(alike[0], items=items, level={**alike[0].level, **average, "cells": float(len(items))})


def _corrected(item: Item, old: float, factor: float) -> Value:
    """The cell put right; what an item keeps in whole numbers is rounded."""
    return fitted(item, old / factor if abs(factor) >= 1 else old * round(1 / factor))


def _must_repair(one: Suspicion, broken: Sequence[Finding]) -> bool:
    """Whether a suspicion says too little by itself.

    It does for a turned sign, for ten on one form, for a cell that has no last year or breaks a check.
    """
    if one.extent == "form":
        return abs(one.level["exponent"]) == 1
    return one.extent == "sign" or (one.extent == "cell" and (bool(broken) or math.isnan(one.level["own"])))


def _evidence(level: Mapping[str, float]) -> Evidence:
    known: dict[str, Any] = {
        key: None if math.isnan(level[key]) else level[key] for key in ("own", "own_per_head", "peers", "peers_before")
    }
    return Evidence(**known, cells=int(level["cells"]), share=level["share"])


def _doubts(one: Suspicion) -> Iterator[str]:
    """Why a factor is not sure: it rests on one comparison alone, or one of them does not bear it out."""
    level, exponent = one.level, one.level["exponent"]
    if one.extent == "form":
        yield "one_form"
    if one.extent == "cell":
        yield "one_cell" if len(one.items) == 1 else "some_cells"
    if level["share"] < _ALL:
        yield "not_all_agree"
    if level["by_peers"]:
        yield "no_last_year" if math.isnan(level["own"]) else "last_year_too"
    if math.isnan(level["peers"]):
        yield "no_peers"
        return
    better = abs(level["peers"]) - abs(level["peers"] - exponent)
    if abs(level["peers"] - exponent) > _USUAL or (abs(exponent) == 1 and better < _TEN_BETTER):
        yield "still_unusual"


def _broken(broken: Sequence[Finding], factor: float) -> Iterator[str]:
    """Whether hard checks fail only then; `rounding` where the digits that were never given explain it."""
    unit = max(1.0, 1 / abs(factor)) / 2
    if any(one.difference is None or one.difference > unit * len(one.operands) for one in broken):
        yield "breaks"
    elif broken:
        yield "rounding"


def _sign_doubts(one: Suspicion) -> Iterator[str]:
    """A turned sign repairs a hard check; it is sure where the size is last year's as well."""
    if math.isnan(one.level["own"]):
        yield "no_last_year"
    elif abs(one.level["own"]) > SAME_SIZE:
        yield "still_unusual"
