"""Tables kept as text: CSV, text with tabs, and what spreadsheets call Unicode text."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TextIO

from survey.errors import SurveyError

_BLOCK = 1 << 20
# No cell of a spreadsheet holds more letters than this many times over.
_LONGEST_CELL = 1 << 18
_LONGEST_LINE = 1 << 22
_LOOKED_AT = 20
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


def text_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a table kept as text.

    Raises SurveyError `not_text`, `file.long_line`, `file.quotes`.
    """
    encoding = _encoding(path)
    delimiter = _delimiter(path, encoding)
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(_lines(file, path), delimiter=delimiter)
        try:
            yield from rows
        except csv.Error:
            # A quotation mark that is never closed swallows the rest of the file.
            raise SurveyError("file.quotes", path=path, line=rows.line_num) from None


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    for number, line in enumerate(_bounded(file), 1):
        if len(line) > _LONGEST_LINE:
            raise SurveyError("file.long_line", path=path, line=number)
        yield line


def _bounded(file: TextIO) -> Iterator[str]:
    """The lines of a file; one that does not end comes as what was read of it."""
    while line := file.readline(_LONGEST_LINE + 1):
        yield line


def _encoding(path: Path) -> str:
    """How the text is written, tried over the whole file; raises SurveyError `not_text`."""
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")
    guesses = [marked] if marked else [*_without_mark(head), "utf-8", "gb18030"]
    for encoding in guesses:
        with suppress(UnicodeDecodeError):
            _decode(path, encoding)
            return encoding
    if not marked and _CONTROL.search(head):
        raise SurveyError("file.binary", path=path)
    raise SurveyError("not_text", path=path)


def _without_mark(head: bytes) -> list[str]:
    """Text in two bytes a letter shows by its noughts at every other place."""
    pairs = len(head) // 2
    return [
        encoding
        for encoding, at in (("utf-16-le", 1), ("utf-16-be", 0))
        if pairs and head[at::2].count(0) > pairs // 4 > head[1 - at :: 2].count(0)
    ]


def _decode(path: Path, encoding: str) -> None:
    """Reads a file once through; raises SurveyError `file.binary` for what is no text in any encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if "\0" in decoder.decode(block):
                raise SurveyError("file.binary", path=path)
        decoder.decode(b"", final=True)


def _delimiter(path: Path, encoding: str) -> str:
    """What parts the cells: what stands most often, and alike, in the first lines that hold any."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for line in islice(_bounded(file), _LOOKED_AT) if line.strip()]

    def weight(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        # A title above the head has none, and a sentence in a cell has many.
        most = max(set(counts) - {0}, key=counts.count, default=0)
        return counts.count(most) * (most > 0), most

    return max(",\t;，", key=weight)
