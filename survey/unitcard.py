"""Everything the file holds of one unit: its periods, the units it names and that name it, its sources and changes."""

from __future__ import annotations

from dataclasses import dataclass

from survey import cells, history, links, notes
from survey.form import Item
from survey.history import Event
from survey.links import Tie
from survey.notes import Note
from survey.scalar import Value
from survey.sql import quote
from survey.store import Store

_CHANGES = 30


@dataclass(frozen=True)
class PeriodLine:
    """A unit in one period: its status with the reason, and its key figures by item name."""

    period: str
    status: str
    reason: str
    figures: dict[str, Value]


@dataclass(frozen=True)
class Link:
    """A unit that another names: by which item, the other's code, and its name where the file knows it.

    `outward` is whether this unit names the other.
    """

    item: Item
    code: str
    name: str
    outward: bool


@dataclass(frozen=True)
class UnitCard:
    """A unit as its card shows it; `key` are the items of the figures, `sources` the files it came from.

    `links` are units that answers name, `ties` those that people have noted; `notes` come with their period.
    """

    uscc: str
    name: str
    district: str
    key: tuple[Item, ...]
    periods: tuple[PeriodLine, ...]
    links: tuple[Link, ...]
    ties: tuple[Tie, ...]
    notes: tuple[tuple[str, Note], ...]
    sources: tuple[tuple[str, str, int], ...]
    changes: tuple[Event, ...]


def read(store: Store, unit: int) -> UnitCard:
    """The card of a unit."""
    uscc, name, district = store.execute("SELECT uscc, name, district FROM unit WHERE id = ?", (unit,)).fetchone()
    key = tuple(
        item
        for form in store.scheme.forms_of("unit")
        for item in form.items
        if item.required and item.numeric and not form.is_list
    )
    periods = tuple(_periods(store, unit, key))
    written = tuple((line.period, note) for line in periods for note in notes.of_unit(store, unit, line.period))
    return UnitCard(
        uscc, name, district, key, periods, tuple(_links(store, unit, uscc)),
        tuple(links.of_unit(store, unit)), written,
        tuple(_sources(store, unit)), tuple(history.of_unit(store, unit)[:_CHANGES]),
    )  # fmt: skip


def _periods(store: Store, unit: int, key: tuple[Item, ...]) -> list[PeriodLine]:
    rows = store.execute(
        "SELECT period, status, reason FROM response WHERE unit = ? ORDER BY period DESC", (unit,)
    ).fetchall()
    found = []
    for period, status, reason in rows:
        values = cells.read(store, unit, period).values
        found.append(PeriodLine(period, status, reason, {item.name: values.get(item.name) for item in key}))
    return found


def _links(store: Store, unit: int, uscc: str) -> list[Link]:
    """Codes that the unit answers of others, and units that answer its code."""
    found = []
    for form in store.scheme.forms_of("unit"):
        for item in form.items:
            if item.type != "uscc" or item.name == "uscc" or form.is_list:
                continue
            column = quote(item.name)
            named = store.execute(
                f"SELECT DISTINCT f.{column}, coalesce(o.name, '') FROM {form.table} f"
                " JOIN response r ON r.id = f.response LEFT JOIN unit o ON o.uscc = f." + column +
                f" WHERE r.unit = ? AND f.{column} IS NOT NULL",
                (unit,),
            )  # fmt: skip
            found += [Link(item, code, name, True) for code, name in named]
            naming = store.execute(
                f"SELECT DISTINCT u.uscc, u.name FROM {form.table} f JOIN response r ON r.id = f.response"
                f" JOIN unit u ON u.id = r.unit WHERE f.{column} = ? AND u.id <> ?",
                (uscc, unit),
            )
            found += [Link(item, code, name, False) for code, name in naming]
    return found


def _sources(store: Store, unit: int) -> list[tuple[str, str, int]]:
    """The files that brought answers: name, moment, row."""
    found: dict[tuple[str, str, int], None] = {}
    for form in store.scheme.forms_of("unit"):
        rows = store.execute(
            f"SELECT DISTINCT s.name, s.at, f.source_row FROM {form.table} f JOIN response r ON r.id = f.response"
            " JOIN source s ON s.id = f.source WHERE r.unit = ? ORDER BY s.at DESC",
            (unit,),
        )
        found.update(dict.fromkeys((name, at, row or 0) for name, at, row in rows))
    return list(found)
