"""The summary's tables: computed figures laid out as data, for the workbook and the printed page alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from indicators import goalwords, localtable
from indicators.computation import Computation, IndicatorValue
from indicators.crosstable import CrossTable
from indicators.edition import digest_of
from indicators.goal import stated
from indicators.table import Align, Cell, Figure, Origin, Row, Summary, Table, TableColumn
from indicators.tabledefinition import Definition, definitions
from survey.checks import OFF
from survey.control import exemptions, rulings
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
    "one_table",
    "summary",
]


def summary(computation: Computation, period: str, texts: Texts) -> Summary:
    """Computes and lays out the tables that the scheme asks for, then the desk's own.

    Raises SchemeError where the scheme's cannot be read; an own one that cannot be is left out.
    """
    builder, store, catalogue = _Builder(computation, period, texts), computation.store, computation.catalogue
    scheme = store.scheme
    place = scheme.districts.label(store.district, texts.lang) if store.district else texts("table.city")
    wanted = [*definitions(scheme, catalogue), *localtable.readable(store, catalogue)]
    return Summary(
        texts.pick(scheme.title, scheme.title_en), period, place, tuple(builder.table(one) for one in wanted),
        scheme.legal.facts(texts), texts.pick(scheme.legal.maker, scheme.legal.maker_en),
        Origin(scheme.id, scheme.version, version("census-desk"), digest_of(store, catalogue, period=period),
               scheme.digest),
    )  # fmt: skip


def one_table(computation: Computation, period: str, texts: Texts, wanted: Definition) -> Table:
    """A single table as it would stand in the summary."""
    return _Builder(computation, period, texts).table(wanted)


def frame(values: Sequence[IndicatorValue]) -> pd.DataFrame:
    """The figures as a frame: one row a group (None: the whole), one column an indicator."""
    import pandas as pd

    rows = [(value.by, value.id, value.value) for value in values]
    columns = pd.DataFrame(rows, columns=["by", "id", "value"])
    return columns.pivot_table(index="by", columns="id", values="value", aggfunc="first", sort=False, dropna=False)


# The heads of the targets table, with their share of the width; some say what is asked before any figure is known.
_GOALS: tuple[tuple[str, float, Align], ...] = (
    ("indicator", 3.0, "left"), ("wording", 4.2, "left"), ("target", 1.4, "right"), ("value", 1.6, "right"),
    ("share", 0.85, "right"), ("status", 1.05, "center"),
)  # fmt: skip
_ASKED = frozenset({"indicator", "wording", "target"})


class _Builder:
    def __init__(self, computation: Computation, period: str, texts: Texts) -> None:
        self._computation = computation
        self._store = computation.store
        self._period = period
        self._texts = texts

    def table(self, wanted: Definition) -> Table:
        title = self._texts.pick(wanted.title, wanted.title_en)
        number = self._texts("table.number", number=wanted.id)
        if wanted.kind == "targets":
            return self._targets(number, title)
        table = CrossTable(self._computation, self._period, self._texts, wanted).table(number, title)
        return replace(table, notes=(*table.notes, *self._control())) if wanted.kind == "indicators" else table

    def _targets(self, number: str, title: str) -> Table:
        """The plan's goals and how far each is reached; the share is a number, for a workbook."""
        texts, catalogue = self._texts, self._computation.catalogue
        goals = stated(self._computation, self._period)
        rows = []
        for goal in goals:
            told: dict[str, Cell] = {**goalwords.cells(goal, catalogue, texts), "share": Figure(goal.share, 1)}
            rows.append(Row(tuple(told[name] for name, *_ in _GOALS), key=goal.target.indicator, tone=goal.status))
        columns = tuple(
            TableColumn(texts(f"table.head.{name}"), weight, align, stub=name in _ASKED)
            for name, weight, align in _GOALS
        )
        notes = (*goalwords.footnotes(goals, texts), texts("table.note.targets"))
        return Table(number, title, columns, tuple(rows), notes)

    def _control(self) -> tuple[str, ...]:
        """What the city has decided about checks and units goes out with the figures; none where it decided nothing."""
        store = self._store
        ruled, exempted = rulings(store), exemptions(store, self._period)
        if not ruled and not exempted:
            return ()
        facts = {
            "off": sum(one.action == OFF for one in ruled), "held": sum(one.action != OFF for one in ruled),
            "units": len({one.uscc for one in exempted}), "number": store.desk.get("control_number", "—"),
            "official": store.desk.get("control_official", "—"), "day": store.desk.get("control_at", "—")[:10],
        }  # fmt: skip
        return (self._texts("table.note.control", **facts),)
