"""Indicators computed: one pass over the records gives the sums, formulas do the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from indicators import measure
from indicators.catalogue import ADDITIVE, TOGETHER, UNIT, Catalogue, Dimension, Indicator, Measure
from indicators.cube import Cube
from indicators.engine import Engine, SqliteEngine
from indicators.figure import Figure, Formula, figure_of, formula_of
from indicators.growth import status
from indicators.query import Asked, Group, Query, resolves, respondent
from survey.errors import SurveyError
from survey.form import Respondent
from survey.progress import Progress
from survey.record import previous_period
from survey.scalar import Value
from survey.store import Store

# So many groups one pass makes at most, where it groups by several dimensions.
_GROUPS = 1000


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


_ById: TypeAlias = Mapping[str, Figure]
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
        self._prepared = False
        self._formulas: dict[str, Formula] = {}
        self._responses: dict[tuple[str, str], int] = {}
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
        """Every indicator for a period by each of the dimensions, all where none is named, from few passes a base."""
        names = tuple(dimensions or self.catalogue.dimensions)
        every = list(self.catalogue.indicators.values())
        before = {other.name for one in every for other in one.others if other.at == "prev"}
        self._prepare(period, names, every)
        self._prepare(previous_period(period), names, self._in_order(self.catalogue.indicators[one] for one in before))
        return [value for name in names for value in self._listed(period, (name,), every)]

    def _prepare(self, period: str, names: Sequence[str], indicators: Sequence[Indicator]) -> None:
        """The sums of some indicators by each of some dimensions, kept for whoever asks for one of them."""
        if not self.has(period):
            return
        for base in dict.fromkeys(base for one in indicators for base in one.bases):
            for own in self._together([name for name in names if self._resolves(name, base)]):
                self._cube(period, base, own, indicators)

    def _together(self, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Dimensions in portions that one pass groups by at once, without nearly as many groups as records."""
        portion: list[str] = []
        groups = 1
        for name in names:
            codes = len(self.store.scheme.lists[self.catalogue.dimensions[name].list].codes) + 1
            if portion and groups * codes > _GROUPS:
                yield tuple(portion)
                portion, groups = [], 1
            portion.append(name)
            groups *= codes
        if portion:
            yield tuple(portion)

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
        self, indicator: Indicator, period: str, dimensions: tuple[str, ...], group: Group, figure: Figure
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
        result: dict[Group, dict[str, Figure]] = {}
        for group, found in sums.items():
            figures: dict[str, Figure] = {}
            for indicator in indicators:
                if not self._collected(indicator, period):
                    figures[indicator.id] = Figure(None, 0, 0)
                elif self._breaks(indicator, dimensions):
                    figures[indicator.id] = figure_of(
                        indicator, self._formula(indicator), period, found, beside.seen(indicator, group, figures)
                    )
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
            if ordered := [one for one in own if _needs_order(one, base)]:
                for group, ranked in self._query(period, base, dimensions, ordered).ranked():
                    if None not in group:
                        found.setdefault(group, {}).update(ranked)
        return found

    def _cube(self, period: str, base: str, dimensions: tuple[str, ...], indicators: Sequence[Indicator]) -> Cube:
        if not self._prepared:
            self._prepared = True
            self._engine.prepare(self.catalogue.tables(self.store.scheme))
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

    def _formula(self, indicator: Indicator) -> Formula:
        """An indicator's formula as a function, made once."""
        return self._formulas.get(indicator.id) or self._formulas.setdefault(indicator.id, formula_of(indicator))

    def _collected(self, indicator: Indicator, period: str) -> bool:
        """Whether any of those who answer for an indicator has begun: until then a count of zero would be false."""
        kinds = {respondent(self.store.scheme, base) for base in indicator.bases} if indicator.aggregates else set()
        return not kinds or any(self._begun(period, kind) for kind in kinds)

    def _begun(self, period: str, kind: Respondent) -> int:
        if (period, kind) not in self._responses:
            self._responses[period, kind] = self.store.response_count(period, kind)
        return self._responses[period, kind]

    def has(self, period: str) -> bool:
        """Whether anybody has answered for a period."""
        return bool(self._begun(period, UNIT))

    def of(self, names: Sequence[str], period: str, dimensions: tuple[str, ...]) -> _Figures:
        """Some indicators by the groups of some dimensions."""
        return self._values(period, dimensions, [self.catalogue.indicators[name] for name in names])

    def _in_order(self, indicators: Iterable[Indicator]) -> list[Indicator]:
        """Indicators after those they refer to in the same group, or measure: theirs are the groups there are."""
        ordered: dict[str, Indicator] = {}

        def place(indicator: Indicator) -> None:
            beside = [other.name for other in indicator.others if not other.at]
            for name in [*beside, *(one.indicator for one in indicator.measures.values())]:
                if name not in ordered:
                    place(self.catalogue.indicators[name])
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

    def seen(self, indicator: Indicator, group: Group, figures: _ById) -> dict[str, Figure | None]:
        """The figures an indicator's formula reads in a group, by the key of each."""
        found = {one.key: self._figure(one.name, one.at, group, figures) for one in indicator.others}
        for key, one in indicator.measures.items():
            found[key] = Figure(self._measured(one, group), *self._coverage(one, group))
        return found

    def _figure(self, name: str, at: str, group: Group, figures: _ById) -> Figure | None:
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


def _needs_order(indicator: Indicator, base: str) -> bool:
    """Whether something of an indicator depends on how the records of a base stand side by side."""
    return any(one.base == base and one.function not in ADDITIVE for one in indicator.aggregates.values())
