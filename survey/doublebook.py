"""The outcome of double entry as a workbook: the differences, the error rates, the sample."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from survey import doubleentry, doublerates, doublesample
from survey.doublerates import Rate
from survey.files import replacing
from survey.record import show_value
from survey.scalar import Value
from survey.store import Store
from survey.texts import Texts

_WIDTHS = (22, 30, 12, 30, 18, 14, 18, 14, 14, 18, 30, 14)
Row = Sequence[str | int | float | None]


def write(store: Store, period: str, path: Path, texts: Texts) -> None:
    """Writes the workbook; raises SurveyError `cannot_write`, with what was there left as it is."""
    with replacing(path) as beside:
        book = xlsxwriter.Workbook(str(beside), {"strings_to_numbers": False, "strings_to_formulas": False})
        looks = {"head": book.add_format({"bold": True, "bg_color": "#EEF2F6", "border": 1, "text_wrap": True})}
        looks["figure"] = book.add_format({"num_format": "0.0"})
        for name, rows in (
            ("differences", _differences(store, period, texts)),
            ("rates", _rates(store, period, texts)),
            ("units", _units(store, period, texts)),
            ("sample", _sample(store, period, texts)),
        ):
            _sheet(book, texts(f"second.sheet.{name}"), _heads(texts, name), rows, looks)
        book.close()


def _heads(texts: Texts, name: str) -> list[str]:
    return texts(f"second.heads.{name}").split("|")


def _sheet(book: Any, title: str, heads: Sequence[str], rows: Sequence[Row], looks: dict[str, Any]) -> None:
    sheet = book.add_worksheet(title)
    for at, head in enumerate(heads):
        sheet.set_column(at, at, _WIDTHS[at])
        sheet.write_string(0, at, head, looks["head"])
    for number, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, at, value)
            elif value is not None:
                sheet.write_number(number, at, value, looks["figure"] if isinstance(value, float) else None)
    sheet.freeze_panes(1, 0)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _differences(store: Store, period: str, texts: Texts) -> list[Row]:
    rows: list[Row] = []
    for unit in doubleentry.drawn_units(store, period):
        for one in doubleentry.outcomes(store, unit.unit, period):
            found = one.difference
            item = store.scheme.items.get(found.item)
            label = texts.pick(item.label, item.label_en) if item else found.item
            where = f"{item.key}[{found.line}]" if item and found.line else item.key if item else ""

            rows.append((
                unit.uscc, unit.name, where, label, _shown(store, found.item, found.first, texts), found.first_who,
                _shown(store, found.item, found.second, texts), found.second_who,
                texts(f"second.outcome.{one.outcome}"), _shown(store, found.item, one.value, texts), one.reason,
                one.who,
            ))  # fmt: skip
    return rows


def _shown(store: Store, name: str, value: Value, texts: Texts) -> str | int | float | None:
    """Numbers as numbers, codes with their label, text as text."""
    item = store.scheme.items.get(name)
    if item is None or (isinstance(value, int | float) and item.type != "flag"):
        return value
    return show_value(item, value, store.scheme.lists, texts.lang)


def _rates(store: Store, period: str, texts: Texts) -> list[Row]:
    found = doublerates.statistics(store, period)
    groups = (("total", (found.total,)), ("first", found.operators), ("form", found.forms), ("second", found.second))
    return [_rate(one, texts(f"second.by.{name}")) for name, rates in groups for one in rates]


def _rate(one: Rate, kind: str) -> Row:
    low, high = one.bounds or (None, None)
    return kind, one.name, one.cells, one.errors, one.per_thousand, low, high


def _units(store: Store, period: str, texts: Texts) -> list[Row]:
    return [
        (
            one.uscc, one.name, texts(f"second.state.{one.state}"), one.differing, one.open, one.who,
            texts("second.same") if one.same_keyer else "",
        )
        for one in doubleentry.drawn_units(store, period)
    ]  # fmt: skip


def _sample(store: Store, period: str, texts: Texts) -> list[Row]:
    sample = doublesample.drawn(store, period)
    if sample is None:
        return []
    by = texts(f"second.by_{sample.by}")
    weight = store.scheme.label(sample.item, texts.lang) if sample.item in store.scheme.items else sample.item
    return [(by, weight, sample.count, sample.frame, str(sample.seed), sample.times, sample.who, sample.at,
             sample.reason)]  # fmt: skip
