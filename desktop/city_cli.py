"""The command line of a desk that takes returns: board, register of returns, merging, conflicts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desktop import merge_facts
from desktop.cli_parts import SHOWN, and_more, open_store, progress_line, write_facts
from desktop.cli_types import FILE, OUT
from desktop.moments import moment
from desktop.passphrase_cli import first_line
from survey import officelock
from survey.errors import SurveyError
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.board import Board, Cell, Line
    from survey.conflicts import Choice, OpenConflict
    from survey.mergereport import MergeReport
    from survey.received import Received
    from survey.store import Store

_CHOICES = ("district", "city", "value")


@click.command()
@click.argument("file", type=FILE)
@click.argument("returns", type=FILE, nargs=-1)
@click.option("--leave-out", "left_out", multiple=True, metavar="CODE", help="A unit that stays as it is.")
@click.option("--undo", "undone", type=int, metavar="NUMBER", help="Undo the return of that number in the register.")
@click.option("--reject", "rejected", type=FILE, help="Record that a return is not accepted.")
@click.option("--reason", default="", help="Why it is rejected.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--password-file", type=FILE, help="Its first line opens returns under a password.")
@click.option("--json", "json_path", type=OUT)
@click.option("--who", default="", help="Who does it, for the record.")
@click.pass_context
def merge(
    context: click.Context,
    file: Path,
    returns: tuple[Path, ...],
    left_out: tuple[str, ...],
    undone: int | None,
    rejected: Path | None,
    reason: str,
    dry_run: bool,
    password_file: Path | None,
    json_path: Path | None,
    who: str,
) -> None:
    """Takes returns into the file of the desk above, each all or nothing; or undoes or rejects one.

    Exit code 1 where something is left to decide or was refused, 2 where nothing could be done.
    """
    texts: Texts = context.find_root().obj
    if bool(returns) + (undone is not None) + (rejected is not None) != 1:
        raise click.UsageError(texts("merge.one_thing"))
    if password_file:
        officelock.remember(first_line(password_file))
    with open_store(file) as store:
        if undone is not None:
            context.exit(_undo(store, undone, texts, json_path, who=who, dry_run=dry_run))
        if rejected is not None:
            _reject(store, rejected, reason, texts, who)
            return
        reports = _merge(store, returns, left_out, texts, who=who, dry_run=dry_run)
        write_facts(store, json_path, [merge_facts.facts(one, texts) for one in reports], "merge")
        for one in reports:
            _tell(one, store, texts, dry_run=dry_run)
    refused = sum(not one.accepted for one in reports)
    if refused == len(reports):
        context.exit(2)
    context.exit(1 if refused or any(one.conflicts or one.contests for one in reports) else 0)


def _merge(
    store: Store, returns: Sequence[Path], left_out: Sequence[str], texts: Texts, *, who: str, dry_run: bool
) -> list[MergeReport]:
    from survey import merge as merging

    told = progress_line(texts)
    if left_out:
        # A code that was mistyped would let the very unit in that it was to keep out.
        tried = merging.merge(store, returns, dry_run=True, progress=told)
        known = {unit.uscc for one in tried for unit in one.units}
        if unknown := [code for code in left_out if code not in known]:
            raise SurveyError("left_out_unknown", codes=" ".join(unknown))
    leaving = dict.fromkeys(returns, left_out)
    return merging.merge(store, returns, dry_run=dry_run, who=who, left_out=leaving, progress=told)


def _tell(one: MergeReport, store: Store, texts: Texts, *, dry_run: bool) -> None:
    row = merge_facts.facts(one, texts) | {"district": merge_facts.sender_name(store, one.district, texts)}
    accepted = "merge.cli.would" if dry_run else "merge.cli.did"
    click.echo(
        texts(accepted if one.accepted else "merge.cli.refused", **row), file=sys.stdout if one.accepted else sys.stderr
    )
    for line in merge_facts.warnings(one, store, texts):
        click.echo(f"  {line}")
    if one.left_out:
        click.echo(f"  {texts('merge.cli.left_out', count=one.left_out)}")


def _undo(store: Store, number: int, texts: Texts, json_path: Path | None, *, who: str, dry_run: bool) -> int:
    from survey import merge as merging

    report = merging.undo(store, number, who=who, dry_run=dry_run)
    received = next(one for one in _all(store) if one.id == number)
    facts = {"dry_run": dry_run, **vars(report), "kept": [vars(one) for one in report.kept]}
    write_facts(store, json_path, facts, "merge")
    for line in merge_facts.undo_lines("would" if dry_run else "did", report, received, store, texts, SHOWN):
        click.echo(line)
    return 1 if report.kept else 0


def _reject(store: Store, path: Path, reason: str, texts: Texts, who: str) -> None:
    from survey import merge as merging

    merging.reject(store, path, reason, who=who)
    click.echo(texts("merge.cli.rejected", file=path.name))


def _all(store: Store) -> list[Received]:
    from survey.received import listed

    return listed(store, store.period)


@click.command("returns")
@click.argument("file", type=FILE)
@click.option("--json", "json_path", type=OUT)
@click.pass_context
def returns_(context: click.Context, file: Path, json_path: Path | None) -> None:
    """The register: every return that came in, the latest first, and what became of it."""
    texts: Texts = context.find_root().obj
    with open_store(file) as store:
        found = _all(store)
        write_facts(store, json_path, [vars(one) for one in found], "returns")
        if not found:
            click.echo(texts("received.none"))
        for one in found[:SHOWN]:
            row = dict(zip(merge_facts.REGISTER_HEADS, merge_facts.register_row(one, store, texts), strict=True))
            click.echo(texts("received.line", **row))
            click.echo(f"    {one.path}")
            if one.reason:
                click.echo(f"    {texts('received.reason', reason=one.reason)}")
        and_more(texts, len(found))


@click.command()
@click.argument("file", type=FILE)
@click.option("--due", help="The day on which the returns are due, as 2026-03-31; '' takes it back.")
@click.option("--expect", "wanted", multiple=True, metavar="NAME", help="Somebody who is to send a return.")
@click.option("--expect-no-more", "unwanted", multiple=True, metavar="NAME", help="Somebody who is not.")
@click.option("--json", "json_path", type=OUT)
@click.pass_context
def board(
    context: click.Context,
    file: Path,
    due: str | None,
    wanted: tuple[str, ...],
    unwanted: tuple[str, ...],
    json_path: Path | None,
) -> None:
    """The board: who has sent, and what is open in it, by form."""
    from datetime import datetime

    from survey import board as boards
    from survey import expected, unsettled

    texts: Texts = context.find_root().obj
    with open_store(file) as store:
        if due is not None:
            boards.set_due_date(store, due)
        with store.atomic():
            for name in unwanted:
                expected.remove(store, name)
            for name in wanted:
                expected.add(store, name)
        found = unsettled.count(store, store.period, progress_line(texts))
        shown = boards.board(store, datetime.now().date(), found)
        write_facts(store, json_path, _board_facts(shown), "board")
        for line in _board_lines(shown, store, texts):
            click.echo(line)


def _board_facts(shown: Board) -> dict[str, Any]:
    return {
        "due": shown.due and shown.due.isoformat(), "checked": shown.found.at, "changed_since": shown.found.touched,
        "units": shown.counted, "contested": shown.contested, "total": vars(shown.total),
        "senders": [
            {
                "sender": one.sender, "state": one.state, "overdue": one.overdue, "units": one.counted,
                "contested": one.contested, "standing": one.standing and vars(one.standing),
                "rejected": one.rejected and vars(one.rejected),
                "forms": {form: vars(cell) for form, cell in one.cells.items()},
            }
            for one in shown.lines
        ],
    }  # fmt: skip


def _board_lines(shown: Board, store: Store, texts: Texts) -> list[str]:
    below = merge_facts.below_name(store, texts)
    told = [
        texts(
            "board.cli.head", below=below, senders=len(shown.lines), received=shown.count("received", "late"),
            draft=shown.count("draft"), missing=shown.count("due", "overdue", "rejected"),
            due=shown.due.isoformat() if shown.due else texts("board.no_due"),
        )
    ]  # fmt: skip
    for one in shown.lines:
        told += [_sender_line(one, store, texts), *_form_lines(one, texts)]
    told.append(
        texts("board.cli.total", units=f"{shown.counted:,}", contested=shown.contested, open=_open(shown.total, texts))
    )
    if not shown.found.at:
        told.append(texts("board.unchecked"))
    return told


def _sender_line(one: Line, store: Store, texts: Texts) -> str:
    sent = ""
    if now := one.standing:
        at = moment(now.at)
        sent = texts("board.cli.sent", sequence=now.sequence, at=at, name=now.name)
    if one.rejected:
        sent += texts("board.cli.rejected", name=one.rejected.name, reason=one.rejected.reason)
    sender, state = merge_facts.sender_name(store, one.sender, texts), texts(f"board.state.{one.state}")
    return texts("board.cli.sender", sender=sender, state=state, units=f"{one.counted:,}", sent=sent)


def _form_lines(one: Line, texts: Texts) -> list[str]:
    """The forms in which something is open."""
    open_ = {form: cell for form, cell in one.cells.items() if cell.errors or cell.doubts or cell.conflicts}
    return [f"    {form}  {_open(cell, texts)}" for form, cell in open_.items()]


def _open(cell: Cell, texts: Texts) -> str:
    return texts("board.open", errors=f"{cell.errors:,}", doubts=f"{cell.doubts:,}", conflicts=f"{cell.conflicts:,}")


@click.command()
@click.argument("file", type=FILE)
@click.option("--sender", default="", help="Only those of a sender.")
@click.option("--item", default="", help="Only those of an item, by its name.")
@click.option("--id", "numbers", type=int, multiple=True, help="Only these.")
@click.option("--settled", is_flag=True, help="Those that were decided.")
@click.option("--settle", type=click.Choice(_CHOICES), help="Decide those that are listed.")
@click.option("--value", help="With --settle value: what is right; '' is blank.")
@click.option("--reopen", is_flag=True, help="Take the decisions about those that are listed back.")
@click.option("--all", "every", is_flag=True, help="With --settle or --reopen, where nothing narrows the list.")
@click.option("--reason", default="")
@click.option("--json", "json_path", type=OUT)
@click.option("--who", default="", help="Who decides, for the record.")
@click.pass_context
def conflicts(
    context: click.Context,
    file: Path,
    sender: str,
    item: str,
    numbers: tuple[int, ...],
    settled: bool,
    settle: Choice | None,
    value: str | None,
    reopen: bool,
    every: bool,
    reason: str,
    json_path: Path | None,
    who: str,
) -> None:
    """Cells of which this desk and a sender say different things: lists or decides them, or takes decisions back.

    Exit code 1 where some are left to decide.
    """
    from survey import conflicts as deciding

    texts: Texts = context.find_root().obj
    if (settle or reopen) and not (sender or item or numbers or every):
        raise click.UsageError(texts("conflicts.cli.narrow"))
    if (settle == "value") != (value is not None) or (settle and reopen):
        raise click.UsageError(texts("conflicts.cli.value"))
    with open_store(file) as store:
        found = [
            one
            for one in deciding.listed(store, settled=settled or reopen)
            if sender in ("", one.sender) and item in ("", one.item) and (not numbers or one.id in numbers)
        ]
        ids = [one.id for one in found]
        if settle:
            chosen = deciding.typed(store, found, value) if value is not None else None
            number = deciding.settle(
                store, ids, settle, value=chosen, who=who, reason=reason, progress=progress_line(texts)
            )
            click.echo(texts("conflicts.did", count=number))
        elif reopen:
            click.echo(texts("conflicts.reopened", count=deciding.reopen(store, ids, who=who)))
        else:
            write_facts(store, json_path, [vars(one) for one in found], "conflicts")
            for one in found[:SHOWN]:
                click.echo(_conflict_line(one, store, texts))
            and_more(texts, len(found))
        left = len(deciding.listed(store))
    click.echo(texts("conflicts.left", count=left))
    context.exit(1 if left else 0)


def _conflict_line(one: OpenConflict, store: Store, texts: Texts) -> str:
    from desktop.conflict_words import cell

    scheme = store.scheme
    return texts(
        "conflicts.cli.line", number=one.id, uscc=one.uscc, name=one.name,
        item=merge_facts.item_name(scheme, one.item, one.line, texts),
        sender=merge_facts.sender_name(store, one.sender, texts),
        kept=merge_facts.shown(scheme, one.item, one.kept, texts),
        offered=merge_facts.shown(scheme, one.item, one.offered, texts),
        own=merge_facts.own_name(store, texts), file=one.file,
        cell=cell(one, store),
    )  # fmt: skip
