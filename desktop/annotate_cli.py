"""The command line for annotated copies: what an import could not take, told in the enterprise's own workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.texts import Texts

if TYPE_CHECKING:
    from survey.annotation import Mark
    from survey.importreport import ImportReport

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.argument("data", type=FILE)
@click.argument("out", type=FILE)
@click.option("--period", help="For rows that name no period; the file's own without it.")
@click.option("--who", default="", help="Who has looked at it, for the sheet of remarks.")
@click.pass_context
def annotate(context: click.Context, file: Path, data: Path, out: Path, period: str | None, who: str) -> None:
    """A copy of DATA with the cells painted and explained that FILE could not take; neither is changed.

    Exit code 1 where there is something to put right.
    """
    from survey import annotation, imports
    from survey import store as stores

    texts: Texts = context.find_root().obj
    store = stores.open(file)
    try:
        report = imports.import_files(store, [data], period=period, dry_run=True)
        facts = {"file": data.name, "survey": store.scheme.title, "period": period or store.period,
                 "at": stores.now()[:16].replace("T", " "), "who": who or "—"}  # fmt: skip
    finally:
        store.close()
    marks = list(marks_of(report, texts))
    summary = [(texts(f"annotation.fact.{key}"), value) for key, value in facts.items()]
    done = annotation.annotate(data, out, marks, summary, texts)
    key = "annotation.alone" if done.alone else "annotation.done"
    click.echo(texts(key, path=out, placed=done.placed, unplaced=done.unplaced))
    context.exit(1 if marks else 0)


def marks_of(report: ImportReport, texts: Texts) -> Iterator[Mark]:
    """What an import has to say of a file, cell by cell; of a whole row at its first cell."""
    from desktop.import_facts import damage_line
    from survey.annotation import Mark

    for one in report.rejections:
        cell = f"A{one.cell}" if one.cell.isdecimal() else one.cell
        yield Mark(one.sheet, cell, grave=True, text=one.reason(texts))
    for spoilt in report.damage:
        if spoilt.taken:
            yield Mark(spoilt.sheet, spoilt.cell, grave=False, text=damage_line(spoilt, texts))
    for _, sheet, heading in report.unknown_columns:
        yield Mark(sheet, "", grave=False, text=texts("annotation.unknown_column", heading=heading))
    for _, sheet in report.skipped:
        yield Mark(sheet, "", grave=False, text=texts("annotation.skipped"))
