"""`persons`: who may work with a survey file, and in which role."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from desktop.cli_parts import ANYBODY, file_group, open_named
from desktop.cli_types import FILE
from desktop.passphrase_cli import asked_twice, first_line
from survey.texts import Texts

_ROLES = ("officer", "reviewer", "editor", "publisher", "keeper")


@file_group
def persons() -> None:
    """Persons of a file: `persons FILE list`, `persons FILE add NAME ROLE`, `persons FILE remove NAME`."""


@persons.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """Everybody, with the role."""
    from survey import persons as people

    texts: Texts = context.find_root().obj
    with open_named(context, *ANYBODY) as store:
        for one in people.persons(store):
            click.echo(f"{one.name}  {texts(f'persons.role.{one.role}')}")


@persons.command()
@click.argument("name")
@click.argument("role", type=click.Choice(_ROLES))
@click.option("--new-file", type=FILE, help="Its first line is the person's secret; without it the terminal asks.")
@click.pass_context
def add(context: click.Context, name: str, role: str, new_file: Path | None) -> None:
    """A new person, or another role and secret for one that is known."""
    from survey import persons as people

    texts: Texts = context.find_root().obj
    secret = first_line(new_file) if new_file else asked_twice(texts("persons.secret"))
    with open_named(context, *ANYBODY) as store:
        people.add(store, name, cast("people.Role", role), secret)
    click.echo(texts("persons.added", name=name))


@persons.command()
@click.argument("name")
@click.pass_context
def remove(context: click.Context, name: str) -> None:
    """Somebody who may sign in no more."""
    from survey import persons as people

    texts: Texts = context.find_root().obj
    with open_named(context, *ANYBODY) as store:
        people.remove(store, name)
    click.echo(texts("persons.removed", name=name))
