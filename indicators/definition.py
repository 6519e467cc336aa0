"""Indicators, dimensions and targets, as a scheme's files define them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from survey.binding import FUNCTIONS, Signature, bind
from survey.errors import Problem, SchemeError
from survey.expression import Call, Column, ExpressionError, Node, Reference, Span, columns, walk
from survey.form import Form
from survey.grammar import parse
from survey.scheme import ItemNames, Scheme
from survey.textfiles import line_of, nearest

# Aggregates over the units that an indicator uses; everything else is the language of the checks.
AGGREGATES: Mapping[str, Signature] = {
    "total": Signature("number", "number", 1, 2, "truth"),
    "count": Signature("truth", "number"),
    "units": Signature(None, "number", 0, 0),
    "largest": Signature("number", "number", 2, 2),
}
FORMULA_FUNCTIONS: Mapping[str, Signature] = {
    **FUNCTIONS,
    **AGGREGATES,
    "cagr": Signature("number", "number", 3, 3),
    "path": Signature("number", "number", 4, 4),
}
YEAR = "year"
OPERATORS = (">", ">=")
_FILE = "indicators.toml"


@dataclass(frozen=True)
class Dimension:
    """A breakdown: an item with a code list, or cases decided by conditions, first match wins."""

    id: str
    label: str
    label_en: str
    list: str
    item: Column | None = None
    cases: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True)
class Indicator:
    """A figure over the units of the universe; `scope` says who is due, `needs` what must be filled.

    `formula` gives the value in `unit`; `spread` names the dimension it is always listed by;
    `whole_only` marks one that means nothing for a group.
    """

    id: str
    clause: str
    label: str
    label_en: str
    unit: str
    unit_en: str
    digits: int
    text: str
    formula: Node
    scope: Node | None = None
    needs: tuple[Column, ...] = ()
    spread: str = ""
    whole_only: bool = False
    definition: str = ""
    definition_en: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The items the indicator reads."""
        trees: list[Node] = [*aggregates(self.formula)]
        trees += [self.scope] if self.scope else []
        read = [column for tree in trees for column in columns(tree) if column.name != YEAR]
        return tuple(dict.fromkeys([*read, *self.needs]))

    @property
    def others(self) -> tuple[Column, ...]:
        """The other indicators the formula refers to."""
        inside = {column for aggregate in aggregates(self.formula) for column in columns(aggregate)}
        return tuple(column for column in columns(self.formula) if column not in inside and column.name != YEAR)


@dataclass(frozen=True)
class Target:
    """What the plan asks for; one without a value is qualitative. `base` is the value of `base_year`."""

    indicator: str
    wording: str
    year: str
    operator: str = ""
    value: float | None = None
    unit: str = ""
    unit_en: str = ""
    source: str = ""
    base: float | None = None
    base_year: str = ""
    label: str = ""
    label_en: str = ""


@dataclass(frozen=True)
class Catalogue:
    """The indicators of a scheme, with the units that count at all (`universe`)."""

    universe: Node | None
    indicators: Mapping[str, Indicator]
    dimensions: Mapping[str, Dimension]
    targets: tuple[Target, ...] = field(default=())


def aggregates(tree: Node) -> list[Call]:
    """The aggregates of a formula, each once."""
    found = [node for node in walk(tree) if isinstance(node, Call) and node.function in AGGREGATES]
    return list(dict.fromkeys(found))


def load(scheme: Scheme) -> Catalogue:
    """The catalogue in a scheme's files; raises SchemeError with all problems at once."""
    reader = _Reader(scheme)
    catalogue = reader.catalogue()
    if reader.problems:
        raise SchemeError(reader.problems)
    return catalogue


@dataclass(frozen=True)
class _FormulaNames(ItemNames):
    """Items, other indicators, and the year."""

    indicators: Sequence[str] = ()

    def find(self, reference: Reference) -> Column:
        if reference.text in self.indicators and reference.at in ("", "prev", "all"):
            return Column(reference.text, reference.at, "number")
        if reference.text == YEAR and not reference.at:
            return Column(YEAR, "", "number")
        try:
            return super().find(reference)
        except KeyError as error:
            raise KeyError(nearest(reference.text, self.indicators) or error.args[0]) from None

    def span(self, span: Span) -> Sequence[Column]:
        return super().span(span)


class _Reader:
    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._forms: tuple[Form, ...] = scheme.forms
        self._names = ItemNames(scheme.forms)
        self.problems: list[Problem] = []

    def catalogue(self) -> Catalogue:
        top = self._toml(_FILE)
        self._known(_FILE, 0, top, ("universe", "dimensions", "indicator"))
        tables = top.get("indicator", [])
        self._ids = [str(table.get("id", "")) for table in tables]
        indicators: dict[str, Indicator] = {}
        for table in tables:
            indicator = self._indicator(table)
            if indicator:
                if indicator.id in indicators:
                    self._add(_FILE, f'"{indicator.id}"', "twice", found=indicator.id)
                indicators[indicator.id] = indicator
        self._no_circles(indicators)
        dimensions = {
            str(key): dimension
            for key, table in top.get("dimensions", {}).items()
            if (dimension := self._dimension(str(key), table))
        }
        return Catalogue(
            self._condition(_FILE, "operating", top.get("universe", {}).get("operating", "")),
            indicators,
            dimensions,
            tuple(self._targets()),
        )

    def _add(self, file: str, needle: str, code: str, **facts: object) -> None:
        self.problems.append(Problem(file, line_of(self._scheme.files.get(file, ""), needle), code, facts))

    def _toml(self, file: str) -> dict[str, Any]:
        try:
            return tomllib.loads(self._scheme.files[file])
        except KeyError:
            self._add(file, "", "no_file")
        except tomllib.TOMLDecodeError as error:
            self._add(file, "", "toml", detail=str(error))
        return {}

    def _known(self, file: str, line: int, table: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                where = line or line_of(self._scheme.files[file], f"{key} =")
                self.problems.append(
                    Problem(file, where, "unknown_key", {"found": key, "nearest": nearest(key, list(known))})
                )

    def _condition(self, file: str, needle: str, text: str) -> Node | None:
        if not text:
            return None
        return self._bound(file, needle, text, self._names)

    def _bound(self, file: str, needle: str, text: str, names: ItemNames, *, number: bool = False) -> Node | None:
        try:
            functions = FORMULA_FUNCTIONS if number else FUNCTIONS
            return bind(parse(text), names, text, functions, "number" if number else "truth")
        except ExpressionError as error:
            self._add(file, needle, error.code, **error.facts)
            return None

    def _indicator(self, table: Mapping[str, Any]) -> Indicator | None:
        needle = f'"{table.get("id", "")}"'
        line = line_of(self._scheme.files[_FILE], "id", needle)
        plain = [part.name for part in fields(Indicator) if part.name not in ("formula", "text", "scope", "needs")]
        self._known(_FILE, line, table, [*plain, "formula", "scope", "needs"])
        missing = [key for key in ("id", "label", "label_en", "unit", "unit_en", "formula") if not table.get(key)]
        for key in missing:
            self._add(_FILE, needle, "missing_key", key=key)
        if missing:
            return None
        text = str(table["formula"])
        formula = self._bound(_FILE, needle, text, _FormulaNames(self._forms, None, self._ids), number=True)
        scope = self._condition(_FILE, needle, str(table.get("scope", "")))
        needs = [column for name in table.get("needs", ()) if (column := self._item(needle, str(name)))]
        values = {key: table[key] for key in plain if key in table} | {"digits": int(table.get("digits", 0))}
        values.setdefault("clause", "")
        return Indicator(**values, text=text, formula=formula, scope=scope, needs=tuple(needs)) if formula else None

    def _item(self, needle: str, text: str) -> Column | None:
        try:
            tree = parse(text)
            return self._names.find(tree) if isinstance(tree, Reference) else None
        except (KeyError, ExpressionError) as error:
            self._add(_FILE, needle, "unknown_key", found=text, nearest=str(error.args[0]))
            return None

    def _no_circles(self, indicators: Mapping[str, Indicator]) -> None:
        def leads_back(start: str, here: str, path: tuple[str, ...]) -> bool:
            onward = [one.name for one in indicators[here].others if one.name in indicators and one.at != "prev"]
            return start in onward or any(leads_back(start, name, (*path, name)) for name in onward if name not in path)

        for indicator_id in indicators:
            if leads_back(indicator_id, indicator_id, (indicator_id,)):
                self._add(_FILE, f'"{indicator_id}"', "circle", found=indicator_id)

    def _dimension(self, key: str, table: Mapping[str, Any]) -> Dimension | None:
        self._known(
            _FILE, line_of(self._scheme.files[_FILE], key), table, ("label", "label_en", "item", "list", "cases")
        )
        item = self._item(key, str(table["item"])) if "item" in table else None
        list_id = str(table.get("list", "")) or (self._scheme.item(item.name).list if item else "")
        if list_id not in self._scheme.lists:
            self._add(_FILE, key, "unknown_list", found=list_id, nearest=nearest(list_id, list(self._scheme.lists)))
        cases = []
        for case in table.get("cases", ()):
            tree = self._condition(_FILE, str(case.get("when", "")), str(case.get("when", "")))
            if tree:
                cases.append((str(case.get("code", "")), tree))
        return Dimension(
            key, str(table.get("label", key)), str(table.get("label_en", key)), list_id, item, tuple(cases)
        )

    def _targets(self) -> list[Target]:
        targets = []
        names = [part.name for part in fields(Target)]
        for table in self._toml("targets.toml").get("target", ()):
            indicator_id = str(table.get("indicator", ""))
            line = line_of(self._scheme.files["targets.toml"], f'"{indicator_id}"')
            self._known("targets.toml", line, table, names)
            if indicator_id not in self._ids and not table.get("label"):
                found = nearest(indicator_id, self._ids)
                self._add("targets.toml", f'"{indicator_id}"', "unknown_indicator", found=indicator_id, nearest=found)
            if table.get("value") is not None and table.get("operator") not in OPERATORS:
                wanted = ", ".join(OPERATORS)
                self._add("targets.toml", f'"{indicator_id}"', "not_one_of", found=table.get("operator"), wanted=wanted)
            values = {key: table[key] for key in names if key in table}
            for key in ("year", "base_year"):
                if key in values:
                    values[key] = str(values[key])
            targets.append(Target(**{"wording": "", "year": "", **values}))
        return targets
