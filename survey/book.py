"""A workbook or text table as it lies open in the reading process."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from survey.archive import Archive
from survey.errors import SurveyError
from survey.filekind import kind_of
from survey.package import Package, PackageSheet, open_package
from survey.rawcell import Unreadable
from survey.sheetxml import Odd, Places
from survey.texttable import text_rows

# First row, first column, last row, last column of cells that are one, counted from 0.
Merged = tuple[int, int, int, int]


class Book:
    """A workbook or text table open in the child process; `known` is what the reader was given once for all files."""

    def __init__(self, path: Path, known: Any = None) -> None:
        """Raises SurveyError as `kind_of` and `open_package` do."""
        self.path = path
        self.known = known
        self.kind = kind_of(path)
        self._workbook: Any = None
        self._package: Package | None = None
        self._sheets: dict[str, PackageSheet] = {}
        self.hidden: frozenset[str] = frozenset()
        if self.kind == "text":
            self.sheets = [path.stem]
        elif self.kind == "xlsx":
            self._open_package()
        else:
            self._open_other()

    def _open_package(self) -> None:
        self._package = open_package(self.path)
        self._workbook = _opened(io.BytesIO(self._package.content), self.path)
        self._sheets = {sheet.name: sheet for sheet in self._package.sheets}
        self.sheets = list(self._sheets)
        self.hidden = frozenset(sheet.name for sheet in self._package.sheets if sheet.hidden)

    def _open_other(self) -> None:
        if self.kind != "xls":
            with Archive(self.path) as archive:
                for name in archive.names:
                    archive.read(name)
        with self.path.open("rb") as file:
            self._workbook = _opened(file, self.path)
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        cells = (SheetTypeEnum.WorkSheet,)
        listed = [one for one in self._workbook.sheets_metadata if one.typ in cells]
        self.sheets = [one.name for one in listed]
        self.hidden = frozenset(one.name for one in listed if one.visible != SheetVisibleEnum.Visible)
        if not self.sheets:
            raise SurveyError("file.no_sheets", path=self.path)

    @cached_property
    def names(self) -> Mapping[str, list[str]]:
        """The texts of the workbook's defined names that are texts; a name may stand there more than once."""
        return self._package.names if self._package else {}

    def rows(self, sheet: str) -> Iterator[list[Any]]:
        """The rows of a sheet from its first one, each a list of str, float, bool, date, Unreadable or ''."""
        if self._workbook is None:
            yield from text_rows(self.path)
            return
        found = self._found(sheet)
        # Rows come from the first of the sheet, columns from the first that is used.
        indent = [""] * (found.start[1] if found.start else 0)
        rows: Iterator[list[Any]] = (indent + row for row in found.iter_rows()) if indent else found.iter_rows()
        known = self._sheets.get(sheet)
        if known and known.places:
            rows = _spread(rows, known.places)
        yield from _with_odd(rows, known.odd) if known and known.odd else rows

    def merged(self, sheet: str) -> list[Merged]:
        """The cells of a sheet that are merged."""
        if self._workbook is None or (sheet in self._sheets and self._sheets[sheet].places):
            return []
        return [(*first, *last) for first, last in self._found(sheet).merged_cell_ranges or ()]

    def _found(self, sheet: str) -> Any:
        if self._package:
            return self._workbook.get_sheet_by_index(self.sheets.index(sheet))
        return self._workbook.get_sheet_by_name(sheet)


def _opened(file: Any, path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_filelike(file)
    except PasswordError:
        raise SurveyError("password", path=path) from None
    except CalamineError:
        # It names no cause where it tries one format after the other.
        raise SurveyError("unreadable", path=path, detail="") from None


def _spread(rows: Iterator[list[Any]], places: Places) -> Iterator[list[Any]]:
    """Rows that were drawn together, back in their places; the rows between are blank."""
    at = 0
    for row, number in zip(rows, places.rows, strict=False):
        while at < number:
            yield []
            at += 1
        wide: list[Any] = [""] * (places.columns[max((n for n, cell in enumerate(row) if cell != ""), default=0)] + 1)
        for cell, column in zip(row, places.columns, strict=False):
            if cell != "":
                wide[column] = cell
        yield wide
        at += 1


def _with_odd(rows: Iterator[list[Any]], odd: Odd) -> Iterator[list[Any]]:
    """Rows with what their cells show where they hold no value."""
    at = 0
    for row in rows:
        yield _with(row, odd[at]) if at in odd else row
        at += 1
    last = max(odd)
    while at <= last:
        yield _with([], odd.get(at, {}))
        at += 1


def _with(row: list[Any], odd: Mapping[int, Unreadable]) -> list[Any]:
    wide = row + [""] * (max(odd, default=-1) + 1 - len(row))
    for column, cell in odd.items():
        # A value that was read after all is the better one.
        if wide[column] == "":
            wide[column] = cell
    return wide
