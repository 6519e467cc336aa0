"""A proposal to put amounts right, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from survey.proposal import Proposal, ProposedCell
from survey.scheme import Scheme
from survey.texts import Texts

_CELLS = 5


def described(one: Proposal, scheme: Scheme, texts: Texts) -> Iterator[str]:
    """A proposal in words: what is wrong, what it rests on, each cell before and after, what speaks against it."""
    sure = texts("magnitude.sure" if one.sure else "magnitude.doubtful")
    yield texts("magnitude.line", uscc=one.uscc, name=one.name, what=what(one, scheme, texts), sure=sure)
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


def what(one: Proposal, scheme: Scheme, texts: Texts) -> str:
    """What is wrong and what would put it right; amounts that are wrong by themselves are named."""
    extent = _extent(one, scheme, texts)
    if one.factor < 0:
        return texts("magnitude.what.sign", extent=extent)
    kind, times = ("large", one.factor) if one.factor > 1 else ("small", 1 / one.factor)
    return texts(f"magnitude.what.{kind}", extent=extent, times=f"{times:,.0f}")


def _extent(one: Proposal, scheme: Scheme, texts: Texts) -> str:
    if one.extent in ("record", "form"):
        return texts(f"magnitude.extent.{one.extent}")
    names = list(dict.fromkeys(cell.item for cell in one.cells))
    item, kind = scheme.item(names[0]), "several" if len(names) > 1 else one.extent
    label = texts.pick(item.label, item.label_en)
    return texts(f"magnitude.extent.{kind}", label=label, code=item.code, count=len(names))


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
