"""A return as it is read: the manifest, then every form's rows, typed and verified.

Runs in the reading process, so it knows neither the survey file nor anything slow to load.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from survey import manifest as manifests
from survey.book import Book, OwnBook
from survey.errors import SurveyError
from survey.form import Form
from survey.manifest import DIGEST_COLUMN, KEY_COLUMNS, LINE_COLUMN, Manifest, RowDigests, key_columns, plain
from survey.record import Lists, read_column
from survey.scalar import Value

_ROWS = 5_000
_LONGEST_LINE = 6


@dataclass(frozen=True)
class FormPart:
    """Some rows of one form of a return, typed; `broken` are the rows whose digest does not fit.

    `lines` has the line of each row of a list form; it is empty for other forms.
    """

    form: str
    rows: list[int]
    keys: list[tuple[str, str]]
    unit_names: list[str]
    columns: dict[str, list[Value]]
    digests: list[str]
    broken: list[int]
    lines: list[int]


def decode(book: Book | OwnBook) -> Iterator[Manifest | FormPart]:
    """In the reading process, where `book.known` are the forms and code lists: the manifest, then every form's rows."""
    forms: Sequence[Form]
    lists: Lists
    forms, lists = book.known
    if manifests.SHEET not in book.sheets:
        raise SurveyError("not_a_return", path=book.path)
    yield manifests.read_manifest(book.rows(manifests.SHEET), book.path)
    for form in forms:
        if form.id not in book.sheets:
            raise SurveyError("return_sheet", path=book.path, sheet=form.id)
        yield from _decode_form(book, form, lists)


def _decode_form(book: Book | OwnBook, form: Form, lists: Lists) -> Iterator[FormPart]:
    rows = enumerate(book.rows(form.id), 1)
    wanted = [*key_columns(form), *(item.name for item in form.items), DIGEST_COLUMN]
    header: list[str] = []
    for _, row in rows:
        if row[:1] == [KEY_COLUMNS[0]]:
            header = [str(name) for name in row]
            break
    missing = [name for name in wanted if name not in header]
    if missing:
        raise SurveyError("return_columns", path=book.path, sheet=form.id, columns=" ".join(missing))
    filled = ((number, row) for number, row in rows if row[:1] not in ([], [""]) or any(cell != "" for cell in row))
    while chunk := list(islice(filled, _ROWS)):
        yield _form_part(form, header, chunk, lists)


def _form_part(form: Form, header: list[str], chunk: list[tuple[int, list[Any]]], lists: Lists) -> FormPart:
    numbers = [number for number, _ in chunk]
    width = len(header)
    cells = zip(
        *(row if len(row) >= width else list(islice(chain(row, [""] * width), width)) for _, row in chunk), strict=False
    )
    raws = dict(zip(header, cells, strict=False))
    columns: dict[str, list[Value]] = {}
    spoilt: set[int] = set()
    for item in form.items:
        columns[item.name], problems = read_column(item, raws[item.name], lists)
        spoilt.update(position for position, _ in problems)
    codes, unit_names, periods = (raws[column] for column in KEY_COLUMNS)
    keys = [(str(code), plain(when)) for code, when in zip(codes, periods, strict=True)]
    lines = [_line(raw) for raw in raws[LINE_COLUMN]] if form.is_list else []
    rows = RowDigests(form)
    covered: list[Sequence[Value]] = [lines, *columns.values()] if lines else list(columns.values())
    digests = rows.digests(keys, covered)
    claimed = raws[DIGEST_COLUMN]
    broken = [
        numbers[position]
        for position, digest in enumerate(digests)
        if position in spoilt or str(claimed[position]) != digest
    ]
    return FormPart(form.id, numbers, keys, [str(one) for one in unit_names], columns, digests, broken, lines)


def _line(raw: object) -> int:
    """A line's number; 0, which no line has, where it cannot be read."""
    text = plain(raw)
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_LINE else 0
