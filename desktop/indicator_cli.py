"""The command line for the figures: computed against the targets, written as tables, and the answers published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.cli_parts import open_store, progress_line, write_facts
from desktop.cli_types import FILE, OUT
from survey.texts import Texts, measured

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.computation import Computation, IndicatorValue
    from survey.store import Store

_ENGINES = ("auto", "sqlite", "duckdb", "spark")


@click.command()
@click.argument("file", type=FILE)
@click.option("--period")
@click.option("--by", type=str, help="A dimension of the scheme: district, segment, size, …")
@click.option("--everything", is_flag=True, help="Also the figures of every group of every dimension.")
@click.option("--engine", type=click.Choice(_ENGINES), default="auto", show_default=True)
@click.option("--published", type=FILE, help="For Spark: the folder that `publish` wrote.")
@click.option("--json", "json_path", type=OUT)
@click.option("--xlsx", "xlsx_path", type=OUT)
@click.option("--pdf", "pdf_path", type=OUT)
@click.option("--brief", "brief_path", type=OUT, help="The one-page brief, a PDF.")
@click.pass_context
def indicators(
    context: click.Context,
    file: Path,
    period: str | None,
    by: str | None,
    everything: bool,
    engine: str,
    published: Path | None,
    json_path: Path | None,
    xlsx_path: Path | None,
    pdf_path: Path | None,
    brief_path: Path | None,
) -> None:
    """The cluster's indicators, against the plan's targets."""
    from indicators import computation, definition
    from indicators.engines import engine_of

    texts: Texts = context.find_root().obj
    with open_store(file, "view", "publish") as store, engine_of(store, engine, published) as chosen:
        when = period or store.period
        catalogue = definition.load(store.scheme)
        computed = computation.Computation(store, catalogue, progress_line(texts), chosen)
        if everything:
            groups = computed.breakdowns(when)
            values = [*(one for one in computed.figures(when) if one.by is None), *groups]
        else:
            values = computed.figures(when, by)
        write_facts(store, json_path, [vars(value) for value in values], "figures")
        _publish(computed, when, texts, xlsx_path, pdf_path, brief_path)
        for value in values:
            click.echo(_line(store, catalogue, value, texts))


def _publish(
    computed: Computation, when: str, texts: Texts, xlsx_path: Path | None, pdf_path: Path | None,
    brief_path: Path | None,
) -> None:  # fmt: skip
    """Writes what was asked for of the summary and the brief."""
    from indicators import outlook, tables, workbook
    from survey.journal import Telling

    store = computed.store

    def told(path: Path) -> Telling:
        return Telling(store, "exported", path.name, what="figures")

    if xlsx_path or pdf_path:
        summary = tables.summary(computed, when, texts)
        if xlsx_path:
            workbook.write(summary, xlsx_path, texts, told(xlsx_path))
        if pdf_path:
            from desktop.printing import page_set

            page_set(summary, store.scheme.legal, texts).write_pdf(pdf_path, told(pdf_path))
    if brief_path:
        from desktop.printing import brief

        brief(outlook.look(computed, when), store, texts).write_pdf(brief_path, told(brief_path))


def _line(store: Store, catalogue: Catalogue, value: IndicatorValue, texts: Texts) -> str:
    from indicators import tables

    indicator = catalogue.indicators[value.id]
    label = texts.pick(indicator.label, indicator.label_en)
    group = f" [{catalogue.group_label(store.scheme, value.dimensions, value.by, texts)}]" if value.by else ""
    shown = tables.Figure(value.value, indicator.digits).text()
    unit = texts.pick(indicator.unit, indicator.unit_en)
    status = f"  {texts('table.status.' + value.status)}" if value.status else ""
    return f"{value.id:8} {label}{group}  {measured(shown, unit)}  ({value.units_used}/{value.units_due}){status}"


@click.command()
@click.argument("file", type=FILE)
@click.argument("folder", type=FILE)
@click.pass_context
def publish(context: click.Context, file: Path, folder: Path) -> None:
    """Writes the answers of a survey file as Parquet into a new folder, for engines on more than one machine."""
    from indicators.parquet import publish as write
    from survey.journal import Telling
    from survey.persons import permit

    texts: Texts = context.find_root().obj
    with open_store(file, "view", "publish") as store:
        permit(store, "export")
        told = Telling(store, "exported", folder.name, what="answers")
        count = write(store.path, store.scheme, folder, told, progress_line(texts))
    click.echo(texts("indicators.published", count=count, path=folder))
