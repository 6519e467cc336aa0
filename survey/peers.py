"""How a unit stands among the units of the file: the measures that checks may ask for.

A pass over the file takes the standards; they are kept with what checking found, so that an open unit is
measured against the same ones. A unit is compared within its stratum; where that is too small, with those
that share its coarser codes, in the end with all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.checks import CheckSet
from survey.expression import Column
from survey.formulas import Answers, readable
from survey.outliers import (
    HBSettings,
    HBStandard,
    MadStandard,
    hb_distance,
    hb_standard,
    mad_distance,
    mad_standard,
)
from survey.scalar import Value, Values
from survey.store import Chunk, Store
from survey.vector import Evaluator, is_known

Array = NDArray[Any]
Standard = HBStandard | MadStandard
_HB = HBSettings()
_ALL = ""
_NOWHERE = np.empty(0, np.intp)


class _Strata:
    """The peer groups of records by their codes; `levels` has by place the strata a record is in, the finest first."""

    def __init__(self, items: Sequence[str]) -> None:
        self._items = items
        self._known: dict[tuple[Any, ...], int] = {}
        self.levels: list[Sequence[str]] = [] if items else [(_ALL,)]

    def places(self, columns: Mapping[str, Array], count: int) -> NDArray[np.intp]:
        """The place of each record, shape (n,)."""
        if not self._items:
            return np.zeros(count, np.intp)
        known = self._known
        codes = zip(*(columns[name] for name in self._items), strict=True)
        return np.array([known[one] if one in known else self._add(one) for one in codes], np.intp)

    def _add(self, codes: tuple[Any, ...]) -> int:
        self.levels.append(_levels(codes))
        return self._known.setdefault(codes, len(self._known))

    def members(self, places: NDArray[np.intp]) -> dict[str, Array]:
        """The records of each stratum, of every level, as masks of shape (n,)."""
        members: dict[str, Array] = {}
        for place, names in enumerate(self.levels):
            rows = places == place
            for name in names:
                members[name] = members[name] | rows if name in members else rows
        return members


@dataclass(frozen=True)
class Peers:
    """The measures of a period's checks with their standards.

    `standards` has by measure and stratum what its units are like; `shared` has by measure and value
    the responses that give the same answers, where there are two or more.
    """

    measures: tuple[Column, ...]
    strata: tuple[str, ...]
    standards: Mapping[str, Mapping[str, Standard]]
    shared: Mapping[str, Mapping[int, frozenset[int]]]

    @cached_property
    def _needed(self) -> tuple[Column, ...]:
        return needed(self.measures, self.strata)

    def facts(self) -> dict[str, Any]:
        """The standards as plain values, which `stored` reads."""
        standards = {key: {name: asdict(one) for name, one in found.items()} for key, found in self.standards.items()}
        shared = {key: {str(value): sorted(ids) for value, ids in found.items()} for key, found in self.shared.items()}
        return {"standards": standards, "shared": shared}

    def columns(self, columns: Mapping[str, Array], responses: Sequence[int]) -> dict[str, Array]:
        """The measures of some records, arrays of shape (n,) by `Column.key`; NaN where one cannot be taken."""
        strata = _Strata(self.strata)
        places = strata.places(columns, len(responses)) if self.standards else _NOWHERE
        return {
            measure.key: _others(self.shared[measure.key], _values(measure, columns), responses)
            if measure.key in self.shared
            else self._distances(measure, columns, strata, places, len(responses))
            for measure in self.measures
        }

    def _distances(
        self, measure: Column, columns: Mapping[str, Array], strata: _Strata, places: Array, count: int
    ) -> Array:
        found = np.full(count, np.nan)
        known = self.standards.get(measure.key)
        if not known:
            return found
        now, before = _numbers(measure, columns, count)
        for place, names in enumerate(strata.levels):
            # The finest stratum that is large enough.
            name = next((name for name in names if name in known), None)
            if name is not None:
                rows = places == place
                found[rows] = _distance(known[name], now[rows], before[rows])
        return found

    def of(self, values: Values, response: int) -> dict[str, Value]:
        """The measures of one open record, by `Column.key`."""
        if not self.measures:
            return {}
        columns = {
            column.key: np.array([values.get(column.key)], dtype=object if column.kind == "text" else np.float64)
            for column in self._needed
        }
        measured = self.columns(columns, [response])
        return {key: None if np.isnan(found[0]) else float(found[0]) for key, found in measured.items()}


def beside(store: Store, checks: CheckSet, among: Peers, unit: int, now: Answers, before: Answers) -> dict[str, Value]:
    """What checks read beside a unit's answers, by `Column.key`: the register, and how it stands among others."""
    register = store.register(unit)
    if among.measures:
        kind = store.kind_of(unit)
        row = store.execute("SELECT id FROM response WHERE unit = ? AND period = ?", (unit, checks.period)).fetchone()
        register |= among.of(readable(now, before, checks.columns(kind)) | register, row[0] if row else 0)
    return register


def needed(measures: Iterable[Column], strata: Sequence[str]) -> tuple[Column, ...]:
    """The items that measures are taken from: their own, last year's of changes, and the codes of the strata."""
    found: dict[Column, None] = {}
    for measure in measures:
        found.update(dict.fromkeys(measure.inner))
        if not _is_same(measure):
            found.update({Column(name, "", "text"): None for name in strata})
    return tuple(found)


def take(store: Store, checks: CheckSet, base: str) -> Peers:
    """The standards of a base's measures, and the answers that several give, each in a pass over what it needs."""
    measures, strata = checks.measures(base), store.scheme.checking.strata
    same = [one for one in measures if _is_same(one)]
    distances = [one for one in measures if not _is_same(one)]
    gathered: dict[str, list[tuple[Array, Array]]] = {one.key: [] for one in distances}
    groups, places = _Strata(strata), [_NOWHERE]
    if distances:
        for chunk in store.chunks(needed(distances, strata), checks.period, base):
            places.append(groups.places(chunk.columns, len(chunk.responses)))
            for measure in distances:
                gathered[measure.key].append(_numbers(measure, chunk.columns, len(chunk.responses)))
    members = groups.members(np.concatenate(places))
    standards = {one.key: _standards(one, gathered[one.key], members) for one in distances}
    return Peers(measures, strata, standards, _shared_in(store, checks, base, same))


def taken_again(store: Store, checks: CheckSet, base: str, before: Peers) -> tuple[Peers, set[int]]:
    """The same standards, but for answers that several give: those are compared anew.

    Beside them the responses that share an answer with others, or no longer do.
    """
    measures = [one for one in before.measures if _is_same(one)]
    if not measures:
        return before, set()
    now = _shared_in(store, checks, base, measures)
    moved: set[int] = set()
    for key, found in now.items():
        former = before.shared.get(key, {})
        for value in found.keys() | former.keys():
            if found.get(value) != former.get(value):
                moved |= found.get(value, frozenset()) | former.get(value, frozenset())
    return replace(before, shared=now), moved


def _shared_in(
    store: Store, checks: CheckSet, base: str, measures: Sequence[Column]
) -> dict[str, dict[int, frozenset[int]]]:
    """Of each measure the answers that two or more give, in one pass."""
    values: dict[str, list[tuple[Array, Array]]] = {one.key: [] for one in measures}
    if measures:
        for chunk in store.chunks(needed(measures, ()), checks.period, base):
            ids = np.array(chunk.responses, np.int64)
            for measure in measures:
                values[measure.key].append((_values(measure, chunk.columns), ids))
    return {key: _shared(found) for key, found in values.items()}


def kept(store: Store, checks: CheckSet, base: str) -> Peers:
    """The measures of a base by the standards of the last check of the whole file; without any before the first."""
    row = store.execute("SELECT standards FROM result WHERE period = ?", (checks.period,)).fetchone()
    return stored(checks, base, json.loads(row[0]).get(base, {}) if row else {})


def stored(checks: CheckSet, base: str, found: Mapping[str, Any]) -> Peers:
    """The measures of a base with standards that were taken before."""
    kinds: dict[str, type[HBStandard | MadStandard]] = {"hb": HBStandard, "mad": MadStandard}
    standards = {
        key: {name: kinds[key.partition("(")[0]](**facts) for name, facts in one.items()}
        for key, one in found.get("standards", {}).items()
    }
    shared = {
        key: {int(value): frozenset(ids) for value, ids in one.items()} for key, one in found.get("shared", {}).items()
    }
    return Peers(checks.measures(base), checks.scheme.checking.strata, standards, shared)


def _is_same(measure: Column) -> bool:
    return measure.peers is not None and measure.peers.function == "same"


def _levels(codes: Sequence[str | None]) -> Sequence[str]:
    names: list[str] = [_ALL]
    for at, code in enumerate(codes, 1):
        if code is None:
            break
        names.append(" ".join(str(one) for one in codes[:at]))
    return tuple(reversed(names))


def _numbers(measure: Column, columns: Mapping[str, Array], count: int) -> tuple[Array, Array]:
    """This year's values and, of a change, last year's."""
    assert measure.peers
    now = Evaluator(columns, count).numbers(measure.peers.arguments[0])
    return now, columns[f"{measure.name}@prev"] if measure.peers.function == "hb" else now


def _distance(standard: Standard, now: Array, before: Array) -> Array:
    if isinstance(standard, HBStandard):
        return hb_distance(now, before, standard, _HB)
    return mad_distance(now, standard)


def _standards(
    measure: Column, gathered: Sequence[tuple[Array, Array]], members: Mapping[str, Array]
) -> dict[str, Standard]:
    if not gathered:
        return {}
    now, before = (np.concatenate(side) for side in zip(*gathered, strict=True))
    found: dict[str, Standard] = {}
    for name, rows in members.items():
        standard: Standard | None = (
            hb_standard(now[rows], before[rows], _HB)
            if measure.peers and measure.peers.function == "hb"
            else mad_standard(now[rows])
        )
        if standard is not None:
            found[name] = standard
    return found


def _values(measure: Column, columns: Mapping[str, Array]) -> NDArray[np.int64]:
    """A number for the answers that are compared, equal where they are; 0 where one is missing."""
    assert measure.peers
    sides = [columns[one.key] for one in measure.inner]
    known = np.logical_and.reduce([is_known(side) for side in sides])
    found = np.zeros(len(known), np.int64)
    found[known] = [_hashed(row) for row in zip(*(side[known].tolist() for side in sides), strict=True)]
    return found


def _hashed(row: Sequence[Any]) -> int:
    text = "\x1f".join(map(str, row))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def _shared(gathered: Sequence[tuple[Array, Array]]) -> dict[int, frozenset[int]]:
    """The responses of every value that two or more give."""
    if not gathered:
        return {}
    values, responses = (np.concatenate(side) for side in zip(*gathered, strict=True))
    order = np.argsort(values, kind="stable")
    values, responses = values[order], responses[order]
    starts = np.flatnonzero(np.diff(values, prepend=values[:1] - 1)) if len(values) else np.empty(0, np.intp)
    ends = np.append(starts[1:], len(values))
    return {
        int(values[start]): frozenset(responses[start:end].tolist())
        for start, end in zip(starts, ends, strict=True)
        if end - start > 1 and values[start]
    }


def _others(shared: Mapping[int, frozenset[int]], values: Array, responses: Sequence[int]) -> Array:
    found = np.zeros(len(responses))
    found[values == 0] = np.nan
    for at in np.flatnonzero(np.isin(values, np.fromiter(shared, np.int64, len(shared)))).tolist():
        who = shared[int(values[at])]
        found[at] = len(who) - (responses[at] in who)
    return found


def complete(chunk: Chunk, peers: Peers) -> Chunk:
    """The chunk with its measures."""
    if not peers.measures:
        return chunk
    return Chunk(chunk.responses, chunk.lines, {**chunk.columns, **peers.columns(chunk.columns, chunk.responses)})
