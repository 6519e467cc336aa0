"""What the XML of a worksheet tells that its reader does not: cells without a value, and cells far away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from survey.celladdress import column_letters, column_number
from survey.rawcell import Unreadable

# A reader holds the whole area a sheet's cells span: more than this must be worth it, and bearable.
_AREA = 4_000_000
_LARGEST_AREA = 15_000_000
_WORTH = 8
# So many cells are held one by one while a sheet is drawn together.
_DRAWN = 3_000_000
ROWS, COLUMNS = 1_048_576, 16_384
# How far right a sheet reaches, by what the letters of its columns look like, from the right.
_REACH = (
    (rb"[A-Z]{3}", COLUMNS), (rb"[N-Z][A-Z]", 702), (rb"[F-M][A-Z]", 364), (rb"[C-E][A-Z]", 156), (rb"B[A-Z]", 78),
    (rb"A[A-Z]", 52), (rb"[N-Z]", 26), (rb"[G-M]", 13), (rb"[D-F]", 6),
)  # fmt: skip
# Patterns that begin with plain letters are looked for at the speed of the memory.
_REACHES = tuple((re.compile(rb"r=[\"']" + letters + rb"\d"), columns) for letters, columns in _REACH)
_REFERENCE = re.compile(rb"\sr=[\"']([A-Z]{1,4})(\d{1,8})[\"']")
_NUMBER = re.compile(rb"\sr=[\"'](\d{1,8})[\"']")
_ERROR = re.compile(rb"t=[\"']e[\"']")
_TEXT_RESULT = re.compile(rb"\st=[\"']str[\"']")

Odd = Mapping[int, Mapping[int, Unreadable]]


@dataclass(frozen=True)
class Places:
    """Where the rows and columns of a sheet that was drawn together stood, counted from 0."""

    rows: Sequence[int]
    columns: Sequence[int]


@dataclass(frozen=True)
class SheetXml:
    """A worksheet as its reader gets it, its cells that show something and hold no value, what was drawn together."""

    xml: bytes
    odd: Odd = field(default_factory=dict)
    places: Places | None = None


class Scattered(Exception):
    """The cells of a sheet are too many, or too far apart, to be held."""


class _Patterns(NamedTuple):
    number: re.Pattern[bytes]
    unnumbered: re.Pattern[bytes]
    row: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    error: re.Pattern[bytes]
    formula: re.Pattern[bytes]
    value: re.Pattern[bytes]
    content: re.Pattern[bytes]
    data: re.Pattern[bytes]


@lru_cache(maxsize=8)
def _patterns(prefix: bytes) -> _Patterns:
    """What rows and cells look like where the names of the tags begin with a prefix."""

    def of(pattern: bytes) -> re.Pattern[bytes]:
        return re.compile(pattern.replace(b"@", re.escape(prefix)), re.DOTALL)

    return _Patterns(
        number=of(rb"<@row\s(?:[^>]*?\s)?r=[\"'](\d{1,8})[\"']"),
        unnumbered=of(rb"<@row>"),
        row=of(rb"<@row(\s[^>]*?)?(?:/>|(?<!/)>(.*?)</@row\s*>)"),
        cell=of(rb"<@c(\s[^>]*?)?(?:/>|(?<!/)>(.*?)</@c\s*>)"),
        error=of(rb"<@c(\s[^>]*?\st=[\"']e[\"'][^>]*?|\st=[\"']e[\"'][^>]*?)(?<!/)>(.*?)</@c\s*>"),
        formula=of(
            rb"<@c(\s[^>]*)(?<!/)>\s*<@f(?:\s[^>]*?)?(?:/>|(?<!/)>([^<]*)</@f\s*>)"
            rb"\s*(?:<@v\s*/>|<@v[^>]*>\s*</@v\s*>)?\s*</@c\s*>"
        ),
        value=of(rb"<@v[^>]*>([^<]*)</@v\s*>"),
        content=of(rb"<@(?:v|is|f)\b"),
        data=of(rb"<@sheetData\s*(?:/>|>.*</@sheetData\s*>)"),
    )


def read_sheet(xml: bytes) -> SheetXml:
    """What the XML of a sheet tells; raises Scattered."""
    if b"<!--" in xml:
        xml = re.sub(rb"<!--.*?-->", b"", xml, flags=re.DOTALL)
    found = re.search(rb"<([\w.-]+:)?sheetData\b", xml)
    prefix = found[1] or b"" if found else b""
    patterns = _patterns(prefix)
    cells = xml.count(b"<" + prefix + b"c ")
    odd = _odd(xml, patterns, prefix)
    area = _last_row(xml, patterns) * next((columns for look, columns in _REACHES if look.search(xml)), 3)
    if area <= _AREA or area <= min(_WORTH * cells, _LARGEST_AREA):
        return SheetXml(xml, odd)
    drawn, places = _drawn_together(xml, patterns, prefix)
    return SheetXml(drawn, odd, places)


def _last_row(xml: bytes, patterns: _Patterns) -> int:
    """The largest number of a row; one without a number is after the one before it."""
    return max(map(int, patterns.number.findall(xml)), default=0) + len(patterns.unnumbered.findall(xml))


def _odd(xml: bytes, patterns: _Patterns, prefix: bytes) -> dict[int, dict[int, Unreadable]]:
    """The cells that show an error, or a formula that nobody has calculated."""
    odd: dict[int, dict[int, Unreadable]] = {}
    if b"<" + prefix + b"f" in xml:
        for match in patterns.formula.finditer(xml):
            # A formula may well come to an empty text.
            if not _TEXT_RESULT.search(match[1]):
                _put(odd, match[1], Unreadable("formula", "=" + _plain(match[2] or b"")))
    if _ERROR.search(xml):
        for match in patterns.error.finditer(xml):
            shown = patterns.value.search(match[2])
            _put(odd, match[1], Unreadable("error", _plain(shown[1]) if shown else "#"))
    return odd


def _put(odd: dict[int, dict[int, Unreadable]], attributes: bytes, cell: Unreadable) -> None:
    place = _REFERENCE.search(attributes)
    if place:
        odd.setdefault(int(place[2]) - 1, {})[column_number(place[1])] = cell


def _plain(text: bytes) -> str:
    return unescape(text.decode("utf-8", "replace")).strip()


def _filled(xml: bytes, patterns: _Patterns) -> Iterator[tuple[int, int, bytes, bytes]]:
    """The cells of a sheet that hold something: row, column, attributes but their place, content."""
    row = -1
    for line in patterns.row.finditer(xml):
        number = _NUMBER.search(line[1] or b"")
        row = int(number[1]) - 1 if number else row + 1
        column = -1
        for cell in patterns.cell.finditer(line[2] or b""):
            attributes = cell[1] or b""
            place = _REFERENCE.search(attributes)
            column = column_number(place[1]) if place else column + 1
            if cell[2] and patterns.content.search(cell[2]) and row < ROWS and column < COLUMNS:
                yield row, column, _REFERENCE.sub(b"", attributes), cell[2]


def _drawn_together(xml: bytes, patterns: _Patterns, prefix: bytes) -> tuple[bytes, Places]:
    """The sheet without its empty rows, columns and cells, and where the others stood."""
    lines: dict[int, dict[int, bytes]] = {}
    count = 0
    for row, column, attributes, content in _filled(xml, patterns):
        body = b"%s>%s</%sc>" % (attributes, content, prefix)
        lines.setdefault(row, {})[column] = body
        count += 1
        if count > _DRAWN:
            raise Scattered
    rows, columns = sorted(lines), sorted({column for line in lines.values() for column in line})
    if len(rows) * len(columns) > max(_AREA, min(_WORTH * count, _LARGEST_AREA)):
        raise Scattered
    letters = {column: column_letters(at).encode() for at, column in enumerate(columns)}
    written = [b"<%ssheetData>" % prefix]
    for number, row in enumerate(rows, 1):
        line = lines[row]
        cells = (b'<%sc r="%s%d"%s' % (prefix, letters[column], number, line[column]) for column in sorted(line))
        written.append(b'<%srow r="%d">%s</%srow>' % (prefix, number, b"".join(cells), prefix))
    written.append(b"</%ssheetData>" % prefix)
    data = b"".join(written)
    whole = patterns.data.search(xml)
    drawn = xml[: whole.start()] + data + xml[whole.end() :] if whole else xml
    # What it says of its extent is no longer so.
    return re.sub(rb"<(?:[\w.-]+:)?dimension\s[^>]*>", b"", drawn, count=1), Places(rows, columns)
