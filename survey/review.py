"""Checking a whole file: one streaming pass, all checks on every chunk, and later what has changed alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from survey import peers
from survey.checks import CompiledCheck, Finding, Verdict, compile_checks
from survey.grading import GRADES, Grader
from survey.persons import permit
from survey.progress import Progress
from survey.results import (
    Failures,
    Ids,
    Mask,
    Masks,
    Part,
    Results,
    Tally,
    failures_of,
    joined,
    part_of,
    replaced,
    taken,
)
from survey.store import Chunk, Store, now
from survey.vector import Evaluator, held

# Where more than this share of the records has changed, all are read anew.
_FEW = 0.2
_AT_ONCE = 2_000
_PLACES = {status: place for place, status in enumerate(GRADES)}


@dataclass(frozen=True)
class Outcome:
    """One check over one chunk: the records that fail and those not evaluated, as masks of shape (n,)."""

    compiled: CompiledCheck
    failing: Mask
    open: Mask


def evaluate(checks: Sequence[CompiledCheck], chunk: Chunk) -> list[Outcome]:
    """All checks over one chunk."""
    length = len(chunk.responses)
    evaluator = Evaluator(chunk.columns, length)
    outcomes = []
    for one in checks:
        truth = evaluator.truth(one.check.tree, one.check.tolerance)
        false, unknown = (np.broadcast_to(mask, (length,)) for mask in (truth.false, truth.unknown))
        outcomes.append(Outcome(one, false, unknown))
    return outcomes


class Review:
    """The checking of a period: `run` keeps what it finds, `findings` also tells every finding as it comes."""

    def __init__(self, store: Store, period: str, progress: Progress | None = None) -> None:
        self._store = store
        self.period = period
        self._progress = progress
        self.checks = compile_checks(store.scheme, period)
        self.results = Results(store, period)
        self.tallies = {one.check.code: Tally(one.check.code, one.check.category) for one in self.checks.compiled}
        self._grader = Grader(store, period)
        self._parts: list[Part] = []
        self._among: dict[str, peers.Peers] = {}
        self._seen = 0
        self._touched: Ids = np.empty(0, np.int64)

    @cached_property
    def statuses(self) -> dict[int, str]:
        """The status of every response that was checked; to be asked for once the pass is over."""
        return self._grader.statuses()

    def findings(self, *, not_evaluated: bool = True) -> Iterator[Finding]:
        """Every finding of the file, unit by unit; with `not_evaluated` also what could not be evaluated."""
        for chunk, outcomes in self._pass():
            at: dict[int, list[tuple[CompiledCheck, Verdict]]] = {}
            for outcome in outcomes:
                for position in np.flatnonzero(outcome.failing):
                    at.setdefault(int(position), []).append((outcome.compiled, "fail"))
                if not_evaluated:
                    for position in np.flatnonzero(outcome.open):
                        at.setdefault(int(position), []).append((outcome.compiled, "not evaluated"))
            yield from self._at(chunk, at)

    def tally(self) -> dict[str, Tally]:
        """The tallies without the findings: the fastest pass."""
        for _ in self._pass():
            pass
        return self.tallies

    def left(self, *categories: str) -> int:
        """How many failures of some classes nobody has answered."""
        return sum(one.failed - one.answered for one in self.tallies.values() if one.category in categories)

    def failures(self) -> Failures:
        """Every failure of a whole pass as arrays."""
        return failures_of(self._parts, [one.check.code for one in self.checks.compiled])

    def run(self, *, anew: bool = False) -> Results:
        """Brings the stored outcome up to date: only what has changed is read, where that is little.

        `anew` reads everything, so that units are measured among others as they are now. Raises
        Cancelled, with the file as it was.
        """
        self.watch()
        if self.results.rules == self.checks.digest and not anew:
            if not len(self._touched):
                return self.results
            if len(self._touched) <= _FEW * max(self._store.response_count(self.period), 1) + 1:
                return self._again()
        self.tally()
        return self.save()

    def watch(self) -> None:
        """From here on every change of an answer is noted, so that none is lost that is made during the pass."""
        with self._store.atomic():
            self.results.begin()
        # In this order: what is written between the two is looked at now and once more.
        self._seen = int(self._store.execute("SELECT coalesce(max(at), 0) FROM touched").fetchone()[0])
        self._touched = self.results.touched()

    def save(self) -> Results:
        """Keeps what a whole pass found, and the statuses that follow, all or nothing; raises as `permit` does."""
        permit(self._store, "view")
        numbers: dict[str, int] = {}
        parts = []
        for part in self._parts:
            numbers[part.base] = numbers.get(part.base, -1) + 1
            parts.append((numbers[part.base], part))
        with self._store.atomic():
            self.results.clear()
            self.results.save(self.checks.digest, self._seen, now(), self._standards(), parts)
            self._settle()
        return self.results

    def _again(self) -> Results:
        """Checks what was touched again and puts it in the place of what was found before."""
        permit(self._store, "view")
        touched = self._touched
        standards = json.loads(self.results.standards)
        for base in self.checks.by_base:
            before = peers.stored(self.checks, base, standards.get(base, {}))
            self._among[base], moved = peers.taken_again(self._store, self.checks, base, before)
            touched = np.union1d(touched, np.array(sorted(moved), np.int64))
        for start in range(0, len(touched), _AT_ONCE):
            for _ in self._pass(touched[start : start + _AT_ONCE].tolist()):
                pass
        with self._store.atomic():
            parts = list(self._merged(touched))
            self.results.save(self.checks.digest, self._seen, now(), self._standards(), parts)
            self._settle()
        self.tallies = self.results.tallies(self.checks)
        return self.results

    def _merged(self, touched: Ids) -> Iterator[tuple[int, Part]]:
        """The stored parts that change. Each takes the records from its first response to the next part's."""
        for base in self.checks.by_base:
            fresh = joined(base, [part for part in self._parts if part.base == base])
            heads = list(self.results.parts(base, checks=())) or [(0, joined(base, ()))]
            firsts = np.array([part.responses[0] for _, part in heads[1:]], np.int64)
            belongs = np.searchsorted(firsts, fresh.responses, "right")
            for at, (number, part) in enumerate(heads):
                if (belongs == at).any() or np.isin(part.responses, touched).any():
                    whole = self.results.whole(number, part)
                    yield number, replaced(whole, touched, taken(fresh, belongs == at))

    def _settle(self) -> None:
        """Gives each response the status that follows; those that have it already are not written again.

        What was submitted stays so, unless it was changed since it was last checked.
        """
        responses, grades = self._grader.grades()
        former = self.results.former
        few = f" AND id IN ({', '.join(map(str, responses))})" if len(responses) <= _AT_ONCE else ""
        rows = self._store.execute(f"SELECT id, status FROM response WHERE period = ?{few}", (self.period,)).fetchall()
        present = np.full(len(responses), -1, np.int8)
        known = np.array([row[0] for row in rows], np.int64)
        places = np.searchsorted(responses, known).clip(max=max(len(responses) - 1, 0))
        codes = np.array([_PLACES.get(row[1], -1) for row in rows], np.int8)
        here = responses[places] == known if len(responses) else np.zeros(len(known), np.bool_)
        present[places[here]] = codes[here]
        submitted = np.array([row[0] for row in rows if row[1] == "submitted"], np.int64)
        stands = np.isin(responses, submitted) & ~np.isin(responses, self._touched) & former
        changed = np.flatnonzero((present != grades) & ~stands)
        pairs = zip(responses[changed].tolist(), grades[changed].tolist(), strict=True)
        self._store.set_statuses(self.period, {response: GRADES[grade] for response, grade in pairs})

    def _pass(self, only: Sequence[int] | None = None) -> Iterator[tuple[Chunk, list[Outcome]]]:
        store = self._store
        total, done = store.response_count(self.period) if only is None else len(only), 0
        for base, compiled in self.checks.by_base.items():
            among = self._measured_by(base)
            strata = store.scheme.checking.strata
            columns = tuple(dict.fromkeys((*self.checks.columns(base), *peers.needed(among.measures, strata))))
            for chunk in store.chunks(columns, self.period, base, only):
                complete = peers.complete(chunk, among)
                outcomes = evaluate(compiled, complete)
                self._count(base, complete, outcomes)
                yield complete, outcomes
                done += len(chunk.responses) if base == "unit" else 0
                if self._progress:
                    self._progress(done, max(total, done), "progress.check")

    def _measured_by(self, base: str) -> peers.Peers:
        """How units are measured among others: anew in a whole pass, else by the standards of the last one."""
        if base not in self._among:
            self._among[base] = peers.take(self._store, self.checks, base)
        return self._among[base]

    def _standards(self) -> str:
        return json.dumps({base: among.facts() for base, among in self._among.items()})

    def _count(self, base: str, chunk: Chunk, outcomes: Sequence[Outcome]) -> None:
        masks: list[tuple[str, Masks]] = []
        left: list[tuple[Any, Mask]] = []
        for outcome in outcomes:
            check = outcome.compiled.check
            finding = partial(self._finding, chunk, outcome.compiled, "fail")
            answered = self._grader.answered(check, outcome.failing, chunk.responses, chunk.lines, finding)
            tally = self.tallies[check.code]
            failed, unknown = int(outcome.failing.sum()), int(outcome.open.sum())
            tally.failed += failed
            tally.not_evaluated += unknown
            tally.passed += len(chunk.responses) - failed - unknown
            tally.answered += int(answered.sum())
            if failed or unknown:
                masks.append((check.code, Masks(outcome.failing, outcome.open, answered)))
                left.append((check, outcome.failing & ~answered))
        ids = np.array(chunk.responses, np.int64)
        self._grader.add(ids, left, whole=not self.checks.of_lines(base))
        self._parts.append(part_of(base, ids, np.array(chunk.lines, np.int64), masks))

    def _finding(self, chunk: Chunk, one: CompiledCheck, verdict: Verdict, position: int) -> Finding:
        values = {column.key: held(chunk.columns[column.key][position]) for column in one.shown}
        return self.checks.finding(one, values, verdict, chunk.lines[position])

    def _at(self, chunk: Chunk, at: dict[int, list[tuple[CompiledCheck, Verdict]]]) -> Iterator[Finding]:
        units = self._store.units_of([chunk.responses[position] for position in at])
        for position in sorted(at):
            unit = units[chunk.responses[position]]
            for one, verdict in at[position]:
                yield self._finding(chunk, one, verdict, position).at(unit.uscc, unit.name)
