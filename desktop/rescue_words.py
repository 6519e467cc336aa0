"""What was saved of a damaged file, in words."""

from __future__ import annotations

from collections.abc import Iterator

from desktop.journal_words import break_line
from survey.rescue import Rescue, Table
from survey.texts import Texts

_GAPS = 5


def lines(found: Rescue, texts: Texts) -> Iterator[str]:
    """First what was saved, then table by table what was not."""
    if found.copy:
        yield texts("rescue.done", path=found.target, read=found.read, filled=found.filled, copy=found.copy.name)
    else:
        yield texts("rescue.done_alone", path=found.target, read=found.read)
    if not found.damaged:
        yield texts("rescue.whole")
    for table in found.damaged:
        gaps = _gaps(table, texts)
        yield texts("rescue.table", table=table.name, read=table.read, filled=table.filled, gaps=gaps)
    if found.failed:
        yield texts("rescue.pages", count=found.failed)
    if found.orphans:
        yield texts("rescue.orphans", count=found.orphans)
    for one in found.breaks:
        yield texts("rescue.breaks", what=break_line(one, texts))
    if found.damaged:
        yield texts("rescue.ask")


def _gaps(table: Table, texts: Texts) -> str:
    if table.doubtful:
        return texts("rescue.doubtful")
    parts = [texts("rescue.gap", low=low, high=high) for low, high in table.gaps[:_GAPS] if high]
    more = "…" if len(table.gaps) > _GAPS else ""
    return ", ".join(parts) + more if parts else texts("rescue.gap_all")
