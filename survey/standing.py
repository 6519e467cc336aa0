"""What the checks say of single units as they stand, measured among others as the last check of the file did."""

from __future__ import annotations

from collections.abc import Sequence

from survey import cells, control, explanations, peers
from survey.checks import CheckSet, Finding, compile_checks
from survey.explanations import EXPLAINABLE
from survey.form import CHECK_CLASSES, Respondent
from survey.peers import Peers
from survey.record import previous_period
from survey.results import Results
from survey.store import Store

_ASKING = ("A", *EXPLAINABLE)


class Standing:
    """The checks of a period, ready for one unit after the other."""

    def __init__(self, store: Store, period: str) -> None:
        self.period = period
        self.checks: CheckSet = compile_checks(store.scheme, period)
        self._store = store
        self._among: dict[Respondent, Peers] = {}

    def failures(self, unit: int) -> list[Finding]:
        """The checks that a unit fails, the gravest first; none where it has not begun the period."""
        store, kind = self._store, self._store.kind_of(unit)
        if not store.execute("SELECT 1 FROM response WHERE unit = ? AND period = ?", (unit, self.period)).fetchone():
            return []
        now, before = cells.read(store, unit, self.period), cells.read(store, unit, previous_period(self.period))
        register = peers.beside(store, self.checks, self._measured_by(kind), unit, now, before)
        uscc, name = store.execute("SELECT uscc, name FROM unit WHERE id = ?", (unit,)).fetchone()
        found = self.checks.record(now, before, register, kind)
        return [one.at(uscc, name) for one in found if one.verdict == "fail"]

    def open(self, unit: int, *, shown: bool = False) -> list[Finding]:
        """What a unit still has to answer: class A unless exempted, B and C unless explained.

        With `shown` also class D, which asks for nothing by itself.
        """
        wanted = CHECK_CLASSES if shown else _ASKING
        exempt = control.exempt_checks(self._store, unit, self.period)
        known = explanations.of_unit(self._store, unit, self.period)
        left = []
        for one in self.failures(unit):
            said = explanations.answer_to(one, known)
            explained = one.category in EXPLAINABLE and said is not None and said.fits
            if one.category in wanted and one.check not in exempt and not explained:
                left.append(one)
        return left

    def asking(self, units: Sequence[int]) -> list[int]:
        """Those of some units that may have something to answer, by the outcome that is kept; all where it is old."""
        results = Results(self._store, self.period)
        if results.rules != self.checks.digest or len(results.touched()):
            return list(units)
        codes = [one.check.code for one in self.checks.compiled if one.check.category in _ASKING]
        found = results.failures(codes)
        open_ = set(found.responses[~found.answered].tolist())
        rows = self._store.execute("SELECT id, unit FROM response WHERE period = ?", (self.period,))
        failing = {unit for response, unit in rows if response in open_}
        return [unit for unit in units if unit in failing]

    def _measured_by(self, kind: Respondent) -> Peers:
        if kind not in self._among:
            self._among[kind] = peers.kept(self._store, self.checks, kind)
        return self._among[kind]
