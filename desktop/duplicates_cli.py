"""The command line for look-alikes: what is proposed, and decisions about units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.cli_parts import SHOWN, and_more, open_store, progress_line, write_facts
from desktop.cli_types import FILE, OUT
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.lookalikes import Found, Group
    from survey.store import Store

_COLUMNS = (
    "group", "band", "score", "first", "first_name", "first_district", "second", "second_name", "second_district",
    "relation", "reasons",
)  # fmt: skip
_KEYS = ("branch_of", "parent_of", "moved_from", "successor_of")


@click.command()
@click.argument("file", type=FILE)
@click.option("--same", nargs=2, multiple=True, metavar="A B", help="These are one unit; more pairs make one group.")
@click.option("--keep", default="", metavar="A", help="Which of them is kept.")
@click.option("--different", nargs=2, metavar="A B", help="These are two units; not proposed again.")
@click.option("--tie", nargs=3, metavar="A KIND B", help=f"A is KIND of B: {', '.join(_KEYS)}.")
@click.option("--undo", nargs=2, metavar="A B", help="Takes back what was decided about them.")
@click.option("--all-sure", is_flag=True, help="Makes every group one unit that surely is one.")
@click.option("--decided", "decisions", is_flag=True, help="Lists what has been decided instead.")
@click.option("--csv", "csv_path", type=OUT, help="All pairs with their reasons, for Excel.")
@click.option("--json", "json_path", type=OUT)
@click.option("--period")
@click.option("--who", default="", help="Who decides.")
@click.option("--reason", default="", help="Why.")
@click.pass_context
def duplicates(
    context: click.Context,
    file: Path,
    same: tuple[tuple[str, str], ...],
    keep: str,
    different: tuple[str, str] | None,
    tie: tuple[str, str, str] | None,
    undo: tuple[str, str] | None,
    all_sure: bool,
    decisions: bool,
    csv_path: Path | None,
    json_path: Path | None,
    period: str | None,
    who: str,
    reason: str,
) -> None:
    """Units that may stand twice under different codes or names; exit code 1 where some are left to decide."""
    texts: Texts = context.find_root().obj
    if sum(map(bool, (same, different, tie, undo, all_sure))) > 1 or bool(same) != bool(keep):
        raise click.UsageError(texts("lookalike.wrong_options"))
    with open_store(file) as store:
        if same:
            _settle(store, sorted({uscc for pair in same for uscc in pair}), keep, who, reason, texts)
        elif different or tie or undo:
            _decide(store, different, tie, undo, who, reason, texts)
        elif decisions:
            _list_decisions(store, texts)
        else:
            left = _search(
                store, period or store.period, texts, who=who if all_sure else None, out=(csv_path, json_path)
            )
            context.exit(1 if left else 0)


def _settle(store: Store, codes: list[str], keep: str, who: str, reason: str, texts: Texts) -> None:
    from survey import duplicates as decisions

    decisions.settle(store, codes, keep, who=who, reason=reason)
    [decision] = [one for one in decisions.decided(store) if set(one.units) == set(codes)]
    place = store.scheme.districts.label(decision.district, texts.lang) if decision.district else "—"
    click.echo(texts("lookalike.settled", kept=keep, district=place, count=len(codes) - 1))


def _decide(
    store: Store,
    different: tuple[str, str] | None,
    tie: tuple[str, str, str] | None,
    undo: tuple[str, str] | None,
    who: str,
    reason: str,
    texts: Texts,
) -> None:
    from survey import duplicates as decisions

    if different:
        decisions.part(store, different, who=who, reason=reason)
        click.echo(texts("lookalike.parted"))
    if tie:
        first, kind, second = tie
        decisions.tie(store, first, kind, second, who=who, reason=reason)
        click.echo(texts("lookalike.tied", first=first, tie=texts(f"lookalike.tie.{kind}"), second=second))
    if undo:
        click.echo(texts("lookalike.undone", count=len(decisions.undo(store, undo, who=who))))


def _list_decisions(store: Store, texts: Texts) -> None:
    from desktop.lookalike_words import decided
    from survey import duplicates as decisions

    for one in decisions.decided(store):
        click.echo(decided(one, texts))


def _search(store: Store, period: str, texts: Texts, *, who: str | None, out: tuple[Path | None, Path | None]) -> int:
    """Lists what looks alike, and with `who` makes one of what is sure; gives how many groups are left to decide."""
    from desktop.lookalike_words import facts
    from survey import duplicates as decisions
    from survey import lookalikes

    found = lookalikes.search(store, period, progress_line(texts))
    _write(store, found, texts, *out)
    for at, group in enumerate(found.groups[:SHOWN], 1):
        _show(store, at, group, texts)
    and_more(texts, len(found.groups))
    key = "lookalike.found" if found.groups else "lookalike.nothing"
    click.echo(texts(key, **facts(found.groups), units=found.units))
    if found.left_out:
        click.echo(texts("lookalike.left_out", count=found.left_out))
    settled = decisions.settle_sure(store, found.groups, who=who) if who is not None else 0
    if who is not None:
        click.echo(texts("lookalike.settled_all", count=settled))
    return len(found.groups) - settled


def _show(store: Store, at: int, group: Group, texts: Texts) -> None:
    from desktop.lookalike_words import band, reasons, relation, units_by_code

    units = units_by_code(store, list(group.units))
    names = {uscc: unit.name for uscc, unit in units.items()}
    pair = group.pairs[0]
    said = relation(pair, names, texts) or reasons(pair, texts)
    click.echo(texts("lookalike.line", at=at, band=band(group, texts), score=f"{pair.score:.1f}", facts=said))
    for letter, uscc in enumerate(group.units, 1):
        unit = units[uscc]
        place = store.scheme.districts.label(unit.district, texts.lang) if unit.district else ""
        click.echo(texts("lookalike.unit", letter=letter, uscc=uscc, name=unit.name, place=place))


def _write(store: Store, found: Found, texts: Texts, csv_path: Path | None, json_path: Path | None) -> None:
    from dataclasses import asdict

    from desktop.lookalike_words import rows, units_by_code

    write_facts(store, json_path, [asdict(group) for group in found.groups], "lookalikes")
    if csv_path is None:
        return
    import csv

    from survey.csvguard import guarded
    from survey.files import replacing
    from survey.journal import Telling

    units = units_by_code(store, sorted({uscc for group in found.groups for uscc in group.units}))
    told = Telling(store, "exported", csv_path.name, what="lookalikes")
    with replacing(csv_path, told) as written, written.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([texts(f"lookalike.column.{name}") for name in _COLUMNS])
        writer.writerows([guarded(cell) for cell in row] for row in rows(found.groups, units, store, texts))
