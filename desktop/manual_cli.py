"""`manual`: the manual as one web page, to be printed or put where people look for it."""

from __future__ import annotations

from pathlib import Path

import click

from desktop import paths
from desktop.cli_types import FILE
from survey.texts import Texts


@click.command()
@click.argument("out", type=FILE)
@click.option("--scheme", "scheme_name", default="ic-cluster", show_default=True, help="Whose checks and indicators.")
@click.pass_obj
def manual(texts: Texts, out: Path, scheme_name: str) -> None:
    """The whole manual, with every check and indicator of a scheme, as OUT.html."""
    from desktop.manual_page import write
    from survey import scheme

    write(out, texts, scheme.load(paths.scheme_folder(scheme_name)))
    click.echo(texts("manual.written", path=out))
