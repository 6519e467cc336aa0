"""`journal`: who did what to a survey file, and whether that record is whole."""

from __future__ import annotations

from pathlib import Path

import click

from desktop.cli_parts import SHOWN, open_store
from desktop.cli_types import FILE, OUT
from survey.texts import Texts


@click.command()
@click.argument("file", type=FILE)
@click.option("--kind", default="", help="Only what is of one kind, as exported, viewed, merged.")
@click.option("--who", default="", help="Only what one person did.")
@click.option("--csv", "csv_path", type=OUT, help="All of it, for Excel.")
@click.option("--verify", is_flag=True, help="Hold the journal and the record of changes against their hashes.")
@click.option("--against", type=FILE, help="Also against a return or receipt that this file has sent.")
@click.pass_context
def journal(
    context: click.Context, file: Path, kind: str, who: str, csv_path: Path | None, verify: bool, against: Path | None
) -> None:
    """The latest entries, or whether all are as they were written (exit code 1 where they are not)."""
    from desktop.journal_words import break_line, cells, write_csv
    from survey import heads
    from survey import journal as journals
    from survey.enrolment import desk_key
    from survey.envelope import is_sealed
    from survey.errors import SurveyError
    from survey.officelock import is_locked

    texts: Texts = context.find_root().obj
    with open_store(file, "keep", "view", "publish") as store:
        if csv_path:
            told = journals.Telling(store, "exported", csv_path.name, what="journal")
            write_csv(csv_path, journals.entries(store, kind, who, most=-1), texts, told)
            click.echo(texts("journal.written", path=csv_path))
            return
        if verify or against:
            found = [*journals.verify(store), *heads.breaks(store)]
            if against:
                if is_sealed(against) or is_locked(against):
                    raise SurveyError("against_closed", path=against)
                found += heads.against(store, against, desk_key(store).public)
            lines = [break_line(one, texts) for one in found]
            for line in lines or [texts("journal.sound", head=journals.head(store)[:40] or "—")]:
                click.echo(line)
            context.exit(1 if found else 0)
        for entry in journals.entries(store, kind, who, most=SHOWN):
            click.echo("  ".join(filter(None, cells(entry, texts))))
