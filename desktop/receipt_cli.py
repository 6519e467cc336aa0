"""The command line for what follows a return: receipts that are written and taken in, hand-over slips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.cli_parts import SHOWN, and_more, open_store, progress_line, write_facts
from desktop.cli_types import FILE, OUT
from desktop.journal_words import told_lines
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.receiptfile import Receipt
    from survey.receipttaking import ReceiptReport


@click.command()
@click.argument("file", type=FILE)
@click.argument("out", type=FILE)
@click.option("--sender", metavar="CODE", help="For whom: a district's code, or the name of a part or of a city.")
@click.option("--all", "everybody", is_flag=True, help="For everybody who has sent a return; OUT is a folder.")
@click.option("--deadline", default="", metavar="DAY", help="Until when the queries wait, as 2026-03-31.")
@click.option("--who", default="", help="Who gives the receipt.")
@click.pass_context
def receipt(
    context: click.Context,
    file: Path,
    out: Path,
    sender: str | None,
    everybody: bool,
    deadline: str,
    who: str,
) -> None:
    """Receipts for the last returns, each with what is corrected and asked (OUT.xlsx, or a folder with --all)."""
    from survey import receiptbook, receipts

    texts: Texts = context.find_root().obj
    if bool(sender) == everybody:
        raise click.UsageError(texts("receipt.cli.choose"))
    with open_store(file) as store:
        if sender:
            written = [receiptbook.write(store, sender, out, texts, deadline=deadline, who=who)]
        else:
            written = receiptbook.write_all(
                store, out, texts, deadline=deadline, who=who, progress=progress_line(texts)
            )
        for one in written:
            called = receipts.label(store, one.sender, texts.lang)
            click.echo(texts("receipt.cli.written", path=one.path, sender=called, **_facts(one.receipt, texts)))
    if not written:
        click.echo(texts("receipt.cli.none"))


@click.command()
@click.argument("file", type=FILE)
@click.argument("book", type=FILE, metavar="RECEIPT")
@click.option("--dry-run", is_flag=True)
@click.option("--json", "json_path", type=OUT)
@click.option("--who", default="", help="Who takes the receipt in.")
@click.pass_context
def receive(context: click.Context, file: Path, book: Path, dry_run: bool, json_path: Path | None, who: str) -> None:
    """A receipt into the file whose return it is about, with its queries and the answers written on it.

    Exit code 1 where the return was sent back, or something is asked or could not be taken.
    """
    from survey import enrolment, receipttaking
    from survey.enrolment import ABOVE

    texts: Texts = context.find_root().obj
    with open_store(file) as store:
        report = receipttaking.take(store, book, who=who, dry_run=dry_run)
        found, enrolled = report.receipt, ABOVE in enrolment.enrolled(store)
        counts = {name: getattr(report, name) for name in ("repeated", "unknown", "asked", "known", "answered")}
        refused = [{"row": one.row, "found": one.found, "reason": one.reason(texts)} for one in report.refused]
        gone = [one.uscc for one in report.gone]
        facts = {"receipt": asdict(found), **counts, "gone": gone, "refused": refused}
        write_facts(store, json_path, facts, "receipt")
    key = "receipt.cli.would" if dry_run else "receipt.cli.taken"
    click.echo(texts(key, path=book, **_facts(found, texts)))
    lines = list(_lines(report, texts))
    for line in lines[:SHOWN]:
        click.echo(line)
    and_more(texts, len(lines))
    told = {name: len(getattr(found, name)) for name in ("corrected", "decided", "shared")}
    told |= {name: counts[name] for name in ("asked", "known", "answered")}
    click.echo(texts("receipt.cli.counts", **told))
    for line in told_lines(report.rewritten, report.own, texts):
        click.echo(line)
    if not enrolled:
        click.echo(texts("receipt.cli.unenrolled"))
    for name in ("unknown", "repeated"):
        if counts[name]:
            click.echo(texts(f"receipt.cli.{name}"))
    context.exit(1 if found.verdict == "rejected" or found.asked or refused or gone else 0)


@click.command()
@click.argument("file", type=FILE)
@click.argument("out", type=FILE)
@click.option("--sender", metavar="CODE", help="Whose return was taken in; without it, the desk's own last return.")
@click.option("--note", default="", help="A remark to print.")
@click.pass_context
def slip(context: click.Context, file: Path, out: Path, sender: str | None, note: str) -> None:
    """The hand-over slip (交接单) of a return as a PDF: name, number, time, hash, counts, totals, two signatures."""
    from desktop.printing import ready_to_draw
    from desktop.slip_paper import SlipPaper
    from survey import slips
    from survey.journal import Telling

    texts: Texts = context.find_root().obj
    with open_store(file) as store:
        found = slips.of_sender(store, sender, texts) if sender else slips.of_last_return(store, texts)
        ready_to_draw()
        told = Telling(store, "printed", out.name, what="slip")
        SlipPaper(found, store.scheme, texts, note=note).write_pdf(out, told)
    click.echo(texts("slip.written", path=out, name=found.name, code=found.check_code))


def _facts(found: Receipt, texts: Texts) -> dict[str, object]:
    verdict = texts(f"receipt.verdict.{found.verdict}")
    return {"sequence": found.sequence, "verdict": verdict.replace("　", ""), "asked": len(found.asked)}


def _lines(report: ReceiptReport, texts: Texts) -> Iterator[str]:
    """What a person has to know, what asks for work first."""
    found = report.receipt
    if found.verdict == "rejected":
        yield texts("receipt.cli.reason", reason=found.reason)
    for refused in report.refused:
        yield texts("receipt.cli.refused", row=refused.row, found=refused.found, reason=refused.reason(texts))
    for name, entries in (
        ("query", found.asked), ("gone", report.gone), ("corrected", found.corrected), ("shared", found.shared)
    ):  # fmt: skip
        yield from (texts(f"receipt.cli.{name}", **vars(one)) for one in entries)
