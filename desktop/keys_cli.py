"""`keys`: the fingerprint of a desk's signing key, and the keys of those who send to it."""

from __future__ import annotations

import click

from desktop.cli_parts import ANYBODY, file_group, open_named
from survey.texts import Texts


@file_group
def keys() -> None:
    """Signing keys: `keys FILE list`, `keys FILE enrol SENDER FINGERPRINT`, `keys FILE withdraw SENDER`."""


@keys.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """The desk's own fingerprint, then a line a sender: its state, and the fingerprint of its last file."""
    from desktop.key_rows import key_rows
    from survey.enrolment import desk_key
    from survey.signing import fingerprint

    texts: Texts = context.find_root().obj
    with open_named(context, *ANYBODY) as store:
        click.echo(f"{texts('keys.own')}: {fingerprint(desk_key(store).public)}")
        for row in key_rows(store, texts):
            click.echo("  ".join(filter(None, (row.sender, *row.cells(texts)))))


@keys.command()
@click.argument("sender")
@click.argument("typed", metavar="FINGERPRINT")
@click.option("--who", default="", help="Who has compared it.")
@click.pass_context
def enrol(context: click.Context, sender: str, typed: str, who: str) -> None:
    """From now on takes from SENDER (`^`: the desk above) only what the key of its last file has signed."""
    from survey import enrolment

    texts: Texts = context.find_root().obj
    with open_named(context, *ANYBODY) as store:
        enrolment.enrol(store, sender, typed, who=who)
    click.echo(texts("keys.enrolled", sender=sender))


@keys.command()
@click.argument("sender")
@click.pass_context
def withdraw(context: click.Context, sender: str) -> None:
    """A key is known no more."""
    from survey import enrolment

    texts: Texts = context.find_root().obj
    with open_named(context, *ANYBODY) as store:
        enrolment.withdraw(store, sender)
    click.echo(texts("keys.withdrawn", sender=sender))
