"""What the XML of a worksheet tells that its reader does not: cells without a value, and cells far away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from itertools import chain
from typing import NamedTuple

from survey.celladdress import column_letters, column_number
from survey.rawcell import Unreadable

# A reader holds the whole area a sheet's cells span: more than this must be worth it, and bearable.
_AREA = 8_000_000
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
_NARROWEST = 3
# Patterns that begin with plain letters are looked for at the speed of the memory.
_REACHES = tuple((re.compile(rb"r=[\"']" + letters + rb"\d"), columns) for letters, columns in _REACH)
# A place beyond row 9,999 or column ZZ; a sheet without any is small enough.
_FAR = re.compile(rb"r=[\"'](?:[A-Z]{3}|[A-Z]{0,2}\d{5})")
_REFERENCE = re.compile(rb"\sr=[\"']([A-Z]{1,4})(\d{1,8})[\"']")
_NUMBER = re.compile(rb"\sr=[\"'](\d{1,8})[\"']")
_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData\s*>")
_ROOT = re.compile(rb"<([\w.-]+(?::[\w.-]+)?)[\s>]")
_END = re.compile(rb"</[\w.:-]*sheetData\s*>")
_MERGED = re.compile(rb"mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
# So much of a large sheet is read at a time, and no row may be longer than this.
_SLICE, _LONGEST_ROW = 24 << 20, 128 << 20

Odd = Mapping[int, Mapping[int, Unreadable]]


@dataclass(frozen=True)
class Places:
    """Where the rows and columns of a sheet that was drawn together stood, counted from 0."""

    rows: Sequence[int]
    columns: Sequence[int]


@dataclass(frozen=True)
class SheetXml:
    """A worksheet as its reader gets it, and what was drawn together; `told` is the XML as it was before."""

    xml: bytes
    told: bytes = b""
    prefix: bytes = b""
    places: Places | None = None

    @cached_property
    def odd(self) -> Odd:
        """The cells that show something and hold no value; they are only looked for where somebody reads the sheet."""
        return _odd(_uncommented(self.told), _patterns(self.prefix), self.prefix)

    def may_be_odd(self, columns: Iterable[str]) -> bool:
        """Whether some columns, by their letters, may show something and hold no value; found without a closer look."""
        prefix, letters = self.prefix, b"|".join(one.encode() for one in columns)
        blank = rb">\s*<@f[^>]*>[^<]*</@f>\s*(?:<@v\s*/>|<@v>\s*</@v>)?\s*</@c>".replace(b"@", prefix)
        look = rb"<%sc r=\"(?:%s)\d+\"(?:[^>]*\st=\"e\"|(?![^>]*\st=\"str\")[^>]*%s)" % (prefix, letters, blank)
        other = rb"<%sc (?!r=\"[A-Z])|<!--" % prefix
        return re.search(look, self.told) is not None or re.search(other, self.told) is not None


class Scattered(Exception):
    """The cells of a sheet are too many, or too far apart, to be held."""


class _Patterns(NamedTuple):
    mark: bytes
    plain: re.Pattern[bytes]
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
        mark=b"<%srow" % prefix,
        plain=of(rb'<@row r="(\d{1,8})"'),
        number=of(rb"<@row\s(?:[^<>]*?\s)?r=[\"'](\d{1,8})[\"']"),
        unnumbered=of(rb"<@row>"),
        row=of(rb"<@row(\s[^>]*?)?(?:/>|(?<!/)>(.*?)</@row\s*>)"),
        cell=of(rb"<@c(\s[^>]*?)?(?:/>|(?<!/)>(.*?)</@c\s*>)"),
        error=of(rb"<@c(\s[^>]*?\st=[\"']e[\"'][^>]*?|\st=[\"']e[\"'][^>]*?)(?<!/)>(.*?)</@c\s*>"),
        # A formula that comes to an empty text says that it does.
        formula=of(
            rb"<@c(?![^>]*\st=[\"']str[\"'])(\s[^>]*)(?<!/)>\s*<@f(?:\s[^>]*?)?(?:/>|(?<!/)>([^<]*)</@f\s*>)"
            rb"\s*(?:<@v\s*/>|<@v[^>]*>\s*</@v\s*>)?\s*</@c\s*>"
        ),
        value=of(rb"<@v[^>]*>([^<]*)</@v\s*>"),
        content=of(rb"<@(?:v|is|f)\b"),
        data=of(rb"<@sheetData\s*(?:/>|>.*</@sheetData\s*>)"),
    )


def read_sheet(xml: bytes) -> SheetXml:
    """What the XML of a sheet tells; raises Scattered."""
    found = re.search(rb"<([\w.-]+:)?sheetData\b", xml)
    prefix = found[1] or b"" if found else b""
    patterns = _patterns(prefix)
    if not _FAR.search(xml):
        return SheetXml(xml, xml, prefix)
    xml = _uncommented(xml)
    cells = xml.count(b"<%sc " % prefix)
    if _area(xml, _rows(xml, patterns)) <= max(_AREA, min(_WORTH * cells, _LARGEST_AREA)):
        return SheetXml(xml, xml, prefix)
    drawn, places = _drawn_together(xml, patterns, prefix)
    return SheetXml(drawn, xml, prefix, places)


def _uncommented(xml: bytes) -> bytes:
    """The XML without its comments; one that never ends takes the rest with it."""
    kept, at = [], 0
    while (begin := xml.find(b"<!--", at)) >= 0:
        kept.append(xml[at:begin])
        end = xml.find(b"-->", begin + 4)
        if end < 0:
            return b"".join(kept)
        at = end + 3
    return b"".join([*kept, xml[at:]]) if kept else xml


def _area(xml: bytes, rows: int) -> int:
    """How many places a sheet's rows may have, looked for no closer than it takes to know them few."""
    for look, columns in _REACHES:
        if rows * columns <= _AREA or look.search(xml):
            return rows * columns
    return rows * _NARROWEST


def _rows(xml: bytes, patterns: _Patterns) -> int:
    """Over how many rows a sheet reaches at most; one without a number is after the one before it."""
    told = patterns.plain.findall(xml)
    unnumbered = 0
    if len(told) != xml.count(patterns.mark):
        told, unnumbered = patterns.number.findall(xml), len(patterns.unnumbered.findall(xml))
    numbers = list(map(int, told))
    return (max(numbers) - min(numbers) + 1 if numbers else 0) + unnumbered


def slices(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """A large sheet as several small ones with the same row numbers; raises Scattered where a row has no end."""
    blocks = iter(blocks)
    kept, found = b"", None
    for block in blocks:
        kept += block
        found = _DATA.search(kept)
        if found:
            break
    if found is None:
        yield kept
        return
    begin, prefix, kept = kept[: found.end()], found[1], kept[found.end() :]
    root = _ROOT.search(begin)
    mark, end = b"<%srow" % prefix, b"</%ssheetData></%s>" % (prefix, root[1] if root else b"worksheet")
    following = 1
    for block in chain([b""], blocks):
        kept += block
        # Breaks between pages begin alike.
        cut = max(kept.rfind(mark + b" "), kept.rfind(mark + b">"))
        if cut > _SLICE:
            body, following = _with_number(kept[:cut], mark, following)
            yield begin + body + end
            kept = kept[cut:]
        elif len(kept) > _LONGEST_ROW:
            raise Scattered
    body, _ = _with_number(_END.split(kept, maxsplit=1)[0], mark, following)
    yield begin + body + end


def _with_number(body: bytes, mark: bytes, following: int) -> tuple[bytes, int]:
    """Rows of which the first says its number, and the number of the row after them."""
    first = body.find(mark)
    if first < 0:
        return body, following
    head = body[first : body.find(b">", first) + 1]
    if not _NUMBER.search(head):
        body = body[: first + len(mark)] + b' r="%d"' % following + body[first + len(mark) :]
    patterns = _patterns(mark[1 : -len("row")])
    last = max(map(int, patterns.number.findall(body)), default=following)
    return body, last + len(patterns.unnumbered.findall(body)) + 1


def merged_in(tail: bytes) -> list[tuple[int, int, int, int]]:
    """The merged cells that the end of a sheet's XML tells: first row and column, last row and column, from 0."""
    return [
        (int(top) - 1, column_number(left), int(bottom) - 1, column_number(right))
        for left, top, right, bottom in _MERGED.findall(tail)
    ]


def _odd(xml: bytes, patterns: _Patterns, prefix: bytes) -> dict[int, dict[int, Unreadable]]:
    """The cells that show an error, or a formula that nobody has calculated."""
    odd: dict[int, dict[int, Unreadable]] = {}
    if b"<" + prefix + b"f" in xml:
        for match in patterns.formula.finditer(xml):
            _put(odd, match[1], Unreadable("formula", "=" + _plain(match[2] or b"")))
    if b't="e"' in xml or b"t='e'" in xml:
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
