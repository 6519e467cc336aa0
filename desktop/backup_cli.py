"""`backups` and `rescue`: a survey file put back, or what can be read of a damaged one."""

from __future__ import annotations

from pathlib import Path

import click

from desktop.cli_parts import progress_line
from desktop.cli_types import FILE
from survey.errors import SurveyError
from survey.texts import Texts


@click.command()
@click.argument("file", type=FILE)
@click.option("--restore", "number", type=int, help="The number of the copy that is to take the file's place.")
@click.pass_obj
def backups(texts: Texts, file: Path, number: int | None) -> None:
    """The copies of a survey file, or one of them put back; the file as it was is kept beside it."""
    from desktop.backup_words import cells
    from survey.backup import changes_of, copies
    from survey.restoration import permit_whole, restore

    found = copies(file)
    if number is None:
        changes = changes_of(file) if file.exists() else 0
        for at, one in enumerate(found, 1):
            click.echo(texts("backups.line", number=at, cells="  ".join(filter(None, cells(one, changes, texts)))))
        if not found:
            click.echo(texts("backups.none"))
        return
    if not 1 <= number <= len(found):
        raise SurveyError("no_backup", number=number, count=len(found))
    chosen = found[number - 1].path
    permit_whole(file, chosen)
    click.echo(texts("backups.restored", name=chosen.name, kept=restore(file, chosen)))


@click.command()
@click.argument("file", type=FILE)
@click.argument("new", type=FILE)
@click.option(
    "--scheme",
    type=FILE,
    help="Where its scheme is, a folder or another survey file, if it is lost.",
)
@click.pass_context
def rescue(context: click.Context, file: Path, new: Path, scheme: Path | None) -> None:
    """What can still be read of a damaged survey file, into a new one (exit code 1 where something is lost)."""
    from desktop.paths import shipped
    from desktop.rescue_words import lines
    from survey import rescue as rescues
    from survey.restoration import permit_whole

    texts: Texts = context.obj
    permit_whole(file)
    found = rescues.rescue(file, new, progress_line(texts), [*shipped(), *([scheme] if scheme else [])])
    for line in lines(found, texts):
        click.echo(line)
    context.exit(1 if found.damaged else 0)
