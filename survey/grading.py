"""How far a unit is by what its answers do not pass, and which of that is answered.

Class A blocks unless the city has exempted the unit; B and C ask for an explanation; D is only shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from survey.checks import Finding
from survey.explanations import EXPLAINABLE, explained, facts_of
from survey.form import Check
from survey.store import Store

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
GRADES = ("checked", "to_explain", "errors")
_OF_CLASS = {"A": 2, "B": 1, "C": 1}


class Grader:
    """Knows a period's explanations and exemptions, and gathers the worst that each response has left open."""

    def __init__(self, store: Store, period: str) -> None:
        self._explained = _by_check(explained(store, period))
        self._exempt = exempt(store, period)
        self._whole: list[tuple[Ids, NDArray[np.int8]]] = []
        self._lines: dict[int, int] = {}

    def answered(
        self,
        check: Check,
        failing: Mask,
        responses: Sequence[int],
        lines: Sequence[int],
        finding: Callable[[int], Finding],
    ) -> Mask:
        """Which of the failing records, shape (n,), are answered; `finding` gives the one at a position."""
        found = np.zeros(len(failing), np.bool_)
        exempt_ = self._exempt.get(check.code, set())
        facts = self._explained.get(check.code, {}) if check.category in EXPLAINABLE else {}
        if not exempt_ and not facts:
            return found
        known = np.array([*exempt_, *(response for response, _ in facts)], np.int64)
        for at in np.flatnonzero(failing & np.isin(np.asarray(responses), known)).tolist():
            said = facts.get((responses[at], lines[at]), ())
            found[at] = responses[at] in exempt_ or (bool(said) and facts_of(finding(at)) in said)
        return found

    def add(self, responses: Ids, outcomes: Iterable[tuple[Check, Mask]], *, whole: bool) -> None:
        """Counts the open failures of some records, shape (n,), by check the mask of those that nobody has answered.

        `whole`: a record is a whole response, not a line of one.
        """
        worst = np.zeros(len(responses), np.int8)
        for check, left in outcomes:
            if grade := _OF_CLASS.get(check.category):
                np.maximum(worst, left * np.int8(grade), out=worst)
        if whole:
            self._whole.append((responses, worst))
            return
        for at in np.flatnonzero(worst).tolist():
            response = int(responses[at])
            self._lines[response] = max(self._lines.get(response, 0), int(worst[at]))

    def grades(self) -> tuple[Ids, NDArray[np.int8]]:
        """Every response that was checked, in order, with its place in GRADES."""
        none = (np.empty(0, np.int64), np.empty(0, np.int8))
        responses, worst = (np.concatenate(side) for side in zip(none, *self._whole, strict=True))
        order = np.argsort(responses, kind="stable")
        responses, worst = responses[order], worst[order]
        lines = np.fromiter(self._lines, np.int64, len(self._lines))
        grades = np.fromiter(self._lines.values(), np.int8, len(lines))
        # Whoever began while the file was being read is looked at the next time.
        here = np.isin(lines, responses)
        places = np.searchsorted(responses, lines[here])
        worst[places] = np.maximum(worst[places], grades[here])
        return responses, worst

    def statuses(self) -> dict[int, str]:
        """The status of every response by its id."""
        responses, worst = self.grades()
        return {response: GRADES[grade] for response, grade in zip(responses.tolist(), worst.tolist(), strict=True)}


def _by_check(found: Mapping[str, Mapping[int, tuple[str, ...]]]) -> dict[str, dict[tuple[int, int], tuple[str, ...]]]:
    """The answers that were explained by check, response and line."""
    by_check: dict[str, dict[tuple[int, int], tuple[str, ...]]] = {}
    for code, facts in found.items():
        check, _, line = code.partition("[")
        of = by_check.setdefault(check, {})
        of.update({(response, int(line.rstrip("]") or 0)): said for response, said in facts.items()})
    return by_check


def exempt(store: Store, period: str) -> dict[str, set[int]]:
    """The responses that the city has exempted, by check."""
    found: dict[str, set[int]] = {}
    rows = store.execute(
        "SELECT e.check_code, r.id FROM exemption e CROSS JOIN unit u ON u.uscc = e.uscc"
        " CROSS JOIN response r ON r.unit = u.id AND r.period = e.period WHERE e.period = ?",
        (period,),
    )
    for check, response in rows:
        found.setdefault(check, set()).add(response)
    return found
