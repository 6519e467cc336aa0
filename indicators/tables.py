"""The summary's tables: computed figures laid out as data, for the workbook and the printed page alike."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from indicators.catalogue import Catalogue, Indicator
from indicators.computation import Computation, IndicatorValue
from survey.checks import OFF
from survey.control import exemptions, rulings
from survey.errors import Problem, SchemeError
from survey.record import previous_period
from survey.scalar import round_half_away
from survey.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

Align = Literal["left", "right", "center"]
_KINDS = ("targets", "indicators", "breakdown")


@dataclass(frozen=True)
class Figure:
    """A number in a table, unrounded, with the digits it is shown with; None is shown as —."""

    value: float | None
    digits: int = 0

    def text(self) -> str:
        """As it is printed: rounded half away from zero, thousands separated."""
        if self.value is None:
            return "—"
        return f"{round_half_away(self.value, self.digits):,.{self.digits}f}"


Cell = str | Figure


@dataclass(frozen=True)
class TableColumn:
    """A column: its head, its share of the width, and how its cells stand."""

    head: str
    weight: float = 1.0
    align: Align = "left"


@dataclass(frozen=True)
class Row:
    """A row; `key` leads back to the indicator or the group it is about."""

    cells: tuple[Cell, ...]
    total: bool = False
    key: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """One table of a publication; `chart` names the column that is drawn."""

    number: str
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    chart: int | None = None


@dataclass(frozen=True)
class Summary:
    """All tables of a period and who publishes them."""

    title: str
    period: str
    place: str
    tables: tuple[Table, ...]


def summary(computation: Computation, period: str, texts: Texts) -> Summary:
    """Computes and lays out the tables that the scheme asks for."""
    builder, store = _Builder(computation, period, texts), computation.store
    scheme = store.scheme
    place = scheme.districts.label(store.district, texts.lang) if store.district else texts("table.city")
    tables = tuple(builder.table(one) for one in definitions(scheme.files, computation.catalogue))
    return Summary(texts.pick(scheme.title, scheme.title_en), period, place, tables)


def board(computation: Computation, period: str, texts: Texts) -> Table:
    """The targets and how far each is reached, whatever tables the scheme asks for."""
    return _Builder(computation, period, texts).targets("", "")


def definitions(files: Mapping[str, str], catalogue: Catalogue) -> list[dict[str, Any]]:
    """The tables a scheme asks for; raises SchemeError where one names what there is not."""
    tables: list[dict[str, Any]] = tomllib.loads(files.get("tables.toml", "")).get("table", [])
    problems = []
    for table in tables:
        unknown = [name for name in table.get("columns", ()) if name not in catalogue.indicators]
        if table.get("kind") not in _KINDS:
            problems.append(("not_one_of", {"found": table.get("kind"), "wanted": ", ".join(_KINDS)}))
        if table.get("kind") == "breakdown" and table.get("by") not in catalogue.dimensions:
            problems.append(("not_one_of", {"found": table.get("by"), "wanted": ", ".join(catalogue.dimensions)}))
        problems += [("unknown_indicator", {"found": name, "nearest": ""}) for name in unknown]
    if problems:
        raise SchemeError([Problem("tables.toml", 0, code, dict(facts)) for code, facts in problems])
    return tables


def frame(values: Sequence[IndicatorValue]) -> pd.DataFrame:
    """The figures as a frame: one row a group (None: the whole), one column an indicator."""
    import pandas as pd

    rows = [(value.by, value.id, value.value) for value in values]
    columns = pd.DataFrame(rows, columns=["by", "id", "value"])
    return columns.pivot_table(index="by", columns="id", values="value", aggfunc="first", sort=False, dropna=False)


def progress_share(value: float | None, target: float | None) -> float | None:
    """How much of a target is reached, in per cent."""
    return None if value is None or not target else value / target * 100


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

    def table(self, wanted: Mapping[str, Any]) -> Table:
        title = self._texts.pick(wanted["title"], wanted.get("title_en", ""))
        number = self._texts("table.number", number=wanted["id"])
        match wanted["kind"]:
            case "targets":
                return self.targets(number, title)
            case "indicators":
                return self._indicators(number, title)
        return self._breakdown(number, title, wanted)

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
        columns = tuple(TableColumn(texts(f"table.head.{key}"), weight, align) for key, weight, align in heads)
        return Table(number, title, columns, tuple(rows), (texts("table.note.targets"),))

    def _indicators(self, number: str, title: str) -> Table:
        texts, before = self._texts, previous_period(self._period)
        earlier: dict[str, float | None] = {}
        if self._store.response_count(before):
            earlier = {name: figure.value for name, figure in self._figures(before).items()}
        columns = (
            TableColumn(texts("table.head.id"), 0.8), TableColumn(texts("table.head.indicator"), 3.4),
            TableColumn(texts("table.head.unit"), 1.1), TableColumn(self._period, 1.2, "right"),
            TableColumn(before, 1.2, "right"), TableColumn(texts("table.head.coverage"), 1.2, "right"),
        )  # fmt: skip
        rows = []
        for indicator in self._catalogue.indicators.values():
            if indicator.spread:
                continue
            found = self._whole[indicator.id]
            cells: tuple[Cell, ...] = (
                indicator.id, self._label(indicator), self._unit(indicator), Figure(found.value, indicator.digits),
                Figure(earlier.get(indicator.id), indicator.digits), f"{found.units_used:,} / {found.units_due:,}",
            )  # fmt: skip
            rows.append(Row(cells, key=indicator.id))
        notes = (texts("table.note.coverage"), texts("table.note.rounding"), *self._control())
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

    def _breakdown(self, number: str, title: str, wanted: Mapping[str, Any]) -> Table:
        texts, by = self._texts, str(wanted["by"])
        dimension = self._catalogue.dimensions[by]
        shown = [self._catalogue.indicators[name] for name in wanted["columns"]]
        values = self._computation.figures(self._period, by)
        figures = frame([value for value in values if value.by is not None])
        codes = self._store.scheme.lists[dimension.list]
        columns = [TableColumn(texts.pick(dimension.label, dimension.label_en), 1.5)]
        columns += [TableColumn(f"{self._label(one)}\n({self._unit(one)})", 1.15, "right") for one in shown]
        whole = tuple(Figure(self._whole[one.id].value, one.digits) for one in shown)
        rows = [Row((texts("table.total"), *whole), total=True)]
        for code in (code for code in codes.codes if code in figures.index):
            cells = tuple(Figure(_number(figures.loc[code].get(one.id)), one.digits) for one in shown)
            rows.append(Row((codes.label(code, texts.lang), *cells), key=code))
        chart = wanted["columns"].index(wanted["chart"]) + 1 if wanted.get("chart") in wanted["columns"] else None
        return Table(number, title, tuple(columns), tuple(rows), (texts("table.note.rounding"),), chart)


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
