"""The command line. Exit 0: done; 1: done, and the data has problems; 2: refused, nothing changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from desktop import paths
from desktop.annotate_cli import annotate
from desktop.backup_cli import backups, rescue
from desktop.city_cli import board, conflicts, merge, returns_
from desktop.cli_parts import SHOWN, and_more, open_store, progress_line, write_facts
from desktop.cli_types import FILE, OUT, be_strict
from desktop.control_cli import control
from desktop.duplicates_cli import duplicates
from desktop.edition_cli import editions
from desktop.export_cli import export
from desktop.import_cli import import_, imports
from desktop.indicator_cli import indicators, publish
from desktop.journal_cli import journal
from desktop.keys_cli import keys
from desktop.magnitude_cli import magnitude
from desktop.manual_cli import manual
from desktop.passphrase_cli import PASSPHRASE_FILE, asked, first_line, passphrase
from desktop.persons_cli import persons
from desktop.query_cli import answers, query
from desktop.questionnaire_cli import questionnaires
from desktop.receipt_cli import receipt, receive, slip
from desktop.rules_cli import rules
from desktop.scheme_cli import scheme
from desktop.tables_cli import tables
from desktop.trace_cli import trace
from survey import identity
from survey import texts as catalogues
from survey.errors import SurveyError, more, sentence
from survey.texts import LANGUAGES, Texts


class _Commands(click.Group):
    """Says known trouble in plain words on stderr and leaves with 2; a file alone opens the window."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["window"])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.get_command(ctx, args[0]) is not None
        return super().resolve_command(ctx, args if known else ["window", *args])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SurveyError as error:
            texts = _texts(ctx)
            click.echo("\n".join(filter(None, [sentence(error, texts), more(error, texts)])), err=True)
            ctx.exit(2)


def _texts(context: click.Context) -> Texts:
    return catalogues.load(paths.texts(), str(context.params.get("lang") or "zh"))


pass_texts = click.make_pass_decorator(Texts)


@click.group(cls=_Commands)
@click.option("--lang", type=click.Choice(LANGUAGES), default=None, help="zh (default) or en.")
@PASSPHRASE_FILE
@click.option("--person", default="", help="Who works, where a file has persons.")
@click.option("--person-file", type=FILE, help="Its first line is that person's secret.")
@click.version_option(package_name="census-desk")
@click.pass_context
def main(
    context: click.Context, lang: str | None, passphrase_file: Path | None, person: str, person_file: Path | None
) -> None:
    """普查台 Census Desk: forms, checks, returns, merging and indicators of an enterprise census."""
    context.obj = catalogues.load(paths.texts(), lang or "zh")
    context.meta["lang"] = lang
    # The window asks by dialogs of its own.
    asked(passphrase_file, context.obj, prompt=context.invoked_subcommand != "window")
    identity.act_as(person)
    proof = first_line(person_file) if person_file else ""
    identity.offer(person if proof or context.invoked_subcommand != "window" else "", proof)


@main.command()
@click.argument("file", type=FILE, required=False)
@click.option("--quit-after", type=int, hidden=True, help="Milliseconds after which the window closes.")
@click.option("--until-painted", is_flag=True, hidden=True, help="Says when the window is painted, and closes it.")
@click.pass_context
def window(context: click.Context, file: Path | None, quit_after: int | None, until_painted: bool) -> None:
    """The window (also: census-desk [FILE])."""
    from desktop.application import run

    context.exit(run(file, context.meta["lang"], quit_after, until_painted=until_painted))


@main.command()
@click.argument("file", type=FILE)
@click.option("--scheme", "scheme_name", required=True, help="A shipped scheme, or a scheme's folder.")
@click.option("--period", required=True)
@click.option("--district", help="The district's code.")
@click.option("--part", default="", help="An officer's part of the district; with --city what its province calls it.")
@click.option("--city", is_flag=True, help="The city's file.")
@click.option("--province", is_flag=True, help="The file of a province, which merges cities.")
@pass_texts
def new(
    texts: Texts,
    file: Path,
    scheme_name: str,
    period: str,
    district: str | None,
    part: str,
    city: bool,
    province: bool,
) -> None:
    """A new survey file for a district or an officer's part of it, for the city, or for a province."""
    from survey import scheme, store

    if bool(district) + city + province != 1 or (part and province):
        raise click.UsageError(texts("cli.district_or_city"))
    level = "province" if province else ""
    found = scheme.load(paths.scheme_folder(scheme_name))
    store.create(file, found, period, district, part=part.strip(), level=level).close()
    click.echo(texts("cli.created", path=file))


@main.command()
@click.argument("file", type=FILE)
@click.option("--period")
@click.option("--json", "json_path", type=OUT)
@click.option("--report", type=OUT, help="A workbook by check, item and unit, with every finding.")
@click.pass_context
def check(context: click.Context, file: Path, period: str | None, json_path: Path | None, report: Path | None) -> None:
    """All checks over a survey file."""
    from survey import reviewbook
    from survey.checks import sentence as finding_sentence
    from survey.review import Review

    texts: Texts = context.obj
    with open_store(file) as store:
        review = Review(store, period or store.period, progress_line(texts))
        review.watch()
        findings = list(review.findings())
        review.save()
        if report:
            reviewbook.write(store, review, findings, report, texts)
        rows = [
            {
                "check": one.check,
                "class": one.category,
                "unit": one.unit,
                "period": one.period,
                "form": one.form,
                "items": list(one.items),
                "operands": dict(one.operands),
                "message": finding_sentence(one, store.scheme, texts),
                "verdict": one.verdict,
            }
            for one in findings
        ]
        write_facts(store, json_path, rows, "findings")
    failed = [row for row in rows if row["verdict"] == "fail"]
    for row in failed[:SHOWN]:
        click.echo(f"{row['unit']}  {row['class']}  {row['check']}  {row['message']}")
    and_more(texts, len(failed))
    units = {row["unit"] for row in failed}
    click.echo(texts("cli.checked", units=len(review.statuses), failed=len(failed), with_findings=len(units),
                     not_evaluated=len(rows) - len(failed)))  # fmt: skip
    context.exit(1 if failed else 0)


@main.command("return")
@click.argument("file", type=FILE)
@click.argument("out", type=FILE)
@click.option("--final", is_flag=True, help="Refuse what would only be a draft.")
@click.option("--as", "part", default="", help="What the province calls this city.")
@click.option("--password-file", type=FILE, help="Its first line is what Excel asks for before it opens the return.")
@click.pass_context
def return_(context: click.Context, file: Path, out: Path, final: bool, part: str, password_file: Path | None) -> None:
    """The desk's return, a standard workbook; a draft while findings are to be settled."""
    from survey import returns

    texts: Texts = context.obj
    with open_store(file) as store:
        password = first_line(password_file) if password_file else ""
        with store.atomic():
            if part and store.is_city:
                store.set_desk("part", part.strip())
            summary = returns.write(store, out, texts, final=final, password=password, progress=progress_line(texts))
    manifest = summary.manifest
    click.echo(
        texts("cli.returned", path=out, units=manifest.units, sequence=manifest.sequence, digest=manifest.digest[:16])
    )
    if manifest.draft:
        click.echo(texts("cli.return_draft", **summary.open_facts))
    context.exit(1 if manifest.draft else 0)


for command in (
    scheme, magnitude, control, rules, query, answers, import_, imports, questionnaires, export, annotate, trace,
    receipt, receive, slip, merge, returns_, board, conflicts, duplicates, indicators, publish, editions,
    tables, passphrase, keys, manual, journal, persons, backups, rescue,
):  # fmt: skip
    main.add_command(command)


@main.command()
@click.argument("folder", type=FILE)
@click.option("--units", "count", type=click.IntRange(11, 200_000), default=650, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@pass_texts
def demo(texts: Texts, folder: Path, count: int, seed: int) -> None:
    """The whole job on synthetic data: districts, returns, merge, checks, indicators, summary."""
    from desktop.demo import run

    run(folder, count, seed, texts, click.echo)


be_strict(main)
