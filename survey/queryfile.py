"""A query list as it is read back: its stamp, then what was filled in, row by row.

Runs in the reading process, so it knows neither the survey file nor anything slow to load. A row is known
by its key, not by its place, and a file by its stamp, not by its name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.book import Book
from survey.errors import SurveyError
from survey.header import column_letters
from survey.manifest import plain
from survey.scalar import Value

FORMAT = "census-desk-query"
FORMAT_VERSION = "1"
SHEET, CODES = "_query", "_codes"
# The hidden names of the columns that are read; who filled the list in stands in the row of key `FOOT`.
KEY, CORRECTION, REMARK, BY = "_key", "_correction", "_remark", "_by"
FOOT = "foot"
_HEAD = ("format", "format_version", "scheme", "version", "period", "desk", "file", "created")


@dataclass(frozen=True)
class StampRow:
    """What a row of the list asks about: the query, the item and line ('' and 0 for none), the value as it was sent.

    `mark` tells the query from another one of that number.
    """

    key: str
    query: int
    mark: str
    item: str
    line: int
    value: Value

    def texts(self) -> tuple[str, ...]:
        """The row as the stamp's sheet holds it."""
        value = json.dumps(self.value, ensure_ascii=False)
        return "row", self.key, str(self.query), self.mark, self.item, str(self.line), value


@dataclass(frozen=True)
class Stamp:
    """What a query list says of itself: the scheme, period and desk it is of, the survey file that asks."""

    scheme: str
    version: str
    period: str
    desk: str
    file: str
    created: str
    rows: tuple[StampRow, ...]

    def lines(self) -> list[tuple[str, ...]]:
        """The stamp as its sheet holds it, all text; the last line is the digest of those above."""
        head = (FORMAT, FORMAT_VERSION, self.scheme, self.version, self.period, self.desk, self.file, self.created)
        lines: list[tuple[str, ...]] = list(zip(_HEAD, head, strict=True))
        lines += [one.texts() for one in self.rows]
        return [*lines, ("digest", digest(lines))]


@dataclass(frozen=True)
class FilledRow:
    """What was filled in on a row, as it stands in the cells, and which cells these are; '' where nothing was."""

    key: str
    sheet: str
    correction: Any
    correction_cell: str
    remark: str
    remark_cell: str


@dataclass(frozen=True)
class Filler:
    """Who says at the foot that he filled the list in."""

    name: str


def digest(lines: Sequence[Sequence[str]]) -> str:
    """SHA-256 over lines of a stamp."""
    return hashlib.sha256("\n".join("\t".join(line) for line in lines).encode()).hexdigest()


def decode(book: Book) -> Iterator[Stamp | Filler | FilledRow]:
    """The stamp first, then every row somebody has filled in.

    Raises SurveyError `not_a_query`, `query_newer`, `query_stamp`.
    """
    if SHEET not in book.sheets:
        raise SurveyError("not_a_query", path=book.path)
    yield read_stamp([[plain(cell) for cell in row] for row in book.rows(SHEET)], book.path)
    read = [sheet for sheet in book.sheets if sheet not in (SHEET, CODES)]
    found = [one for sheet in read for one in _sheet(book, sheet)]
    if not found:
        raise SurveyError("query_stamp", path=book.path)
    yield from (one for one in found if one is not None)


def read_stamp(rows: Sequence[Sequence[str]], path: Path) -> Stamp:
    """The stamp of a query list; raises SurveyError as `decode` does."""
    lines = [[cell for cell in row if cell] for row in rows if row and row[0] and row[0] != "row"]
    facts = {line[0]: line[1] for line in lines if len(line) > 1}
    if facts.get("format") != FORMAT:
        raise SurveyError("not_a_query", path=path)
    if facts.get("format_version") != FORMAT_VERSION:
        raise SurveyError("query_newer", path=path)
    try:
        asked = tuple(
            StampRow(key, int(query), mark, item, int(line), json.loads(value))
            for _, key, query, mark, item, line, value, *_ in (row for row in rows if row and row[0] == "row")
        )
        facts |= {name: facts.get(name, "") for name in _HEAD}
        scheme, version, period, desk, file, created = (facts[name] for name in _HEAD[2:])
        stamp = Stamp(scheme, version, period, desk, file, created, asked)
    except ValueError:
        raise SurveyError("query_stamp", path=path) from None
    if stamp.lines()[-1] != ("digest", facts.get("digest")):
        raise SurveyError("query_stamp", path=path)
    return stamp


def _sheet(book: Book, sheet: str) -> Iterator[Filler | FilledRow | None]:
    """What was filled in on a sheet of questions; None for each row that was left as it is."""
    places: dict[str, int] = {}
    for number, row in enumerate(book.rows(sheet), 1):
        if not places:
            if KEY in row:
                places = {str(name): at for at, name in enumerate(row) if name in (KEY, CORRECTION, REMARK, BY)}
        elif key := _text(row, places[KEY]):
            if key == FOOT:
                yield Filler(_text(row, places.get(BY, -1)))
            else:
                yield _row(key, sheet, number, row, places)


def _row(key: str, sheet: str, number: int, row: Sequence[Any], places: dict[str, int]) -> FilledRow | None:
    corrected, remarked = places.get(CORRECTION, -1), places.get(REMARK, -1)
    correction, remark = _raw(row, corrected), _text(row, remarked)
    if correction == "" and not remark:
        return None
    cells = [f"{column_letters(at)}{number}" for at in (corrected, remarked)]
    return FilledRow(key, sheet, correction, cells[0], remark, cells[1])


def _raw(row: Sequence[Any], at: int) -> Any:
    found = row[at] if 0 <= at < len(row) else ""
    return "" if found is None or (isinstance(found, str) and not found.strip()) else found


def _text(row: Sequence[Any], at: int) -> str:
    return " ".join(plain(_raw(row, at)).split())
