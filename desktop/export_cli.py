"""The command line for the other doors: the answers as CSV or SQLite, the questionnaire as an XLSForm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop import paths
from desktop.cli_parts import open_store
from desktop.cli_types import FILE
from survey import texts as catalogues
from survey.errors import SurveyError
from survey.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from survey.store import Store

KINDS = ("csv", "sqlite", "xlsform")
_BY_SUFFIX = {".sqlite": "sqlite", ".db": "sqlite", ".sqlite3": "sqlite", ".xlsx": "xlsform", "": "csv"}


@click.command()
@click.argument("file", type=FILE)
@click.argument("out", type=FILE)
@click.option("--to", "kind", type=click.Choice(KINDS), help="What OUT becomes; by its suffix without.")
@click.option("--period", default="", help="One period alone; all of them without; of an XLSForm the file's own.")
@click.option("--form", default="", metavar="ID", help="One form alone.")
@click.option("--labels", is_flag=True, help="CSV with labels in place of names and codes.")
@click.pass_context
def export(
    context: click.Context, file: Path, out: Path, kind: str | None, period: str, form: str, labels: bool
) -> None:
    """The answers for other programs: a folder of CSV files, or a SQLite file; or the forms of units as an XLSForm.

    A folder of CSV files is read back by `import FILE OUT/*.csv`.
    """
    texts: Texts = context.find_root().obj
    chosen = kind or _BY_SUFFIX.get(out.suffix.lower())
    if chosen is None:
        raise SurveyError("export_kind", path=out, known=" ".join(KINDS))
    with open_store(file) as store:
        for line in _written(store, out, texts, chosen, period, form, labels=labels):
            click.echo(line)


def _written(store: Store, out: Path, texts: Texts, kind: str, period: str, form: str, *, labels: bool) -> list[str]:
    from survey import csvfolder, sqlitecopy, xlsform
    from survey.journal import Telling
    from survey.record import valid_period

    if period and not valid_period(period):
        raise SurveyError("period", period=period)
    if kind == "csv":
        files = csvfolder.write(store, out, texts, period=period, form=form, labels=labels)
        return [texts("export.done.csv", path=out, files=len(files))]
    if kind == "sqlite":
        sqlitecopy.write(store, out, texts, period=period, form=form)
        return [texts("export.done.sqlite", path=out)]
    spoken = {lang: catalogues.load(paths.texts(), lang) for lang in LANGUAGES}
    told = Telling(store, "exported", out.name, what="xlsform")
    made = xlsform.write(
        store.scheme, out, spoken, period or store.period, told, form=form, district=store.district or ""
    )
    facts = {"questions": made.questions, "checks": made.checks, "left": len(made.left)}
    return [texts("export.done.xlsform", path=out, **facts)]
