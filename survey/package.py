"""A workbook of the XML formats taken apart: only the parts that hold cells, each within limits, put together anew.

What is put together is all that the reader of cells ever sees. It knows nothing of macros, links, pictures, or of what
headers claim; its sheets are called `1`, `2`, … in the order of the workbook.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from survey.archive import Archive
from survey.errors import SurveyError
from survey.sheetxml import Odd, Places, Scattered, read_sheet

SHEET_LIMIT = 1_000
# A cell holds 32,767 letters at most, each perhaps as a reference of eight bytes.
_LONGEST_TEXT = 1 << 18
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TRUE = frozenset({"1", "true", "on"})


@dataclass(frozen=True)
class PackageSheet:
    """A worksheet: its name, whether it is hidden, its odd cells, and what was drawn together."""

    name: str
    hidden: bool = False
    odd: Odd = field(default_factory=dict)
    places: Places | None = None


@dataclass(frozen=True)
class Package:
    """The workbook put together anew, its sheets, and the texts of its defined names that are texts."""

    content: bytes
    sheets: tuple[PackageSheet, ...]
    names: Mapping[str, list[str]]


@dataclass(frozen=True)
class _Relation:
    kind: str
    target: str


def open_package(path: Path) -> Package:
    """Takes a workbook apart.

    Raises SurveyError `unreadable`, `password`, `zip_bomb`, `file.entities`, `file.scattered`, `file.strings`,
    `file.twice`, `file.no_sheets`.
    """
    with Archive(path) as archive:
        main = _main_part(archive)
        workbook = _tree(archive, main)
        relations = _relations(archive, main)
        parts: dict[str, bytes] = {}
        for kind, name in (("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")):
            part = _part(archive, _target(relations, kind) or f"xl/{name}")
            if part:
                parts[f"xl/{name}"] = part
        _check_texts(path, parts.get("xl/sharedStrings.xml", b""))
        sheets = tuple(_sheets(archive, workbook, relations, parts))
    if not sheets:
        raise SurveyError("file.no_sheets", path=path)
    return Package(_written(parts, len(sheets), _epoch_1904(workbook)), sheets, _defined_texts(workbook))


def _part(archive: Archive, name: str) -> bytes:
    """A part of the package as UTF-8; one that declares entities is refused, none needs them."""
    found = archive.read(name)
    if found[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found = found.decode("utf-16", "replace").encode()
        found = found.replace(b"UTF-16", b"UTF-8", 1).replace(b"utf-16", b"utf-8", 1)
    if b"<!DOCTYPE" in found or b"<!ENTITY" in found:
        raise SurveyError("file.entities", path=archive.path, part=name)
    return found


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
    for at, element in enumerate(workbook.iterfind("{*}sheets/{*}sheet"), 1):
        if at > SHEET_LIMIT:
            raise SurveyError("zip_bomb", path=archive.path)
        relation = _relation_of(element, relations, at)
        if relation.kind not in ("worksheet", ""):
            continue
        name = element.get("name", "") or str(at)
        if relation.target not in archive:
            raise SurveyError("file.sheet_missing", path=archive.path, sheet=name)
        try:
            found = read_sheet(_part(archive, relation.target))
        except Scattered:
            raise SurveyError("file.scattered", path=archive.path, sheet=name) from None
        taken[name.lower()] += 1
        if taken[name.lower()] > 1:
            name = f"{name} ({taken[name.lower()]})"
        hidden = element.get("state", "visible") != "visible"
        yield PackageSheet(name, hidden, found.odd, found.places)
        parts[f"xl/worksheets/{len(parts)}.xml"] = found.xml


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


def _written(parts: dict[str, bytes], count: int, epoch_1904: bool) -> bytes:
    """The clean package; a worksheet is in it under its number. The parts are let go one by one."""
    sheets = [name for name in parts if name.startswith("xl/worksheets/")]
    assert len(sheets) == count
    listed = "".join(f'<sheet name="{at}" sheetId="{at}" r:id="s{at}"/>' for at in range(1, count + 1))
    epoch = ' date1904="1"' if epoch_1904 else ""
    targets = [(f"s{at}", "worksheet", name[3:]) for at, name in enumerate(sheets, 1)]
    targets += [(kind, kind, f"{kind}.xml") for kind in ("sharedStrings", "styles") if f"xl/{kind}.xml" in parts]
    related = "".join(
        f'<Relationship Id="{one}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for one, kind, target in targets
    )
    main = f'<Relationship Id="main" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr{epoch}/><sheets>{listed}</sheets></workbook>',
        )
        for name, said in (("_rels/.rels", main), ("xl/_rels/workbook.xml.rels", related)):
            archive.writestr(name, f'<Relationships xmlns="{_PACKAGE}">{said}</Relationships>')
        for name in list(parts):
            archive.writestr(name, parts.pop(name))
    return content.getvalue()
