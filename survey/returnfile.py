"""A return as it is read: the manifest, then every form's rows, typed and verified.

Runs in the reading process, so it knows neither the survey file nor anything slow to load.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeAlias

from survey import manifest as manifests
from survey.book import Book, OwnBook
from survey.enclosure import KINDS, Enclosed, columns_of, plain_cells, read_cells
from survey.errors import SurveyError
from survey.form import Form
from survey.manifest import KEY_COLUMNS, LINE_COLUMN, Manifest, RowDigests, key_columns, plain
from survey.record import Lists, read_column
from survey.scalar import Value
from survey.sealing import DIGEST_COLUMN, fits, row_digest, text_of

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


@dataclass(frozen=True)
class SheetPart:
    """A sheet beside those of the forms; `broken` are the rows that are not as they were written.

    `rows` has what programs read of it: nothing on a sheet for people.
    """

    sheet: str
    rows: list[Enclosed]
    digests: list[str]
    broken: list[int]


Part: TypeAlias = Manifest | FormPart | SheetPart


def decode(book: Book | OwnBook) -> Iterator[Part]:
    """In the reading process, where `book.known` are the forms and code lists: the manifest, then every sheet's rows.

    Raises SurveyError `not_a_return`, `return_newer`, `return_sheet`, `return_columns`.
    """
    forms: Sequence[Form]
    lists: Lists
    forms, lists = book.known
    if manifests.SHEET not in book.sheets:
        raise SurveyError("not_a_return", path=book.path)
    manifest = manifests.read_manifest(book.rows(manifests.SHEET), book.path)
    yield manifest
    for form in forms:
        yield from _decode_form(book, form, lists, RowDigests(form, short=manifest.short))
    for sheet, count in manifest.enclosed.items():
        if count and sheet in KINDS:
            yield _enclosed(book, sheet)
    for title in manifest.tables:
        yield _table(book, title)
    if manifest.cover:
        yield _cover(book, manifest)


def _rows(book: Book | OwnBook, sheet: str) -> Iterator[tuple[int, list[Any]]]:
    """The rows of a sheet with their numbers."""
    if sheet not in book.sheets:
        raise SurveyError("return_sheet", path=book.path, sheet=sheet)
    return enumerate(book.rows(sheet), 1)


def _enclosed(book: Book | OwnBook, sheet: str) -> SheetPart:
    rows = _rows(book, sheet)
    head = [str(name) for name in next(rows, (0, []))[1]]
    wanted = [*columns_of(sheet), DIGEST_COLUMN]
    missing = [name for name in wanted if name not in head]
    if missing:
        raise SurveyError("return_columns", path=book.path, sheet=sheet, columns=" ".join(missing))
    places = [head.index(name) for name in wanted]
    part = SheetPart(sheet, [], [], [])
    for number, row in rows:
        *cells, claimed = map(text_of, plain_cells(row, places))
        if claimed or any(cells):
            _judge(part, number, cells, claimed)
            part.rows.append(read_cells(sheet, cells))
    return part


def _table(book: Book | OwnBook, title: str) -> SheetPart:
    """A sheet for people; whoever sorts or filters it changes nothing."""
    rows = _rows(book, title)
    head = [str(name) for name in next(rows, (0, []))[1]]
    if DIGEST_COLUMN not in head:
        raise SurveyError("return_columns", path=book.path, sheet=title, columns=DIGEST_COLUMN)
    width = head.index(DIGEST_COLUMN)
    part = SheetPart(title, [], [], [])
    for number, row in rows:
        *cells, claimed = plain_cells(row, range(width + 1))
        if claimed or any(cells):
            _judge(part, number, cells, claimed)
    return part


def _cover(book: Book | OwnBook, manifest: Manifest) -> SheetPart:
    """The cover, but for the lines that people sign."""
    title, left = manifest.cover_sheet, dict(manifest.cover)
    part = SheetPart(title, [], [], [])
    for number, row in _rows(book, title):
        if number in left:
            _judge(part, number, row, left.pop(number))
    part.broken.extend(left)
    return part


def _judge(part: SheetPart, number: int, cells: Sequence[object], claimed: object) -> None:
    part.digests.append(row_digest(part.sheet, cells))
    if not fits(str(claimed), part.digests[-1]):
        part.broken.append(number)


def _decode_form(book: Book | OwnBook, form: Form, lists: Lists, digests: RowDigests) -> Iterator[FormPart]:
    rows = _rows(book, form.id)
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
        yield _form_part(form, header, chunk, lists, digests)


def _form_part(
    form: Form, header: list[str], chunk: list[tuple[int, list[Any]]], lists: Lists, rows: RowDigests
) -> FormPart:
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
    names = [str(one) for one in unit_names]
    covered: list[Sequence[Value]] = [lines, *columns.values()] if lines else list(columns.values())
    digests = rows.digests(keys, names, covered)
    claimed = raws[DIGEST_COLUMN]
    broken = [
        numbers[position]
        for position, digest in enumerate(digests)
        if position in spoilt or not fits(str(claimed[position]), digest)
    ]
    return FormPart(form.id, numbers, keys, names, columns, digests, broken, lines)


def _line(raw: object) -> int:
    """A line's number; 0, which no line has, where it cannot be read."""
    text = plain(raw)
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_LINE else 0
