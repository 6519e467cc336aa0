"""The command line for wrong units of measure: what is proposed, and accepting what is sure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.texts import Texts

if TYPE_CHECKING:
    from survey.proposal import Proposal, ProposedCell
    from survey.scheme import Scheme

FILE = click.Path(path_type=Path)
_CELLS = 5


@click.command()
@click.argument("file", type=FILE)
@click.option("--period")
@click.option("--json", "json_path", type=FILE)
@click.option("--accept", type=click.Choice(["all-sure"]), help="Write what is sure, each proposal as one step.")
@click.option("--who", default="", help="Who accepts, for the record of changes.")
@click.pass_context
def magnitude(
    context: click.Context, file: Path, period: str | None, json_path: Path | None, accept: str | None, who: str
) -> None:
    """Amounts in a wrong unit of measure (元, 万元) or of the wrong sign; exit code 1 where some are left."""
    from survey import magnitude as detector
    from survey import store as stores

    texts: Texts = context.find_root().obj
    store = stores.open(file)
    try:
        found = detector.detect(store, period or store.period)
        for one in found:
            click.echo("\n".join(described(one, store.scheme, texts)))
        sure = [one for one in found if one.sure]
        click.echo(
            texts("magnitude.count", count=len(found), sure=len(sure), doubtful=len(found) - len(sure))
            if found
            else texts("magnitude.none")
        )
        if accept:
            for one in sure:
                detector.accept(store, one, who)
            click.echo(texts("magnitude.accepted", count=len(sure)))
    finally:
        store.close()
    if json_path:
        _write(json_path, found)
    if len(found) > len(sure if accept else []):
        context.exit(1)


def described(one: Proposal, scheme: Scheme, texts: Texts) -> Iterator[str]:
    """A proposal in words: what is wrong, what it rests on, each cell before and after, what speaks against it."""
    sure = texts("magnitude.sure" if one.sure else "magnitude.doubtful")
    yield texts("magnitude.line", uscc=one.uscc, name=one.name, what=what(one, texts), sure=sure)
    evidence = one.evidence
    if evidence.own is not None and one.extent != "sign":
        yield texts(
            "magnitude.own", ratio=_ratio(evidence.own), cells=evidence.cells, share=round(evidence.share * 100)
        )
    if evidence.peers is not None and one.extent != "sign":
        yield texts("magnitude.peers", ratio=_ratio(evidence.peers))
    for cell in one.cells[:_CELLS]:
        yield _cell(cell, scheme, texts)
    if len(one.cells) > _CELLS:
        yield texts("magnitude.more", count=len(one.cells) - _CELLS)
    yield texts("magnitude.checks", before=len(one.failed_before), after=len(one.failed_after))
    if one.doubts:
        reasons = texts("magnitude.and").join(texts(f"magnitude.doubt.{doubt}") for doubt in one.doubts)
        yield texts("magnitude.doubts", doubts=reasons)


def what(one: Proposal, texts: Texts) -> str:
    """What is wrong and what would put it right."""
    extent = texts(f"magnitude.extent.{one.extent}")
    if one.factor < 0:
        return texts("magnitude.what.sign", extent=extent)
    kind, times = ("large", one.factor) if one.factor > 1 else ("small", 1 / one.factor)
    return texts(f"magnitude.what.{kind}", extent=extent, times=f"{times:,.0f}")


def _ratio(digits: float) -> str:
    """A level in digits as a multiple: three significant figures, never in powers of ten."""
    ratio = 10.0**digits
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}" if ratio >= 0.001 else f"1/{1 / ratio:,.0f}"


def _cell(cell: ProposedCell, scheme: Scheme, texts: Texts) -> str:
    item = scheme.item(cell.item)
    facts: dict[str, Any] = {
        "label": texts.pick(item.label, item.label_en), "code": item.code,
        "old": f"{cell.old:,}", "new": f"{cell.new:,}",
    }  # fmt: skip
    if cell.line:
        return texts("magnitude.cell_line", line=cell.line, **facts)
    reference = texts(f"magnitude.reference.{cell.source}", value=f"{cell.reference:,.0f}") if cell.source else ""
    return texts("magnitude.cell", reference=reference, **facts).rstrip()


def _write(path: Path, found: list[Proposal]) -> None:
    import json
    from dataclasses import asdict

    from survey.files import replacing

    rows = [{**asdict(one), "sure": one.sure} for one in found]
    with replacing(path) as beside:
        beside.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
