"""Annotated copies: an enterprise's own workbook given back with its doubtful cells painted and explained.

The copy is made from the parts of the workbook, not by reading and writing it: pictures, charts, macros,
names, rules and protection stay byte for byte. The sheet of remarks comes last, so that whatever counts the
sheets - names, macros, the next import - still finds each where it was. A copy that is annotated again
first gets back the looks and comments it had.
"""

from __future__ import annotations

import io
import json
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from survey.errors import SurveyError
from survey.filekind import kind_of
from survey.files import Told, replacing
from survey.markcells import Cells, Place, cell_at, place_of
from survey.marknotes import Notes
from survey.markpackage import Package, allowed, insert, relations_of, space_of
from survey.markstyles import DOUBT, GRAVE, Styles
from survey.marksummary import MEMORY, TEXT, Remark, Words, sheet_xml
from survey.reader import Book, Reader
from survey.texts import Texts

_NAME = "_census_desk_remarks"
_REFERENCE = re.compile(r"'((?:[^']|'')+)'!.*|([^'!]+)!.*")
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
IN_PLACE = (".xlsx", ".xlsm")
_LONGEST_NAME = 31
_BEFORE_NAMES = (
    "fileVersion", "fileSharing", "workbookPr", "AlternateContent", "revisionPtr", "absPath", "workbookProtection",
    "bookViews", "sheets", "functionGroups", "externalReferences",
)  # fmt: skip

_OPEN = "http://schemas.openxmlformats.org"
_EMPTY = {
    "[Content_Types].xml": f'<Types xmlns="{_OPEN}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_OPEN}/package/2006/relationships"><Relationship Id="rId1"'
    f' Type="{_OPEN}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_OPEN}/spreadsheetml/2006/main"'
    f' xmlns:r="{_OPEN}/officeDocument/2006/relationships"><sheets/></workbook>',
}


@dataclass(frozen=True)
class Mark:
    """A remark on a cell, in the reader's language; without sheet or cell it is about the whole."""

    sheet: str
    cell: str
    grave: bool
    text: str


@dataclass(frozen=True)
class Annotated:
    """What became of the marks; `alone` where the remarks stand in a workbook of their own."""

    path: Path
    placed: int
    unplaced: int
    alone: bool = False


@dataclass(frozen=True)
class _Job:
    """What the reading process is told."""

    target: Path
    marks: tuple[Mark, ...]
    facts: tuple[tuple[str, str], ...]
    words: Words
    stamp: str


@dataclass(frozen=True)
class _Before:
    """A cell as an earlier copy found it, and what was said to it."""

    fill: str
    said: list[str]


def annotate(
    source: Path,
    target: Path,
    marks: Sequence[Mark],
    summary: Sequence[tuple[str, str]],
    texts: Texts,
    told: Told,
    reader: Reader | None = None,
) -> Annotated:
    """Writes the annotated copy; `summary` are the facts above the remarks, label and value.

    Of a file that is no .xlsx or .xlsm only the sheet of remarks is written, as a workbook of its own.
    Raises SurveyError: `annotation_target` where the target is the source or has another suffix,
    `cannot_write`, and those of `Reader.read`.
    """
    kind = source.suffix.lower() if source.suffix.lower() in IN_PLACE else ".xlsx"
    if target.suffix.lower() != kind or target.resolve() == source.resolve():
        raise SurveyError("annotation_target", path=target, source=source, suffix=kind)
    cleaned = tuple(Mark(_clean(one.sheet), _clean(one.cell), one.grave, _clean(one.text)) for one in marks)
    facts = tuple((_clean(label), _clean(value)) for label, value in summary)
    with replacing(target, told) as beside:
        job = _Job(beside, cleaned, facts, _words(texts), texts("annotation.stamp"))
        if source.suffix.lower() in IN_PLACE and kind_of(source) == "zip":
            placed, unplaced = _in_child(source, job, reader)
            return Annotated(target, placed, unplaced)
        _alone(job)
    return Annotated(target, 0, len(marks), alone=True)


def _clean(text: str) -> str:
    """A text that a part can hold, whatever kind of line ends it has."""
    return "\n".join(allowed(text).splitlines())


def _in_child(source: Path, job: _Job, reader: Reader | None) -> tuple[int, int]:
    if reader is None:
        with Reader() as own:
            return _in_child(source, job, own)
    with reader.read(source, decode, job) as parts:
        placed, unplaced = next(parts)
    return placed, unplaced


def decode(book: Book, job: _Job) -> Iterator[tuple[int, int]]:
    """Runs in the reading process; tells how many marks found their cell and how many did not."""
    with Package(book.path) as package:
        counts = _Annotation(package, job).run(book)
        package.write(job.target)
    yield counts


def _words(texts: Texts) -> Words:
    def pair(key: str) -> tuple[str, str]:
        return texts(f"annotation.{key}.grave"), texts(f"annotation.{key}.doubt")

    heads = tuple(texts("annotation.heads").split("|"))
    return Words(
        texts("annotation.sheet"), heads, pair("degree"), pair("todo"), texts("annotation.nowhere"),
        texts("annotation.page"),
    )  # fmt: skip


class _Annotation:
    """One copy under way."""

    def __init__(self, package: Package, job: _Job) -> None:
        self._package = package
        self._job = job
        self._workbook = package.workbook()
        self._root = package.root(self._workbook)
        self._space = space_of(self._root)
        if etree.QName(self._root).localname != "workbook":
            raise SurveyError("unreadable", path=job.target, detail="workbook")
        self._relations = f"{{{relations_of(self._root)}}}id"
        self._styles = Styles(package, self._workbook)
        self._parts = self._sheets()
        self._links: dict[int, tuple[str, Place]] = {}
        # By sheet and cell, the fill it had; what a later copy is restored from.
        self._fills: dict[str, dict[str, str]] = {}

    def run(self, book: Book | None) -> tuple[int, int]:
        summary = self._earlier_summary()
        earlier = _earlier_marks(book, summary) if book and summary else {}
        by_sheet = self._placed(summary)
        for sheet, part in self._parts.items():
            if sheet != summary:
                self._mark(sheet, part, by_sheet.get(sheet, {}), earlier.get(sheet, {}))
        self._summarise(summary)
        return len(self._links), len(self._job.marks) - len(self._links)

    def _sheets(self) -> dict[str, str]:
        """The sheets that have cells, by name."""
        targets = self._package.targets(self._workbook)
        found = {}
        for one in self._root.iterfind(f"{{{self._space}}}sheets/{{{self._space}}}sheet"):
            kind, part = targets.get(one.get(self._relations, ""), ("", ""))
            if kind == "worksheet" and self._package.has(part):
                found[one.get("name", "")] = part
        return found

    def _placed(self, summary: str) -> dict[str, dict[Place, list[Mark]]]:
        """The marks by sheet and by the cell that shows them."""
        by_sheet: dict[str, dict[Place, list[Mark]]] = {}
        cells: dict[str, Cells] = {}
        for number, mark in enumerate(self._job.marks):
            place = place_of(mark.cell)
            if place is None or mark.sheet not in self._parts or mark.sheet == summary:
                continue
            if mark.sheet not in cells:
                cells[mark.sheet] = Cells(self._package.root(self._parts[mark.sheet]))
            place = cells[mark.sheet].shown(place)
            self._links[number] = (mark.sheet, place)
            by_sheet.setdefault(mark.sheet, {}).setdefault(place, []).append(mark)
        return by_sheet

    def _mark(self, sheet: str, part: str, marks: Mapping[Place, list[Mark]], earlier: Mapping[Place, _Before]) -> None:
        if marks or earlier:
            cells = Cells(self._package.root(part))
            for place, before in earlier.items():
                cells.set_look(place, self._styles.restored(cells.look(place), before.fill))
            for place, found in sorted(marks.items()):
                look = cells.look(place)
                self._fills.setdefault(sheet, {})[cell_at(place)] = self._styles.fill(look)
                colour = GRAVE if any(one.grave for one in found) else DOUBT
                cells.set_look(place, self._styles.painted(look, colour))
            self._package.touch(part)
            notes = {place: "\n".join(one.text for one in found) for place, found in sorted(marks.items())}
            said = {place: "\n".join(before.said) for place, before in earlier.items()}
            Notes(self._package, part, self._job.stamp).write(notes, said)

    def _summarise(self, summary: str) -> None:
        remarks = []
        for number, mark in enumerate(self._job.marks):
            sheet, place = self._links.get(number, ("", None))
            link = f"{_quoted(sheet)}!{cell_at(place)}" if place else ""
            cell = cell_at(place) if place else mark.cell
            memory = json.dumps([sheet, cell, self._fills[sheet][cell]]) if place else ""
            remarks.append(Remark(mark.grave, mark.sheet, cell, mark.text, link, memory))
        part = self._parts.get(summary) or self._added_sheet()
        shown = b'tabSelected="1"' in self._package.data(part) if summary else False
        self._package.put(
            part, sheet_xml(self._space, self._job.facts, remarks, self._job.words, self._styles, shown=shown)
        )

    def _earlier_summary(self) -> str:
        """The sheet of remarks of an earlier copy, by the hidden name that means it; '' where there is none."""
        for one in self._root.iterfind(f"{{{self._space}}}definedNames/{{{self._space}}}definedName"):
            if one.get("name") == _NAME and (found := _REFERENCE.fullmatch(one.text or "")):
                sheet = (found[1] or found[2]).replace("''", "'")
                return sheet if sheet in self._parts else ""
        return ""

    def _remember(self, title: str) -> None:
        names = self._root.find(f"{{{self._space}}}definedNames")
        if names is None:
            names = etree.Element(f"{{{self._space}}}definedNames")
            insert(self._root, names, _BEFORE_NAMES)
        for one in [one for one in names if one.get("name") == _NAME]:
            names.remove(one)
        one = etree.SubElement(names, f"{{{self._space}}}definedName", name=_NAME, hidden="1")
        one.text = f"{_quoted(title)}!$A$1"

    def _added_sheet(self) -> str:
        """The sheet of remarks behind the others, known again by a hidden name whatever it is called."""
        sheets = self._root.find(f"{{{self._space}}}sheets")
        names = {one.get("name", "").casefold() for one in sheets}
        title, again = self._job.words.title, 1
        while title.casefold() in names:
            again += 1
            tail = f" ({again})"
            title = self._job.words.title[: _LONGEST_NAME - len(tail)] + tail
        # Beside the workbook, wherever that is: not every reader finds its way up and down folders.
        folder = posixpath.join(posixpath.dirname(self._workbook), "worksheets")
        part = self._package.new(folder, "sheet", ".xml")
        self._package.declare(part, _SHEET_TYPE)
        one = etree.SubElement(sheets, f"{{{self._space}}}sheet")
        one.set("name", title)
        one.set("sheetId", str(1 + max((int(one.get("sheetId", "0")) for one in sheets), default=0)))
        one.set(self._relations, self._package.relate(self._workbook, "worksheet", part))
        self._remember(title)
        self._package.touch(self._workbook)
        return part


def _quoted(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'"


def _earlier_marks(book: Book, summary: str) -> dict[str, dict[Place, _Before]]:
    """By sheet and cell, what an earlier copy found there and said."""
    found: dict[str, dict[Place, _Before]] = {}
    for row in book.rows(summary):
        text = str(row[MEMORY]) if len(row) > MEMORY else ""
        with suppress(ValueError):
            sheet, cell, fill = json.loads(text)
            if place := place_of(str(cell)):
                before = found.setdefault(str(sheet), {}).setdefault(place, _Before(str(fill), []))
                before.said.append(_clean(str(row[TEXT])))
    return found


def _alone(job: _Job) -> None:
    """The sheet of remarks as a workbook of its own."""
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        for name, text in _EMPTY.items():
            archive.writestr(name, text)
    with Package(job.target, empty) as package:
        _Annotation(package, job).run(None)
        package.write(job.target)
