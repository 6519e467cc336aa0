"""The queries behind the figures: one pass over the records of a base gives every sum of it, by all groupings.

The SQL keeps to what SQLite, DuckDB and Spark read alike: conditional sums, CASE, row_number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from indicators.catalogue import ADDITIVE, UNIT, YEAR, Aggregate, Catalogue, Dimension, Indicator
from indicators.cube import MOST, Asked, Cube, Group
from indicators.engine import Engine
from survey.expression import Call, Column, Comparison, Logic, Node, Number, columns, walk
from survey.form import RESPONDENTS, Respondent
from survey.relation import Relation
from survey.scheme import Scheme
from survey.sql import literal, quote, to_sql

# By which dimensions records are grouped.
Spread = tuple[str, ...]
USED, DUE = "used", "due"
# Behind an aggregate's key: how many records lie near its threshold.
NEAR = " near"
# A threshold is near within this share of it.
WITHIN = 0.02
_BOUNDS = ("<", "<=", ">", ">=")


def respondent(scheme: Scheme, base: str) -> Respondent:
    """The kind of respondent that a base's records are of."""
    return next((kind for kind in RESPONDENTS if kind == base), None) or scheme.form(base).respondent


def place_of(scheme: Scheme, dimension: Dimension, base: str, place: Callable[[Column], str]) -> str | None:
    """The SQL of a record's group; None where the records of the base have none in this dimension."""
    kind = respondent(scheme, base)
    item = dimension.items.get(base) or dimension.items.get(kind)
    if item:
        return place(item)
    if dimension.cases and dimension.base in (base, kind):
        cases = " ".join(f"WHEN {to_sql(tree, place)} THEN {literal(code)}" for code, tree in dimension.cases)
        return f"CASE {cases} END"
    # A district's own forms are about the district.
    return "u.uscc" if kind == "district" and scheme.lists[dimension.list] == scheme.districts else None


def resolves(scheme: Scheme, dimension: Dimension, base: str) -> bool:
    """Whether the records of a base have a group in a dimension."""
    return place_of(scheme, dimension, base, lambda column: column.key) is not None


class Query:
    """The records of one base in a period, with what some indicators ask of them by the groups of some dimensions."""

    def __init__(
        self,
        scheme: Scheme,
        catalogue: Catalogue,
        period: str,
        base: str,
        indicators: Sequence[Indicator],
        dimensions: Sequence[Dimension],
        engine: Engine,
    ) -> None:
        self._scheme = scheme
        self._catalogue = catalogue
        self._period = period
        self._base = base
        self._dimensions = dimensions
        self._names = [f"d{at}" for at in range(len(dimensions))]
        self._engine = engine
        self._counts = respondent(scheme, base) == UNIT
        # The units of a figure over lines are counted among the units.
        self._indicators = [
            one
            for one in indicators
            if base in one.bases or (base == UNIT and any(respondent(scheme, other) == UNIT for other in one.bases))
        ]
        self._flags: dict[Node | None, str] = {}
        self._ranks: dict[tuple[str, Node, str], str] = {}
        # The ranks of which the last is asked for.
        self._counted: set[str] = set()
        needed = [column for one in self._indicators for column in self._read(one)]
        if self._counts and catalogue.universe:
            needed += columns(catalogue.universe)
        for dimension in dimensions:
            needed += [*dimension.items.values()] if not dimension.cases else ()
            needed += [column for _, tree in dimension.cases for column in columns(tree)]
        self._columns = tuple(dict.fromkeys(column for column in needed if self._reads(column)))
        self._relation = Relation(scheme, period, self._columns, base, early=True)

    def _read(self, indicator: Indicator) -> Iterator[Column]:
        for aggregate in indicator.aggregates.values():
            if aggregate.base == self._base:
                yield from aggregate.columns
        if self._counts:
            yield from indicator.needs
            yield from columns(indicator.scope) if indicator.scope else ()

    def _reads(self, column: Column) -> bool:
        """Whether the base's records have the item."""
        if column.name == YEAR:
            return False
        if not column.is_cell or column.at == "reg":
            return self._counts or column.at == "reg"
        form = self._scheme.form_of(column.name)
        own = form.respondent == respondent(self._scheme, self._base)
        return own and (not form.is_list or form.id == self._base)

    # Sums

    def sums(self, spreads: Sequence[Spread]) -> list[Cube]:
        """What can be added up, by the groups of each spread; of no dimension the one group is ()."""
        wanted: dict[Asked, str] = {}
        for indicator in self._indicators:
            used, due = self._flag(indicator, needs=True), self._flag(indicator, needs=False)
            wanted[indicator.id, USED], wanted[indicator.id, DUE] = f"sum({used})", f"sum({due})"
            if self._base not in RESPONDENTS:
                wanted[indicator.id, f"{USED} {self._base}"] = f"sum({used})"
            for key, aggregate in self._own(indicator, additive=True):
                wanted[indicator.id, key] = self._sum(aggregate, used)
                if aggregate.function == "mean":
                    wanted[indicator.id, f"{key} count"] = self._sum(aggregate, used, counted=True)
                if aggregate.function == "total":
                    wanted[indicator.id, f"{key}{MOST}"] = self._most(aggregate, used)
                if near := self._near(aggregate, used):
                    wanted[indicator.id, f"{key}{NEAR}"] = near
        return self._run(wanted, spreads)

    def ranked(self, spreads: Sequence[Spread]) -> list[Cube]:
        """What needs the records of each group side by side: the largest, medians, quantiles, the Gini coefficient."""
        wanted: dict[Asked, str] = {}
        for indicator in self._indicators:
            used = self._flag(indicator, needs=True)
            for key, aggregate in self._own(indicator, additive=False):
                wanted |= {(indicator.id, f"{key}{part}"): sql for part, sql in self._order(aggregate, used)}
        return self._run(wanted, spreads)

    def _own(self, indicator: Indicator, *, additive: bool) -> Iterator[tuple[str, Aggregate]]:
        for key, aggregate in indicator.aggregates.items():
            if aggregate.base == self._base and (aggregate.function in ADDITIVE) == additive:
                yield key, aggregate

    def _run(self, wanted: Mapping[Asked, str], spreads: Sequence[Spread]) -> list[Cube]:
        """All groupings out of one query, whose rows tell the dimensions that they are grouped by with 0."""
        if not wanted:
            return []
        select = list(dict.fromkeys(wanted.values()))
        column = {sql: at for at, sql in enumerate(select)}
        asked = {one: column[sql] for one, sql in wanted.items()}
        width = len(self._names)
        rows: dict[tuple[int, ...], list[tuple[Any, ...]]] = {}
        for row in self._engine.rows(self._grouped(select, spreads)):
            rows.setdefault(tuple(row[:width]), []).append(row[width:])
        cubes = []
        for spread in spreads:
            places = [at for at, one in enumerate(self._dimensions) if one.id in spread]
            mark = tuple(int(at not in places) for at in range(width))
            own = [(*(row[at] for at in places), *row[width:]) for row in rows.get(mark, ())]
            cubes.append(Cube.of([self._dimensions[at].id for at in places], asked, own))
        return cubes

    def _grouped(self, select: Sequence[str], spreads: Sequence[Spread]) -> str:
        by = [
            [name for name, one in zip(self._names, self._dimensions, strict=True) if one.id in own] for own in spreads
        ]
        if self._engine.grouping_sets and len(by) > 1 and not self._ranks:
            marks = [f"grouping({name})" for name in self._names]
            sets = ", ".join(f"({', '.join(own)})" for own in by)
            head = f"SELECT {', '.join([*marks, *self._names, *select])} FROM flat"
            return f"{self._flat(once=True)}\n{head} GROUP BY GROUPING SETS ({sets})"
        return f"{self._flat()}\n" + "\nUNION ALL\n".join(self._group(select, own) for own in by)

    def _group(self, select: Sequence[str], by: Sequence[str]) -> str:
        """One grouping, which stands in a column of its own for each dimension."""
        marks = ["0" if name in by else "1" for name in self._names]
        codes = [name if name in by else "NULL" for name in self._names]
        grouped = f" GROUP BY {', '.join(by)}" if by else ""
        return f"SELECT {', '.join([*marks, *codes, *select])} FROM {self._source(by)}{grouped}"

    def _place(self, column: Column) -> str:
        return self._period[:4] if column.name == YEAR else quote(column.key)

    def _flag(self, indicator: Indicator, *, needs: bool) -> str:
        """The column that is 1 where a record's unit is due for an indicator, or used by it."""
        parts = [indicator.scope] if indicator.scope and self._counts else []
        if needs and self._counts:
            parts += [_given(column) for column in indicator.needs]
        condition = Logic("and", tuple(parts)) if parts else None
        return self._flags.setdefault(condition, f"w{len(self._flags)}")

    def _sum(self, aggregate: Aggregate, used: str, *, counted: bool = False) -> str:
        if aggregate.function == "units":
            return f"sum({used})"
        if aggregate.function == "count":
            condition = to_sql(aggregate.arguments[0], self._place)
            return f"sum(CASE WHEN {used} = 1 AND {condition} THEN 1 ELSE 0 END)"
        value, *conditions = [to_sql(argument, self._place) for argument in aggregate.arguments]
        where = " AND ".join([f"{used} = 1", *conditions])
        if counted:
            return f"sum(CASE WHEN {where} AND {value} IS NOT NULL THEN 1 ELSE 0 END)"
        nothing = " ELSE 0.0" if conditions and aggregate.function == "total" else ""
        return f"sum(CASE WHEN {where} THEN {value}{nothing} END)"

    def _most(self, aggregate: Aggregate, used: str) -> str:
        value, *conditions = [to_sql(argument, self._place) for argument in aggregate.arguments]
        return f"max(CASE WHEN {' AND '.join([f'{used} = 1', *conditions])} THEN {value} END)"

    def _near(self, aggregate: Aggregate, used: str) -> str:
        """How many records lie so near a threshold of a count that a small error would decide; '' without one."""
        # Lines are made to sizes: a wafer of six inches is not near six inches by an error.
        if aggregate.function != "count" or self._base not in RESPONDENTS:
            return ""
        limits = [
            (to_sql(node.left, self._place), abs(node.right.value))
            for node in walk(aggregate.arguments[0])
            if isinstance(node, Comparison) and isinstance(node.right, Number) and node.operator in _BOUNDS
            if node.right.value and self._measured(node.left)
        ]
        near = " OR ".join(f"abs({value} - {limit!r}) <= {limit * WITHIN!r}" for value, limit in limits)
        return f"sum(CASE WHEN {used} = 1 AND ({near}) THEN 1 ELSE 0 END)" if near else ""

    def _measured(self, node: Node) -> bool:
        """Whether a node gives an amount, of items that have a unit; a year has none."""
        read = [column for column in columns(node) if column.name != YEAR]
        return bool(read) and all(self._scheme.item(column.name).unit for column in read)

    # Order

    def _order(self, aggregate: Aggregate, used: str) -> Iterator[tuple[str, str]]:
        """The parts of an aggregate that depends on the order of the records, each with its SQL."""
        value = to_sql(aggregate.arguments[0], self._place)
        here = f"{used} = 1 AND {value} IS NOT NULL"
        if aggregate.function == "distinct":
            condition = "".join(f" AND {to_sql(one, self._place)}" for one in aggregate.arguments[1:])
            yield "", f"count(DISTINCT CASE WHEN {here}{condition} THEN {value} END)"
            return
        down = aggregate.function == "largest"
        rank = self._ranks.setdefault((used, aggregate.arguments[0], "DESC" if down else "ASC"), f"k{len(self._ranks)}")
        match aggregate.function:
            case "largest":
                assert isinstance(aggregate.arguments[1], Number)
                number = int(aggregate.arguments[1].value)
                yield "", f"sum(CASE WHEN {here} AND {rank} <= {number} THEN {value} END)"
            case "gini":
                yield " n", f"sum(CASE WHEN {here} THEN 1 ELSE 0 END)"
                yield " sum", f"sum(CASE WHEN {here} THEN {value} END)"
                yield " ranked", f"sum(CASE WHEN {here} THEN {rank} * {value} END)"
            case "median" | "quantile":
                share = aggregate.arguments[1].value if len(aggregate.arguments) > 1 else 0.5  # type: ignore[union-attr]
                self._counted.add(rank)
                # Between two records in proportion: each weighs by how near its rank is to the place sought.
                away = f"abs({rank} - (1 + {share!r} * (n{rank} - 1)))"
                yield "", f"sum(CASE WHEN {here} AND {away} < 1.0 THEN {value} * (1.0 - {away}) END)"

    def _source(self, by: Sequence[str]) -> str:
        """The records, ranked within the groups of some dimensions where something depends on their order."""
        parts = []
        for (used, tree, direction), name in self._ranks.items():
            value = to_sql(tree, self._place)
            within = ", ".join([*by, f"CASE WHEN {used} = 1 AND {value} IS NOT NULL THEN 1 ELSE 0 END"])
            parts.append(f"row_number() OVER (PARTITION BY {within} ORDER BY {value} {direction}, record) AS {name}")
            if name in self._counted:
                parts.append(f"count(*) OVER (PARTITION BY {within}) AS n{name}")
        return f"(SELECT *, {', '.join(parts)} FROM flat) ranked" if parts else "flat"

    # Records

    def _flat(self, *more: str, once: bool = False) -> str:
        """One row a record: its groups, the items, and every condition decided once; `once` where it is read once."""
        place = self._relation.place
        parts = [f"r.id * 100000 + {self._relation.line()} AS record", *more]
        for at, dimension in enumerate(self._dimensions):
            parts.append(f"{place_of(self._scheme, dimension, self._base, place)} AS d{at}")
        parts += [f"{place(column)} AS {quote(column.key)}" for column in self._columns]
        for condition, name in self._flags.items():
            holds = to_sql(condition, place) if condition else "1 = 1"
            parts.append(f"CASE WHEN {holds} THEN 1 ELSE 0 END AS {name}")
        universe = self._catalogue.universe if self._counts else None
        counts = f" AND {to_sql(universe, place)}" if universe else ""
        source = self._relation.source(self._engine.unindexed, answered=self._engine.answered)
        # Written down, so that it is not worked out again for every grouping.
        kept = "AS" if once else self._engine.materialized
        return f"WITH flat {kept} (SELECT {', '.join(parts)} {source}{counts})"

    # What is behind a figure

    def contributions(self, indicator: Indicator, key: str) -> Iterator[tuple[str, Group, float]]:
        """What each record brings to a sum: the unit's code, the group, the value; of a count 1."""
        used, aggregate = self._flag(indicator, needs=True), indicator.aggregates[key]
        value, *conditions = [to_sql(one, self._place) for one in aggregate.arguments] or ["1.0"]
        if aggregate.function == "count":
            value, conditions = "1.0", [value]
        where = " AND ".join([f"{used} = 1", *conditions, f"{value} IS NOT NULL"])
        names = ", ".join(["uscc", *self._names, value])
        sql = f"{self._flat('u.uscc AS uscc')}\nSELECT {names} FROM flat WHERE {where}"
        for uscc, *group, found in self._engine.rows(sql):
            yield uscc, tuple(None if code is None else str(code) for code in group), float(found)

    def behind(
        self, indicator: Indicator, codes: Sequence[str | None], most: int | None
    ) -> Iterator[tuple[int, str, str, str, int, Mapping[str, Any]]]:
        """The records that an indicator uses, those a count counts, the largest first value first.

        Of each how many there are in all, the unit's code, name and district, the line (0: none), the values by key.
        """
        used = self._flag(indicator, needs=True)
        conditions = [f"{used} = 1"]
        own = [one for one in indicator.aggregates.values() if one.base == self._base]
        counted = [one for one in own if one.function == "count"]
        conditions += [to_sql(one.arguments[0], self._place) for one in counted[:1]]
        conditions += [f"d{at} = {literal(code)}" for at, code in enumerate(codes) if code is not None]
        read = dict.fromkeys(column for one in own for column in one.columns if column.kind == "number")
        shown = [column for column in read if column.name != YEAR]
        names = ["uscc", "unit_name", "unit_district", "line", *(self._place(column) for column in shown)]
        order = f"{self._place(shown[0])} DESC, uscc, line" if shown else "uscc, line"
        flat = self._flat(
            "u.uscc AS uscc", "u.name AS unit_name", "u.district AS unit_district", f"{self._relation.line()} AS line"
        )
        limit = "" if most is None else f" LIMIT {most}"
        sql = f"{flat}\nSELECT count(*) OVER (), {', '.join(names)} FROM flat WHERE {' AND '.join(conditions)}"
        for count, uscc, name, district, line, *values in self._engine.rows(f"{sql} ORDER BY {order}{limit}"):
            yield (
                count,
                uscc,
                name,
                district,
                line,
                {column.key: value for column, value in zip(shown, values, strict=True)},
            )


def _given(column: Column) -> Node:
    """The condition that an item is filled, or that a list form has a line."""
    if column.lines:
        return Comparison(">", column, Number(0.0))
    return Call("filled", (column,))
