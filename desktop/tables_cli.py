"""The command line for the publication's tables: listed, own ones added, sent on and taken out, filled or blank."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.cli_parts import file_group, open_named, progress_line
from desktop.cli_types import FILE
from survey.errors import SchemeError, SurveyError
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.table import Summary
    from survey.store import Store


@file_group
def tables() -> None:
    """The tables of a survey file's publication, and the desk's own among them."""


@tables.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """Every table in its order; exit code 1 where an own one does not go with the present scheme."""
    from indicators import definition, localtable, tabledefinition

    texts: Texts = context.find_root().obj
    wrong = False
    with open_named(context, "view", "publish") as store:
        catalogue = definition.load(store.scheme)
        for one in tabledefinition.definitions(store.scheme, catalogue):
            title, kind = texts.pick(one.title, one.title_en), texts(f"tables.kind.{one.kind}")
            click.echo(texts("tables.listed", id=one.id, title=title, kind=kind))
        for name, text in localtable.all_of(store).items():
            try:
                [own] = tabledefinition.read(text, store.scheme, catalogue, name)
                click.echo(texts("tables.listed_own", id=name, title=texts.pick(own.title, own.title_en)))
            except SchemeError as error:
                wrong = True
                click.echo(texts("tables.unreadable", id=name))
                for problem in error.problems:
                    click.echo(f"  {problem.text(texts)}")
    context.exit(1 if wrong else 0)


@tables.command()
@click.argument("definition_file", metavar="TABLE.toml", type=FILE)
@click.option("--id", "name", default="", help="Changes the own table of this id.")
@click.pass_context
def add(context: click.Context, definition_file: Path, name: str) -> None:
    """Adds the tables of a small file to the desk's own; what is wrong with it is told line by line."""
    from indicators import definition, localtable

    texts: Texts = context.find_root().obj
    text = localtable.read_file(definition_file)
    with open_named(context, "view", "publish") as store:
        catalogue = definition.load(store.scheme)
        for one in localtable.save(store, text, catalogue, name=name, file=definition_file.name):
            click.echo(texts("tables.added", id=one.id, title=texts.pick(one.title, one.title_en)))


@tables.command()
@click.argument("name", metavar="ID")
@click.argument("out", type=FILE)
@click.pass_context
def export(context: click.Context, name: str, out: Path) -> None:
    """An own table as a small file that another desk can add."""
    from indicators import localtable

    texts: Texts = context.find_root().obj
    with open_named(context, "view", "publish") as store:
        localtable.write_file(store, name, out)
    click.echo(texts("tables.written", path=out))


@tables.command()
@click.argument("name", metavar="ID")
@click.pass_context
def remove(context: click.Context, name: str) -> None:
    """Takes an own table out."""
    from indicators import localtable

    texts: Texts = context.find_root().obj
    with open_named(context, "view", "publish") as store:
        localtable.remove(store, name)
    click.echo(texts("tables.removed", id=name))


@tables.command()
@click.argument("out", type=FILE)
@click.option("--blank", is_flag=True, help="Without figures, to be filled in by hand.")
@click.option("--period")
@click.option("--edition", "number", type=int, help="With the figures of an edition, none computed.")
@click.pass_context
def write(context: click.Context, out: Path, blank: bool, period: str | None, number: int | None) -> None:
    """All tables as a workbook (OUT.xlsx) or as pages (OUT.pdf), filled or blank.

    What a public edition withholds is shown as *.
    """
    from indicators import workbook
    from indicators.table import blanked
    from survey.files import UNTOLD
    from survey.journal import Telling

    texts: Texts = context.find_root().obj
    if out.suffix.lower() not in (".xlsx", ".pdf"):
        raise SurveyError("tables_kind", path=out)
    if period and number is not None:
        raise SurveyError("tables_period")
    with open_named(context, "view", "publish") as store:
        made = _summary(store, period, number, texts)
        made = blanked(made) if blank else made
        told = UNTOLD if blank else Telling(store, "exported", out.name, what="figures", edition=number)
        if out.suffix.lower() == ".xlsx":
            workbook.write(made, out, texts, told)
        else:
            from desktop.printing import page_set

            page_set(made, store.scheme.legal, texts).write_pdf(out, told)
    click.echo(texts("tables.written", path=out))


def _summary(store: Store, period: str | None, number: int | None, texts: Texts) -> Summary:
    """The tables of an edition, or computed now."""
    from indicators import definition, edition, tables
    from indicators.computation import Computation
    from indicators.engines import engine_of

    catalogue = definition.load(store.scheme)
    if number is not None:
        return tables.of_edition(store, catalogue, edition.edition(store, number), texts)
    with engine_of(store, "auto", None) as engine:
        computed = Computation(store, catalogue, progress_line(texts), engine)
        return tables.summary(computed, period or store.period, texts)
