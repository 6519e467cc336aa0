"""Whom to ask first: the units whose doubtful answers weigh most on what the indicators add up.

A selective score (Latouche & Berthelot, Journal of Official Statistics 8, 1992, 389-400; de Waal,
Pannekoek & Scholtus, Handbook of Statistical Data Editing and Imputation, 2011, ch. 6): for each key item
suspicion x |reported - expected| / total of the item over the file; a unit's score is the sum. A census
has no weights. What is expected is last year's value grown as in the stratum, else what is usual there
per head of the unit's staff, else 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from survey.checks import Finding
from survey.control import exemptions
from survey.explanations import of_period, said_to
from survey.expression import Column, names_read
from survey.levels import logs
from survey.progress import Progress
from survey.proposal import Proposal
from survey.scheme import Scheme
from survey.store import Store
from survey.suspicion import Plan
from survey.usual import Tally, Usual

Array = NDArray[Any]
Basis = Literal["last_year", "peers", ""]

# How far one failed check casts doubt on an item in it; class D is only shown. Several add up as independent doubts.
DOUBT = {"A": 0.8, "B": 0.5, "C": 0.3}
SURE, DOUBTFUL = 0.95, 0.6
# An item that last year had and this year has not.
MISSING = 0.5


@dataclass(frozen=True)
class Part:
    """What one key item adds to a unit's score.

    `value` is what is reported, None where it is missing; `expected` rests on `basis`; `suspicion` is
    0..1, `share` the gap between the two as a share of the item's total over the file.
    """

    item: str
    value: float | None
    expected: float
    basis: Basis
    suspicion: float
    share: float

    @property
    def score(self) -> float:
        return self.suspicion * self.share


@dataclass(frozen=True)
class Priority:
    """A unit to be asked, with what makes up its score, the weightiest first, and the checks it fails."""

    uscc: str
    name: str
    score: float
    parts: tuple[Part, ...]
    checks: tuple[str, ...]


def priorities(
    store: Store,
    period: str,
    findings: Iterable[Finding],
    proposals: Iterable[Proposal] = (),
    progress: Progress | None = None,
) -> list[Priority]:
    """The units to be asked, the weightiest first; those that weigh nothing on a key item are left out.

    Findings that are explained or exempted count no more. A scheme without key items gives none.
    """
    if not store.scheme.checking.key_items:
        return []
    doubts = _Doubts(store.scheme)
    answered = _answered(store, period)
    for finding in findings:
        if finding.verdict == "fail" and not answered(finding):
            doubts.fail(finding)
    for proposal in proposals:
        doubts.propose(proposal)
    file = _File(store.scheme)
    file.read(store, period, doubts, progress)
    found = [one for uscc in file.kept if (one := file.priority(uscc, doubts)) is not None]
    return sorted(found, key=lambda one: (-one.score, one.uscc))


def _answered(store: Store, period: str) -> Callable[[Finding], bool]:
    """Whether a finding is explained as it stands, or its unit exempted from the check."""
    known = of_period(store, period)
    exempted = {(one.uscc, one.check) for one in exemptions(store, period)}
    return lambda finding: (finding.unit, finding.check) in exempted or said_to(finding, known) is not None


class _Doubts:
    """How doubtful the key items of each unit are, by its code."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._keys = set(scheme.checking.key_items)
        self._trusted: dict[str, dict[str, float]] = {}
        self._checks: dict[str, dict[str, None]] = {}
        self._behind: dict[str, frozenset[str]] = {}
        self.corrections: dict[tuple[str, str], float] = {}

    def fail(self, finding: Finding) -> None:
        """A check that fails casts doubt on every key item in it."""
        doubt = DOUBT.get(finding.category)
        if doubt is None:
            return
        names = {self._scheme.item_at(key).name for key in finding.items}
        for name in set().union(*(self._read(name) for name in names)) & self._keys:
            self._add(finding.unit, name, doubt)
            self._checks.setdefault(finding.unit, {})[finding.check] = None

    def propose(self, proposal: Proposal) -> None:
        """A wrong unit of measure casts doubt on every key item it would change."""
        for cell in proposal.cells:
            if cell.item in self._keys:
                self._add(proposal.uscc, cell.item, SURE if proposal.sure else DOUBTFUL)
                if proposal.sure and isinstance(cell.new, int | float):
                    self.corrections[proposal.uscc, cell.item] = float(cell.new)

    def of(self, uscc: str, item: str) -> float:
        """The suspicion of an item, 0..1."""
        return 1 - self._trusted.get(uscc, {}).get(item, 1.0)

    def checks(self, uscc: str) -> tuple[str, ...]:
        return tuple(self._checks.get(uscc, ()))

    def __contains__(self, uscc: str) -> bool:
        return uscc in self._trusted

    def _add(self, uscc: str, item: str, doubt: float) -> None:
        trusted = self._trusted.setdefault(uscc, {})
        trusted[item] = trusted.get(item, 1.0) * (1 - doubt)

    def _read(self, name: str) -> frozenset[str]:
        """An item and all it is computed from."""
        if name not in self._behind:
            tree = self._scheme.computed.get(name)
            below = names_read(tree) if tree is not None else set()
            self._behind[name] = frozenset({name}).union(*(self._read(one) for one in below))
        return self._behind[name]


@dataclass(frozen=True)
class _Kept:
    """The key items of a unit that may be asked: shape (c,), NaN where missing."""

    name: str
    stratum: str
    now: Array
    before: Array
    staff: float


class _File:
    """The key items of a whole file: totals, what is usual, and the values of the units in doubt."""

    def __init__(self, scheme: Scheme) -> None:
        self.items = scheme.checking.key_items
        self.kept: dict[str, _Kept] = {}
        self._plan = Plan(scheme)
        self._staff = np.array([item == scheme.checking.staff for item in self.items])
        self._totals = np.zeros(len(self.items))
        self._growth, self._heads = Tally(len(self.items)), Tally(len(self.items))

    def read(self, store: Store, period: str, doubts: _Doubts, progress: Progress | None) -> None:
        """One pass over the file."""
        now = tuple(Column(item, "", "number") for item in self.items)
        register = tuple(Column(name, "reg", "text") for name in ("uscc", "name"))
        before = tuple(replace(column, at="prev") for column in now)
        columns = tuple(dict.fromkeys((*register, *self._plan.peer_columns, *now, *before)))
        total, done = store.response_count(period), 0
        for chunk in store.chunks(columns, period):
            self._add(
                chunk.columns,
                np.column_stack([chunk.columns[column.key] for column in now]),
                np.column_stack([chunk.columns[column.key] for column in before]),
                doubts,
            )
            done += len(chunk.responses)
            if progress:
                progress(done, max(total, done), "progress.priority")

    def _add(self, columns: Mapping[str, Array], now: Array, before: Array, doubts: _Doubts) -> None:
        strata, staff = self._plan.strata_of(columns), self._plan.staff(columns)
        sizes, last = _positive(now), _positive(before)
        self._growth.add(strata, sizes - last)
        self._heads.add(strata, np.where(self._staff, np.nan, sizes - staff[:, None]))
        codes: Sequence[str] = columns["uscc@reg"].tolist()
        gone = (np.isnan(now) & (before > 0)).any(axis=1)
        doubted = np.fromiter((code in doubts for code in codes), np.bool_, len(codes))
        counted = np.abs(np.nan_to_num(now))
        for row in np.flatnonzero(gone | doubted).tolist():
            code = codes[row]
            self.kept[code] = _Kept(
                str(columns["name@reg"][row]), strata[row], now[row], before[row], float(staff[row])
            )
            for place, item in enumerate(self.items):
                # A thousandfold amount would dwarf everybody else's share.
                if (code, item) in doubts.corrections:
                    counted[row, place] = abs(doubts.corrections[code, item])
        self._totals += counted.sum(axis=0)

    @cached_property
    def _usual_growth(self) -> Usual:
        return self._growth.usual()

    @cached_property
    def _usual_heads(self) -> Usual:
        return self._heads.usual()

    def priority(self, uscc: str, doubts: _Doubts) -> Priority | None:
        """A unit's score with its parts; None where nothing weighs."""
        kept = self.kept[uscc]
        parts = [part for place in range(len(self.items)) if (part := self._part(uscc, kept, place, doubts)).score > 0]
        if not parts:
            return None
        parts.sort(key=lambda part: -part.score)
        return Priority(uscc, kept.name, sum(part.score for part in parts), tuple(parts), doubts.checks(uscc))

    def _part(self, uscc: str, kept: _Kept, place: int, doubts: _Doubts) -> Part:
        item, value = self.items[place], float(kept.now[place])
        missing = np.isnan(value)
        suspicion = doubts.of(uscc, item)
        if missing and kept.before[place] > 0:
            suspicion = max(suspicion, MISSING)
        expected, basis = self._expected(kept, place)
        total = self._totals[place]
        gap = abs((0.0 if missing else value) - expected)
        share = float(gap / total) if total > 0 else 0.0
        return Part(item, None if missing else value, expected, basis, suspicion, share)

    def _expected(self, kept: _Kept, place: int) -> tuple[float, Basis]:
        last = float(kept.before[place])
        if not np.isnan(last):
            growth = float(self._usual_growth.of([kept.stratum])[0, place])
            return last * 10.0**growth if last > 0 and growth == growth else last, "last_year"
        usual = float(self._usual_heads.of([kept.stratum])[0, place]) + kept.staff
        return (10.0**usual, "peers") if usual == usual else (0.0, "")


def _positive(values: Array) -> Array:
    """The logarithms of what lies above 0; only that grows and is shared out per head."""
    return logs(np.where(values > 0, values, np.nan))
