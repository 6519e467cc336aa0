"""Indicators computed: one pass over the records gives the sums, formulas do the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from indicators import measure
from indicators.catalogue import ADDITIVE, TOGETHER, UNIT, YEAR, Aggregate, Catalogue, Dimension, Indicator, Measure
from indicators.cube import Cube
from indicators.engine import Engine, SqliteEngine
from indicators.growth import cagr, path, status
from indicators.query import DUE, MOST, NEAR, USED, Asked, Group, Query, resolves, respondent
from survey.errors import SurveyError
from survey.progress import Progress
from survey.record import previous_period
from survey.scalar import Value, compile_scalar
from survey.store import Store


@dataclass(frozen=True)
class IndicatorValue:
    """One figure: `value` unrounded in `unit`, None where it cannot be computed; `by` None is the whole.

    `dimensions` are those `by` is of, joined by `*` as its codes are; `units_used` of `units_due` were counted. `near`
    units lie within 2 % of a threshold, and the `largest` record brings so many per cent of the first sum.
    """

    id: str
    period: str
    by: str | None
    value: float | None
    unit: str
    units_used: int
    units_due: int
    target: float | None = None
    status: str | None = None
    dimensions: str = ""
    near: int | None = None
    largest: float | None = None


@dataclass(frozen=True)
class Contribution:
    """A record behind a figure, with the values it brings, by item name; `line` is 0 where it is a whole response."""

    uscc: str
    name: str
    district: str
    values: Mapping[str, Value]
    line: int = 0


@dataclass(frozen=True)
class Behind:
    """How many records are behind a figure, and those of them that were asked for."""

    count: int
    units: Sequence[Contribution]


@dataclass(frozen=True)
class _Figure:
    value: float | None
    used: int
    due: int
    near: int | None = None
    largest: float | None = None


_ById: TypeAlias = Mapping[str, _Figure]
_Figures: TypeAlias = Mapping[Group, _ById]


def compute(
    store: Store, catalogue: Catalogue, period: str, by: str | None = None, progress: Progress | None = None
) -> list[IndicatorValue]:
    """Every indicator of the catalogue for a period; see `Computation.figures`."""
    return Computation(store, catalogue, progress).figures(period, by)


def units(
    store: Store,
    catalogue: Catalogue,
    indicator_id: str,
    period: str,
    by: str | None = None,
    code: str | None = None,
    *,
    most: int | None = None,
) -> Behind:
    """The records behind one figure, the largest contribution first; `most` of them where that is given.

    Of two dimensions `by` and `code` are joined by `*`. Raises SurveyError `no_indicator`.
    """
    if indicator_id not in catalogue.indicators:
        raise SurveyError("no_indicator", id=indicator_id)
    indicator = catalogue.summed(indicator_id)
    dimensions = [catalogue.dimensions[one] for one in by.split(TOGETHER)] if by else []
    codes = code.split(TOGETHER) if code is not None else []
    base = UNIT if UNIT in indicator.bases else indicator.bases[0]
    query = Query(store.scheme, catalogue, period, base, [indicator], dimensions, SqliteEngine(store))
    rows = list(query.behind(indicator, codes, most))
    found = [Contribution(uscc, name, district, values, line) for _, uscc, name, district, line, values in rows]
    return Behind(rows[0][0] if rows else 0, found)


class Computation:
    """Figures of a catalogue over an open survey file; what was computed is kept and not computed again."""

    def __init__(
        self, store: Store, catalogue: Catalogue, progress: Progress | None = None, engine: Engine | None = None
    ) -> None:
        self.store = store
        self.catalogue = catalogue
        self._progress = progress
        self._engine = engine or SqliteEngine(store)
        self._cubes: dict[tuple[str, str], list[tuple[set[str], Cube]]] = {}
        self._prepared: set[str] = set()
        self._done: dict[tuple[str, tuple[str, ...]], list[tuple[set[str], _Figures]]] = {}

    def figures(self, period: str, by: str | None = None) -> list[IndicatorValue]:
        """Every indicator for a period: the whole, then the groups of a dimension, or of those it is always listed by.

        Raises SurveyError `unknown_dimension`.
        """
        catalogue = self.catalogue
        if by is not None and by not in catalogue.dimensions:
            raise SurveyError("unknown_dimension", by=by, known=" ".join(catalogue.dimensions))
        every = list(catalogue.indicators.values())
        found = self._listed(period, (), every)
        spreads = [(by,)] if by else list(dict.fromkeys(one.spreads for one in every if one.spreads))
        for dimensions in spreads:
            found += self._listed(period, dimensions, [one for one in every if by or one.spreads == dimensions])
        return found

    @property
    def engine(self) -> Engine:
        """What runs its queries."""
        return self._engine

    def listed(self, period: str, dimensions: tuple[str, ...], wanted: Sequence[Indicator]) -> list[IndicatorValue]:
        """Some indicators by the groups of some dimensions, as far as they can be broken down by them."""
        return self._listed(period, dimensions, wanted)

    def one(self, indicator_id: str, period: str, dimensions: tuple[str, ...] = ()) -> dict[str, float | None]:
        """One indicator by the groups of some dimensions, their codes joined by `*`; of none the one group is ''."""
        listed = self._listed(period, dimensions, [self.catalogue.indicators[indicator_id]])
        return {value.by or "": value.value for value in listed}

    def breakdowns(self, period: str, dimensions: Sequence[str] = ()) -> list[IndicatorValue]:
        """Every indicator for a period by each of the dimensions, all where none is named, from one pass a base."""
        names = tuple(dimensions or self.catalogue.dimensions)
        every = list(self.catalogue.indicators.values())
        before = previous_period(period)
        for base in dict.fromkeys([*(base for one in every for base in one.bases), UNIT]):
            own = tuple(name for name in names if self._resolves(name, base))
            for when in (period, before) if self.has(before) else (period,):
                self._cube(when, base, own, every)
        return [value for name in names for value in self._listed(period, (name,), every)]

    def _listed(self, period: str, dimensions: tuple[str, ...], wanted: Sequence[Indicator]) -> list[IndicatorValue]:
        chosen = [one for one in wanted if self._breaks(one, dimensions)]
        figures = self._values(period, dimensions, chosen)
        groups = self._in_list_order(figures, dimensions)
        return [
            self._judged(one, period, dimensions, group, figure)
            for one in chosen
            for group in groups
            if (figure := figures[group].get(one.id)) is not None
        ]

    def _breaks(self, indicator: Indicator, dimensions: tuple[str, ...]) -> bool:
        if not dimensions:
            return True
        if indicator.whole_only:
            return False
        summed = indicator if indicator.aggregates else self.catalogue.summed(indicator.id)
        return all(self._resolves(name, base) for name in dimensions for base in summed.bases)

    def _resolves(self, dimension: str, base: str) -> bool:
        return resolves(self.store.scheme, self.catalogue.dimensions[dimension], base)

    def _in_list_order(self, figures: _Figures, dimensions: tuple[str, ...]) -> list[Group]:
        lists = [self.store.scheme.lists[self.catalogue.dimensions[name].list].codes for name in dimensions]
        orders = [{code: at for at, code in enumerate(codes)} for codes in lists]
        return sorted(
            figures,
            key=lambda group: [
                (order.get(code or "", len(order)), code) for order, code in zip(orders, group, strict=True)
            ],
        )

    def _judged(
        self, indicator: Indicator, period: str, dimensions: tuple[str, ...], group: Group, figure: _Figure
    ) -> IndicatorValue:
        by = TOGETHER.join(code or "" for code in group) if dimensions else None
        value = IndicatorValue(
            indicator.id, period, by, figure.value, indicator.unit, figure.used, figure.due,
            dimensions=TOGETHER.join(dimensions), near=figure.near, largest=figure.largest,
        )  # fmt: skip
        target = self.catalogue.target_of(indicator.id)
        if target is None or dimensions:
            return value
        return replace(value, target=target.value, status=status(target, value.value, period))

    # Figures

    def _values(self, period: str, dimensions: tuple[str, ...], wanted: Iterable[Indicator]) -> _Figures:
        """Indicators of a period by group, with those they refer to."""
        indicators = self._in_order(wanted)
        ids = {one.id for one in indicators}
        place = (period, dimensions)
        for covered, figures in self._done.get(place, ()):
            if ids <= covered:
                return figures
        if self._progress:
            self._progress(len(self._done), len(self._done) + 1, "progress.indicators")
        found = self._computed(period, dimensions, indicators)
        self._done.setdefault(place, []).append((ids, found))
        return found

    def _computed(self, period: str, dimensions: tuple[str, ...], indicators: Sequence[Indicator]) -> _Figures:
        sums = self._sums(period, dimensions, indicators)
        if not dimensions:
            sums.setdefault((), {})
        beside = _Beside(self, period, dimensions, indicators)
        result: dict[Group, dict[str, _Figure]] = {}
        for group, found in sums.items():
            figures: dict[str, _Figure] = {}
            for indicator in indicators:
                if self._breaks(indicator, dimensions):
                    figures[indicator.id] = _figure(indicator, period, found, beside.seen(indicator, group, figures))
            result[group] = figures
        return result

    def _sums(
        self, period: str, dimensions: tuple[str, ...], indicators: Sequence[Indicator]
    ) -> dict[Group, dict[Asked, Any]]:
        """What the records come to by group, of all bases that have the dimensions."""
        found: dict[Group, dict[Asked, Any]] = {}
        bases = dict.fromkeys(base for one in indicators for base in one.bases)
        # How many units there are behind is known from the units themselves, where they have the dimensions.
        if any(respondent(self.store.scheme, base) == UNIT for base in bases):
            bases = dict.fromkeys([*(base for base in bases if base != UNIT), UNIT])
        for base in bases:
            if not all(self._resolves(name, base) for name in dimensions):
                continue
            own = [one for one in indicators if self._breaks(one, dimensions)]
            for group, values in self._cube(period, base, dimensions, own).over(dimensions).items():
                found.setdefault(group, {}).update(values)
            ordered = [one for one in own if any(_ordered(part, base) for part in one.aggregates.values())]
            if ordered:
                for group, ranked in self._query(period, base, dimensions, ordered).ranked():
                    if None not in group:
                        found.setdefault(group, {}).update(ranked)
        return found

    def _cube(self, period: str, base: str, dimensions: tuple[str, ...], indicators: Sequence[Indicator]) -> Cube:
        if period not in self._prepared:
            self._prepared |= {period, previous_period(period)}
            self._engine.prepare(self.catalogue.tables(self.store.scheme), period)
        ids = {one.id for one in indicators}
        kept = self._cubes.setdefault((period, base), [])
        for covered, cube in kept:
            if ids <= covered and set(dimensions) <= set(cube.dimensions):
                return cube
        cube = Cube.of(dimensions, self._query(period, base, dimensions, indicators).sums())
        kept.append((ids, cube))
        return cube

    def _query(self, period: str, base: str, dimensions: tuple[str, ...], indicators: Sequence[Indicator]) -> Query:
        named: list[Dimension] = [self.catalogue.dimensions[name] for name in dimensions]
        return Query(self.store.scheme, self.catalogue, period, base, indicators, named, self._engine)

    def has(self, period: str) -> bool:
        """Whether anybody has answered for a period."""
        return bool(self.store.response_count(period))

    def of(self, names: Sequence[str], period: str, dimensions: tuple[str, ...]) -> _Figures:
        """Some indicators by the groups of some dimensions."""
        return self._values(period, dimensions, [self.catalogue.indicators[name] for name in names])

    def _in_order(self, indicators: Iterable[Indicator]) -> list[Indicator]:
        """Indicators after those they refer to in the same group."""
        ordered: dict[str, Indicator] = {}

        def place(indicator: Indicator) -> None:
            for other in indicator.others:
                if not other.at and other.name not in ordered:
                    place(self.catalogue.indicators[other.name])
            ordered[indicator.id] = indicator

        for indicator in indicators:
            place(indicator)
        return list(ordered.values())


class _Beside:
    """The figures that formulas refer to beside those of the same group, each kind read once."""

    def __init__(
        self, computation: Computation, period: str, dimensions: tuple[str, ...], indicators: Sequence[Indicator]
    ) -> None:
        self._computation = computation
        self._period = period
        self._dimensions = dimensions
        self._referred: dict[str, dict[str, None]] = {}
        for one in indicators:
            for column in one.others:
                if column.at:
                    self._referred.setdefault(column.at, {})[column.name] = None
        self._by_at = {at: self._read(at, list(names)) for at, names in self._referred.items()}
        self._by_measure: dict[Measure, tuple[_Figures, ...]] = {}

    def _read(self, at: str, names: Sequence[str]) -> _Figures:
        computation = self._computation
        if at == "prev":
            before = previous_period(self._period)
            return computation.of(names, before, self._dimensions) if computation.has(before) else {}
        return computation.of(names, self._period, self._onto(at))

    def _onto(self, at: str) -> tuple[str, ...]:
        return tuple(name for name in self._dimensions if name == at)

    def seen(self, indicator: Indicator, group: Group, figures: _ById) -> dict[str, _Figure | None]:
        """The figures an indicator's formula reads in a group, by the key of each."""
        found = {one.key: self._figure(one.name, one.at, group, figures) for one in indicator.others}
        for key, one in indicator.measures.items():
            found[key] = _Figure(self._measured(one, group), *self._coverage(one, group))
        return found

    def _figure(self, name: str, at: str, group: Group, figures: _ById) -> _Figure | None:
        if not at:
            return figures.get(name)
        own = group if at == "prev" else self._part(group, self._onto(at))
        return self._by_at[at].get(own, {}).get(name)

    def _part(self, group: Group, dimensions: tuple[str, ...]) -> Group:
        return tuple(code for name, code in zip(self._dimensions, group, strict=True) if name in dimensions)

    def _coverage(self, one: Measure, group: Group) -> tuple[int, int]:
        figure = self._computation.of([one.indicator], self._period, self._dimensions).get(group, {}).get(one.indicator)
        return (figure.used, figure.due) if figure else (0, 0)

    def _measured(self, one: Measure, group: Group) -> float | None:
        if one.dimension in self._dimensions:
            return None
        own = self._spread(one, (*self._dimensions, one.dimension), group)
        match one.function:
            case "krugman":
                every = self._spread(one, (one.dimension,), ())
                return measure.krugman(own, {code: value - own.get(code, 0.0) for code, value in every.items()})
            case "ellison_glaeser":
                plants = self._computation.of(one.more, self._period, self._dimensions).get(group, {})
                herfindahl = plants[one.more[0]].value if one.more and one.more[0] in plants else None
                return measure.ellison_glaeser(own, self._spread(one, (one.dimension,), ()), herfindahl)
        function = {
            "shannon": measure.shannon, "gini_of": measure.gini_of, "hhi_of": measure.hhi_of,
            "groups_of": measure.groups_of, "mean_of": measure.mean_of,
        }[one.function]  # fmt: skip
        return function(own)

    def _spread(self, one: Measure, dimensions: tuple[str, ...], group: Group) -> dict[str, float]:
        """An indicator's figures in a group by the codes of the last of the dimensions."""
        every = self._computation.of([one.indicator], self._period, dimensions)
        return {
            str(codes[-1]): value
            for codes, by_id in every.items()
            if codes[: len(group)] == group and one.indicator in by_id
            if (value := by_id[one.indicator].value) is not None
        }


def _ordered(aggregate: Aggregate, base: str) -> bool:
    return aggregate.base == base and aggregate.function not in ADDITIVE


def _figure(
    indicator: Indicator, period: str, sums: Mapping[Asked, Any], seen: Mapping[str, _Figure | None]
) -> _Figure:
    values: dict[str, Value] = {YEAR: int(period[:4])}
    values.update((key, figure.value if figure else None) for key, figure in seen.items())
    values.update((key, _aggregated(indicator, key, one, sums)) for key, one in indicator.aggregates.items())
    if not indicator.aggregates:
        first = next((figure for figure in seen.values() if figure), None)
        return _Figure(_evaluate(indicator, values), first.used if first else 0, first.due if first else 0)
    used, due = (int(sums.get((indicator.id, which)) or 0) for which in (USED, DUE))
    # Nobody answered: a count of zero would be a false figure.
    if due and not used:
        return _Figure(None, used, due)
    return _Figure(_evaluate(indicator, values), used, due, *_sensitivity(indicator, sums))


def _sensitivity(indicator: Indicator, sums: Mapping[Asked, Any]) -> tuple[int | None, float | None]:
    """How many records lie near a threshold, and what the largest one brings to the first sum, in per cent."""
    near = [count for key in indicator.aggregates if (count := sums.get((indicator.id, key + NEAR))) is not None]
    summed = next((key for key, one in indicator.aggregates.items() if one.function == "total"), None)
    whole, most = (sums.get((indicator.id, key)) for key in (summed, f"{summed}{MOST}")) if summed else (None, None)
    largest = most / whole * 100 if whole and most is not None and whole > 0 else None
    return int(sum(near)) if near else None, largest


def _aggregated(indicator: Indicator, key: str, aggregate: Aggregate, sums: Mapping[Asked, Any]) -> float | None:
    if aggregate.function == "gini":
        count, whole, ranked = (sums.get((indicator.id, f"{key} {part}")) for part in ("n", "sum", "ranked"))
        return measure.gini_from(count or 0, whole, ranked)
    found: float | None = sums.get((indicator.id, key))
    if aggregate.function == "mean":
        number = sums.get((indicator.id, f"{key} count"))
        return found / number if found is not None and number else None
    if found is None and aggregate.function in ("count", "units", "distinct"):
        # A base without any record in the group.
        return 0.0
    return found


def _evaluate(indicator: Indicator, values: Mapping[str, Value]) -> float | None:
    def planned(base: float, base_year: float, goal: float, goal_year: float) -> float | None:
        return path(base, base_year, goal, goal_year, float(values[YEAR] or 0))

    found = compile_scalar(indicator.formula, functions={"cagr": cagr, "path": planned})(values)
    return None if found is None else float(found)
