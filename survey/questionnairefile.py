"""A questionnaire workbook as it is recognised and read back: its stamp, then every cell that answers.

Runs in the reading process, so it knows neither the survey file nor anything slow to load. A cell is known by
the hidden names of its row and column, not by its place, and a file by its stamp, not by its name.

On the sheet of a table or of fields a hidden row holds `KEY`, `VALUE` and `BEFORE`: below `KEY` stand the names of the
items, below `VALUE` the answers, below `BEFORE` last year's. On the sheet of a list form the hidden row holds `LINE`,
below which the lines are numbered, and the name of an item above each column of answers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from survey.book import Book
from survey.errors import SurveyError
from survey.header import column_letters
from survey.manifest import plain
from survey.scalar import Value

FORMAT = "census-desk-questionnaire"
FORMAT_VERSION = "1"
# The sheet that holds the stamp where a format of workbook has no names, and the sheet of the long code lists.
SHEET, CODES = "_questionnaire", "_codes"
KEY, VALUE, BEFORE, LINE = "_key", "_value", "_before", "_line"
# Defined names of the workbook are these, with this before them.
PREFIX = "_census_"
_HEAD = ("format", "format_version", "scheme", "version", "period", "desk", "unit", "name", "file", "created")
# The hidden names stand in one of the first rows, above what is filled in.
_HEAD_ROWS = 30
_LONGEST_LINE = 6
_BLANK = frozenset({"", None})
# Sheet and cell of each place without an answer, by item and line (0: none); of lines those that were sent with one.
Blanks = dict[tuple[str, int], tuple[str, str]]
# The line of an answer that stands between the lines of a list form in a row that is none of them.
NO_LINE = -1
# What stands for an item: row, item, line, column, content.
_Cell = tuple[int, str, int, int, Any]


@dataclass(frozen=True)
class Sent:
    """A value that stood in the questionnaire when it was sent: the item and line (0: none)."""

    item: str
    line: int
    value: Value


@dataclass(frozen=True)
class Stamp:
    """What a questionnaire says of itself: the scheme, the period, the desk and survey file it is of, the unit.

    `unit` and `name` are '' where it was sent to whoever is not in the register yet. `others` are the sheets that hold
    no answers. Where it is not `whole`, nobody knows what was sent.
    """

    scheme: str
    version: str
    period: str
    desk: str
    unit: str
    name: str
    file: str
    created: str
    sent: tuple[Sent, ...] = ()
    others: tuple[str, ...] = ()
    whole: bool = True

    @property
    def facts(self) -> dict[str, str]:
        """The stamp's short facts by name, as the defined names hold them; the digest covers what was sent too."""
        head = (FORMAT, FORMAT_VERSION, self.scheme, self.version, self.period, self.desk, self.unit, self.name)
        lines = dict(zip(_HEAD, (*head, self.file, self.created), strict=True))
        return {**lines, "digest": _digest([*lines.items(), *self._long_lines()])}

    def lines(self) -> list[tuple[str, ...]]:
        """The whole stamp as its sheet holds it, all text."""
        return [*self.facts.items(), *self._long_lines()]

    def _long_lines(self) -> list[tuple[str, ...]]:
        sent = [("sent", one.item, str(one.line), json.dumps(one.value, ensure_ascii=False)) for one in self.sent]
        return [*(("other", title) for title in self.others), *sent]


@dataclass(frozen=True)
class Answer:
    """What stands in a cell that answers an item: on which sheet and where, for which line (0: none, or `NO_LINE`)."""

    item: str
    line: int
    sheet: str
    cell: str
    raw: Any


def _digest(lines: Sequence[Sequence[str]]) -> str:
    return hashlib.sha256("\n".join("\t".join(line) for line in lines).encode()).hexdigest()


def stamped(book: Book) -> bool:
    """Whether a workbook claims to be a questionnaire."""
    return SHEET in book.sheets or f"{PREFIX}format" in book.names


def read_stamp(names: Mapping[str, Sequence[str]], rows: Sequence[Sequence[str]], path: Path) -> Stamp:
    """The stamp, from the texts of the defined names and the rows of its sheet; either may be missing.

    Raises SurveyError `questionnaire_newer`, `questionnaire_two_stamps`, `questionnaire_stamp`.
    """
    on_sheet = {row[0]: row[1] if len(row) > 1 else "" for row in rows if row and row[0] not in ("", "sent", "other")}
    named = {name[len(PREFIX) :]: texts for name, texts in names.items() if name.startswith(PREFIX)}
    for texts in named.values():
        if len(set(texts)) > 1:
            raise SurveyError("questionnaire_two_stamps", path=path, one=texts[0], other=texts[1])
    in_names = {name: texts[0] for name, texts in named.items()}
    facts = {**in_names, **on_sheet}
    if facts.get("format") != FORMAT:
        raise SurveyError("questionnaire_stamp", path=path)
    if facts.get("format_version") != FORMAT_VERSION:
        raise SurveyError("questionnaire_newer", path=path)
    for name in ("scheme", "period", "unit"):
        if {facts.get(name, "")} != {side.get(name, "") for side in (in_names, on_sheet) if side}:
            raise SurveyError(
                "questionnaire_two_stamps", path=path, one=on_sheet.get(name, ""), other=in_names.get(name, "")
            )
    try:
        scheme, version, period, desk, unit, name, file, created = (facts.get(one, "") for one in _HEAD[2:])
        sent = tuple(
            Sent(item, int(line), json.loads(value)) for _, item, line, value, *_ in (r for r in rows if r[0] == "sent")
        )
        others = tuple(row[1] for row in rows if row[0] == "other")
        stamp = Stamp(scheme, version, period, desk, unit, name, file, created, sent, others, bool(on_sheet))
    except ValueError:
        raise SurveyError("questionnaire_stamp", path=path) from None
    # Without the sheet nobody knows what was sent; the names alone still tell whose it is.
    if on_sheet and stamp.facts["digest"] != facts.get("digest"):
        raise SurveyError("questionnaire_stamp", path=path)
    return stamp


def decode(book: Book) -> Iterator[Stamp | list[Answer] | Blanks]:
    """The stamp first, then every cell that answers something, then where items stand that nobody has answered.

    Raises SurveyError as `read_stamp` does, and `questionnaire_stamp` where no sheet says what its cells answer.
    """
    copies = [sheet for sheet in book.sheets if sheet.startswith(SHEET)]
    if len(copies) > 1:
        raise SurveyError("questionnaire_two_stamps", path=book.path, one=copies[0], other=copies[1])
    rows = [[plain(cell) for cell in row] for row in book.rows(SHEET)] if copies else []
    stamp = read_stamp(book.names, rows, book.path)
    yield stamp
    sent = {(one.item, one.line) for one in stamp.sent}
    answers: list[Answer] = []
    blanks: Blanks = {}
    known = False
    for sheet in book.sheets:
        if sheet not in (SHEET, CODES, *stamp.others):
            known = _sheet(book, sheet, sent, answers, blanks) or known
    if not known:
        raise SurveyError("questionnaire_stamp", path=book.path)
    yield answers
    yield blanks


def _sheet(book: Book, sheet: str, sent: Collection[tuple[str, int]], answers: list[Answer], blanks: Blanks) -> bool:
    """Adds what a sheet answers and leaves open; False where none of its first rows says what its cells answer."""
    rows = enumerate(book.rows(sheet, odd=False), 1)
    number, roles = _roles(islice(rows, _HEAD_ROWS))
    if not roles:
        return False
    asked = {VALUE: roles[VALUE]} if KEY in roles and VALUE in roles else roles
    letters = {at: column_letters(at) for at in asked.values()}
    if book.may_be_odd(sheet, letters.values()):
        rows = islice(enumerate(book.rows(sheet), 1), number, None)  # type: ignore[assignment]
    read = _below_key if KEY in roles else _on_lines
    for row, item, line, at, raw in read(rows, roles):
        if raw not in _BLANK:
            answers.append(Answer(item, line, sheet, f"{letters[at]}{row}", raw))
        elif not line or (item, line) in sent:
            blanks[item, line] = sheet, f"{letters[at]}{row}"
    return True


def _roles(rows: Iterable[tuple[int, Sequence[Any]]]) -> tuple[int, dict[str, int]]:
    """The row of the hidden names, and the column of each; none where there is no such row."""
    for number, row in rows:
        if KEY in row or LINE in row:
            return number, {str(name): at for at, name in enumerate(row) if name not in _BLANK}
    return 0, {}


def _below_key(rows: Iterable[tuple[int, Sequence[Any]]], roles: Mapping[str, int]) -> Iterator[_Cell]:
    """The cells that answer on a table or among fields."""
    key, at = roles[KEY], roles.get(VALUE, -1)
    for number, row in rows:
        if at >= 0 and key < len(row) and row[key] not in _BLANK:
            yield number, str(row[key]), 0, at, row[at] if at < len(row) else ""


def _on_lines(rows: Iterable[tuple[int, Sequence[Any]]], roles: Mapping[str, int]) -> Iterator[_Cell]:
    """The cells that answer on a list form; above its lines stand headings, below them what is no answer."""
    waiting: list[_Cell] | None = None
    for number, row in rows:
        line = plain(row[roles[LINE]]) if roles[LINE] < len(row) else ""
        own = int(line) if line.isdecimal() and len(line) <= _LONGEST_LINE and int(line) else NO_LINE
        cells = [
            (number, name, own, at, row[at] if at < len(row) else "") for name, at in roles.items() if name != LINE
        ]
        if own != NO_LINE:
            yield from [*(waiting or ()), *cells]
            waiting = []
        elif waiting is not None:
            waiting += [cell for cell in cells if cell[-1] not in _BLANK]
