"""The command line for queries: lists that are sent, and their answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.cli_parts import open_store, write_facts
from desktop.cli_types import FILE, OUT, PLACE
from survey.errors import SurveyError
from survey.texts import Texts

if TYPE_CHECKING:
    from desktop.answer_rows import AnswerRow

_SHOWN = 20


@click.command()
@click.argument("file", type=FILE)
@click.argument("out", type=PLACE)
@click.option("--unit", "codes", multiple=True, metavar="CODE", help="Whom to ask; may be given more than once.")
@click.option("--all", "everybody", is_flag=True, help="Everybody in the file.")
@click.option("--district", metavar="CODE", help="The units of a district.")
@click.option("--period")
@click.option("--who", default="", help="Who asks.")
@click.pass_context
def query(
    context: click.Context,
    file: Path,
    out: Path,
    codes: tuple[str, ...],
    everybody: bool,
    district: str | None,
    period: str | None,
    who: str,
) -> None:
    """Query lists of all that units have to answer: one workbook (OUT.xlsx), or a folder with one a unit.

    Exit code 1 where there is something to ask.
    """
    from survey import queries, querybook
    from survey.review import Review

    texts: Texts = context.find_root().obj
    if sum((bool(codes), everybody, bool(district))) != 1:
        raise click.UsageError(texts("query.list.choose"))
    try:
        with open_store(file) as store:
            when = period or store.period
            units = store.find_units(codes) if codes else queries.units_of(store, district or "")
            # How units stand among others is measured anew.
            Review(store, when).run()
            new = queries.ask_all(store, units, when, who)
            write = querybook.write if out.suffix.lower() == ".xlsx" else querybook.write_each
            written = write(store, units, when, out, texts)
    except SurveyError as error:
        if error.code != "query_none":
            raise
        click.echo(texts("query.list.none"))
        return
    click.echo(texts("query.list.written", path=out, units=written.units, count=written.count, new=new))
    context.exit(1)


@click.command()
@click.argument("file", type=FILE)
@click.argument("books", type=FILE, nargs=-1, required=True, metavar="BOOK...")
@click.option("--period")
@click.option("--dry-run", is_flag=True)
@click.option("--json", "json_path", type=OUT)
@click.option("--who", default="", help="Who takes the answers in, for the record of changes.")
@click.pass_context
def answers(
    context: click.Context,
    file: Path,
    books: tuple[Path, ...],
    period: str | None,
    dry_run: bool,
    json_path: Path | None,
    who: str,
) -> None:
    """Answers to queries into a survey file, all books or none; exit code 1 where some cannot be taken."""
    from desktop.answer_rows import answer_rows, as_json, facts
    from survey.queryanswers import take

    texts: Texts = context.find_root().obj
    with open_store(file) as store:
        report = take(store, books, dry_run=dry_run, who=who, period=period or "")
        rows = list(answer_rows(report, store.scheme, texts))
        write_facts(store, json_path, as_json(report, len(books), texts, dry_run=dry_run), "answers_in")
    for row in rows[:_SHOWN]:
        click.echo(_line(row, texts))
    if len(rows) > _SHOWN:
        click.echo(texts("cli.more", count=len(rows) - _SHOWN))
    counts = facts(report, len(books))
    click.echo(texts("query.answers.facts" if dry_run else "query.answers.done", **counts))
    click.echo(texts("query.answers.facts_more", **counts))
    if dry_run:
        click.echo(texts("query.answers.rehearsal"))
    context.exit(1 if report.rejected or report.conflicts else 0)


def _line(row: AnswerRow, texts: Texts) -> str:
    key = "query.answers.line" if row.before else "query.answers.line_text"
    return texts(key, **{**vars(row), "outcome": texts(f"query.outcome.{row.outcome}")})
