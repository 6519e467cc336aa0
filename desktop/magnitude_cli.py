"""The command line for wrong units of measure: what is proposed, and accepting what is sure."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from desktop.cli_parts import open_store, write_facts
from desktop.cli_types import FILE, OUT
from survey.texts import Texts


@click.command()
@click.argument("file", type=FILE)
@click.option("--period")
@click.option("--json", "json_path", type=OUT)
@click.option("--accept", type=click.Choice(["all-sure"]), help="Write what is sure, each proposal as one step.")
@click.option("--who", default="", help="Who accepts, for the record of changes.")
@click.pass_context
def magnitude(
    context: click.Context, file: Path, period: str | None, json_path: Path | None, accept: str | None, who: str
) -> None:
    """Amounts in a wrong unit of measure (元, 万元) or of the wrong sign; exit code 1 where some are left."""
    from desktop.magnitude_words import described
    from survey import magnitude as detector

    texts: Texts = context.find_root().obj
    with open_store(file) as store:
        found = detector.detect(store, period or store.period)
        for one in found:
            click.echo("\n".join(described(one, store.scheme, texts)))
        sure = [one for one in found if one.sure]
        click.echo(
            texts("magnitude.count", count=len(found), sure=len(sure), doubtful=len(found) - len(sure))
            if found
            else texts("magnitude.none")
        )
        if accept:
            for one in sure:
                detector.accept(store, one, who)
            click.echo(texts("magnitude.accepted", count=len(sure)))
        write_facts(store, json_path, [{**asdict(one), "sure": one.sure} for one in found], "magnitude")
    if len(found) > len(sure if accept else []):
        context.exit(1)
