"""The command line for editions: figures frozen, listed, and computed again."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from desktop.cli_parts import SHOWN, open_store, progress_line, write_facts
from desktop.cli_types import FILE, OUT
from desktop.edition_words import changes, figure_name, verdict
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.computation import Computation
    from indicators.edition import Edition, EditionKind
    from indicators.withheld import Key
    from survey.progress import Progress

_KINDS = ("internal", "working", "public")


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--freeze",
    "kind",
    type=click.Choice(_KINDS),
    help="Keep the period's figures as an edition; a public one has only those that disclose nobody.",
)
@click.option("--verify", "number", type=int, help="Compute an edition again, and say what differs.")
@click.option("--withheld", is_flag=True, help="What a public edition would withhold, and why.")
@click.option("--note", default="", help="What the edition is for.")
@click.option("--who", default="")
@click.option("--json", "json_path", type=OUT)
@click.pass_context
def editions(
    context: click.Context,
    file: Path,
    kind: str | None,
    number: int | None,
    withheld: bool,
    note: str,
    who: str,
    json_path: Path | None,
) -> None:
    """The editions of the figures that went out; exit code 1 where one cannot be computed again.

    A public edition has only the figures that disclose nobody. Why others are withheld is for the city's own eyes.
    """
    from indicators import definition, edition
    from indicators.computation import Computation
    from indicators.engines import engine_of

    texts: Texts = context.find_root().obj
    program, progress = version("census-desk"), progress_line(texts)
    with open_store(file, "view", "publish") as store, engine_of(store) as engine:
        computation = Computation(store, definition.load(store.scheme), progress, engine)
        if withheld:
            context.exit(_tell_withheld(computation, store.period, texts, progress))
        if kind:
            new = edition.freeze(computation, cast("EditionKind", kind), program, who=who, note=note, progress=progress)
            _tell_changes(new, computation, texts)
        if number is not None:
            found = edition.verify(computation, edition.edition(store, number), program, progress)
            for line in verdict(number, found, computation.catalogue, store.scheme, texts):
                click.echo(line)
            context.exit(0 if found.reproduced else 1)
        every = edition.listed(store)
        if json_path:
            write_facts(store, json_path, [_facts(edition.edition(store, one.id)) for one in every], "figures")
        for one in every:
            click.echo(
                texts(
                    "edition.line", number=one.id, kind=texts(f"edition.kind.{one.kind}"), period=one.period,
                    at=one.at[:16].replace("T", " "), who=one.who or "—", note=one.note or "—", count=one.count,
                    data=one.data[:12], program=one.program,
                )
            )  # fmt: skip


def _facts(one: Edition) -> dict[str, object]:
    """An edition for other programs; what it withholds is no part of it."""
    told = {name: value for name, value in asdict(one).items() if name not in ("taken", "withheld", "control", "count")}
    return {**told, "figures": [[*key, value] for key, value in one.figures.items()]}


def _tell_changes(new: Edition, computation: Computation, texts: Texts) -> None:
    """What a new public edition tells otherwise than the one before it: whoever has both sees that."""
    from indicators import edition

    store = computation.store
    before = edition.public_before(store, new) if new.kind == "public" else None
    if before and (found := edition.changed(before, new)):
        click.echo(texts("edition.changed", number=before.id, count=len(found)))
        for line in changes(found, computation.catalogue, store.scheme, texts, SHOWN):
            click.echo(line)
        if few := edition.late(before, new, store.scheme.disclosure):
            click.echo(texts("edition.late", number=before.id, count=few))


def _tell_withheld(computation: Computation, period: str, texts: Texts, progress: Progress | None) -> int:
    """Every figure that a public edition would withhold with its reason, then the audit; gives the exit code."""
    from indicators import edition

    catalogue, scheme = computation.catalogue, computation.store.scheme
    found = edition.publication(computation, period, progress)

    def called(key: Key) -> str:
        return figure_name(key, catalogue, scheme, texts)

    for key, one in found.withheld.items():
        click.echo(f"{called(key)}  {one.text(texts, called)}")
    leaks = len(found.protected.audit.leaks)
    facts = {"count": len(found.withheld), "published": len(found.statuses) - len(found.withheld)}
    click.echo(texts("edition.clean", **facts) if found.publishable else texts("edition.leaks", count=leaks))
    return 0 if found.publishable else 1
