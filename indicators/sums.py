"""The sums behind the figures: out of few passes over the records, kept, and added up for whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from indicators.catalogue import ADDITIVE, UNIT, Catalogue, Indicator
from indicators.cube import Asked, Cube, Group
from indicators.engine import Engine
from indicators.query import Query, Spread, resolves, respondent
from survey.progress import Progress
from survey.store import Store


class Sums:
    """What the records of an open survey file come to by groups, for figures of a catalogue."""

    def __init__(self, store: Store, catalogue: Catalogue, engine: Engine, progress: Progress | None = None) -> None:
        self._store = store
        self._catalogue = catalogue
        self._engine = engine
        self._progress = progress
        self._prepared = False
        # By base, the indicators of which something depends on how its records stand side by side.
        self._ordered: dict[str, set[str]] = {}
        for one in catalogue.indicators.values():
            for aggregate in one.aggregates.values():
                if aggregate.function not in ADDITIVE:
                    self._ordered.setdefault(aggregate.base, set()).add(one.id)
        self._resolved: dict[tuple[str, str], bool] = {}
        # Of a period and a base, for which indicators: what adds up over groups, and what does not.
        self._cubes: dict[tuple[str, str], list[tuple[set[str], Cube]]] = {}
        self._ranked: dict[tuple[str, str], list[tuple[set[str], Cube]]] = {}

    def resolves(self, spread: Spread, base: str) -> bool:
        """Whether the records of a base have a group in all of some dimensions."""
        return all(self._has(name, base) for name in spread)

    def _has(self, name: str, base: str) -> bool:
        key = (name, base)
        if key not in self._resolved:
            self._resolved[key] = resolves(self._store.scheme, self._catalogue.dimensions[name], base)
        return self._resolved[key]

    def gather(self, period: str, spreads: Sequence[Spread], indicators: Sequence[Indicator]) -> None:
        """Reads what some indicators need by the groups of each of some spreads, in one pass a base."""
        ids = {one.id for one in indicators}
        bases = self._bases(indicators)
        for at, base in enumerate(bases):
            own = [one for one in spreads if self.resolves(one, base)]
            if missing := [one for one in own if self._added(period, base, one, ids) is None]:
                self._tell(at, len(bases))
                self._read(period, base, self._portions(period, missing), indicators)
            ordered = [one for one in indicators if one.id in self._ordered.get(base, ())]
            if missing := [one for one in own if ordered and self._beside(period, base, one, ids) is None]:
                self._tell(at, len(bases))
                self._rank(period, base, missing, ordered, ids)

    def of(self, period: str, spread: Spread, indicators: Sequence[Indicator]) -> dict[Group, dict[Asked, Any]]:
        """What the records come to by group, of all bases that have the dimensions."""
        self.gather(period, [spread], indicators)
        ids = {one.id for one in indicators}
        found: dict[Group, dict[Asked, Any]] = {}
        for base in self._bases(indicators):
            for cube in (self._added(period, base, spread, ids), self._beside(period, base, spread, ids)):
                for group, values in cube.over(spread, ids).items() if cube else ():
                    found.setdefault(group, {}).update(values)
        return found

    def _bases(self, indicators: Iterable[Indicator]) -> list[str]:
        """Whose records are read, the units last: how many are behind is known from the units themselves."""
        bases = dict.fromkeys(base for one in indicators for base in one.bases)
        if any(respondent(self._store.scheme, base) == UNIT for base in bases):
            return [*(base for base in bases if base != UNIT), UNIT]
        return list(bases)

    # Passes

    def _tell(self, done: int, total: int) -> None:
        if self._progress:
            self._progress(done, total, "progress.indicators")

    def _read(self, period: str, base: str, portions: Sequence[Spread], indicators: Sequence[Indicator]) -> None:
        ids = {one.id for one in indicators}
        cubes = self._query(period, base, portions, indicators).sums(portions)
        self._cubes.setdefault((period, base), []).extend((ids, cube) for cube in cubes)

    def _rank(
        self, period: str, base: str, spreads: Sequence[Spread], indicators: Sequence[Indicator], ids: set[str]
    ) -> None:
        cubes = self._query(period, base, spreads, indicators).ranked(spreads)
        self._ranked.setdefault((period, base), []).extend((ids, cube) for cube in cubes)

    def _query(self, period: str, base: str, spreads: Sequence[Spread], indicators: Sequence[Indicator]) -> Query:
        if not self._prepared:
            self._prepared = True
            self._engine.prepare(self._catalogue.tables(self._store.scheme))
        names = dict.fromkeys(name for one in spreads for name in one)
        named = [self._catalogue.dimensions[name] for name in names]
        return Query(self._store.scheme, self._catalogue, period, base, indicators, named, self._engine)

    def _portions(self, period: str, spreads: Sequence[Spread]) -> list[Spread]:
        """Spreads taken together as far as the engine groups by them with ease: of few records always all."""
        few = self._store.response_count(period) <= self._engine.groups
        portions: list[Spread] = []
        for spread in spreads:
            for at, portion in enumerate(portions):
                both = tuple(dict.fromkeys([*portion, *spread]))
                if few or self._groups(both) <= self._engine.groups:
                    portions[at] = both
                    break
            else:
                portions.append(spread)
        return portions

    def _groups(self, spread: Spread) -> int:
        """How many groups there may be, with those of no code."""
        groups = 1
        for name in spread:
            groups *= len(self._store.scheme.lists[self._catalogue.dimensions[name].list].codes) + 1
        return groups

    # What was read

    def _added(self, period: str, base: str, spread: Spread, ids: set[str]) -> Cube | None:
        kept = self._cubes.get((period, base), ())
        return next((cube for own, cube in kept if ids <= own and set(spread) <= set(cube.dimensions)), None)

    def _beside(self, period: str, base: str, spread: Spread, ids: set[str]) -> Cube | None:
        kept = self._ranked.get((period, base), ())
        return next((cube for own, cube in kept if ids <= own and set(spread) == set(cube.dimensions)), None)
