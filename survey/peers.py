"""How a unit stands among the units of the file: the measures that checks may ask for.

A pass over the file takes the standards; they are kept with what checking found, so that an open unit is
measured against the same ones. A unit is compared within its stratum; where that is too small, with those
that share its coarser codes, in the end with all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.checks import CheckSet
from survey.expression import Column
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
from survey.vector import Evaluator

Array = NDArray[Any]
Standard = HBStandard | MadStandard
_HB = HBSettings()
_ALL = ""


@dataclass(frozen=True)
class Peers:
    """The measures of a period's checks with their standards.

    `standards` has by measure and stratum what its units are like; `shared` has by measure and value
    the responses that give the same answers, where there are two or more.
    """

    measures: tuple[Column, ...]
    strata: tuple[str, ...]
    standards: Mapping[str, Mapping[str, Standard]]
    shared: Mapping[str, Mapping[int, Sequence[int]]]

    @cached_property
    def _needed(self) -> tuple[Column, ...]:
        return needed(self.measures, self.strata)

    def facts(self) -> dict[str, Any]:
        """The standards as plain values, which `stored` reads."""
        standards = {key: {name: asdict(one) for name, one in found.items()} for key, found in self.standards.items()}
        shared = {key: {str(value): list(ids) for value, ids in found.items()} for key, found in self.shared.items()}
        return {"standards": standards, "shared": shared}

    def columns(self, columns: Mapping[str, Array], responses: Sequence[int]) -> dict[str, Array]:
        """The measures of some records, arrays of shape (n,) by `Column.key`; NaN where one cannot be taken."""
        count = len(responses)
        places = _places(columns, self.strata, count) if self.standards else []
        return {measure.key: self._measured(measure, columns, responses, places) for measure in self.measures}

    def _measured(
        self, measure: Column, columns: Mapping[str, Array], responses: Sequence[int], places: Sequence[Sequence[str]]
    ) -> Array:
        if measure.key in self.shared:
            return _others(self.shared[measure.key], _values(measure, columns), responses)
        found = np.full(len(responses), np.nan)
        known = self.standards.get(measure.key, {})
        now, before = _numbers(measure, columns, len(responses))
        chosen = [next((name for name in names if name in known), None) for names in places]
        for name in set(chosen) - {None}:
            rows = np.fromiter((one == name for one in chosen), np.bool_, len(chosen))
            found[rows] = _distance(known[str(name)], now[rows], before[rows])
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


def needed(measures: Iterable[Column], strata: Sequence[str]) -> tuple[Column, ...]:
    """The items that measures are taken from: their own, last year's of changes, and the codes of the strata."""
    found: dict[Column, None] = {}
    for measure in measures:
        found.update(dict.fromkeys(measure.inner))
        if not _is_same(measure):
            found.update({Column(name, "", "text"): None for name in strata})
    return tuple(found)


def take(store: Store, checks: CheckSet, base: str) -> Peers:
    """The standards of a base's measures, in one pass over the items they need."""
    measures, strata = checks.measures(base), store.scheme.checking.strata
    gathered: dict[str, list[tuple[Array, Array]]] = {one.key: [] for one in measures}
    values: dict[str, list[tuple[Array, Array]]] = {one.key: [] for one in measures if _is_same(one)}
    places: list[Sequence[str]] = []
    if measures:
        for chunk in store.chunks(needed(measures, strata), checks.period, base):
            places += _places(chunk.columns, strata, len(chunk.responses))
            for measure in measures:
                if _is_same(measure):
                    ids = np.array(chunk.responses, np.int64)
                    values[measure.key].append((_values(measure, chunk.columns), ids))
                else:
                    gathered[measure.key].append(_numbers(measure, chunk.columns, len(chunk.responses)))
    standards = {one.key: _standards(one, gathered[one.key], places) for one in measures if not _is_same(one)}
    return Peers(measures, strata, standards, {key: _shared(found) for key, found in values.items()})


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
    shared = {key: {int(value): ids for value, ids in one.items()} for key, one in found.get("shared", {}).items()}
    return Peers(checks.measures(base), checks.scheme.checking.strata, standards, shared)


def _is_same(measure: Column) -> bool:
    return measure.peers is not None and measure.peers.function == "same"


def _places(columns: Mapping[str, Array], strata: Sequence[str], count: int) -> list[Sequence[str]]:
    """The strata of each record, the finest first; what has no code belongs to the coarser ones alone."""
    if not strata:
        return [(_ALL,)] * count
    known: dict[tuple[Any, ...], Sequence[str]] = {}
    return [
        known[codes] if codes in known else known.setdefault(codes, _levels(codes))
        for codes in zip(*(columns[name] for name in strata), strict=True)
    ]


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
    measure: Column, gathered: Sequence[tuple[Array, Array]], places: Sequence[Sequence[str]]
) -> dict[str, Standard]:
    if not gathered:
        return {}
    now, before = (np.concatenate(side) for side in zip(*gathered, strict=True))
    found: dict[str, Standard] = {}
    for name, rows in _members(places):
        standard: Standard | None = (
            hb_standard(now[rows], before[rows], _HB)
            if measure.peers and measure.peers.function == "hb"
            else mad_standard(now[rows])
        )
        if standard is not None:
            found[name] = standard
    return found


def _members(places: Sequence[Sequence[str]]) -> Iterator[tuple[str, Array]]:
    """The positions of the records in each stratum of each level."""
    members: dict[str, list[int]] = {}
    for position, names in enumerate(places):
        for name in names:
            members.setdefault(name, []).append(position)
    for name, positions in members.items():
        yield name, np.array(positions, np.intp)


def _values(measure: Column, columns: Mapping[str, Array]) -> NDArray[np.int64]:
    """A number for the answers that are compared, equal where they are; 0 where one is missing."""
    assert measure.peers
    sides = [columns[one.key] for one in measure.inner]
    return np.fromiter((_hashed(row) for row in zip(*sides, strict=True)), np.int64)


def _hashed(row: Sequence[Any]) -> int:
    if any(value is None or value != value for value in row):
        return 0
    text = "\x1f".join(map(str, row))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def _shared(gathered: Sequence[tuple[Array, Array]]) -> dict[int, list[int]]:
    """The responses of every value that two or more give."""
    if not gathered:
        return {}
    values, responses = (np.concatenate(side) for side in zip(*gathered, strict=True))
    order = np.argsort(values, kind="stable")
    values, responses = values[order], responses[order]
    starts = np.flatnonzero(np.diff(values, prepend=values[:1] - 1)) if len(values) else np.empty(0, np.intp)
    ends = np.append(starts[1:], len(values))
    return {
        int(values[start]): responses[start:end].tolist()
        for start, end in zip(starts, ends, strict=True)
        if end - start > 1 and values[start]
    }


def _others(shared: Mapping[int, Sequence[int]], values: Array, responses: Sequence[int]) -> Array:
    found = np.zeros(len(responses))
    found[values == 0] = np.nan
    for at in np.flatnonzero(np.isin(values, np.fromiter(shared, np.int64, len(shared)))).tolist():
        found[at] = sum(one != responses[at] for one in shared[int(values[at])])
    return found


def complete(chunk: Chunk, peers: Peers) -> Chunk:
    """The chunk with its measures."""
    if not peers.measures:
        return chunk
    return Chunk(chunk.responses, chunk.lines, {**chunk.columns, **peers.columns(chunk.columns, chunk.responses)})
