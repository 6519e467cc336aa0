"""Plain workbooks of rows below a head: a sheet a table, ready to be filtered and printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unicodedata import east_asian_width

import xlsxwriter

from survey import keyring
from survey.files import Told, private_folder, replacing

Row = Sequence[str | int | float | None]
# What a sheet of Excel and WPS holds, its head not counted.
ROOM = 1_048_575
# Texts stay texts, whatever they look like: what an enterprise is called must not run in anybody's spreadsheet.
TEXTS_ONLY = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
_SENTENCE = 40
_LINE = 15.0


def lines_in(text: str, width: float) -> int:
    """How many lines a text takes in a column: not every spreadsheet finds that out by itself."""
    return ceil(sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text) / width) or 1


def _lines(value: str | int | float | None, width: int) -> int:
    return lines_in(value, width) if isinstance(value, str) and width >= _SENTENCE else 1


class Sheet:
    """One table; where it outgrows a sheet it goes on in another one of the same head."""

    def __init__(
        self, book: PlainBook, title: str, heads: Sequence[str], widths: Sequence[int], room: int, frozen: int
    ) -> None:
        self._book = book
        self._title = title
        self._heads = heads
        self._widths = widths
        self._room = room
        self._frozen = frozen
        self._parts = 0
        # Whole sentences are broken into lines; codes and names stay in one.
        self._looks = [book.sentence if width >= _SENTENCE else book.text for width in widths]
        self._begin()

    def add(self, row: Row) -> None:
        """Writes a row: numbers as numbers, everything else as text."""
        if self._rows == self._room:
            self._sheet.autofilter(0, 0, self._rows, len(self._heads) - 1)
            self._begin()
        self._rows += 1
        lines = max((_lines(value, width) for value, width in zip(row, self._widths, strict=False)), default=1)
        if lines > 1:
            self._sheet.set_row(self._rows, _LINE * lines)
        for at, value in enumerate(row):
            if isinstance(value, str):
                self._sheet.write_string(self._rows, at, value, self._looks[at])
            elif value is not None:
                look = self._book.figure if isinstance(value, float) else self._book.number
                self._sheet.write_number(self._rows, at, value, look)

    def finish(self) -> None:
        """The filter reaches to the last row."""
        self._sheet.autofilter(0, 0, max(self._rows, 1), len(self._heads) - 1)

    def _begin(self) -> None:
        self._parts += 1
        self._rows = 0
        title = self._title if self._parts == 1 else f"{self._title} {self._parts}"
        self._sheet = self._book.sheet(title)
        for at, (head, width) in enumerate(zip(self._heads, self._widths, strict=False)):
            self._sheet.set_column(at, at, width)
            self._sheet.write_string(0, at, head, self._book.head)
        self._sheet.freeze_panes(1, self._frozen)
        self._sheet.repeat_rows(0)
        self._sheet.set_paper(9)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_footer("&C&P / &N")


class PlainBook:
    """A workbook under way; `plain_book` begins one."""

    def __init__(self, path: Path, rows: Path) -> None:
        # A row is written out once the next one begins: a long table needs no more memory than a short one.
        options = {**TEXTS_ONLY, "constant_memory": True}
        self._book = xlsxwriter.Workbook(str(path), {**options, "tmpdir": str(rows)})
        self.head = self._book.add_format({"bold": True, "bg_color": "#EEF2F6", "border": 1, "text_wrap": True})
        self.figure = self._book.add_format({"num_format": "0.0", "valign": "top"})
        self.text = self._book.add_format({"valign": "top", "align": "left", "indent": 1})
        self.number = self._book.add_format({"valign": "top"})
        self.sentence = self._book.add_format({"valign": "top", "align": "left", "indent": 1, "text_wrap": True})
        self._tables: list[Sheet] = []

    def table(
        self, title: str, heads: Sequence[str], widths: Sequence[int], *, room: int = ROOM, frozen: int = 0
    ) -> Sheet:
        """A table on a sheet of its own; `frozen` columns stay in sight."""
        table = Sheet(self, title, heads, widths, room, frozen)
        self._tables.append(table)
        return table

    def sheet(self, title: str) -> Any:
        return self._book.add_worksheet(title)

    def abandon(self) -> None:
        """Lets go of what was written so far."""
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()
        self._book.fileclosed = True

    def close(self) -> None:
        for table in self._tables:
            table.finish()
        self._book.close()


@contextmanager
def rows_aside(*, private: bool = False) -> Iterator[Path]:
    """Where the rows of a workbook lie while it is written.

    What few are to read, and all that an encrypted file holds, is kept off the disk where the system can do so.
    """
    if private or keyring.holding():
        with private_folder() as folder:
            yield folder
    else:
        with TemporaryDirectory() as name:
            yield Path(name)


@contextmanager
def plain_book(path: Path, told: Told) -> Iterator[PlainBook]:
    """A workbook at `path`, in place of what was there once it is whole; as `replacing` has it."""
    with replacing(path, told) as beside, rows_aside() as rows:
        book = PlainBook(beside, rows)
        try:
            yield book
        except BaseException:
            book.abandon()
            raise
        book.close()
