"""Indicators, dimensions and targets read from a scheme's files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from indicators.catalogue import (
    AGGREGATES,
    FORMULA_FUNCTIONS,
    MEASURES,
    OPERATORS,
    UNIT,
    YEAR,
    Aggregate,
    Catalogue,
    Dimension,
    Indicator,
    Measure,
    Target,
)
from survey.binding import FUNCTIONS, LINE_FUNCTIONS, bind
from survey.errors import Problem, SchemeError
from survey.expression import (
    Call,
    Column,
    ExpressionError,
    LineSum,
    Node,
    Number,
    Reference,
    Span,
    Text,
    children,
    rebuild,
    write,
)
from survey.form import RESPONDENTS, Form
from survey.grammar import parse
from survey.scheme import ItemNames, Scheme
from survey.textfiles import line_of, nearest

_FILE = "indicators.toml"
_TARGETS = "targets.toml"
# Where a figure is taken from: the period before, the whole; or, of two dimensions, a group of one of them.
_ATS = ("", "prev", "all")


def load(scheme: Scheme) -> Catalogue:
    """The catalogue in a scheme's files, of the same scheme read once; raises SchemeError with all problems at once."""
    if "catalogue" not in scheme.kept:
        reader = _Reader(scheme)
        catalogue = reader.catalogue()
        if reader.problems:
            raise SchemeError(reader.problems)
        scheme.kept["catalogue"] = catalogue
    found: Catalogue = scheme.kept["catalogue"]
    return found


@dataclass(frozen=True)
class _Items(ItemNames):
    """The items of the forms, on the lines of a list form where `scope` is one, and the year."""

    def find(self, reference: Reference) -> Column:
        if reference.text == YEAR and not reference.at:
            return Column(YEAR, "", "number")
        return super().find(reference)


class _Names:
    """What names mean on all forms, or on one of them; each is looked through once."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.forms = {form.id: form for form in forms}
        self._all = tuple(forms)
        self._known: dict[str, _Items] = {}

    def on(self, form_id: str = "") -> _Items:
        """The items as they are named on a form, or on none."""
        if form_id not in self._known:
            self._known[form_id] = _Items(self._all, self.forms.get(form_id))
        return self._known[form_id]


@dataclass(frozen=True)
class _Figures:
    """Other indicators, and the year."""

    indicators: Sequence[str]
    ats: Sequence[str]

    line_form = ""

    def find(self, reference: Reference) -> Column:
        if reference.text in self.indicators and reference.at in self.ats:
            return Column(reference.text, reference.at, "number")
        if reference.text == YEAR and not reference.at:
            return Column(YEAR, "", "number")
        raise KeyError(nearest(reference.text, self.indicators))

    def span(self, span: Span) -> Sequence[Column]:
        raise KeyError(nearest(span.first.text, self.indicators))

    def list_form(self, _column: Column) -> str:
        return ""


class _Formula:
    """A formula being read: its aggregates and measures stand in the tree as columns."""

    def __init__(self, text: str, names: _Names, figures: _Figures, dimensions: Sequence[str]) -> None:
        self._text = text
        self._names = names
        self._figures = figures
        self._dimensions = dimensions
        self.aggregates: dict[str, Aggregate] = {}
        self.measures: dict[str, Measure] = {}
        self.tree = bind(self._resolved(parse(text)), figures, text, FORMULA_FUNCTIONS, "number")

    def _resolved(self, node: Node) -> Node:
        if isinstance(node, Call) and node.function in AGGREGATES:
            return self._aggregate(node)
        if isinstance(node, Call) and node.function in MEASURES:
            return self._measure(node)
        return rebuild(node, self._resolved)

    def _aggregate(self, call: Call) -> Column:
        base = self._base(call)
        # Bound under another name: inside, `total` is what the lines of one unit come to.
        outer = call.function.upper()
        names, known = self._names.on(base), {**FUNCTIONS, outer: AGGREGATES[call.function]}
        bound = bind(Call(outer, call.arguments), names, self._text, known)
        assert isinstance(bound, Call)
        if call.function in ("largest", "quantile") and not isinstance(bound.arguments[1], Number):
            raise ExpressionError("kind", self._text, 1, found=call.function, wanted="number")
        key = f"{write(bound)} {base}".lower()
        self.aggregates[key] = Aggregate(call.function, bound.arguments, base)
        return Column(key, "", "number")

    def _base(self, call: Call) -> str:
        """Whose records an aggregate is over: the lines of the list form whose items stand in it, else respondents."""
        lists: dict[str, None] = {}
        respondents: dict[str, None] = {}
        items, forms = self._names.on(), self._names.forms
        for reference in _own_references(call):
            try:
                column = items.find(reference)
            except KeyError as error:
                raise ExpressionError(
                    "unknown_item", self._text, reference.column, found=reference.text, nearest=error.args[0]
                ) from None
            if column.name == YEAR:
                continue
            if form := items.list_form(column):
                lists[form] = None
                respondents[forms[form].respondent] = None
            elif column.at != "reg":
                owner = next(one for one in forms.values() if any(item.name == column.name for item in one.items))
                respondents[owner.respondent] = None
        if len(lists) > 1 or len(respondents) > 1:
            column_at = max(self._text.find(call.function), 0) + 1
            raise ExpressionError("one_list", self._text, column_at, found=call.function)
        return next(iter(lists), next(iter(respondents), UNIT))

    def _measure(self, call: Call) -> Column:
        """`shannon([X], 'segment')`: the figures of X by segment; further figures stand behind."""
        first, *rest = call.arguments
        dimension = rest[0].value if rest and isinstance(rest[0], Text) else ""
        named = [one for one in (first, *rest[1:]) if isinstance(one, Reference) and not one.at]
        if len(named) != len(call.arguments) - 1 or dimension not in self._dimensions:
            found = nearest(dimension, list(self._dimensions))
            raise ExpressionError("unknown_item", self._text, 1, found=dimension or call.function, nearest=found)
        for reference in named:
            try:
                self._figures.find(reference)
            except KeyError as error:
                raise ExpressionError(
                    "unknown_item", self._text, reference.column, found=reference.text, nearest=error.args[0]
                ) from None
        key = f"{call.function}({', '.join(one.text for one in named)}, {dimension})"
        self.measures[key] = Measure(call.function, named[0].text, dimension, tuple(one.text for one in named[1:]))
        return Column(key, "", "number")


def _own_references(node: Node) -> Iterator[Reference]:
    """The references of an aggregate, but for those inside what lines come to."""
    for below in children(node):
        if isinstance(below, Reference):
            yield below
        elif isinstance(below, Span):
            yield from (below.first, below.last)
        elif not (isinstance(below, Call) and below.function in LINE_FUNCTIONS):
            yield from _own_references(below)


class _Reader:
    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._names = _Names(scheme.forms)
        self.problems: list[Problem] = []

    def catalogue(self) -> Catalogue:
        top = self._toml(_FILE)
        self._known(_FILE, (), top, ("universe", "dimensions", "indicator"))
        dimensions = {
            str(key): dimension
            for key, table in top.get("dimensions", {}).items()
            if (dimension := self._dimension(str(key), table))
        }
        tables = top.get("indicator", [])
        self._ids = [str(table.get("id", "")) for table in tables]
        self._figures = _Figures(self._ids, (*_ATS, *dimensions))
        indicators: dict[str, Indicator] = {}
        for table in tables:
            indicator = self._indicator(table, dimensions)
            if indicator:
                if indicator.id in indicators:
                    self._add(_FILE, f'"{indicator.id}"', "twice", found=indicator.id)
                indicators[indicator.id] = indicator
        self._no_circles(indicators)
        universe = self._condition(_FILE, "operating", top.get("universe", {}).get("operating", ""))
        plan = self._toml(_TARGETS)
        self._known(_TARGETS, (), plan, ("scope", "scope_en", "target"))
        targets = tuple(self._targets(plan.get("target", ())))
        scope, scope_en = (str(plan.get(key, "")) for key in ("scope", "scope_en"))
        return Catalogue(universe, indicators, dimensions, targets, scope, scope_en)

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

    def _known(self, file: str, needles: Sequence[str], table: Mapping[str, Any], known: Sequence[str]) -> None:
        """Tells of unknown keys, at the line that holds the needles or the key itself."""
        for key in table:
            if key not in known:
                text = self._scheme.files[file]
                where = (line_of(text, *needles) if needles else 0) or line_of(text, f"{key} =")
                self.problems.append(
                    Problem(file, where, "unknown_key", {"found": key, "nearest": nearest(key, list(known))})
                )

    def _condition(self, file: str, needle: str, text: str, form_id: str = "") -> Node | None:
        if not text:
            return None
        try:
            return bind(parse(text), self._names.on(form_id), text, FUNCTIONS, "truth")
        except ExpressionError as error:
            self._add(file, needle, error.code, **error.facts)
            return None

    # Indicators

    def _indicator(self, table: Mapping[str, Any], dimensions: Mapping[str, Dimension]) -> Indicator | None:
        needle = f'"{table.get("id", "")}"'
        made = ("formula", "text", "scope", "needs", "aggregates", "measures")
        plain = [part.name for part in fields(Indicator) if part.name not in made]
        self._known(_FILE, ("id", needle), table, [*plain, "formula", "scope", "needs"])
        missing = [key for key in ("id", "label", "label_en", "unit", "unit_en", "formula") if not table.get(key)]
        for key in missing:
            self._add(_FILE, needle, "missing_key", key=key)
        for name in str(table.get("spread", "")).split("*") if table.get("spread") else ():
            if name not in dimensions:
                self._add(_FILE, needle, "not_one_of", found=name, wanted=", ".join(dimensions))
        if missing:
            return None
        text = str(table["formula"])
        try:
            formula = _Formula(text, self._names, self._figures, list(dimensions))
        except ExpressionError as error:
            self._add(_FILE, needle, error.code, **error.facts)
            return None
        scope = self._condition(_FILE, needle, str(table.get("scope", "")))
        needs = [column for name in table.get("needs", ()) if (column := self._need(needle, str(name)))]
        values = {key: table[key] for key in plain if key in table} | {"digits": int(table.get("digits", 0))}
        values.setdefault("clause", "")
        return Indicator(
            **values, text=text, formula=formula.tree, aggregates=formula.aggregates, measures=formula.measures,
            scope=scope, needs=tuple(needs),
        )  # fmt: skip

    def _need(self, needle: str, text: str) -> Column | None:
        """An item that must be filled, or a list form of which there must be a line."""
        form = next((one for one in self._scheme.forms if one.id == text and one.is_list), None)
        if form:
            return Column(form.items[0].name, "", "number", LineSum("lines", form.id, None, None))
        return self._item(needle, text)

    def _item(self, needle: str, text: str) -> Column | None:
        try:
            tree = parse(text)
            return self._names.on().find(tree) if isinstance(tree, Reference) else None
        except (KeyError, ExpressionError) as error:
            self._add(_FILE, needle, "unknown_key", found=text, nearest=str(error.args[0]))
            return None

    def _no_circles(self, indicators: Mapping[str, Indicator]) -> None:
        def onward(here: str) -> list[str]:
            one = indicators[here]
            measured = [name for measure in one.measures.values() for name in (measure.indicator, *measure.more)]
            named = [*measured, *(other.name for other in one.others if other.at != "prev")]
            return [name for name in named if name in indicators]

        def leads_back(start: str, here: str, path: tuple[str, ...]) -> bool:
            following = onward(here)
            return start in following or any(
                leads_back(start, name, (*path, name)) for name in following if name not in path
            )

        for indicator_id in indicators:
            if leads_back(indicator_id, indicator_id, (indicator_id,)):
                self._add(_FILE, f'"{indicator_id}"', "circle", found=indicator_id)

    # Dimensions

    def _dimension(self, key: str, table: Mapping[str, Any]) -> Dimension | None:
        self._known(_FILE, (key,), table, ("label", "label_en", "item", "items", "list", "cases", "base"))
        named = [*([table["item"]] if "item" in table else []), *table.get("items", ())]
        items = [column for name in named if (column := self._item(key, str(name)))]
        list_id = str(table.get("list", "")) or (self._scheme.item(items[0].name).list if items else "")
        if list_id not in self._scheme.lists:
            self._add(_FILE, key, "unknown_list", found=list_id, nearest=nearest(list_id, list(self._scheme.lists)))
        base = str(table.get("base", UNIT))
        if base not in RESPONDENTS and base not in self._names.forms:
            self._add(_FILE, key, "not_one_of", found=base, wanted=", ".join(RESPONDENTS))
        cases = []
        for case in table.get("cases", ()):
            tree = self._condition(_FILE, str(case.get("when", "")), str(case.get("when", "")), base)
            if tree:
                cases.append((str(case.get("code", "")), tree))
        return Dimension(
            key, str(table.get("label", key)), str(table.get("label_en", key)), list_id,
            {self._base_of(column): column for column in items}, base, tuple(cases),
        )  # fmt: skip

    def _base_of(self, column: Column) -> str:
        return self._names.on().list_form(column) or self._scheme.form_of(column.name).respondent

    # Targets

    def _targets(self, tables: Sequence[Mapping[str, Any]]) -> list[Target]:
        targets = []
        names = [part.name for part in fields(Target)]
        for table in tables:
            indicator_id = str(table.get("indicator", ""))
            self._known(_TARGETS, (f'"{indicator_id}"',), table, names)
            if indicator_id not in self._ids and not table.get("label"):
                found = nearest(indicator_id, self._ids)
                self._add(_TARGETS, f'"{indicator_id}"', "unknown_indicator", found=indicator_id, nearest=found)
            if table.get("value") is not None and table.get("operator") not in OPERATORS:
                wanted = ", ".join(OPERATORS)
                self._add(_TARGETS, f'"{indicator_id}"', "not_one_of", found=table.get("operator"), wanted=wanted)
            values = {key: table[key] for key in names if key in table}
            for key in ("year", "base_year"):
                if key in values:
                    values[key] = str(values[key])
            targets.append(Target(**{"wording": "", "year": "", **values}))
        return targets
