"""The command line for where a figure comes from: its units, their answers, the files, and every change since."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.cli_parts import SHOWN, and_more, open_store, write_facts
from desktop.cli_types import FILE, OUT
from desktop.moments import moment
from survey.errors import SurveyError
from survey.record import previous_period, show_value
from survey.scalar import Value
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.computation import Behind
    from survey.form import Item
    from survey.provenance import Trail
    from survey.store import Store


@click.command()
@click.argument("file", type=FILE)
@click.argument("figure")
@click.option("--by", type=str, help="The breakdown the figure stands in: district, segment or size.")
@click.option("--group", metavar="CODE", help="The figure's group in that breakdown.")
@click.option("--unit", "code", metavar="CODE", help="One of the units behind it: its answers, files and changes.")
@click.option("--period")
@click.option("--json", "json_path", type=OUT)
@click.pass_context
def trace(
    context: click.Context,
    file: Path,
    figure: str,
    by: str | None,
    group: str | None,
    code: str | None,
    period: str | None,
    json_path: Path | None,
) -> None:
    """Where a figure comes from. FIGURE is an indicator's number (G1-05), or an item (IC-02.301) with --unit."""
    from indicators import cells, computation, definition
    from survey import provenance

    texts: Texts = context.find_root().obj
    if bool(by) != bool(group):
        raise click.UsageError(texts("trace.group"))
    with open_store(file) as store:
        when, catalogue = period or store.period, definition.load(store.scheme)
        if figure in catalogue.indicators:
            if by and by not in catalogue.dimensions:
                raise SurveyError("unknown_dimension", by=by, known=" ".join(catalogue.dimensions))
            behind = computation.units(store, catalogue, figure, when, by, group)
            items = cells.of_indicator(store.scheme, catalogue, figure)
        else:
            behind, items = None, cells.of_item(store.scheme, _item(store, figure))
            if not code:
                raise click.UsageError(texts("trace.unit"))
        if code:
            (unit,) = store.find_units([code])
            trails = [one for item, at in items for one in provenance.trails(store, unit, _when(when, at), item)]
            write_facts(store, json_path, [asdict(one) for one in trails], "trace")
            for trail in trails:
                _tell(store, trail, texts)
        elif behind is not None:
            write_facts(store, json_path, [asdict(one) for one in behind.units], "trace")
            _tell_units(store, catalogue, figure, behind, texts)


def _when(period: str, at: str) -> str:
    return previous_period(period) if at == "prev" else period


def _item(store: Store, name: str) -> Item:
    """An item by its name, or as it is cited: `IC-02.301`."""
    scheme = store.scheme
    if name in scheme.items:
        return scheme.item(name)
    try:
        return scheme.item_at(name)
    except KeyError:
        raise SurveyError("no_figure", found=name) from None


def _tell_units(store: Store, catalogue: Catalogue, figure: str, behind: Behind, texts: Texts) -> None:
    scheme, indicator = store.scheme, catalogue.indicators[figure]
    click.echo(
        texts("indicators.behind", label=texts.pick(indicator.label, indicator.label_en), count=f"{behind.count:,}")
    )
    for one in behind.units[:SHOWN]:
        values = "  ".join(f"{_label(store, key, texts)} {_plain(value)}" for key, value in one.values.items())
        click.echo(f"{one.uscc}  {one.name}  {scheme.districts.label(one.district, texts.lang)}  {values}")
    and_more(texts, behind.count)
    if behind.count:
        click.echo(texts("trace.next", unit=behind.units[0].uscc))


def _label(store: Store, key: str, texts: Texts) -> str:
    name, _, at = key.partition("@")
    label = store.scheme.label(name, texts.lang) if name in store.scheme.items else name
    return label + (texts("check.prev") if at == "prev" else "")


def _plain(value: Value) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int | float) else value


def _tell(store: Store, trail: Trail, texts: Texts) -> None:
    """A cell: its answer, the file it came from, and its changes, the latest first."""
    from desktop.history_words import reason

    scheme = store.scheme
    item = scheme.item(trail.item)
    lang, lists = texts.lang, scheme.lists

    def shown(value: Value) -> str:
        return show_value(item, value, lists, lang) or texts("check.blank")

    line = texts("entry.line_number", line=trail.line) if trail.line else ""
    unit = scheme.unit(item.unit, texts)
    click.echo("  ".join(
        one for one in (trail.period, item.form, item.code, texts.pick(item.label, item.label_en), line,
                        shown(trail.value), unit) if one
    ))  # fmt: skip
    origin = trail.origin
    if origin:
        where = origin.cell or (texts("card.row", row=origin.row) if origin.row else "")
        click.echo("    " + texts("entry.origin", source=origin.source, where=where, at=moment(origin.at)))
    elif trail.value is not None:
        click.echo("    " + texts("trace.computed" if item.computed else "trace.keyed", text=item.computed))
    for event in trail.events:
        facts = (moment(event.at), event.who, f"{shown(event.old)} → {shown(event.new)}")
        why = (reason(event.reason, texts), event.source)
        click.echo("    " + "  ".join(one for one in (*facts, *why) if one))
