"""A check tried on the whole file before it is in force: whom it would hit, what would change. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from survey import peers
from survey.checks import CheckSet, Finding, compile_checks, single
from survey.form import Check
from survey.grading import Grader
from survey.progress import Progress
from survey.record import DISPOSALS
from survey.results import Results
from survey.review import evaluate
from survey.scheme import Scheme
from survey.store import Chunk, Store
from survey.vector import held

EXAMPLES = 20
Ids = NDArray[np.int64]
_NONE: Ids = np.empty(0, np.int64)


@dataclass(frozen=True)
class Trial:
    """What a check finds in a period; records are respondents, or lines on list forms.

    `newly` and `no_longer` count the units that fail it and not its version in force, and the other way
    round; None where none is in force. `would_block` are the units that class A would hold back and
    nothing else does; `blocked` and `freed` those that its own class holds back or lets go. `others`
    is whether the file has been checked, so that it is known what else holds units back. `scheme` knows
    the check; the examples are up to `EXAMPLES` findings, what fails newly first.
    """

    check: Check
    scheme: Scheme
    passed: int
    failed: int
    not_evaluated: int
    units: int
    left: int
    newly: int | None
    no_longer: int | None
    would_block: int
    blocked: int
    freed: int
    others: bool
    examples: tuple[Finding, ...]


def trial(store: Store, check: Check, period: str, progress: Progress | None = None) -> Trial:
    """Runs one check over the file beside its version in force; raises Cancelled."""
    checks = compile_checks(store.scheme, period)
    present = checks.by_code.get(check.code)
    total = store.response_count(period) * (2 if present else 1)
    steps = _Steps(total, progress)
    before = _Run(store, single(store.scheme, present.check, period), steps) if present else None
    now = _Run(store, single(store.scheme, check, period), steps, before.failing if before else _NONE)
    results = Results(store, period)
    others = np.union1d(_held_back(results, checks, check.code), _decided(store, period))
    held_now = np.union1d(others, before.unanswered) if before and before.category == "A" else others
    as_a = np.union1d(others, now.unexempt)
    then = as_a if check.category == "A" else others
    return Trial(
        check, now.set.scheme, now.passed, now.failed, now.not_evaluated, len(now.failing), len(now.unanswered),
        len(np.setdiff1d(now.failing, before.failing)) if before else None,
        len(np.setdiff1d(before.failing, now.failing)) if before else None,
        len(np.setdiff1d(as_a, others)), len(np.setdiff1d(then, held_now)), len(np.setdiff1d(held_now, then)),
        bool(results.at), now.examples(store),
    )  # fmt: skip


@dataclass
class _Steps:
    """How far the passes are together."""

    total: int
    progress: Progress | None
    done: int = 0

    def add(self, count: int) -> None:
        self.done += count
        if self.progress:
            self.progress(self.done, max(self.total, self.done), "progress.trial")


class _Run:
    """One check over the whole file; the ids are those of responses, each once and in order."""

    def __init__(self, store: Store, checks: CheckSet, steps: _Steps, known: Ids = _NONE) -> None:
        self.set = checks
        (self._one,) = checks.compiled
        self.category = self._one.check.category
        self.passed = self.failed = self.not_evaluated = 0
        self.failing = self.unanswered = self.unexempt = _NONE
        self._known = known
        self._found: tuple[list[tuple[int, Finding]], list[tuple[int, Finding]]] = ([], [])
        self._grader = Grader(store, checks.period)
        self._whole = not checks.of_lines(checks.base(self._one.check))
        self._pass(store, steps)

    def examples(self, store: Store) -> tuple[Finding, ...]:
        """Findings with their units, of those that fail newly first."""
        chosen = [*self._found[0], *self._found[1]][:EXAMPLES]
        units = store.units_of([response for response, _ in chosen])
        return tuple(one.at(units[response].uscc, units[response].name) for response, one in chosen)

    def _pass(self, store: Store, steps: _Steps) -> None:
        base = self.set.base(self._one.check)
        among = peers.take(store, self.set, base)
        columns = (*self.set.columns(base), *peers.needed(among.measures, store.scheme.checking.strata))
        steps.add(0)
        for chunk in store.chunks(tuple(dict.fromkeys(columns)), self.set.period, base):
            self._count(peers.complete(chunk, among))
            steps.add(len(chunk.responses) if self._whole else 0)

    def _count(self, chunk: Chunk) -> None:
        [outcome] = evaluate([self._one], chunk)
        failed, unknown = int(outcome.failing.sum()), int(outcome.open.sum())
        self.failed += failed
        self.not_evaluated += unknown
        self.passed += len(chunk.responses) - failed - unknown
        ids = np.array(chunk.responses, np.int64)
        self.failing = np.union1d(self.failing, ids[outcome.failing])
        finding = partial(self._finding, chunk)
        answer = partial(self._grader.answered, responses=chunk.responses, lines=chunk.lines, finding=finding)
        check = self._one.check
        left = outcome.failing & ~answer(check, outcome.failing)
        self.unanswered = np.union1d(self.unanswered, ids[left])
        # Class A takes no explanation: only the city's exemptions count.
        refused = outcome.failing & ~answer(replace(check, category="A"), outcome.failing)
        self.unexempt = np.union1d(self.unexempt, ids[refused])
        known = np.isin(ids, self._known)
        for of, mask in zip(self._found, (outcome.failing & ~known, outcome.failing & known), strict=True):
            places = np.flatnonzero(mask)[: EXAMPLES - len(of)].tolist()
            of += [(int(ids[at]), finding(at)) for at in places]

    def _finding(self, chunk: Chunk, position: int) -> Finding:
        values = {column.key: held(chunk.columns[column.key][position]) for column in self._one.shown}
        return self.set.finding(self._one, values, "fail", chunk.lines[position])


def _held_back(results: Results, checks: CheckSet, code: str) -> Ids:
    """The responses that other checks of class A hold back, as the last check of the file found them."""
    hard = [one.check.code for one in checks.compiled if one.check.category == "A" and one.check.code != code]
    found = results.failures(hard) if hard else None
    return np.unique(found.responses[~found.answered]) if found is not None else _NONE


def _decided(store: Store, period: str) -> Ids:
    """The responses whose status people have decided: checking does not change it."""
    decided = (*DISPOSALS, "returned", "accepted")
    rows = store.execute(
        f"SELECT id FROM response WHERE period = ? AND status IN ({', '.join('?' * len(decided))})", (period, *decided)
    )
    return np.array([row[0] for row in rows], np.int64)
