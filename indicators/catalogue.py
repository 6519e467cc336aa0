"""What a scheme computes: indicators, dimensions and targets, as they are defined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from survey.binding import FUNCTIONS, Signature
from survey.expression import Column, Node, columns
from survey.form import Respondent
from survey.scheme import Scheme
from survey.texts import Texts

# Aggregates over the records of a base; everything else is the language of the checks.
AGGREGATES: Mapping[str, Signature] = {
    "total": Signature("number", "number", 1, 2, "truth"),
    "mean": Signature("number", "number", 1, 2, "truth"),
    "count": Signature("truth", "number"),
    "units": Signature(None, "number", 0, 0),
    "distinct": Signature(None, "number", 1, 2),
    "largest": Signature("number", "number", 2, 2),
    "median": Signature("number", "number"),
    "quantile": Signature("number", "number", 2, 2),
    "gini": Signature("number", "number"),
}
# These can be added up from the groups of a finer breakdown; the others need the records themselves.
ADDITIVE = frozenset({"total", "mean", "count", "units"})
# What the figures of another indicator, by the groups of a dimension, come to.
MEASURES = frozenset({"shannon", "gini_of", "hhi_of", "groups_of", "mean_of", "krugman", "ellison_glaeser"})
FORMULA_FUNCTIONS: Mapping[str, Signature] = {
    **FUNCTIONS,
    "cagr": Signature("number", "number", 3, 3),
    "path": Signature("number", "number", 4, 4),
}
YEAR = "year"
OPERATORS = (">", ">=")
UNIT: Respondent = "unit"
# Dimensions that are taken together, and the codes of their groups, are joined by it.
TOGETHER = "*"


@dataclass(frozen=True)
class Dimension:
    """A breakdown by the codes of a list: an item of each base, or cases decided by conditions, first match wins.

    `items` are the items that say a record's group, by base: a kind of respondent or the id of a list form. `cases`
    are decided on the records of `base`.
    """

    id: str
    label: str
    label_en: str
    list: str
    items: Mapping[str, Column] = field(default_factory=dict)
    base: str = UNIT
    cases: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True)
class Aggregate:
    """A sum, count or the like over the records of a base: a kind of respondent, or the lines of a list form."""

    function: str
    arguments: tuple[Node, ...]
    base: str

    @property
    def columns(self) -> tuple[Column, ...]:
        """The items it reads."""
        return tuple(dict.fromkeys(column for node in self.arguments for column in columns(node)))


@dataclass(frozen=True)
class Measure:
    """What another indicator's figures by the groups of a dimension come to, with further figures it needs."""

    function: str
    indicator: str
    dimension: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """A figure over the units of the universe; `scope` says who is due, `needs` what must be filled.

    `formula` gives the value in `unit` out of `aggregates` and `measures`, which stand in it as columns of that key,
    and other indicators. `spread` names the dimensions it is always listed by, two joined by `*`; `whole_only` marks
    one that means nothing for a group, nor for a district by itself.
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
    aggregates: Mapping[str, Aggregate] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    scope: Node | None = None
    needs: tuple[Column, ...] = ()
    spread: str = ""
    whole_only: bool = False
    definition: str = ""
    definition_en: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The items the indicator reads."""
        read = [column for one in self.aggregates.values() for column in one.columns]
        read += columns(self.scope) if self.scope else ()
        return tuple(dict.fromkeys(column for column in [*read, *self.needs] if column.name != YEAR))

    @cached_property
    def others(self) -> tuple[Column, ...]:
        """The other indicators the formula refers to."""
        own = {*self.aggregates, *self.measures, YEAR}
        return tuple(column for column in columns(self.formula) if column.key not in own)

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Whose records the aggregates are over, each once."""
        return tuple(dict.fromkeys(one.base for one in self.aggregates.values()))

    @property
    def spreads(self) -> tuple[str, ...]:
        """The dimensions it is always listed by."""
        return tuple(self.spread.split(TOGETHER)) if self.spread else ()


@dataclass(frozen=True)
class Target:
    """What the plan asks for; one without a value is qualitative. `base` is the value of `base_year`.

    `note` is printed as a footnote: what makes target and figure less than plainly comparable.
    """

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
    note: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Catalogue:
    """The indicators of a scheme, the units that count at all (`universe`), and what they cover in words (`scope`)."""

    universe: Node | None
    indicators: Mapping[str, Indicator]
    dimensions: Mapping[str, Dimension]
    targets: tuple[Target, ...] = field(default=())
    scope: str = ""
    scope_en: str = ""

    def target_of(self, indicator_id: str) -> Target | None:
        """The plan's target for an indicator, where it has one."""
        return next((target for target in self.targets if target.indicator == indicator_id), None)

    def summed(self, indicator_id: str) -> Indicator:
        """The indicator that has records behind it: a figure made of other figures has those of the first of them."""
        indicator = self.indicators[indicator_id]
        while not indicator.aggregates:
            measured = [one.indicator for one in indicator.measures.values()]
            indicator = self.indicators[[*measured, *(one.name for one in indicator.others)][0]]
        return indicator

    def group_label(self, scheme: Scheme, dimensions: str, codes: str, texts: Texts) -> str:
        """What a group is called; codes of two dimensions stand side by side, as `dimensions` does."""
        return self._group(scheme, dimensions, codes, texts.lang)

    def figure_label(self, scheme: Scheme, key: tuple[str, str, str], lang: str) -> str:
        """What a figure is called: label and group; of one that the catalogue does not have the id."""
        name, dimensions, by = key
        indicator = self.indicators.get(name.partition("@")[0])
        label = name if indicator is None else indicator.label_en if lang == "en" else indicator.label
        known = by and all(one in self.dimensions for one in dimensions.split(TOGETHER))
        return label + (f" [{self._group(scheme, dimensions, by, lang)}]" if known else "")

    def _group(self, scheme: Scheme, dimensions: str, codes: str, lang: str) -> str:
        lists = [scheme.lists[self.dimensions[name].list] for name in dimensions.split(TOGETHER)]
        named = zip(lists, codes.split(TOGETHER), strict=True)
        return " × ".join(one.label(code, lang) for one, code in named)

    def read(self) -> Sequence[Column]:
        """The items that indicators, dimensions and the universe read, each once."""
        found = [column for one in self.indicators.values() for column in one.columns]
        for dimension in self.dimensions.values():
            found += dimension.items.values()
            found += [column for _, tree in dimension.cases for column in columns(tree)]
        found += columns(self.universe) if self.universe else ()
        return tuple(dict.fromkeys(column for column in found if column.name != YEAR))

    def tables(self, scheme: Scheme) -> Mapping[str, Sequence[str]]:
        """The columns of every form's table that are read."""
        found: dict[str, dict[str, None]] = {
            form.table: dict.fromkeys(["response", *(["line"] if form.is_list else [])]) for form in scheme.forms
        }
        for column in self.read():
            for cell in [column] if column.is_cell else column.inner:
                if cell.at != "reg":
                    found[scheme.form_of(cell.name).table][cell.name] = None
        return {table: list(names) for table, names in found.items()}
