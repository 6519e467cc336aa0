"""The command line for the city's control of checking: rulings, exemptions, the signed list and its adoption."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desktop.cli_parts import file_group, open_named
from desktop.cli_types import FILE
from survey.form import CHECK_CLASSES
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.store import Store

_Command = Callable[..., Any]


@file_group
def control() -> None:
    """Checks switched off or held to another class, units exempted: decided by the city, adopted by districts."""


def _signed_for(command: _Command) -> _Command:
    """A decision has an official and a reason."""
    for option in (
        click.option("--official", required=True, help="Who signs for it."),
        click.option("--reason", required=True, help="Why, in at least six characters."),
    ):
        command = option(command)
    return command


@control.command("off")
@click.argument("check")
@click.option("--from", "day", help="From which day; today without.")
@_signed_for
@click.pass_context
def off(context: click.Context, check: str, day: str | None, official: str, reason: str) -> None:
    """Switches a check off."""
    _rule(context, check, "off", day, official, reason)


@control.command("class")
@click.argument("check")
@click.argument("category", type=click.Choice(CHECK_CLASSES))
@click.option("--from", "day", help="From which day; today without.")
@_signed_for
@click.pass_context
def class_(context: click.Context, check: str, category: str, day: str | None, official: str, reason: str) -> None:
    """Gives a check another class."""
    _rule(context, check, category, day, official, reason)


def _rule(context: click.Context, check: str, action: str, day: str | None, official: str, reason: str) -> None:
    from survey import control as deciding
    from survey.store import now

    with open_named(context) as store:
        deciding.rule(store, check, action, day or now()[:10], official=official, reason=reason)
        _say(context, store)


@control.command()
@click.argument("check")
@click.argument("day")
@click.pass_context
def lift(context: click.Context, check: str, day: str) -> None:
    """Takes a ruling back that holds from a day."""
    from survey import control as deciding

    with open_named(context) as store:
        deciding.lift(store, check, day)
        _say(context, store)


@control.command()
@click.argument("unit")
@click.argument("check")
@click.option("--period", help="The file's own without it.")
@_signed_for
@click.pass_context
def exempt(context: click.Context, unit: str, check: str, period: str | None, official: str, reason: str) -> None:
    """Lets a unit (its unified code) fail a check in a period."""
    from survey import control as deciding

    with open_named(context) as store:
        deciding.exempt(store, unit, check, period or store.period, official=official, reason=reason)
        _say(context, store)


@control.command()
@click.argument("unit")
@click.argument("check")
@click.option("--period", help="The file's own without it.")
@click.pass_context
def unexempt(context: click.Context, unit: str, check: str, period: str | None) -> None:
    """Takes an exemption back."""
    from survey import control as deciding

    with open_named(context) as store:
        deciding.unexempt(store, unit, check, period or store.period)
        _say(context, store)


@control.command()
@click.argument("out", type=FILE)
@click.option("--official", required=True, help="Who signs the list.")
@click.pass_context
def sign(context: click.Context, out: Path, official: str) -> None:
    """Writes the city's list for the districts."""
    from survey import control as deciding

    with open_named(context) as store:
        signed = deciding.sign_off(store, out, official=official)
    click.echo(_texts(context)("rules.control.signed", number=signed.number, path=out))


@control.command()
@click.argument("list_", metavar="LIST", type=FILE)
@click.option("--dry-run", is_flag=True, help="Only say what it would change.")
@click.option("--who", default="", help="Who adopts it, for the record.")
@click.pass_context
def adopt(context: click.Context, list_: Path, dry_run: bool, who: str) -> None:
    """Takes the city's list over."""
    from desktop.control_lines import change_lines
    from survey import control as deciding
    from survey import controlfile

    texts = _texts(context)
    with open_named(context) as store:
        for line in change_lines(deciding.changes(store, controlfile.read(list_)), texts):
            click.echo(line)
        if not dry_run:
            found = deciding.adopt(store, list_, who=who)
            facts = {"number": found.number, "official": found.official, "day": found.at[:10]}
            click.echo(texts("rules.control.district_list", **facts))


@control.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """What has been decided, and under which list."""
    with open_named(context) as store:
        _say(context, store)


def _say(context: click.Context, store: Store) -> None:
    from desktop.control_lines import decision_lines, list_line

    texts = _texts(context)
    click.echo(list_line(store, texts))
    for line in decision_lines(store, texts):
        click.echo(line)


def _texts(context: click.Context) -> Texts:
    texts: Texts = context.find_root().obj
    return texts
