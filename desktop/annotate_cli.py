"""The command line for annotated copies: what an import could not take, told in the enterprise's own workbook."""

from __future__ import annotations

from pathlib import Path

import click

from desktop.cli_parts import open_store, progress_line
from desktop.cli_types import FILE
from survey.errors import SurveyError, sentence
from survey.texts import Texts


@click.command()
@click.argument("file", type=FILE)
@click.argument("data", type=FILE)
@click.argument("out", type=FILE)
@click.option("--period", help="For rows that name no period; the file's own without it.")
@click.option("--who", default="", help="Who has looked at it, for the sheet of remarks.")
@click.pass_context
def annotate(context: click.Context, file: Path, data: Path, out: Path, period: str | None, who: str) -> None:
    """A copy of DATA with the cells painted and explained that FILE could not take, or that its checks doubt.

    Of a folder DATA every file there is something to say of gets a copy in the folder OUT. Neither DATA nor FILE is
    changed. Exit code 1 where there is something to put right.
    """
    from survey import annotating, foldersearch

    texts: Texts = context.find_root().obj
    with open_store(file) as store:
        if data.is_dir():
            paths = foldersearch.tables_in([data])
            if not paths:
                raise SurveyError("no_tables", path=data)
            copies = annotating.write_copies(
                store, paths, out, texts, period=period, who=who, progress=progress_line(texts)
            )
        else:
            copies = annotating.Copies([annotating.write_copy(store, data, out, texts, period=period, who=who)])
    for path, error in copies.failed:
        told = sentence(SurveyError(error.code, **{**error.facts, "path": path.name}), texts)
        click.echo(texts("annotation.failed", file=path.name, reason=told), err=True)
    for one in copies.done:
        key = "annotation.alone" if one.alone else "annotation.done"
        click.echo(texts(key, path=one.path, placed=one.placed, unplaced=one.unplaced))
    if not copies.done and not copies.failed:
        click.echo(texts("annotation.nothing"))
    context.exit(1 if copies.failed or any(one.placed or one.unplaced for one in copies.done) else 0)
