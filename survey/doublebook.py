"""The outcome of double entry as a workbook: the differences, the error rates, the sample."""

from __future__ import annotations

from pathlib import Path

from survey import doubleentry, doublerates, doublesample, journal
from survey.doublerates import Rate
from survey.persons import permit
from survey.plainbook import Row, plain_book
from survey.record import show_value
from survey.scalar import Value
from survey.store import Store
from survey.texts import Texts

_WIDTHS = (22, 30, 12, 30, 18, 14, 18, 14, 14, 18, 30, 14)


def write(store: Store, period: str, path: Path, texts: Texts) -> None:
    """Writes the workbook; raises SurveyError `cannot_write`, with what was there left as it is."""
    permit(store, "export")
    with plain_book(path, journal.Telling(store, "exported", path.name, what="double")) as book:
        for name, rows in (
            ("differences", _differences(store, period, texts)),
            ("rates", _rates(store, period, texts)),
            ("units", _units(store, period, texts)),
            ("sample", _sample(store, period, texts)),
        ):
            table = book.table(texts(f"second.sheet.{name}"), texts(f"second.heads.{name}").split("|"), _WIDTHS)
            for row in rows:
                table.add(row)


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
