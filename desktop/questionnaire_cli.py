"""The command line for questionnaires: the workbooks that enterprises fill in."""

from __future__ import annotations

from pathlib import Path

import click

from desktop.cli_parts import open_store
from desktop.cli_types import FILE, PLACE
from survey.errors import SurveyError
from survey.texts import Texts


@click.command()
@click.argument("file", type=FILE)
@click.argument("out", type=PLACE)
@click.option("--unit", "codes", multiple=True, metavar="CODE", help="For whom; may be given more than once.")
@click.option("--all", "everybody", is_flag=True, help="For everybody in the file.")
@click.option("--blank", is_flag=True, help="For an enterprise that is not in the register.")
@click.option("--period")
@click.pass_context
def questionnaires(
    context: click.Context,
    file: Path,
    out: Path,
    codes: tuple[str, ...],
    everybody: bool,
    blank: bool,
    period: str | None,
) -> None:
    """Questionnaires to fill in: one workbook (OUT.xlsx), or a folder with one a unit."""
    from survey import questionnairebook, roster
    from survey.roster import Wanted

    texts: Texts = context.find_root().obj
    if sum((bool(codes), everybody, blank)) != 1:
        raise click.UsageError(texts("questionnaire.choose"))
    if out.suffix.lower() in (".xls", ".xlsm", ".et", ".ods"):
        raise SurveyError("not_workbook_name", path=out)
    single = out.suffix.lower() == ".xlsx"
    if single and (everybody or len(codes) > 1):
        raise click.UsageError(texts("questionnaire.one"))
    with open_store(file) as store:
        when = period or store.period
        known = list(roster.ids(store, when, Wanted())) if everybody else store.find_units(codes)
        units = [None] if blank else known
        if single:
            questionnairebook.write(store, units[0], when, out, texts)
        else:
            questionnairebook.write_each(store, units, when, out, texts)
    click.echo(texts("questionnaire.written", path=out, count=len(units)))
