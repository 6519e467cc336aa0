"""The findings of the last check as a list: chosen and ordered as arrays, read from the file a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from survey import peers
from survey.checks import CheckSet, CompiledCheck, Finding
from survey.expression import Column
from survey.form import CHECK_CLASSES
from survey.results import Failures, Ids, Mask, Results
from survey.roster import Wanted as WantedUnits
from survey.roster import ids as unit_ids
from survey.scalar import Value
from survey.store import Chunk, Store
from survey.vector import held

STATES = ("open", "answered")


@dataclass(frozen=True)
class Wanted:
    """Which findings: of a class, a family, a check, about an item (`IC-02.301`), open or answered, of some units."""

    category: str = ""
    family: str = ""
    check: str = ""
    item: str = ""
    state: str = ""
    search: str = ""


@dataclass(frozen=True)
class Listed:
    """A finding of the list; `answered` where it is explained or its unit exempted.

    A record that is `gone` since the check has no answers any more.
    """

    finding: Finding
    answered: bool
    gone: bool = False


class Listing:
    """The failures that are wanted, the gravest first and within a class as the units stand in the file."""

    def __init__(self, store: Store, checks: CheckSet, wanted: Wanted) -> None:
        self._store = store
        self._checks = checks
        results = Results(store, checks.period)
        chosen = [one for one in checks.compiled if _fits(one, wanted)]
        # A check's place is its code's; those of one class stand together.
        chosen.sort(key=lambda one: CHECK_CLASSES.index(one.check.category))
        found = results.failures([one.check.code for one in chosen])
        found = found.taken(self._kept(found, wanted))
        classes = np.array([CHECK_CLASSES.index(one.check.category) for one in chosen], np.int8)
        order = np.lexsort((found.checks, found.lines, found.responses, classes[found.checks]))
        self._failures = found.taken(order)

    def __len__(self) -> int:
        return len(self._failures)

    @property
    def units(self) -> int:
        """How many responses the listed findings are of."""
        return len(np.unique(self._failures.responses))

    def unit_ids(self) -> list[int]:
        """The units whose findings are listed, as they stand in the file."""
        known = self._store.units_of(np.unique(self._failures.responses).tolist())
        return [unit.id for unit in known.values()]

    def _kept(self, found: Failures, wanted: Wanted) -> Mask:
        kept = np.ones(len(found), np.bool_)
        if wanted.state:
            kept &= found.answered if wanted.state == "answered" else ~found.answered
        if wanted.search.strip():
            kept &= np.isin(found.responses, self._responses(wanted.search))
        return kept

    def _responses(self, search: str) -> Ids:
        units = unit_ids(self._store, self._checks.period, WantedUnits(search))
        rows = self._store.execute("SELECT id, unit FROM response WHERE period = ?", (self._checks.period,)).fetchall()
        of = np.array(rows, np.int64).reshape(-1, 2)
        found: Ids = of[np.isin(of[:, 1], np.array(units, np.int64)), 0]
        return found

    def page(self, start: int, count: int) -> list[Listed]:
        """The findings from a place on, with their units."""
        part = self._failures.taken(np.arange(start, min(start + count, len(self))))
        compiled = [self._checks.by_code[part.codes[at]] for at in part.checks.tolist()]
        places = list(zip(part.responses.tolist(), part.lines.tolist(), strict=True))
        values = self._values(compiled, places)
        units = self._store.units_of(list(dict.fromkeys(part.responses.tolist())))
        rows = []
        for one, place, answered in zip(compiled, places, part.answered.tolist(), strict=True):
            unit, found = units.get(place[0]), values.get((self._checks.base(one.check), place))
            finding = self._checks.finding(one, found or {}, "fail", place[1])
            here = finding.at(unit.uscc, unit.name) if unit else finding
            rows.append(Listed(here, answered, gone=found is None))
        return rows

    def _values(
        self, compiled: Sequence[CompiledCheck], places: Sequence[tuple[int, int]]
    ) -> Mapping[tuple[str, tuple[int, int]], Mapping[str, Value]]:
        """The answers that some checks read, by base and place; each base's records are read once."""
        found: dict[tuple[str, tuple[int, int]], Mapping[str, Value]] = {}
        bases = [self._checks.base(one.check) for one in compiled]
        for base in dict.fromkeys(bases):
            mine = [at for at, of in enumerate(bases) if of == base]
            columns = tuple(dict.fromkeys(column for at in mine for column in compiled[at].shown))
            only = sorted({places[at][0] for at in mine})
            for chunk in self._chunks(base, columns, only):
                for at, place in enumerate(zip(chunk.responses, chunk.lines, strict=True)):
                    found[base, place] = {key: held(values[at]) for key, values in chunk.columns.items()}
        return found

    def _chunks(self, base: str, columns: Sequence[Column], only: Sequence[int]) -> Sequence[Chunk]:
        measures = tuple(column for column in columns if column.peers)
        among = replace(peers.kept(self._store, self._checks, base), measures=measures)
        strata = peers.needed(measures, self._checks.scheme.checking.strata)
        read = tuple(dict.fromkeys([*(column for column in columns if not column.peers), *strata]))
        chunks = self._store.chunks(read, self._checks.period, base, only)
        return [peers.complete(chunk, among) for chunk in chunks]


def _fits(one: CompiledCheck, wanted: Wanted) -> bool:
    check = one.check
    return (
        wanted.category in ("", check.category)
        and wanted.family in ("", check.family)
        and wanted.check in ("", check.code)
        and (not wanted.item or wanted.item in one.items)
    )
