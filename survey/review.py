"""Checking a whole file: one streaming pass, all checks on every chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.checks import CompiledCheck, Finding, Verdict, compile_checks
from survey.explanations import EXPLAINABLE, explained, facts_of
from survey.progress import Progress
from survey.scalar import Value
from survey.store import Chunk, Store
from survey.vector import Evaluator


@dataclass
class Tally:
    """How many units pass a check, fail it, or could not be evaluated."""

    check: str
    category: str
    passed: int = 0
    failed: int = 0
    not_evaluated: int = 0


@dataclass(frozen=True)
class Outcome:
    """One check over one chunk: the positions of the units that fail and of those not evaluated."""

    compiled: CompiledCheck
    failed: NDArray[np.intp]
    not_evaluated: NDArray[np.intp]


def evaluate(checks: Sequence[CompiledCheck], chunk: Chunk) -> list[Outcome]:
    """All checks over one chunk."""
    length = len(chunk.responses)
    evaluator = Evaluator(chunk.columns, length)
    outcomes = []
    for one in checks:
        truth = evaluator.truth(one.check.tree, one.check.tolerance)
        false, unknown = (np.broadcast_to(mask, (length,)) for mask in (truth.false, truth.unknown))
        outcomes.append(Outcome(one, np.flatnonzero(false), np.flatnonzero(unknown)))
    return outcomes


_GRADES = ("checked", "to_explain", "errors")


class Review:
    """The findings of a period, unit by unit, and the tallies once they have been read."""

    def __init__(self, store: Store, period: str, progress: Progress | None = None) -> None:
        self._store = store
        self.period = period
        self._progress = progress
        self.checks = compile_checks(store.scheme, period)
        self.tallies = {one.check.code: Tally(one.check.code, one.check.category) for one in self.checks.compiled}
        self.statuses: dict[int, str] = {}
        self._explained = explained(store, period)

    def findings(self, *, not_evaluated: bool = True) -> Iterator[Finding]:
        """Every finding of the file; with `not_evaluated` also what could not be evaluated."""
        for chunk, outcomes in self._chunks():
            at: dict[int, list[tuple[CompiledCheck, Verdict]]] = {}
            for outcome in outcomes:
                for position in outcome.failed:
                    at.setdefault(int(position), []).append((outcome.compiled, "fail"))
                if not_evaluated:
                    for position in outcome.not_evaluated:
                        at.setdefault(int(position), []).append((outcome.compiled, "not evaluated"))
            yield from self._at(chunk, at)

    def tally(self) -> dict[str, Tally]:
        """The tallies without the findings: the fastest pass."""
        for _ in self._chunks():
            pass
        return self.tallies

    def _chunks(self) -> Iterator[tuple[Chunk, list[Outcome]]]:
        total, done = self._store.response_count(self.period), 0
        for base, compiled in self.checks.by_base.items():
            for chunk in self._store.chunks(self.checks.columns(base), self.period, base):
                outcomes = evaluate(compiled, chunk)
                self._count(chunk, outcomes)
                yield chunk, outcomes
                done += len(chunk.responses) if base == "unit" else 0
                if self._progress:
                    self._progress(done, max(total, done), "progress.check")

    def _count(self, chunk: Chunk, outcomes: Sequence[Outcome]) -> None:
        worst = np.zeros(len(chunk.responses), dtype=np.int8)
        for outcome in outcomes:
            tally = self.tallies[outcome.compiled.check.code]
            tally.failed += len(outcome.failed)
            tally.not_evaluated += len(outcome.not_evaluated)
            tally.passed += len(chunk.responses) - len(outcome.failed) - len(outcome.not_evaluated)
            grade = {"A": 2, "B": 1, "C": 1}.get(outcome.compiled.check.category, 0)
            open_ = [
                position for position in outcome.failed if not self._answered(chunk, int(position), outcome.compiled)
            ]
            worst[open_] = np.maximum(worst[open_], grade)
        graded = zip(chunk.responses, worst.tolist(), strict=True)
        if not any(chunk.lines[:1]):
            self.statuses.update((response, _GRADES[grade]) for response, grade in graded)
            return
        for response, grade in graded:
            if grade >= _GRADES.index(self.statuses.get(response, _GRADES[0])):
                self.statuses[response] = _GRADES[grade]

    def _answered(self, chunk: Chunk, position: int, one: CompiledCheck) -> bool:
        """Whether a failed check is explained, the answers being those that were explained."""
        if one.check.category not in EXPLAINABLE or not self._explained:
            return False
        line = chunk.lines[position]
        facts = self._explained.get(f"{one.check.code}[{line}]" if line else one.check.code, {})
        response = chunk.responses[position]
        return response in facts and facts[response] == facts_of(self._finding(chunk, position, one, "fail"))

    def _finding(self, chunk: Chunk, position: int, one: CompiledCheck, verdict: Verdict) -> Finding:
        values = {column.key: _plain(chunk.columns[column.key][position]) for column in one.columns}
        return self.checks.finding(one, values, verdict, chunk.lines[position])

    def _at(self, chunk: Chunk, at: dict[int, list[tuple[CompiledCheck, Verdict]]]) -> Iterator[Finding]:
        units = self._store.units_of([chunk.responses[position] for position in at])
        for position in sorted(at):
            unit = units[chunk.responses[position]]
            for one, verdict in at[position]:
                yield self._finding(chunk, position, one, verdict).at(unit.uscc, unit.name)


def _plain(value: Any) -> Value:
    """A value of a column as the store holds it: NaN is missing, a whole float an integer."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    if number != number:
        return None
    return int(number) if number.is_integer() else number
