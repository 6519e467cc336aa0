"""The summary's tables: computed figures laid out as data, for the workbook and the printed page alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from indicators import localtable
from indicators.catalogue import Indicator
from indicators.computation import Computation, IndicatorValue
from indicators.crosstable import CrossTable
from indicators.edition import digest_of
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
    "board",
    "definitions",
    "frame",
    "one_table",
    "progress_share",
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


def board(computation: Computation, period: str, texts: Texts) -> Table:
    """The targets and how far each is reached, whatever tables the scheme asks for."""
    return _Builder(computation, period, texts).targets("", "")


def frame(values: Sequence[IndicatorValue]) -> pd.DataFrame:
    """The figures as a frame: one row a group (None: the whole), one column an indicator."""
    import pandas as pd

    rows = [(value.by, value.id, value.value) for value in values]
    columns = pd.DataFrame(rows, columns=["by", "id", "value"])
    return columns.pivot_table(index="by", columns="id", values="value", aggfunc="first", sort=False, dropna=False)


def progress_share(value: float | None, target: float | None) -> float | None:
    """How much of a target is reached, in per cent."""
    return None if value is None or not target else value / target * 100


# What a targets table says before any figure is known.
_ASKED = frozenset({"indicator", "wording", "target"})


class _Builder:
    def __init__(self, computation: Computation, period: str, texts: Texts) -> None:
        self._computation = computation
        self._store = computation.store
        self._catalogue = computation.catalogue
        self._period = period
        self._texts = texts
        self._whole = self._figures(period)

    def _figures(self, period: str) -> dict[str, IndicatorValue]:
        return {value.id: value for value in self._computation.figures(period) if value.by is None}

    def table(self, wanted: Definition) -> Table:
        title = self._texts.pick(wanted.title, wanted.title_en)
        number = self._texts("table.number", number=wanted.id)
        if wanted.kind == "targets":
            return self.targets(number, title)
        table = CrossTable(self._computation, self._period, self._texts, wanted).table(number, title)
        return replace(table, notes=(*table.notes, *self._control())) if wanted.kind == "indicators" else table

    def _label(self, indicator: Indicator) -> str:
        return self._texts.pick(indicator.label, indicator.label_en)

    def _unit(self, indicator: Indicator) -> str:
        return self._texts.pick(indicator.unit, indicator.unit_en)

    def targets(self, number: str, title: str) -> Table:
        texts = self._texts
        heads: tuple[tuple[str, float, Align], ...] = (
            ("indicator", 2.5, "left"),
            ("wording", 3.85, "left"),
            ("target", 1.25, "right"),
            ("value", 1.35, "right"),
            ("share", 0.85, "right"),
            ("status", 0.95, "center"),
        )
        rows = []
        for target in self._catalogue.targets:
            indicator = self._catalogue.indicators.get(target.indicator)
            found = self._whole.get(target.indicator)
            label = self._label(indicator) if indicator else texts.pick(target.label, target.label_en)
            unit = texts.pick(target.unit, target.unit_en) or (self._unit(indicator) if indicator else "")
            value = found.value if found else None
            state = (
                found.status if found and found.status else ("no_data" if target.value is not None else "qualitative")
            )
            asked = (
                f"{target.operator.replace('>=', '≥')} {target.value:,g} {unit}" if target.value is not None else "—"
            )
            digits = indicator.digits if indicator else 0
            now = Figure(value, digits).text() + (f" {unit}" if value is not None else "")
            cells: tuple[Cell, ...] = (
                label, texts("table.quote", wording=target.wording), asked, now,
                Figure(progress_share(value, target.value), 1), texts(f"table.status.{state}"),
            )  # fmt: skip
            rows.append(Row(cells, key=target.indicator, tone=state))
        columns = tuple(
            TableColumn(texts(f"table.head.{key}"), weight, align, stub=key in _ASKED) for key, weight, align in heads
        )
        return Table(number, title, columns, tuple(rows), (texts("table.note.targets"),))

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
