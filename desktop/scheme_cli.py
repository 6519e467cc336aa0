"""The command line for survey schemes: check one, compare two, take a file to a later version."""

from __future__ import annotations

from pathlib import Path

import click

from desktop.cli_types import FILE
from survey.errors import SchemeError
from survey.texts import Texts


@click.group()
def scheme() -> None:
    """Survey schemes."""


@scheme.command()
@click.argument("folder", type=FILE)
@click.pass_context
def check(context: click.Context, folder: Path) -> None:
    """Everything that is wrong with a scheme's folder, and what is better known; exit code 1 for what is wrong."""
    from indicators import definition, example, tables
    from survey import scheme as schemes
    from survey.lint import lint
    from survey.rulelint import lint_rules

    texts: Texts = context.find_root().obj
    try:
        loaded = schemes.load(folder)
        catalogue = definition.load(loaded)
        lists = [dimension.list for dimension in catalogue.dimensions.values()]
        problems = [*lint(loaded, lists), *lint_rules(loaded)]
        tables.definitions(loaded, catalogue)
        problems += example.check(loaded, catalogue)
    except SchemeError as error:
        problems = list(error.problems)
    for problem in problems:
        click.echo(problem.text(texts))
    if faults := [problem for problem in problems if not problem.hint]:
        click.echo(texts("cli.scheme_problems", count=len(faults)))
        context.exit(1)
    click.echo(texts("cli.scheme_ok", id=loaded.id, version=loaded.version, forms=len(loaded.forms),
                     items=len(loaded.items), checks=len(loaded.checks)))  # fmt: skip


@scheme.command()
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@click.pass_context
def diff(context: click.Context, before: Path, after: Path) -> None:
    """What differs between two schemes, one line a difference; exit code 1 where something does."""
    from survey import scheme as schemes
    from survey.schemediff import differences

    texts: Texts = context.find_root().obj
    found = differences(schemes.load(before), schemes.load(after))
    for one in found:
        line = texts(f"cli.diff.{one.kind}", what=texts(f"cli.diff.what.{one.what}"), place=one.place, label=one.label)
        click.echo(line.rstrip())
        if one.part:
            click.echo(texts("cli.diff.part", part=one.part, before=one.before or "—", after=one.after or "—"))
    click.echo(texts("cli.diff.count", count=len(found)))
    context.exit(1 if found else 0)


@scheme.command()
@click.argument("file", type=FILE)
@click.option("--scheme", "name", help="A scheme's id or folder; the shipped one of the file's id without.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--who", default="", help="Who does it, for the record of changes.")
@click.pass_context
def update(context: click.Context, file: Path, name: str | None, dry_run: bool, who: str) -> None:
    """Takes a survey file to a later version of its scheme, after a copy, with a report."""
    from desktop import paths
    from survey import scheme as schemes
    from survey import store
    from survey.upgrade import upgrade

    texts: Texts = context.find_root().obj
    opened = store.open(file)
    try:
        wanted = schemes.load(paths.scheme_folder(name or opened.scheme.id))
        report = upgrade(opened, wanted, who=who, dry_run=dry_run)
        for line in report.lines(texts, wanted):
            click.echo(line)
    finally:
        opened.close()
