"""A workbook or text table as it lies open in the reading process."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from survey.archive import PART_LIMIT, Archive
from survey.errors import SurveyError
from survey.filekind import Kind, kind_in, kind_of
from survey.package import Package, PackageSheet, merged_of, open_package, sliced
from survey.rawcell import Unreadable
from survey.sheetxml import Odd, Places
from survey.texttable import text_rows

# First row, first column, last row, last column of cells that are one, counted from 0.
Merged = tuple[int, int, int, int]


class Book:
    """A workbook or text table open in the child process; `known` is what the reader was given once for all files."""

    def __init__(self, path: Path, known: Any = None) -> None:
        """Raises SurveyError as `kind_of`, `kind_in` and `open_package` do."""
        self.path = path
        self.known = known
        self.kind: Kind
        self._workbook: Any = None
        self._package: Package | None = None
        self._sheets: dict[str, PackageSheet] = {}
        self._whole: list[str] = []
        self._latest: tuple[str | None, Any] = (None, None)
        self.hidden: frozenset[str] = frozenset()
        kind = kind_of(path)
        if kind == "zip":
            with Archive(path) as archive:
                self._open_zip(archive)
            return
        self.kind = kind
        self.sheets = [path.stem]
        if kind == "xls":
            self._open_other()

    def _open_zip(self, archive: Archive) -> None:
        self.kind = kind_in(archive)
        if self.kind == "xlsx":
            self._package = open_package(archive)
            self._workbook = _opened(io.BytesIO(self._package.content), self.path)
            self._sheets = {sheet.name: sheet for sheet in self._package.sheets}
            self._whole = [sheet.name for sheet in self._package.sheets if not sheet.large]
            self.sheets = list(self._sheets)
            self.hidden = frozenset(sheet.name for sheet in self._package.sheets if sheet.hidden)
            return
        for name in archive.names:
            archive.read(name)
        self._open_other()

    def _open_other(self) -> None:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        with self.path.open("rb") as file:
            self._workbook = _opened(file, self.path)
        listed = [one for one in self._workbook.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        self.sheets = [one.name for one in listed]
        self.hidden = frozenset(one.name for one in listed if one.visible != SheetVisibleEnum.Visible)
        if not self.sheets:
            raise SurveyError("file.no_sheets", path=self.path)

    @cached_property
    def names(self) -> Mapping[str, list[str]]:
        """The texts of the workbook's defined names that are texts; a name may stand there more than once."""
        return self._package.names if self._package else {}

    def rows(self, sheet: str, *, odd: bool = True) -> Iterator[list[Any]]:
        """The rows of a sheet from its first one, each a list of str, float, bool, date, Unreadable or ''.

        Without `odd` what shows something and holds no value is blank.
        """
        if self._workbook is None:
            return text_rows(self.path)
        known = self._sheets.get(sheet)
        if known is None:
            return _plain_rows(self._found(sheet))
        if known.large:
            return _filled(self._sliced(known))
        found = self._found(sheet)
        if known.xml and (known.xml.places or (odd and known.xml.odd)):
            return _filled(_numbered(found, known.xml.odd, known.xml.places))
        return _plain_rows(found)

    def may_be_odd(self, sheet: str, columns: Iterable[str]) -> bool:
        """Whether some columns of a sheet, by their letters, may show something and hold no value."""
        known = self._sheets.get(sheet)
        return known is not None and (known.xml is None or known.xml.may_be_odd(columns))

    def _sliced(self, sheet: PackageSheet) -> Iterator[tuple[int, list[Any]]]:
        assert self._package is not None
        for content, slice_ in sliced(self._package, self.path, sheet):
            found = _opened(io.BytesIO(content), self.path).get_sheet_by_index(0)
            yield from _numbered(found, slice_.odd, slice_.places)

    def merged(self, sheet: str) -> list[Merged]:
        """The cells of a sheet that are merged."""
        if self._workbook is None:
            return []
        known = self._sheets.get(sheet)
        if known and known.large:
            return merged_of(self.path, known)
        return [(*first, *last) for first, last in self._found(sheet).merged_cell_ranges or ()]

    def _found(self, sheet: str) -> Any:
        """A sheet as the library reads it; whoever asks for its merged cells after its rows does not read it twice."""
        if self._latest[0] != sheet:
            if self._package:
                found = self._workbook.get_sheet_by_index(self._whole.index(sheet))
            else:
                found = self._workbook.get_sheet_by_name(sheet)
            self._latest = sheet, found
        return self._latest[1]


class OwnBook:
    """A workbook that the program itself has written, read without a look at what foreign programs do to cells.

    What the guards would find shows in its digests; what cannot be read at all is read with them, to say why.
    """

    def __init__(self, path: Path, known: Any = None) -> None:
        """Raises SurveyError as `Book` does."""
        self.path = path
        self.known = known
        self._other: Book | None = None
        self._workbook: Any = None
        try:
            with Archive(path) as archive:
                whole = all(archive.size(name) <= PART_LIMIT for name in archive.names)
            if whole:
                self._workbook = _opened_at(path)
        except SurveyError:
            pass
        if self._workbook is None:
            self._other = Book(path, known)
        self.sheets: list[str] = self._other.sheets if self._other else self._workbook.sheet_names

    def rows(self, sheet: str) -> Iterator[list[Any]]:
        """The rows of a sheet as `Book.rows` gives them."""
        if self._other:
            return self._other.rows(sheet)
        return _plain_rows(self._workbook.get_sheet_by_name(sheet))


def _opened_at(path: Path) -> Any:
    with path.open("rb") as file:
        return _opened(file, path)


def _opened(file: Any, path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_filelike(file)
    except PasswordError:
        raise SurveyError("password", path=path) from None
    except CalamineError:
        # It names no cause where it tries one format after the other.
        raise SurveyError("unreadable", path=path, detail="") from None


def _plain_rows(found: Any) -> Iterator[list[Any]]:
    """Rows come from the first of the sheet, columns from the first that is used."""
    indent = [""] * (found.start[1] if found.start else 0)
    return (indent + row for row in found.iter_rows()) if indent else found.iter_rows()


def _numbered(found: Any, odd: Odd, places: Places | None) -> Iterator[tuple[int, list[Any]]]:
    """The rows that hold something, each with its number from 0, and with what its odd cells show."""
    waiting = sorted(odd, reverse=True)
    first, left = found.start or (0, 0)
    for at, row in enumerate(found.to_python(skip_empty_area=True), first):
        number = places.rows[at] if places else at
        while waiting and waiting[-1] < number:
            yield waiting[-1], _with([], odd[waiting.pop()])
        wide = _spread(row, left, places) if places else [""] * left + row
        if waiting and waiting[-1] == number:
            wide = _with(wide, odd[waiting.pop()])
        yield number, wide
    for number in reversed(waiting):
        yield number, _with([], odd[number])


def _spread(row: list[Any], left: int, places: Places) -> list[Any]:
    """A row that was drawn together, with its cells back in their places."""
    last = max((at for at, cell in enumerate(row, left) if cell != ""), default=left)
    wide: list[Any] = [""] * (places.columns[last] + 1)
    for at, cell in enumerate(row, left):
        if cell != "":
            wide[places.columns[at]] = cell
    return wide


def _filled(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[list[Any]]:
    """Numbered rows with blank ones between them."""
    at = 0
    for number, row in rows:
        while at < number:
            yield []
            at += 1
        yield row
        at += 1


def _with(row: list[Any], odd: Mapping[int, Unreadable]) -> list[Any]:
    wide = row + [""] * (max(odd, default=-1) + 1 - len(row))
    for column, cell in odd.items():
        # A value that was read after all is the better one.
        if wide[column] == "":
            wide[column] = cell
    return wide
