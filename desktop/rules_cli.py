"""The command line for the checks of a survey file: listed, own ones added and taken out, one tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from desktop.cli_parts import SHOWN, file_group, open_named
from survey.form import CHECK_CLASSES, FAMILIES
from survey.rulebook import OWN_COLUMNS
from survey.texts import Texts

_Command = Callable[..., Any]


@file_group
def rules() -> None:
    """The checks of a survey file, and the desk's own among them."""


def _written(command: _Command) -> _Command:
    """A check as it is written: an option a column of `checks.csv`."""
    choices = {"class": CHECK_CLASSES, "family": FAMILIES, "missing": ("zero",)}
    for name in reversed(OWN_COLUMNS):
        kind = click.Choice(choices[name]) if name in choices else None
        command = click.option(f"--{name.replace('_', '-')}", name, type=kind)(command)
    return command


def _given(row: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in row.items() if text}


@rules.command("list")
@click.option("--period")
@click.pass_context
def list_(context: click.Context, period: str | None) -> None:
    """Every check with its class, what must hold, and how it stands."""
    from desktop.rules_model import check_message, state
    from survey.rulelist import rules as all_rules

    texts: Texts = context.find_root().obj
    with open_named(context) as store:
        for one in all_rules(store, period or store.period):
            said, stands = check_message(one.check, store.scheme, texts), state(one, texts)
            click.echo(f"{one.check.code}  {one.category}  {said}" + (f"  [{stands}]" if stands else ""))


@rules.command()
@click.option("--code", default="", help="Changes the own check of this code.")
@click.option("--who", default="", help="Who writes it.")
@_written
@click.pass_context
def add(context: click.Context, /, code: str, who: str, **row: str | None) -> None:
    """Adds an own check; exit code 1 where it does not go with the others."""
    from survey import localchecks
    from survey.ruledraft import draft, lint, tidy, told

    texts: Texts = context.find_root().obj
    with open_named(context) as store:
        draft(store.scheme, code, _given(row), texts).readable(texts)
        check = localchecks.save(store, tidy(_given(row)), code=code, who=who)
        problems = lint(store.scheme, check, store.period)
    click.echo(texts("rules.added", code=check.code))
    for problem in problems:
        click.echo(told(problem, texts))
    context.exit(1 if any(not problem.hint for problem in problems) else 0)


@rules.command()
@click.argument("code")
@click.pass_context
def remove(context: click.Context, code: str) -> None:
    """Takes an own check out."""
    from survey import localchecks

    with open_named(context) as store:
        localchecks.remove(store, code)


@rules.command("try")
@click.argument("code", required=False, default="")
@_written
@click.pass_context
def try_(context: click.Context, /, code: str, **row: str | None) -> None:
    """Tries a check on the whole file: one of the file, with what the options change, or a new one; nothing is stored.

    Exit code 1 where some unit fails it.
    """
    from desktop.trial_lines import trial_lines
    from survey import localchecks
    from survey.checks import every_check, sentence
    from survey.errors import SurveyError
    from survey.ruledraft import draft
    from survey.trial import trial

    texts: Texts = context.find_root().obj
    with open_named(context) as store:
        known = {check.code: check for check in (*every_check(store.scheme, store.period), *store.scheme.checks)}
        if code and code not in known:
            raise SurveyError("unknown_check", found=code)
        begun = localchecks.row_of(store, known[code]) if code else {}
        written = {**begun, **_given(row)}
        read = draft(store.scheme, code or localchecks.next_code(store), written, texts)
        found = trial(store, read.readable(texts), store.period)
        click.echo("\n".join([read.reading, *trial_lines(found, texts)]))
        for one in found.examples[:SHOWN]:
            click.echo(f"{one.unit}  {one.name}  {sentence(one, found.scheme, texts)}")
    context.exit(1 if found.failed else 0)
