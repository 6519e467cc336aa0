"""Indicators computed: definitions become one SQL pass over a period, formulas do the rest.

The SQL keeps to what SQLite, DuckDB and Spark read alike: conditional sums, CASE, row_number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indicators.cells import summed
from indicators.definition import YEAR, Catalogue, Dimension, Indicator, Target, aggregates
from survey.errors import SurveyError
from survey.expression import Call, Column, Logic, Node, Number, columns, rebuild
from survey.progress import Progress
from survey.record import previous_period
from survey.relation import Relation
from survey.scalar import Value, compile_scalar
from survey.sql import literal, quote, to_sql
from survey.store import Store

Group = str | None


@dataclass(frozen=True)
class IndicatorValue:
    """One figure: `value` unrounded in `unit`, None where it cannot be computed; `by` None is the whole."""

    id: str
    period: str
    by: Group
    value: float | None
    unit: str
    units_used: int
    units_due: int
    target: float | None = None
    status: str | None = None


@dataclass(frozen=True)
class Contribution:
    """A unit behind a figure, with the values it brings, by item name."""

    uscc: str
    name: str
    district: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Behind:
    """How many units are behind a figure, and those of them that were asked for."""

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
    """The units behind one figure, the largest contribution first; `most` of them where that is given.

    Raises SurveyError `no_indicator`.
    """
    if indicator_id not in catalogue.indicators:
        raise SurveyError("no_indicator", id=indicator_id)
    indicator = summed(catalogue, indicator_id)
    dimension = catalogue.dimensions[by] if by else None
    pass_ = _Pass(store, catalogue, [indicator], period, dimension)
    return pass_.contributions(indicator, code, most)


def target_of(catalogue: Catalogue, indicator_id: str) -> Target | None:
    """The plan's target for an indicator, where it has one."""
    return next((target for target in catalogue.targets if target.indicator == indicator_id), None)


def status(target: Target, value: float | None, period: str) -> str:
    """Where a figure stands: met, on_track, behind, qualitative, or no_data.

    以上 includes the number (>=), 超过 and 突破 do not (>). On track is at or above the path of constant
    growth from the base to the target.
    """
    if target.value is None:
        return "qualitative"
    if value is None:
        return "no_data"
    if value > target.value or (target.operator == ">=" and value == target.value):
        return "met"
    if target.base and target.base_year and period[:4] < target.year:
        planned = growth_path(target.base, float(target.base_year), target.value, float(target.year), float(period[:4]))
        return "on_track" if planned is not None and value >= planned else "behind"
    return "behind"


def growth_path(base: float, base_year: float, goal: float, goal_year: float, year: float) -> float | None:
    """Where constant growth from the base to the goal stands in a year."""
    if base <= 0 or goal <= 0 or goal_year <= base_year:
        return None
    return float(base * (goal / base) ** ((year - base_year) / (goal_year - base_year)))


def cagr(value: float, base: float, years: float) -> float | None:
    """The constant yearly growth in per cent that leads from base to value."""
    if value <= 0 or base <= 0 or years <= 0:
        return None
    return float(((value / base) ** (1 / years) - 1) * 100)


def _judged(value: IndicatorValue, catalogue: Catalogue) -> IndicatorValue:
    target = target_of(catalogue, value.id)
    if target is None:
        return value
    judged = status(target, value.value, value.period)
    return IndicatorValue(**{**vars(value), "target": target.value, "status": judged})


@dataclass(frozen=True)
class _Figure:
    value: float | None
    used: int
    due: int


_Figures = Mapping[Group, Mapping[str, _Figure]]


def _rows(
    catalogue: Catalogue, figures: _Figures, period: str, wanted: Sequence[Indicator] | None = None
) -> list[IndicatorValue]:
    return [
        IndicatorValue(one.id, period, group, figure.value, one.unit, figure.used, figure.due)
        for one in (wanted if wanted is not None else catalogue.indicators.values())
        for group, by_id in figures.items()
        if (figure := by_id.get(one.id)) is not None
    ]


class Computation:
    """Passes over the file, each done once however often its figures are asked for; formulas over them."""

    def __init__(self, store: Store, catalogue: Catalogue, progress: Progress | None = None) -> None:
        self.store = store
        self.catalogue = catalogue
        self._progress = progress
        self._done: dict[tuple[str, str], list[tuple[set[str], _Figures]]] = {}

    def figures(self, period: str, by: str | None = None) -> list[IndicatorValue]:
        """Every indicator for a period: the whole, then the groups of a dimension.

        Raises SurveyError `unknown_dimension`.
        """
        catalogue = self.catalogue
        if by is not None and by not in catalogue.dimensions:
            raise SurveyError("unknown_dimension", by=by, known=" ".join(catalogue.dimensions))
        found = [_judged(value, catalogue) for value in _rows(catalogue, self._values(period, None), period)]
        indicators = catalogue.indicators.values()
        for dimension in [by] if by else dict.fromkeys(one.spread for one in indicators if one.spread):
            wanted = [one for one in indicators if not one.whole_only and (by or one.spread == dimension)]
            grouped = self._values(period, catalogue.dimensions[dimension], wanted)
            order = self.store.scheme.lists[catalogue.dimensions[dimension].list].codes
            listed = {code: grouped[code] for code in (*order, *grouped) if code in grouped}
            found += _rows(catalogue, listed, period, wanted)
        return found

    def _values(self, period: str, dimension: Dimension | None, wanted: Iterable[Indicator] | None = None) -> _Figures:
        """Indicators of a period by group, with those they refer to; without `wanted` all of them."""
        indicators = self._in_order(self.catalogue.indicators.values() if wanted is None else wanted)
        place, ids = (period, dimension.id if dimension else ""), {one.id for one in indicators}
        for covered, figures in self._done.get(place, ()):
            if ids <= covered:
                return figures
        if self._progress:
            self._progress(len(self._done), len(self._done) + 1, "progress.indicators")
        found = self._computed(period, dimension, indicators)
        self._done.setdefault(place, []).append((ids, found))
        return found

    def _computed(self, period: str, dimension: Dimension | None, indicators: Sequence[Indicator]) -> _Figures:
        groups = _Pass(self.store, self.catalogue, indicators, period, dimension).run()
        before = self._referred_to(indicators, "prev")
        earlier: _Figures = {}
        if before and self._has(period):
            earlier = self._values(previous_period(period), dimension, before)
        of_all = self._referred_to(indicators, "all")
        whole = self._values(period, None, of_all)[None] if dimension and of_all else {}
        result: dict[Group, dict[str, _Figure]] = {}
        for group, sums in groups.items():
            figures: dict[str, _Figure] = {}
            for indicator in indicators:
                seen = {one.key: _referred(one, figures, earlier.get(group, {}), whole) for one in indicator.others}
                figures[indicator.id] = sums.figure(indicator, period, seen)
            result[group] = figures
        return result

    def _referred_to(self, indicators: Sequence[Indicator], at: str) -> list[Indicator]:
        names = dict.fromkeys(one.name for indicator in indicators for one in indicator.others if one.at == at)
        return [self.catalogue.indicators[name] for name in names]

    def _has(self, period: str) -> bool:
        return bool(self.store.response_count(previous_period(period)))

    def _in_order(self, indicators: Iterable[Indicator]) -> list[Indicator]:
        """Indicators after those they refer to."""
        ordered: dict[str, Indicator] = {}

        def place(indicator: Indicator) -> None:
            for other in indicator.others:
                # Without a breakdown, the whole that a share refers to is the figure beside it.
                if other.at != "prev" and other.name not in ordered:
                    place(self.catalogue.indicators[other.name])
            ordered[indicator.id] = indicator

        for indicator in indicators:
            place(indicator)
        return list(ordered.values())


def _referred(
    column: Column, figures: Mapping[str, _Figure], earlier: Mapping[str, _Figure], whole: Mapping[str, _Figure]
) -> _Figure | None:
    if column.at == "prev":
        return earlier.get(column.name)
    if column.at == "all":
        return (whole or figures).get(column.name)
    return figures.get(column.name)


@dataclass(frozen=True)
class _Sums:
    """What one pass found for one group: aggregates, and units used and due, by the key of each."""

    found: Mapping[object, Any]

    def figure(self, indicator: Indicator, period: str, others: Mapping[str, _Figure | None]) -> _Figure:
        values: dict[str, Value] = {YEAR: int(period[:4])}
        values.update((key, figure.value if figure else None) for key, figure in others.items())
        numbered: dict[Node, Column] = {}
        for at, aggregate in enumerate(aggregates(indicator.formula)):
            column = numbered[aggregate] = Column(f"aggregate {at}", "", "number")
            values[column.key] = self.found[indicator.id, aggregate]
        if numbered:
            used, due = (int(self.found[which, indicator.id] or 0) for which in ("used", "due"))
            # Nobody answered: a count of zero would be a false figure.
            value = None if due and not used else _evaluate(_replaced(indicator.formula, numbered), values)
            return _Figure(value, used, due)
        first = next((figure for figure in others.values() if figure), None)
        return _Figure(_evaluate(indicator.formula, values), first.used if first else 0, first.due if first else 0)


def _evaluate(formula: Node, values: Mapping[str, Value]) -> float | None:
    def path(base: float, base_year: float, goal: float, goal_year: float) -> float | None:
        return growth_path(base, base_year, goal, goal_year, float(values[YEAR] or 0))

    found = compile_scalar(formula, functions={"cagr": cagr, "path": path})(values)
    return None if found is None else float(found)


def _replaced(node: Node, by: Mapping[Node, Column]) -> Node:
    return by[node] if node in by else rebuild(node, lambda below: _replaced(below, by))


class _Pass:
    """One query over one period: conditions decided once a row, then every aggregate by group."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        indicators: Sequence[Indicator],
        period: str,
        dimension: Dimension | None,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._indicators = [one for one in indicators if aggregates(one.formula)]
        self._dimension = dimension
        self._period = period
        needed = [column for one in self._indicators for column in one.columns]
        needed += columns(catalogue.universe) if catalogue.universe else ()
        if dimension:
            needed += [dimension.item] if dimension.item else []
            needed += [column for _, tree in dimension.cases for column in columns(tree)]
        self._columns = tuple(dict.fromkeys(needed))
        self._relation = Relation(store.scheme, period, self._columns)
        self._flags: dict[Node | None, str] = {}
        self._ranks: dict[tuple[str, Node], str] = {}

    def run(self) -> dict[Group, _Sums]:
        """The aggregates by group; without a dimension the one group is None."""
        wanted: dict[object, str] = {}
        for indicator in self._indicators:
            used, due = self._flag(indicator, needs=True), self._flag(indicator, needs=False)
            wanted["used", indicator.id], wanted["due", indicator.id] = f"sum({used})", f"sum({due})"
            for aggregate in aggregates(indicator.formula):
                wanted[indicator.id, aggregate] = self._aggregate(aggregate, used)
        select = list(dict.fromkeys(wanted.values()))
        group = "g, " if self._dimension else ""
        grouped = " WHERE g IS NOT NULL GROUP BY g ORDER BY g" if self._dimension else ""
        sql = f"{self._flat()}\nSELECT {group}{', '.join(select)} FROM {self._ranked()}{grouped}"
        result: dict[Group, _Sums] = {}
        for row in self._store.execute(sql):
            values = row[1:] if self._dimension else row
            by_sql = dict(zip(select, values, strict=True))
            found = {key: by_sql[text] for key, text in wanted.items()}
            result[str(row[0]) if self._dimension else None] = _Sums(found)
        return result

    def contributions(self, indicator: Indicator, code: str | None, most: int | None) -> Behind:
        """The units that an indicator uses, those a count counts, by their first value."""
        used = self._flag(indicator, needs=True)
        conditions = [f"{used} = 1"]
        counts = [one for one in aggregates(indicator.formula) if one.function == "count"]
        if counts:
            conditions.append(to_sql(counts[0].arguments[0], self._place))
        if code is not None and self._dimension:
            conditions.append(f"g = {literal(code)}")
        shown = [column for column in indicator.columns if column.kind == "number"]
        names = ", ".join(["uscc", "unit_name", "unit_district", *(self._place(column) for column in shown)])
        order = f"{self._place(shown[0])} DESC, uscc" if shown else "uscc"
        flat = self._flat("u.uscc AS uscc", "u.name AS unit_name", "u.district AS unit_district")
        rows = self._store.execute(
            f"{flat}\nSELECT count(*) OVER (), {names} FROM flat WHERE {' AND '.join(conditions)}"
            f" ORDER BY {order} LIMIT {-1 if most is None else most}"
        ).fetchall()
        found = [
            Contribution(uscc, name, district, {one.key: value for one, value in zip(shown, values, strict=True)})
            for _, uscc, name, district, *values in rows
        ]
        return Behind(rows[0][0] if rows else 0, found)

    def _place(self, column: Column) -> str:
        return self._period[:4] if column.name == YEAR else quote(column.key)

    def _flag(self, indicator: Indicator, *, needs: bool) -> str:
        """The column that is 1 where a unit is due for an indicator, or used by it."""
        parts = [indicator.scope] if indicator.scope else []
        if needs:
            parts += [Call("filled", (column,)) for column in indicator.needs]
        condition = Logic("and", tuple(parts)) if parts else None
        return self._flags.setdefault(condition, f"w{len(self._flags)}")

    def _aggregate(self, aggregate: Call, used: str) -> str:
        match aggregate.function, aggregate.arguments:
            case "units", _:
                return f"sum({used})"
            case "count", (condition,):
                return f"sum(CASE WHEN {used} = 1 AND {to_sql(condition, self._place)} THEN 1 ELSE 0 END)"
            case "largest", (value, Number(count)) if self._dimension is None:
                largest = to_sql(value, self._place)
                top = f"SELECT {largest} AS v FROM flat WHERE {used} = 1 ORDER BY v DESC LIMIT {int(count)}"
                return f"(SELECT sum(v) FROM ({top}))"
            case "largest", (value, Number(count)):
                rank = self._ranks.setdefault((used, value), f"k{len(self._ranks)}")
                return f"sum(CASE WHEN {used} = 1 AND {rank} <= {int(count)} THEN {to_sql(value, self._place)} END)"
        summed, *conditions = [to_sql(argument, self._place) for argument in aggregate.arguments]
        where = " AND ".join([f"{used} = 1", *conditions])
        nothing = " ELSE 0.0" if conditions else ""
        return f"sum(CASE WHEN {where} THEN {summed}{nothing} END)"

    def _flat(self, *more: str) -> str:
        """One row a unit of the universe: its group, the items, and every condition decided once."""
        place = self._relation.place
        parts = ["r.id AS response", *more]
        if self._dimension:
            parts.append(f"{_group(self._dimension, place)} AS g")
        parts += [f"{place(column)} AS {quote(column.key)}" for column in self._columns]
        for condition, name in self._flags.items():
            holds = to_sql(condition, place) if condition else "1 = 1"
            parts.append(f"CASE WHEN {holds} THEN 1 ELSE 0 END AS {name}")
        # Materialized, so that no engine decides a condition once for every aggregate.
        universe = f" AND {to_sql(self._catalogue.universe, place)}" if self._catalogue.universe else ""
        return f"WITH flat AS MATERIALIZED (SELECT {', '.join(parts)} {self._relation.source()}{universe})"

    def _ranked(self) -> str:
        if not self._ranks:
            return "flat"
        group = "g, " if self._dimension else ""
        ranks = [
            f"row_number() OVER (PARTITION BY {group}{used}"
            f" ORDER BY {to_sql(value, self._place)} DESC, response) AS {name}"
            for (used, value), name in self._ranks.items()
        ]
        return f"(SELECT *, {', '.join(ranks)} FROM flat)"


def _group(dimension: Dimension, place: Callable[[Column], str]) -> str:
    if dimension.item:
        return place(dimension.item)
    cases = " ".join(f"WHEN {to_sql(tree, place)} THEN {literal(code)}" for code, tree in dimension.cases)
    return f"CASE {cases} END"
