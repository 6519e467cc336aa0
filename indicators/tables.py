"""The summary's tables: computed figures laid out as data, for the workbook and the printed page alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from indicators import goalwords, localtable
from indicators.catalogue import Catalogue
from indicators.computation import Computation, IndicatorValue
from indicators.crosstable import CrossTable
from indicators.edition import Edition, digest_of
from indicators.frozen import Frozen
from indicators.goal import stated
from indicators.printed import decided
from indicators.source import Source
from indicators.table import WITHHELD, Align, Cell, Figure, Origin, Row, Summary, Table, TableColumn
from indicators.tabledefinition import Definition, definitions
from survey.store import Store
from survey.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Figure",
    "Row",
    "Summary",
    "Table",
    "definitions",
    "frame",
    "of_edition",
    "one_table",
    "summary",
]


def summary(computation: Computation, period: str, texts: Texts) -> Summary:
    """Computes and lays out the tables that the scheme asks for, then the desk's own.

    Raises SchemeError where the scheme's cannot be read; an own one that cannot be is left out.
    """
    store, catalogue = computation.store, computation.catalogue
    scheme = store.scheme
    origin = Origin(scheme.id, scheme.version, version("census-desk"), digest_of(store, catalogue, period=period),
                    scheme.digest)  # fmt: skip
    builder = _Builder(computation, period, texts, decided(store, period))
    return _summary(builder, origin, texts("page.edition"))


def of_edition(store: Store, catalogue: Catalogue, edition: Edition, texts: Texts) -> Summary:
    """The same tables with the figures of an edition, none computed; raises SchemeError as `summary` does."""
    scheme = store.scheme
    kept = scheme.digest == edition.scheme
    origin = Origin(scheme.id, scheme.version if kept else "—", edition.program, edition.data, edition.scheme)
    mark = texts(f"page.of.{edition.kind}", number=edition.id, day=edition.at[:10])
    return _summary(_Builder(Frozen(store, catalogue, edition), edition.period, texts, edition.control), origin, mark)


def _summary(builder: _Builder, origin: Origin, edition: str) -> Summary:
    texts, store, catalogue = builder.texts, builder.source.store, builder.source.catalogue
    scheme = store.scheme
    place = scheme.districts.label(store.district, texts.lang) if store.district else texts("table.city")
    wanted = [*definitions(scheme, catalogue), *localtable.readable(store, catalogue)]
    return Summary(
        texts.pick(scheme.title, scheme.title_en), builder.period, place, tuple(builder.table(one) for one in wanted),
        scheme.legal.facts(texts), texts.pick(scheme.legal.maker, scheme.legal.maker_en), origin, edition,
    )  # fmt: skip


def one_table(computation: Computation, period: str, texts: Texts, wanted: Definition) -> Table:
    """A single table as it would stand in the summary."""
    return _Builder(computation, period, texts, decided(computation.store, period)).table(wanted)


def frame(values: Sequence[IndicatorValue]) -> pd.DataFrame:
    """The figures as a frame: one row a group (None: the whole), one column an indicator."""
    import pandas as pd

    rows = [(value.by, value.id, value.value) for value in values]
    columns = pd.DataFrame(rows, columns=["by", "id", "value"])
    return columns.pivot_table(index="by", columns="id", values="value", aggfunc="first", sort=False, dropna=False)


# The heads of the targets table, with their share of the width; some say what is asked before any figure is known.
_GOALS: tuple[tuple[str, float, Align], ...] = (
    ("indicator", 3.0, "left"), ("wording", 4.05, "left"), ("target", 1.4, "right"), ("value", 1.6, "right"),
    ("share", 1.0, "right"), ("status", 1.05, "center"),
)  # fmt: skip
_ASKED = frozenset({"indicator", "wording", "target"})


class _Builder:
    """Tables out of the figures of a source; `control` is what the city has decided, for the notes."""

    def __init__(self, source: Source, period: str, texts: Texts, control: Mapping[str, str | int]) -> None:
        self.source = source
        self.period = period
        self.texts = texts
        self._control = control

    def table(self, wanted: Definition) -> Table:
        title = self.texts.pick(wanted.title, wanted.title_en)
        number = self.texts("table.number", number=wanted.id)
        if wanted.kind == "targets":
            return self._targets(number, title)
        table = CrossTable(self.source, self.period, self.texts, wanted).table(number, title)
        if wanted.kind != "indicators" or not self._control:
            return table
        return replace(table, notes=(*table.notes, self.texts("table.note.control", **self._control)))

    def _targets(self, number: str, title: str) -> Table:
        """The plan's goals and how far each is reached; the share is a number, for a workbook."""
        texts, catalogue = self.texts, self.source.catalogue
        goals = stated(self.source, self.period)
        rows = []
        for goal in goals:
            told: dict[str, Cell] = {**goalwords.cells(goal, catalogue, texts), "share": Figure(goal.share, 1)}
            if goal.withheld:
                # Whether a target is reached tells of the figure, too.
                told |= {"value": WITHHELD, "share": Figure(None, withheld=True), "status": WITHHELD}
            tone = "" if goal.withheld else goal.status
            rows.append(Row(tuple(told[name] for name, *_ in _GOALS), key=goal.target.indicator, tone=tone))
        columns = tuple(
            TableColumn(texts(f"table.head.{name}"), weight, align, stub=name in _ASKED)
            for name, weight, align in _GOALS
        )
        withheld = [texts("tables.note.withheld")] if any(goal.withheld for goal in goals) else []
        notes = (*goalwords.footnotes(goals, texts), texts("table.note.targets"), *withheld)
        return Table(number, title, columns, tuple(rows), notes)
