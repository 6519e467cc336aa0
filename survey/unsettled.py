"""What the last check of the file left open, by the sender whose return brought it and by form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from survey.checks import CheckSet, compile_checks
from survey.conflicts import COUNTS, OPEN
from survey.explanations import EXPLAINABLE
from survey.progress import Progress
from survey.results import Ids, Mask, Part, Results
from survey.store import Store, place_of
from survey.words import HELD

# Of the open failures these block, the EXPLAINABLE ones ask for an explanation.
_BLOCKING = "A"
_NAMED = 500
# The units of a sender, and itself where it answers forms of its own.
_OWN = "((u.kind = 'unit' AND u.sender = ?) OR (u.kind = 'district' AND u.uscc = ?))"


@dataclass(frozen=True)
class Unsettled:
    """Failed checks that nobody has answered: `errors` of class A, `doubts` of class B and C."""

    errors: int = 0
    doubts: int = 0


@dataclass(frozen=True)
class Found:
    """By (sender, form) what is open; `at` is when the file was checked, or '', `touched` what has changed since.

    A form that nothing is open in is not there.
    """

    at: str = ""
    touched: int = 0
    open: Mapping[tuple[str, str], Unsettled] = field(default_factory=dict)


@dataclass(frozen=True)
class Troubled:
    """A unit with what is open in one of its forms, counts of findings and of cells."""

    unit: int
    uscc: str
    name: str
    errors: int
    doubts: int
    conflicts: int


def count(store: Store, period: str, progress: Progress | None = None) -> Found:
    """What the stored outcome of the last check leaves open. Reads every response of the period once."""
    results = Results(store, period)
    if not results.at:
        return Found()
    checks = compile_checks(store.scheme, period)
    senders, responses, of = _senders(store, period)
    if not senders:
        return Found(results.at, len(results.touched()))
    sums: dict[tuple[str, bool], NDArray[np.int64]] = {}
    total, done = sum(results.records().values()), 0
    for part, left in _open(results, checks):
        places, known = _places(responses, part.responses)
        sender = of[places]
        for form, blocking, mask in left:
            counted = np.bincount(sender[mask & known], minlength=len(senders))
            sums[form, blocking] = sums.get((form, blocking), 0) + counted
        done += len(part.responses)
        if progress:
            progress(done, max(total, done), "progress.board")
    none = np.zeros(len(senders), np.int64)
    open_ = {
        (sender, form): Unsettled(int(sums.get((form, True), none)[at]), int(sums.get((form, False), none)[at]))
        for form in dict.fromkeys(form for form, _ in sums)
        for at, sender in enumerate(senders)
    }
    return Found(results.at, len(results.touched()), {key: one for key, one in open_.items() if one != Unsettled()})


def units(store: Store, period: str, sender: str, form: str, most: int) -> tuple[list[Troubled], int]:
    """The units of a sender with something open in a form, the gravest first, at most so many; and how many in all."""
    own, counts = _of_sender(store, period, sender, form)
    concerned = np.flatnonzero(counts.any(axis=0))
    errors, doubts, conflicts = counts[:, concerned]
    gravest = concerned[np.lexsort((own[concerned], -doubts, -conflicts, -errors))[:most]]
    shown = own[gravest].tolist()
    names = _names(store, shown)
    rows = [
        Troubled(unit, *names[unit], errors=one[0], doubts=one[1], conflicts=one[2])
        for unit, one in zip(shown, counts[:, gravest].T.tolist(), strict=True)
    ]
    return rows, len(concerned)


def _senders(store: Store, period: str) -> tuple[list[str], Ids, NDArray[np.int32]]:
    """Who sends: the names, and for each response of the period, in order, which of them; a desk sends for itself."""
    names = [
        row[0]
        for row in store.execute(
            "SELECT DISTINCT sender FROM unit WHERE kind = 'unit' UNION SELECT uscc FROM unit WHERE kind = 'district'"
        ).fetchall()
    ]
    last = store.execute("SELECT coalesce(max(id), 0) FROM unit").fetchone()[0]
    by_unit = np.full(last + 1, -1, np.int32)
    for at, name in enumerate(names):
        by_unit[_numbers(store, f"SELECT id FROM unit u WHERE {_OWN}", (name, name))[:, 0]] = at
    answered = _numbers(store, "SELECT id, unit FROM response WHERE period = ?", (period,), 2)
    responses, of = answered[:, 0], by_unit[answered[:, 1]]
    counted = np.flatnonzero(of >= 0)
    order = counted[np.argsort(responses[counted])]
    return names, responses[order], of[order]


def _numbers(store: Store, query: str, facts: Sequence[object], columns: int = 1) -> Ids:
    """Rows of whole numbers, shape (n, columns); as tuples a million of them would take seconds."""
    return np.fromiter(chain.from_iterable(store.execute(query, facts)), np.int64).reshape(-1, columns)


def _places(responses: Ids, wanted: Ids) -> tuple[NDArray[np.intp], Mask]:
    """Where some responses stand among others in order, of which there are some; whether they are there at all."""
    places = np.searchsorted(responses, wanted).clip(max=len(responses) - 1)
    return places, responses[places] == wanted


def _open(
    results: Results, checks: CheckSet, form: str = ""
) -> Iterator[tuple[Part, Iterator[tuple[str, bool, Mask]]]]:
    """Each part with its open failures check by check: the form, whether it blocks, the records."""
    asking = {
        one.check.code: one.check
        for one in checks.compiled
        if one.check.category in (_BLOCKING, *EXPLAINABLE) and form in ("", one.check.scope)
    }

    def left(part: Part) -> Iterator[tuple[str, bool, Mask]]:
        for code in part.packed:
            failing, _, answered = part.masks(code)
            yield asking[code].scope, asking[code].category == _BLOCKING, failing & ~answered

    for _, part in results.parts(checks=asking):
        yield part, left(part)


def _of_sender(store: Store, period: str, sender: str, form: str) -> tuple[Ids, NDArray[np.int64]]:
    """The units of a sender that have answered, shape (n,); open errors, doubts, conflicts of a form, (3, n)."""
    query = (
        f"SELECT r.id, u.id FROM unit u JOIN response r ON r.unit = u.id AND r.period = ? WHERE {_OWN} ORDER BY r.id"
    )
    responses, own = _numbers(store, query, (period, sender, sender), 2).T
    counts = np.zeros((3, len(own)), np.int64)
    if not len(own):
        return own, counts
    for part, left in _open(Results(store, period), compile_checks(store.scheme, period), form):
        places, known = _places(responses, part.responses)
        for _, blocking, mask in left:
            counts[0 if blocking else 1] += np.bincount(places[mask & known], minlength=len(own))
    at = {unit: place for place, unit in enumerate(own.tolist())}
    for unit, number in _conflicts(store, period, sender, form):
        if unit in at:
            counts[2, at[unit]] += number
    return own, counts


def _conflicts(store: Store, period: str, sender: str, form: str) -> list[tuple[int, int]]:
    """Units and how many of their cells of a form wait for a decision; a unit may come more than once."""
    rows = store.execute(
        "SELECT u.id, c.item, count(*) FROM conflict c JOIN unit u ON u.uscc = c.uscc"
        f" WHERE c.kind = ? AND c.state = ? AND c.period = ? AND c.district = ? AND {COUNTS} GROUP BY 1, 2",
        (HELD, OPEN, period, sender),
    )
    return [(unit, number) for unit, place, number in rows if store.scheme.form_of(place_of(place)[0]).id == form]


def _names(store: Store, units: Sequence[int]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for at in range(0, len(units), _NAMED):
        part = units[at : at + _NAMED]
        rows = store.execute(f"SELECT id, uscc, name FROM unit WHERE id IN ({', '.join('?' * len(part))})", part)
        found.update((unit, (uscc, name)) for unit, uscc, name in rows)
    return found
