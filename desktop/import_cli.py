"""The command line for what comes in: questionnaires and lists, and what was imported before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.cli_parts import SHOWN, and_more, open_store, progress_line, write_facts
from desktop.cli_types import FILE, OUT
from survey.errors import SurveyError
from survey.texts import Texts

if TYPE_CHECKING:
    from decimal import Decimal

    from survey.importreport import ColumnPlace, ImportReport, Place
    from survey.proposal import ProposalKey
    from survey.scheme import Scheme
    from survey.taking import Decision


@click.command("import")
@click.argument("file", type=FILE)
@click.argument("data", type=FILE, nargs=-1, required=True)
@click.option("--period", help="For rows that name no period; the file's own without it.")
@click.option("--accept-repairs", is_flag=True, help="Take the repair of a spoilt code where there is only one.")
@click.option("--accept-units", is_flag=True, help="Convert columns that state another unit of measure.")
@click.option("--take-conflicts", is_flag=True, help="Take the files' values where somebody has keyed others.")
@click.option("--blanks", is_flag=True, help="Cells of a questionnaire that were emptied empty the answers.")
@click.option("--convert", is_flag=True, help="Convert amounts that surely are in another unit of measure.")
@click.option("--map", "mapped", multiple=True, metavar="HEADING=ITEM", help="What a column answers; remembered.")
@click.option("--dry-run", is_flag=True)
@click.option("--json", "json_path", type=OUT)
@click.option("--who", default="", help="Who takes the files in, for the record of changes.")
@click.pass_context
def import_(
    context: click.Context,
    file: Path,
    data: tuple[Path, ...],
    period: str | None,
    accept_repairs: bool,
    accept_units: bool,
    take_conflicts: bool,
    blanks: bool,
    convert: bool,
    mapped: tuple[str, ...],
    dry_run: bool,
    json_path: Path | None,
    who: str,
) -> None:
    """Questionnaires and flat tables, files or whole folders, into a survey file, all in one step.

    Exit code 1 where something could not be taken, 2 where nothing could.
    """
    from desktop import import_facts
    from survey import foldersearch, imports

    texts: Texts = context.find_root().obj
    mappings = _mappings(mapped)
    paths = foldersearch.tables_in(data)
    if not paths:
        raise SurveyError("no_tables", path=data[0])

    def take(repairs: Mapping[Place, str], units: Mapping[ColumnPlace, Decimal], *, dry: bool) -> ImportReport:
        settled: frozenset[Decision] | None = None if take_conflicts else frozenset()
        converted: frozenset[ProposalKey] | None = None if convert else frozenset()
        choices = imports.Choices(repairs, mappings, settled, blanks, suspects=True, converted=converted, units=units)
        return imports.import_files(
            store, paths, choices, period=period, dry_run=dry, who=who, progress=progress_line(texts)
        )

    with open_store(file) as store:
        mappings = _meant(mappings, store.scheme)
        seen = take({}, {}, dry=True) if accept_repairs or accept_units else None
        repairs = seen.repairs if seen and accept_repairs else {}
        report = take(repairs, seen.units_proposed if seen and accept_units else {}, dry=dry_run)
        facts = import_facts.facts(report, store.scheme, texts, repairs, dry_run=dry_run)
        lines = import_facts.lines(report, store.scheme, texts, repairs, SHOWN, dry_run=dry_run)
        write_facts(store, json_path, facts, "import")
    others = foldersearch.passed_over(data)
    for line in lines:
        click.echo(line)
    if others:
        names = import_facts.files_of([one.name for one in others], texts)
        click.echo(texts("import.passed_over", count=len(others), files=names))
    and_more(texts, len(report.rejections))
    refused = sum(one.error is not None for one in report.files)
    if refused == len(report.files):
        context.exit(2)
    context.exit(1 if report.rejections or report.collisions or refused else 0)


def _meant(mappings: Mapping[str, str], scheme: Scheme) -> dict[str, str]:
    """What headings answer, where a label or a row code was given for an item."""
    from survey.header import meaning, spellings

    known = spellings(scheme)
    return {heading: meaning(name, known) or name for heading, name in mappings.items()}


def _mappings(mapped: tuple[str, ...]) -> dict[str, str]:
    """Headings with their items, as they are given: HEADING=ITEM."""
    pairs = [one.rpartition("=") for one in mapped]
    wrong = [name for heading, equals, name in pairs if not (heading.strip() and equals and name.strip())]
    if wrong:
        raise SurveyError("map_form", found=wrong[0])
    return {heading.strip(): name.strip() for heading, _, name in pairs}


@click.command()
@click.argument("file", type=FILE)
@click.option("--undo", "number", type=int, metavar="NUMBER", help="Undo the import of that number.")
@click.option("--dry-run", is_flag=True, help="Only say what undoing would do.")
@click.option("--json", "json_path", type=OUT)
@click.option("--who", default="", help="Who undoes it, for the record.")
@click.pass_context
def imports(
    context: click.Context, file: Path, number: int | None, dry_run: bool, json_path: Path | None, who: str
) -> None:
    """What was imported, the latest first; or undoes one import as a whole, whatever was changed since is kept.

    Exit code 1 where something was changed since and kept.
    """
    from desktop import import_facts
    from survey import batches, undoing

    texts: Texts = context.find_root().obj
    with open_store(file) as store:
        if number is None:
            found = batches.listed(store)
            write_facts(store, json_path, [vars(one) for one in found], "import")
            for one in found[:SHOWN]:
                click.echo(import_facts.batch_line(one, texts))
            and_more(texts, len(found))
            return
        report = undoing.undo(store, number, who=who, dry_run=dry_run)
        write_facts(store, json_path, import_facts.undo_facts(report, dry_run=dry_run), "import")
        for line in import_facts.undo_lines(report, store.scheme, texts, number, SHOWN, dry_run=dry_run):
            click.echo(line)
    context.exit(1 if report.kept else 0)
