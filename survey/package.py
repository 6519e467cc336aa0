"""A workbook of the XML formats taken apart: only the parts that hold cells, each within limits, put together anew.

What is put together is all that the reader of cells ever sees. It knows nothing of macros, links, pictures, or of what
headers claim; its sheets are called `1`, `2`, … in the order of the workbook.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from survey.archive import Archive, stored
from survey.errors import SurveyError
from survey.sheetxml import Scattered, SheetXml, merged_in, read_sheet, slices

SHEET_LIMIT = 1_000
# A cell holds 32,767 letters at most, each perhaps as a reference of eight bytes.
_LONGEST_TEXT = 1 << 18
# A sheet larger than this is read slice by slice, and so is what comes after so much in all.
_LARGE, _WHOLE = 48 << 20, 128 << 20
_END_OF_ROWS, _LONGEST_TAG = re.compile(rb"</[\w.:-]*sheetData\s*>"), 64
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TRUE = frozenset({"1", "true", "on"})


@dataclass(frozen=True)
class PackageSheet:
    """A worksheet: its name, its part, whether it is hidden, and what its XML tells.

    A `large` one is not in the workbook that is put together, but read slice by slice.
    """

    name: str
    part: str
    hidden: bool = False
    large: bool = False
    xml: SheetXml | None = None


@dataclass(frozen=True)
class Package:
    """The workbook put together anew, its sheets, and the texts of its defined names that are texts.

    `common` is what every sheet refers to, `epoch_1904` whether days are counted from 1904.
    """

    content: bytes
    sheets: tuple[PackageSheet, ...]
    names: Mapping[str, list[str]]
    common: Mapping[str, bytes] = field(default_factory=dict)
    epoch_1904: bool = False


@dataclass(frozen=True)
class _Relation:
    kind: str
    target: str


def open_package(archive: Archive) -> Package:
    """Takes a workbook apart.

    Raises SurveyError `unreadable`, `password`, `zip_bomb`, `file.entities`, `file.scattered`, `file.strings`,
    `file.twice`, `file.no_sheets`.
    """
    main = _main_part(archive)
    workbook = _tree(archive, main)
    relations = _relations(archive, main)
    parts: dict[str, bytes] = {}
    for kind, name in (("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")):
        part = _part(archive, _target(relations, kind) or f"xl/{name}")
        if part:
            parts[f"xl/{name}"] = part
    _check_texts(archive.path, parts.get("xl/sharedStrings.xml", b""))
    common = dict(parts)
    sheets = tuple(_sheets(archive, workbook, relations, parts))
    if not sheets:
        raise SurveyError("file.no_sheets", path=archive.path)
    epoch = _epoch_1904(workbook)
    content = _written(parts, epoch_1904=epoch)
    if not any(sheet.large for sheet in sheets):
        common = {}
    return Package(content, sheets, _defined_texts(workbook), common, epoch)


def sliced(package: Package, path: Path, sheet: PackageSheet) -> Iterator[tuple[bytes, SheetXml]]:
    """A large sheet in workbooks of some of its rows each; raises SurveyError as `open_package` does."""
    with Archive(path) as archive:
        try:
            for xml in slices(_checked(archive, sheet.part)):
                found = read_sheet(xml)
                parts = {**package.common, "xl/worksheets/1.xml": found.xml}
                yield _written(parts, epoch_1904=package.epoch_1904), found
        except Scattered:
            raise SurveyError("file.scattered", path=path, sheet=sheet.name) from None


def merged_of(path: Path, sheet: PackageSheet) -> list[tuple[int, int, int, int]]:
    """The merged cells of a large sheet, which stand behind its rows."""
    tail, closed = b"", False
    with Archive(path) as archive:
        for block in archive.blocks(sheet.part):
            tail += block
            if not closed:
                ended = _END_OF_ROWS.search(tail)
                closed = ended is not None
                # What ends the rows may lie in two blocks.
                tail = tail[ended.end() :] if ended else tail[-_LONGEST_TAG:]
    return merged_in(tail)


def _checked(archive: Archive, name: str) -> Iterator[bytes]:
    """The blocks of a part, none of which declares anything."""
    for block in archive.blocks(name):
        _refuse_declarations(archive, name, block)
        yield block


def _part(archive: Archive, name: str) -> bytes:
    """A part of the package as UTF-8; one that declares entities is refused, none needs them."""
    found = archive.read(name)
    if found[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found = found.decode("utf-16", "replace").encode()
        found = found.replace(b"UTF-16", b"UTF-8", 1).replace(b"utf-16", b"utf-8", 1)
    _refuse_declarations(archive, name, found)
    return found


def _refuse_declarations(archive: Archive, name: str, xml: bytes) -> None:
    if b"<!DOCTYPE" in xml:
        raise SurveyError("file.entities", path=archive.path, part=name)


def _tree(archive: Archive, name: str) -> Any:
    from lxml import etree

    found = _part(archive, name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(found, parser)
    except etree.XMLSyntaxError as error:
        detail = str(error) if found else name
        raise SurveyError("unreadable", path=archive.path, detail=detail) from None


def _relations(archive: Archive, part: str) -> dict[str, _Relation]:
    """What a part refers to inside the package; what lies outside is never looked at."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in archive:
        return {}
    found = {}
    for element in _tree(archive, rels).iterfind("{*}Relationship"):
        if element.get("TargetMode") != "External":
            target = unquote(element.get("Target", "")).replace("\\", "/")
            inside = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = element.get("Type", "").rpartition("/")[2]
            found[element.get("Id", "")] = _Relation(kind, inside)
    return found


def _target(relations: Mapping[str, _Relation], kind: str) -> str:
    return next((one.target for one in relations.values() if one.kind == kind), "")


def _main_part(archive: Archive) -> str:
    """The part that lists the sheets: as the package says, else where it usually is."""
    for name in (_target(_relations(archive, ""), "officeDocument"), "xl/workbook.xml"):
        if name in archive:
            return name
    raise SurveyError("unreadable", path=archive.path, detail="xl/workbook.xml")


def _sheets(
    archive: Archive, workbook: Any, relations: Mapping[str, _Relation], parts: dict[str, bytes]
) -> Iterator[PackageSheet]:
    """The worksheets in their order, their XML put among the parts; charts and macro sheets are none."""
    taken: Counter[str] = Counter()
    whole = 0
    for at, element in enumerate(workbook.iterfind("{*}sheets/{*}sheet"), 1):
        if at > SHEET_LIMIT:
            raise SurveyError("zip_bomb", path=archive.path)
        relation = _relation_of(element, relations, at)
        if relation.kind not in ("worksheet", ""):
            continue
        name = element.get("name", "") or str(at)
        if relation.target not in archive:
            raise SurveyError("file.sheet_missing", path=archive.path, sheet=name)
        taken[name.lower()] += 1
        if taken[name.lower()] > 1:
            name = f"{name} ({taken[name.lower()]})"
        hidden = element.get("state", "visible") != "visible"
        whole += archive.size(relation.target)
        if archive.size(relation.target) > _LARGE or whole > _WHOLE:
            yield PackageSheet(name, relation.target, hidden, large=True)
            continue
        try:
            found = read_sheet(_part(archive, relation.target))
        except Scattered:
            raise SurveyError("file.scattered", path=archive.path, sheet=name) from None
        parts[f"xl/worksheets/{at}.xml"] = found.xml
        yield PackageSheet(name, relation.target, hidden, xml=found)


def _relation_of(element: Any, relations: Mapping[str, _Relation], at: int) -> _Relation:
    """The part of a sheet; where nothing says so, the one of its number."""
    for attribute, value in element.attrib.items():
        if attribute.endswith("}id") and value in relations:
            return relations[value]
    return _Relation("", f"xl/worksheets/sheet{at}.xml")


def _epoch_1904(workbook: Any) -> bool:
    properties = workbook.find("{*}workbookPr")
    return properties is not None and properties.get("date1904", "0").lower() in _TRUE


def _defined_texts(workbook: Any) -> dict[str, list[str]]:
    """A name may stand there more than once."""
    found: dict[str, list[str]] = {}
    for element in workbook.iterfind("{*}definedNames/{*}definedName"):
        text = element.text or ""
        if len(text) > 1 and text[0] == text[-1] == '"':
            found.setdefault(element.get("name", ""), []).append(text[1:-1].replace('""', '"'))
    return found


def _check_texts(path: Path, strings: bytes) -> None:
    """A text that is far too long for a cell is multiplied by every cell that refers to it."""
    if len(strings) > _LONGEST_TEXT and max(map(len, strings.split(b"<"))) > _LONGEST_TEXT:
        raise SurveyError("file.strings", path=path)


def _written(parts: Mapping[str, bytes], *, epoch_1904: bool) -> bytes:
    """The clean package; a worksheet is in it under its number."""
    sheets = [name for name in parts if name.startswith("xl/worksheets/")]
    listed = "".join(f'<sheet name="{at}" sheetId="{at}" r:id="s{at}"/>' for at in range(1, len(sheets) + 1))
    epoch = ' date1904="1"' if epoch_1904 else ""
    targets = [(f"s{at}", "worksheet", name[3:]) for at, name in enumerate(sheets, 1)]
    targets += [(kind, kind, f"{kind}.xml") for kind in ("sharedStrings", "styles") if f"xl/{kind}.xml" in parts]
    related = "".join(
        f'<Relationship Id="{one}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for one, kind, target in targets
    )
    main = f'<Relationship Id="main" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    begin: dict[str, bytes] = {
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr{epoch}/><sheets>{listed}</sheets></workbook>'
        ).encode()
    }
    for name, said in (("_rels/.rels", main), ("xl/_rels/workbook.xml.rels", related)):
        begin[name] = f'<Relationships xmlns="{_PACKAGE}">{said}</Relationships>'.encode()
    return stored({**begin, **parts})
