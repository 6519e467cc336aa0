"""Indicators computed: few passes over the records give the sums, formulas do the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from indicators.beside import Beside, Figures
from indicators.catalogue import TOGETHER, UNIT, Catalogue, Indicator
from indicators.cube import Group
from indicators.engine import Engine, SqliteEngine
from indicators.figure import Figure, Formula
from indicators.growth import status
from indicators.query import Query, Spread, respondent
from indicators.sums import Sums
from survey.errors import SurveyError
from survey.form import Respondent
from survey.progress import Progress
from survey.record import previous_period
from survey.scalar import Value
from survey.store import Store

# Of an indicator that nobody has begun to answer for.
_NOTHING = Figure(None, 0, 0)


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
        self._sums = Sums(store, catalogue, self._engine, progress)
        self._formulas: dict[str, Formula] = {}
        self._responses: dict[tuple[str, str], int] = {}
        self._done: dict[tuple[str, tuple[str, ...]], list[tuple[set[str], Figures]]] = {}

    def figures(self, period: str, by: str | None = None) -> list[IndicatorValue]:
        """Every indicator for a period: the whole, then the groups of a dimension, or of those it is always listed by.

        Raises SurveyError `unknown_dimension`.
        """
        every = list(self.catalogue.indicators.values())
        spreads = [(by,)] if by else list(dict.fromkeys(one.spreads for one in every if one.spreads))
        self.gather(period, [(), *spreads] if by else [()], every)
        self.gather(period, spreads, [one for one in every if by or one.spreads])
        found = self._listed(period, (), every)
        for dimensions in spreads:
            found += self._listed(period, dimensions, [one for one in every if by or one.spreads == dimensions])
        return found

    @property
    def public(self) -> bool:
        """Whether everybody may see them: never, as they are computed."""
        return False

    def standing(
        self, _name: str, _period: str, _dimensions: tuple[str, ...], _group: Group, _what: str
    ) -> Literal["there"]:
        """Every figure can be told."""
        return "there"

    @property
    def engine(self) -> Engine:
        """What runs its queries."""
        return self._engine

    def listed(self, period: str, dimensions: Spread, wanted: Sequence[Indicator]) -> list[IndicatorValue]:
        """Some indicators by the groups of some dimensions, as far as they can be broken down by them."""
        return self._listed(period, dimensions, wanted)

    def one(self, indicator_id: str, period: str, dimensions: Spread = ()) -> dict[str, float | None]:
        """One indicator by the groups of some dimensions, their codes joined by `*`; of none the one group is ''."""
        listed = self._listed(period, dimensions, [self.catalogue.indicators[indicator_id]])
        return {value.by or "": value.value for value in listed}

    def breakdowns(self, period: str, dimensions: Sequence[str] = ()) -> list[IndicatorValue]:
        """Every indicator for a period by each of the dimensions, all where none is named, from few passes a base."""
        spreads = [(name,) for name in dimensions or self.catalogue.dimensions]
        every = list(self.catalogue.indicators.values())
        self.gather(period, [(), *spreads], every)
        return [value for spread in spreads for value in self._listed(period, spread, every)]

    def gather(self, period: str, spreads: Sequence[Spread], indicators: Sequence[Indicator]) -> None:
        """Reads what some indicators need by each of some spreads in few passes, for whoever asks next.

        Raises SurveyError `unknown_dimension`.
        """
        dimensions, known = self.catalogue.dimensions, self.catalogue.indicators
        for name in dict.fromkeys(name for spread in spreads for name in spread):
            if name not in dimensions:
                raise SurveyError("unknown_dimension", by=name, known=" ".join(dimensions))
        if not self.has(period):
            return
        ordered = self._in_order(indicators)
        self._sums.gather(period, spreads, ordered)
        for crossed in dict.fromkeys(one.dimension for indicator in ordered for one in indicator.measures.values()):
            across = [(*spread, crossed) for spread in [(), *spreads] if crossed not in spread]
            self._sums.gather(period, across, self._in_order(self._measured(ordered, crossed)))
        earlier = dict.fromkeys(other.name for one in ordered for other in one.others if other.at == "prev")
        if earlier:
            self.gather(previous_period(period), spreads, [known[name] for name in earlier])

    def _measured(self, indicators: Sequence[Indicator], dimension: str) -> list[Indicator]:
        """Of which indicators others take the figures by the groups of a dimension."""
        measures = [one for indicator in indicators for one in indicator.measures.values()]
        names = dict.fromkeys(one.indicator for one in measures if one.dimension == dimension)
        return [self.catalogue.indicators[name] for name in names]

    def _listed(self, period: str, dimensions: Spread, wanted: Sequence[Indicator]) -> list[IndicatorValue]:
        chosen = [one for one in wanted if self._breaks(one, dimensions)]
        figures = self._values(period, dimensions, chosen)
        groups = self._in_list_order(figures, dimensions)
        return [
            self._judged(one, period, dimensions, group, figure)
            for one in chosen
            for group in groups
            if (figure := figures[group].get(one.id)) is not None
        ]

    def _breaks(self, indicator: Indicator, dimensions: Spread) -> bool:
        if indicator.whole_only and (dimensions or self.store.district):
            return False
        if not dimensions:
            return True
        summed = indicator if indicator.aggregates else self.catalogue.summed(indicator.id)
        return all(self._sums.resolves(dimensions, base) for base in summed.bases)

    def _in_list_order(self, figures: Figures, dimensions: Spread) -> list[Group]:
        lists = [self.store.scheme.lists[self.catalogue.dimensions[name].list].codes for name in dimensions]
        orders = [{code: at for at, code in enumerate(codes)} for codes in lists]
        return sorted(
            figures,
            key=lambda group: [
                (order.get(code or "", len(order)), code) for order, code in zip(orders, group, strict=True)
            ],
        )

    def _judged(
        self, indicator: Indicator, period: str, dimensions: Spread, group: Group, figure: Figure
    ) -> IndicatorValue:
        by = TOGETHER.join(code or "" for code in group) if dimensions else None
        value = IndicatorValue(
            indicator.id, period, by, figure.value, indicator.unit, figure.used, figure.due,
            dimensions=TOGETHER.join(dimensions), near=figure.near, largest=figure.largest,
        )  # fmt: skip
        part = dimensions or self.store.district
        target = None if part else self.catalogue.target_of(indicator.id)
        if target is None:
            return value
        return replace(value, target=target.value, status=status(target, value.value, period))

    # Figures

    def _values(self, period: str, dimensions: Spread, wanted: Iterable[Indicator]) -> Figures:
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

    def _computed(self, period: str, dimensions: Spread, indicators: Sequence[Indicator]) -> Figures:
        chosen = [one for one in indicators if self._breaks(one, dimensions)]
        sums = self._sums.of(period, dimensions, chosen)
        if not dimensions:
            sums.setdefault((), {})
        beside = Beside(self.of, self.has, period, dimensions, indicators)
        ready = [(one, self._formula(one) if self._collected(one, period) else None) for one in chosen]
        year = int(period[:4])
        result: dict[Group, dict[str, Figure]] = {}
        for group, found in sums.items():
            figures = result[group] = {}
            for indicator, formula in ready:
                figures[indicator.id] = (
                    formula.figure(year, found, beside.seen(indicator, group, figures)) if formula else _NOTHING
                )
        return result

    def _formula(self, indicator: Indicator) -> Formula:
        """An indicator's formula made ready, once."""
        return self._formulas.get(indicator.id) or self._formulas.setdefault(indicator.id, Formula(indicator))

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

    def of(self, names: Sequence[str], period: str, dimensions: Spread) -> Figures:
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
