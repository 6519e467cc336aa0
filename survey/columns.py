"""What the columns of a foreign table mean: as its heads say, or as a person once told for heads like these."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from survey.book import Book
from survey.header import head_key
from survey.persons import permit
from survey.store import Store, now

_SEARCH = 20
_SAMPLES = 20
Columns = Mapping[int, str]


@dataclass(frozen=True)
class SheetHead:
    """The likely head of a sheet: its row, what its cells say, and some rows below."""

    sheet: str
    row: int
    cells: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]

    @property
    def key(self) -> str:
        return head_key(self.cells)


def decode_heads(book: Book) -> Iterator[SheetHead]:
    """In the reading process: the likely head of every sheet that has one, the fullest of the first rows."""
    for sheet in book.sheets:
        rows = [[str(cell or "") for cell in row] for row in islice(book.rows(sheet), _SEARCH + _SAMPLES)]
        filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:_SEARCH]]
        if filled and max(filled) > 1:
            at = filled.index(max(filled))
            below = tuple(tuple(row) for row in rows[at + 1 : at + 1 + _SAMPLES])
            yield SheetHead(sheet, at + 1, tuple(rows[at]), below)


def remembered(store: Store) -> dict[str, dict[int, str]]:
    """What people told of tables like these, by the key of their heads."""
    found = {}
    for key, columns in store.execute("SELECT header, columns FROM mapping"):
        told = {int(at): name for at, name in json.loads(columns).items()}
        found[key] = {at: name for at, name in told.items() if name in _known(store)}
    return found


def remember(store: Store, key: str, columns: Columns) -> None:
    """Keeps what a table's columns mean, for the next one with the same heads; raises as `permit` does."""
    permit(store, "edit")
    with store.atomic():
        store.execute(
            "INSERT INTO mapping (header, columns, at) VALUES (?, ?, ?)"
            " ON CONFLICT (header) DO UPDATE SET columns = excluded.columns, at = excluded.at",
            (key, json.dumps({str(at): name for at, name in columns.items()}, ensure_ascii=False), now()),
        )


def _known(store: Store) -> set[str]:
    return {*store.scheme.items, "period", "line"}
